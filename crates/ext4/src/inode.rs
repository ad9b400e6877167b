//! Inodes: owner, times, size and block map of one file (`struct ext4_inode`).
//!
//! An inode is kept as its bytes, so that what a guest stored in it (extended attributes, fields without
//! a name here) survives a change. Where an inode lies is `inode_table.rs`'s business.

use crate::bytes::{fields, join, le, put_le, split};
use crate::checksum::{crc32c, inode_seed};
use crate::layout::Layout;
use crate::{Attributes, FileKind, Metadata, Timestamp};

/// `i_flags`: encrypted.
pub(crate) const FLAG_ENCRYPT: u32 = 0x800;
/// `i_flags`: the folder is indexed by hashes.
pub(crate) const FLAG_INDEX: u32 = 0x1000;
/// `i_flags`: `i_blocks` counts filesystem blocks, not sectors.
pub(crate) const FLAG_HUGE_FILE: u32 = 0x40000;
/// `i_flags`: mapped by extents.
pub(crate) const FLAG_EXTENTS: u32 = 0x80000;
/// `i_flags`: the content is sealed by a hash tree behind its end.
pub(crate) const FLAG_VERITY: u32 = 0x10_0000;
/// `i_flags`: the content is a value of another inode's extended attributes.
pub(crate) const FLAG_EA_INODE: u32 = 0x20_0000;
/// `i_flags`: the content stands in the inode itself.
pub(crate) const FLAG_INLINE_DATA: u32 = 0x1000_0000;
/// `i_flags`: names are compared without regard to case.
pub(crate) const FLAG_CASEFOLD: u32 = 0x4000_0000;

/// Bytes of the part that every inode has.
const BASE: usize = 128;
/// Bytes of nearly every inode.
const USUAL: usize = 256;
/// Where the block map lies, and how long it is.
const I_BLOCK: std::ops::Range<usize> = 0x28..0x64;
/// Bytes behind the base part that the engine uses in new inodes.
const EXTRA: u16 = 32;
/// The most names that an inode counts.
pub(crate) const LINK_MAX: u16 = 65_000;

/// One inode: its number and its bytes.
#[derive(Clone)]
pub(crate) struct Inode {
    pub(crate) number: u32,
    raw: Vec<u8>,
}

fields! { Inode.raw {
    i_mode: u16 = 0x00, set_i_mode;
    i_uid_lo: u16 = 0x02;
    i_size_lo: u32 = 0x04;
    i_atime: u32 = 0x08;
    i_ctime: u32 = 0x0C;
    i_mtime: u32 = 0x10;
    i_dtime: u32 = 0x14, set_i_dtime;
    i_gid_lo: u16 = 0x18;
    i_links_count: u16 = 0x1A, set_i_links_count;
    i_blocks_lo: u32 = 0x1C;
    i_flags: u32 = 0x20, set_i_flags;
    i_version: u32 = 0x24;
    i_generation: u32 = 0x64, set_i_generation;
    i_file_acl_lo: u32 = 0x68;
    i_size_high: u32 = 0x6C;
    i_faddr: u32 = 0x70;
    i_blocks_high: u16 = 0x74;
    i_file_acl_high: u16 = 0x76;
    i_uid_high: u16 = 0x78;
    i_gid_high: u16 = 0x7A;
    i_extra_isize: u16 = 0x80;
    i_ctime_extra: u32 = 0x84;
    i_mtime_extra: u32 = 0x88;
    i_atime_extra: u32 = 0x8C;
    i_crtime: u32 = 0x90;
    i_crtime_extra: u32 = 0x94;
} }

impl Inode {
    /// The inode `number` from its bytes in the table.
    pub(crate) fn parse(number: u32, raw: &[u8]) -> Self {
        Self { number, raw: raw.to_vec() }
    }

    /// A new inode of `kind`, with one name, no content, and created `now`.
    pub(crate) fn new(number: u32, kind: FileKind, attributes: &Attributes, now: Timestamp, layout: &Layout) -> Self {
        let mut inode = Self { number, raw: vec![0; layout.inode_size] };
        if inode.raw.len() > BASE {
            put_le(&mut inode.raw, 0x80, EXTRA);
        }
        inode.set_i_mode(kind.mode() | attributes.mode & 0xFFF);
        inode.set_owner(attributes.uid, attributes.gid);
        inode.set_i_links_count(1);
        inode.set_time(Time::Access, attributes.atime);
        inode.set_time(Time::Modify, attributes.mtime);
        inode.set_time(Time::Change, now);
        inode.set_time(Time::Create, now);
        inode
    }

    /// The bytes to store, with their checksum.
    pub(crate) fn sealed(&mut self, layout: &Layout) -> &[u8] {
        if let Some(seed) = layout.checksum_seed {
            let [a, b, c, d] = self.checksum(seed).to_le_bytes();
            put_le(&mut self.raw, 0x7C, u16::from_le_bytes([a, b]));
            if self.has_extra(0x84) {
                put_le(&mut self.raw, 0x82, u16::from_le_bytes([c, d]));
            }
        }
        &self.raw
    }

    /// Whether the checksum is right; an inode of zeros is taken as never written.
    pub(crate) fn verify(&self, layout: &Layout) -> bool {
        let Some(seed) = layout.checksum_seed else { return true };
        let sum = self.checksum(seed);
        let low: u16 = le(&self.raw, 0x7C);
        let right = match self.has_extra(0x84) {
            true => sum == u32::from(le::<u16>(&self.raw, 0x82)) << 16 | u32::from(low),
            false => sum & 0xFFFF == u32::from(low),
        };
        right || self.raw.iter().all(|b| *b == 0)
    }

    fn checksum(&self, seed: u32) -> u32 {
        let seed = inode_seed(seed, self.number, self.i_generation());
        let mut usual = [0; USUAL];
        match usual.get_mut(..self.raw.len()) {
            Some(copy) => {
                copy.copy_from_slice(&self.raw);
                self.checksum_of(seed, copy)
            }
            None => self.checksum_of(seed, &mut self.raw.clone()),
        }
    }

    /// The checksum of a copy of the inode's bytes, in which the fields that hold it count as zeros.
    fn checksum_of(&self, seed: u32, copy: &mut [u8]) -> u32 {
        put_le(copy, 0x7C, 0u16);
        if self.has_extra(0x84) {
            put_le(copy, 0x82, 0u16);
        }
        crc32c(seed, copy)
    }

    /// Whether the inode has room for a field that ends at byte `end`.
    fn has_extra(&self, end: usize) -> bool {
        self.raw.len() >= end && BASE + usize::from(self.i_extra_isize()) >= end
    }

    /// What the inode is. `None` for a mode that no kind has.
    pub(crate) fn kind(&self) -> Option<FileKind> {
        FileKind::from_mode(self.i_mode())
    }

    pub(crate) fn is_directory(&self) -> bool {
        self.kind() == Some(FileKind::Directory)
    }

    pub(crate) fn has_flag(&self, flag: u32) -> bool {
        self.i_flags() & flag != 0
    }

    pub(crate) fn set_flag(&mut self, flag: u32) {
        self.set_i_flags(self.i_flags() | flag);
    }

    /// Length of the content in bytes.
    pub(crate) fn size(&self) -> u64 {
        match self.kind() {
            Some(FileKind::File | FileKind::Directory) => join(self.i_size_lo(), self.i_size_high()),
            _ => u64::from(self.i_size_lo()),
        }
    }

    pub(crate) fn set_size(&mut self, size: u64) {
        let (low, high) = split(size);
        put_le(&mut self.raw, 0x04, low);
        put_le(&mut self.raw, 0x6C, high);
    }

    /// Space taken, in sectors of 512 bytes.
    pub(crate) fn sectors(&self, layout: &Layout) -> u64 {
        let count = join(self.i_blocks_lo(), u32::from(self.i_blocks_high()));
        match self.has_flag(FLAG_HUGE_FILE) {
            true => count * layout.sectors_per_block(),
            false => count,
        }
    }

    /// Stores the space taken by `blocks` blocks of the filesystem.
    pub(crate) fn set_blocks(&mut self, blocks: u64, layout: &Layout) {
        let sectors = blocks.saturating_mul(layout.sectors_per_block());
        let huge = sectors >= 1 << 48;
        let flags = self.i_flags() & !FLAG_HUGE_FILE;
        self.set_i_flags(if huge { flags | FLAG_HUGE_FILE } else { flags });
        let (low, high) = split(if huge { blocks } else { sectors });
        put_le(&mut self.raw, 0x1C, low);
        put_le(&mut self.raw, 0x74, u16::try_from(high).unwrap_or(u16::MAX));
    }

    /// Blocks of the filesystem that the inode takes.
    pub(crate) fn blocks(&self, layout: &Layout) -> u64 {
        self.sectors(layout) / layout.sectors_per_block()
    }

    /// The block map: 60 bytes, an extent tree's root or a short link's target.
    pub(crate) fn i_block(&self) -> &[u8] {
        self.raw.get(I_BLOCK).unwrap_or_default()
    }

    pub(crate) fn i_block_mut(&mut self) -> &mut [u8] {
        self.raw.get_mut(I_BLOCK).unwrap_or_default()
    }

    /// Whether the content is found by a block map instead of extents.
    pub(crate) fn has_block_map(&self) -> bool {
        !self.has_flag(FLAG_EXTENTS) && !self.has_flag(FLAG_INLINE_DATA)
    }

    /// The block of extended attributes, 0 if there is none.
    pub(crate) fn file_acl(&self) -> u64 {
        join(self.i_file_acl_lo(), u32::from(self.i_file_acl_high()))
    }

    /// What lies behind the fields: room for extended attributes. Empty in a short inode.
    pub(crate) fn behind_fields(&self) -> &[u8] {
        let fields = usize::from(self.i_extra_isize());
        let start = BASE + fields;
        match self.raw.len() > BASE && fields.is_multiple_of(4) {
            true => self.raw.get(start..).unwrap_or_default(),
            false => &[],
        }
    }

    pub(crate) fn behind_fields_mut(&mut self) -> &mut [u8] {
        let len = self.behind_fields().len();
        let start = self.raw.len() - len;
        self.raw.get_mut(start..).unwrap_or_default()
    }

    pub(crate) fn set_file_acl(&mut self, block: u64) {
        let (low, high) = split(block);
        put_le(&mut self.raw, 0x68, low);
        put_le(&mut self.raw, 0x76, u16::try_from(high).unwrap_or(u16::MAX));
    }

    /// The seed of the checksums of the inode's own blocks.
    pub(crate) fn seed(&self, layout: &Layout) -> Option<u32> {
        layout.checksum_seed.map(|seed| inode_seed(seed, self.number, self.i_generation()))
    }

    pub(crate) fn set_owner(&mut self, uid: u32, gid: u32) {
        for (id, low, high) in [(uid, 0x02, 0x78), (gid, 0x18, 0x7A)] {
            let [a, b, c, d] = id.to_le_bytes();
            put_le(&mut self.raw, low, u16::from_le_bytes([a, b]));
            put_le(&mut self.raw, high, u16::from_le_bytes([c, d]));
        }
    }

    pub(crate) fn uid(&self) -> u32 {
        u32::from(self.i_uid_high()) << 16 | u32::from(self.i_uid_lo())
    }

    pub(crate) fn gid(&self) -> u32 {
        u32::from(self.i_gid_high()) << 16 | u32::from(self.i_gid_lo())
    }

    /// One of the inode's times.
    pub(crate) fn time(&self, which: Time) -> Timestamp {
        let (base, extra) = which.offsets();
        if which == Time::Create && !self.has_extra(extra) {
            return Timestamp::default();
        }
        let low = i64::from(i32::from_le_bytes(le::<u32>(&self.raw, base).to_le_bytes()));
        if !self.has_extra(extra + 4) {
            return Timestamp { seconds: low, nanoseconds: 0 };
        }
        let more: u32 = le(&self.raw, extra);
        let seconds = low + (i64::from(more & 3) << 32);
        Timestamp { seconds, nanoseconds: (more >> 2).min(999_999_999) }
    }

    /// Stores one of the times, as near as the inode can: from 1901 to 2446, or to 2038 in a short inode.
    pub(crate) fn set_time(&mut self, which: Time, time: Timestamp) {
        let (base, extra) = which.offsets();
        let wide = self.has_extra(extra + 4);
        if which == Time::Create && !wide {
            return;
        }
        let last = if wide { (3 << 32) + i64::from(i32::MAX) } else { i64::from(i32::MAX) };
        let seconds = time.seconds.clamp(i64::from(i32::MIN), last);
        let (low, _) = split(u64::from_le_bytes(seconds.to_le_bytes()));
        put_le(&mut self.raw, base, low);
        if wide {
            let signed = i64::from(i32::from_le_bytes(low.to_le_bytes()));
            let epoch = u32::try_from((seconds - signed) >> 32).unwrap_or(0) & 3;
            put_le(&mut self.raw, extra, time.nanoseconds.min(999_999_999) << 2 | epoch);
        }
    }

    /// The major and the minor number of a device: in 16 bits, or behind them in 32.
    fn device(&self) -> Option<(u32, u32)> {
        if !matches!(self.kind(), Some(FileKind::CharacterDevice | FileKind::BlockDevice)) {
            return None;
        }
        let (old, new): (u32, u32) = (le(self.i_block(), 0), le(self.i_block(), 4));
        match old {
            0 => Some(((new & 0xF_FF00) >> 8, (new & 0xFF) | (new >> 12 & 0xF_FF00))),
            old => Some((old >> 8 & 0xFF, old & 0xFF)),
        }
    }

    /// What `stat` tells.
    pub(crate) fn metadata(&self, kind: FileKind, layout: &Layout) -> Metadata {
        // As Linux does, so that nobody takes the file for a hole.
        let is_inside = kind == FileKind::File && self.has_flag(FLAG_INLINE_DATA);
        let inside = if is_inside { self.size().div_ceil(512) } else { 0 };
        Metadata {
            inode: self.number,
            kind,
            size: self.size(),
            mode: self.i_mode() & 0xFFF,
            uid: self.uid(),
            gid: self.gid(),
            links: u32::from(self.i_links_count()),
            atime: self.time(Time::Access),
            mtime: self.time(Time::Modify),
            ctime: self.time(Time::Change),
            crtime: self.time(Time::Create),
            blocks: self.sectors(layout) + inside,
            device: self.device(),
        }
    }
}

/// One of the times that an inode keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    Access,
    Modify,
    Change,
    Create,
}

impl Time {
    /// Where the seconds lie, and where the nanoseconds and the upper two bits.
    fn offsets(self) -> (usize, usize) {
        match self {
            Self::Access => (0x08, 0x8C),
            Self::Change => (0x0C, 0x84),
            Self::Modify => (0x10, 0x88),
            Self::Create => (0x90, 0x94),
        }
    }
}
