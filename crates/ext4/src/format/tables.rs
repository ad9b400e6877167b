//! What a new filesystem holds: the root folder, `lost+found`, the journal, the resize inode; and the
//! writing of it all.

use cairn_block::BlockDevice;

use super::placement::Plan;
use super::{FormatOptions, resize_inode};
use crate::block_kind::BlockKind;
use crate::checksum::inode_seed;
use crate::dir_entry;
use crate::extent::{self, ENTRY, Extent, Header};
use crate::group_descriptor::{GroupDescriptor, INODE_UNINIT};
use crate::inode::{FLAG_EXTENTS, Inode};
use crate::journal::JOURNAL_INODE;
use crate::journal::superblock::JournalSuperblock;
use crate::layout::{Layout, MAX_EXTENT_BLOCKS, RESIZE_INODE, ROOT_INODE};
use crate::superblock::Superblock;
use crate::{Attributes, FileKind, Result};

/// The inode of `lost+found`, the first that is not reserved.
const LOST_FOUND: u32 = 11;
/// Bytes of `lost+found`: room for e2fsck to put things without having to allocate.
const LOST_FOUND_BYTES: u64 = 16384;

/// Where the first contents lie.
pub(super) struct Contents<'l> {
    layout: &'l Layout,
    root: u64,
    lost_found: Vec<(u64, u64)>,
    journal: Vec<(u64, u64)>,
    /// A block for the journal's extents, when the inode has no room for them.
    journal_leaf: Option<u64>,
    double_indirect: Option<u64>,
}

impl<'l> Contents<'l> {
    /// Finds room for everything, and counts what is left.
    pub(super) fn plan(layout: &'l Layout, plan: &mut Plan) -> Result<Self> {
        let root = plan.take_one(layout)?;
        let lost_found = plan.take(layout, LOST_FOUND_BYTES / layout.block_size as u64)?;
        let double_indirect = match layout.reserved_gdt_blocks {
            0 => None,
            _ => Some(plan.take_one(layout)?),
        };
        // Taken in any case: how many extents the journal needs is known only after it was placed.
        let spare = plan.take_one(layout)?;
        let journal = plan.take(layout, journal_blocks(layout.blocks_count))?;
        let journal_leaf = (extents(&journal).len() > 4).then_some(spare);
        if journal_leaf.is_none() {
            plan.give_back(spare);
        }
        plan.count(layout);
        if let Some(group) = plan.groups.first_mut() {
            group.flags &= !INODE_UNINIT;
            group.free_inodes_count -= LOST_FOUND;
            group.itable_unused -= LOST_FOUND;
            group.used_dirs_count = 2;
        }
        Ok(Self { layout, root, lost_found, journal, journal_leaf, double_indirect })
    }

    /// Completes the superblock.
    pub(super) fn describe(&self, superblock: &mut Superblock, plan: &Plan) {
        let layout = self.layout;
        let journal: u64 = self.journal.iter().map(|run| run.1).sum();
        superblock.set_free_blocks_count(plan.free_blocks());
        superblock.set_s_free_inodes_count(layout.inodes_count - LOST_FOUND);
        let tables = u64::from(layout.group_count) * (2 + layout.inode_table_blocks());
        let heads: u64 = (0..layout.group_count).map(|g| layout.group_head_blocks(g)).sum();
        let overhead = layout.first_data_block + heads + tables + journal;
        superblock.set_s_overhead_clusters(u32::try_from(overhead).unwrap_or(0));
        let inode = self.journal_inode(&Attributes::root(0, Default::default()));
        superblock.set_journal_backup(inode.i_block(), inode.size());
    }

    /// Writes everything but the primary superblock.
    pub(super) fn write(
        &self,
        device: &dyn BlockDevice,
        superblock: &Superblock,
        plan: &mut Plan,
        options: &FormatOptions,
    ) -> Result<()> {
        self.write_inodes(device, plan, options)?;
        self.write_folders(device)?;
        self.write_journal(device)?;
        self.write_reserve(device)?;
        plan.write_bitmaps(device, self.layout, LOST_FOUND)?;
        self.write_descriptors(device, superblock, plan)
    }

    fn write_block(&self, device: &dyn BlockDevice, block: u64, data: &[u8]) -> Result<()> {
        Ok(device.write_at(data, self.layout.byte(block))?)
    }

    fn write_inodes(&self, device: &dyn BlockDevice, plan: &Plan, options: &FormatOptions) -> Result<()> {
        let layout = self.layout;
        let owner = |mode| Attributes::root(mode, options.now);
        let new = |number, kind, mode| Inode::new(number, kind, &owner(mode), options.now, layout);
        let mut root = new(ROOT_INODE, FileKind::Directory, 0o755);
        root.set_i_links_count(3);
        map(&mut root, &[(self.root, 1)], layout);
        let mut lost_found = new(LOST_FOUND, FileKind::Directory, 0o700);
        lost_found.set_i_links_count(2);
        map(&mut lost_found, &self.lost_found, layout);
        let mut inodes = vec![root, self.journal_inode(&owner(0o600)), lost_found];
        if let Some(block) = self.double_indirect {
            let mut resize = new(RESIZE_INODE, FileKind::File, 0o600);
            resize.set_size(resize_inode::size(layout));
            resize.set_blocks(resize_inode::blocks(layout), layout);
            let number = u32::try_from(block).unwrap_or(0);
            crate::bytes::put_le(resize.i_block_mut(), resize_inode::DOUBLE_INDIRECT, number);
            inodes.push(resize);
        }
        let size = layout.inode_size;
        let mut table = vec![0; (size * 11).next_multiple_of(layout.block_size)];
        for inode in &mut inodes {
            let offset = usize::try_from(inode.number - 1).unwrap_or(0) * size;
            if let Some(place) = table.get_mut(offset..offset + size) {
                place.copy_from_slice(inode.sealed(layout));
            }
        }
        let first = plan.groups.first().map_or(0, |group| group.inode_table);
        self.write_block(device, first, &table)
    }

    /// The journal's inode; `attributes` give its owner and times.
    fn journal_inode(&self, attributes: &Attributes) -> Inode {
        let layout = self.layout;
        let now = attributes.mtime;
        let mut inode = Inode::new(JOURNAL_INODE, FileKind::File, attributes, now, layout);
        map(&mut inode, &self.journal, layout);
        if let Some(leaf) = self.journal_leaf {
            let root = inode.i_block_mut();
            root.fill(0);
            Header { entries: 1, max: 4, depth: 1 }.store(root);
            extent::store_index(root, 0, 0, leaf);
            inode.set_blocks(inode.size() / layout.block_size as u64 + 1, layout);
        }
        inode
    }

    fn write_folders(&self, device: &dyn BlockDevice) -> Result<()> {
        let checksums = self.layout.checksum_seed.is_some();
        let mut block = vec![0; self.layout.block_size];
        dir_entry::start_folder(&mut block, ROOT_INODE, ROOT_INODE, checksums);
        let folder = FileKind::Directory.entry_type();
        let room = dir_entry::find_room(&block, 10)?.unwrap_or(0);
        dir_entry::insert(&mut block, room, LOST_FOUND, folder, b"lost+found");
        self.seal_folder(&mut block, ROOT_INODE);
        self.write_block(device, self.root, &block)?;
        dir_entry::start_folder(&mut block, LOST_FOUND, ROOT_INODE, checksums);
        for (start, count) in &self.lost_found {
            for number in *start..start + count {
                self.seal_folder(&mut block, LOST_FOUND);
                self.write_block(device, number, &block)?;
                dir_entry::clear(&mut block, checksums);
            }
        }
        Ok(())
    }

    fn seal_folder(&self, block: &mut [u8], inode: u32) {
        if let Some(seed) = self.layout.checksum_seed {
            BlockKind::Directory { seed: inode_seed(seed, inode, 0) }.seal(block);
        }
    }

    fn write_journal(&self, device: &dyn BlockDevice) -> Result<()> {
        let blocks: u64 = self.journal.iter().map(|run| run.1).sum();
        let size = self.layout.block_size;
        let mut superblock = JournalSuperblock::new(size, u32::try_from(blocks).unwrap_or(0));
        let first = self.journal.first().map_or(0, |run| run.0);
        self.write_block(device, first, superblock.sealed())?;
        let Some(leaf) = self.journal_leaf else { return Ok(()) };
        let mut block = vec![0; size];
        let extents = extents(&self.journal);
        let max = (size - ENTRY) / ENTRY;
        Header { entries: extents.len(), max, depth: 0 }.store(&mut block);
        for (extent, entry) in extents.iter().zip(block.chunks_exact_mut(ENTRY).skip(1)) {
            extent.store(entry);
        }
        if let Some(seed) = self.layout.checksum_seed {
            BlockKind::Extent { seed: inode_seed(seed, JOURNAL_INODE, 0) }.seal(&mut block);
        }
        self.write_block(device, leaf, &block)
    }

    fn write_reserve(&self, device: &dyn BlockDevice) -> Result<()> {
        let Some(block) = self.double_indirect else { return Ok(()) };
        self.write_block(device, block, &resize_inode::double_indirect(self.layout))?;
        let first = resize_inode::first_reserved(self.layout);
        self.write_block(device, first, &resize_inode::reserved_blocks(self.layout))
    }

    /// Writes the descriptors and the backups of superblock and descriptors.
    fn write_descriptors(&self, device: &dyn BlockDevice, superblock: &Superblock, plan: &Plan) -> Result<()> {
        let table = descriptor_table(self.layout, &plan.groups);
        self.write_block(device, self.layout.superblock_block() + 1, &table)?;
        write_backups(device, self.layout, superblock, &table)
    }
}

/// The blocks of the descriptor table.
pub(crate) fn descriptor_table(layout: &Layout, groups: &[GroupDescriptor]) -> Vec<u8> {
    let size = layout.descriptor_size;
    let mut table = vec![0; (groups.len() * size).next_multiple_of(layout.block_size)];
    for ((number, group), raw) in (0u32..).zip(groups).zip(table.chunks_exact_mut(size)) {
        group.store(raw, number, layout);
    }
    table
}

/// Writes the copies of superblock and descriptors that some groups have.
pub(crate) fn write_backups(
    device: &dyn BlockDevice,
    layout: &Layout,
    superblock: &Superblock,
    table: &[u8],
) -> Result<()> {
    for group in resize_inode::backup_groups(layout) {
        let start = layout.byte(layout.group_start(group));
        let mut copy = superblock.clone();
        copy.set_s_block_group_nr(u16::try_from(group).unwrap_or(0));
        device.write_at(&copy.sealed(), start)?;
        device.write_at(table, start + layout.block_size as u64)?;
    }
    Ok(())
}

/// Runs of blocks as extents of a file that consists of them.
fn extents(runs: &[(u64, u64)]) -> Vec<Extent> {
    let mut extents = Vec::new();
    let mut logical = 0;
    for (start, count) in runs {
        let (mut start, mut left) = (*start, *count);
        while left > 0 {
            let len = u32::try_from(left).unwrap_or(u32::MAX).min(MAX_EXTENT_BLOCKS);
            extents.push(Extent { logical, len, start, unwritten: false });
            logical += len;
            start += u64::from(len);
            left -= u64::from(len);
        }
    }
    extents
}

/// Gives an inode the content that lies in `runs`, as far as its root has room for extents.
fn map(inode: &mut Inode, runs: &[(u64, u64)], layout: &Layout) {
    let blocks: u64 = runs.iter().map(|run| run.1).sum();
    inode.set_flag(FLAG_EXTENTS);
    inode.set_size(blocks * layout.block_size as u64);
    inode.set_blocks(blocks, layout);
    let extents = extents(runs);
    let root = inode.i_block_mut();
    Header { entries: extents.len().min(4), max: 4, depth: 0 }.store(root);
    for (extent, entry) in extents.iter().zip(root.chunks_exact_mut(ENTRY).skip(1)) {
        extent.store(entry);
    }
}

/// Blocks of a new journal, as mke2fs has it.
fn journal_blocks(blocks: u64) -> u64 {
    const SIZES: [(u64, u64); 7] = [
        (32_768, 1024),
        (256 << 10, 4096),
        (512 << 10, 8192),
        (4096 << 10, 16384),
        (8192 << 10, 32768),
        (16384 << 10, 65536),
        (32768 << 10, 131_072),
    ];
    SIZES.iter().find(|size| blocks < size.0).map_or(262_144, |size| size.1)
}
