//! The door: [`Filesystem`], its lock, and what concerns it as a whole.

use std::sync::{Arc, Mutex, MutexGuard};

use cairn_block::BlockDevice;

use crate::state::Core;
use crate::{Error, ErrorKind, Result, Statfs, write};

/// What a filesystem is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Nothing is written to the device, whatever state it is in.
    ReadOnly,
    /// Files may be changed.
    ReadWrite,
}

/// What the handles of one open filesystem share.
pub(crate) struct Shared {
    pub(crate) device: Arc<dyn BlockDevice>,
    core: Mutex<Core>,
    /// Buffers of uploads that are over, for the next.
    buffers: Mutex<Vec<Vec<u8>>>,
}

impl Shared {
    /// A buffer for an upload: [`write::BUFFER`] bytes of anything.
    pub(crate) fn take_buffer(&self) -> Vec<u8> {
        let kept = self.buffers.lock().ok().and_then(|mut buffers| buffers.pop());
        kept.unwrap_or_else(|| vec![0; write::BUFFER])
    }

    /// Gives a buffer back; one is kept.
    pub(crate) fn give_buffer(&self, buffer: Vec<u8>) {
        if let Ok(mut buffers) = self.buffers.lock()
            && buffers.is_empty()
        {
            buffers.push(buffer);
        }
    }

    pub(crate) fn lock(&self) -> Result<MutexGuard<'_, Core>> {
        self.core.lock().map_err(|_| {
            let why = "an earlier call stopped half-way; the filesystem has to be opened again";
            Error::new(ErrorKind::ReadOnly, why)
        })
    }
}

/// An open ext4 filesystem.
///
/// All methods take `&self`; a filesystem may be shared by threads. Each call that changes something is one
/// transaction and durable when it returns, unless a [batch](Self::begin_batch) is open.
pub struct Filesystem {
    shared: Arc<Shared>,
}

impl Filesystem {
    /// Opens the filesystem on `device`. A journal that a crash left behind is replayed first: in memory
    /// for [`Mode::ReadOnly`], on the device for [`Mode::ReadWrite`].
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] names a feature that the engine does not handle; [`ErrorKind::Corrupt`]
    /// says what is wrong; [`ErrorKind::ReadOnly`] when the device cannot be written to.
    pub fn open(device: Arc<dyn BlockDevice>, mode: Mode) -> Result<Self> {
        let core = Core::open(device, mode)?;
        let device = Arc::clone(&core.device);
        let (core, buffers) = (Mutex::new(core), Mutex::default());
        Ok(Self { shared: Arc::new(Shared { device, core, buffers }) })
    }

    /// How full the filesystem is.
    #[must_use]
    pub fn statfs(&self) -> Statfs {
        match self.shared.core.lock() {
            Ok(core) => core.statfs(),
            Err(stopped) => stopped.into_inner().statfs(),
        }
    }

    /// The label that the filesystem was made with.
    ///
    /// # Errors
    /// Only when an earlier call stopped half-way.
    pub fn label(&self) -> Result<Vec<u8>> {
        Ok(self.lock()?.superblock.label())
    }

    /// Bytes at the start of the device that hold the superblock and the group descriptors: every change touches them,
    /// and they say nothing about where files lie.
    ///
    /// # Errors
    /// Only when an earlier call stopped half-way.
    pub fn head_bytes(&self) -> Result<u64> {
        let core = self.lock()?;
        let layout = &core.layout;
        Ok(layout.byte(layout.first_data_block + layout.group_head_blocks(0)))
    }

    /// The UUID that the filesystem was made with.
    ///
    /// # Errors
    /// Only when an earlier call stopped half-way.
    pub fn uuid(&self) -> Result<[u8; 16]> {
        Ok(self.lock()?.superblock.uuid())
    }

    pub(crate) fn lock(&self) -> Result<MutexGuard<'_, Core>> {
        self.shared.lock()
    }

    pub(crate) fn shared_ref(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }
}
