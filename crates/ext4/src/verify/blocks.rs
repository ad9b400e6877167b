//! An inode's map of blocks: extents or a block map, walked to the end whatever is wrong on the way, every
//! block claimed for its owner.

use super::{Check, Place, Problem};
use crate::Result;
use crate::bytes::le;
use crate::extent::{self, Extent, Header};
use crate::inode::{FLAG_EXTENTS, Inode};
use crate::layout::RESIZE_INODE;

/// Entries of a block map that name blocks of the content; then one level, two and three levels of blocks.
const DIRECT: usize = 12;

/// What an inode's map claims.
#[derive(Debug, Default)]
pub(super) struct Mapped {
    /// Blocks, those of the map itself included; with `bigalloc` all those of their clusters.
    pub(super) blocks: u64,
    /// With `bigalloc`: the last cluster that was mapped, as its number in the file and on the device.
    cluster: Option<(u64, u64)>,
    /// Blocks up to the last that is mapped, and up to the last that was written, counted within the file.
    pub(super) end: u64,
    pub(super) written_end: u64,
}

/// What the entries of an extent node have to lie in.
struct Bounds {
    /// The depth that the parent promised; `None` for the root.
    depth: Option<u16>,
    /// The key that the first entry has to have.
    key: Option<u64>,
    end: u64,
}

impl Check {
    /// Walks the map of `inode` and claims its blocks.
    pub(super) fn map(&mut self, inode: &Inode) -> Result<Mapped> {
        let mut mapped = Mapped::default();
        if inode.has_flag(FLAG_EXTENTS) {
            let bounds = Bounds { depth: None, key: None, end: 1 << 32 };
            self.extents(inode, inode.i_block(), &bounds, &mut mapped)?;
        } else {
            self.block_map(inode, &mut mapped)?;
        }
        Ok(mapped)
    }

    /// Claims blocks for an inode; false when it cannot have them.
    pub(super) fn claim(&mut self, inode: &Inode, start: u64, count: u64) -> bool {
        let place = Place::Inode(inode.number);
        if !self.core.layout.contains(start, count) {
            let message = format!("it claims blocks {start}+{count}, which lie outside the filesystem");
            self.grave(place, Problem::BlockMap, message);
            return false;
        }
        let Some(taken) = self.used.claim(start, count) else { return true };
        let whole = self.blocks_per_cluster();
        let table = self.core.zone.overlaps(taken, whole) && !self.core.is_journal(inode.number);
        let owner = if table { "is one of the filesystem's own tables" } else { "belongs to something else already" };
        self.grave(place, Problem::SharedBlock, format!("it claims block {taken}, which {owner}"));
        !table
    }

    fn extents(&mut self, inode: &Inode, node: &[u8], bounds: &Bounds, mapped: &mut Mapped) -> Result<()> {
        let place = Place::Inode(inode.number);
        let header = Header::parse(node, bounds.depth);
        let Some(header) = self.tolerate(header, place, Problem::BlockMap)? else { return Ok(()) };
        // Linux leaves at most the room of a checksum unused.
        let room = node.len() / extent::ENTRY - 1;
        if header.max + 2 < room {
            self.damage(place, Problem::BlockMap, "a node of its extent tree says that it has little room");
        }
        if header.entries > 0 && bounds.key.is_some_and(|key| key != u64::from(extent::key(node, 0))) {
            let message = "a node of its extent tree starts elsewhere than the node above it says";
            self.damage(place, Problem::BlockMap, message);
        }
        let mut next = bounds.key.unwrap_or(0);
        for index in 0..header.entries {
            let key = u64::from(extent::key(node, index));
            let last = index + 1 == header.entries;
            let end = if last { bounds.end } else { u64::from(extent::key(node, index + 1)) };
            if key < next || key >= end || end > bounds.end {
                self.grave(place, Problem::BlockMap, "its extents are out of order or overlap");
                return Ok(());
            }
            next = end;
            if header.depth > 0 {
                let bounds = Bounds { depth: Some(header.depth - 1), key: Some(key), end };
                self.child_extents(inode, extent::child(node, index), &bounds, mapped)?;
                continue;
            }
            let extent = Extent::parse(extent::entry(node, index));
            if extent.len == 0 || extent.end() > end {
                self.grave(place, Problem::BlockMap, "its extents are out of order or overlap");
                return Ok(());
            }
            self.extent(inode, &extent, mapped);
        }
        Ok(())
    }

    fn child_extents(&mut self, inode: &Inode, block: u64, bounds: &Bounds, mapped: &mut Mapped) -> Result<()> {
        if !self.claim(inode, block, 1) {
            return Ok(());
        }
        mapped.blocks += self.blocks_per_cluster();
        let node = self.core.load(block, self.core.extent_kind(inode));
        match self.tolerate(node, Place::Inode(inode.number), Problem::Checksum)? {
            Some(node) => self.extents(inode, &node, bounds, mapped),
            None => Ok(()),
        }
    }

    fn extent(&mut self, inode: &Inode, extent: &Extent, mapped: &mut Mapped) {
        let place = Place::Inode(inode.number);
        if inode.is_directory() && extent.unwritten {
            self.grave(place, Problem::BlockMap, "a part of the folder was never written");
        }
        match self.core.layout.cluster_bits {
            0 => {
                self.claim(inode, extent.start, u64::from(extent.len));
                mapped.blocks += u64::from(extent.len);
            }
            bits => self.clusters(inode, extent, bits, mapped),
        }
        mapped.end = extent.end();
        if !extent.unwritten {
            mapped.written_end = extent.end();
        }
    }

    /// Claims the clusters of an extent. Extents of one file that follow each other may lie in one cluster, as they
    /// do in the file.
    fn clusters(&mut self, inode: &Inode, extent: &Extent, bits: u32, mapped: &mut Mapped) {
        let place = Place::Inode(inode.number);
        let (logical, len) = (u64::from(extent.logical), u64::from(extent.len));
        let first = (logical >> bits, extent.start >> bits);
        let within = (1u64 << bits) - 1;
        let split = mapped.cluster.is_some_and(|last| last.0 == first.0 && last.1 != first.1);
        if logical & within != extent.start & within || split {
            self.damage(place, Problem::BlockMap, "its blocks lie otherwise in their clusters than in the file");
        }
        let shared = mapped.cluster == Some(first);
        mapped.cluster = Some(((logical + len - 1) >> bits, extent.start.saturating_add(len - 1) >> bits));
        // What lies in the cluster before was claimed with it.
        let start = if shared { (first.1 + 1) << bits } else { extent.start };
        let count = extent.start.saturating_add(len).saturating_sub(start);
        if count > 0 {
            self.claim(inode, start, count);
            let clusters = ((start + count - 1) >> bits) - (start >> bits) + 1;
            mapped.blocks += clusters << bits;
        }
    }

    /// Blocks of what is allocated at once: 1 without `bigalloc`.
    pub(super) fn blocks_per_cluster(&self) -> u64 {
        1 << self.core.layout.cluster_bits
    }

    fn block_map(&mut self, inode: &Inode, mapped: &mut Mapped) -> Result<()> {
        let pointers: Vec<u64> = inode.i_block().chunks_exact(4).map(|entry| u64::from(le::<u32>(entry, 0))).collect();
        let mut logical = 0;
        for (index, block) in pointers.into_iter().enumerate() {
            let levels = u32::try_from(index.saturating_sub(DIRECT - 1)).unwrap_or(0);
            self.mapped_block(inode, block, levels, &mut logical, mapped)?;
        }
        Ok(())
    }

    /// One entry of a block map, with `levels` of further maps below it.
    fn mapped_block(
        &mut self,
        inode: &Inode,
        block: u64,
        levels: u32,
        logical: &mut u64,
        mapped: &mut Mapped,
    ) -> Result<()> {
        let fan = (self.core.layout.block_size / 4) as u64;
        let below = fan.pow(levels);
        if block == 0 {
            *logical += below;
            return Ok(());
        }
        // The blocks that the resize inode names are set aside behind the descriptors, in every group.
        let reserved = inode.number == RESIZE_INODE && levels < 2;
        if !reserved && !self.claim(inode, block, 1) {
            *logical += below;
            return Ok(());
        }
        mapped.blocks += self.blocks_per_cluster();
        if levels == 0 {
            *logical += 1;
            (mapped.end, mapped.written_end) = (*logical, *logical);
            return Ok(());
        }
        let table = self.core.load(block, crate::block_kind::BlockKind::Plain);
        let Some(table) = self.tolerate(table, Place::Inode(inode.number), Problem::BlockMap)? else {
            return Ok(());
        };
        for entry in table.chunks_exact(4) {
            self.mapped_block(inode, u64::from(le::<u32>(entry, 0)), levels - 1, logical, mapped)?;
        }
        Ok(())
    }
}
