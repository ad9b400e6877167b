//! The hash index of a folder: its root, its nodes, and the way down to the leaf for a hash.
//!
//! Root and nodes hold pairs of (hash, block), sorted by hash; the first pair's hash is not stored, in its
//! place stand the limit and the count of pairs. A leaf whose pair has an odd hash continues the one before
//! it: names of one hash lie in both.

use crate::block_kind::BlockKind;
use crate::bytes::{le, put_le};
use crate::cache::Block;
use crate::dir_hash;
use crate::features;
use crate::inode::Inode;
use crate::state::Core;
use crate::{Error, Result};

/// Where `dx_root_info` stands: behind the records of `.` and `..`.
const ROOT_INFO: usize = 24;
/// Where the pairs start in the root, and in a node.
const ROOT_PAIRS: usize = 32;
const NODE_PAIRS: usize = 8;
/// Bytes of a pair, and of the tail with the checksum.
const PAIR: usize = 8;
const TAIL: usize = 8;

/// Where the pairs of an index block start. `None` for a leaf.
fn pairs_offset(block: &[u8]) -> Option<usize> {
    let whole = |offset: usize, rest: usize| {
        usize::from(le::<u16>(block, offset)) == (block.len() - rest) & 0xFFFF
            || (block.len() - rest == 65536 && le::<u16>(block, offset) == 65535)
    };
    if le::<u32>(block, 0) == 0 && whole(4, 0) {
        return Some(NODE_PAIRS);
    }
    let root = le::<u16>(block, 4) == 12 && whole(12 + 4, 12);
    let info = le::<u32>(block, ROOT_INFO) == 0 && le::<u8>(block, ROOT_INFO + 5) == 8;
    (root && info).then_some(ROOT_PAIRS)
}

/// What the checksum of an index block covers, and where its tail stands. `None` for a leaf.
pub(crate) fn checksum_place(block: &[u8]) -> Option<(usize, usize)> {
    let pairs = pairs_offset(block)?;
    let limit = usize::from(le::<u16>(block, pairs));
    let count = usize::from(le::<u16>(block, pairs + 2));
    let tail = pairs + limit * PAIR;
    (count <= limit && tail + TAIL <= block.len()).then_some((pairs + count * PAIR, tail))
}

/// What the root says about the whole index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RootInfo {
    pub(crate) hash_version: u8,
    /// Levels of nodes between the root and the leaves.
    pub(crate) levels: usize,
    /// Flags, of which there are none yet.
    pub(crate) flags: u8,
}

/// One index block.
#[derive(Clone)]
pub(crate) struct Node {
    /// Its number on the device.
    pub(crate) physical: u64,
    pub(crate) block: Block,
    pairs: usize,
    /// The pair on the way down.
    pub(crate) position: usize,
}

impl Node {
    fn new(logical: u32, physical: u64, block: Block, checksums: bool) -> Result<Self> {
        let damaged = || Error::corrupt("a node of a folder's index cannot be");
        let pairs = pairs_offset(&block).ok_or_else(damaged)?;
        let node = Self { physical, block, pairs, position: 0 };
        let limit = limit(node.block.len(), logical == 0, checksums);
        let shaped = (pairs == ROOT_PAIRS) == (logical == 0) && node.limit() == limit;
        match shaped && (1..=limit).contains(&node.count()) {
            true => Ok(node),
            false => Err(damaged()),
        }
    }

    fn limit(&self) -> usize {
        usize::from(le::<u16>(&self.block, self.pairs))
    }

    /// Number of pairs.
    pub(crate) fn count(&self) -> usize {
        usize::from(le::<u16>(&self.block, self.pairs + 2))
    }

    /// Whether no further pair fits.
    pub(crate) fn is_full(&self) -> bool {
        self.count() >= self.limit()
    }

    /// The hash from which pair `index` is responsible.
    pub(crate) fn hash(&self, index: usize) -> u32 {
        if index == 0 { 0 } else { le(&self.block, self.pairs + index * PAIR) }
    }

    /// The block, within the folder, that pair `index` points at.
    pub(crate) fn child(&self, index: usize) -> u32 {
        le::<u32>(&self.block, self.pairs + index * PAIR + 4) & 0x0FFF_FFFF
    }

    /// Moves to the last pair whose hash is not above `hash`.
    fn seek(&mut self, hash: u32) {
        let (mut low, mut high) = (1, self.count());
        while low < high {
            let middle = low.midpoint(high);
            match self.hash(middle) > hash {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        self.position = low - 1;
    }
}

/// Pairs that fit into an index block.
pub(crate) fn limit(block_size: usize, root: bool, checksums: bool) -> usize {
    let start = if root { ROOT_PAIRS } else { NODE_PAIRS };
    (block_size - start - if checksums { TAIL } else { 0 }) / PAIR
}

/// Makes `block`, whose records of `.` and `..` are in place, a root without pairs.
pub(crate) fn make_root(block: &mut [u8], hash_version: u8, checksums: bool) {
    let size = block.len();
    if let Some(rest) = block.get_mut(ROOT_INFO..) {
        rest.fill(0);
    }
    put_le(block, 12 + 4, u16::try_from(size - 12).unwrap_or(u16::MAX));
    put_le(block, ROOT_INFO + 4, hash_version);
    put_le(block, ROOT_INFO + 5, 8u8);
    put_le(block, ROOT_PAIRS, u16::try_from(limit(size, true, checksums)).unwrap_or(0));
}

/// Makes `block` a node without pairs.
pub(crate) fn make_node(block: &mut [u8], checksums: bool) {
    let size = block.len();
    block.fill(0);
    put_le(block, 4, u16::try_from(size).unwrap_or(u16::MAX));
    put_le(block, NODE_PAIRS, u16::try_from(limit(size, false, checksums)).unwrap_or(0));
}

/// Stores the number of levels in a root.
pub(crate) fn set_levels(root: &mut [u8], levels: usize) {
    put_le(root, ROOT_INFO + 6, u8::try_from(levels).unwrap_or(u8::MAX));
}

/// The pairs of an index block.
pub(crate) fn pairs(block: &[u8]) -> Vec<(u32, u32)> {
    let Some(start) = pairs_offset(block) else { return Vec::new() };
    let count = usize::from(le::<u16>(block, start + 2));
    let pair = |i: usize| {
        let hash = if i == 0 { 0 } else { le(block, start + i * PAIR) };
        (hash, le(block, start + i * PAIR + 4))
    };
    (0..count).map(pair).collect()
}

/// Stores the pairs of an index block, which fit.
pub(crate) fn set_pairs(block: &mut [u8], pairs: &[(u32, u32)]) {
    let Some(start) = pairs_offset(block) else { return };
    put_le(block, start + 2, u16::try_from(pairs.len()).unwrap_or(0));
    for (index, (hash, child)) in pairs.iter().enumerate() {
        if index > 0 {
            put_le(block, start + index * PAIR, *hash);
        }
        put_le(block, start + index * PAIR + 4, *child);
    }
}

/// Puts a pair behind the pair `position`.
pub(crate) fn insert_pair(block: &mut [u8], position: usize, hash: u32, child: u32) {
    let Some(start) = pairs_offset(block) else { return };
    let count = usize::from(le::<u16>(block, start + 2));
    let place = start + (position + 1) * PAIR;
    block.copy_within(place..start + count * PAIR, place + PAIR);
    put_le(block, place, hash);
    put_le(block, place + 4, child);
    put_le(block, start + 2, u16::try_from(count + 1).unwrap_or(u16::MAX));
}

impl Core {
    /// Reads what the root of the index of `dir` says.
    pub(crate) fn index_info(&self, root: &[u8]) -> Result<RootInfo> {
        let levels = usize::from(le::<u8>(root, ROOT_INFO + 6));
        if pairs_offset(root) != Some(ROOT_PAIRS) || levels >= self.index_levels() {
            return Err(Error::corrupt("the root of a folder's index cannot be"));
        }
        Ok(RootInfo { hash_version: le(root, ROOT_INFO + 4), levels, flags: le(root, ROOT_INFO + 7) })
    }

    /// Levels that an index may have, the root included.
    pub(crate) fn index_levels(&self) -> usize {
        if self.layout.features.has_incompat(features::INCOMPAT_LARGEDIR) { 3 } else { 2 }
    }

    /// The hash of a name in an index of this version.
    pub(crate) fn name_hash(&self, name: &[u8], version: u8) -> Result<u32> {
        dir_hash::hash(name, version, self.layout.hash_unsigned, self.layout.hash_seed)
            .ok_or_else(|| Error::unsupported(format!("the directory hash {version}")))
    }

    /// The index blocks of `dir` on the way down to the leaf for `name`, and the name's hash.
    pub(crate) fn index_path(&mut self, dir: &Inode, name: &[u8]) -> Result<(Vec<Node>, u32)> {
        let root = self.index_node(dir, 0)?;
        let info = self.index_info(&root.block)?;
        let hash = self.name_hash(name, info.hash_version)?;
        let mut path = vec![root];
        for level in 0..=info.levels {
            let Some(node) = path.last_mut() else { break };
            node.seek(hash);
            if level < info.levels {
                let below = node.child(node.position);
                path.push(self.index_node(dir, below)?);
            }
        }
        Ok((path, hash))
    }

    /// Moves `path` on to the next leaf, if names with `hash` continue there.
    pub(crate) fn next_leaf(&mut self, dir: &Inode, path: &mut Vec<Node>, hash: u32) -> Result<bool> {
        let depth = path.len();
        let Some(level) = path.iter().rposition(|node| node.position + 1 < node.count()) else {
            return Ok(false);
        };
        path.truncate(level + 1);
        let Some(node) = path.last_mut() else { return Ok(false) };
        node.position += 1;
        if node.hash(node.position) != hash | 1 {
            return Ok(false);
        }
        while let (Some(node), true) = (path.last(), path.len() < depth) {
            let below = node.child(node.position);
            path.push(self.index_node(dir, below)?);
        }
        Ok(true)
    }

    pub(crate) fn index_node(&mut self, dir: &Inode, logical: u32) -> Result<Node> {
        let (physical, block) = self.directory_block(dir, logical)?;
        let checksums = self.directory_kind(dir) != BlockKind::Plain;
        Node::new(logical, physical, block, checksums)
    }
}
