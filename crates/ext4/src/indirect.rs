//! Block maps: how ext2 and ext3 say where a file's blocks lie, before there were extents.
//!
//! The inode names twelve blocks itself, then one block of numbers, one block of such blocks, and one of
//! those. A number of zero is a hole, of a whole subtree above the lowest level. The map has neither order
//! nor checksums: every number is looked at, and a walk ends when it has met more blocks than there are.

use crate::block_kind::BlockKind;
use crate::bytes::le;
use crate::cache::Block;
use crate::extent::{Extent, Mapping, Visit};
use crate::inode::Inode;
use crate::layout::MAX_EXTENT_BLOCKS;
use crate::state::Core;
use crate::{Error, Result};

/// Blocks that the inode names itself; behind them stand the roots of the three trees.
const DIRECT: usize = 12;
/// Bytes of a number.
const NUMBER: usize = 4;

/// The way to a block of a file.
struct Way {
    /// Which of the inode's numbers.
    root: usize,
    /// Levels of blocks of numbers below it.
    depth: u32,
    /// The block's place among all blocks below.
    rest: u64,
}

/// The way to block `logical`, with `per_block` numbers in a block. `None` beyond what a map can have.
fn way(logical: u32, per_block: u64) -> Option<Way> {
    let direct = DIRECT as u64;
    let Some(mut rest) = u64::from(logical).checked_sub(direct) else {
        return Some(Way { root: usize::try_from(logical).ok()?, depth: 0, rest: 0 });
    };
    for depth in 1..=3 {
        let span = per_block.pow(depth);
        if rest < span {
            return Some(Way { root: DIRECT - 1 + usize::try_from(depth).ok()?, depth, rest });
        }
        rest -= span;
    }
    None
}

/// Number `index` of a block of numbers.
fn number(numbers: &[u8], index: usize) -> u64 {
    u64::from(le::<u32>(numbers, index * NUMBER))
}

/// How many numbers from `index` on are one run of blocks, or one hole.
fn run(numbers: &[u8], index: usize) -> u64 {
    let first = number(numbers, index);
    let rest = numbers.get(index * NUMBER..).unwrap_or_default().chunks_exact(NUMBER);
    let alike = (0u64..).zip(rest).take_while(|(ahead, raw)| {
        let expected = if first == 0 { 0 } else { first + ahead };
        u64::from(le::<u32>(raw, 0)) == expected
    });
    (alike.count() as u64).max(1)
}

/// A walk under way.
struct Walk<'w> {
    inode: &'w Inode,
    /// Blocks that may still be met.
    budget: u64,
    /// The run that is being gathered.
    pending: Option<Extent>,
    visit: &'w mut dyn FnMut(&mut Core, Visit) -> Result<()>,
}

impl Core {
    fn numbers_per_block(&self) -> u64 {
        (self.layout.block_size / NUMBER) as u64
    }

    /// Where block `logical` of `inode`, which has a block map, lies, and how many blocks from there on are
    /// mapped alike.
    pub(crate) fn map_indirect(&mut self, inode: &Inode, logical: u32) -> Result<Mapping> {
        let per_block = self.numbers_per_block();
        let way = way(logical, per_block)
            .ok_or_else(|| Error::corrupt(format!("inode {} is longer than a block map", inode.number)))?;
        let direct = inode.i_block().get(..DIRECT * NUMBER).unwrap_or_default();
        let mut place = number(inode.i_block(), way.root);
        let (mut span, mut rest) = (per_block.pow(way.depth), way.rest);
        let mut below: Option<(Block, usize)> = None;
        for _ in 0..way.depth {
            if place == 0 {
                return Ok(Mapping { len: span - rest, start: None });
            }
            let numbers = self.load_numbers(place, inode)?;
            span /= per_block;
            let index = usize::try_from(rest / span).unwrap_or(0);
            rest %= span;
            place = number(&numbers, index);
            below = Some((numbers, index));
        }
        let (len, hole) = match &below {
            Some((numbers, index)) => (run(numbers, *index), place == 0),
            None => (run(direct, way.root), place == 0),
        };
        if hole {
            return Ok(Mapping { len, start: None });
        }
        self.check_run(place, len, inode)?;
        Ok(Mapping { len, start: Some(place) })
    }

    fn load_numbers(&mut self, place: u64, inode: &Inode) -> Result<Block> {
        self.check_own(place, inode)?;
        self.load(place, BlockKind::Plain)
    }

    /// Refuses blocks of content outside the filesystem, or over its tables.
    fn check_run(&self, start: u64, len: u64, inode: &Inode) -> Result<()> {
        let apart = self.is_journal(inode.number) || !self.zone.overlaps(start, len);
        match self.layout.contains(start, len) && apart {
            true => Ok(()),
            false => Err(Error::corrupt(format!("the block map of inode {} cannot be", inode.number))),
        }
    }

    /// Calls `visit` with every run of `inode`, in order, and with every block of its map once everything
    /// below it was visited.
    pub(crate) fn walk_indirect(
        &mut self,
        inode: &Inode,
        visit: &mut dyn FnMut(&mut Self, Visit) -> Result<()>,
    ) -> Result<()> {
        let per_block = self.numbers_per_block();
        let mut walk = Walk { inode, budget: self.layout.blocks_count, pending: None, visit };
        let mut logical = 0;
        for root in 0..DIRECT + 3 {
            let depth = u32::try_from(root.saturating_sub(DIRECT - 1)).unwrap_or(0);
            self.walk_below(&mut walk, number(inode.i_block(), root), depth, logical)?;
            logical += per_block.pow(depth);
        }
        self.deliver(&mut walk)
    }

    /// Visits what the number `place` leads to, `depth` levels above the content, from block `logical` on.
    fn walk_below(&mut self, walk: &mut Walk<'_>, place: u64, depth: u32, logical: u64) -> Result<()> {
        if place == 0 {
            return Ok(());
        }
        let endless = || Error::corrupt(format!("the block map of inode {} has no end", walk.inode.number));
        walk.budget = walk.budget.checked_sub(1).ok_or_else(endless)?;
        if depth == 0 {
            return self.gather(walk, place, logical);
        }
        let numbers = self.load_numbers(place, walk.inode)?;
        let per_block = self.numbers_per_block();
        let span = per_block.pow(depth - 1);
        for (index, raw) in (0u64..).zip(numbers.chunks_exact(NUMBER)) {
            self.walk_below(walk, u64::from(le::<u32>(raw, 0)), depth - 1, logical + index * span)?;
        }
        self.deliver(walk)?;
        (walk.visit)(self, Visit::Node(place))
    }

    /// Adds one block of content to the run that is being gathered.
    fn gather(&mut self, walk: &mut Walk<'_>, start: u64, logical: u64) -> Result<()> {
        self.check_run(start, 1, walk.inode)?;
        if let Some(run) = &mut walk.pending
            && run.end() == logical
            && run.start + u64::from(run.len) == start
            && run.len < MAX_EXTENT_BLOCKS
        {
            run.len += 1;
            return Ok(());
        }
        self.deliver(walk)?;
        let logical = u32::try_from(logical);
        let logical = logical.map_err(|_| Error::corrupt("a block map names blocks beyond the largest file"))?;
        walk.pending = Some(Extent { logical, len: 1, start, unwritten: false });
        Ok(())
    }

    /// Visits the run that was gathered.
    fn deliver(&mut self, walk: &mut Walk<'_>) -> Result<()> {
        match walk.pending.take() {
            Some(run) => (walk.visit)(self, Visit::Extent(run)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_has_its_way() {
        let found = |logical| way(logical, 256).map(|way| (way.root, way.depth, way.rest));
        assert_eq!(found(0), Some((0, 0, 0)));
        assert_eq!(found(11), Some((11, 0, 0)));
        assert_eq!(found(12), Some((12, 1, 0)));
        assert_eq!(found(12 + 255), Some((12, 1, 255)));
        assert_eq!(found(12 + 256), Some((13, 2, 0)));
        assert_eq!(found(12 + 256 + 65_536), Some((14, 3, 0)));
        assert_eq!(found(12 + 256 + 65_536 + (1 << 24)), None);
    }

    #[test]
    fn runs_end_where_the_numbers_jump() {
        let numbers: Vec<u8> = [7u32, 8, 9, 20, 0, 0, 1].iter().flat_map(|n| n.to_le_bytes()).collect();
        assert_eq!((run(&numbers, 0), run(&numbers, 2), run(&numbers, 3), run(&numbers, 4)), (3, 1, 1, 2));
    }
}
