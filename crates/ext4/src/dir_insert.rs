//! Changing folders: entries in and out, the hash index built when a folder outgrows its first block and
//! kept from then on, leaves and nodes split when they are full.

use crate::cache::Block;
use crate::dir_entry::{self, Record};
use crate::dir_hash;
use crate::dir_htree::{self, Node};
use crate::dir_lookup::Found;
use crate::extent::Extent;
use crate::features;
use crate::inode::{FLAG_INDEX, Inode};
use crate::state::Core;
use crate::{Error, Result};

/// Splits that one insertion can need, at most: each level of the index, its root, and the leaf.
const MAX_SPLITS: usize = 8;

/// What an entry says.
#[derive(Clone, Copy)]
pub(crate) struct NewEntry<'n> {
    pub(crate) name: &'n [u8],
    pub(crate) inode: u32,
    pub(crate) file_type: u8,
}

/// A record taken out of its block, with the hash of its name.
struct Loose<'b> {
    hash: u32,
    record: Record<'b>,
}

impl Core {
    /// Adds an entry whose name is not in the folder. The caller stores the changed inode of the folder.
    pub(crate) fn add_entry(&mut self, dir: &mut Inode, entry: NewEntry<'_>) -> Result<()> {
        if self.is_indexed(dir) {
            return self.add_indexed(dir, entry);
        }
        let blocks = self.directory_blocks(dir)?;
        for logical in 0..blocks {
            if self.add_to_leaf(dir, logical, entry)? {
                return Ok(());
            }
        }
        if blocks == 1 && self.layout.features.has_compat(features::COMPAT_DIR_INDEX) {
            self.make_index(dir)?;
            return self.add_indexed(dir, entry);
        }
        let (logical, physical) = self.add_directory_block(dir)?;
        let checksums = self.has_directory_checksums(dir);
        dir_entry::clear(self.edit(physical, self.directory_kind(dir))?, checksums);
        match self.add_to_leaf(dir, logical, entry)? {
            true => Ok(()),
            false => Err(Error::corrupt("an empty block of a folder has no room")),
        }
    }

    /// Points an entry at another inode.
    pub(crate) fn replace_entry(&mut self, dir: &Inode, found: &Found, inode: u32, file_type: u8) -> Result<()> {
        let block = self.edit(found.block, self.directory_kind(dir))?;
        dir_entry::replace(block, found.offset, inode, file_type);
        Ok(())
    }

    /// Takes an entry out of its folder.
    pub(crate) fn remove_entry(&mut self, dir: &Inode, found: &Found) -> Result<()> {
        let block = self.edit(found.block, self.directory_kind(dir))?;
        dir_entry::remove(block, found.offset, found.before);
        Ok(())
    }

    fn add_to_leaf(&mut self, dir: &Inode, logical: u32, entry: NewEntry<'_>) -> Result<bool> {
        let (physical, block) = self.directory_block(dir, logical)?;
        let Some(room) = dir_entry::find_room(&block, entry.name.len())? else { return Ok(false) };
        drop(block);
        let block = self.edit(physical, self.directory_kind(dir))?;
        dir_entry::insert(block, room, entry.inode, entry.file_type, entry.name);
        Ok(true)
    }

    fn add_indexed(&mut self, dir: &mut Inode, entry: NewEntry<'_>) -> Result<()> {
        for _ in 0..MAX_SPLITS {
            let (path, _) = self.index_path(dir, entry.name)?;
            let Some(node) = path.last() else { break };
            if self.add_to_leaf(dir, node.child(node.position), entry)? {
                return Ok(());
            }
            match node.is_full() {
                true => self.split_index(dir, &path)?,
                false => self.split_leaf(dir, node, &path)?,
            }
        }
        Err(Error::corrupt(format!("the index of the folder {} has no room", dir.number)))
    }

    /// Appends a block of zeros to the folder: its number within the folder, and on the device.
    fn add_directory_block(&mut self, dir: &mut Inode) -> Result<(u32, u64)> {
        let logical = self.directory_blocks(dir)?;
        let start = self.allocate_metadata(self.metadata_goal(dir))?;
        self.fresh(start, self.directory_kind(dir))?;
        let extent = Extent { logical, len: 1, start, unwritten: false };
        self.insert_extent(dir, extent)?;
        dir.set_size(dir.size() + self.layout.block_size as u64);
        Ok((logical, start))
    }

    /// Gives a folder of one block an index: the entries move to a leaf, the root takes their place.
    fn make_index(&mut self, dir: &mut Inode) -> Result<()> {
        let (root, block) = self.directory_block(dir, 0)?;
        let (logical, leaf) = self.add_directory_block(dir)?;
        let (kind, checksums) = (self.directory_kind(dir), self.has_directory_checksums(dir));
        let entries: Vec<Record<'_>> = dir_entry::records(&block)
            .filter(|record| record.as_ref().is_ok_and(|record| record.inode != 0))
            .skip(2)
            .collect::<Result<_>>()?;
        pack(self.edit(leaf, kind)?, entries.iter(), checksums);
        let version = match self.superblock.s_def_hash_version() {
            version @ dir_hash::LEGACY..=dir_hash::TEA => version,
            _ => dir_hash::HALF_MD4,
        };
        let bytes = self.edit(root, kind)?;
        dir_htree::make_root(bytes, version, checksums);
        dir_htree::set_pairs(bytes, &[(0, logical)]);
        dir.set_flag(FLAG_INDEX);
        Ok(())
    }

    /// Moves the upper half of a full leaf, by hash, to a new one.
    fn split_leaf(&mut self, dir: &mut Inode, node: &Node, path: &[Node]) -> Result<()> {
        let version = self.index_version(path)?;
        let (physical, block) = self.directory_block(dir, node.child(node.position))?;
        let mut loose = self.loosen(&block, version)?;
        loose.sort_by_key(|entry| entry.hash);
        let split = split_point(&loose, self.layout.block_size);
        let (Some(last), Some(first)) = (loose.get(split.wrapping_sub(1)), loose.get(split)) else {
            return Err(Error::corrupt("a block of a folder is full of nothing"));
        };
        let hash = first.hash | u32::from(first.hash == last.hash);
        let (logical, new) = self.add_directory_block(dir)?;
        let (kind, checksums) = (self.directory_kind(dir), self.has_directory_checksums(dir));
        let (lower, upper) = loose.split_at(split);
        pack(self.edit(new, kind)?, upper.iter().map(|entry| &entry.record), checksums);
        pack(self.edit(physical, kind)?, lower.iter().map(|entry| &entry.record), checksums);
        dir_htree::insert_pair(self.edit(node.physical, kind)?, node.position, hash, logical);
        Ok(())
    }

    fn index_version(&self, path: &[Node]) -> Result<u8> {
        let root = path.first().ok_or_else(|| Error::corrupt("a folder's index has no root"))?;
        Ok(self.index_info(&root.block)?.hash_version)
    }

    fn loosen<'b>(&self, block: &'b Block, version: u8) -> Result<Vec<Loose<'b>>> {
        let used = dir_entry::records(block).filter(|record| record.as_ref().map_or(true, |record| record.inode != 0));
        used.map(|record| {
            let record = record?;
            Ok(Loose { hash: self.name_hash(record.name, version)?, record })
        })
        .collect()
    }

    /// Makes room in a full index: splits the highest full node on the way down, or, when all are full,
    /// puts a level under the root.
    fn split_index(&mut self, dir: &mut Inode, path: &[Node]) -> Result<()> {
        let level = path.iter().rposition(|node| !node.is_full()).map_or(0, |above| above + 1);
        let Some(node) = path.get(level) else { return Ok(()) };
        let (kind, checksums) = (self.directory_kind(dir), self.has_directory_checksums(dir));
        if level == 0 && path.len() >= self.index_levels() {
            return Err(Error::no_space("the folder's index is full"));
        }
        let (logical, new) = self.add_directory_block(dir)?;
        let pairs = dir_htree::pairs(&node.block);
        let half = if level == 0 { 0 } else { pairs.len() / 2 };
        let (lower, upper) = pairs.split_at(half);
        let bytes = self.edit(new, kind)?;
        dir_htree::make_node(bytes, checksums);
        dir_htree::set_pairs(bytes, upper);
        let bytes = self.edit(node.physical, kind)?;
        match level.checked_sub(1).and_then(|above| path.get(above)) {
            None => {
                dir_htree::set_pairs(bytes, &[(0, logical)]);
                dir_htree::set_levels(bytes, path.len());
            }
            Some(above) => {
                dir_htree::set_pairs(bytes, lower);
                let hash = upper.first().map_or(0, |pair| pair.0);
                let bytes = self.edit(above.physical, kind)?;
                dir_htree::insert_pair(bytes, above.position, hash, logical);
            }
        }
        Ok(())
    }
}

/// Where to cut a leaf, so that both halves are about as long in bytes.
fn split_point(loose: &[Loose<'_>], block_size: usize) -> usize {
    let mut moved = 0;
    for (index, entry) in loose.iter().enumerate().rev() {
        let size = dir_entry::needed(entry.record.name.len());
        if moved + size / 2 > block_size / 2 {
            return index + 1;
        }
        moved += size;
    }
    loose.len() / 2
}

/// Fills a leaf with records, one close behind the other, the last with all the room that is left.
fn pack<'r, 'b: 'r>(block: &mut [u8], records: impl Iterator<Item = &'r Record<'b>>, checksums: bool) {
    dir_entry::clear(block, checksums);
    let mut offset = 0;
    let mut next = 0;
    for record in records {
        dir_entry::insert(block, offset, record.inode, record.file_type, record.name);
        // The first record takes the free one's place, every other goes behind the one before.
        offset = next;
        next += dir_entry::needed(record.name.len());
    }
}
