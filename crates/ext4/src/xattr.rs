//! Blocks of extended attributes, as far as deleting a file concerns them: several files may share one.

use crate::block_kind::BlockKind;
use crate::bytes::{le, put_le};
use crate::inode::Inode;
use crate::state::Core;
use crate::{Error, Result};

/// `h_magic`.
const MAGIC: u32 = 0xEA02_0000;
/// Where the number of files stands that share the block.
const REFCOUNT: usize = 4;

impl Core {
    /// Gives up the share of `inode` in its block of attributes, if it has one.
    pub(crate) fn free_attributes(&mut self, inode: &Inode) -> Result<()> {
        let block = inode.file_acl();
        if block == 0 {
            return Ok(());
        }
        self.check_own(block, inode)?;
        let seed = self.layout.checksum_seed;
        let kind = seed.map_or(BlockKind::Plain, |seed| BlockKind::Attributes { seed, at: block });
        let data = self.load(block, kind)?;
        let shares: u32 = le(&data, REFCOUNT);
        if le::<u32>(&data, 0) != MAGIC || shares == 0 {
            let what = format!("the attributes of inode {} cannot be", inode.number);
            return Err(Error::corrupt(what));
        }
        if shares == 1 {
            return self.free_metadata(block);
        }
        put_le(self.edit(block, kind)?, REFCOUNT, shares - 1);
        Ok(())
    }
}
