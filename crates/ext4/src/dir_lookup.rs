//! Finding names in a folder and reading folders from front to back.

use crate::block_kind::BlockKind;
use crate::cache::Block;
use crate::dir_entry::{self, Record};
use crate::features;
use crate::inline_data;
use crate::inode::{FLAG_CASEFOLD, FLAG_ENCRYPT, FLAG_INDEX, FLAG_INLINE_DATA, Inode};
use crate::state::Core;
use crate::{Error, Result};

/// Blocks of a folder that are read at once when it is read from front to back, in bytes.
const READ_AHEAD: u64 = 128 << 10;

/// Where a name stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) inode: u32,
    pub(crate) file_type: u8,
    /// The block of the device, and the record's offset in it.
    pub(crate) block: u64,
    pub(crate) offset: usize,
    /// The record in front of it in the block.
    pub(crate) before: Option<usize>,
}

impl Core {
    /// The entry called `name` in the folder `dir`.
    pub(crate) fn lookup(&mut self, dir: &Inode, name: &[u8]) -> Result<Option<Found>> {
        self.check_directory(dir)?;
        match self.is_indexed(dir) && name != b".." && name != b"." {
            true => self.lookup_indexed(dir, name),
            false => self.lookup_linear(dir, name),
        }
    }

    /// Whether `dir` has a hash index that counts.
    pub(crate) fn is_indexed(&self, dir: &Inode) -> bool {
        dir.has_flag(FLAG_INDEX)
            && !dir.has_flag(FLAG_INLINE_DATA)
            && self.layout.features.has_compat(features::COMPAT_DIR_INDEX)
    }

    fn lookup_indexed(&mut self, dir: &Inode, name: &[u8]) -> Result<Option<Found>> {
        let (mut path, hash) = self.index_path(dir, name)?;
        loop {
            let Some(node) = path.last() else { return Ok(None) };
            let leaf = node.child(node.position);
            if leaf == 0 {
                return Err(Error::corrupt("a folder's index points at its own root"));
            }
            if let Some(found) = self.find_in(dir, leaf, name)? {
                return Ok(Some(found));
            }
            if !self.next_leaf(dir, &mut path, hash)? {
                return Ok(None);
            }
        }
    }

    fn lookup_linear(&mut self, dir: &Inode, name: &[u8]) -> Result<Option<Found>> {
        if dir.has_flag(FLAG_INLINE_DATA) {
            return lookup_inside(dir, name);
        }
        for logical in 0..self.directory_blocks(dir)? {
            if let Some(found) = self.find_in(dir, logical, name)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn find_in(&mut self, dir: &Inode, logical: u32, name: &[u8]) -> Result<Option<Found>> {
        let (physical, block) = self.directory_block(dir, logical)?;
        let found = dir_entry::find(&block, name).map_err(|e| in_folder(e, dir))?;
        Ok(found.map(|(record, before)| Found {
            inode: record.inode,
            file_type: record.file_type,
            block: physical,
            offset: record.offset,
            before,
        }))
    }

    /// Number of blocks of the folder `dir`; one that has its entries inside counts as one.
    pub(crate) fn directory_blocks(&self, dir: &Inode) -> Result<u32> {
        if dir.has_flag(FLAG_INLINE_DATA) {
            return Ok(1);
        }
        let size = self.layout.block_size as u64;
        let blocks = u32::try_from(dir.size() / size).ok().filter(|blocks| *blocks > 0);
        match (blocks, dir.size().is_multiple_of(size)) {
            (Some(blocks), true) if u64::from(blocks) > self.layout.blocks_count => {
                Err(Error::corrupt(format!("the folder {} has more blocks than the filesystem", dir.number)))
            }
            (Some(blocks), true) => Ok(blocks),
            _ => Err(Error::corrupt(format!("the size of the folder {} cannot be", dir.number))),
        }
    }

    /// Block `logical` of the folder `dir`: where it lies, and its bytes.
    pub(crate) fn directory_block(&mut self, dir: &Inode, logical: u32) -> Result<(u64, Block)> {
        let physical = self
            .map_block(dir, logical)?
            .start
            .ok_or_else(|| Error::corrupt(format!("block {logical} of the folder {} is missing", dir.number)))?;
        let block = self.load(physical, self.directory_kind(dir))?;
        Ok((physical, block))
    }

    /// Calls `visit` with every entry in block `logical` of `dir` but `.` and `..`.
    pub(crate) fn for_each_entry(
        &mut self,
        dir: &Inode,
        logical: u32,
        visit: &mut dyn FnMut(&mut Self, &Record<'_>) -> Result<()>,
    ) -> Result<()> {
        if dir.has_flag(FLAG_INLINE_DATA) {
            return inline_data::for_each_record(dir, &mut |record| match is_entry(record, dir)? {
                true => visit(self, record),
                false => Ok(()),
            })
            .map_err(|e| in_folder(e, dir));
        }
        self.read_directory_ahead(dir, logical)?;
        let (_, block) = self.directory_block(dir, logical)?;
        for record in dir_entry::records(&block) {
            let record = record.map_err(|e| in_folder(e, dir))?;
            if is_entry(&record, dir)? {
                visit(self, &record)?;
            }
        }
        Ok(())
    }

    /// Reads the blocks that lie together from block `logical` of `dir` on, when it is time to.
    fn read_directory_ahead(&mut self, dir: &Inode, logical: u32) -> Result<()> {
        let run = (READ_AHEAD / self.layout.block_size as u64).max(1);
        if !u64::from(logical).is_multiple_of(run) {
            return Ok(());
        }
        let mapping = self.map_block(dir, logical)?;
        let left = u64::from(self.directory_blocks(dir)?.saturating_sub(logical));
        match mapping.start {
            Some(start) => self.read_ahead(start, mapping.len.min(run).min(left).max(1)),
            None => Ok(()),
        }
    }

    /// Refuses what the engine cannot read as a folder.
    pub(crate) fn check_directory(&self, dir: &Inode) -> Result<()> {
        if !dir.is_directory() {
            return Err(crate::path::not_a_directory());
        }
        if dir.has_flag(FLAG_ENCRYPT) {
            return Err(Error::unsupported("an encrypted folder (encrypt)"));
        }
        if dir.has_flag(FLAG_CASEFOLD) {
            return Err(Error::unsupported("a folder without regard to case (casefold)"));
        }
        Ok(())
    }

    /// Whether blocks of folders carry checksums.
    pub(crate) fn has_directory_checksums(&self, dir: &Inode) -> bool {
        self.directory_kind(dir) != BlockKind::Plain
    }
}

/// Whether a record names something but `.` and `..`; refuses a name that cannot be.
fn is_entry(record: &Record<'_>, dir: &Inode) -> Result<bool> {
    if record.inode == 0 || record.name == b"." || record.name == b".." {
        return Ok(false);
    }
    match dir_entry::is_name(record.name) {
        true => Ok(true),
        false => Err(Error::corrupt(format!("the folder {} has an entry whose name cannot be", dir.number))),
    }
}

/// The entry called `name` in a folder that has its entries inside. It has no place in a block.
fn lookup_inside(dir: &Inode, name: &[u8]) -> Result<Option<Found>> {
    let mut found = None;
    let walked = inline_data::for_each_record(dir, &mut |record| {
        if record.inode != 0 && record.name == name {
            let (inode, file_type) = (record.inode, record.file_type);
            found = Some(Found { inode, file_type, block: 0, offset: 0, before: None });
        }
        Ok(())
    });
    walked.map(|()| found).map_err(|e| in_folder(e, dir))
}

/// Says which folder is damaged.
fn in_folder(error: Error, dir: &Inode) -> Error {
    match error.kind() {
        crate::ErrorKind::Corrupt => Error::corrupt(format!("an entry of the folder {} cannot be", dir.number)),
        _ => error,
    }
}
