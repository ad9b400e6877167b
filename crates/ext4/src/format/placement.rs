//! Placing the tables of block groups: those of a run of groups lie together at the start of the run.
//!
//! Used for a whole new filesystem and for the groups that one grows by.

use cairn_block::BlockDevice;

use crate::bitmap;
use crate::checksum::crc32c;
use crate::group_descriptor::{BLOCK_UNINIT, GroupDescriptor, INODE_UNINIT, INODE_ZEROED};
use crate::layout::Layout;
use crate::range_set::RangeSet;
use crate::{Error, ErrorKind, Result};

/// Descriptors of placed groups, and what is in use in them.
pub(crate) struct Plan {
    /// The number of the first of the groups.
    first: u32,
    pub(crate) groups: Vec<GroupDescriptor>,
    used: RangeSet,
    /// Where free blocks are looked for next.
    cursor: u64,
}

impl Plan {
    /// Places the tables of the groups from `first` on.
    pub(crate) fn new(layout: &Layout, first: u32, log_groups_per_flex: u8) -> Result<Self> {
        let groups = place(layout, first, log_groups_per_flex)?;
        let mut used = RangeSet::default();
        for (number, group) in (first..).zip(&groups) {
            used.insert(layout.group_start(number), layout.group_head_blocks(number));
            used.insert(group.block_bitmap, 1);
            used.insert(group.inode_bitmap, 1);
            used.insert(group.inode_table, layout.inode_table_blocks());
        }
        Ok(Self { first, groups, used, cursor: layout.first_data_block })
    }

    /// Takes the first `count` free blocks, in as few runs as there are: (start, count).
    pub(crate) fn take(&mut self, layout: &Layout, count: u64) -> Result<Vec<(u64, u64)>> {
        let (mut runs, mut left) = (Vec::new(), count);
        while left > 0 {
            let used = self.used.within(self.cursor, layout.blocks_count).next();
            let free_until = used.map_or(layout.blocks_count, |range| range.0);
            let len = left.min(free_until - self.cursor);
            if len > 0 {
                runs.push((self.cursor, len));
                self.used.insert(self.cursor, len);
                left -= len;
            } else if self.cursor >= layout.blocks_count {
                let why = "the device is too small for a filesystem";
                return Err(Error::new(ErrorKind::Invalid, why));
            }
            self.cursor = used.map_or(layout.blocks_count, |range| range.1).max(self.cursor + len);
            if left == 0 {
                self.cursor = runs.last().map_or(self.cursor, |run| run.0 + run.1);
            }
        }
        Ok(runs)
    }

    /// Takes one free block.
    pub(crate) fn take_one(&mut self, layout: &Layout) -> Result<u64> {
        Ok(self.take(layout, 1)?.first().map_or(0, |run| run.0))
    }

    /// Gives back one block that was taken.
    pub(crate) fn give_back(&mut self, block: u64) {
        self.used.remove(block, 1);
    }

    /// Changes the descriptor of `group`.
    pub(crate) fn edit(&mut self, group: u32, change: impl FnOnce(&mut GroupDescriptor)) {
        let index = self.index(group);
        if let Some(descriptor) = index.and_then(|index| self.groups.get_mut(index)) {
            change(descriptor);
        }
    }

    fn index(&self, group: u32) -> Option<usize> {
        usize::try_from(group.checked_sub(self.first)?).ok()
    }

    /// The bitmap of `group`.
    pub(crate) fn bitmap(&self, layout: &Layout, group: u32) -> Vec<u8> {
        block_bitmap(layout, group, self.used.within(layout.group_start(group), group_end(layout, group)))
    }

    /// Counts the free blocks of every group, and marks the groups whose bitmaps need not be written.
    pub(crate) fn count(&mut self, layout: &Layout) {
        for (number, group) in (self.first..).zip(&mut self.groups) {
            let (start, end) = (layout.group_start(number), group_end(layout, number));
            let used: u64 = self.used.within(start, end).map(|range| range.1 - range.0).sum();
            let free = (end - start).saturating_sub(used);
            group.free_blocks_count = u32::try_from(free).unwrap_or(0);
            group.free_inodes_count = layout.inodes_per_group;
            if !layout.has_group_checksums() {
                continue;
            }
            group.itable_unused = layout.inodes_per_group;
            // The tables were never written, and the device reads as zeros.
            group.flags = INODE_UNINIT | INODE_ZEROED;
            let plain = used == own_blocks(layout, number, group);
            if plain && number + 1 < layout.group_count {
                group.flags |= BLOCK_UNINIT;
            }
        }
    }

    /// Writes the bitmaps that have to be written, and notes their checksums; `used_inodes` is how many
    /// inodes at the start of the first group are in use.
    pub(crate) fn write_bitmaps(&mut self, device: &dyn BlockDevice, layout: &Layout, used_inodes: u32) -> Result<()> {
        for (number, index) in (self.first..).zip(0..self.groups.len()) {
            let Some(group) = self.groups.get(index).copied() else { break };
            let mut sums = [0; 2];
            if !group.has(BLOCK_UNINIT, layout) {
                let bits = self.bitmap(layout, number);
                device.write_at(&bits, layout.byte(group.block_bitmap))?;
                sums[0] = bitmap_checksum(layout, &bits, layout.blocks_per_group);
            }
            if !group.has(INODE_UNINIT, layout) {
                let end = u32::try_from(8 * layout.block_size).unwrap_or(u32::MAX);
                let mut bits = vec![0; layout.block_size];
                bitmap::fill(&mut bits, 0, if index == 0 { used_inodes } else { 0 }, true);
                bitmap::fill(&mut bits, layout.inodes_per_group, end, true);
                device.write_at(&bits, layout.byte(group.inode_bitmap))?;
                sums[1] = bitmap_checksum(layout, &bits, layout.inodes_per_group);
            }
            self.edit(number, |group| [group.block_bitmap_csum, group.inode_bitmap_csum] = sums);
        }
        Ok(())
    }

    /// All free blocks.
    pub(crate) fn free_blocks(&self) -> u64 {
        self.groups.iter().map(|group| u64::from(group.free_blocks_count)).sum()
    }
}

/// The checksum of a bitmap of `bits` bits.
fn bitmap_checksum(layout: &Layout, bitmap: &[u8], bits: u32) -> u32 {
    let covered = usize::try_from(bits / 8).ok().and_then(|len| bitmap.get(..len));
    layout.checksum_seed.map_or(0, |seed| crc32c(seed, covered.unwrap_or_default()))
}

/// The bitmap of a group with the ranges of blocks in `used` marked, and what lies behind its end.
pub(crate) fn block_bitmap(layout: &Layout, group: u32, used: impl Iterator<Item = (u64, u64)>) -> Vec<u8> {
    let mut bits = vec![0; layout.block_size];
    let start = layout.group_start(group);
    let bit = |block: u64| u32::try_from(block - start).unwrap_or(u32::MAX);
    let end = u32::try_from(8 * layout.block_size).unwrap_or(u32::MAX);
    used.for_each(|range| bitmap::fill(&mut bits, bit(range.0), bit(range.1), true));
    bitmap::fill(&mut bits, layout.group_blocks(group), end, true);
    bits
}

/// Blocks that a kernel marks by itself in a group whose bitmap was never written.
pub(crate) fn own_blocks(layout: &Layout, number: u32, group: &GroupDescriptor) -> u64 {
    let (start, end) = (layout.group_start(number), group_end(layout, number));
    let inside = |block: u64| (start..end).contains(&block);
    let mut blocks = layout.group_head_blocks(number);
    blocks += u64::from(inside(group.block_bitmap)) + u64::from(inside(group.inode_bitmap));
    if inside(group.inode_table) {
        blocks += layout.inode_table_blocks();
    }
    blocks
}

fn group_end(layout: &Layout, group: u32) -> u64 {
    layout.group_start(group) + u64::from(layout.group_blocks(group))
}

/// Places the tables of the groups from `first` on, in runs that end where a flexible group does, or where
/// the first group of the run has no room for more.
fn place(layout: &Layout, first: u32, log_flex: u8) -> Result<Vec<GroupDescriptor>> {
    let flex = 1u32.checked_shl(u32::from(log_flex)).unwrap_or(1);
    let mut groups = Vec::new();
    let mut run = first;
    while run < layout.group_count {
        let end = (run - run % flex).saturating_add(flex).min(layout.group_count);
        let bitmaps = layout.group_start(run) + layout.group_head_blocks(run);
        let room = group_end(layout, run).saturating_sub(bitmaps) / (2 + layout.inode_table_blocks());
        let count = room.min(u64::from(end - run));
        if count == 0 {
            let why = "the device has no room for the tables of its block groups";
            return Err(Error::new(ErrorKind::Invalid, why));
        }
        groups.extend((0..count).map(|index| GroupDescriptor {
            block_bitmap: bitmaps + index,
            inode_bitmap: bitmaps + count + index,
            inode_table: bitmaps + 2 * count + index * layout.inode_table_blocks(),
            ..GroupDescriptor::default()
        }));
        run += u32::try_from(count).unwrap_or(1);
    }
    Ok(groups)
}
