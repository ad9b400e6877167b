//! Listing a folder with what `stat` tells of every entry, in time and memory that fit a million of them.
//!
//! An indexed folder names its files in the order of their hashes, so their inodes lie scattered over the
//! tables. Names are therefore gathered first, many at a time and close together in memory, and their inodes
//! read in rising order.

use crate::inode_table::Window;
use crate::state::Core;
use crate::{DirEntry, Error, Result};

/// Names that are gathered before their inodes are read.
const GATHER: usize = 1 << 18;
/// Entries that one step delivers.
const STEP: usize = 4096;
/// From this many names on the inode tables are read past the cache.
const MANY: usize = 4096;

/// A name that was gathered.
struct Named {
    inode: u32,
    start: u32,
    len: u8,
}

/// The listing of one folder, step by step.
pub(crate) struct Listing {
    dir: u32,
    next_block: u32,
    bytes: Vec<u8>,
    /// The names by rising inodes.
    named: Vec<Named>,
    /// How many of them were delivered.
    delivered: usize,
    /// [`Core::operations`] when the names were gathered.
    operations: u64,
    /// Whether other folders follow, so that even a small one takes its inodes from the window.
    goes_on: bool,
}

impl Listing {
    /// The listing of the folder `dir` alone.
    pub(crate) fn new(dir: u32) -> Self {
        Self { dir, next_block: 0, bytes: Vec::new(), named: Vec::new(), delivered: 0, operations: 0, goes_on: false }
    }

    /// The listing of the folder `dir` as one of many.
    pub(crate) fn one_of_many(dir: u32) -> Self {
        Self { goes_on: true, ..Self::new(dir) }
    }

    /// Blocks of the folder that were read so far.
    pub(crate) fn blocks_read(&self) -> u64 {
        u64::from(self.next_block)
    }

    /// Adds the next entries to `entries`; false when there are no more, or the folder was deleted. The inode
    /// tables of large folders, and of many, go by in `window`.
    pub(crate) fn next(&mut self, core: &mut Core, window: &mut Window, entries: &mut Vec<DirEntry>) -> Result<bool> {
        if self.delivered == self.named.len() && !self.gather(core)? {
            return Ok(false);
        }
        // What was gathered before somebody changed something is looked up again.
        let changed = self.operations != core.operations;
        let end = self.named.len().min(self.delivered + STEP);
        for named in self.named.get(self.delivered..end).unwrap_or_default() {
            let start = usize::try_from(named.start).unwrap_or(0);
            let name = self.bytes.get(start..start + usize::from(named.len)).unwrap_or_default();
            if changed && !core.still_names(self.dir, name, named.inode)? {
                continue;
            }
            let inode = match self.goes_on || self.named.len() >= MANY {
                true => core.inode_in_order(named.inode, window)?,
                false => core.inode(named.inode)?,
            };
            let metadata = core.metadata(&inode)?;
            let (inode, kind) = (named.inode, metadata.kind);
            entries.push(DirEntry { name: name.to_vec(), inode, kind, metadata });
        }
        self.delivered = end;
        Ok(true)
    }

    /// Gathers the next names; false when there are none.
    fn gather(&mut self, core: &mut Core) -> Result<bool> {
        self.bytes.clear();
        self.named.clear();
        self.delivered = 0;
        self.operations = core.operations;
        let dir = core.raw_inode(self.dir)?;
        if dir.i_links_count() == 0 || !dir.is_directory() {
            return Ok(false);
        }
        core.check_directory(&dir)?;
        let blocks = core.directory_blocks(&dir)?;
        let (bytes, named) = (&mut self.bytes, &mut self.named);
        while self.next_block < blocks && named.len() < GATHER {
            core.for_each_entry(&dir, self.next_block, &mut |_, record| {
                let start = u32::try_from(bytes.len()).map_err(|_| too_many())?;
                let len = u8::try_from(record.name.len()).map_err(|_| too_many())?;
                bytes.extend_from_slice(record.name);
                named.push(Named { inode: record.inode, start, len });
                Ok(())
            })?;
            self.next_block += 1;
        }
        self.named.sort_unstable_by_key(|named| named.inode);
        Ok(!self.named.is_empty() || self.next_block < blocks)
    }
}

impl Core {
    /// Whether the folder `dir` still has this entry.
    fn still_names(&mut self, dir: u32, name: &[u8], inode: u32) -> Result<bool> {
        let dir = self.raw_inode(dir)?;
        if dir.i_links_count() == 0 || !dir.is_directory() {
            return Ok(false);
        }
        Ok(self.lookup(&dir, name)?.is_some_and(|found| found.inode == inode))
    }
}

fn too_many() -> Error {
    Error::corrupt("a folder's names do not fit into memory")
}
