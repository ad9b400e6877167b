//! The feature flags of a superblock: which ones the engine reads, which ones it writes, and their names.
//!
//! A flag that is not listed here is refused by its number: an unknown incompatible feature for any use,
//! an unknown read-only compatible feature for writing.

use crate::{Error, ErrorKind, Mode, Result};

/// `s_feature_compat`: a journal in an inode.
pub(crate) const COMPAT_HAS_JOURNAL: u32 = 0x4;
/// Extended attributes.
pub(crate) const COMPAT_EXT_ATTR: u32 = 0x8;
/// Blocks are reserved behind the group descriptors, so that the filesystem can grow.
pub(crate) const COMPAT_RESIZE_INODE: u32 = 0x10;
/// Folders are indexed by hashes.
pub(crate) const COMPAT_DIR_INDEX: u32 = 0x20;
/// Two backup superblocks instead of many.
pub(crate) const COMPAT_SPARSE_SUPER2: u32 = 0x200;
/// Inodes that are to be deleted stand in a file.
pub(crate) const COMPAT_ORPHAN_FILE: u32 = 0x1000;

/// `s_feature_incompat`: directory entries have a type.
pub(crate) const INCOMPAT_FILETYPE: u32 = 0x2;
/// The journal has to be replayed.
pub(crate) const INCOMPAT_RECOVER: u32 = 0x4;
/// Group descriptors lie in the groups that they describe.
pub(crate) const INCOMPAT_META_BG: u32 = 0x10;
/// Files are mapped by extents.
pub(crate) const INCOMPAT_EXTENTS: u32 = 0x40;
/// Block numbers have 64 bits.
pub(crate) const INCOMPAT_64BIT: u32 = 0x80;
/// Bitmaps and inode tables of several groups lie together.
pub(crate) const INCOMPAT_FLEX_BG: u32 = 0x200;
/// Whoever mounts the filesystem tells so in a block of it, again and again.
pub(crate) const INCOMPAT_MMP: u32 = 0x100;
/// Values of extended attributes may be inodes.
pub(crate) const INCOMPAT_EA_INODE: u32 = 0x400;
/// The checksum seed stands in the superblock.
pub(crate) const INCOMPAT_CSUM_SEED: u32 = 0x2000;
/// Directory indexes may have three levels.
pub(crate) const INCOMPAT_LARGEDIR: u32 = 0x4000;
/// Short content may stand in the inode.
pub(crate) const INCOMPAT_INLINE_DATA: u32 = 0x8000;
/// Folders may be encrypted.
const INCOMPAT_ENCRYPT: u32 = 0x1_0000;
/// Folders may ignore case.
const INCOMPAT_CASEFOLD: u32 = 0x2_0000;

/// `s_feature_ro_compat`: backup superblocks only in some groups.
pub(crate) const RO_SPARSE_SUPER: u32 = 0x1;
/// Files beyond 2 GiB.
pub(crate) const RO_LARGE_FILE: u32 = 0x2;
/// `i_blocks` has 48 bits and may count in filesystem blocks.
pub(crate) const RO_HUGE_FILE: u32 = 0x8;
/// Group descriptors carry a CRC-16 (before `metadata_csum`).
pub(crate) const RO_GDT_CSUM: u32 = 0x10;
/// A folder may have more than 64,999 sub-folders.
pub(crate) const RO_DIR_NLINK: u32 = 0x20;
/// Inodes have room for nanoseconds and a checksum.
pub(crate) const RO_EXTRA_ISIZE: u32 = 0x40;
/// Users' and groups' quotas are kept in files of the filesystem's own.
pub(crate) const RO_QUOTA: u32 = 0x100;
/// Blocks are allocated in clusters.
pub(crate) const RO_BIGALLOC: u32 = 0x200;
/// All metadata carries a CRC-32C.
pub(crate) const RO_METADATA_CSUM: u32 = 0x400;
/// Nobody may write to it.
const RO_READONLY: u32 = 0x1000;
/// Quotas of projects are kept as well.
pub(crate) const RO_PROJECT: u32 = 0x2000;
/// Files may share blocks.
const RO_SHARED_BLOCKS: u32 = 0x4000;
/// Files may be sealed by a hash tree behind their end, and cannot be changed then.
const RO_VERITY: u32 = 0x8000;
/// The orphan file has entries.
pub(crate) const RO_ORPHAN_PRESENT: u32 = 0x1_0000;

const INCOMPAT_READ: u32 = INCOMPAT_FILETYPE
    | INCOMPAT_RECOVER
    | INCOMPAT_EXTENTS
    | INCOMPAT_64BIT
    | INCOMPAT_FLEX_BG
    | INCOMPAT_CSUM_SEED
    | INCOMPAT_LARGEDIR
    | INCOMPAT_META_BG
    | INCOMPAT_MMP
    | INCOMPAT_EA_INODE
    | INCOMPAT_INLINE_DATA
    | INCOMPAT_ENCRYPT
    | INCOMPAT_CASEFOLD;

/// What is read only: `mmp` would have to be kept up while the filesystem is open, `ea_inode` shares values
/// between files, and folders with `inline_data` change their nature as they grow.
const INCOMPAT_ONLY_READ: u32 = INCOMPAT_MMP | INCOMPAT_EA_INODE | INCOMPAT_INLINE_DATA;

const RO_WRITE: u32 = RO_SPARSE_SUPER
    | RO_LARGE_FILE
    | RO_HUGE_FILE
    | RO_GDT_CSUM
    | RO_DIR_NLINK
    | RO_EXTRA_ISIZE
    | RO_METADATA_CSUM
    | RO_VERITY
    | RO_ORPHAN_PRESENT;

const INCOMPAT_NAMES: [(u32, &str); 16] = [
    (0x1, "compression"),
    (0x2, "filetype"),
    (0x4, "needs_recovery"),
    (0x8, "journal_dev"),
    (0x10, "meta_bg"),
    (0x40, "extents"),
    (0x80, "64bit"),
    (0x100, "mmp"),
    (0x200, "flex_bg"),
    (0x400, "ea_inode"),
    (0x1000, "dirdata"),
    (0x2000, "metadata_csum_seed"),
    (0x4000, "large_dir"),
    (0x8000, "inline_data"),
    (0x10000, "encrypt"),
    (0x20000, "casefold"),
];

const RO_NAMES: [(u32, &str); 17] = [
    (0x1, "sparse_super"),
    (0x2, "large_file"),
    (0x4, "btree_dir"),
    (0x8, "huge_file"),
    (0x10, "uninit_bg (gdt_csum)"),
    (0x20, "dir_nlink"),
    (0x40, "extra_isize"),
    (0x80, "snapshot"),
    (0x100, "quota"),
    (0x200, "bigalloc"),
    (0x400, "metadata_csum"),
    (0x800, "replica"),
    (0x1000, "read-only"),
    (0x2000, "project"),
    (0x4000, "shared_blocks"),
    (0x8000, "verity"),
    (0x1_0000, "orphan_present"),
];

/// The three sets of flags of one filesystem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Features {
    pub(crate) compat: u32,
    pub(crate) incompat: u32,
    pub(crate) ro_compat: u32,
}

impl Features {
    pub(crate) fn has_compat(self, flag: u32) -> bool {
        self.compat & flag != 0
    }

    pub(crate) fn has_incompat(self, flag: u32) -> bool {
        self.incompat & flag != 0
    }

    pub(crate) fn has_ro_compat(self, flag: u32) -> bool {
        self.ro_compat & flag != 0
    }

    /// Refuses a filesystem that the engine cannot serve in `mode`, naming the features that are in the way.
    pub(crate) fn check(self, mode: Mode) -> Result<()> {
        let unknown = names(self.incompat & !INCOMPAT_READ, &INCOMPAT_NAMES, "incompatible feature");
        if let Some(names) = unknown {
            return Err(Error::unsupported(format!("the feature {names}")));
        }
        if mode == Mode::ReadOnly {
            return Ok(());
        }
        let incompat = names(self.incompat & INCOMPAT_ONLY_READ, &INCOMPAT_NAMES, "");
        let ro_compat = names(self.ro_compat & !RO_WRITE, &RO_NAMES, "read-only compatible feature");
        if let Some(names) = incompat.or(ro_compat) {
            return Err(Error::only_read(format!("the feature {names}")));
        }
        if !self.has_compat(COMPAT_HAS_JOURNAL) {
            return Err(Error::only_read("no journal, so that a change could not be made safely"));
        }
        if !self.has_incompat(INCOMPAT_EXTENTS) {
            return Err(Error::only_read("block maps instead of extents, as ext2 and ext3 do"));
        }
        if !self.has_incompat(INCOMPAT_FILETYPE) {
            return Err(Error::only_read("directory entries without a type (no filetype)"));
        }
        Ok(())
    }

    /// Refuses a filesystem of which nobody here could say whether all is well, naming the features that are in the way.
    pub(crate) fn check_known(self) -> Result<()> {
        let known = RO_WRITE | RO_QUOTA | RO_BIGALLOC | RO_READONLY | RO_PROJECT | RO_SHARED_BLOCKS;
        match names(self.ro_compat & !known, &RO_NAMES, "read-only compatible feature") {
            Some(names) => Err(Error::unsupported(format!("the feature {names}"))),
            None => Ok(()),
        }
    }

    /// Refuses to grow where new groups would lie otherwise than the engine lays them out.
    pub(crate) fn check_growth(self) -> Result<()> {
        let otherwise = [
            (self.has_incompat(INCOMPAT_META_BG), "meta_bg"),
            (self.has_compat(COMPAT_SPARSE_SUPER2), "sparse_super2"),
            (self.has_ro_compat(RO_GDT_CSUM), "uninit_bg"),
        ];
        match otherwise.into_iter().find(|feature| feature.0) {
            Some((_, name)) => {
                let why =
                    format!("the filesystem uses the feature {name}, with which this engine does not let it grow");
                Err(Error::new(ErrorKind::Unsupported, why))
            }
            None => Ok(()),
        }
    }
}

/// The names of the features of `flags`, if there are any.
fn names(flags: u32, names: &[(u32, &str)], set: &str) -> Option<String> {
    if flags == 0 {
        return None;
    }
    let mut found: Vec<String> = names.iter().filter(|n| flags & n.0 != 0).map(|n| n.1.to_owned()).collect();
    let unknown = names.iter().fold(flags, |rest, n| rest & !n.0);
    if unknown != 0 {
        found.push(format!("unknown {set} {unknown:#x}"));
    }
    Some(found.join(", "))
}
