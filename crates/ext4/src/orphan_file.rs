//! The orphan file: since `orphan_file` the inodes that are to be deleted or truncated stand in the blocks
//! of a file of their own, any number of them side by side, instead of in a list.
//!
//! Each block is filled with inode numbers, 0 where there is none; its end is a magic number and a checksum.
//! A mark in the superblock, `orphan_present`, says that there may be any.

use crate::block_kind::BlockKind;
use crate::bytes::{le, put_le};
use crate::checksum::crc32c;
use crate::features::{COMPAT_ORPHAN_FILE, RO_ORPHAN_PRESENT};
use crate::inode::Inode;
use crate::state::Core;
use crate::{Error, Result};

/// `ob_magic`, eight bytes before the end of a block; the checksum follows.
const MAGIC: u32 = 0x0B10_CA04;
const TAIL: usize = 8;
/// Bytes of an inode number.
const NUMBER: usize = 4;

impl Core {
    /// Deletes or truncates every inode that the orphan file names, and empties it.
    pub(crate) fn clear_orphan_file(&mut self) -> Result<()> {
        let features = self.layout.features;
        if !features.has_compat(COMPAT_ORPHAN_FILE) || !features.has_ro_compat(RO_ORPHAN_PRESENT) {
            return Ok(());
        }
        let file = self.raw_inode(self.superblock.s_orphan_file_inum())?;
        let size = self.layout.block_size as u64;
        for logical in 0..file.size() / size {
            let logical = u32::try_from(logical).map_err(|_| damaged())?;
            self.clear_orphan_block(&file, logical)?;
        }
        self.operate(|core| {
            core.edit_superblock().set_orphan_present(false);
            Ok(())
        })?;
        self.commit()?;
        self.layout.features = self.superblock.features();
        Ok(())
    }

    fn clear_orphan_block(&mut self, file: &Inode, logical: u32) -> Result<()> {
        let place = self.map_block(file, logical)?.start.ok_or_else(damaged)?;
        let kind = match self.layout.checksum_seed {
            Some(seed) => BlockKind::Orphans {
                seed: crate::checksum::inode_seed(seed, file.number, file.i_generation()),
                at: place,
            },
            None => BlockKind::Plain,
        };
        let block = self.load(place, kind)?;
        let end = block.len() - TAIL;
        if le::<u32>(&block, end) != MAGIC {
            return Err(damaged());
        }
        for (slot, raw) in block.get(..end).unwrap_or_default().chunks_exact(NUMBER).enumerate() {
            let number: u32 = le(raw, 0);
            if number == 0 {
                continue;
            }
            if number < self.layout.first_inode || number == file.number {
                return Err(Error::corrupt(format!("inode {number} cannot be an orphan")));
            }
            self.free_from_behind(number)?;
            self.operate(|core| {
                core.finish_orphan(number)?;
                put_le(core.edit(place, kind)?, slot * NUMBER, 0u32);
                Ok(())
            })?;
            self.commit_if_full()?;
        }
        Ok(())
    }
}

/// The checksum of a block of the orphan file, which lies at block `at`.
pub(crate) fn checksum(block: &[u8], seed: u32, at: u64) -> Option<(usize, u32)> {
    let end = block.len().checked_sub(TAIL)?;
    Some((end + 4, crc32c(crc32c(seed, &at.to_le_bytes()), block.get(..end)?)))
}

fn damaged() -> Error {
    Error::corrupt("the orphan file cannot be")
}
