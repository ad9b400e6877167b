//! An open head with its chain: what the rooms above hold.
//!
//! Reads of several threads run side by side. Writes, discards and flushes take turns under one lock, and
//! close the gate only for the moment in which they change where bytes lie; so a reader never follows an
//! entry to a cluster that has become somebody else's.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use super::{chain, flush::Pending, header::Header, layer::Layer, refcount::Refcounts};
use crate::{BlockDevice, Error, ErrorKind, Result, range::check_range};

/// What an image is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading, beside other readers.
    ReadOnly,
    /// Reading and writing, alone.
    ReadWrite,
}

/// What only one writer at a time may touch.
pub(crate) struct Writer {
    /// As it stands on disk.
    pub(crate) header: Header,
    pub(crate) refcounts: Refcounts,
    pub(crate) pending: Pending,
    /// Set when nobody knows any more what is durable; nothing is written from then on.
    pub(crate) failed: bool,
}

/// One open head with its whole backing chain.
///
/// It holds QEMU's image locks on every file until it is dropped. Dropping flushes as well as it can, and
/// only logs a failure: call [`flush`](BlockDevice::flush) to know.
pub struct Image {
    /// The head first. Only the head is ever written.
    layers: Vec<Layer>,
    /// Held shared while bytes are read from where the tables say, alone while that changes.
    gate: RwLock<()>,
    writer: Option<Mutex<Writer>>,
}

impl Image {
    /// Opens the image at `path` and all its backing files (those always for reading only).
    ///
    /// # Errors
    /// `Locked` when a QEMU or another engine has the image open for writing, or, for writing, at all;
    /// `NotQcow2`, `Unsupported` and `Corrupt` for what cannot be handled; `Invalid` for a backing name
    /// that leaves the folder; `Io` when a file cannot be opened or read.
    pub fn open(path: &Path, access: Access) -> Result<Self> {
        Self::open_on(path, &[], access)
    }

    /// Opens the image at `path` on the files `below` instead of those that its header names: they lie directly below
    /// it, the uppermost first; what the last one stands on, its own header says. Whether they show what the image was
    /// made on, the caller knows.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn open_on(path: &Path, below: &[PathBuf], access: Access) -> Result<Self> {
        Self::from_layers(chain::open(path, below, access)?, access)
    }

    pub(crate) fn from_layers(layers: Vec<Layer>, access: Access) -> Result<Self> {
        let mut image = Self { layers, gate: RwLock::new(()), writer: None };
        if matches!(access, Access::ReadWrite) {
            let head = image.head();
            head.header.check_writable(&head.host)?;
            let mut refcounts = Refcounts::open(&head.host, &head.header)?;
            let file_len = head.host.len()?;
            for table in head.l1().into_iter().filter_map(|entry| entry.table()) {
                if !head.geometry.is_aligned(table) || table >= file_len {
                    return Err(head.host.corrupt(format!("the L2 table at {table} does not lie inside the file")));
                }
                refcounts.claim(&head.host, table, 1)?;
            }
            let writer = Writer { header: head.header.clone(), refcounts, pending: Pending::default(), failed: false };
            image.writer = Some(Mutex::new(writer));
        }
        Ok(image)
    }

    /// The files of the chain, the head first.
    #[must_use]
    pub fn layers(&self) -> Vec<PathBuf> {
        self.layers.iter().map(|layer| layer.host.path().to_owned()).collect()
    }

    pub(crate) fn head(&self) -> &Layer {
        &self.layers[0]
    }

    pub(crate) fn chain(&self) -> &[Layer] {
        &self.layers
    }

    /// Takes the turn to write.
    pub(crate) fn writer(&self) -> Result<MutexGuard<'_, Writer>> {
        let path = self.head().host.path();
        let Some(writer) = &self.writer else {
            return Err(Error::new(ErrorKind::ReadOnly, "the image is open for reading only").at(path));
        };
        match writer.lock() {
            Ok(writer) if !writer.failed => Ok(writer),
            _ => {
                let message = "an earlier flush of the image failed, so nobody knows what is on the disk; \
                               close the image, see to the host's disk, and open it again";
                Err(Error::new(ErrorKind::Io, message).at(path))
            }
        }
    }

    // The gate protects no data of its own, so a poisoned one is still good.
    pub(crate) fn close_gate(&self) -> RwLockWriteGuard<'_, ()> {
        self.gate.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self) -> RwLockReadGuard<'_, ()> {
        self.gate.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BlockDevice for Image {
    fn len(&self) -> u64 {
        self.head().size()
    }

    fn is_read_only(&self) -> bool {
        self.writer.is_none()
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        check_range("read", offset, buf.len() as u64, self.len())?;
        let _inside = self.enter();
        chain::read(&self.layers, buf, offset)
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> Result<()> {
        let mut writer = self.writer()?;
        check_range("write", offset, buf.len() as u64, self.len())?;
        self.write_runs(&mut writer, buf, offset)
    }

    fn discard(&self, offset: u64, len: u64) -> Result<()> {
        let mut writer = self.writer()?;
        check_range("discard", offset, len, self.len())?;
        self.discard_range(&mut writer, offset, len)
    }

    fn flush(&self) -> Result<()> {
        // A reader has nothing to make durable.
        if self.writer.is_none() {
            return Ok(());
        }
        self.flush_all(&mut *self.writer()?)
    }

    fn write_from(&self, offset: u64, len: u64, source: &File, from: u64) -> Result<bool> {
        let mut writer = self.writer()?;
        check_range("write", offset, len, self.len())?;
        self.copy_in(&mut writer, source, from, offset, len)
    }

    fn read_into(&self, offset: u64, len: u64, target: &File, to: u64) -> Result<bool> {
        check_range("read", offset, len, self.len())?;
        let _inside = self.enter();
        self.copy_out(offset, len, target, to)
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        if let Err(error) = self.flush() {
            tracing::warn!(path = %self.head().host.path().display(), %error, "the last flush of an image failed");
        }
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Image").field("layers", &self.layers()).field("size", &self.len()).finish_non_exhaustive()
    }
}
