//! Taking and giving back inodes: bitmaps, counts, and the border of what was ever used of a table.

use crate::block_kind::BlockKind;
use crate::group_descriptor::INODE_UNINIT;
use crate::inode::Inode;
use crate::state::Core;
use crate::{Error, Result, Timestamp, bitmap};

impl Core {
    /// Takes a free inode, near the inode `parent`, as part of the running operation; its number.
    ///
    /// The inode's place in the table holds anything; the caller stores a whole new inode there.
    pub(crate) fn allocate_inode(&mut self, parent: u32, directory: bool) -> Result<u32> {
        let near = self.layout.inode_position(parent).map_or(0, |position| position.0);
        let count = self.layout.group_count;
        for group in (near..count).chain(0..near) {
            if self.group(group)?.free_inodes_count > 0 {
                return self.allocate_inode_in(group, directory);
            }
        }
        Err(Error::no_space("all inodes are in use"))
    }

    fn allocate_inode_in(&mut self, group: u32, directory: bool) -> Result<u32> {
        // The kernel expects a block bitmap wherever there is an inode bitmap.
        self.start_block_bitmap(group)?;
        self.start_inode_bitmap(group)?;
        let per_group = self.layout.inodes_per_group;
        let first = if group == 0 { self.layout.first_inode - 1 } else { 0 };
        let (block, kind) = (self.group(group)?.inode_bitmap, self.inode_bitmap_kind(group)?);
        let bits = self.edit(block, kind)?;
        let bit = bitmap::first_clear(bits, first, per_group).ok_or_else(miscounted)?;
        bitmap::fill(bits, bit, bit + 1, true);
        let number = group * per_group + bit + 1;
        self.start_table_block(number)?;
        let descriptor = self.edit_group(group)?;
        descriptor.flags &= !INODE_UNINIT;
        descriptor.free_inodes_count -= 1;
        descriptor.used_dirs_count += u32::from(directory);
        descriptor.itable_unused = descriptor.itable_unused.min(per_group - bit - 1);
        let superblock = self.edit_superblock();
        let left = superblock.s_free_inodes_count().checked_sub(1).ok_or_else(miscounted)?;
        superblock.set_s_free_inodes_count(left);
        Ok(number)
    }

    /// Gives an inode back, as part of the running operation. Its blocks are the caller's business.
    pub(crate) fn free_inode(&mut self, inode: &mut Inode, now: Timestamp) -> Result<()> {
        let position = self.layout.inode_position(inode.number).ok_or_else(miscounted)?;
        let directory = inode.is_directory();
        inode.set_i_links_count(0);
        inode.set_size(0);
        inode.set_i_dtime(u32::try_from(now.seconds).unwrap_or(1).max(1));
        self.put_inode(inode)?;
        let (group, bit) = position;
        let (block, kind) = (self.group(group)?.inode_bitmap, self.inode_bitmap_kind(group)?);
        let bits = self.edit(block, kind)?;
        if !bitmap::all(bits, bit, bit + 1, true) {
            return Err(miscounted());
        }
        bitmap::fill(bits, bit, bit + 1, false);
        let descriptor = self.edit_group(group)?;
        descriptor.free_inodes_count += 1;
        let directories = descriptor.used_dirs_count.checked_sub(u32::from(directory));
        descriptor.used_dirs_count = directories.ok_or_else(miscounted)?;
        let superblock = self.edit_superblock();
        let left = superblock.s_free_inodes_count().checked_add(1).ok_or_else(miscounted)?;
        superblock.set_s_free_inodes_count(left);
        Ok(())
    }

    /// Writes the first inode bitmap of a group that never had one.
    fn start_inode_bitmap(&mut self, group: u32) -> Result<()> {
        let descriptor = *self.group(group)?;
        if !descriptor.has(INODE_UNINIT, &self.layout) {
            return Ok(());
        }
        if descriptor.free_inodes_count != self.layout.inodes_per_group {
            return Err(miscounted());
        }
        let per_group = self.layout.inodes_per_group;
        let end = u32::try_from(8 * self.layout.block_size).unwrap_or(u32::MAX);
        let bits = self.fresh(descriptor.inode_bitmap, BlockKind::Plain)?;
        bitmap::fill(bits, per_group, end, true);
        Ok(())
    }

    pub(crate) fn inode_bitmap_kind(&self, group: u32) -> Result<BlockKind> {
        let len = usize::try_from(self.layout.inodes_per_group / 8).unwrap_or(0);
        self.bitmap_kind(len, self.group(group)?.inode_bitmap_csum)
    }
}

fn miscounted() -> Error {
    Error::corrupt("the counts of free inodes contradict the bitmaps")
}
