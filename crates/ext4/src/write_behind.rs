//! Small files' content on its way to the device: what lies together is written together.
//!
//! Content goes to blocks that no committed inode points at, so it may be written at any time before the
//! commit. Whoever reads or writes such blocks past this buffer has it written out first.

use cairn_block::BlockDevice;

use crate::Result;

/// The buffer is written out when it is this long.
const LIMIT: usize = 4 << 20;

/// Bytes that belong at one place of the device, in one piece.
#[derive(Default)]
pub(crate) struct WriteBehind {
    offset: u64,
    bytes: Vec<u8>,
    /// Something could not be written: the transaction that it belongs to must not be committed.
    failed: bool,
}

impl WriteBehind {
    /// Adds `data`, padded with zeros to `padded` bytes, at the byte `offset` of the device.
    pub(crate) fn append(&mut self, device: &dyn BlockDevice, offset: u64, data: &[u8], padded: usize) -> Result<()> {
        let end = self.offset + self.bytes.len() as u64;
        if offset != end || self.bytes.len() + padded > LIMIT {
            self.write_out(device)?;
            self.offset = offset;
        }
        self.bytes.extend_from_slice(data);
        self.bytes.resize(self.bytes.len() + padded - data.len(), 0);
        Ok(())
    }

    /// Writes out everything.
    pub(crate) fn write_out(&mut self, device: &dyn BlockDevice) -> Result<()> {
        if !self.bytes.is_empty() {
            let written = device.write_at(&self.bytes, self.offset);
            self.failed |= written.is_err();
            self.bytes.clear();
            written?;
        }
        Ok(())
    }

    /// Whether content was lost since the last [`clear`](Self::clear).
    pub(crate) fn has_failed(&self) -> bool {
        self.failed
    }

    /// Drops everything, with the transaction that it belonged to.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.failed = false;
    }

    /// Whether something of the `len` bytes from `offset` is still here.
    pub(crate) fn overlaps(&self, offset: u64, len: u64) -> bool {
        let end = self.offset + self.bytes.len() as u64;
        offset < end && self.offset < offset.saturating_add(len)
    }
}
