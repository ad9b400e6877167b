//! Going through many cases on all processors, until all are judged or one has failed.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Ends the search when one of its threads has failed.
struct EndsTheSearch<'a>(&'a AtomicU64);

impl Drop for EndsTheSearch<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(u64::MAX / 2, Ordering::Relaxed);
        }
    }
}

/// Calls `judge` for every number; fails when one of the calls does, whose message is shown first.
pub(crate) fn on_all_processors(numbers: Range<u64>, judge: impl Fn(u64) + Sync) {
    let next = AtomicU64::new(numbers.start);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let _end = EndsTheSearch(&next);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= numbers.end {
                        break;
                    }
                    judge(number);
                }
            });
        }
    });
}
