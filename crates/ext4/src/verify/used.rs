//! Which blocks are in use, one bit for each unit of allocation (a block, or a cluster with `bigalloc`), by block
//! group; a group costs nothing until something in it is used.

use crate::bitmap;
use crate::layout::Layout;

/// The units of one group.
#[derive(Clone)]
enum Group {
    /// None is in use.
    Empty,
    /// These are, and so many.
    Some(Box<[u8]>, u32),
    /// All are.
    Full,
}

/// The units that something claims.
pub(super) struct UsedBlocks {
    groups: Vec<Group>,
    layout: Layout,
    /// Units that are claimed.
    pub(super) count: u64,
}

impl UsedBlocks {
    pub(super) fn new(layout: &Layout) -> Self {
        let count = usize::try_from(layout.group_count).unwrap_or(0);
        Self { groups: vec![Group::Empty; count], layout: layout.clone(), count: 0 }
    }

    /// Claims the units in which the `count` blocks from `start` lie, all inside the filesystem; the first block of
    /// the first unit that was claimed before.
    pub(super) fn claim(&mut self, start: u64, count: u64) -> Option<u64> {
        let (mut taken, unit) = (None, 1u32 << self.layout.cluster_bits);
        let (mut start, end) = (start, start.saturating_add(count));
        while start < end {
            let Some((group, bit)) = self.layout.group_of(start) else { break };
            let room = self.layout.group_blocks(group).saturating_sub(bit).max(1);
            let len = u32::try_from(end - start).unwrap_or(u32::MAX).min(room);
            let (from, to) = (bit / unit, (bit + len).div_ceil(unit));
            if let Some(before) = self.claim_in(group, from, to, self.layout.group_clusters(group)) {
                taken = taken.or(Some(self.layout.group_start(group) + u64::from(before) * u64::from(unit)));
            }
            start += u64::from(len);
        }
        taken
    }

    fn claim_in(&mut self, group: u32, from: u32, to: u32, units: u32) -> Option<u32> {
        let slot = usize::try_from(group).ok().and_then(|index| self.groups.get_mut(index))?;
        if from == 0 && to >= units && matches!(slot, Group::Empty) {
            *slot = Group::Full;
            self.count += u64::from(units);
            return None;
        }
        if matches!(slot, Group::Empty) {
            *slot = Group::Some(vec![0; bytes_for(units)].into(), 0);
        }
        let Group::Some(bits, used) = slot else { return Some(from) };
        let free: u32 = bitmap::clear_runs(bits, from, to).map(|run| run.1).sum();
        let taken = (free < to - from).then(|| first_set(bits, from, to));
        bitmap::fill(bits, from, to, true);
        *used += free;
        self.count += u64::from(free);
        if *used >= units {
            *slot = Group::Full;
        }
        taken
    }

    /// Units of `group` that are in use.
    pub(super) fn count_in(&self, group: u32) -> u32 {
        match usize::try_from(group).ok().and_then(|index| self.groups.get(index)) {
            Some(Group::Some(_, used)) => *used,
            Some(Group::Full) => self.layout.group_clusters(group),
            _ => 0,
        }
    }

    /// The bits of `group` as a bitmap of the filesystem has them, a block long, the rest set.
    pub(super) fn bitmap(&self, group: u32) -> Vec<u8> {
        let units = self.layout.group_clusters(group);
        let mut bits = vec![0; self.layout.block_size];
        match usize::try_from(group).ok().and_then(|index| self.groups.get(index)) {
            Some(Group::Some(some, _)) => {
                let len = some.len().min(bits.len());
                if let (Some(to), Some(from)) = (bits.get_mut(..len), some.get(..len)) {
                    to.copy_from_slice(from);
                }
            }
            Some(Group::Full) => bitmap::fill(&mut bits, 0, units, true),
            _ => {}
        }
        bitmap::fill(&mut bits, units, u32::try_from(8 * self.layout.block_size).unwrap_or(u32::MAX), true);
        bits
    }
}

fn bytes_for(units: u32) -> usize {
    usize::try_from(units.div_ceil(8)).unwrap_or(0)
}

/// The first set bit of `from..to`.
fn first_set(bits: &[u8], from: u32, to: u32) -> u32 {
    (from..to).find(|bit| bitmap::is_set(bits, *bit)).unwrap_or(from)
}
