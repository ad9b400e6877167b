//! Group descriptors: where a block group keeps its bitmaps and its inode table, and how full it is.
//!
//! One entry has 32 bytes, or 64 and more with the feature `64bit` (`struct ext4_group_desc`).

use crate::bytes::{join, le, put_le, split};
use crate::checksum::crc32c;
use crate::layout::Layout;
use crate::{Error, Result};

/// CRC-16 as `uninit_bg` uses it.
const CRC16: crc::Crc<u16> = crc::Crc::<u16>::new(&crc::CRC_16_MODBUS);

/// The inode bitmap and the whole inode table were never written: all inodes are free.
pub(crate) const INODE_UNINIT: u16 = 1;
/// The block bitmap was never written: only the group's own metadata is in use.
pub(crate) const BLOCK_UNINIT: u16 = 2;
/// The inode table holds zeros wherever it was not written.
pub(crate) const INODE_ZEROED: u16 = 4;

/// One group's descriptor, both halves of every number joined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct GroupDescriptor {
    pub(crate) block_bitmap: u64,
    pub(crate) inode_bitmap: u64,
    pub(crate) inode_table: u64,
    pub(crate) free_blocks_count: u32,
    pub(crate) free_inodes_count: u32,
    pub(crate) used_dirs_count: u32,
    pub(crate) flags: u16,
    /// Inodes at the end of the table that were never used.
    pub(crate) itable_unused: u32,
    pub(crate) block_bitmap_csum: u32,
    pub(crate) inode_bitmap_csum: u32,
}

impl GroupDescriptor {
    /// Reads one descriptor. Its checksum is verified by [`verify`](Self::verify).
    pub(crate) fn parse(raw: &[u8]) -> Self {
        let wide = raw.len() >= 64;
        let long = |low, high| join(le(raw, low), if wide { le(raw, high) } else { 0 });
        let short = |low: usize, high: usize| {
            let upper = if wide { le::<u16>(raw, high) } else { 0 };
            u32::from(upper) << 16 | u32::from(le::<u16>(raw, low))
        };
        Self {
            block_bitmap: long(0x00, 0x20),
            inode_bitmap: long(0x04, 0x24),
            inode_table: long(0x08, 0x28),
            free_blocks_count: short(0x0C, 0x2C),
            free_inodes_count: short(0x0E, 0x2E),
            used_dirs_count: short(0x10, 0x30),
            flags: le(raw, 0x12),
            itable_unused: short(0x1C, 0x32),
            block_bitmap_csum: short(0x18, 0x38),
            inode_bitmap_csum: short(0x1A, 0x3A),
        }
    }

    /// Writes the descriptor of `group` over `raw`, checksum included; bytes without a name stay.
    pub(crate) fn store(&self, raw: &mut [u8], group: u32, layout: &Layout) {
        let wide = raw.len() >= 64;
        let mut long = |value: u64, low, high| {
            let halves = split(value);
            put_le(raw, low, halves.0);
            if wide {
                put_le(raw, high, halves.1);
            }
        };
        long(self.block_bitmap, 0x00, 0x20);
        long(self.inode_bitmap, 0x04, 0x24);
        long(self.inode_table, 0x08, 0x28);
        let mut short = |value: u32, low, high| {
            let bytes = value.to_le_bytes();
            put_le(raw, low, u16::from_le_bytes([bytes[0], bytes[1]]));
            if wide {
                put_le(raw, high, u16::from_le_bytes([bytes[2], bytes[3]]));
            }
        };
        short(self.free_blocks_count, 0x0C, 0x2C);
        short(self.free_inodes_count, 0x0E, 0x2E);
        short(self.used_dirs_count, 0x10, 0x30);
        short(self.itable_unused, 0x1C, 0x32);
        short(self.block_bitmap_csum, 0x18, 0x38);
        short(self.inode_bitmap_csum, 0x1A, 0x3A);
        put_le(raw, 0x12, self.flags);
        if let Some(sum) = checksum(raw, group, layout) {
            put_le(raw, 0x1E, sum);
        }
    }

    /// Whether the checksum in `raw` is right for `group`; true where descriptors carry none.
    pub(crate) fn verify(raw: &[u8], group: u32, layout: &Layout) -> bool {
        checksum(raw, group, layout).is_none_or(|sum| le::<u16>(raw, 0x1E) == sum)
    }

    /// Refuses a descriptor that points outside the filesystem or counts more than there is.
    pub(crate) fn check(&self, group: u32, layout: &Layout) -> Result<()> {
        let inside = layout.contains(self.block_bitmap, 1)
            && layout.contains(self.inode_bitmap, 1)
            && layout.contains(self.inode_table, layout.inode_table_blocks());
        let counted = self.free_blocks_count <= layout.group_blocks(group)
            && self.free_inodes_count <= layout.inodes_per_group
            && self.used_dirs_count <= layout.inodes_per_group
            && self.itable_unused <= layout.inodes_per_group;
        match inside && counted {
            true => Ok(()),
            false => Err(Error::corrupt(format!("the descriptor of group {group} cannot be"))),
        }
    }

    /// Whether `flag` is set and means something in this filesystem.
    pub(crate) fn has(&self, flag: u16, layout: &Layout) -> bool {
        layout.has_group_checksums() && self.flags & flag != 0
    }
}

/// The checksum of the group's number and the descriptor without its checksum: the lower half of a CRC-32C,
/// or a CRC-16 with `uninit_bg`. `None` where descriptors have none.
fn checksum(raw: &[u8], group: u32, layout: &Layout) -> Option<u16> {
    let (front, back) = (raw.get(..0x1E).unwrap_or_default(), raw.get(0x20..).unwrap_or_default());
    if let Some(seed) = layout.checksum_seed {
        let sum = crc32c(crc32c(seed, &group.to_le_bytes()), front);
        let bytes = crc32c(crc32c(sum, &[0; 2]), back).to_le_bytes();
        return Some(u16::from_le_bytes([bytes[0], bytes[1]]));
    }
    let uuid = layout.descriptor_sum?;
    let mut digest = CRC16.digest();
    for part in [&uuid[..], &group.to_le_bytes(), front, back] {
        digest.update(part);
    }
    Some(digest.finalize())
}
