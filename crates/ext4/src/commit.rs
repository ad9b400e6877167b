//! Commits: how what an operation changed in memory reaches the device, all or nothing.
//!
//! Content and newly allocated metadata go straight to their places, which nothing committed points at;
//! everything else goes through the journal. Up to the commit block a failure takes the transaction back
//! and changes nothing. After it, whether the transaction holds can only be told by opening again, and
//! until then nothing more is written.

use std::sync::Arc;

use cairn_block::BlockDevice;

use crate::block_kind::BlockKind;
use crate::cache::Block;
use crate::range_set::RangeSet;
use crate::state::Core;
use crate::superblock::{self, Superblock};
use crate::transaction::Dirty;
use crate::{Error, Result, Timestamp, checksum};

/// Bytes of metadata that a transaction may change before a batch is split.
const TRANSACTION_BYTES: usize = 24 << 20;
/// Neighbouring blocks are written together up to this many bytes.
const RUN_BYTES: usize = 4 << 20;

/// A transaction in the log, about to be made valid.
struct Prepared {
    journaled: Vec<(u64, Dirty)>,
    fresh: Vec<(u64, Dirty)>,
    /// Where it starts in the log.
    start: u32,
    /// The superblock as it is committed now.
    committed: Superblock,
}

impl Core {
    /// Runs one operation: all of its changes become part of the transaction, or none.
    pub(crate) fn operate<T>(&mut self, operation: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.check_writable()?;
        self.operations += 1;
        self.transaction.begin_operation();
        match operation(self) {
            Ok(value) => {
                self.transaction.end_operation();
                Ok(value)
            }
            Err(error) => {
                self.undo_operation();
                if self.write_behind.has_failed() {
                    // Other files' content may be lost with it.
                    self.give_up(&error);
                }
                Err(error)
            }
        }
    }

    fn undo_operation(&mut self) {
        let undo = self.transaction.undo_operation();
        for (start, count) in self.transaction.freed.drain(undo.freed..) {
            self.free.unhold(start, count);
        }
        let mut abandoned = RangeSet::default();
        for (start, count) in self.transaction.allocated.drain(undo.allocated..) {
            abandoned.insert(start, count);
        }
        for (start, count) in undo.consumed {
            self.free.hold(start, count);
            // Whoever reserved it gives it up.
            abandoned.remove(start, count);
        }
        self.restore(undo.groups, undo.superblock);
        self.discard(&abandoned);
    }

    fn restore(
        &mut self,
        groups: impl IntoIterator<Item = (u32, crate::group_descriptor::GroupDescriptor)>,
        superblock: Option<Superblock>,
    ) {
        for (group, descriptor) in groups {
            if let Some(place) = usize::try_from(group).ok().and_then(|i| self.groups.get_mut(i)) {
                *place = descriptor;
            }
            self.free.forget(group);
        }
        if let Some(superblock) = superblock {
            self.superblock = superblock;
        }
    }

    /// Takes everything back that was not committed, because of `error`. Open batches lose changes that were
    /// made for them; their commit will say so.
    fn give_up(&mut self, error: &Error) {
        if self.open_batches > 0 {
            self.lost.get_or_insert_with(|| (error.kind(), error.to_string()));
        }
        self.roll_back();
    }

    /// Makes everything that was written durable. When that fails the device may have dropped what it could
    /// not write, and a later flush that succeeds would mean nothing: so nothing more is written.
    pub(crate) fn sync(&mut self, device: &dyn BlockDevice) -> Result<()> {
        let flushed = device.flush();
        if let Err(error) = &flushed {
            self.failed = Some(error.to_string());
        }
        Ok(flushed?)
    }

    /// Takes everything back that was not committed.
    pub(crate) fn roll_back(&mut self) {
        let committed = self.transaction.clear();
        for (start, count) in committed.freed {
            self.free.unhold(start, count);
        }
        self.restore(committed.groups, committed.superblock);
        self.write_behind.clear();
        let mut abandoned = RangeSet::default();
        committed.allocated.iter().for_each(|run| abandoned.insert(run.0, run.1));
        self.discard(&abandoned);
        self.free.cursor = None;
        // A reader without the lock may look at a file that is gone now.
        self.reuse_epoch += 1;
    }

    /// Whether the transaction has become so large that it should be committed between two operations.
    pub(crate) fn is_transaction_full(&self) -> bool {
        let bytes = self.transaction.len() * self.layout.block_size;
        self.transaction.journaled() >= self.transaction_blocks() || bytes >= TRANSACTION_BYTES
    }

    /// Journaled blocks from which on a transaction counts as full: half of what the journal can take, so
    /// that the operation that crosses the line still fits.
    pub(crate) fn transaction_blocks(&self) -> usize {
        let capacity = self.journal.as_ref().map_or(0, crate::journal::Journal::capacity);
        (capacity / 2).min(TRANSACTION_BYTES / self.layout.block_size)
    }

    /// Commits the transaction; durable when this returns.
    pub(crate) fn commit(&mut self) -> Result<()> {
        if self.transaction.is_empty() {
            return Ok(());
        }
        self.check_writable()?;
        let device = Arc::clone(&self.device);
        let prepared = match self.prepare(&*device) {
            Ok(prepared) => prepared,
            Err(error) => {
                self.give_up(&error);
                return Err(error);
            }
        };
        if let Err(error) = self.finish(&*device, &prepared) {
            self.failed = Some(error.to_string());
            // The device may have some of it: readers go on seeing all of it, as long as this is open.
            for (block, dirty) in prepared.journaled.into_iter().chain(prepared.fresh) {
                self.transaction.put(block, dirty);
            }
            return Err(error);
        }
        for (block, dirty) in prepared.journaled.into_iter().chain(prepared.fresh) {
            self.cache.insert(block, dirty.data, dirty.kind);
        }
        let freed = self.transaction.clear().freed;
        self.reuse_epoch += u64::from(!freed.is_empty());
        self.commits += 1;
        self.give_back(freed);
        Ok(())
    }

    /// Everything up to the commit block, which is not part of it.
    fn prepare(&mut self, device: &dyn BlockDevice) -> Result<Prepared> {
        self.write_behind.write_out(device)?;
        let committed = self.transaction.committed_superblock(&self.superblock);
        self.store_descriptors()?;
        self.store_superblock()?;
        let (mut fresh, mut journaled) = (Vec::new(), Vec::new());
        for (block, mut dirty) in self.transaction.take_blocks() {
            if !matches!(dirty.kind, BlockKind::Plain | BlockKind::Bitmap { .. }) {
                dirty.kind.seal(Arc::make_mut(&mut dirty.data));
            }
            if dirty.fresh { fresh.push((block, dirty)) } else { journaled.push((block, dirty)) }
        }
        fresh.sort_unstable_by_key(|entry| entry.0);
        journaled.sort_unstable_by_key(|entry| entry.0);
        self.write_in_place(device, &fresh)?;
        let copies: Vec<(u64, Block)> =
            journaled.iter().map(|(block, dirty)| (*block, Arc::clone(&dirty.data))).collect();
        let journal = self.journal.as_mut().ok_or_else(no_journal)?;
        if journal.runs_over_previous(copies.len()) {
            journal.end_previous(device)?;
            self.sync(device)?;
            self.journal.as_mut().ok_or_else(no_journal)?.previous_is_over();
        }
        let journal = self.journal.as_mut().ok_or_else(no_journal)?;
        let start = journal.write(device, &copies)?;
        self.sync(device)?;
        Ok(Prepared { journaled, fresh, start, committed })
    }

    /// The commit block and everything after it.
    fn finish(&mut self, device: &dyn BlockDevice, prepared: &Prepared) -> Result<()> {
        let mut waiting = prepared.committed.clone();
        waiting.set_needs_recovery(true);
        device.write_at(&waiting.sealed(), superblock::OFFSET)?;
        let journal = self.journal.as_mut().ok_or_else(no_journal)?;
        journal.seal(device, prepared.start, Timestamp::now())?;
        device.flush()?;
        self.write_in_place(device, &prepared.journaled)?;
        device.flush()?;
        let journal = self.journal.as_mut().ok_or_else(no_journal)?;
        journal.mark_empty(device)?;
        device.write_at(&self.superblock.sealed(), superblock::OFFSET)?;
        Ok(())
    }

    /// Writes blocks, which come in order, to their places.
    fn write_in_place(&self, device: &dyn BlockDevice, blocks: &[(u64, Dirty)]) -> Result<()> {
        let mut run: Vec<u8> = Vec::new();
        let mut rest = blocks;
        while let Some((first, dirty)) = rest.first() {
            let limit = rest.len().min((RUN_BYTES / self.layout.block_size).max(1));
            let together = (*first..).zip(rest).take(limit).take_while(|(block, entry)| *block == entry.0);
            let count = together.count();
            let place = self.layout.byte(*first);
            if count == 1 {
                device.write_at(&dirty.data, place)?;
            } else {
                run.clear();
                rest.iter().take(count).for_each(|entry| run.extend_from_slice(&entry.1.data));
                device.write_at(&run, place)?;
            }
            rest = rest.get(count..).unwrap_or_default();
        }
        Ok(())
    }

    /// Brings the changed descriptors, with the checksums of their bitmaps, into their blocks.
    fn store_descriptors(&mut self) -> Result<()> {
        let changed: Vec<u32> = self.transaction.changed_groups().collect();
        for group in changed {
            self.store_bitmap_checksums(group)?;
            let descriptor = *self.group(group)?;
            let per_block = self.layout.descriptors_per_block();
            let index = u64::from(group);
            let block = self.layout.descriptor_block(index / per_block);
            let size = self.layout.descriptor_size;
            let offset = usize::try_from(index % per_block).unwrap_or(0) * size;
            let layout = self.layout.clone();
            let table = self.edit(block, BlockKind::Plain)?;
            if let Some(raw) = table.get_mut(offset..offset + size) {
                descriptor.store(raw, group, &layout);
            }
        }
        Ok(())
    }

    fn store_bitmap_checksums(&mut self, group: u32) -> Result<()> {
        let Some(seed) = self.layout.checksum_seed else { return Ok(()) };
        let descriptor = *self.group(group)?;
        let lengths = [self.layout.blocks_per_group / 8, self.layout.inodes_per_group / 8];
        let mut sums = [descriptor.block_bitmap_csum, descriptor.inode_bitmap_csum];
        let blocks = [descriptor.block_bitmap, descriptor.inode_bitmap];
        for ((sum, block), len) in sums.iter_mut().zip(blocks).zip(lengths) {
            let len = usize::try_from(len).unwrap_or(0);
            let Some(dirty) = self.transaction.get(block) else { continue };
            *sum = checksum::crc32c(seed, dirty.data.get(..len).unwrap_or_default());
            let kind = self.bitmap_kind(len, *sum)?;
            self.transaction.set_kind(block, kind);
        }
        let descriptor = self.edit_group(group)?;
        [descriptor.block_bitmap_csum, descriptor.inode_bitmap_csum] = sums;
        Ok(())
    }

    /// Brings the superblock into its block, marked as one whose journal has to be replayed: that is how
    /// it stands in the log.
    fn store_superblock(&mut self) -> Result<()> {
        let written = self.transaction.len() * self.layout.block_size / 1024;
        let superblock = self.edit_superblock();
        superblock.touch(Timestamp::now());
        let total = superblock.s_kbytes_written().saturating_add(written as u64);
        superblock.set_s_kbytes_written(total);
        let mut logged = superblock.clone();
        logged.set_needs_recovery(true);
        let (block, offset) = (self.layout.superblock_block(), self.layout.superblock_offset());
        let bytes = self.edit(block, BlockKind::Plain)?;
        if let Some(place) = bytes.get_mut(offset..offset + superblock::SIZE) {
            place.copy_from_slice(&logged.sealed());
        }
        Ok(())
    }
}

fn no_journal() -> Error {
    Error::unsupported("no journal, so that a change could not be made safely,")
}
