//! The system zone: the blocks of the filesystem's own tables, which no file may claim.
//!
//! It is computed from the geometry and the descriptors, never from a bitmap, so that whatever a bitmap
//! says, nothing is ever allocated or freed over metadata.

use crate::group_descriptor::GroupDescriptor;
use crate::layout::Layout;
use crate::{Error, Result};

/// Ranges of blocks: sorted, apart from each other, as (start, end).
#[derive(Clone, Debug, Default)]
pub(crate) struct SystemZone {
    ranges: Vec<(u64, u64)>,
}

impl SystemZone {
    /// The zone of a filesystem; `journal` are the journal's runs of blocks as (start, count).
    ///
    /// Refuses tables that overlap each other.
    pub(crate) fn new(layout: &Layout, groups: &[GroupDescriptor], journal: &[(u64, u64)]) -> Result<Self> {
        let mut ranges = Vec::new();
        let mut add = |start: u64, count: u64| ranges.push((start, start.saturating_add(count)));
        for (number, group) in (0u32..).zip(groups) {
            add(layout.group_start(number), layout.group_head_blocks(number));
            add(group.block_bitmap, 1);
            add(group.inode_bitmap, 1);
            add(group.inode_table, layout.inode_table_blocks());
        }
        journal.iter().for_each(|run| add(run.0, run.1));
        ranges.retain(|range| range.0 < range.1);
        ranges.sort_unstable();
        let mut merged: Vec<(u64, u64)> = Vec::new();
        for (start, end) in ranges {
            match merged.last_mut() {
                Some(last) if start < last.1 => {
                    return Err(Error::corrupt(format!("two of its tables lie over each other at block {start}")));
                }
                Some(last) if start == last.1 => last.1 = end,
                _ => merged.push((start, end)),
            }
        }
        Ok(Self { ranges: merged })
    }

    /// Whether any of the `count` blocks from `start` belongs to the zone.
    pub(crate) fn overlaps(&self, start: u64, count: u64) -> bool {
        self.within(start, start.saturating_add(count)).next().is_some()
    }

    /// The parts of the zone between the blocks `start` and `end`, as (start, end).
    pub(crate) fn within(&self, start: u64, end: u64) -> impl Iterator<Item = (u64, u64)> + '_ {
        let from = self.ranges.partition_point(|range| range.1 <= start);
        self.ranges
            .iter()
            .skip(from)
            .take_while(move |range| range.0 < end)
            .map(move |range| (range.0.max(start), range.1.min(end)))
    }
}
