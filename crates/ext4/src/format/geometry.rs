//! How large everything in a new filesystem is: the numbers that `mke2fs` would choose.

use super::FormatOptions;
use crate::features::{
    COMPAT_DIR_INDEX, COMPAT_EXT_ATTR, COMPAT_HAS_JOURNAL, COMPAT_RESIZE_INODE, INCOMPAT_64BIT, INCOMPAT_EXTENTS,
    INCOMPAT_FILETYPE, INCOMPAT_FLEX_BG, RO_DIR_NLINK, RO_EXTRA_ISIZE, RO_HUGE_FILE, RO_LARGE_FILE, RO_METADATA_CSUM,
    RO_SPARSE_SUPER,
};
use crate::journal::JOURNAL_INODE;
use crate::layout::is_sparse_group;
use crate::superblock::{FLAG_SIGNED_HASH, MAGIC, STATE_VALID, Superblock, time_halves};
use crate::{Error, ErrorKind, Result};

const MIB: u64 = 1 << 20;
/// The smallest device that holds a journal and something besides.
const SMALLEST: u64 = 4 * MIB;
/// The largest that 32 bits number in blocks of 4 KiB.
const LARGEST: u64 = 16 << 40;
/// Below this size blocks have 1 KiB.
const SMALL_BLOCKS_BELOW: u64 = 32 * MIB;
/// What every filesystem can grow to, unless its blocks are small.
const GROWS_TO: u64 = 1 << 40;
/// Bytes of an inode, and of a group descriptor.
const INODE_SIZE: u16 = 256;
const DESCRIPTOR_SIZE: u16 = 64;
/// The last group is left out when it would have less room than this for content.
const LEAST_GROUP: u64 = 64;

/// The superblock of a new filesystem, before anything is placed.
pub(super) fn superblock(device_len: u64, options: &FormatOptions) -> Result<Superblock> {
    if !(SMALLEST..=LARGEST).contains(&device_len) {
        let why = "a filesystem can have from 4 MiB to 16 TiB";
        return Err(Error::new(ErrorKind::Invalid, why));
    }
    let log_size: u32 = if device_len < SMALL_BLOCKS_BELOW { 0 } else { 2 };
    let block_size = 1024 << log_size;
    let per_group = 8 * block_size;
    let first = u64::from(log_size == 0);
    let inodes = inodes_per_group(device_len, block_size, device_len.div_ceil(per_group * block_size));
    let blocks = whole_groups(device_len / block_size, first, block_size, inodes);
    let groups = (blocks - first).div_ceil(per_group);
    let narrow = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);

    let mut sb = Superblock::empty();
    features(&mut sb);
    sb.set_s_magic(MAGIC);
    sb.set_s_rev_level(1);
    sb.set_s_log_block_size(log_size);
    sb.set_s_log_cluster_size(log_size);
    sb.set_s_first_data_block(narrow(first));
    sb.set_blocks_count(blocks);
    sb.set_s_blocks_per_group(narrow(per_group));
    sb.set_s_clusters_per_group(narrow(per_group));
    sb.set_s_inodes_per_group(narrow(inodes));
    sb.set_s_inodes_count(narrow(inodes * groups));
    sb.set_s_inode_size(INODE_SIZE);
    sb.set_s_first_ino(11);
    sb.set_s_min_extra_isize(32);
    sb.set_s_want_extra_isize(32);
    sb.set_s_desc_size(DESCRIPTOR_SIZE);
    let reserved = reserved_gdt_blocks(blocks, first, block_size, groups);
    sb.set_s_reserved_gdt_blocks(u16::try_from(reserved).unwrap_or(0));
    if reserved > 0 {
        sb.set_s_feature_compat(sb.s_feature_compat() | COMPAT_RESIZE_INODE);
    }
    sb.set_s_log_groups_per_flex(log_groups_per_flex(groups, inodes, block_size));
    identity(&mut sb, options);
    Ok(sb)
}

fn features(sb: &mut Superblock) {
    sb.set_s_feature_compat(COMPAT_HAS_JOURNAL | COMPAT_EXT_ATTR | COMPAT_DIR_INDEX);
    sb.set_s_feature_incompat(INCOMPAT_FILETYPE | INCOMPAT_EXTENTS | INCOMPAT_64BIT | INCOMPAT_FLEX_BG);
    sb.set_s_feature_ro_compat(
        RO_SPARSE_SUPER | RO_LARGE_FILE | RO_HUGE_FILE | RO_DIR_NLINK | RO_EXTRA_ISIZE | RO_METADATA_CSUM,
    );
}

/// Everything that is not geometry.
fn identity(sb: &mut Superblock, options: &FormatOptions) {
    sb.set_label(options.label.as_bytes());
    sb.set_uuid(options.uuid);
    sb.set_hash_seed(options.hash_seed);
    sb.set_s_def_hash_version(crate::dir_hash::HALF_MD4);
    sb.set_s_flags(FLAG_SIGNED_HASH);
    sb.set_s_checksum_type(1);
    sb.set_s_state(STATE_VALID);
    sb.set_s_errors(1);
    sb.set_s_max_mnt_count(u16::MAX);
    // Extended attributes and access control lists, as mke2fs has it.
    sb.set_s_default_mount_opts(0xC);
    sb.set_s_journal_inum(JOURNAL_INODE);
    let (low, high) = time_halves(options.now);
    sb.set_s_mkfs_time(low);
    sb.set_s_mkfs_time_hi(high);
    sb.set_s_lastcheck(low);
    sb.set_s_lastcheck_hi(high);
    sb.touch(options.now);
}

/// One inode for so many bytes, more of them on small devices; spread over the groups, in whole blocks.
fn inodes_per_group(device_len: u64, block_size: u64, groups: u64) -> u64 {
    let ratio = match device_len {
        len if len < 512 * MIB => 4096,
        len if len < 4 << 40 => 16384,
        len if len < 16 << 40 => 32768,
        _ => 65536,
    };
    let in_block = block_size / u64::from(INODE_SIZE);
    (device_len / ratio).div_ceil(groups).next_multiple_of(in_block.max(8)).min(8 * block_size)
}

/// The number of blocks without a last group that has hardly any room.
fn whole_groups(blocks: u64, first: u64, block_size: u64, inodes: u64) -> u64 {
    let per_group = 8 * block_size;
    let rest = (blocks - first) % per_group;
    let group = u32::try_from((blocks - first) / per_group).unwrap_or(0);
    if rest == 0 || group == 0 {
        return blocks;
    }
    let descriptors = (u64::from(group) + 1) * u64::from(DESCRIPTOR_SIZE);
    let reserve = block_size / 4;
    let head = 1 + descriptors.div_ceil(block_size) + reserve;
    let head = if is_sparse_group(group) { head } else { 0 };
    let tables = 2 + inodes * u64::from(INODE_SIZE) / block_size;
    if rest < head + tables + LEAST_GROUP { blocks - rest } else { blocks }
}

/// Blocks to reserve behind the descriptors, so that the filesystem can grow a thousandfold, and a small one to a
/// size that disks have, as far as 32 bits and one indirect block allow.
fn reserved_gdt_blocks(blocks: u64, first: u64, block_size: u64, groups: u64) -> u64 {
    let most = (blocks * 1024).max(GROWS_TO / block_size).min(u64::from(u32::MAX));
    let per_block = block_size / u64::from(DESCRIPTOR_SIZE);
    let wanted = most.saturating_sub(first).div_ceil(8 * block_size).div_ceil(per_block);
    wanted.saturating_sub(groups.div_ceil(per_block)).min(block_size / 4)
}

/// Groups whose tables lie together: 16; more on large devices, where every start of such a run is a
/// bitmap that has to be written. They have to fit into half a group.
fn log_groups_per_flex(groups: u64, inodes: u64, block_size: u64) -> u8 {
    let tables = 2 + inodes * u64::from(INODE_SIZE) / block_size;
    let mut log = 4;
    while groups >> log > 256 && tables << (log + 1) <= 4 * block_size {
        log += 1;
    }
    log
}
