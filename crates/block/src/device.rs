//! The trait that every room above stands on.

use std::{fs::File, sync::Arc};

use crate::Result;

/// A device of a fixed number of bytes, addressed by byte offset.
///
/// All methods take `&self`: a device synchronises itself, so that one open image can be shared by
/// several readers. Offsets and lengths need no alignment. A range that does not lie wholly inside the
/// device is refused with [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) and changes nothing.
pub trait BlockDevice: Send + Sync {
    /// Size of the device in bytes.
    fn len(&self) -> u64;

    /// Whether the device has no bytes at all.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether writes are refused.
    fn is_read_only(&self) -> bool {
        false
    }

    /// Fills `buf` from `offset`. Bytes that were never written, or were discarded, read as zero.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()>;

    /// Writes all of `buf` at `offset`. The bytes are durable only after the next [`flush`](Self::flush).
    fn write_at(&self, buf: &[u8], offset: u64) -> Result<()>;

    /// Declares `len` bytes from `offset` unused: they read as zero afterwards, and whole units of
    /// allocation among them go back to the host.
    fn discard(&self, offset: u64, len: u64) -> Result<()>;

    /// Makes everything written before this call durable: it survives a power cut once this returns.
    fn flush(&self) -> Result<()>;

    /// Writes `len` bytes of a file of the host, from its byte `from` on, at `offset`, without bringing them into
    /// this process. False when that cannot be done: the caller then reads and writes the range itself, and
    /// learns in doing so what is wrong, if anything is. Some of it may have been written by then.
    fn write_from(&self, offset: u64, len: u64, source: &File, from: u64) -> Result<bool> {
        let _ = (offset, len, source, from);
        Ok(false)
    }

    /// Copies `len` bytes from `offset` on into a file of the host, to its byte `to`, without bringing them into
    /// this process. The file reads as zeros there; what reads as zeros here may be passed over. False when that
    /// cannot be done, as for [`write_from`](Self::write_from).
    fn read_into(&self, offset: u64, len: u64, target: &File, to: u64) -> Result<bool> {
        let _ = (offset, len, target, to);
        Ok(false)
    }
}

impl<D: BlockDevice + ?Sized> BlockDevice for Arc<D> {
    fn len(&self) -> u64 {
        (**self).len()
    }
    fn is_read_only(&self) -> bool {
        (**self).is_read_only()
    }
    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        (**self).read_at(buf, offset)
    }
    fn write_at(&self, buf: &[u8], offset: u64) -> Result<()> {
        (**self).write_at(buf, offset)
    }
    fn discard(&self, offset: u64, len: u64) -> Result<()> {
        (**self).discard(offset, len)
    }
    fn flush(&self) -> Result<()> {
        (**self).flush()
    }
    fn write_from(&self, offset: u64, len: u64, source: &File, from: u64) -> Result<bool> {
        (**self).write_from(offset, len, source, from)
    }
    fn read_into(&self, offset: u64, len: u64, target: &File, to: u64) -> Result<bool> {
        (**self).read_into(offset, len, target, to)
    }
}
