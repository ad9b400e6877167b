//! Everything of an open filesystem behind its lock: geometry, descriptors, cache, the running transaction.
//!
//! The other modules add what they do to [`Core`]; here is only how metadata blocks get in and out of it.
//! A block is looked for in the transaction, then in the cache, then on the device.

use std::sync::Arc;

use cairn_block::BlockDevice;

use crate::alloc::FreeSpace;
use crate::block_kind::BlockKind;
use crate::cache::{Block, BlockCache};
use crate::group_descriptor::GroupDescriptor;
use crate::inode::Inode;
use crate::journal::Journal;
use crate::layout::Layout;
use crate::superblock::Superblock;
use crate::transaction::{Dirty, Transaction};
use crate::write_behind::WriteBehind;
use crate::zone::SystemZone;
use crate::{Error, ErrorKind, Mode, Result, Statfs};

/// Clean metadata that is kept in memory, in bytes.
pub(crate) const CACHE_BYTES: usize = 12 << 20;

/// An open filesystem.
pub(crate) struct Core {
    pub(crate) device: Arc<dyn BlockDevice>,
    pub(crate) mode: Mode,
    pub(crate) layout: Layout,
    pub(crate) superblock: Superblock,
    pub(crate) groups: Vec<GroupDescriptor>,
    pub(crate) zone: SystemZone,
    pub(crate) cache: BlockCache,
    pub(crate) transaction: Transaction,
    pub(crate) free: FreeSpace,
    pub(crate) journal: Option<Journal>,
    pub(crate) write_behind: WriteBehind,
    /// Raised whenever freed blocks may get a new owner: whoever read without the lock looks again.
    pub(crate) reuse_epoch: u64,
    /// Batches that are open, see `batch.rs`.
    pub(crate) open_batches: u32,
    /// Raised by every operation.
    pub(crate) operations: u64,
    /// Raised by every commit.
    pub(crate) commits: u64,
    /// What [`commits`](Self::commits) was when the first of the open batches began.
    pub(crate) batch_start: u64,
    /// Why changes of the open batches were taken back, if some were.
    pub(crate) lost: Option<(ErrorKind, String)>,
    /// The last block of an inode table that was read from the device.
    pub(crate) last_table_block: u64,
    /// The last generation that was given to a new inode.
    pub(crate) generation: u32,
    /// The blocks that are read from the journal, because it was replayed in memory.
    pub(crate) replayed: Vec<u64>,
    /// Why nothing more may be written: a commit failed half-way, only opening again can tell its outcome.
    pub(crate) failed: Option<String>,
}

impl Core {
    /// A metadata block, verified as `kind`.
    pub(crate) fn load(&mut self, block: u64, kind: BlockKind) -> Result<Block> {
        if let Some(dirty) = self.transaction.get(block) {
            return Ok(Arc::clone(&dirty.data));
        }
        let damaged = || Error::corrupt(format!("the checksum of block {block} is wrong"));
        match self.cache.get(block, kind) {
            Some(found) => found.map_err(|()| damaged()),
            None => {
                let data = self.read_block(block)?;
                if !kind.verify(&data) {
                    return Err(damaged());
                }
                self.cache.insert(block, Arc::clone(&data), kind);
                Ok(data)
            }
        }
    }

    /// Reads one block from the device, past the cache.
    fn read_block(&self, block: u64) -> Result<Block> {
        if !self.layout.contains(block, 1) {
            return Err(Error::corrupt(format!("block {block} lies outside the filesystem")));
        }
        let mut data = vec![0; self.layout.block_size];
        self.device.read_at(&mut data, self.layout.byte(block))?;
        Ok(data.into())
    }

    /// Brings the `count` blocks from `start`, which carry no checksum of their own, into the cache with
    /// one read, unless the first is there already.
    pub(crate) fn read_ahead(&mut self, start: u64, count: u64) -> Result<()> {
        let known = self.transaction.get(start).is_some() || self.cache.contains(start);
        if known || !self.layout.contains(start, count) {
            return Ok(());
        }
        let size = self.layout.block_size;
        let blocks = usize::try_from(count).unwrap_or(1);
        let mut data = vec![0; size * blocks];
        self.device.read_at(&mut data, self.layout.byte(start))?;
        for (block, bytes) in (start..).zip(data.chunks_exact(size)) {
            if !self.cache.contains(block) {
                self.cache.insert(block, bytes.into(), BlockKind::Plain);
            }
        }
        Ok(())
    }

    /// A metadata block to change, as part of the transaction.
    pub(crate) fn edit(&mut self, block: u64, kind: BlockKind) -> Result<&mut [u8]> {
        if self.transaction.get(block).is_none() {
            let data = self.load(block, kind)?;
            // The cache's own reference would force a copy of the block.
            self.cache.take(block);
            self.transaction.put(block, Dirty::new(data, kind, false));
        }
        self.transaction.edit(block, kind)
    }

    /// A newly allocated metadata block of zeros. Nothing that is committed points at it, so it is written
    /// to its place ahead of the commit and never enters the journal.
    pub(crate) fn fresh(&mut self, block: u64, kind: BlockKind) -> Result<&mut [u8]> {
        let zeros: Block = vec![0; self.layout.block_size].into();
        self.cache.take(block);
        self.transaction.put(block, Dirty::new(zeros, kind, true));
        self.transaction.edit(block, kind)
    }

    /// The descriptor of `group` to change, as part of the transaction.
    pub(crate) fn edit_group(&mut self, group: u32) -> Result<&mut GroupDescriptor> {
        let descriptor = usize::try_from(group).ok().and_then(|index| self.groups.get_mut(index));
        let descriptor = descriptor.ok_or_else(|| no_group(group))?;
        self.transaction.keep_group(group, descriptor);
        Ok(descriptor)
    }

    /// The descriptor of `group`.
    pub(crate) fn group(&self, group: u32) -> Result<&GroupDescriptor> {
        let descriptor = usize::try_from(group).ok().and_then(|index| self.groups.get(index));
        descriptor.ok_or_else(|| no_group(group))
    }

    /// The superblock to change, as part of the transaction.
    pub(crate) fn edit_superblock(&mut self) -> &mut Superblock {
        self.transaction.keep_superblock(&self.superblock);
        &mut self.superblock
    }

    /// How the kind of the blocks of the folder `inode` is called.
    pub(crate) fn directory_kind(&self, inode: &Inode) -> BlockKind {
        inode.seed(&self.layout).map_or(BlockKind::Plain, |seed| BlockKind::Directory { seed })
    }

    /// Whether `inode` holds the journal.
    pub(crate) fn is_journal(&self, inode: u32) -> bool {
        inode == self.superblock.s_journal_inum()
    }

    /// Refuses to write where that cannot be.
    pub(crate) fn check_writable(&self) -> Result<()> {
        let refuse = |why: String| Err(Error::new(crate::ErrorKind::ReadOnly, why));
        match (&self.failed, self.mode) {
            (Some(why), _) => refuse(format!("an earlier write failed ({why}); the filesystem has to be opened again")),
            (None, Mode::ReadOnly) => refuse("the filesystem is open for reading only".into()),
            (None, Mode::ReadWrite) => Ok(()),
        }
    }

    /// How full the filesystem is.
    pub(crate) fn statfs(&self) -> Statfs {
        let size = self.layout.block_size as u64;
        // With clusters the overhead counts these, what is free counts blocks all the same.
        let overhead = u64::from(self.superblock.s_overhead_clusters()) << self.layout.cluster_bits;
        let total = self.layout.blocks_count.saturating_sub(overhead);
        let free = self.superblock.free_blocks_count().min(total);
        Statfs {
            block_size: u32::try_from(size).unwrap_or(u32::MAX),
            total_bytes: total * size,
            used_bytes: (total - free) * size,
            free_bytes: free * size,
            inodes: self.layout.inodes_count,
            free_inodes: self.superblock.s_free_inodes_count().min(self.layout.inodes_count),
        }
    }
}

fn no_group(group: u32) -> Error {
    Error::corrupt(format!("there is no block group {group}"))
}
