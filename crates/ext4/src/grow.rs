//! Growing: the filesystem takes over the room that its device got, in one transaction.
//!
//! New groups are laid out behind the old end, where nothing committed looks yet; the transaction then
//! brings superblock, descriptors and resize inode up to it. Descriptors that need more blocks take them
//! from those that were reserved for that, so how far a filesystem can grow is decided when it is made.

use cairn_block::BlockDevice;

use crate::block_kind::BlockKind;
use crate::filesystem::Filesystem;
use crate::format::placement::Plan;
use crate::format::resize_inode;
use crate::format::tables::{descriptor_table, write_backups};
use crate::group_descriptor::BLOCK_UNINIT;
use crate::layout::{Layout, RESIZE_INODE};
use crate::state::Core;
use crate::superblock::Superblock;
use crate::zone::SystemZone;
use crate::{Error, ErrorKind, Result, bitmap};

/// The most blocks that 32 bits number.
const MOST_BLOCKS: u64 = 1 << 32;
/// A last group with less room than this for content is not worth its tables.
const LEAST_ROOM: u64 = 64;

/// What a filesystem is about to become.
struct Growth {
    superblock: Superblock,
    layout: Layout,
    /// The groups behind the old last one.
    added: Plan,
    /// Blocks that the old last group gets.
    completed: u32,
}

impl Core {
    fn grow(&mut self) -> Result<()> {
        self.check_writable()?;
        self.layout.features.check_growth()?;
        self.commit()?;
        let Some(mut growth) = self.plan_growth()? else { return Ok(()) };
        let device = std::sync::Arc::clone(&self.device);
        let old_end = self.layout.byte(self.layout.blocks_count);
        device.discard(old_end, device.len() - old_end)?;
        growth.added.write_bitmaps(&*device, &growth.layout, 0)?;

        let (layout, zone, count) = (self.layout.clone(), self.zone.clone(), self.groups.len());
        let grown = self.operate(|core| core.apply_growth(&growth)).and_then(|()| self.commit());
        if let Err(error) = grown {
            (self.layout, self.zone) = (layout, zone);
            self.groups.truncate(count);
            return Err(error);
        }
        // The copies are not part of the transaction: they are for e2fsck, should the first ones be lost.
        let table = descriptor_table(&self.layout, &self.groups);
        let written = write_backups(&*device, &self.layout, &self.superblock, &table);
        if let Err(error) = &written {
            // It has grown, and whoever asked hears of a failure: opening it again makes the two agree.
            self.failed = Some(error.to_string());
        }
        written?;
        self.sync(&*device)
    }

    /// Computes what the filesystem becomes; `None` when the device has no room for more.
    fn plan_growth(&self) -> Result<Option<Growth>> {
        let old = &self.layout;
        let blocks = self.usable_blocks(self.device.len() / old.block_size as u64);
        if blocks <= old.blocks_count {
            return Ok(None);
        }
        let mut superblock = self.superblock.clone();
        superblock.set_blocks_count(blocks);
        let per_group = u64::from(old.blocks_per_group);
        let groups = (blocks - old.first_data_block).div_ceil(per_group);
        let inodes = u32::try_from(groups * u64::from(old.inodes_per_group));
        superblock.set_s_inodes_count(inodes.map_err(|_| too_far(old))?);
        let more = groups.div_ceil(old.descriptors_per_block()) - old.gdt_blocks();
        let reserved = u64::from(old.reserved_gdt_blocks).checked_sub(more);
        let reserved = reserved.and_then(|left| u16::try_from(left).ok()).ok_or_else(|| too_far(old))?;
        superblock.set_s_reserved_gdt_blocks(reserved);
        if blocks > MOST_BLOCKS {
            return Err(too_far(old));
        }
        let layout = Layout::new(&superblock, self.device.len())?;
        let mut added = Plan::new(&layout, old.group_count, superblock.s_log_groups_per_flex())?;
        added.count(&layout);

        let last = old.group_count - 1;
        let completed = layout.group_blocks(last) - old.group_blocks(last);
        let free = superblock.free_blocks_count() + u64::from(completed) + added.free_blocks();
        superblock.set_free_blocks_count(free);
        let new_inodes = layout.inodes_count - old.inodes_count;
        superblock.set_s_free_inodes_count(superblock.s_free_inodes_count() + new_inodes);
        let overhead = blocks - old.blocks_count - u64::from(completed) - added.free_blocks();
        let overhead = u64::from(superblock.s_overhead_clusters()) + overhead;
        superblock.set_s_overhead_clusters(u32::try_from(overhead).unwrap_or(0));
        Ok(Some(Growth { superblock, layout, added, completed }))
    }

    /// The number of blocks without a new last group that has hardly any room.
    fn usable_blocks(&self, blocks: u64) -> u64 {
        let layout = &self.layout;
        let Some(data) = blocks.checked_sub(layout.first_data_block) else { return 0 };
        let per_group = u64::from(layout.blocks_per_group);
        let (rest, group) = (data % per_group, u32::try_from(data / per_group).unwrap_or(u32::MAX));
        // Descriptors and their reserve together stay as long as they are.
        let head = if layout.has_superblock(group) { layout.group_head_blocks(0) } else { 0 };
        let needed = head + 2 + layout.inode_table_blocks() + LEAST_ROOM;
        let worth_it = rest == 0 || group < layout.group_count || rest >= needed;
        if worth_it { blocks } else { blocks - rest }
    }

    fn apply_growth(&mut self, growth: &Growth) -> Result<()> {
        let old = std::mem::replace(&mut self.layout, growth.layout.clone());
        self.groups.extend_from_slice(&growth.added.groups);
        let journal = self.journal.as_ref().map(|journal| journal.log.runs()).unwrap_or_default();
        self.zone = SystemZone::new(&self.layout, &self.groups, &journal)?;
        *self.edit_superblock() = growth.superblock.clone();
        self.complete_group(&old, growth.completed)?;
        // Blocks that become part of the table held the numbers of other reserved blocks.
        let table = self.layout.superblock_block() + 1;
        for block in table + old.gdt_blocks()..table + self.layout.gdt_blocks() {
            self.edit(block, BlockKind::Plain)?.fill(0);
        }
        for group in old.group_count..self.layout.group_count {
            self.edit_group(group)?;
        }
        self.update_resize_inode(&old)
    }

    /// Frees the blocks that the old last group got.
    fn complete_group(&mut self, old: &Layout, completed: u32) -> Result<()> {
        let group = old.group_count - 1;
        let descriptor = self.edit_group(group)?;
        descriptor.free_blocks_count += completed;
        let (block, uninit) = (descriptor.block_bitmap, descriptor.flags & BLOCK_UNINIT != 0);
        self.free.forget(group);
        if completed > 0 && !uninit {
            let kind = self.block_bitmap_kind(group)?;
            let bits = self.edit(block, kind)?;
            let end = old.group_blocks(group);
            bitmap::fill(bits, end, end + completed, false);
        }
        Ok(())
    }

    /// Takes from the resize inode what the descriptors took, and gives it the reserve of new backups.
    fn update_resize_inode(&mut self, old: &Layout) -> Result<()> {
        let unchanged = resize_inode::blocks(old) == resize_inode::blocks(&self.layout);
        if old.reserved_gdt_blocks == 0 || unchanged {
            return Ok(());
        }
        let mut inode = self.raw_inode(RESIZE_INODE)?;
        let at = resize_inode::DOUBLE_INDIRECT;
        let double = u64::from(crate::bytes::le::<u32>(inode.i_block(), at));
        let inside = self.layout.contains(double, 1) && !self.zone.overlaps(double, 1);
        if !inside || inode.blocks(&self.layout) != resize_inode::blocks(old) {
            return Err(Error::corrupt("the resize inode cannot be"));
        }
        let layout = self.layout.clone();
        let numbers = resize_inode::double_indirect(&layout);
        self.edit(double, BlockKind::Plain)?.copy_from_slice(&numbers);
        let first = resize_inode::first_reserved(&layout);
        let contents = resize_inode::reserved_blocks(&layout);
        for (block, content) in (first..).zip(contents.chunks_exact(layout.block_size)) {
            self.edit(block, BlockKind::Plain)?.copy_from_slice(content);
        }
        inode.set_blocks(resize_inode::blocks(&layout), &layout);
        self.put_inode(&mut inode)
    }
}

impl Filesystem {
    /// Lets the filesystem fill its device, which has grown since; nothing happens when it does already.
    ///
    /// # Errors
    /// [`ErrorKind::NoSpace`] when the device has grown further than the filesystem was made for;
    /// [`ErrorKind::Unsupported`] names a feature with which the engine cannot do it.
    pub fn grow(&self) -> Result<()> {
        self.lock()?.grow()
    }
}

fn too_far(layout: &Layout) -> Error {
    let table = layout.gdt_blocks() + u64::from(layout.reserved_gdt_blocks);
    let groups = table * layout.descriptors_per_block();
    let blocks = groups.saturating_mul(u64::from(layout.blocks_per_group)).min(MOST_BLOCKS);
    let gib = layout.byte(blocks) >> 30;
    let why = format!("the filesystem was made to grow to at most {gib} GiB");
    Error::new(ErrorKind::NoSpace, why)
}
