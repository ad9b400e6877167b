//! Small files' content on its way to the device: what lies together is written together, and while a thread writes
//! one piece the next is gathered.
//!
//! Content goes to blocks that no committed inode points at, so it may be written at any time before the
//! commit. Whoever reads or writes such blocks past this buffer has it written out first.

use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use cairn_block::BlockDevice;

use crate::{Error, ErrorKind, Result};

/// The buffer is written out when it is this long.
const LIMIT: usize = 4 << 20;
/// From this length on a piece gets a thread, which costs as much time as writing a tenth of it.
const WORTH_A_THREAD: usize = 1 << 20;

/// Bytes that belong at one place of the device, in one piece, and the piece before, which is being written.
#[derive(Default)]
pub(crate) struct WriteBehind {
    offset: u64,
    bytes: Vec<u8>,
    under_way: Option<UnderWay>,
    /// Something could not be written: the transaction that it belongs to must not be committed.
    failed: bool,
}

/// A piece that a thread writes.
struct UnderWay {
    offset: u64,
    bytes: Arc<Vec<u8>>,
    thread: JoinHandle<cairn_block::Result<()>>,
}

impl WriteBehind {
    /// Adds `data`, padded with zeros to `padded` bytes, at the byte `offset` of the device.
    pub(crate) fn append(
        &mut self,
        device: &Arc<dyn BlockDevice>,
        offset: u64,
        data: &[u8],
        padded: usize,
    ) -> Result<()> {
        let end = self.offset + self.bytes.len() as u64;
        if offset != end || self.bytes.len() + padded > LIMIT {
            self.send(device)?;
            self.offset = offset;
        }
        self.bytes.extend_from_slice(data);
        self.bytes.resize(self.bytes.len() + padded - data.len(), 0);
        Ok(())
    }

    /// Has a thread write what is gathered, if that is worth one.
    fn send(&mut self, device: &Arc<dyn BlockDevice>) -> Result<()> {
        if self.bytes.len() < WORTH_A_THREAD {
            return self.write_out(&**device);
        }
        let emptied = self.land()?;
        let (bytes, offset) = (Arc::new(std::mem::replace(&mut self.bytes, emptied)), self.offset);
        let (theirs, to) = (Arc::clone(&bytes), Arc::clone(device));
        let written = match Builder::new().name("write-behind".into()).spawn(move || to.write_at(&theirs, offset)) {
            Ok(thread) => {
                self.under_way = Some(UnderWay { offset, bytes, thread });
                Ok(())
            }
            // The host is short of threads, not of anything that this needs.
            Err(_) => device.write_at(&bytes, offset),
        };
        self.failed |= written.is_err();
        Ok(written?)
    }

    /// Waits for the thread; a buffer to gather in.
    fn land(&mut self) -> Result<Vec<u8>> {
        let Some(UnderWay { bytes, thread, .. }) = self.under_way.take() else { return Ok(Vec::new()) };
        let written = match thread.join() {
            Ok(written) => written.map_err(Error::from),
            Err(_) => Err(Error::new(ErrorKind::Device, "a write ended in a panic")),
        };
        self.failed |= written.is_err();
        written?;
        let mut bytes = Arc::try_unwrap(bytes).unwrap_or_default();
        bytes.clear();
        Ok(bytes)
    }

    /// Writes out everything.
    pub(crate) fn write_out(&mut self, device: &dyn BlockDevice) -> Result<()> {
        self.land()?;
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

    /// Drops everything, with the transaction that it belonged to; nothing of it is written after this.
    pub(crate) fn clear(&mut self) {
        // Whether that succeeded no longer matters.
        drop(self.land());
        self.bytes.clear();
        self.failed = false;
    }

    /// Whether something of the `len` bytes from `offset` is still here.
    pub(crate) fn overlaps(&self, offset: u64, len: u64) -> bool {
        let meets = |from: u64, count: usize| offset < from + count as u64 && from < offset.saturating_add(len);
        meets(self.offset, self.bytes.len())
            || self.under_way.as_ref().is_some_and(|piece| meets(piece.offset, piece.bytes.len()))
    }
}

impl Drop for WriteBehind {
    /// The device is given up together with this: no thread may still hold it.
    fn drop(&mut self) {
        drop(self.land());
    }
}
