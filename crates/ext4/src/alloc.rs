//! Finding room: the free extents of the groups that were looked at, and what is set aside of them.
//!
//! A group's bitmap is read once, when room is sought in it; from then on its free extents live here. A
//! run is first *reserved* (nobody else gets it, nothing is changed on the device), so that a file's
//! content can be written without the lock; only the operation that names the file marks the run in the
//! bitmap. Blocks that were freed stay *held* until the commit. What a bitmap claims to be free is never
//! believed over the system zone.

use std::collections::HashMap;

use crate::block_kind::BlockKind;
use crate::group_descriptor::BLOCK_UNINIT;
use crate::group_runs::GroupRuns;
use crate::layout::MAX_EXTENT_BLOCKS;
use crate::range_set::RangeSet;
use crate::state::Core;
use crate::{Error, Result, bitmap};

/// A run at the goal is taken although it is shorter than wished, from this length on (8 MiB of 4 KiB).
const LONG_ENOUGH: u32 = 2048;
/// Groups with room that are looked at for a run of the wished length before the longest is taken.
const LOOK_AT: u32 = 32;
/// Runs that are kept in memory for all groups together.
const MAX_RUNS: usize = 1 << 19;
/// Blocks that are reserved together for folders and extent trees, so that they do not lie between files.
const METADATA_POOL: u32 = 64;

/// The free extents in memory.
#[derive(Default)]
pub(crate) struct FreeSpace {
    groups: HashMap<u32, GroupRuns>,
    /// Runs that were brought into memory since the groups were last forgotten.
    loaded: usize,
    /// Runs that are reserved, or freed but not committed.
    held: RangeSet,
    /// Where the last file's content ended: the next one follows.
    pub(crate) cursor: Option<u64>,
    /// What is left of the pool for metadata, as (start, count).
    pool: (u64, u32),
}

impl FreeSpace {
    /// Forgets what is known of `group`; its bitmap is looked at again when needed.
    pub(crate) fn forget(&mut self, group: u32) {
        self.groups.remove(&group);
    }

    /// Holds a run: nobody gets it.
    pub(crate) fn hold(&mut self, start: u64, count: u64) {
        self.held.insert(start, count);
    }

    /// The held runs between two blocks, as (start, end).
    pub(crate) fn held_within(&self, start: u64, end: u64) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.held.within(start, end)
    }

    /// Stops holding a run without making it free.
    pub(crate) fn unhold(&mut self, start: u64, count: u64) {
        self.held.remove(start, count);
    }
}

impl Core {
    /// Reserves up to `want` blocks in one run, at `goal` if possible; the run as (start, count).
    pub(crate) fn reserve(&mut self, goal: u64, want: u64) -> Result<(u64, u32)> {
        let want = u32::try_from(want).unwrap_or(u32::MAX).clamp(1, MAX_EXTENT_BLOCKS);
        let found = match self.find_run(goal, want)? {
            None if self.free.pool.1 > 0 => {
                self.release_pool();
                self.find_run(goal, want)?
            }
            found => found,
        };
        let (group, bit, len) = found.ok_or_else(|| Error::no_space("all blocks are in use"))?;
        let start = self.layout.group_start(group) + u64::from(bit);
        if let Some(runs) = self.free.groups.get_mut(&group) {
            runs.remove(bit, len);
        }
        self.free.hold(start, u64::from(len));
        Ok((start, len))
    }

    /// Gives up a reservation, or a part of one.
    pub(crate) fn release(&mut self, start: u64, count: u64) {
        self.free.unhold(start, count);
        self.make_free(start, count);
    }

    /// Marks a reserved run as used, as part of the running operation.
    pub(crate) fn use_reserved(&mut self, start: u64, count: u64) -> Result<()> {
        self.mark(start, count, true)?;
        self.free.unhold(start, count);
        self.transaction.consume(start, count);
        Ok(())
    }

    /// Marks a run that was just reserved as used, as part of the running operation that reserved it.
    pub(crate) fn use_at_once(&mut self, start: u64, count: u32) -> Result<()> {
        let count = u64::from(count);
        if let Err(error) = self.mark(start, count, true) {
            self.release(start, count);
            return Err(error);
        }
        self.free.unhold(start, count);
        Ok(())
    }

    /// Allocates one block for a folder or an extent tree, as part of the running operation.
    pub(crate) fn allocate_metadata(&mut self, goal: u64) -> Result<u64> {
        if self.free.pool.1 == 0 {
            let (start, count) = self.reserve(goal, u64::from(METADATA_POOL))?;
            self.free.pool = (start, count);
        }
        let block = self.free.pool.0;
        self.mark(block, 1, true)?;
        self.free.unhold(block, 1);
        self.free.pool = (block + 1, self.free.pool.1 - 1);
        Ok(block)
    }

    /// Gives up what is left of the pool for metadata.
    pub(crate) fn release_pool(&mut self) {
        let (start, count) = std::mem::take(&mut self.free.pool);
        self.release(start, u64::from(count));
    }

    /// Frees a run, as part of the running operation; others get it only after the commit.
    pub(crate) fn free_blocks(&mut self, start: u64, count: u64) -> Result<()> {
        if !self.layout.contains(start, count) || self.zone.overlaps(start, count) {
            return Err(Error::corrupt(format!("blocks {start}+{count} cannot belong to a file")));
        }
        self.mark(start, count, false)?;
        self.free.hold(start, count);
        self.transaction.freed.push((start, count));
        Ok(())
    }

    /// Makes blocks free for others in the groups that are in memory; others are found in the bitmaps.
    pub(crate) fn make_free(&mut self, start: u64, count: u64) {
        for (group, from, to) in self.pieces(start, count) {
            if let Some(runs) = self.free.groups.get_mut(&group) {
                runs.insert(from, to - from);
            }
        }
    }

    /// Changes the bits of a run, and all counts with them.
    fn mark(&mut self, start: u64, count: u64, used: bool) -> Result<()> {
        for (group, from, to) in self.pieces(start, count) {
            self.start_block_bitmap(group)?;
            let kind = self.block_bitmap_kind(group)?;
            let block = self.group(group)?.block_bitmap;
            let bits = self.edit(block, kind)?;
            if !bitmap::all(bits, from, to, !used) {
                return Err(Error::corrupt(format!("the block bitmap of group {group} contradicts the files")));
            }
            bitmap::fill(bits, from, to, used);
            let number = to - from;
            let descriptor = self.edit_group(group)?;
            let free = descriptor.free_blocks_count;
            let left = if used { free.checked_sub(number) } else { free.checked_add(number) };
            descriptor.free_blocks_count = left.ok_or_else(miscounted)?;
            let superblock = self.edit_superblock();
            let free = superblock.free_blocks_count();
            let number = u64::from(number);
            let left = if used { free.checked_sub(number) } else { free.checked_add(number) };
            superblock.set_free_blocks_count(left.ok_or_else(miscounted)?);
        }
        if used {
            self.transaction.allocated.push((start, count));
        }
        Ok(())
    }

    /// Cuts a run at the borders of groups: (group, first bit, bit behind the last).
    fn pieces(&self, start: u64, count: u64) -> Vec<(u32, u32, u32)> {
        let mut pieces = Vec::with_capacity(1);
        let (mut start, end) = (start, start.saturating_add(count));
        while start < end {
            let Some((group, bit)) = self.layout.group_of(start) else { break };
            let room = self.layout.group_blocks(group).saturating_sub(bit).max(1);
            let len = u32::try_from(end - start).unwrap_or(u32::MAX).min(room);
            pieces.push((group, bit, bit + len));
            start += u64::from(len);
        }
        pieces
    }

    /// A run of `want` blocks or the best instead of it: (group, bit, length).
    fn find_run(&mut self, goal: u64, want: u32) -> Result<Option<(u32, u32, u32)>> {
        let (first, bit) = self.layout.group_of(goal).unwrap_or((0, 0));
        let at_goal = self.runs(first)?.free_from(bit).unwrap_or(0);
        if at_goal >= want.min(LONG_ENOUGH) {
            return Ok(Some((first, bit, at_goal.min(want))));
        }
        let mut best: Option<(u32, u32, u32)> = None;
        let mut looked_at = 0;
        let count = self.layout.group_count;
        for group in (first..count).chain(0..first) {
            if self.group(group)?.free_blocks_count == 0 {
                continue;
            }
            let runs = self.runs(group)?;
            if let Some((start, _)) = runs.best_fit(want) {
                return Ok(Some((group, start, want)));
            }
            let Some((start, len)) = runs.longest() else { continue };
            if best.is_none_or(|best| len > best.2) {
                best = Some((group, start, len));
            }
            looked_at += 1;
            if looked_at >= LOOK_AT {
                break;
            }
        }
        Ok(best)
    }

    /// The free extents of `group`, read from its bitmap if they are not known.
    fn runs(&mut self, group: u32) -> Result<&GroupRuns> {
        if !self.free.groups.contains_key(&group) {
            let bits = match self.group(group)?.has(BLOCK_UNINIT, &self.layout) {
                true => self.initial_block_bitmap(group),
                false => self.guarded_bitmap(group)?,
            };
            let runs = bitmap::clear_runs(&bits, 0, self.layout.group_blocks(group));
            let mut runs = GroupRuns::new(runs);
            let start = self.layout.group_start(group);
            let end = start + u64::from(self.layout.group_blocks(group));
            for (from, to) in self.free.held_within(start, end) {
                runs.remove(bit_of(from, start), bit_of(to, from));
            }
            self.free.loaded += runs.count();
            if self.free.loaded > MAX_RUNS {
                self.free.groups.clear();
                self.free.loaded = runs.count();
            }
            self.free.groups.insert(group, runs);
        }
        self.free.groups.get(&group).ok_or_else(|| Error::corrupt("a group has no bitmap"))
    }

    /// The bitmap of `group` with the system zone marked, whatever it says.
    pub(crate) fn guarded_bitmap(&mut self, group: u32) -> Result<Vec<u8>> {
        let kind = self.block_bitmap_kind(group)?;
        let block = self.group(group)?.block_bitmap;
        let mut bits = self.load(block, kind)?.to_vec();
        self.mark_zone(group, &mut bits);
        Ok(bits)
    }

    /// The bitmap of a group in which nothing but metadata is in use.
    pub(crate) fn initial_block_bitmap(&self, group: u32) -> Vec<u8> {
        let mut bits = vec![0; self.layout.block_size];
        let end = u32::try_from(8 * self.layout.block_size).unwrap_or(u32::MAX);
        bitmap::fill(&mut bits, self.layout.group_clusters(group), end, true);
        self.mark_zone(group, &mut bits);
        bits
    }

    fn mark_zone(&self, group: u32, bits: &mut [u8]) {
        let start = self.layout.group_start(group);
        let end = start + u64::from(self.layout.group_blocks(group));
        let cluster = 1u32 << self.layout.cluster_bits;
        for (from, to) in self.zone.within(start, end) {
            bitmap::fill(bits, bit_of(from, start) / cluster, bit_of(to, start).div_ceil(cluster), true);
        }
    }

    /// Writes the first bitmap of a group that never had one.
    pub(crate) fn start_block_bitmap(&mut self, group: u32) -> Result<()> {
        let descriptor = *self.group(group)?;
        if !descriptor.has(BLOCK_UNINIT, &self.layout) {
            return Ok(());
        }
        let bits = self.initial_block_bitmap(group);
        let clear = bitmap::clear_runs(&bits, 0, self.layout.group_blocks(group));
        if clear.map(|run| run.1).sum::<u32>() != descriptor.free_blocks_count {
            return Err(miscounted());
        }
        self.fresh(descriptor.block_bitmap, BlockKind::Plain)?.copy_from_slice(&bits);
        self.edit_group(group)?.flags &= !BLOCK_UNINIT;
        Ok(())
    }

    pub(crate) fn block_bitmap_kind(&self, group: u32) -> Result<BlockKind> {
        let len = usize::try_from((self.layout.blocks_per_group >> self.layout.cluster_bits) / 8).unwrap_or(0);
        self.bitmap_kind(len, self.group(group)?.block_bitmap_csum)
    }

    /// The kind of a bitmap of `len` bytes whose descriptor has the checksum `sum`.
    pub(crate) fn bitmap_kind(&self, len: usize, sum: u32) -> Result<BlockKind> {
        let mask = if self.layout.descriptor_size >= 64 { u32::MAX } else { 0xFFFF };
        let kind = |seed| BlockKind::Bitmap { seed, len, sum, mask };
        Ok(self.layout.checksum_seed.map_or(BlockKind::Plain, kind))
    }
}

/// The distance of two blocks of one group.
fn bit_of(block: u64, start: u64) -> u32 {
    u32::try_from(block - start).unwrap_or(u32::MAX)
}

fn miscounted() -> Error {
    Error::corrupt("the counts of free blocks contradict the bitmaps")
}
