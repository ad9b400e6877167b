//! Free clusters of an image, as runs, found by length.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

/// Runs remembered at most; the rest is found again when the image is opened the next time.
const MAX_RUNS: usize = 1 << 16;
/// A run shorter than what is asked for is still taken when it has this many clusters.
const WORTH_TAKING: u64 = 8;

/// Runs of free clusters; neighbours are always joined.
#[derive(Debug, Default)]
pub(crate) struct FreeRuns {
    by_start: BTreeMap<u64, u64>,
    by_len: BTreeSet<(u64, u64)>,
}

impl FreeRuns {
    /// Adds a run that does not overlap any other.
    pub(crate) fn add(&mut self, run: Range<u64>) {
        let (mut start, mut len) = (run.start, run.end - run.start);
        if len == 0 {
            return;
        }
        let before = self.by_start.range(..start).next_back().map(|(&s, &l)| (s, l));
        if let Some((s, l)) = before.filter(|&(s, l)| s + l == start) {
            self.remove(s, l);
            (start, len) = (s, l + len);
        }
        if let Some(&l) = self.by_start.get(&run.end) {
            self.remove(run.end, l);
            len += l;
        }
        if self.by_start.len() < MAX_RUNS {
            self.by_start.insert(start, len);
            self.by_len.insert((len, start));
        }
    }

    /// Takes `want` clusters in a row, or fewer when that still makes a long run; none when only
    /// small holes are left, for which a small request will come.
    pub(crate) fn take(&mut self, want: u64) -> Option<Range<u64>> {
        let exact = self.by_len.range((want, 0)..).next();
        let longest = || self.by_len.last().filter(|(len, _)| *len >= WORTH_TAKING);
        let &(len, start) = exact.or_else(longest)?;
        self.remove(start, len);
        let taken = want.min(len);
        self.add(start + taken..start + len);
        Some(start..start + taken)
    }

    /// Forgets everything from cluster `end` on.
    pub(crate) fn cut(&mut self, end: u64) {
        while let Some((start, len)) = self.by_start.last_key_value().map(|(&s, &l)| (s, l)) {
            if start + len <= end {
                break;
            }
            self.remove(start, len);
            if start < end {
                self.add(start..end);
            }
        }
    }

    fn remove(&mut self, start: u64, len: u64) {
        self.by_start.remove(&start);
        self.by_len.remove(&(len, start));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_join_and_the_best_fit_is_taken() {
        let mut free = FreeRuns::default();
        free.add(10..12);
        free.add(20..40);
        free.add(12..14);
        free.add(8..10);
        free.add(50..90);
        free.add(100..101);
        free.cut(52);
        assert_eq!(free.take(6), Some(8..14));
        assert_eq!(free.take(2), Some(50..52));
        assert_eq!(free.take(50), Some(20..40));
        assert_eq!(free.take(1), None);
    }

    #[test]
    fn a_long_request_does_not_eat_small_holes() {
        let mut free = FreeRuns::default();
        for start in 0..100 {
            free.add(start * 2..start * 2 + 1);
        }
        assert_eq!(free.take(32), None);
        assert!(free.take(1).is_some());
    }
}
