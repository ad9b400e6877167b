//! Which inodes may differ: those whose bytes in the tables do, and the owners of blocks that differ all the same.

use std::collections::BTreeSet;

use super::blocks::Blocks;
use super::{Comparison, Side};
use crate::bitmap;
use crate::extent::Visit;
use crate::group_descriptor::BLOCK_UNINIT;
use crate::inode::{Inode, Time};
use crate::layout::{RESIZE_INODE, ROOT_INODE};
use crate::state::Core;
use crate::{Error, Result};

/// Blocks of a table, or of content, that are read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// One inode on both sides; `None` where it is not in use.
#[derive(Default)]
pub(super) struct Pair {
    pub(super) before: Option<Inode>,
    pub(super) after: Option<Inode>,
}

impl Pair {
    /// Both, when they are the same file and not one that got the other's number.
    pub(super) fn same(&self) -> Option<(&Inode, &Inode)> {
        let (before, after) = (self.before.as_ref()?, self.after.as_ref()?);
        let same = before.kind() == after.kind()
            && before.i_generation() == after.i_generation()
            && before.time(Time::Create) == after.time(Time::Create);
        same.then_some((before, after))
    }
}

impl Core {
    /// Whether an inode is no file of anybody's.
    fn is_reserved(&self, number: u32) -> bool {
        let own = number < self.layout.first_inode && number != ROOT_INODE;
        own || number == self.superblock.s_orphan_file_inum()
    }

    /// The inodes of `group` that stand in `blocks` of its table, as bytes from the device.
    fn table_bytes(&self, group: u32, first: u64, count: u64) -> Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(count).unwrap_or(0) * self.layout.block_size];
        match self.groups.get(usize::try_from(group).unwrap_or(usize::MAX)) {
            Some(descriptor) => {
                self.device.read_at(&mut bytes, self.layout.byte(descriptor.inode_table + first))?;
                Ok(bytes)
            }
            // The filesystem had not grown so far.
            None => Ok(bytes),
        }
    }

    /// The inode `number` from its bytes in the table, if it is in use.
    fn parse_used(&self, number: u32, raw: &[u8]) -> Result<Option<Inode>> {
        let Some((group, index)) = self.layout.inode_position(number) else { return Ok(None) };
        if index >= self.used_inodes(group)? || self.is_reserved(number) {
            return Ok(None);
        }
        let inode = Inode::parse(number, raw);
        if inode.i_links_count() == 0 || inode.kind().is_none() {
            return Ok(None);
        }
        match inode.verify(&self.layout) {
            true => Ok(Some(inode)),
            false => Err(Error::corrupt(format!("the checksum of inode {number} is wrong"))),
        }
    }

    /// The inode `number`, if it is in use.
    fn used_inode(&self, number: u32) -> Result<Option<Inode>> {
        let Some((group, index)) = self.layout.inode_position(number) else { return Ok(None) };
        let (size, block_size) = (self.layout.inode_size, self.layout.block_size);
        let byte = usize::try_from(index).unwrap_or(0) * size;
        let bytes = self.table_bytes(group, (byte / block_size) as u64, 1)?;
        let within = byte % block_size;
        self.parse_used(number, bytes.get(within..within + size).unwrap_or_default())
    }

    /// Calls `visit` with the blocks of `inode`, as (start, end): content, tree and attributes.
    fn for_each_run(&mut self, inode: &Inode, visit: &mut dyn FnMut(u64, u64)) -> Result<()> {
        if self.has_content(inode) {
            self.walk_extents(inode, &mut |_, found| {
                match found {
                    Visit::Extent(extent) => visit(extent.start, extent.start + u64::from(extent.len)),
                    Visit::Node(block) => visit(block, block + 1),
                }
                Ok(())
            })?;
        }
        if inode.file_acl() != 0 {
            visit(inode.file_acl(), inode.file_acl() + 1);
        }
        Ok(())
    }

    /// The parts of `blocks` that are allocated.
    fn allocated(&mut self, blocks: &Blocks) -> Result<Blocks> {
        let mut found = Vec::new();
        for (mut start, end) in blocks.iter() {
            while let Some((group, bit)) = self.layout.group_of(start).filter(|_| start < end) {
                let bits = match self.group(group)?.has(BLOCK_UNINIT, &self.layout) {
                    true => self.initial_block_bitmap(group),
                    false => self.guarded_bitmap(group)?,
                };
                let first = self.layout.group_start(group);
                let last = end.min(first + u64::from(self.layout.group_blocks(group)));
                let to = u32::try_from(last - first).unwrap_or(u32::MAX);
                let mut at = start;
                for (free, count) in bitmap::clear_runs(&bits, bit, to) {
                    found.push((at, first + u64::from(free)));
                    at = first + u64::from(free) + u64::from(count);
                }
                found.push((at, last));
                start = last;
            }
        }
        Ok(Blocks::new(found.into_iter()))
    }
}

impl Comparison<'_> {
    /// Finds the inodes whose bytes differ.
    pub(super) fn find_inodes(&mut self) -> Result<()> {
        let (size, block_size) = (self.after.layout.inode_size, self.after.layout.block_size);
        let per_block = block_size / size.max(1);
        let most = (CHUNK_BYTES / block_size).max(1) as u64;
        for group in 0..self.before.layout.group_count.max(self.after.layout.group_count) {
            let larger = if group < self.after.layout.group_count { &*self.after } else { &*self.before };
            let table = larger.group(group)?.inode_table;
            let parts: Vec<_> = self.differ.within(table, table + larger.layout.inode_table_blocks()).collect();
            for (start, end) in parts {
                (self.go_on)()?;
                let mut at = start;
                while at < end {
                    let count = (end - at).min(most);
                    let before = self.before.table_bytes(group, at - table, count)?;
                    let after = self.after.table_bytes(group, at - table, count)?;
                    let first = u64::from(group) * u64::from(self.after.layout.inodes_per_group)
                        + (at - table) * per_block as u64
                        + 1;
                    for (number, (a, b)) in (first..).zip(before.chunks_exact(size).zip(after.chunks_exact(size))) {
                        if a != b {
                            let number = u32::try_from(number).unwrap_or(u32::MAX);
                            let pair = Pair {
                                before: self.before.parse_used(number, a)?,
                                after: self.after.parse_used(number, b)?,
                            };
                            if pair.before.is_some() || pair.after.is_some() {
                                self.inodes.insert(number, pair);
                            }
                        }
                    }
                    at += count;
                }
            }
        }
        Ok(())
    }

    /// Adds the owners of blocks that differ though no inode that differs has them.
    pub(super) fn find_owners(&mut self) -> Result<()> {
        let open = self.unexplained()?;
        if open.is_empty() {
            return Ok(());
        }
        let mut owners = BTreeSet::new();
        for group in 0..self.after.layout.group_count {
            (self.go_on)()?;
            self.owners_in(group, &open, &mut owners)?;
        }
        for number in owners {
            let pair = Pair { before: self.before.used_inode(number)?, after: self.after.used_inode(number)? };
            self.inodes.insert(number, pair);
        }
        Ok(())
    }

    /// The blocks that are in use, differ, and are neither tables nor those of an inode that differs.
    fn unexplained(&mut self) -> Result<Blocks> {
        let mut known: Vec<(u64, u64)> = Vec::new();
        for pair in self.inodes.values() {
            let sides = [(&mut *self.before, &pair.before), (&mut *self.after, &pair.after)];
            for (core, inode) in sides {
                if let Some(inode) = inode {
                    core.for_each_run(inode, &mut |start, end| known.push((start, end)))?;
                }
            }
        }
        for core in [&mut *self.before, &mut *self.after] {
            known.extend(core.zone.within(0, u64::MAX));
            for number in 1..core.layout.first_inode {
                add_reserved(core, number, &mut known)?;
            }
            add_reserved(core, core.superblock.s_orphan_file_inum(), &mut known)?;
        }
        let left = self.differ.without(&Blocks::new(known.into_iter()));
        let left = self.after.allocated(&left)?;
        self.really_differ(&left)
    }

    /// Those of `blocks` whose bytes differ.
    fn really_differ(&mut self, blocks: &Blocks) -> Result<Blocks> {
        let size = self.after.layout.block_size;
        let most = (CHUNK_BYTES / size).max(1) as u64;
        let mut found = Vec::new();
        for (mut start, end) in blocks.iter() {
            (self.go_on)()?;
            while start < end {
                let count = (end - start).min(most);
                let before = self.bytes(Side::Before, start, count)?;
                let after = self.bytes(Side::After, start, count)?;
                let pairs = before.chunks_exact(size).zip(after.chunks_exact(size));
                found.extend((start..).zip(pairs).filter(|(_, (a, b))| a != b).map(|(block, _)| (block, block + 1)));
                start += count;
            }
        }
        Ok(Blocks::new(found.into_iter()))
    }

    /// The bytes of blocks, zeros where a side does not reach so far.
    pub(super) fn bytes(&mut self, side: Side, start: u64, count: u64) -> Result<Vec<u8>> {
        let core = self.side(side);
        let mut bytes = vec![0; usize::try_from(count).unwrap_or(0) * core.layout.block_size];
        let from = core.layout.byte(start);
        let there = usize::try_from(core.device.len().saturating_sub(from)).unwrap_or(usize::MAX).min(bytes.len());
        core.device.read_at(bytes.get_mut(..there).unwrap_or_default(), from)?;
        Ok(bytes)
    }

    fn owners_in(&mut self, group: u32, open: &Blocks, owners: &mut BTreeSet<u32>) -> Result<()> {
        let core = &mut *self.after;
        let (size, block_size) = (core.layout.inode_size, core.layout.block_size);
        let used = usize::try_from(core.used_inodes(group)?).unwrap_or(0);
        let blocks = (used * size).div_ceil(block_size) as u64;
        let most = (CHUNK_BYTES / block_size).max(1) as u64;
        let mut first = 0;
        while first < blocks {
            let count = (blocks - first).min(most);
            let bytes = core.table_bytes(group, first, count)?;
            let index = first * (block_size / size.max(1)) as u64;
            let start = u64::from(group) * u64::from(core.layout.inodes_per_group) + index + 1;
            for (number, raw) in (start..).zip(bytes.chunks_exact(size)) {
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                if raw.iter().all(|byte| *byte == 0) || self.inodes.contains_key(&number) {
                    continue;
                }
                let Some(inode) = core.parse_used(number, raw)? else { continue };
                let mut owns = false;
                core.for_each_run(&inode, &mut |start, end| owns |= open.overlaps(start, end))?;
                if owns {
                    owners.insert(number);
                }
            }
            first += count;
        }
        Ok(())
    }
}

/// The blocks of one of the filesystem's own inodes.
fn add_reserved(core: &mut Core, number: u32, known: &mut Vec<(u64, u64)>) -> Result<()> {
    // The resize inode claims tables, which are known already.
    if matches!(number, 0 | ROOT_INODE | RESIZE_INODE) || core.is_journal(number) {
        return Ok(());
    }
    // One that was never used may hold anything.
    match core.raw_inode(number) {
        Ok(inode) if inode.kind().is_some() => core.for_each_run(&inode, &mut |start, end| known.push((start, end))),
        _ => Ok(()),
    }
}
