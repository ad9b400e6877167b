//! Clean metadata blocks in memory, each read and verified once, and never more than a fixed number.
//!
//! Two generations stand in for an exact order of use: when the young one is full it becomes the old one,
//! and what nobody asked for since is dropped.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::block_kind::BlockKind;

/// A metadata block. Clones share the bytes until one of them is changed.
pub(crate) type Block = Arc<[u8]>;

struct Entry {
    data: Block,
    /// As what the checksum was verified.
    verified: BlockKind,
}

/// The cache. The numbers of blocks are hashed cheaply: there are too few here for an image to slow it down by
/// choosing them.
pub(crate) struct BlockCache {
    young: FxHashMap<u64, Entry>,
    old: FxHashMap<u64, Entry>,
    /// Blocks in one generation.
    limit: usize,
}

impl BlockCache {
    /// A cache of at most `bytes` bytes in blocks of `block_size`.
    pub(crate) fn new(bytes: usize, block_size: usize) -> Self {
        let limit = (bytes / 2 / block_size).max(16);
        Self { young: FxHashMap::default(), old: FxHashMap::default(), limit }
    }

    /// The block, if it is there. A block that was verified as something else is verified again;
    /// `Err` when that fails.
    pub(crate) fn get(&mut self, block: u64, kind: BlockKind) -> Option<Result<Block, ()>> {
        if !self.young.contains_key(&block) {
            let entry = self.old.remove(&block)?;
            self.insert_entry(block, entry);
        }
        let entry = self.young.get_mut(&block)?;
        if kind != BlockKind::Plain && entry.verified != kind {
            if !kind.verify(&entry.data) {
                return Some(Err(()));
            }
            entry.verified = kind;
        }
        Some(Ok(Arc::clone(&entry.data)))
    }

    /// Whether the block is there.
    pub(crate) fn contains(&self, block: u64) -> bool {
        self.young.contains_key(&block) || self.old.contains_key(&block)
    }

    /// Keeps a block that was just read or written.
    pub(crate) fn insert(&mut self, block: u64, data: Block, verified: BlockKind) {
        self.old.remove(&block);
        self.insert_entry(block, Entry { data, verified });
    }

    /// Takes a block out, because a transaction is about to change it.
    pub(crate) fn take(&mut self, block: u64) -> Option<Block> {
        let young = self.young.remove(&block);
        young.or_else(|| self.old.remove(&block)).map(|entry| entry.data)
    }

    fn insert_entry(&mut self, block: u64, entry: Entry) {
        if self.young.len() >= self.limit {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(block, entry);
    }
}
