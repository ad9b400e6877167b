//! The file on the host that an image lives in: positioned reads and writes, holes, durability.
//!
//! Everything above goes through [`HostFile`], so that a test can put a recording file below an image and
//! rebuild what a power cut would leave. It must not know what the bytes mean.

use std::{
    fs::File,
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::{Path, PathBuf},
};

use nix::fcntl::{FallocateFlags, fallocate};

use super::host_copy;
use crate::{Error, ErrorKind, Result};

/// What an image needs from the file below it.
pub(crate) trait HostFile: Send + Sync {
    /// Length of the file in bytes.
    fn len(&self) -> io::Result<u64>;
    /// Reads from `offset` until `buf` is full or the file ends; how many bytes were read.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all of `buf`; the file grows as needed.
    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()>;
    /// Gives the range back to the host; it reads as zero and the length stays.
    fn punch_hole(&self, offset: u64, len: u64) -> io::Result<()>;
    /// Makes all that was written durable.
    fn sync(&self) -> io::Result<()>;
    /// Lets the host copy `len` bytes of `source` from its byte `from` on to `offset`; false when it cannot.
    fn copy_in(&self, source: &File, from: u64, offset: u64, len: u64) -> bool {
        let _ = (source, from, offset, len);
        false
    }
    /// Lets the host copy `len` bytes from `offset` on to byte `to` of `target`; false when it cannot.
    fn copy_out(&self, offset: u64, target: &File, to: u64, len: u64) -> bool {
        let _ = (offset, target, to, len);
        false
    }
}

impl HostFile for File {
    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.size())
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < buf.len() {
            match FileExt::read_at(self, &mut buf[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(done)
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(buf, offset)
    }

    fn punch_hole(&self, offset: u64, len: u64) -> io::Result<()> {
        let to_signed = |n| i64::try_from(n).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput));
        let flags = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
        Ok(fallocate(self, flags, to_signed(offset)?, to_signed(len)?)?)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn copy_in(&self, source: &File, from: u64, offset: u64, len: u64) -> bool {
        host_copy::copy(source, from, self, offset, len)
    }

    fn copy_out(&self, offset: u64, target: &File, to: u64, len: u64) -> bool {
        host_copy::copy(self, offset, target, to, len)
    }
}

/// A host file with its name: the same calls, with errors that say what failed on which file.
pub(crate) struct Host {
    file: Box<dyn HostFile>,
    path: PathBuf,
}

impl Host {
    pub(crate) fn new(file: Box<dyn HostFile>, path: &Path) -> Self {
        Self { file, path: path.to_owned() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn len(&self) -> Result<u64> {
        self.file.len().map_err(|e| Error::io("ask for the image's length", e).at(&self.path))
    }

    /// Reads bytes that must be there: a file that ends before is corrupt.
    pub(crate) fn read(&self, what: &str, buf: &mut [u8], offset: u64) -> Result<()> {
        let got = self.read_some(what, buf, offset)?;
        if got < buf.len() {
            return Err(self.corrupt(format!("the file ends inside {what} at {offset}")));
        }
        Ok(())
    }

    /// Reads what the file has; what lies past its end reads as zero.
    pub(crate) fn read_padded(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        let got = self.read_some("data", buf, offset)?;
        buf[got..].fill(0);
        Ok(())
    }

    fn read_some(&self, what: &str, buf: &mut [u8], offset: u64) -> Result<usize> {
        self.file.read_at(buf, offset).map_err(|e| Error::io(format!("read {what} at {offset}"), e).at(&self.path))
    }

    pub(crate) fn write(&self, what: &str, buf: &[u8], offset: u64) -> Result<()> {
        self.file.write_at(buf, offset).map_err(|e| Error::io(format!("write {what} at {offset}"), e).at(&self.path))
    }

    /// See [`HostFile::copy_in`].
    pub(crate) fn copy_in(&self, source: &File, from: u64, offset: u64, len: u64) -> bool {
        self.file.copy_in(source, from, offset, len)
    }

    /// See [`HostFile::copy_out`].
    pub(crate) fn copy_out(&self, offset: u64, target: &File, to: u64, len: u64) -> bool {
        self.file.copy_out(offset, target, to, len)
    }

    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync().map_err(|e| Error::io("make the image durable", e).at(&self.path))
    }

    /// Gives space back. Not every filesystem can, and nothing is lost when one cannot.
    pub(crate) fn punch_hole(&self, offset: u64, len: u64) {
        if let Err(error) = self.file.punch_hole(offset, len) {
            tracing::debug!(path = %self.path.display(), offset, len, %error, "space was not given back to the host");
        }
    }

    /// An error that this image's structures contradict each other.
    pub(crate) fn corrupt(&self, message: impl std::fmt::Display) -> Error {
        let message = format!("the image is damaged: {message}; look at it with qemu-img check");
        Error::new(ErrorKind::Corrupt, message).at(&self.path)
    }

    /// An error that this image uses what Cairn does not handle.
    pub(crate) fn unsupported(&self, what: impl std::fmt::Display) -> Error {
        let message = format!("the image uses {what}, which Cairn does not handle; convert it with qemu-img convert");
        Error::new(ErrorKind::Unsupported, message).at(&self.path)
    }
}
