//! Replay: what the log holds that may not have reached its place before a machine stopped.
//!
//! Only transactions with a commit block count. Nothing is read into memory but the map of the newest copy
//! of each block; the copies are read from the log when they are wanted, either by [`Replayed`], a device
//! that shows the filesystem as it will be, or by [`Replay::apply`], which puts them in their place.

use std::collections::BTreeMap;
use std::sync::Arc;

use cairn_block::BlockDevice;

use super::descriptor::{self, COMMIT, DESCRIPTOR, Format, REVOCATION, Tag};
use super::log::Log;
use super::superblock::{JournalSuperblock, MAGIC};
use crate::layout::Layout;
use crate::{Error, Result};

/// The newest copy of a block in the log.
#[derive(Clone, Copy, Debug)]
struct Copy {
    tag: Tag,
    /// The block of the log that holds it.
    at: u32,
    sequence: u32,
}

/// What is to be replayed.
pub(crate) struct Replay {
    log: Log,
    format: Format,
    copies: BTreeMap<u64, Copy>,
    /// The number of the transaction behind the last one that was committed.
    pub(crate) next_sequence: u32,
}

/// Where the scan of a log stands.
struct Scan {
    at: u32,
    sequence: u32,
    /// Blocks that may still be visited before the scan would meet its own start.
    budget: u32,
}

impl Replay {
    /// Scans the log from its start to the last commit.
    pub(crate) fn scan(
        device: &dyn BlockDevice,
        log: &Log,
        superblock: &JournalSuperblock,
        layout: &Layout,
    ) -> Result<Self> {
        let format = Format { features: superblock.incompat(), seed: superblock.seed() };
        let mut replay =
            Self { log: log.clone(), format, copies: BTreeMap::new(), next_sequence: superblock.sequence() };
        let (first, last) = (superblock.first(), superblock.last());
        let mut scan = Scan { at: superblock.start(), sequence: superblock.sequence(), budget: last - first };
        if scan.at < first {
            return Err(Error::corrupt("the journal starts before its first block"));
        }
        let wrap = |at: u32| if at >= last { first + (at - last) } else { at };
        let (mut found, mut revoked) = (Vec::new(), Vec::new());
        let mut block = vec![0; log.block_size];
        while scan.budget > 0 {
            log.read(device, scan.at, &mut block)?;
            let Some((kind, sequence)) = descriptor::header(&block) else { break };
            if sequence != scan.sequence {
                break;
            }
            let mut steps = 1;
            match kind {
                DESCRIPTOR if format.verify_tail(&block) => {
                    for tag in format.tags(&block) {
                        found.push(Copy { tag, at: wrap(scan.at + steps), sequence });
                        steps += 1;
                    }
                }
                // What it names is looked at again when its transaction counts: a log full of revocations
                // would not fit into memory.
                REVOCATION if format.verify_tail(&block) => revoked.push(scan.at),
                COMMIT if format.verify_commit(&block) => {
                    replay.take(found.drain(..), layout)?;
                    for at in revoked.drain(..) {
                        log.read(device, at, &mut block)?;
                        for number in format.revoked(&block) {
                            replay.copies.remove(&number);
                        }
                    }
                    scan.sequence = scan.sequence.wrapping_add(1);
                    replay.next_sequence = scan.sequence;
                }
                _ => break,
            }
            scan.at = wrap(scan.at + steps);
            scan.budget = scan.budget.saturating_sub(steps);
        }
        Ok(replay)
    }

    /// Takes over what one committed transaction holds. Its revocations come after that: they are for older
    /// copies and for those of their own transaction.
    fn take(&mut self, found: impl Iterator<Item = Copy>, layout: &Layout) -> Result<()> {
        for copy in found {
            if !layout.contains(copy.tag.block, 1) {
                return Err(Error::corrupt("the journal changes a block outside the filesystem"));
            }
            self.copies.insert(copy.tag.block, copy);
        }
        Ok(())
    }

    /// Reads a copy as it has to stand in its place.
    fn read(&self, device: &dyn BlockDevice, copy: &Copy, buf: &mut [u8]) -> Result<()> {
        self.log.read(device, copy.at, buf)?;
        if !self.format.verify_copy(&copy.tag, buf, copy.sequence) {
            let number = copy.tag.block;
            return Err(Error::corrupt(format!("the journal's copy of block {number} is damaged")));
        }
        if copy.tag.escaped {
            crate::bytes::put_be(buf, 0, MAGIC);
        }
        Ok(())
    }

    /// The blocks that it has copies of.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = u64> + '_ {
        self.copies.keys().copied()
    }

    /// The copy of `block`.
    pub(crate) fn copy_of(&self, device: &dyn BlockDevice, block: u64) -> Result<Vec<u8>> {
        let copy = self.copies.get(&block).ok_or_else(|| Error::corrupt("the journal has no copy"))?;
        let mut buf = vec![0; self.log.block_size];
        self.read(device, copy, &mut buf)?;
        Ok(buf)
    }

    /// Looks at every copy before the first is used: a damaged journal is refused as a whole.
    pub(crate) fn verify(&self, device: &dyn BlockDevice) -> Result<()> {
        let mut buf = vec![0; self.log.block_size];
        self.copies.values().try_for_each(|copy| self.read(device, copy, &mut buf))
    }

    /// Puts every copy in its place. Not flushed.
    pub(crate) fn apply(&self, device: &dyn BlockDevice) -> Result<()> {
        let mut buf = vec![0; self.log.block_size];
        for (block, copy) in &self.copies {
            self.read(device, copy, &mut buf)?;
            device.write_at(&buf, block * self.log.block_size as u64)?;
        }
        Ok(())
    }
}

/// A device as it will be once the journal was replayed; nothing is ever written to it.
pub(crate) struct Replayed {
    device: Arc<dyn BlockDevice>,
    replay: Replay,
}

impl Replayed {
    pub(crate) fn new(device: Arc<dyn BlockDevice>, replay: Replay) -> Self {
        Self { device, replay }
    }
}

impl BlockDevice for Replayed {
    fn len(&self) -> u64 {
        self.device.len()
    }

    fn is_read_only(&self) -> bool {
        true
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> cairn_block::Result<()> {
        self.device.read_at(buf, offset)?;
        let size = self.replay.log.block_size as u64;
        let end = offset.saturating_add(buf.len() as u64);
        let mut copy_of = Vec::new();
        for (block, copy) in self.replay.copies.range(offset / size..end.div_ceil(size)) {
            copy_of.resize(self.replay.log.block_size, 0);
            self.replay.read(&*self.device, copy, &mut copy_of).map_err(|error| {
                let kind = cairn_block::ErrorKind::Corrupt;
                cairn_block::Error::new(kind, error.to_string())
            })?;
            patch(buf, offset, &copy_of, block * size);
        }
        Ok(())
    }

    fn write_at(&self, _: &[u8], _: u64) -> cairn_block::Result<()> {
        Err(read_only())
    }

    fn discard(&self, _: u64, _: u64) -> cairn_block::Result<()> {
        Err(read_only())
    }

    fn flush(&self) -> cairn_block::Result<()> {
        Ok(())
    }
}

/// Copies the part of `copy`, which belongs at `copy_at`, that `buf`, which was read from `offset`, shows.
fn patch(buf: &mut [u8], offset: u64, copy: &[u8], copy_at: u64) {
    let start = offset.max(copy_at);
    let end = (offset + buf.len() as u64).min(copy_at + copy.len() as u64);
    let range = |base: u64| usize::try_from(start - base).unwrap_or(0)..usize::try_from(end - base).unwrap_or(0);
    if let (Some(to), Some(from)) = (buf.get_mut(range(offset)), copy.get(range(copy_at))) {
        to.copy_from_slice(from);
    }
}

fn read_only() -> cairn_block::Error {
    let kind = cairn_block::ErrorKind::ReadOnly;
    cairn_block::Error::new(kind, "a journal that was replayed in memory cannot be written to")
}
