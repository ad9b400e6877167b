//! A device that counts what is asked of it and ends the test when that is too much.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use cairn_block::{BlockDevice, Error, ErrorKind, Result, memory::MemoryDevice};

/// The device.
pub(crate) struct Bounded {
    inner: Arc<MemoryDevice>,
    calls: AtomicU64,
    bytes: AtomicU64,
    outside: AtomicU64,
    limit: u64,
}

impl Bounded {
    /// A device of which at most `limit` calls may be asked.
    pub(crate) fn new(inner: Arc<MemoryDevice>, limit: u64) -> Arc<Self> {
        let zero = AtomicU64::default;
        Arc::new(Self { inner, calls: zero(), bytes: zero(), outside: zero(), limit })
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Relaxed)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// Nothing was asked that the device does not have, and not more than was allowed.
    #[track_caller]
    pub(crate) fn assert_kept(&self, what: &str) {
        assert_eq!(self.outside.load(Relaxed), 0, "{what}: something outside the device was asked for");
        assert!(self.calls() <= self.limit, "{what}: more than {} calls", self.limit);
    }

    fn count(&self, offset: u64, len: u64) -> Result<()> {
        self.bytes.fetch_add(len, Relaxed);
        if offset.checked_add(len).is_none_or(|end| end > self.inner.len()) {
            self.outside.fetch_add(1, Relaxed);
        }
        match self.calls.fetch_add(1, Relaxed) < self.limit {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Io, "the test's limit of calls is reached")),
        }
    }
}

impl BlockDevice for Bounded {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        self.count(offset, buf.len() as u64)?;
        self.inner.read_at(buf, offset)
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> Result<()> {
        self.count(offset, buf.len() as u64)?;
        self.inner.write_at(buf, offset)
    }

    fn discard(&self, offset: u64, len: u64) -> Result<()> {
        self.count(offset, len)?;
        self.inner.discard(offset, len)
    }

    fn flush(&self) -> Result<()> {
        self.count(0, 0)?;
        self.inner.flush()
    }
}
