//! Orphans: inodes that are half-deleted or half-truncated, so that a crash in between loses nothing.
//!
//! What is too much for one transaction is first put on a list, with its name gone or its new length in place;
//! then its blocks are freed from behind, a transaction after the other; at last it leaves the list. The list
//! starts in the superblock and goes on through `i_dtime`. A guest may keep its orphans in a file instead,
//! see `orphan_file.rs`. Opening for writing finishes what was begun.

use std::collections::HashSet;

use crate::extent_edit::END_OF_MAP;
use crate::inode::{FLAG_EXTENTS, Inode};
use crate::state::Core;
use crate::{Error, FileKind, Result, Timestamp};

impl Core {
    /// Whether freeing `blocks` blocks of `inode` may be more than a transaction can hold.
    pub(crate) fn is_long(&self, inode: &Inode, blocks: u64) -> bool {
        if inode.kind() != Some(FileKind::File) || !inode.has_flag(FLAG_EXTENTS) {
            return false;
        }
        let room = self.transaction_blocks() as u64;
        // Every block freed can change another bitmap, and there is one in each group.
        u64::from(self.layout.group_count) > room / 4 && blocks > room * 8
    }

    /// Puts `inode` on the list and stores it; [`finish_orphans`](Self::finish_orphans) does the rest.
    pub(crate) fn add_orphan(&mut self, inode: &mut Inode) -> Result<()> {
        // A tree that cannot be freed is found now, while the operation can still be taken back.
        self.walk_extents(inode, &mut |_, _| Ok(()))?;
        let superblock = self.edit_superblock();
        inode.set_i_dtime(superblock.s_last_orphan());
        superblock.set_s_last_orphan(inode.number);
        self.put_inode(inode)
    }

    /// Finishes what an operation has put on the list. When that fails, everything is taken back that is not
    /// committed; the rest of the list is finished later.
    pub(crate) fn finish_orphans(&mut self) -> Result<()> {
        if self.superblock.s_last_orphan() == 0 {
            return Ok(());
        }
        let finished = self.clear_orphan_list();
        if finished.is_err() {
            self.roll_back();
        }
        finished
    }

    /// Deletes or truncates every orphan of the list that was found when the filesystem was opened.
    pub(crate) fn clear_orphans(&mut self) -> Result<()> {
        self.clear_orphan_list()?;
        self.commit()
    }

    fn clear_orphan_list(&mut self) -> Result<()> {
        let mut seen = HashSet::new();
        loop {
            let number = self.superblock.s_last_orphan();
            if number == 0 {
                return Ok(());
            }
            if !seen.insert(number) {
                return Err(cannot_be(number));
            }
            let next = self.raw_orphan(number)?.i_dtime();
            self.free_from_behind(number)?;
            self.operate(|core| {
                core.finish_orphan(number)?;
                core.edit_superblock().set_s_last_orphan(next);
                Ok(())
            })?;
            self.commit_if_full()?;
        }
    }

    fn raw_orphan(&mut self, number: u32) -> Result<Inode> {
        match number < self.layout.first_inode {
            true => Err(cannot_be(number)),
            false => self.raw_inode(number),
        }
    }

    /// Frees most of a long file that is deleted or cut off, in as many transactions as it takes.
    pub(crate) fn free_from_behind(&mut self, number: u32) -> Result<()> {
        let inode = self.raw_orphan(number)?;
        if !self.is_long(&inode, inode.blocks(&self.layout)) {
            return Ok(());
        }
        let (keep, mut end) = (self.kept_blocks(&inode), END_OF_MAP);
        while end > keep {
            end = self.operate(|core| {
                let mut inode = core.raw_orphan(number)?;
                let rest = core.remove_from_behind(&mut inode, keep, end)?;
                core.put_inode(&mut inode)?;
                Ok(rest)
            })?;
            self.commit_if_full()?;
        }
        Ok(())
    }

    /// Blocks that an orphan keeps.
    fn kept_blocks(&self, inode: &Inode) -> u64 {
        match inode.i_links_count() {
            0 => 0,
            _ => inode.size().div_ceil(self.layout.block_size as u64),
        }
    }

    /// Deletes an inode without a name, or cuts off what lies behind the end of one with a name, as far as that
    /// was not [done before](Self::free_from_behind). The caller takes it off its list.
    pub(crate) fn finish_orphan(&mut self, number: u32) -> Result<()> {
        let mut inode = self.raw_orphan(number)?;
        if inode.i_links_count() == 0 {
            self.free_content(&mut inode)?;
            return self.free_inode(&mut inode, Timestamp::now());
        }
        let keep = self.kept_blocks(&inode);
        self.remove_range(&mut inode, keep, END_OF_MAP)?;
        inode.set_i_dtime(0);
        self.put_inode(&mut inode)
    }

    /// Commits what would grow too large otherwise.
    pub(crate) fn commit_if_full(&mut self) -> Result<()> {
        if self.is_transaction_full() { self.commit() } else { Ok(()) }
    }
}

fn cannot_be(number: u32) -> Error {
    Error::corrupt(format!("inode {number} cannot be an orphan"))
}
