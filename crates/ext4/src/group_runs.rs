//! The free extents of one block group, in memory: found by place and by length.

use std::collections::{BTreeMap, BTreeSet};

/// Runs of free blocks, as (first bit, number of blocks), apart from each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupRuns {
    by_start: BTreeMap<u32, u32>,
    by_len: BTreeSet<(u32, u32)>,
}

impl GroupRuns {
    /// The runs of a bitmap, which come in order and apart.
    pub(crate) fn new(runs: impl Iterator<Item = (u32, u32)>) -> Self {
        let by_start: BTreeMap<u32, u32> = runs.collect();
        let by_len = by_start.iter().map(|(start, len)| (*len, *start)).collect();
        Self { by_start, by_len }
    }

    /// Number of runs.
    pub(crate) fn count(&self) -> usize {
        self.by_start.len()
    }

    /// The free blocks from `bit` on, if it is free: their number.
    pub(crate) fn free_from(&self, bit: u32) -> Option<u32> {
        let (start, len) = self.run_before(bit.checked_add(1)?)?;
        (start + len).checked_sub(bit).filter(|len| *len > 0)
    }

    /// The shortest run of at least `want` blocks; of several the first.
    pub(crate) fn best_fit(&self, want: u32) -> Option<(u32, u32)> {
        self.by_len.range((want, 0)..).next().map(|(len, start)| (*start, *len))
    }

    /// The longest run; of several the first.
    pub(crate) fn longest(&self) -> Option<(u32, u32)> {
        self.best_fit(self.by_len.last()?.0)
    }

    /// Adds a run, merged with its neighbours.
    pub(crate) fn insert(&mut self, start: u32, len: u32) {
        let (mut start, mut len) = (start, len);
        if let Some((before, before_len)) = self.run_before(start)
            && before + before_len >= start
        {
            self.take_run(before, before_len);
            len = (start + len).max(before + before_len) - before;
            start = before;
        }
        while let Some((after, after_len)) = self.by_start.range(start..).next().map(|(a, b)| (*a, *b)) {
            if after > start + len {
                break;
            }
            self.take_run(after, after_len);
            len = (start + len).max(after + after_len) - start;
        }
        self.put_run(start, len);
    }

    /// Takes blocks out; those that are not free are passed over.
    pub(crate) fn remove(&mut self, start: u32, len: u32) {
        let end = start + len;
        while let Some((from, from_len)) = self.run_before(end) {
            if from + from_len <= start {
                break;
            }
            self.take_run(from, from_len);
            if from < start {
                self.put_run(from, start - from);
            }
            if end < from + from_len {
                self.put_run(end, from + from_len - end);
            }
        }
    }

    fn run_before(&self, bit: u32) -> Option<(u32, u32)> {
        self.by_start.range(..bit).next_back().map(|(start, len)| (*start, *len))
    }

    fn put_run(&mut self, start: u32, len: u32) {
        self.by_start.insert(start, len);
        self.by_len.insert((len, start));
    }

    fn take_run(&mut self, start: u32, len: u32) {
        self.by_start.remove(&start);
        self.by_len.remove(&(len, start));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_merge_and_split() {
        let mut runs = GroupRuns::new([(0, 10), (20, 5), (40, 60)].into_iter());
        assert_eq!(runs.best_fit(6), Some((0, 10)));
        assert_eq!(runs.longest(), Some((40, 60)));
        runs.insert(10, 10);
        assert_eq!(runs.best_fit(1), Some((0, 25)), "three runs became one");
        runs.remove(5, 3);
        assert_eq!(runs.free_from(4), Some(1));
        assert_eq!(runs.free_from(5), None);
        assert_eq!(runs.free_from(24), Some(1));
        assert_eq!(runs.free_from(25), None);
        assert_eq!(runs.count(), 3);
    }
}
