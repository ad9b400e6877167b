//! Changing extent trees: building one for a file's whole content, appending to a folder's, giving back.

use crate::cache::Block;
use crate::extent::{self, ENTRY, Extent, Header, Visit, entry};
use crate::inode::{FLAG_EXTENTS, FLAG_INLINE_DATA, Inode};
use crate::layout::MAX_EXTENT_BLOCKS;
use crate::state::Core;
use crate::{Error, FileKind, Result};

/// Entries that fit into the inode.
pub(crate) const ROOT_ENTRIES: usize = 4;

/// What goes into a node: an extent into a leaf, a child into an index.
#[derive(Clone, Copy)]
enum Entry {
    Extent(Extent),
    Child { key: u32, block: u64 },
}

impl Entry {
    fn key(self) -> u32 {
        match self {
            Self::Extent(extent) => extent.logical,
            Self::Child { key, .. } => key,
        }
    }

    fn store(self, node: &mut [u8], index: usize) {
        match self {
            Self::Extent(extent) => {
                if let Some(raw) = node.get_mut(ENTRY * (index + 1)..ENTRY * (index + 2)) {
                    extent.store(raw);
                }
            }
            Self::Child { key, block } => extent::store_index(node, index, key, block),
        }
    }
}

/// A node at the right edge of a tree; the root has no block.
struct Edge {
    block: Option<u64>,
    header: Header,
}

/// Makes the inode's root an empty leaf.
pub(crate) fn clear_root(inode: &mut Inode) {
    inode.set_flag(FLAG_EXTENTS);
    let root = inode.i_block_mut();
    root.fill(0);
    Header { entries: 0, max: ROOT_ENTRIES, depth: 0 }.store(root);
}

impl Core {
    /// Makes `extents`, which come in order, the whole content map of `inode`, which had none. Returns how
    /// many blocks the tree itself takes.
    pub(crate) fn build_extents(&mut self, inode: &mut Inode, extents: &[Extent]) -> Result<u64> {
        clear_root(inode);
        let mut level: Vec<Entry> = extents.iter().copied().map(Entry::Extent).collect();
        let (mut depth, mut blocks) = (0, 0);
        while level.len() > ROOT_ENTRIES {
            let mut above = Vec::with_capacity(level.len() / 80 + 1);
            for entries in level.chunks(self.node_entries()) {
                above.push(self.new_node(inode, depth, entries)?);
                blocks += 1;
            }
            (level, depth) = (above, depth + 1);
        }
        fill(inode.i_block_mut(), depth, ROOT_ENTRIES, &level);
        Ok(blocks)
    }

    /// Entries of a node that is a block of its own, with room for its checksum.
    fn node_entries(&self) -> usize {
        (self.layout.block_size - ENTRY) / ENTRY
    }

    fn new_node(&mut self, inode: &Inode, depth: u16, entries: &[Entry]) -> Result<Entry> {
        let block = self.allocate_metadata(self.metadata_goal(inode))?;
        let max = self.node_entries();
        fill(self.fresh(block, self.extent_kind(inode))?, depth, max, entries);
        Ok(Entry::Child { key: entries.first().map_or(0, |entry| entry.key()), block })
    }

    /// Where metadata of `inode` should lie: in its block group.
    pub(crate) fn metadata_goal(&self, inode: &Inode) -> u64 {
        let group = self.layout.inode_position(inode.number).map_or(0, |position| position.0);
        self.layout.group_start(group)
    }

    /// Appends `extent` behind the last block that `inode` maps. Returns how many blocks the tree grew by.
    pub(crate) fn append_extent(&mut self, inode: &mut Inode, extent: Extent) -> Result<u64> {
        let mut added = 0;
        loop {
            let edge = self.right_edge(inode)?;
            if self.extend_last(inode, &edge, extent)? {
                return Ok(added);
            }
            let room = edge.iter().rposition(|node| node.header.entries < node.header.max);
            let Some(level) = room else {
                self.deepen(inode)?;
                added += 1;
                continue;
            };
            // Below the level with room every node is full: a new one beside each.
            let mut entry = Entry::Extent(extent);
            for node in edge.iter().skip(level + 1).rev() {
                entry = self.new_node(inode, node.header.depth, &[entry])?;
                added += 1;
            }
            if let Some(node) = edge.get(level) {
                let index = node.header.entries;
                let header = Header { entries: index + 1, ..node.header };
                let bytes = self.edit_node(inode, node.block)?;
                header.store(bytes);
                entry.store(bytes, index);
            }
            return Ok(added);
        }
    }

    /// The nodes from the root to the last leaf.
    fn right_edge(&mut self, inode: &Inode) -> Result<Vec<Edge>> {
        let mut header = Header::parse(self.extent_root(inode)?, None)?;
        let mut edge = vec![Edge { block: None, header }];
        let mut node: Option<Block> = None;
        while header.depth > 0 {
            let bytes = node.as_deref().unwrap_or(inode.i_block());
            let below = extent::child(bytes, header.entries - 1);
            self.check_own(below, inode)?;
            let block = self.load(below, self.extent_kind(inode))?;
            header = Header::parse(&block, Some(header.depth - 1))?;
            node = Some(block);
            edge.push(Edge { block: Some(below), header });
        }
        Ok(edge)
    }

    /// Lets the last extent grow by `extent`, if it lies right behind it.
    fn extend_last(&mut self, inode: &mut Inode, edge: &[Edge], extent: Extent) -> Result<bool> {
        let Some(leaf) = edge.last().filter(|leaf| leaf.header.entries > 0) else {
            return Ok(false);
        };
        let index = leaf.header.entries - 1;
        let node = match leaf.block {
            Some(block) => self.load(block, self.extent_kind(inode))?,
            None => inode.i_block().into(),
        };
        let last = Extent::parse(entry(&node, index));
        let follows = last.end() == u64::from(extent.logical)
            && last.start + u64::from(last.len) == extent.start
            && last.unwritten == extent.unwritten
            && last.len + extent.len <= MAX_EXTENT_BLOCKS - u32::from(extent.unwritten);
        if follows {
            let longer = Entry::Extent(Extent { len: last.len + extent.len, ..last });
            longer.store(self.edit_node(inode, leaf.block)?, index);
        }
        Ok(follows)
    }

    /// Moves the root's entries into a block of their own, so that the root has room again.
    fn deepen(&mut self, inode: &mut Inode) -> Result<()> {
        let root = inode.i_block().to_vec();
        let header = Header::parse(&root, None)?;
        if header.depth >= extent::MAX_DEPTH {
            return Err(Error::no_space("the file is in too many pieces"));
        }
        let block = self.allocate_metadata(self.metadata_goal(inode))?;
        let max = self.node_entries();
        let node = self.fresh(block, self.extent_kind(inode))?;
        if let Some(place) = node.get_mut(..root.len()) {
            place.copy_from_slice(&root);
        }
        Header { max, ..header }.store(node);
        let entry = Entry::Child { key: extent::key(&root, 0), block };
        fill(inode.i_block_mut(), header.depth + 1, ROOT_ENTRIES, &[entry]);
        Ok(())
    }

    fn edit_node<'a>(&'a mut self, inode: &'a mut Inode, block: Option<u64>) -> Result<&'a mut [u8]> {
        match block {
            Some(block) => self.edit(block, self.extent_kind(inode)),
            None => Ok(inode.i_block_mut()),
        }
    }

    /// Whether `inode` has blocks of content: a short link and a device's name have none.
    fn has_content(&self, inode: &Inode) -> Result<bool> {
        match inode.kind() {
            Some(FileKind::File | FileKind::Directory) => Ok(true),
            Some(FileKind::Symlink) => {
                if inode.has_flag(FLAG_INLINE_DATA) {
                    return Err(Error::unsupported("content inside an inode (inline_data)"));
                }
                Ok(inode.has_flag(FLAG_EXTENTS) || inode.size() > crate::read::FAST_LINK)
            }
            _ => Ok(false),
        }
    }

    /// Frees everything that `inode` has: content, tree, and its share of a block of attributes.
    pub(crate) fn free_content(&mut self, inode: &mut Inode) -> Result<()> {
        if self.has_content(inode)? {
            // The blocks of a folder or a link are metadata, which may be in memory.
            let in_memory = inode.kind() != Some(FileKind::File);
            self.walk_extents(inode, &mut |core, visit| match visit {
                Visit::Extent(extent) => {
                    let count = u64::from(extent.len);
                    if in_memory {
                        (extent.start..extent.start + count).for_each(|block| core.drop_block(block));
                    }
                    core.free_blocks(extent.start, count)
                }
                Visit::Node(block) => core.free_metadata(block),
            })?;
            clear_root(inode);
        }
        self.free_attributes(inode)?;
        inode.set_blocks(0, &self.layout);
        Ok(())
    }

    /// Frees the content of `inode` from block `keep` on.
    pub(crate) fn truncate_content(&mut self, inode: &mut Inode, keep: u64) -> Result<()> {
        let mut kept = Vec::new();
        let mut removed = 0;
        self.walk_extents(inode, &mut |core, visit| {
            match visit {
                Visit::Node(block) => {
                    removed += 1;
                    core.free_metadata(block)?;
                }
                Visit::Extent(extent) => {
                    let left = keep.saturating_sub(u64::from(extent.logical));
                    let len = u32::try_from(left).unwrap_or(u32::MAX).min(extent.len);
                    if len > 0 {
                        kept.push(Extent { len, ..extent });
                    }
                    let (start, gone) = (extent.start + u64::from(len), extent.len - len);
                    if gone > 0 {
                        core.free_blocks(start, u64::from(gone))?;
                        removed += u64::from(gone);
                    }
                }
            }
            Ok(())
        })?;
        let tree = self.build_extents(inode, &kept)?;
        let blocks = inode.blocks(&self.layout).saturating_sub(removed) + tree;
        inode.set_blocks(blocks, &self.layout);
        Ok(())
    }

    /// Frees a block of metadata, whose content nobody will read again.
    pub(crate) fn free_metadata(&mut self, block: u64) -> Result<()> {
        self.drop_block(block);
        self.free_blocks(block, 1)
    }

    fn drop_block(&mut self, block: u64) {
        self.transaction.forget(block);
        self.cache.take(block);
    }
}

/// Fills a node.
fn fill(node: &mut [u8], depth: u16, max: usize, entries: &[Entry]) {
    Header { entries: entries.len(), max, depth }.store(node);
    for (index, entry) in entries.iter().enumerate() {
        entry.store(node, index);
    }
}
