//! The words in which callers speak about files: times, kinds, attributes, metadata.

use std::time::{SystemTime, UNIX_EPOCH};

/// A point in time as ext4 stores it: from 1901 to 2446, to the nanosecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Seconds since 1970, negative before.
    pub seconds: i64,
    /// Nanoseconds within the second, below 1,000,000,000.
    pub nanoseconds: u32,
}

impl Timestamp {
    /// The system's clock, now.
    #[must_use]
    pub fn now() -> Self {
        SystemTime::now().into()
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let seconds = |d: std::time::Duration| i64::try_from(d.as_secs()).unwrap_or(i64::MAX);
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self { seconds: seconds(after), nanoseconds: after.subsec_nanos() },
            Err(before) => {
                let before = before.duration();
                match before.subsec_nanos() {
                    0 => Self { seconds: -seconds(before), nanoseconds: 0 },
                    n => Self { seconds: -seconds(before) - 1, nanoseconds: 1_000_000_000 - n },
                }
            }
        }
    }
}

/// What an inode is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A device that is read and written by the byte.
    CharacterDevice,
    /// A device that is read and written by the block.
    BlockDevice,
    /// A named pipe.
    Fifo,
    /// A socket's name.
    Socket,
}

impl FileKind {
    const MODES: [(u16, u8, Self); 7] = [
        (0x8000, 1, Self::File),
        (0x4000, 2, Self::Directory),
        (0x2000, 3, Self::CharacterDevice),
        (0x6000, 4, Self::BlockDevice),
        (0x1000, 5, Self::Fifo),
        (0xC000, 6, Self::Socket),
        (0xA000, 7, Self::Symlink),
    ];

    /// The kind in the upper bits of `i_mode`.
    pub(crate) fn from_mode(mode: u16) -> Option<Self> {
        Self::MODES.iter().find(|m| m.0 == mode & 0xF000).map(|m| m.2)
    }

    /// The upper bits of `i_mode`.
    pub(crate) fn mode(self) -> u16 {
        Self::MODES.iter().find(|m| m.2 == self).map_or(0, |m| m.0)
    }

    /// The `file_type` byte of a directory entry.
    pub(crate) fn entry_type(self) -> u8 {
        Self::MODES.iter().find(|m| m.2 == self).map_or(0, |m| m.1)
    }
}

/// What `stat` tells about a file, folder or link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// The inode's number.
    pub inode: u32,
    /// What it is.
    pub kind: FileKind,
    /// Length in bytes; of a link: of its target.
    pub size: u64,
    /// Permission bits with set-uid, set-gid and sticky: the lower twelve bits of the mode.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Number of names. A folder with more than 64,999 sub-folders says 1, as Linux does.
    pub links: u32,
    /// Last read, as far as the guest keeps it.
    pub atime: Timestamp,
    /// Last change of the content.
    pub mtime: Timestamp,
    /// Last change of the inode.
    pub ctime: Timestamp,
    /// When the inode was created (the epoch where the inode has no room for it).
    pub crtime: Timestamp,
    /// Space taken, in units of 512 bytes, the file's own metadata included.
    pub blocks: u64,
    /// Of a device: its major and its minor number.
    pub device: Option<(u32, u32)>,
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// The name: any bytes but NUL and `/`.
    pub name: Vec<u8>,
    /// The inode's number.
    pub inode: u32,
    /// What it is.
    pub kind: FileKind,
    /// What `stat` would tell.
    pub metadata: Metadata,
}

/// What a new file, folder or link starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// Permission bits (the lower twelve bits of the mode; the rest is ignored).
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Last read.
    pub atime: Timestamp,
    /// Last change of the content.
    pub mtime: Timestamp,
}

impl Attributes {
    /// Owned by root, with the permissions `mode`, read and changed at `time`.
    #[must_use]
    pub fn root(mode: u16, time: Timestamp) -> Self {
        Self { mode, uid: 0, gid: 0, atime: time, mtime: time }
    }
}

/// What [`set_attributes`](crate::Filesystem::set_attributes) changes; `None` keeps what is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttributeChanges {
    /// Permission bits.
    pub mode: Option<u16>,
    /// Owner.
    pub uid: Option<u32>,
    /// Group.
    pub gid: Option<u32>,
    /// Last read.
    pub atime: Option<Timestamp>,
    /// Last change of the content.
    pub mtime: Option<Timestamp>,
}

/// How full a filesystem is, as `df` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statfs {
    /// Bytes of a block, the unit of allocation.
    pub block_size: u32,
    /// Bytes that files can have: the device without the filesystem's own tables and journal.
    pub total_bytes: u64,
    /// Bytes that files and folders take.
    pub used_bytes: u64,
    /// Bytes that are free.
    pub free_bytes: u64,
    /// Number of inodes: of files, folders and links that can exist.
    pub inodes: u32,
    /// Number of inodes that are free.
    pub free_inodes: u32,
}
