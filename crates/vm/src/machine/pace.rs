//! How long a guest has taken of late for what it is asked often.
//!
//! Whether a program has ended is found out by asking, and each time takes a guest without KVM some milliseconds, which the
//! program does not have. So nobody asks before it is likely to have ended. This is a guess and no more: one that was wrong
//! costs a few milliseconds.

use std::collections::VecDeque;
use std::time::Duration;

/// As many times are remembered; the shortest counts, so that one moment in which everything was slow does not.
const REMEMBERED: usize = 4;
/// Nobody waits longer than this before the first question.
const LONGEST: Duration = Duration::from_millis(250);

/// The times that one kind of work has taken.
#[derive(Default)]
pub(super) struct Pace(VecDeque<Duration>);

impl Pace {
    /// How long after its beginning the work is asked about for the first time.
    pub(super) fn first_look(&self) -> Duration {
        let shortest = self.0.iter().min().copied().unwrap_or_default();
        // Sooner, so that a guest that has become quicker is noticed.
        (shortest * 7 / 10).min(LONGEST)
    }

    /// Work of the kind has taken so long, as far as was seen.
    pub(super) fn note(&mut self, took: Duration) {
        self.0.push_back(took);
        if self.0.len() > REMEMBERED {
            self.0.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_moment_counts_for_nothing_and_a_quicker_guest_is_followed() {
        let ms = Duration::from_millis;
        let mut pace = Pace::default();
        assert_eq!(pace.first_look(), ms(0), "nothing is known");
        for took in [100, 5000, 120, 110] {
            pace.note(ms(took));
        }
        assert_eq!(pace.first_look(), ms(70));
        // It ends long before it is asked about.
        for _ in 0..20 {
            let seen = pace.first_look();
            pace.note(seen);
        }
        assert!(pace.first_look() < ms(50), "{:?}", pace.first_look());
        for _ in 0..REMEMBERED {
            pace.note(ms(9000));
        }
        assert_eq!(pace.first_look(), LONGEST);
    }
}
