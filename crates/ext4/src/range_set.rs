//! A set of block numbers, kept as ranges that lie apart from each other.

use std::collections::BTreeMap;

/// The set; each range as start → end.
#[derive(Clone, Debug, Default)]
pub(crate) struct RangeSet {
    ranges: BTreeMap<u64, u64>,
}

impl RangeSet {
    /// Adds the `count` blocks from `start`; some may be in the set already.
    pub(crate) fn insert(&mut self, start: u64, count: u64) {
        let (mut start, mut end) = (start, start.saturating_add(count));
        if start == end {
            return;
        }
        // Everything that touches the new range is merged into it.
        while let Some((from, to)) = self.last_before(end.saturating_add(1)) {
            if to < start {
                break;
            }
            self.ranges.remove(&from);
            (start, end) = (start.min(from), end.max(to));
        }
        self.ranges.insert(start, end);
    }

    /// Takes the `count` blocks from `start` out; some may not be in the set.
    pub(crate) fn remove(&mut self, start: u64, count: u64) {
        let end = start.saturating_add(count);
        while let Some((from, to)) = self.last_before(end) {
            if to <= start {
                break;
            }
            self.ranges.remove(&from);
            if from < start {
                self.ranges.insert(from, start);
            }
            if end < to {
                self.ranges.insert(end, to);
            }
        }
    }

    /// The last range that starts before `block`.
    fn last_before(&self, block: u64) -> Option<(u64, u64)> {
        self.ranges.range(..block).next_back().map(|(from, to)| (*from, *to))
    }

    /// The parts of the set between `start` and `end`, as (start, end).
    pub(crate) fn within(&self, start: u64, end: u64) -> impl Iterator<Item = (u64, u64)> + '_ {
        let first = self.last_before(start.saturating_add(1)).filter(|range| range.1 > start);
        let rest = self.ranges.range(start.saturating_add(1)..).map(|(from, to)| (*from, *to));
        first
            .into_iter()
            .chain(rest)
            .take_while(move |range| range.0 < end)
            .map(move |range| (range.0.max(start), range.1.min(end)))
    }

    /// All ranges in order, as (start, count).
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.ranges.iter().map(|(from, to)| (*from, to - from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn agrees_with_a_set_of_numbers() {
        let mut ranges = RangeSet::default();
        let mut numbers = BTreeSet::new();
        let mut state = 1u64;
        for _ in 0..2000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (start, count) = (state >> 57, state >> 33 & 15);
            match state >> 20 & 1 {
                0 => {
                    ranges.insert(start, count);
                    numbers.extend(start..start + count);
                }
                _ => {
                    ranges.remove(start, count);
                    numbers.retain(|n| !(start..start + count).contains(n));
                }
            }
            let listed: Vec<u64> = ranges.iter().flat_map(|(s, c)| s..s + c).collect();
            assert_eq!(listed, numbers.iter().copied().collect::<Vec<_>>());
            let part: Vec<u64> = ranges.within(20, 60).flat_map(|(s, e)| s..e).collect();
            assert_eq!(part, numbers.range(20..60).copied().collect::<Vec<_>>());
            assert!(ranges.ranges.iter().all(|(from, to)| from < to));
        }
    }
}
