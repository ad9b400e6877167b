//! Editing extent trees: a run in, a range out, at any place and any depth. Nodes split when they are full,
//! merge with a neighbour when they are nearly empty, and the root takes a last child's entries back.
//!
//! The way down to one leaf is taken apart into entries, the leaf's are changed, and the way is put together
//! again from below; what does not change any more ends it.

use crate::block_kind::BlockKind;
use crate::extent::{self, ENTRY, Extent, Header, entry};
use crate::extent_tree::{Entry, ROOT_ENTRIES, fill};
use crate::inode::Inode;
use crate::layout::MAX_EXTENT_BLOCKS;
use crate::state::Core;
use crate::{Error, Result};

/// The block of a file behind the last that extents can map.
pub(crate) const END_OF_MAP: u64 = u32::MAX as u64;

/// A node on the way down, taken apart; the root has no block.
struct Node {
    block: Option<u64>,
    depth: u16,
    entries: Vec<Entry>,
    /// The entry on the way down, or the one that was put in last; in a leaf the first behind the place.
    at: usize,
    /// The blocks of the file that the node is there for.
    first: u64,
    end: u64,
}

impl Node {
    /// The block of entry `at`, and the blocks of the file that it is there for.
    fn way_down(&self) -> Result<(u64, u64, u64)> {
        let Some(Entry::Child { key, block }) = self.entries.get(self.at).copied() else {
            return Err(Error::corrupt("an index of an extent tree is empty"));
        };
        let first = if self.at == 0 { self.first } else { u64::from(key) };
        let next = self.entries.get(self.at + 1).map_or(self.end, |next| u64::from(next.key()));
        Ok((block, first, next))
    }

    /// Puts `entries` in the place of those in `range`; whether anything changed.
    fn replace(&mut self, range: std::ops::Range<usize>, entries: Vec<Entry>) -> bool {
        let changed = self.entries.get(range.clone()) != Some(&entries[..]);
        self.at = range.start + entries.len().saturating_sub(1);
        self.entries.splice(range, entries);
        changed
    }
}

impl Core {
    /// Maps a run of blocks that `inode`, which the caller stores, did not map, and counts it.
    pub(crate) fn insert_extent(&mut self, inode: &mut Inode, extent: Extent) -> Result<()> {
        let mut path = self.open_path(inode, extent.logical)?;
        let leaf = path.last_mut().ok_or_else(|| no_room_for(inode))?;
        let (mut from, mut to, mut run) = (leaf.at, leaf.at, extent);
        if let Some(Entry::Extent(before)) = from.checked_sub(1).and_then(|index| leaf.entries.get(index)) {
            if before.end() > u64::from(run.logical) {
                return Err(no_room_for(inode));
            }
            if let Some(joined) = joined(before, &run) {
                (run, from) = (joined, from - 1);
            }
        }
        if let Some(Entry::Extent(behind)) = leaf.entries.get(to) {
            if run.end() > u64::from(behind.logical) {
                return Err(no_room_for(inode));
            }
            if let Some(joined) = joined(&run, behind) {
                (run, to) = (joined, to + 1);
            }
        }
        leaf.replace(from..to, vec![Entry::Extent(run)]);
        let nodes = self.store_path(inode, path)?;
        self.count_blocks(inode, i64::from(extent.len) + nodes);
        Ok(())
    }

    /// Frees everything that `inode`, which the caller stores, maps from block `first` up to `end`.
    pub(crate) fn remove_range(&mut self, inode: &mut Inode, first: u64, end: u64) -> Result<()> {
        let mut end = end.min(END_OF_MAP);
        while end > first {
            end = self.remove_from_behind(inode, first, end)?;
        }
        Ok(())
    }

    /// Frees what lies from block `first` up to `end` in the last leaf that can have some of it. Returns the
    /// block before which the rest lies; `first` when there is none.
    pub(crate) fn remove_from_behind(&mut self, inode: &mut Inode, first: u64, end: u64) -> Result<u64> {
        let last = u32::try_from(end - 1).unwrap_or(u32::MAX);
        let mut path = self.open_path(inode, last)?;
        let Some(leaf) = path.last_mut() else { return Ok(first) };
        let rest = leaf.first.max(first);
        let (mut kept, mut freed) = (Vec::with_capacity(leaf.entries.len() + 1), Vec::new());
        for entry in leaf.entries.drain(..) {
            let Entry::Extent(extent) = entry else { continue };
            let (before, from, behind) = cut(&extent, first, end);
            freed.extend(from);
            kept.extend(before.into_iter().chain(behind).map(Entry::Extent));
        }
        if freed.is_empty() {
            return Ok(rest);
        }
        (leaf.entries, leaf.at) = (kept, 0);
        let mut count = 0;
        for extent in freed {
            self.free_blocks(extent.start, u64::from(extent.len))?;
            count += i64::from(extent.len);
        }
        let nodes = self.store_path(inode, path)?;
        self.count_blocks(inode, nodes - count);
        Ok(rest)
    }

    /// Counts `more` blocks of the filesystem as those of `inode`.
    pub(crate) fn count_blocks(&self, inode: &mut Inode, more: i64) {
        inode.set_blocks(inode.blocks(&self.layout).saturating_add_signed(more), &self.layout);
    }

    /// The nodes from the root to the leaf for block `logical`.
    fn open_path(&mut self, inode: &Inode, logical: u32) -> Result<Vec<Node>> {
        let root = self.extent_root(inode)?;
        let mut node = self.take_apart(inode, root, None, 0, 1 << 32)?;
        let mut path = Vec::new();
        loop {
            let behind = node.entries.partition_point(|entry| entry.key() <= logical);
            if node.depth == 0 {
                node.at = behind;
                path.push(node);
                return Ok(path);
            }
            node.at = behind.saturating_sub(1);
            let (block, first, end) = node.way_down()?;
            let depth = node.depth - 1;
            path.push(node);
            node = self.open_node(inode, block, depth, first, end)?;
        }
    }

    fn open_node(&mut self, inode: &Inode, block: u64, depth: u16, first: u64, end: u64) -> Result<Node> {
        self.check_own(block, inode)?;
        let bytes = self.load(block, self.extent_kind(inode))?;
        let node = self.take_apart(inode, &bytes, Some(depth), first, end)?;
        Ok(Node { block: Some(block), ..node })
    }

    /// Reads all entries of a node, which have to be in order and between `first` and `end`.
    fn take_apart(&self, inode: &Inode, bytes: &[u8], depth: Option<u16>, first: u64, end: u64) -> Result<Node> {
        let header = Header::parse(bytes, depth)?;
        let mut entries = Vec::with_capacity(header.entries + 2);
        let mut next = first;
        for index in 0..header.entries {
            let key = extent::key(bytes, index);
            if header.depth == 0 {
                let extent = Extent::parse(entry(bytes, index));
                self.check_extent(&extent, next, end, inode)?;
                next = extent.end();
                entries.push(Entry::Extent(extent));
            } else if u64::from(key) < next || u64::from(key) >= end {
                return Err(Error::corrupt(format!("the extent tree of inode {} is out of order", inode.number)));
            } else {
                next = u64::from(key) + 1;
                entries.push(Entry::Child { key, block: extent::child(bytes, index) });
            }
        }
        Ok(Node { block: None, depth: header.depth, entries, at: 0, first, end })
    }

    /// Puts a way down, whose leaf has changed, together again. Returns how many blocks the tree grew by.
    fn store_path(&mut self, inode: &mut Inode, mut path: Vec<Node>) -> Result<i64> {
        let mut grown = 0;
        while let Some(node) = path.pop() {
            let Some(above) = path.last_mut() else {
                return Ok(grown + self.store_root(inode, node)?);
            };
            let merged = self.merge_with_neighbour(inode, node, above)?;
            let (range, node) = merged;
            let gone = range.len() - 1;
            let children = self.store_node(inode, node)?;
            grown += i64::try_from(children.len()).unwrap_or(0) - 1 - i64::try_from(gone).unwrap_or(0);
            if !above.replace(range, children) {
                return Ok(grown);
            }
        }
        Ok(grown)
    }

    /// Lets a nearly empty node take a neighbour's entries, if few enough; which children of `above` the
    /// node stands for then.
    fn merge_with_neighbour(
        &mut self,
        inode: &Inode,
        node: Node,
        above: &Node,
    ) -> Result<(std::ops::Range<usize>, Node)> {
        let (at, room) = (above.at, self.node_entries());
        if node.entries.len() * 4 > room || node.entries.is_empty() {
            return Ok((at..at + 1, node));
        }
        for other in [at + 1, at.wrapping_sub(1)] {
            let Some(Entry::Child { block, .. }) = above.entries.get(other).copied() else { continue };
            let neighbour = self.open_node(inode, block, node.depth, above.first, above.end)?;
            if (neighbour.entries.len() + node.entries.len()) * 4 > room * 3 {
                continue;
            }
            let (mut left, right, range) = match other > at {
                true => (node, neighbour, at..at + 2),
                false => (neighbour, node, other..other + 2),
            };
            left.entries.extend(right.entries);
            if let Some(block) = right.block {
                self.free_metadata(block)?;
            }
            return Ok((range, left));
        }
        Ok((at..at + 1, node))
    }

    /// Stores a node that is not the root: in its block, in this and a new one, or not at all when it is
    /// empty. Returns what stands for it in the node above.
    fn store_node(&mut self, inode: &Inode, node: Node) -> Result<Vec<Entry>> {
        let Some(block) = node.block else { return Ok(Vec::new()) };
        if node.entries.is_empty() {
            self.free_metadata(block)?;
            return Ok(Vec::new());
        }
        let (room, count) = (self.node_entries(), node.entries.len());
        // A file that is written from front to back leaves full nodes behind.
        let appended = node.at + 1 == count;
        let split = match (count > room, appended) {
            (false, _) => count,
            (true, true) => room,
            (true, false) => count / 2,
        };
        let (lower, upper) = node.entries.split_at(split);
        let kind: BlockKind = self.extent_kind(inode);
        fill(self.edit(block, kind)?, node.depth, room, lower);
        let mut children = vec![Entry::Child { key: lower.first().map_or(0, |entry| entry.key()), block }];
        if !upper.is_empty() {
            children.push(self.new_node(inode, node.depth, upper)?);
        }
        Ok(children)
    }

    /// Stores the root, a level lower or higher if its entries fit so. Returns how many blocks the tree grew.
    fn store_root(&mut self, inode: &mut Inode, root: Node) -> Result<i64> {
        let Node { mut entries, mut depth, first, end, .. } = root;
        let mut grown = 0;
        if entries.is_empty() {
            depth = 0;
        }
        while let ([Entry::Child { block, .. }], 1..) = (&entries[..], depth) {
            let child = self.open_node(inode, *block, depth - 1, first, end)?;
            if child.entries.len() > ROOT_ENTRIES {
                break;
            }
            self.free_metadata(*block)?;
            (entries, depth, grown) = (child.entries, depth - 1, grown - 1);
        }
        if entries.len() > ROOT_ENTRIES {
            if depth >= extent::MAX_DEPTH {
                return Err(Error::no_space("the file is in too many pieces"));
            }
            entries = vec![self.new_node(inode, depth, &entries)?];
            (depth, grown) = (depth + 1, grown + 1);
        }
        let place = inode.i_block_mut();
        place.get_mut(ENTRY..).unwrap_or_default().fill(0);
        fill(place, depth, ROOT_ENTRIES, &entries);
        Ok(grown)
    }
}

/// Both extents as one, if the second goes on where the first ends, in the file and on the device.
fn joined(first: &Extent, second: &Extent) -> Option<Extent> {
    let follows = first.end() == u64::from(second.logical)
        && first.start + u64::from(first.len) == second.start
        && first.unwritten == second.unwritten
        && first.len + second.len <= MAX_EXTENT_BLOCKS - u32::from(first.unwritten);
    follows.then(|| Extent { len: first.len + second.len, ..*first })
}

/// What of `extent` lies before block `first` of its file, from there up to `end`, and from `end` on.
fn cut(extent: &Extent, first: u64, end: u64) -> (Option<Extent>, Option<Extent>, Option<Extent>) {
    let part = |from: u64, to: u64| {
        let from = from.max(u64::from(extent.logical));
        let len = u32::try_from(to.min(extent.end()).checked_sub(from)?).ok().filter(|len| *len > 0)?;
        let skipped = from - u64::from(extent.logical);
        let logical = u32::try_from(from).ok()?;
        Some(Extent { logical, len, start: extent.start + skipped, unwritten: extent.unwritten })
    };
    (part(0, first), part(first, end), part(end, u64::MAX))
}

fn no_room_for(inode: &Inode) -> Error {
    Error::corrupt(format!("the extents of inode {} contradict each other", inode.number))
}
