//! Extents: the tree that maps a file's blocks to the device's, read with every number distrusted.
//!
//! A node is a header of 12 bytes and entries of 12 bytes: extents in a leaf, indexes above. The root
//! stands in the inode, other nodes are blocks with a checksum behind their entries. Keys must rise
//! strictly and stay inside what the parent promised, so that no node can be met twice and every walk ends.

use crate::block_kind::BlockKind;
use crate::bytes::{join, le, put_le, split};
use crate::cache::Block;
use crate::inode::{FLAG_EXTENTS, FLAG_INLINE_DATA, Inode};
use crate::layout::MAX_EXTENT_BLOCKS;
use crate::state::Core;
use crate::{Error, Result};

/// `eh_magic`.
const MAGIC: u16 = 0xF30A;
/// The deepest tree that the kernel makes.
pub(crate) const MAX_DEPTH: u16 = 5;
/// Bytes of a header, and of an entry.
pub(crate) const ENTRY: usize = 12;

/// A run of a file's blocks that lie together on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// The first block, counted within the file.
    pub(crate) logical: u32,
    /// Number of blocks, at most 32,768.
    pub(crate) len: u32,
    /// The first block on the device.
    pub(crate) start: u64,
    /// Allocated but never written: reads as zero.
    pub(crate) unwritten: bool,
}

impl Extent {
    /// The block behind the last one, counted within the file.
    pub(crate) fn end(&self) -> u64 {
        u64::from(self.logical) + u64::from(self.len)
    }

    pub(crate) fn parse(entry: &[u8]) -> Self {
        let coded = u32::from(le::<u16>(entry, 4));
        let unwritten = coded > MAX_EXTENT_BLOCKS;
        Self {
            logical: le(entry, 0),
            len: if unwritten { coded - MAX_EXTENT_BLOCKS } else { coded },
            start: join(le(entry, 8), u32::from(le::<u16>(entry, 6))),
            unwritten,
        }
    }

    pub(crate) fn store(&self, entry: &mut [u8]) {
        let (low, high) = split(self.start);
        let coded = if self.unwritten { self.len + MAX_EXTENT_BLOCKS } else { self.len };
        put_le(entry, 0, self.logical);
        put_le(entry, 4, u16::try_from(coded).unwrap_or(u16::MAX));
        put_le(entry, 6, u16::try_from(high).unwrap_or(u16::MAX));
        put_le(entry, 8, low);
    }
}

/// The header of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) entries: usize,
    pub(crate) max: usize,
    pub(crate) depth: u16,
}

impl Header {
    /// Reads a node's header; `depth` is what the parent says, `None` for a root.
    pub(crate) fn parse(node: &[u8], depth: Option<u16>) -> Result<Self> {
        let header =
            Self { entries: usize::from(le::<u16>(node, 2)), max: usize::from(le::<u16>(node, 4)), depth: le(node, 6) };
        let fits = ENTRY * (header.max + 1) <= node.len() && header.entries <= header.max;
        let deep = depth.map_or(header.depth <= MAX_DEPTH, |depth| header.depth == depth);
        // Only an empty root may have no entries.
        let filled = header.entries > 0 || (depth.is_none() && header.depth == 0);
        match le::<u16>(node, 0) == MAGIC && fits && deep && filled {
            true => Ok(header),
            false => Err(Error::corrupt("a node of an extent tree cannot be")),
        }
    }

    pub(crate) fn store(&self, node: &mut [u8]) {
        put_le(node, 0, MAGIC);
        put_le(node, 2, u16::try_from(self.entries).unwrap_or(u16::MAX));
        put_le(node, 4, u16::try_from(self.max).unwrap_or(u16::MAX));
        put_le(node, 6, self.depth);
        put_le(node, 8, 0u32);
    }
}

/// The bytes of entry `index` of a node.
pub(crate) fn entry(node: &[u8], index: usize) -> &[u8] {
    node.get(ENTRY * (index + 1)..ENTRY * (index + 2)).unwrap_or_default()
}

/// The first file block below index entry `index`, or of extent `index`: the key of both.
pub(crate) fn key(node: &[u8], index: usize) -> u32 {
    le(entry(node, index), 0)
}

/// The child block that index entry `index` points at.
pub(crate) fn child(node: &[u8], index: usize) -> u64 {
    let entry = entry(node, index);
    join(le(entry, 4), u32::from(le::<u16>(entry, 8)))
}

/// Stores index entry `index` of a node: from file block `key` on, see the node in block `child`.
pub(crate) fn store_index(node: &mut [u8], index: usize, key: u32, child: u64) {
    let (low, high) = split(child);
    let start = ENTRY * (index + 1);
    put_le(node, start, key);
    put_le(node, start + 4, low);
    put_le(node, start + 8, u16::try_from(high).unwrap_or(u16::MAX));
    put_le(node, start + 10, 0u16);
}

/// Where a node's checksum stands: behind the last entry that it has room for.
pub(crate) fn tail_offset(node: &[u8]) -> Option<usize> {
    let offset = ENTRY * (usize::from(le::<u16>(node, 4)) + 1);
    (offset + 4 <= node.len()).then_some(offset)
}

/// A file's blocks from one on that are mapped alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    /// Number of blocks.
    pub(crate) len: u64,
    /// Where they lie; `None` for a hole and for blocks that were never written.
    pub(crate) start: Option<u64>,
}

/// One node on the way down a tree, and what its keys have to lie in. The root has no block.
struct Node {
    number: Option<u64>,
    block: Option<Block>,
    header: Header,
    first: u64,
    end: u64,
    next: usize,
}

impl Core {
    /// The root of an inode's extent tree; refuses what is not mapped by one.
    pub(crate) fn extent_root<'i>(&self, inode: &'i Inode) -> Result<&'i [u8]> {
        if inode.has_flag(FLAG_INLINE_DATA) {
            return Err(Error::unsupported("content inside an inode (inline_data)"));
        }
        match inode.has_flag(FLAG_EXTENTS) {
            true => Ok(inode.i_block()),
            false => Err(Error::unsupported("a block map instead of extents for a file that is to grow")),
        }
    }

    /// How the kind of `inode`'s extent blocks is called.
    pub(crate) fn extent_kind(&self, inode: &Inode) -> BlockKind {
        inode.seed(&self.layout).map_or(BlockKind::Plain, |seed| BlockKind::Extent { seed })
    }

    /// Where block `logical` of `inode` lies, and how many blocks from there on are mapped alike.
    pub(crate) fn map_block(&mut self, inode: &Inode, logical: u32) -> Result<Mapping> {
        if inode.has_block_map() {
            return self.map_indirect(inode, logical);
        }
        let mut node: Option<Block> = None;
        let mut depth = None;
        let (mut first, mut end) = (0u64, 1u64 << 32);
        loop {
            let bytes = match &node {
                Some(block) => &block[..],
                None => self.extent_root(inode)?,
            };
            let header = Header::parse(bytes, depth)?;
            let after = upper_bound(bytes, header.entries, logical);
            let next_key = match after < header.entries {
                true => u64::from(key(bytes, after)),
                false => end,
            };
            if header.depth == 0 {
                let found = after.checked_sub(1).map(|i| Extent::parse(entry(bytes, i)));
                return self.mapping(found, logical, next_key.min(end), first, inode);
            }
            let Some(index) = after.checked_sub(1) else {
                // Before the first key: nothing is mapped up to there.
                return Ok(Mapping { len: next_key - u64::from(logical), start: None });
            };
            (first, end) = (u64::from(key(bytes, index)).max(first), next_key.min(end));
            depth = Some(header.depth - 1);
            let below = child(bytes, index);
            node = Some(self.load(below, self.extent_kind(inode))?);
        }
    }

    fn mapping(&self, found: Option<Extent>, logical: u32, next: u64, first: u64, inode: &Inode) -> Result<Mapping> {
        let at = u64::from(logical);
        match found {
            Some(extent) if extent.end() > at => {
                self.check_extent(&extent, first, 1 << 32, inode)?;
                let skipped = at - u64::from(extent.logical);
                let len = u64::from(extent.len) - skipped;
                Ok(Mapping { len, start: (!extent.unwritten).then(|| extent.start + skipped) })
            }
            _ if next > at => Ok(Mapping { len: next - at, start: None }),
            _ => Err(Error::corrupt(format!("the extents of inode {} overlap", inode.number))),
        }
    }

    /// Refuses an extent outside `first..end` of its file, outside the device, or over metadata.
    pub(crate) fn check_extent(&self, extent: &Extent, first: u64, end: u64, inode: &Inode) -> Result<()> {
        let ordered = u64::from(extent.logical) >= first && extent.end() <= end && extent.len > 0;
        let len = u64::from(extent.len);
        let inside = self.layout.contains(extent.start, len);
        let apart = self.is_journal(inode.number) || !self.zone.overlaps(extent.start, len);
        match ordered && inside && apart {
            true => Ok(()),
            false => Err(Error::corrupt(format!("an extent of inode {} cannot be", inode.number))),
        }
    }

    /// Calls `visit` with every extent of `inode`, in order, and with every block of its tree or map once
    /// everything below it was visited.
    pub(crate) fn walk_extents(
        &mut self,
        inode: &Inode,
        visit: &mut dyn FnMut(&mut Self, Visit) -> Result<()>,
    ) -> Result<()> {
        if inode.has_block_map() {
            return self.walk_indirect(inode, visit);
        }
        let header = Header::parse(self.extent_root(inode)?, None)?;
        let kind = self.extent_kind(inode);
        let root = Node { number: None, block: None, header, first: 0, end: 1 << 32, next: 0 };
        let mut path = vec![root];
        while let Some(node) = path.last_mut() {
            let bytes = node.block.as_deref().unwrap_or(inode.i_block());
            let index = node.next;
            node.next += 1;
            if index >= node.header.entries {
                if let Some(number) = path.pop().and_then(|node| node.number) {
                    visit(self, Visit::Node(number))?;
                }
                continue;
            }
            let is_last = index + 1 == node.header.entries;
            let end = if is_last { node.end } else { u64::from(key(bytes, index + 1)) };
            if node.header.depth == 0 {
                let extent = Extent::parse(entry(bytes, index));
                let first = std::mem::replace(&mut node.first, extent.end());
                self.check_extent(&extent, first, end.min(node.end), inode)?;
                visit(self, Visit::Extent(extent))?;
                continue;
            }
            let first = u64::from(key(bytes, index));
            if first < node.first || end <= first || end > node.end {
                return Err(Error::corrupt(format!("the extent tree of inode {} is out of order", inode.number)));
            }
            let (depth, below) = (node.header.depth - 1, child(bytes, index));
            node.first = end;
            self.check_own(below, inode)?;
            let block = self.load(below, kind)?;
            let header = Header::parse(&block, Some(depth))?;
            let (number, block) = (Some(below), Some(block));
            path.push(Node { number, block, header, first, end, next: 0 });
        }
        Ok(())
    }

    /// Refuses a block that cannot belong to a file.
    pub(crate) fn check_own(&self, block: u64, inode: &Inode) -> Result<()> {
        match self.layout.contains(block, 1) && !self.zone.overlaps(block, 1) {
            true => Ok(()),
            false => {
                Err(Error::corrupt(format!("inode {} claims block {block}, which cannot be a file's", inode.number)))
            }
        }
    }
}

/// What [`Core::walk_extents`] meets.
pub(crate) enum Visit {
    /// A run of the content.
    Extent(Extent),
    /// A block of the tree itself.
    Node(u64),
}

/// The index of the first of `entries` whose key is greater than `logical`.
fn upper_bound(node: &[u8], entries: usize, logical: u32) -> usize {
    let (mut low, mut high) = (0, entries);
    while low < high {
        let middle = low.midpoint(high);
        match key(node, middle) <= logical {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    low
}
