//! What differs between two filesystems that stand on the same layers: added, removed, changed, renamed.
//!
//! Not the trees are compared but what lies in blocks that may differ, which the caller knows from below:
//!
//! 1. `inodes`: the blocks of inode tables among them tell which inodes changed. Blocks of content that none of these
//!    explains are looked at; where they really differ, all inodes are asked whose they are. So nothing is
//!    missed that left its inode as it was (a late write after a checkpoint without a freeze).
//! 2. `entries`: folders among these inodes tell, by the blocks of theirs that differ, which names came and went.
//! 3. `content`: whether a file itself differs: its bytes, where both do not have the same blocks, and its attributes.
//! 4. `names`: files that changed and kept their names are found by reading the names of folders, no inodes.
//! 5. `pairs`: what went and came under one inode was renamed; what went and came at one path was replaced.
//!
//! Memory goes with what changed, not with what is there.

mod blocks;
mod content;
mod entries;
mod inodes;
mod names;
mod pairs;

use std::collections::BTreeMap;

use self::blocks::Blocks;
use self::inodes::Pair;
use crate::filesystem::Filesystem;
use crate::state::Core;
use crate::{Error, ErrorKind, FileKind, Metadata, Result};

/// What became of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DifferenceKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is there in both, and what it names differs.
    Changed,
    /// The same file or folder has another name, or is in another folder. What is in a renamed folder is not told
    /// of, unless it differs itself.
    Renamed,
}

/// One name, before or after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its path from the root of the volume.
    pub path: Vec<u8>,
    /// What `stat` told.
    pub metadata: Metadata,
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What became of it.
    pub kind: DifferenceKind,
    /// As it was; `None` when it was added.
    pub before: Option<Version>,
    /// As it is; `None` when it was removed.
    pub after: Option<Version>,
    /// Whether the bytes of a file differ, or the target of a link, or the number of a device.
    pub content: bool,
    /// Whether permissions, owner, time of change (not of folders), or extended attributes differ.
    pub metadata: bool,
}

impl Difference {
    /// The path as it is, or as it was when it is no more.
    #[must_use]
    pub fn path(&self) -> &[u8] {
        self.after.as_ref().or(self.before.as_ref()).map_or(&[], |version| &version.path)
    }
}

/// Compares two filesystems, opened for reading and different objects, by the ranges of bytes (first, behind the
/// last; in rising order) in which their devices may differ. What differs comes in the order of the paths.
///
/// Times of reading and of inode changes do not count, nor does a new inode whose file is like the old one.
///
/// # Errors
/// [`ErrorKind::Invalid`] when one did not become the other (another UUID or geometry); [`ErrorKind::Corrupt`];
/// [`ErrorKind::Device`]; what `go_on` answers, which is asked now and then.
pub fn compare(
    before: &Filesystem,
    after: &Filesystem,
    differ: &[(u64, u64)],
    go_on: &dyn Fn() -> Result<()>,
) -> Result<Vec<Difference>> {
    let (mut before, mut after) = (before.lock()?, after.lock()?);
    let comparison = Comparison::new(&mut before, &mut after, differ, go_on)?;
    let mut differences = comparison.run()?;
    differences.sort_by(|a, b| (a.path(), a.kind).cmp(&(b.path(), b.kind)));
    Ok(differences)
}

/// A comparison at work.
struct Comparison<'a> {
    before: &'a mut Core,
    after: &'a mut Core,
    /// The blocks that may differ.
    differ: Blocks,
    /// The inodes that may differ, by their numbers.
    inodes: BTreeMap<u32, Pair>,
    go_on: &'a dyn Fn() -> Result<()>,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Side {
    Before,
    After,
}

impl<'a> Comparison<'a> {
    fn new(
        before: &'a mut Core,
        after: &'a mut Core,
        differ: &[(u64, u64)],
        go_on: &'a dyn Fn() -> Result<()>,
    ) -> Result<Self> {
        let (a, b) = (&before.layout, &after.layout);
        let tables = before.groups.iter().zip(&after.groups).all(|(a, b)| a.inode_table == b.inode_table);
        let same = before.superblock.uuid() == after.superblock.uuid()
            && (a.block_size, a.inode_size, a.inodes_per_group, a.blocks_per_group)
                == (b.block_size, b.inode_size, b.inodes_per_group, b.blocks_per_group);
        if !same || !tables {
            let why = "the two filesystems are not states of one and the same";
            return Err(Error::new(ErrorKind::Invalid, why));
        }
        let size = a.block_size as u64;
        let replayed = before.replayed.iter().chain(&after.replayed).map(|block| (*block, block + 1));
        let differ = Blocks::new(differ.iter().map(|range| (range.0 / size, range.1.div_ceil(size))).chain(replayed));
        Ok(Self { before, after, differ, inodes: BTreeMap::new(), go_on })
    }

    fn run(mut self) -> Result<Vec<Difference>> {
        if self.differ.is_empty() {
            return Ok(Vec::new());
        }
        self.find_inodes()?;
        self.find_owners()?;
        let entries = self.find_entries()?;
        let flags = self.find_flags()?;
        let names = self.find_names(&flags, &entries)?;
        self.pair_up(entries, &flags, names)
    }

    fn side(&mut self, side: Side) -> &mut Core {
        match side {
            Side::Before => self.before,
            Side::After => self.after,
        }
    }
}

/// Whether a file of this kind is a folder.
fn is_folder(kind: Option<FileKind>) -> bool {
    kind == Some(FileKind::Directory)
}
