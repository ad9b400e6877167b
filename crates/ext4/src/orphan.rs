//! Orphans: inodes that a crash left half-deleted or half-truncated, in a list that starts in the
//! superblock and goes on through `i_dtime`. Opening for writing finishes what was begun.

use std::collections::HashSet;

use crate::extent_edit::END_OF_MAP;
use crate::state::Core;
use crate::{Error, Result, Timestamp};

impl Core {
    /// Deletes or truncates every orphan of the list.
    pub(crate) fn clear_orphans(&mut self) -> Result<()> {
        let mut next = self.superblock.s_last_orphan();
        let mut seen = HashSet::new();
        while next != 0 {
            if next < self.layout.first_inode || !seen.insert(next) {
                return Err(Error::corrupt(format!("inode {next} cannot be an orphan")));
            }
            next = self.operate(|core| core.clear_orphan(next))?;
            if self.is_transaction_full() {
                self.commit()?;
            }
        }
        self.commit()
    }

    /// Finishes one orphan; the next in the list.
    fn clear_orphan(&mut self, number: u32) -> Result<u32> {
        let next = self.raw_inode(number)?.i_dtime();
        self.finish_orphan(number)?;
        self.edit_superblock().set_s_last_orphan(next);
        Ok(next)
    }

    /// Deletes an inode without a name, or cuts off what lies behind the end of one with a name.
    pub(crate) fn finish_orphan(&mut self, number: u32) -> Result<()> {
        let mut inode = self.raw_inode(number)?;
        if inode.i_links_count() == 0 {
            self.free_content(&mut inode)?;
            self.free_inode(&mut inode, Timestamp::now())
        } else {
            let blocks = inode.size().div_ceil(self.layout.block_size as u64);
            self.remove_range(&mut inode, blocks, END_OF_MAP)?;
            inode.set_i_dtime(0);
            self.put_inode(&mut inode)
        }
    }
}
