//! Where inodes lie: the inode table of each group, read ahead in runs and believed only where it was used.

use crate::block_kind::BlockKind;
use crate::group_descriptor::INODE_UNINIT;
use crate::inode::Inode;
use crate::layout::ROOT_INODE;
use crate::state::Core;
use crate::{Error, Result};

/// Bytes of an inode table that are read at once.
const READ_AHEAD: usize = 64 << 10;

/// A stretch of inode tables, see [`Core::inode_in_order`].
#[derive(Default)]
pub(crate) struct Window {
    start: u64,
    bytes: Vec<u8>,
    /// [`Core::operations`] when it was read: what was changed since is not in it.
    operations: u64,
}

/// Where an inode lies.
struct Slot {
    block: u64,
    offset: usize,
    /// Whether the inode is among those that were used at some time.
    used: bool,
    /// Number of the inode's block in the table, and of the blocks that were used.
    index: u64,
    used_blocks: u64,
}

impl Core {
    /// The inode `number` as a folder entry or the superblock names it: in range, in use, of a known kind.
    pub(crate) fn inode(&mut self, number: u32) -> Result<Inode> {
        let inode = self.read_inode(number)?;
        self.check_inode(inode)
    }

    /// Refuses an inode that no entry can point at.
    fn check_inode(&self, inode: Inode) -> Result<Inode> {
        let number = inode.number;
        if number < self.layout.first_inode && number != ROOT_INODE {
            return Err(Error::corrupt(format!("an entry points at the reserved inode {number}")));
        }
        if !inode.verify(&self.layout) {
            return Err(wrong_checksum(number));
        }
        if inode.i_links_count() == 0 || inode.kind().is_none() {
            return Err(Error::corrupt(format!("an entry points at inode {number}, which is free")));
        }
        Ok(inode)
    }

    /// Any inode, whatever it is, as long as its checksum is right.
    pub(crate) fn raw_inode(&mut self, number: u32) -> Result<Inode> {
        let inode = self.read_inode(number)?;
        match inode.verify(&self.layout) {
            true => Ok(inode),
            false => Err(wrong_checksum(number)),
        }
    }

    fn read_inode(&mut self, number: u32) -> Result<Inode> {
        let slot = self.slot(number)?;
        if !slot.used {
            return Err(Error::corrupt(format!("inode {number} was never used")));
        }
        if self.transaction.get(slot.block).is_none() && !self.cache.contains(slot.block) {
            // Whoever goes through a table in order gets more of it at once.
            let goes_on = slot.block.wrapping_sub(self.last_table_block) <= 2;
            let run = if goes_on { (READ_AHEAD / self.layout.block_size).max(1) as u64 } else { 1 };
            let count = run.min(slot.used_blocks.saturating_sub(slot.index)).max(1);
            self.read_ahead(slot.block, count)?;
            self.last_table_block = slot.block + count - 1;
        }
        let block = self.load(slot.block, BlockKind::Plain)?;
        let raw = block.get(slot.offset..slot.offset + self.layout.inode_size).unwrap_or_default();
        Ok(Inode::parse(number, raw))
    }

    /// The inode `number`, for whoever reads many in rising order: the table goes by in `window`, past the
    /// cache, so that a large folder does not push everything else out of it.
    pub(crate) fn inode_in_order(&mut self, number: u32, window: &mut Window) -> Result<Inode> {
        let slot = self.slot(number)?;
        if !slot.used || self.transaction.get(slot.block).is_some() || self.cache.contains(slot.block) {
            return self.inode(number);
        }
        let size = self.layout.block_size;
        let end = window.start + (window.bytes.len() / size) as u64;
        if !(window.start..end).contains(&slot.block) || window.operations != self.operations {
            let left = slot.used_blocks.saturating_sub(slot.index).max(1);
            let count = usize::try_from(left).unwrap_or(1).min((READ_AHEAD / size).max(1));
            window.bytes.resize(count * size, 0);
            (window.start, window.operations) = (slot.block, self.operations);
            self.device.read_at(&mut window.bytes, self.layout.byte(slot.block))?;
        }
        let start = usize::try_from(slot.block - window.start).unwrap_or(0) * size + slot.offset;
        let raw = window.bytes.get(start..start + self.layout.inode_size).unwrap_or_default();
        self.check_inode(Inode::parse(number, raw))
    }

    /// Stores `inode` in its table, as part of the transaction.
    pub(crate) fn put_inode(&mut self, inode: &mut Inode) -> Result<()> {
        let slot = self.slot(inode.number)?;
        let (offset, size) = (slot.offset, self.layout.inode_size);
        let sealed = inode.sealed(&self.layout);
        let block = self.edit(slot.block, BlockKind::Plain)?;
        match block.get_mut(offset..offset + size) {
            Some(place) if sealed.len() == size => place.copy_from_slice(sealed),
            _ => return Err(Error::corrupt("an inode does not fit its table")),
        }
        Ok(())
    }

    /// Makes sure that the table's block of inode `number` is in the transaction without reading it, when
    /// no inode in it was ever used: such a block may hold anything.
    pub(crate) fn start_table_block(&mut self, number: u32) -> Result<()> {
        let slot = self.slot(number)?;
        let known = self.transaction.get(slot.block).is_some();
        if !known && slot.index >= slot.used_blocks {
            self.fresh(slot.block, BlockKind::Plain)?;
        }
        Ok(())
    }

    /// Inodes of `group` that may be in use: the rest of its table was never written.
    pub(crate) fn used_inodes(&self, group: u32) -> Result<u32> {
        let (layout, descriptor) = (&self.layout, self.group(group)?);
        Ok(match descriptor.has(INODE_UNINIT, layout) {
            true => 0,
            false if layout.has_group_checksums() => layout.inodes_per_group.saturating_sub(descriptor.itable_unused),
            false => layout.inodes_per_group,
        })
    }

    fn slot(&self, number: u32) -> Result<Slot> {
        let layout = &self.layout;
        let (group, index) =
            layout.inode_position(number).ok_or_else(|| Error::corrupt(format!("there is no inode {number}")))?;
        let descriptor = self.group(group)?;
        let used = self.used_inodes(group)?;
        let size = layout.block_size as u64;
        let byte = u64::from(index) * layout.inode_size as u64;
        Ok(Slot {
            block: descriptor.inode_table.saturating_add(byte / size),
            offset: usize::try_from(byte % size).unwrap_or(0),
            used: index < used,
            index: byte / size,
            used_blocks: (u64::from(used) * layout.inode_size as u64).div_ceil(size),
        })
    }
}

fn wrong_checksum(number: u32) -> Error {
    Error::corrupt(format!("the checksum of inode {number} is wrong"))
}
