//! The hash index of a folder: every node, the order of the hashes, every block of the folder named once.

use super::{Check, Place, Problem};
use crate::Result;
use crate::dir_hash;
use crate::inode::Inode;

/// `EXT2_HASH_FLAG_INCOMPAT`: who does not know what the flags mean must not use the index.
const INCOMPATIBLE: u8 = 1;

/// What the index says of the folder's blocks.
pub(super) struct Leaves {
    /// The version of the hash.
    pub(super) version: u8,
    /// For every block of the folder the hashes that its names may have; `None` for a node of the index, and
    /// for what the index does not name.
    ranges: Vec<Option<(u32, u32)>>,
    /// Whether a block was named by the index.
    named: Vec<bool>,
}

impl Leaves {
    /// The lowest and the highest hash of the leaf `logical`.
    pub(super) fn range(&self, logical: u32) -> Option<(u32, u32)> {
        usize::try_from(logical).ok().and_then(|index| self.ranges.get(index)).copied().flatten()
    }

    /// Notes that the index names a block; false when it did before, or there is no such block.
    fn name(&mut self, logical: u32) -> bool {
        let named = usize::try_from(logical).ok().and_then(|index| self.named.get_mut(index));
        named.is_some_and(|named| !std::mem::replace(named, true))
    }
}

/// A node to look at: its block, the levels of nodes below it, and the hashes that it may speak of.
struct Task {
    logical: u32,
    levels: usize,
    low: u32,
    high: u32,
}

impl Check {
    /// Looks at the index of `dir`, which has so many blocks. `None` when it cannot be used.
    pub(super) fn check_index(&mut self, dir: &Inode, blocks: u32) -> Result<Option<Leaves>> {
        let place = Place::Inode(dir.number);
        let root = self.core.index_node(dir, 0);
        let Some(root) = self.tolerate(root, place, Problem::Index)? else { return Ok(None) };
        let info = self.core.index_info(&root.block);
        let Some(info) = self.tolerate(info, place, Problem::Index)? else { return Ok(None) };
        if !(dir_hash::LEGACY..=dir_hash::TEA).contains(&info.hash_version) {
            let message = format!("the folder's index has the hash version {}, which cannot be", info.hash_version);
            self.damage(place, Problem::Index, message);
            return Ok(None);
        }
        if info.flags & INCOMPATIBLE != 0 {
            self.damage(place, Problem::Index, "the folder's index has a flag that nobody knows");
        }
        let count = usize::try_from(blocks).unwrap_or(0);
        let mut leaves = Leaves { version: info.hash_version, ranges: vec![None; count], named: vec![false; count] };
        leaves.name(0);
        let mut tasks = vec![Task { logical: 0, levels: info.levels, low: 0, high: u32::MAX }];
        while let Some(task) = tasks.pop() {
            self.check_node(dir, &task, &mut leaves, &mut tasks)?;
        }
        if leaves.named.iter().any(|named| !named) {
            self.damage(place, Problem::Index, "the folder's index leaves some of its blocks out");
        }
        Ok(Some(leaves))
    }

    fn check_node(&mut self, dir: &Inode, task: &Task, leaves: &mut Leaves, tasks: &mut Vec<Task>) -> Result<()> {
        let place = Place::Inode(dir.number);
        let node = self.core.index_node(dir, task.logical);
        let Some(node) = self.tolerate(node, place, Problem::Index)? else { return Ok(()) };
        let mut before = 0;
        for index in 0..node.count() {
            // The lowest bit says that names of one hash lie in two leaves.
            let low = if index == 0 { task.low } else { node.hash(index) & !1 };
            let high = match index + 1 < node.count() {
                true => node.hash(index + 1) & !1,
                false => task.high,
            };
            let child = node.child(index);
            if low < before || high < low || low < task.low || high > task.high {
                self.damage(place, Problem::Index, "the hashes in the folder's index are out of order");
                return Ok(());
            }
            before = low;
            if !leaves.name(child) {
                let message = format!("the folder's index names block {child} twice, or has no such block");
                self.damage(place, Problem::Index, message);
            } else if task.levels > 0 {
                tasks.push(Task { logical: child, levels: task.levels - 1, low, high });
            } else if let Some(range) = usize::try_from(child).ok().and_then(|i| leaves.ranges.get_mut(i)) {
                *range = Some((low, high));
            }
        }
        Ok(())
    }
}
