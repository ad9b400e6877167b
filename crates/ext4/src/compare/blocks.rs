//! Ranges of blocks that do not change any more once they are gathered.

/// Ranges as (start, end): sorted, apart from each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Blocks {
    ranges: Vec<(u64, u64)>,
}

impl Blocks {
    pub(super) fn new(ranges: impl Iterator<Item = (u64, u64)>) -> Self {
        let mut ranges: Vec<_> = ranges.filter(|range| range.0 < range.1).collect();
        ranges.sort_unstable();
        ranges.dedup_by(|next, before| {
            let touch = next.0 <= before.1;
            if touch {
                before.1 = before.1.max(next.1);
            }
            touch
        });
        Self { ranges }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.ranges.iter().copied()
    }

    /// The parts between the blocks `start` and `end`.
    pub(super) fn within(&self, start: u64, end: u64) -> impl Iterator<Item = (u64, u64)> + '_ {
        let from = self.ranges.partition_point(|range| range.1 <= start);
        let rest = self.ranges.get(from..).unwrap_or_default().iter();
        rest.take_while(move |range| range.0 < end).map(move |range| (range.0.max(start), range.1.min(end)))
    }

    /// Whether any block between `start` and `end` is among them.
    pub(super) fn overlaps(&self, start: u64, end: u64) -> bool {
        self.within(start, end).next().is_some()
    }

    /// These blocks without those of `other`.
    pub(super) fn without(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for (start, end) in self.iter() {
            let mut at = start;
            for (from, to) in other.within(start, end) {
                left.extend((at < from).then_some((at, from)));
                at = to;
            }
            left.extend((at < end).then_some((at, end)));
        }
        Self { ranges: left }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_joined_and_taken_away() {
        let blocks = Blocks::new([(5, 9), (0, 2), (2, 3), (8, 12), (4, 4)].into_iter());
        assert_eq!(blocks.iter().collect::<Vec<_>>(), [(0, 3), (5, 12)]);
        assert_eq!(blocks.within(1, 6).collect::<Vec<_>>(), [(1, 3), (5, 6)]);
        let rest = blocks.without(&Blocks::new([(1, 2), (6, 7), (10, 20)].into_iter()));
        assert_eq!(rest.iter().collect::<Vec<_>>(), [(0, 1), (2, 3), (5, 6), (7, 10)]);
        assert!(!blocks.overlaps(3, 5) && blocks.overlaps(11, 30));
    }
}
