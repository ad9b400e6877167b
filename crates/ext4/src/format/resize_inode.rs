//! The resize inode: it owns the blocks reserved behind the group descriptors, so that nothing else does.
//!
//! Its double indirect block lists the reserved blocks of group 0 at the numbers that they would have in
//! the descriptor table; each of these lists its counterparts in the groups with backups.

use crate::bytes::put_le;
use crate::layout::Layout;

/// Where the double indirect block stands in `i_block`.
pub(crate) const DOUBLE_INDIRECT: usize = 13 * 4;

/// The groups, other than 0, that have a copy of the superblock.
pub(crate) fn backup_groups(layout: &Layout) -> Vec<u32> {
    (1..layout.group_count).filter(|group| layout.has_superblock(*group)).collect()
}

/// Numbers in an indirect block.
fn per_block(layout: &Layout) -> u64 {
    layout.block_size as u64 / 4
}

/// The size that the resize inode claims.
pub(crate) fn size(layout: &Layout) -> u64 {
    let numbers = per_block(layout);
    (numbers * numbers + numbers + 12) * layout.block_size as u64
}

/// The blocks that the resize inode has.
pub(crate) fn blocks(layout: &Layout) -> u64 {
    1 + u64::from(layout.reserved_gdt_blocks) * (1 + backup_groups(layout).len() as u64)
}

/// The first reserved block of group 0.
pub(crate) fn first_reserved(layout: &Layout) -> u64 {
    layout.superblock_block() + 1 + layout.gdt_blocks()
}

/// The content of the double indirect block.
pub(crate) fn double_indirect(layout: &Layout) -> Vec<u8> {
    let mut block = vec![0; layout.block_size];
    for index in 0..u64::from(layout.reserved_gdt_blocks) {
        let slot = (layout.gdt_blocks() + index) % per_block(layout);
        let number = u32::try_from(first_reserved(layout) + index).unwrap_or(0);
        put_le(&mut block, usize::try_from(slot * 4).unwrap_or(0), number);
    }
    block
}

/// The contents of the reserved blocks of group 0, one behind the other.
pub(crate) fn reserved_blocks(layout: &Layout) -> Vec<u8> {
    let backups = backup_groups(layout);
    let count = usize::try_from(layout.reserved_gdt_blocks).unwrap_or(0);
    let mut blocks = vec![0; count * layout.block_size];
    for (block, number) in blocks.chunks_exact_mut(layout.block_size).zip(first_reserved(layout)..) {
        for (slot, group) in backups.iter().enumerate() {
            let there = number + u64::from(*group) * u64::from(layout.blocks_per_group);
            put_le(block, slot * 4, u32::try_from(there).unwrap_or(0));
        }
    }
    blocks
}
