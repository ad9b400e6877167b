//! Giving room back: what is freed or taken back as it happens, and what an interrupted writer has left in free
//! blocks.
//!
//! A discard is never part of a transaction: only blocks are discarded that are free in what is committed, so it does
//! not matter whether a power cut comes before or after it.

use crate::filesystem::Filesystem;
use crate::group_descriptor::BLOCK_UNINIT;
use crate::range_set::RangeSet;
use crate::state::Core;
use crate::{Result, bitmap};

impl Core {
    /// Makes freed blocks free for others, and tells the device that nobody needs their content.
    pub(crate) fn give_back(&mut self, freed: impl IntoIterator<Item = (u64, u64)>) {
        let mut merged = RangeSet::default();
        freed.into_iter().for_each(|(start, count)| merged.insert(start, count));
        merged.iter().for_each(|(start, count)| self.release(start, count));
        self.discard(&merged);
    }

    /// Tells the device that nobody needs what stands in `blocks`, all of which are free in what is committed.
    pub(crate) fn discard(&self, blocks: &RangeSet) {
        if self.failed.is_some() {
            // Nobody knows what is committed.
            return;
        }
        for (start, count) in blocks.iter() {
            let (offset, len) = (self.layout.byte(start), self.layout.byte(count));
            if let Err(error) = self.device.discard(offset, len) {
                // The blocks are free all the same; only the host does not get the room back yet.
                tracing::warn!(%error, start, count, "free blocks could not be discarded");
            }
        }
    }

    /// Discards what is free of the blocks from `start` to `end`, one group after the other; how many those were.
    fn discard_free_within(&mut self, start: u64, end: u64) -> Result<u64> {
        let (mut start, end) = (start.max(self.layout.first_data_block), end.min(self.layout.blocks_count));
        let mut discarded = 0;
        while start < end {
            let Some((group, from)) = self.layout.group_of(start) else { break };
            let first = self.layout.group_start(group);
            let bits = match self.group(group)?.has(BLOCK_UNINIT, &self.layout) {
                true => self.initial_block_bitmap(group),
                false => self.guarded_bitmap(group)?,
            };
            let group_end = first + u64::from(self.layout.group_blocks(group));
            let to = u32::try_from(end.min(group_end) - first).unwrap_or(u32::MAX);
            let mut free = RangeSet::default();
            bitmap::clear_runs(&bits, from, to)
                .for_each(|(at, len)| free.insert(first + u64::from(at), u64::from(len)));
            // What is reserved has content on its way.
            let held: Vec<(u64, u64)> = self.free.held_within(start, group_end).collect();
            held.into_iter().for_each(|(from, to)| free.remove(from, to - from));
            self.discard(&free);
            discarded += free.iter().map(|run| run.1).sum::<u64>();
            start = group_end;
        }
        Ok(discarded)
    }
}

impl Filesystem {
    /// Tells the device that nobody needs what stands in free blocks, as far as they lie whole in `ranges` of bytes,
    /// as (first, behind the last): content whose writer was interrupted before it had a name. Returns how many
    /// bytes that are.
    ///
    /// # Errors
    /// [`ErrorKind::ReadOnly`](crate::ErrorKind::ReadOnly); [`ErrorKind::Corrupt`](crate::ErrorKind::Corrupt) when a
    /// bitmap is damaged; those of a commit.
    pub fn discard_free(&self, ranges: &[(u64, u64)]) -> Result<u64> {
        let mut core = self.lock()?;
        core.check_writable()?;
        core.commit()?;
        let (size, mut discarded) = (core.layout.block_size as u64, 0);
        for (from, to) in ranges {
            discarded += core.discard_free_within(from.div_ceil(size), to / size)?;
        }
        Ok(discarded * size)
    }
}
