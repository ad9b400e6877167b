//! The running transaction: what has changed in memory since the last commit, and how to take it back.
//!
//! Two levels can be undone. An *operation* that fails half-way is taken back alone: the first change that
//! it makes to a block, a descriptor or the superblock keeps what was there before. The whole *transaction*
//! is taken back by forgetting its blocks, because the device still has the committed state.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::block_kind::BlockKind;
use crate::cache::Block;
use crate::group_descriptor::GroupDescriptor;
use crate::superblock::Superblock;
use crate::{Error, Result};

/// A metadata block that was changed.
#[derive(Clone)]
pub(crate) struct Dirty {
    pub(crate) data: Block,
    pub(crate) kind: BlockKind,
    /// Newly allocated, see [`Core::fresh`](crate::state::Core::fresh).
    pub(crate) fresh: bool,
    /// The operation that changed it last.
    operation: u64,
}

impl Dirty {
    pub(crate) fn new(data: Block, kind: BlockKind, fresh: bool) -> Self {
        Self { data, kind, fresh, operation: 0 }
    }
}

/// What the running operation found before its changes.
#[derive(Default)]
pub(crate) struct Undo {
    pub(crate) blocks: Vec<(u64, Option<Dirty>)>,
    pub(crate) groups: HashMap<u32, GroupDescriptor>,
    pub(crate) superblock: Option<Superblock>,
    /// How many entries [`Transaction::freed`] and [`Transaction::allocated`] had.
    pub(crate) freed: usize,
    pub(crate) allocated: usize,
    /// Reservations that the operation used up, as (start, count).
    pub(crate) consumed: Vec<(u64, u64)>,
}

/// The transaction.
#[derive(Default)]
pub(crate) struct Transaction {
    blocks: FxHashMap<u64, Dirty>,
    /// How many of the blocks are fresh.
    fresh: usize,
    /// The committed descriptors of the groups that were changed.
    groups: BTreeMap<u32, GroupDescriptor>,
    /// The committed superblock, if it was changed.
    superblock: Option<Superblock>,
    /// Runs of blocks that were freed, as (start, count): free for others only after the commit.
    pub(crate) freed: Vec<(u64, u64)>,
    /// Runs of blocks that were allocated, as (start, count): nobody needs what was written to them when this is
    /// taken back.
    pub(crate) allocated: Vec<(u64, u64)>,
    operation: u64,
    undo: Undo,
}

impl Transaction {
    /// Whether nothing has changed.
    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.groups.is_empty() && self.superblock.is_none()
    }

    /// Blocks that are changed in memory.
    pub(crate) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Blocks that a commit has to put into the journal, before descriptors and superblock are counted.
    pub(crate) fn journaled(&self) -> usize {
        self.blocks.len() - self.fresh
    }

    /// Groups whose descriptor has changed.
    pub(crate) fn changed_groups(&self) -> impl Iterator<Item = u32> + '_ {
        self.groups.keys().copied()
    }

    /// A block of the transaction.
    pub(crate) fn get(&self, block: u64) -> Option<&Dirty> {
        self.blocks.get(&block)
    }

    /// Puts a block into the transaction, in place of what it had there.
    pub(crate) fn put(&mut self, block: u64, dirty: Dirty) {
        self.fresh += usize::from(dirty.fresh);
        let before = self.blocks.insert(block, Dirty { operation: self.operation, ..dirty });
        self.fresh -= usize::from(before.as_ref().is_some_and(|b| b.fresh));
        if before.as_ref().is_none_or(|b| b.operation != self.operation) {
            self.undo.blocks.push((block, before));
        }
    }

    /// Drops a block that was freed: nobody will read it again.
    pub(crate) fn forget(&mut self, block: u64) {
        if let Some(before) = self.blocks.remove(&block) {
            self.fresh -= usize::from(before.fresh);
            // Whether or not the operation has kept it before: the oldest of several wins when undone.
            self.undo.blocks.push((block, Some(before)));
        }
    }

    /// The bytes of a block of the transaction, to change.
    pub(crate) fn edit(&mut self, block: u64, kind: BlockKind) -> Result<&mut [u8]> {
        let Some(dirty) = self.blocks.get_mut(&block) else {
            return Err(Error::corrupt(format!("block {block} is not part of the transaction")));
        };
        if dirty.operation != self.operation {
            self.undo.blocks.push((block, Some(dirty.clone())));
            dirty.operation = self.operation;
        }
        dirty.kind = kind;
        Ok(Arc::make_mut(&mut dirty.data))
    }

    /// Keeps a descriptor that is about to change.
    pub(crate) fn keep_group(&mut self, group: u32, descriptor: &GroupDescriptor) {
        self.groups.entry(group).or_insert(*descriptor);
        self.undo.groups.entry(group).or_insert(*descriptor);
    }

    /// Keeps the superblock, which is about to change.
    pub(crate) fn keep_superblock(&mut self, superblock: &Superblock) {
        self.superblock.get_or_insert_with(|| superblock.clone());
        self.undo.superblock.get_or_insert_with(|| superblock.clone());
    }

    /// The superblock as it was committed last; `current` is what it is now.
    pub(crate) fn committed_superblock(&self, current: &Superblock) -> Superblock {
        self.superblock.as_ref().unwrap_or(current).clone()
    }

    /// Records what a block is, without changing it.
    pub(crate) fn set_kind(&mut self, block: u64, kind: BlockKind) {
        if let Some(dirty) = self.blocks.get_mut(&block) {
            dirty.kind = kind;
        }
    }

    /// Notes that the operation used up a reservation.
    pub(crate) fn consume(&mut self, start: u64, count: u64) {
        self.undo.consumed.push((start, count));
    }

    /// Starts an operation: from here on changes can be taken back alone.
    pub(crate) fn begin_operation(&mut self) {
        self.operation += 1;
        self.undo = Undo { freed: self.freed.len(), allocated: self.allocated.len(), ..Undo::default() };
    }

    /// Ends an operation, which stays.
    pub(crate) fn end_operation(&mut self) {
        self.undo = Undo::default();
    }

    /// Takes the running operation's changes to blocks back; the rest of what it found is returned.
    pub(crate) fn undo_operation(&mut self) -> Undo {
        let mut undo = std::mem::take(&mut self.undo);
        for (block, before) in undo.blocks.drain(..).rev() {
            match before {
                Some(dirty) => self.blocks.insert(block, dirty),
                None => self.blocks.remove(&block),
            };
        }
        self.fresh = self.blocks.values().filter(|dirty| dirty.fresh).count();
        undo
    }

    /// Takes all blocks out, for the commit.
    pub(crate) fn take_blocks(&mut self) -> FxHashMap<u64, Dirty> {
        self.fresh = 0;
        std::mem::take(&mut self.blocks)
    }

    /// Forgets everything; what was committed before is returned.
    pub(crate) fn clear(&mut self) -> Committed {
        self.fresh = 0;
        self.blocks.clear();
        self.undo = Undo::default();
        Committed {
            groups: std::mem::take(&mut self.groups),
            superblock: self.superblock.take(),
            freed: std::mem::take(&mut self.freed),
            allocated: std::mem::take(&mut self.allocated),
        }
    }
}

/// The committed state of what a transaction changed.
pub(crate) struct Committed {
    pub(crate) groups: BTreeMap<u32, GroupDescriptor>,
    pub(crate) superblock: Option<Superblock>,
    pub(crate) freed: Vec<(u64, u64)>,
    pub(crate) allocated: Vec<(u64, u64)>,
}
