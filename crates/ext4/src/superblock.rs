//! The superblock: 1,024 bytes at byte 1,024 of the device, and what they say about everything else.
//!
//! Fields are named as in the kernel's documentation (`struct ext4_super_block`).

use crate::bytes::{fields, join, split};
use crate::checksum::crc32c;
use crate::features::{self, Features};
use crate::{Error, Result, Timestamp};

/// Where the primary superblock lies, in bytes from the start of the device.
pub(crate) const OFFSET: u64 = 1024;
/// Bytes of a superblock.
pub(crate) const SIZE: usize = 1024;
/// What `s_magic` has to be.
pub(crate) const MAGIC: u16 = 0xEF53;
/// `s_state`: cleanly unmounted.
pub(crate) const STATE_VALID: u16 = 1;
/// `s_state`: errors were found.
pub(crate) const STATE_ERROR: u16 = 2;
/// `s_flags`: directory hashes treat characters as signed.
pub(crate) const FLAG_SIGNED_HASH: u32 = 1;
/// `s_flags`: directory hashes treat characters as unsigned.
pub(crate) const FLAG_UNSIGNED_HASH: u32 = 2;

/// A superblock, kept as its bytes.
#[derive(Clone)]
pub(crate) struct Superblock {
    raw: Box<[u8; SIZE]>,
}

fields! { Superblock.raw {
    s_inodes_count: u32 = 0x00, set_s_inodes_count;
    s_blocks_count_lo: u32 = 0x04, set_s_blocks_count_lo;
    s_r_blocks_count_lo: u32 = 0x08, set_s_r_blocks_count_lo;
    s_free_blocks_count_lo: u32 = 0x0C, set_s_free_blocks_count_lo;
    s_free_inodes_count: u32 = 0x10, set_s_free_inodes_count;
    s_first_data_block: u32 = 0x14, set_s_first_data_block;
    s_log_block_size: u32 = 0x18, set_s_log_block_size;
    s_log_cluster_size: u32 = 0x1C, set_s_log_cluster_size;
    s_blocks_per_group: u32 = 0x20, set_s_blocks_per_group;
    s_clusters_per_group: u32 = 0x24, set_s_clusters_per_group;
    s_inodes_per_group: u32 = 0x28, set_s_inodes_per_group;
    s_mtime: u32 = 0x2C;
    s_wtime: u32 = 0x30, set_s_wtime;
    s_max_mnt_count: u16 = 0x36, set_s_max_mnt_count;
    s_magic: u16 = 0x38, set_s_magic;
    s_state: u16 = 0x3A, set_s_state;
    s_errors: u16 = 0x3C, set_s_errors;
    s_lastcheck: u32 = 0x40, set_s_lastcheck;
    s_rev_level: u32 = 0x4C, set_s_rev_level;
    s_first_ino: u32 = 0x54, set_s_first_ino;
    s_inode_size: u16 = 0x58, set_s_inode_size;
    s_block_group_nr: u16 = 0x5A, set_s_block_group_nr;
    s_feature_compat: u32 = 0x5C, set_s_feature_compat;
    s_feature_incompat: u32 = 0x60, set_s_feature_incompat;
    s_feature_ro_compat: u32 = 0x64, set_s_feature_ro_compat;
    s_reserved_gdt_blocks: u16 = 0xCE, set_s_reserved_gdt_blocks;
    s_journal_inum: u32 = 0xE0, set_s_journal_inum;
    s_last_orphan: u32 = 0xE8, set_s_last_orphan;
    s_def_hash_version: u8 = 0xFC, set_s_def_hash_version;
    s_jnl_backup_type: u8 = 0xFD, set_s_jnl_backup_type;
    s_desc_size: u16 = 0xFE, set_s_desc_size;
    s_default_mount_opts: u32 = 0x100, set_s_default_mount_opts;
    s_first_meta_bg: u32 = 0x104;
    s_mkfs_time: u32 = 0x108, set_s_mkfs_time;
    s_blocks_count_hi: u32 = 0x150, set_s_blocks_count_hi;
    s_r_blocks_count_hi: u32 = 0x154;
    s_free_blocks_count_hi: u32 = 0x158, set_s_free_blocks_count_hi;
    s_min_extra_isize: u16 = 0x15C, set_s_min_extra_isize;
    s_want_extra_isize: u16 = 0x15E, set_s_want_extra_isize;
    s_flags: u32 = 0x160, set_s_flags;
    s_mmp_block: u64 = 0x168;
    s_log_groups_per_flex: u8 = 0x174, set_s_log_groups_per_flex;
    s_checksum_type: u8 = 0x175, set_s_checksum_type;
    s_kbytes_written: u64 = 0x178, set_s_kbytes_written;
    s_usr_quota_inum: u32 = 0x240;
    s_grp_quota_inum: u32 = 0x244;
    s_overhead_clusters: u32 = 0x248, set_s_overhead_clusters;
    s_backup_bgs_0: u32 = 0x24C;
    s_backup_bgs_1: u32 = 0x250;
    s_prj_quota_inum: u32 = 0x26C;
    s_checksum_seed: u32 = 0x270;
    s_wtime_hi: u8 = 0x274, set_s_wtime_hi;
    s_mkfs_time_hi: u8 = 0x276, set_s_mkfs_time_hi;
    s_lastcheck_hi: u8 = 0x277, set_s_lastcheck_hi;
    s_orphan_file_inum: u32 = 0x280;
    s_checksum: u32 = 0x3FC, set_s_checksum;
} }

impl Superblock {
    /// A superblock of zeros, for `format` to fill.
    pub(crate) fn empty() -> Self {
        Self { raw: Box::new([0; SIZE]) }
    }

    /// Reads a superblock and verifies its magic number and its checksum; the numbers in it are checked by
    /// [`Layout`](crate::layout::Layout).
    ///
    /// A superblock is longer than what a disk writes as a whole. The engine changes it in place in steps, one
    /// of which only sets or clears the mark that the journal has to be replayed: if a checksum is wrong by
    /// nothing but this mark a power cut came between, and the mark counts as set.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self> {
        let mut superblock = Self::unverified(bytes)?;
        if superblock.has_checksum() {
            return Ok(superblock);
        }
        superblock.set_needs_recovery(!superblock.needs_recovery());
        if !superblock.has_checksum() {
            return Err(Error::corrupt("the superblock's checksum is wrong"));
        }
        superblock.set_needs_recovery(true);
        Ok(superblock)
    }

    /// Reads a superblock whatever its checksum.
    pub(crate) fn unverified(bytes: &[u8]) -> Result<Self> {
        let raw = bytes.first_chunk::<SIZE>();
        let raw = raw.ok_or_else(|| Error::corrupt("the device is too small for a superblock"))?;
        let superblock = Self { raw: Box::new(*raw) };
        if superblock.s_magic() != MAGIC {
            return Err(Error::corrupt("no ext4 superblock was found"));
        }
        let checksums = superblock.features().has_ro_compat(features::RO_METADATA_CSUM);
        if checksums && superblock.s_checksum_type() != 1 {
            return Err(Error::unsupported("a checksum other than crc32c"));
        }
        Ok(superblock)
    }

    fn has_checksum(&self) -> bool {
        !self.features().has_ro_compat(features::RO_METADATA_CSUM) || self.s_checksum() == self.computed_checksum()
    }

    /// The bytes to store, with their checksum.
    pub(crate) fn sealed(&self) -> [u8; SIZE] {
        let mut sealed = self.clone();
        if self.features().has_ro_compat(features::RO_METADATA_CSUM) {
            sealed.set_s_checksum(sealed.computed_checksum());
        }
        *sealed.raw
    }

    fn computed_checksum(&self) -> u32 {
        crc32c(!0, self.raw.get(..0x3FC).unwrap_or_default())
    }

    /// What all checksums start from, where there are any.
    pub(crate) fn seed(&self) -> u32 {
        match self.features().has_incompat(features::INCOMPAT_CSUM_SEED) {
            true => self.s_checksum_seed(),
            false => crc32c(!0, &self.uuid()),
        }
    }

    /// The three sets of feature flags.
    pub(crate) fn features(&self) -> Features {
        Features {
            compat: self.s_feature_compat(),
            incompat: self.s_feature_incompat(),
            ro_compat: self.s_feature_ro_compat(),
        }
    }

    fn is_64bit(&self) -> bool {
        self.features().has_incompat(features::INCOMPAT_64BIT)
    }

    /// Number of blocks of the filesystem.
    pub(crate) fn blocks_count(&self) -> u64 {
        join(self.s_blocks_count_lo(), if self.is_64bit() { self.s_blocks_count_hi() } else { 0 })
    }

    pub(crate) fn set_blocks_count(&mut self, blocks: u64) {
        let (low, high) = split(blocks);
        self.set_s_blocks_count_lo(low);
        if self.is_64bit() {
            self.set_s_blocks_count_hi(high);
        }
    }

    /// Number of blocks that are free.
    pub(crate) fn free_blocks_count(&self) -> u64 {
        let high = if self.is_64bit() { self.s_free_blocks_count_hi() } else { 0 };
        join(self.s_free_blocks_count_lo(), high)
    }

    pub(crate) fn set_free_blocks_count(&mut self, blocks: u64) {
        let (low, high) = split(blocks);
        self.set_s_free_blocks_count_lo(low);
        if self.is_64bit() {
            self.set_s_free_blocks_count_hi(high);
        }
    }

    /// Number of blocks that are kept for the superuser.
    pub(crate) fn reserved_blocks_count(&self) -> u64 {
        join(self.s_r_blocks_count_lo(), if self.is_64bit() { self.s_r_blocks_count_hi() } else { 0 })
    }

    /// Whether `s_journal_uuid` names a journal on another device.
    pub(crate) fn names_outside_journal(&self) -> bool {
        self.raw.get(0xD0..0xE0).is_some_and(|uuid| uuid.iter().any(|byte| *byte != 0))
    }

    /// Whether the journal has to be replayed before anything is believed.
    pub(crate) fn needs_recovery(&self) -> bool {
        self.features().has_incompat(features::INCOMPAT_RECOVER)
    }

    pub(crate) fn set_needs_recovery(&mut self, needs: bool) {
        let others = self.s_feature_incompat() & !features::INCOMPAT_RECOVER;
        let flag = if needs { features::INCOMPAT_RECOVER } else { 0 };
        self.set_s_feature_incompat(others | flag);
    }

    /// Says whether the orphan file has entries.
    pub(crate) fn set_orphan_present(&mut self, present: bool) {
        let others = self.s_feature_ro_compat() & !features::RO_ORPHAN_PRESENT;
        let flag = if present { features::RO_ORPHAN_PRESENT } else { 0 };
        self.set_s_feature_ro_compat(others | flag);
    }

    /// The UUID of the filesystem.
    pub(crate) fn uuid(&self) -> [u8; 16] {
        self.chunk(0x68)
    }

    pub(crate) fn set_uuid(&mut self, uuid: [u8; 16]) {
        self.put(0x68, &uuid);
    }

    /// The label, without the padding.
    pub(crate) fn label(&self) -> Vec<u8> {
        let label: [u8; 16] = self.chunk(0x78);
        label.into_iter().take_while(|b| *b != 0).collect()
    }

    pub(crate) fn set_label(&mut self, label: &[u8]) {
        self.put(0x78, label);
    }

    /// The seed of the directory hashes, as the four words that the hash starts from.
    pub(crate) fn hash_seed(&self) -> [u32; 4] {
        [0xEC, 0xF0, 0xF4, 0xF8].map(|offset| crate::bytes::le(&self.raw[..], offset))
    }

    pub(crate) fn set_hash_seed(&mut self, seed: [u8; 16]) {
        self.put(0xEC, &seed);
    }

    /// Keeps a copy of the journal's inode (`s_jnl_blocks`): its block map and its size.
    pub(crate) fn set_journal_backup(&mut self, i_block: &[u8], size: u64) {
        self.set_s_jnl_backup_type(1);
        self.put(0x10C, i_block);
        let (low, high) = split(size);
        crate::bytes::put_le(&mut self.raw[..], 0x10C + 60, high);
        crate::bytes::put_le(&mut self.raw[..], 0x10C + 64, low);
    }

    /// Records `now` as the time of the last write.
    pub(crate) fn touch(&mut self, now: Timestamp) {
        let (low, high) = time_halves(now);
        self.set_s_wtime(low);
        self.set_s_wtime_hi(high);
    }

    fn chunk<const N: usize>(&self, offset: usize) -> [u8; N] {
        self.raw.get(offset..).and_then(|r| r.first_chunk()).copied().unwrap_or([0; N])
    }

    fn put(&mut self, offset: usize, bytes: &[u8]) {
        if let Some(place) = self.raw.get_mut(offset..offset + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    }
}

/// A time as the superblock stores it: 32 bits and 8 more.
pub(crate) fn time_halves(time: Timestamp) -> (u32, u8) {
    let (low, high) = split(u64::try_from(time.seconds).unwrap_or(0));
    (low, high.to_le_bytes()[0])
}
