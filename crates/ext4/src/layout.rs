//! Where things lie: the geometry that a superblock describes, checked once and believed from then on.
//!
//! Knows numbers only; it reads and writes nothing.

use crate::features::{self, Features};
use crate::superblock::Superblock;
use crate::{Error, Result};

/// The root folder's inode.
pub(crate) const ROOT_INODE: u32 = 2;
/// The inode that holds the blocks reserved for growing.
pub(crate) const RESIZE_INODE: u32 = 7;
/// The most blocks that one extent maps.
pub(crate) const MAX_EXTENT_BLOCKS: u32 = 32_768;

/// The geometry of one filesystem.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) features: Features,
    /// Bytes of a block: 1,024 to 65,536.
    pub(crate) block_size: usize,
    pub(crate) blocks_count: u64,
    /// 1 where blocks have 1,024 bytes (block 0 is the boot sector), else 0.
    pub(crate) first_data_block: u64,
    pub(crate) blocks_per_group: u32,
    pub(crate) group_count: u32,
    pub(crate) inodes_count: u32,
    pub(crate) inodes_per_group: u32,
    pub(crate) inode_size: usize,
    pub(crate) first_inode: u32,
    pub(crate) descriptor_size: usize,
    /// Blocks of an allocation unit, as a power of two: 0 without `bigalloc`.
    pub(crate) cluster_bits: u32,
    /// With `meta_bg`: the first block of the descriptor table that lies in the groups that it describes.
    pub(crate) first_meta_bg: Option<u64>,
    /// With `sparse_super2`: the groups that have a copy of the superblock (0: none).
    pub(crate) backup_groups: Option<[u32; 2]>,
    /// With `uninit_bg` instead of checksums: what the sums of the descriptors start from.
    pub(crate) descriptor_sum: Option<[u8; 16]>,
    /// Blocks kept free behind the group descriptors for growing.
    pub(crate) reserved_gdt_blocks: u32,
    /// The seed of all checksums, where there are any.
    pub(crate) checksum_seed: Option<u32>,
    /// The first four words of every directory hash.
    pub(crate) hash_seed: [u32; 4],
    /// Whether directory hashes treat characters as unsigned.
    pub(crate) hash_unsigned: bool,
}

impl Layout {
    /// Checks the numbers of `superblock` against each other and against a device of `device_len` bytes.
    pub(crate) fn new(superblock: &Superblock, device_len: u64) -> Result<Self> {
        let features = superblock.features();
        let block_size = block_size(superblock)?;
        let dynamic = superblock.s_rev_level() >= 1;
        let layout = Self {
            features,
            block_size,
            blocks_count: superblock.blocks_count(),
            first_data_block: u64::from(superblock.s_first_data_block()),
            blocks_per_group: superblock.s_blocks_per_group(),
            group_count: group_count(superblock)?,
            inodes_count: superblock.s_inodes_count(),
            inodes_per_group: superblock.s_inodes_per_group(),
            inode_size: if dynamic { usize::from(superblock.s_inode_size()) } else { 128 },
            first_inode: if dynamic { superblock.s_first_ino() } else { 11 },
            descriptor_size: match features.has_incompat(features::INCOMPAT_64BIT) {
                true => usize::from(superblock.s_desc_size()),
                false => 32,
            },
            cluster_bits: cluster_bits(superblock)?,
            first_meta_bg: features
                .has_incompat(features::INCOMPAT_META_BG)
                .then(|| u64::from(superblock.s_first_meta_bg())),
            backup_groups: features
                .has_compat(features::COMPAT_SPARSE_SUPER2)
                .then(|| [superblock.s_backup_bgs_0(), superblock.s_backup_bgs_1()]),
            descriptor_sum: descriptor_sum(superblock),
            reserved_gdt_blocks: u32::from(superblock.s_reserved_gdt_blocks()),
            checksum_seed: checksum_seed(superblock),
            hash_seed: superblock.hash_seed(),
            hash_unsigned: superblock.s_flags() & crate::superblock::FLAG_UNSIGNED_HASH != 0,
        };
        layout.check(device_len)?;
        Ok(layout)
    }

    fn check(&self, device_len: u64) -> Result<()> {
        let size = self.block_size as u64;
        let bits = 8 * size;
        let group = u64::from(self.blocks_per_group);
        let require = |holds: bool, what: &str| match holds {
            true => Ok(()),
            false => Err(Error::corrupt(format!("the superblock's {what} cannot be"))),
        };
        // Clusters start at block 0, also where a block is so short that block 0 is the boot sector.
        let first = u64::from(self.block_size == 1024 && self.cluster_bits == 0);
        require(self.first_data_block == first, "s_first_data_block")?;
        require(self.blocks_count <= 1 << 48, "s_blocks_count")?;
        if self.blocks_count.saturating_mul(size) > device_len {
            return Err(Error::corrupt(format!(
                "it has {} blocks of {size} bytes, the device has only {device_len} bytes",
                self.blocks_count
            )));
        }
        let clusters = group >> self.cluster_bits;
        let whole = clusters << self.cluster_bits == group;
        require(whole && clusters.is_multiple_of(8) && clusters <= bits, "s_blocks_per_group")?;
        require(self.first_meta_bg.is_none_or(|first| first <= self.gdt_blocks()), "s_first_meta_bg")?;
        let inode = self.inode_size as u64;
        require(inode.is_power_of_two() && (128..=size).contains(&inode), "s_inode_size")?;
        require(self.first_inode >= 11, "s_first_ino")?;
        let inodes = u64::from(self.inodes_per_group);
        let in_block = size / inode;
        require(inodes.is_multiple_of(in_block), "s_inodes_per_group")?;
        require((in_block..=bits).contains(&inodes) && inodes >= 16, "s_inodes_per_group")?;
        let all = inodes * u64::from(self.group_count);
        require(all == u64::from(self.inodes_count), "s_inodes_count")?;
        let descriptor = self.descriptor_size;
        require(descriptor.is_power_of_two() && (32..=1024).contains(&descriptor), "s_desc_size")?;
        require(self.group_head_blocks(0) < group, "number of group descriptors")
    }

    /// Blocks of the group descriptor table, without the reserved ones.
    pub(crate) fn gdt_blocks(&self) -> u64 {
        u64::from(self.group_count).div_ceil(self.descriptors_per_block())
    }

    /// Descriptors in one block of the table.
    pub(crate) fn descriptors_per_block(&self) -> u64 {
        (self.block_size / self.descriptor_size) as u64
    }

    /// The block that holds the superblock.
    pub(crate) fn superblock_block(&self) -> u64 {
        u64::from(self.block_size == 1024)
    }

    /// The block that holds block `index` of the descriptor table.
    pub(crate) fn descriptor_block(&self, index: u64) -> u64 {
        if self.first_meta_bg.is_none_or(|first| index < first) {
            return self.superblock_block() + 1 + index;
        }
        let group = u32::try_from(index * self.descriptors_per_block()).unwrap_or(u32::MAX);
        self.group_start(group) + self.superblock_blocks(group)
    }

    /// Where the superblock starts within its block.
    pub(crate) fn superblock_offset(&self) -> usize {
        if self.block_size == 1024 { 0 } else { 1024 }
    }

    /// The first block of `group`.
    pub(crate) fn group_start(&self, group: u32) -> u64 {
        self.first_data_block + u64::from(group) * u64::from(self.blocks_per_group)
    }

    /// Blocks of `group`: fewer in the last one.
    pub(crate) fn group_blocks(&self, group: u32) -> u32 {
        let left = self.blocks_count.saturating_sub(self.group_start(group));
        u32::try_from(left).unwrap_or(u32::MAX).min(self.blocks_per_group)
    }

    /// Clusters of `group`, which its block bitmap has a bit for each: its blocks, without `bigalloc`.
    pub(crate) fn group_clusters(&self, group: u32) -> u32 {
        self.group_blocks(group).div_ceil(1 << self.cluster_bits)
    }

    /// The group of `block` and the block's bit in the group's bitmap. `None` outside the groups.
    pub(crate) fn group_of(&self, block: u64) -> Option<(u32, u32)> {
        if block >= self.blocks_count {
            return None;
        }
        let offset = block.checked_sub(self.first_data_block)?;
        let size = u64::from(self.blocks_per_group);
        Some((u32::try_from(offset / size).ok()?, u32::try_from(offset % size).ok()?))
    }

    /// The group of `inode` and the inode's bit in the group's bitmap. `None` for a number out of range.
    pub(crate) fn inode_position(&self, inode: u32) -> Option<(u32, u32)> {
        let index = inode.checked_sub(1)?;
        (inode <= self.inodes_count).then(|| (index / self.inodes_per_group, index % self.inodes_per_group))
    }

    /// Blocks of one group's inode table.
    pub(crate) fn inode_table_blocks(&self) -> u64 {
        u64::from(self.inodes_per_group) * self.inode_size as u64 / self.block_size as u64
    }

    /// Whether `group` starts with a copy of the superblock and the group descriptors.
    pub(crate) fn has_superblock(&self, group: u32) -> bool {
        match self.backup_groups {
            Some(groups) => group == 0 || groups.contains(&group),
            None => !self.features.has_ro_compat(features::RO_SPARSE_SUPER) || is_sparse_group(group),
        }
    }

    /// Blocks at the start of `group` up to the descriptors: the superblock, and the boot sector's block where
    /// that belongs to the first group.
    fn superblock_blocks(&self, group: u32) -> u64 {
        let boot = if group == 0 { self.superblock_block() - self.first_data_block } else { 0 };
        u64::from(self.has_superblock(group)) + boot
    }

    /// Blocks at the start of `group` that the superblock's copy, the descriptors and their reserve take.
    pub(crate) fn group_head_blocks(&self, group: u32) -> u64 {
        let index = u64::from(group) / self.descriptors_per_block();
        let table = match self.first_meta_bg {
            Some(first) if index >= first => {
                // Its own part of the table, in the first two groups of that part and in the last.
                let place = u64::from(group) % self.descriptors_per_block();
                u64::from(place < 2 || place + 1 == self.descriptors_per_block())
            }
            _ if !self.has_superblock(group) => 0,
            Some(first) => first,
            None => self.gdt_blocks() + u64::from(self.reserved_gdt_blocks),
        };
        self.superblock_blocks(group) + table
    }

    /// The blocks in which sectors of 512 bytes are counted.
    pub(crate) fn sectors_per_block(&self) -> u64 {
        self.block_size as u64 / 512
    }

    /// Sectors of 512 bytes in the smallest thing that is allocated.
    pub(crate) fn sectors_per_cluster(&self) -> u64 {
        self.sectors_per_block() << self.cluster_bits
    }

    /// Whether group descriptors say which bitmaps and inode tables were never written.
    pub(crate) fn has_group_checksums(&self) -> bool {
        self.checksum_seed.is_some() || self.features.has_ro_compat(features::RO_GDT_CSUM)
    }

    /// The byte at which `block` starts.
    pub(crate) fn byte(&self, block: u64) -> u64 {
        block * self.block_size as u64
    }

    /// Whether the `count` blocks from `start` lie inside the filesystem.
    pub(crate) fn contains(&self, start: u64, count: u64) -> bool {
        start >= self.first_data_block && start.checked_add(count).is_some_and(|end| end <= self.blocks_count)
    }
}

/// Whether `sparse_super` keeps a backup in `group`: 0, 1 and the powers of 3, 5 and 7.
pub(crate) fn is_sparse_group(group: u32) -> bool {
    let power_of = |base: u32| {
        let mut rest = group;
        while rest.is_multiple_of(base) {
            rest /= base;
        }
        rest == 1
    };
    group <= 1 || power_of(3) || power_of(5) || power_of(7)
}

fn block_size(superblock: &Superblock) -> Result<usize> {
    match superblock.s_log_block_size() {
        log @ 0..=6 => Ok(1024 << log),
        log => Err(Error::corrupt(format!("a block size of 2^{log} KiB cannot be"))),
    }
}

/// Blocks of a cluster as a power of two.
fn cluster_bits(superblock: &Superblock) -> Result<u32> {
    if !superblock.features().has_ro_compat(features::RO_BIGALLOC) {
        return Ok(0);
    }
    let bits = superblock.s_log_cluster_size().checked_sub(superblock.s_log_block_size());
    // Linux allows clusters of up to 512 MiB.
    bits.filter(|bits| bits + superblock.s_log_block_size() <= 19)
        .ok_or_else(|| Error::corrupt("the superblock's cluster size cannot be"))
}

fn descriptor_sum(superblock: &Superblock) -> Option<[u8; 16]> {
    let features = superblock.features();
    let old = features.has_ro_compat(features::RO_GDT_CSUM) && !features.has_ro_compat(features::RO_METADATA_CSUM);
    old.then(|| superblock.uuid())
}

fn group_count(superblock: &Superblock) -> Result<u32> {
    let first = u64::from(superblock.s_first_data_block());
    let data = superblock.blocks_count().checked_sub(first).filter(|blocks| *blocks > 0);
    let (Some(data), per_group @ 1..) = (data, superblock.s_blocks_per_group()) else {
        return Err(Error::corrupt("the superblock's number of blocks cannot be"));
    };
    u32::try_from(data.div_ceil(u64::from(per_group)))
        .map_err(|_| Error::corrupt("the superblock's number of groups cannot be"))
}

fn checksum_seed(superblock: &Superblock) -> Option<u32> {
    superblock.features().has_ro_compat(features::RO_METADATA_CSUM).then(|| superblock.seed())
}
