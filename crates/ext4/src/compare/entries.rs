//! Which names came and went: in folders that changed, by the blocks of theirs that differ.

use std::collections::HashSet;

use super::inodes::Pair;
use super::{Comparison, Side, is_folder};
use crate::Result;
use crate::inode::{FLAG_INLINE_DATA, Inode};
use crate::state::Core;

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    /// The folder's inode.
    pub(super) folder: u32,
    pub(super) name: Vec<u8>,
    pub(super) inode: u32,
}

/// Names that went, and names that came.
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) removed: Vec<Entry>,
    pub(super) added: Vec<Entry>,
}

impl Comparison<'_> {
    /// Finds the names that came and went.
    pub(super) fn find_entries(&mut self) -> Result<Entries> {
        let inodes = std::mem::take(&mut self.inodes);
        let mut found = Entries::default();
        for pair in inodes.values() {
            (self.go_on)()?;
            self.entries_of(pair, &mut found)?;
        }
        self.inodes = inodes;
        Ok(found)
    }

    fn entries_of(&mut self, pair: &Pair, found: &mut Entries) -> Result<()> {
        if let Some((before, after)) = pair.same().filter(|(before, _)| is_folder(before.kind())) {
            let removed = self.names_in(Side::Before, before, Some(after))?;
            let added = self.names_in(Side::After, after, Some(before))?;
            // An index moves entries from one block to another.
            let gone: HashSet<&Entry> = removed.iter().collect();
            let came: HashSet<&Entry> = added.iter().collect();
            found.removed.extend(removed.iter().filter(|entry| !came.contains(entry)).cloned());
            found.added.extend(added.iter().filter(|entry| !gone.contains(entry)).cloned());
            return Ok(());
        }
        if let Some(before) = pair.before.as_ref().filter(|inode| is_folder(inode.kind())) {
            found.removed.extend(self.names_in(Side::Before, before, None)?);
        }
        if let Some(after) = pair.after.as_ref().filter(|inode| is_folder(inode.kind())) {
            found.added.extend(self.names_in(Side::After, after, None)?);
        }
        Ok(())
    }

    /// The names in those blocks of a folder that are not the same as in the `other` state of it.
    fn names_in(&mut self, side: Side, folder: &Inode, other: Option<&Inode>) -> Result<Vec<Entry>> {
        let mut found = Vec::new();
        let blocks = self.side(side).directory_blocks(folder)?;
        for logical in 0..blocks {
            if let Some(other) = other
                && self.is_same_block(side, folder, other, logical)?
            {
                continue;
            }
            for_each_name(self.side(side), folder, logical, &mut |name, inode, _| {
                found.push(Entry { folder: folder.number, name: name.to_vec(), inode });
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// Whether a block of a folder is one and the same on both sides.
    fn is_same_block(&mut self, side: Side, folder: &Inode, other: &Inode, logical: u32) -> Result<bool> {
        if folder.has_flag(FLAG_INLINE_DATA) || other.has_flag(FLAG_INLINE_DATA) {
            return Ok(false);
        }
        let (here, there) = match side {
            Side::Before => (&mut *self.before, &mut *self.after),
            Side::After => (&mut *self.after, &mut *self.before),
        };
        if logical >= there.directory_blocks(other)? {
            return Ok(false);
        }
        let (a, b) = (here.map_block(folder, logical)?.start, there.map_block(other, logical)?.start);
        Ok(a == b && a.is_some_and(|block| !self.differ.overlaps(block, block + 1)))
    }
}

/// Hears of a name, its inode, and its type as the folder has it.
pub(super) type Visit<'v> = &'v mut dyn FnMut(&[u8], u32, u8) -> Result<()>;

/// Calls `visit` with every name in a block of `folder`.
pub(super) fn for_each_name(core: &mut Core, folder: &Inode, logical: u32, visit: Visit<'_>) -> Result<()> {
    core.check_directory(folder)?;
    core.for_each_entry(folder, logical, &mut |_, record| visit(record.name, record.inode, record.file_type))
}
