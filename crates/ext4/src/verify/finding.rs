//! What a check found: where, what, how bad, and a sentence about it.

use std::fmt;

/// Findings that are kept with their sentences; more are only counted.
const KEPT: usize = 500;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Harmless: Linux and this engine put it right by themselves, and e2fsck does not mind it.
    Notice,
    /// Structures contradict each other; files can still be read. e2fsck would repair it.
    Damage,
    /// A file or folder cannot be read as a whole, or writing could destroy something.
    Grave,
}

/// Where something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The superblock.
    Superblock,
    /// The copy of superblock and group descriptors in a block group.
    Backup(u32),
    /// A block group: its descriptor, its bitmaps, its tables.
    Group(u32),
    /// An inode: a file, folder or link, its blocks, its attributes, its entries.
    Inode(u32),
    /// The journal.
    Journal,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superblock => f.write_str("superblock"),
            Self::Backup(group) => write!(f, "backup in group {group}"),
            Self::Group(group) => write!(f, "group {group}"),
            Self::Inode(inode) => write!(f, "inode {inode}"),
            Self::Journal => f.write_str("journal"),
        }
    }
}

/// What kind of thing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// A field that cannot have the value that it has.
    Field,
    /// A checksum does not fit what it covers.
    Checksum,
    /// A backup differs from what it is a copy of.
    Backup,
    /// A bitmap of blocks contradicts what files use.
    BlockBitmap,
    /// A bitmap of inodes contradicts which inodes are in use.
    InodeBitmap,
    /// A count is not what counting gives.
    Count,
    /// A file's map of blocks cannot be, or points outside the filesystem.
    BlockMap,
    /// A block has more than one owner.
    SharedBlock,
    /// Extended attributes cannot be.
    Attributes,
    /// A folder's structure, or an entry in it.
    Entry,
    /// A folder's hash index.
    Index,
    /// Something is in use and has no name, or a folder cannot be reached from the root.
    Unreachable,
    /// An inode counts its names wrongly.
    LinkCount,
    /// The list of half-deleted files.
    Orphan,
    /// The journal.
    Journal,
}

impl Problem {
    /// The kind as one word, for machines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Checksum => "checksum",
            Self::Backup => "backup",
            Self::BlockBitmap => "block_bitmap",
            Self::InodeBitmap => "inode_bitmap",
            Self::Count => "count",
            Self::BlockMap => "block_map",
            Self::SharedBlock => "shared_block",
            Self::Attributes => "attributes",
            Self::Entry => "entry",
            Self::Index => "index",
            Self::Unreachable => "unreachable",
            Self::LinkCount => "link_count",
            Self::Orphan => "orphan",
            Self::Journal => "journal",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: Problem,
    /// How bad.
    pub severity: Severity,
    /// One name of the inode, where it has one that can be found.
    pub path: Option<Vec<u8>>,
    /// A sentence without the final stop.
    pub message: String,
}

/// The result of a check.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// What is wrong, in the order in which it was found; at most 500 findings.
    pub findings: Vec<Finding>,
    /// How many findings there are, those that were not kept included.
    pub total: u64,
    /// Whether everything was looked at: a filesystem that cannot be opened is not searched further.
    pub complete: bool,
    /// Inodes in use.
    pub inodes: u64,
    /// Folders among them.
    pub directories: u64,
    /// Blocks in use.
    pub used_blocks: u64,
    worst: Option<Severity>,
}

impl Verdict {
    /// Whether nothing worse than a [`Severity::Notice`] was found, and everything was looked at.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.complete && self.worst.is_none_or(|worst| worst == Severity::Notice)
    }

    /// How bad the worst finding is.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.worst
    }

    pub(super) fn add(&mut self, place: Place, problem: Problem, severity: Severity, message: impl Into<String>) {
        self.total += 1;
        self.worst = self.worst.max(Some(severity));
        if self.findings.len() < KEPT {
            let message = message.into();
            self.findings.push(Finding { place, problem, severity, path: None, message });
        }
    }
}
