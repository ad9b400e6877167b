//! Committing: one transaction into the log, made valid by one block.
//!
//! The order, with a flush at each arrow: (only where the last transaction is run over, and after an opening:
//! the number of this transaction →) copies into the log → commit block, and the journal's superblock
//! that makes the log count → (the caller puts the blocks in their place) → the log is empty again. The last
//! step needs no flush of its own: as long as it is not durable a power cut replays the same transaction,
//! which changes nothing; and the next transaction goes behind it in the log, not over it.

use cairn_block::BlockDevice;

use super::Journal;
use super::descriptor::Format;
use super::superblock::MAGIC;
use crate::cache::Block;
use crate::{Error, Result, Timestamp};

/// The log is written in pieces of this many bytes.
const PIECE: usize = 1 << 20;

/// Writes blocks one behind the other into the log, in pieces as long as they lie together.
struct LogWriter<'j> {
    journal: &'j mut Journal,
    device: &'j dyn BlockDevice,
    offset: u64,
    bytes: Vec<u8>,
}

impl LogWriter<'_> {
    fn push(&mut self, block: &[u8]) -> Result<()> {
        let place = self.journal.log.byte(self.journal.head)?;
        if place != self.offset + self.bytes.len() as u64 || self.bytes.len() >= PIECE {
            self.write_out()?;
            self.offset = place;
        }
        self.bytes.extend_from_slice(block);
        self.journal.advance();
        Ok(())
    }

    fn write_out(&mut self) -> Result<()> {
        if !self.bytes.is_empty() {
            self.device.write_at(&self.bytes, self.offset)?;
            self.bytes.clear();
        }
        Ok(())
    }
}

impl Journal {
    /// Whether a transaction of `blocks` blocks would run over the last one, whose end may not be durable yet.
    /// After an opening every transaction would: nobody knows how the last owner ended.
    pub(crate) fn runs_over_previous(&self, blocks: usize) -> bool {
        let tags = Format::tags_per_block(self.log.block_size);
        let needed = u32::try_from(blocks + blocks.div_ceil(tags) + 1).unwrap_or(u32::MAX);
        needed.saturating_add(self.previous) > self.blocks()
    }

    /// Says once more that the log is empty, before it is run over; to be flushed, and then
    /// [told](Self::previous_is_over). With it the number of the next transaction becomes durable: no number
    /// is given twice, whatever cuts come, so that nothing old in the log can be taken for a part of it.
    pub(crate) fn end_previous(&mut self, device: &dyn BlockDevice) -> Result<()> {
        self.mark_empty(device)
    }

    /// The log can be run over.
    pub(crate) fn previous_is_over(&mut self) {
        self.previous = 0;
    }

    /// Writes copies of `blocks` into the log; they count only after [`seal`](Self::seal). When this fails
    /// nothing has happened. Returns where the transaction starts.
    pub(crate) fn write(&mut self, device: &dyn BlockDevice, blocks: &[(u64, Block)]) -> Result<u32> {
        if blocks.len() > self.capacity() {
            return Err(Error::no_space("the change is larger than the journal"));
        }
        let tags = Format::tags_per_block(self.log.block_size);
        if self.is_empty() {
            self.superblock.upgrade();
        }
        let start = self.head;
        let written = self.write_copies(device, blocks, tags);
        match written {
            Ok(()) => Ok(start),
            Err(error) => {
                self.head = start;
                Err(error)
            }
        }
    }

    fn write_copies(&mut self, device: &dyn BlockDevice, blocks: &[(u64, Block)], tags: usize) -> Result<()> {
        let format = self.format();
        let uuid = self.superblock.uuid().to_vec();
        let (sequence, mut descriptor) = (self.sequence, vec![0; self.log.block_size]);
        let mut writer = LogWriter { journal: self, device, offset: 0, bytes: Vec::new() };
        for load in blocks.chunks(tags) {
            let escaped: Vec<Option<Vec<u8>>> = load.iter().map(|(_, data)| escape(data)).collect();
            let copies: Vec<(u64, &[u8], bool)> = load
                .iter()
                .zip(&escaped)
                .map(|((number, data), escaped)| match escaped {
                    Some(copy) => (*number, &copy[..], true),
                    None => (*number, &data[..], false),
                })
                .collect();
            format.descriptor(&mut descriptor, sequence, &uuid, &copies);
            writer.push(&descriptor)?;
            copies.iter().try_for_each(|(_, copy, _)| writer.push(copy))?;
        }
        writer.write_out()
    }

    /// Makes the transaction that starts at `start` valid: its commit block, and a superblock that says the
    /// log has to be replayed. Durable only after the caller's flush.
    pub(crate) fn seal(&mut self, device: &dyn BlockDevice, start: u32, now: Timestamp) -> Result<()> {
        let mut block = vec![0; self.log.block_size];
        self.format().commit(&mut block, self.sequence, now);
        device.write_at(&block, self.log.byte(self.head)?)?;
        self.advance();
        self.superblock.set_log(start, self.sequence);
        self.write_superblock(device)?;
        self.sequence = self.sequence.wrapping_add(1);
        let end = if self.head > start { self.head } else { self.head + self.blocks() };
        self.previous = end - start;
        Ok(())
    }

    /// Marks the log as empty, once every block is durable in its place. Not flushed.
    pub(crate) fn mark_empty(&mut self, device: &dyn BlockDevice) -> Result<()> {
        self.superblock.set_log(0, self.sequence);
        self.write_superblock(device)
    }

    /// After a replay: the log is empty and the next transaction is `sequence`. Not flushed.
    pub(crate) fn restart(&mut self, device: &dyn BlockDevice, sequence: u32) -> Result<()> {
        self.sequence = sequence.wrapping_add(1);
        self.mark_empty(device)
    }

    fn write_superblock(&mut self, device: &dyn BlockDevice) -> Result<()> {
        let place = self.log.byte(0)?;
        Ok(device.write_at(self.superblock.sealed(), place)?)
    }

    fn format(&self) -> Format {
        Format { features: self.superblock.incompat(), seed: self.superblock.seed() }
    }

    fn advance(&mut self) {
        self.head += 1;
        if self.head >= self.superblock.last() {
            self.head = self.superblock.first();
        }
    }
}

/// A copy with its first word blanked, if that word would make it look like the journal's own block.
fn escape(data: &Block) -> Option<Vec<u8>> {
    data.starts_with(&MAGIC.to_be_bytes()).then(|| {
        let mut copy = data.to_vec();
        crate::bytes::put_be(&mut copy, 0, 0u32);
        copy
    })
}
