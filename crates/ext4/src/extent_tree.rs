//! Building the extent tree of a file's whole content, and giving everything that an inode has back.

use crate::extent::{self, ENTRY, Extent, Header, Visit};
use crate::inode::{FLAG_EXTENTS, FLAG_INLINE_DATA, Inode};
use crate::state::Core;
use crate::{FileKind, Result};

/// Entries that fit into the inode.
pub(crate) const ROOT_ENTRIES: usize = 4;

/// What goes into a node: an extent into a leaf, a child into an index.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Extent(Extent),
    Child { key: u32, block: u64 },
}

impl Entry {
    /// The first block of the file below it.
    pub(crate) fn key(self) -> u32 {
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
    pub(crate) fn node_entries(&self) -> usize {
        (self.layout.block_size - ENTRY) / ENTRY
    }

    /// Stores `entries` in a new block; what stands for it in the node above.
    pub(crate) fn new_node(&mut self, inode: &Inode, depth: u16, entries: &[Entry]) -> Result<Entry> {
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

    /// Whether `inode` has blocks of content: a short link, a device's name and what is inline have none.
    pub(crate) fn has_content(&self, inode: &Inode) -> bool {
        match inode.kind() {
            _ if inode.has_flag(FLAG_INLINE_DATA) => false,
            Some(FileKind::File | FileKind::Directory) => true,
            Some(FileKind::Symlink) => !self.is_fast_link(inode),
            _ => false,
        }
    }

    /// Frees everything that `inode` has: content, tree, and its share of a block of attributes.
    pub(crate) fn free_content(&mut self, inode: &mut Inode) -> Result<()> {
        if self.has_content(inode) {
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
pub(crate) fn fill(node: &mut [u8], depth: u16, max: usize, entries: &[Entry]) {
    Header { entries: entries.len(), max, depth }.store(node);
    for (index, entry) in entries.iter().enumerate() {
        entry.store(node, index);
    }
}
