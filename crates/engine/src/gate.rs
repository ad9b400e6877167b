//! Who may read or write a volume's head inside this engine: many readers or one writer.
//!
//! Between processes QEMU's image locks decide; they cannot wait and cannot say who it is, so that the
//! engine's own operations first agree here. Nobody waits longer than [`PATIENCE`].

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};
use tokio::time::timeout;

use crate::error::{Error, ErrorKind, Result};
use crate::sync;

/// How long an operation waits for another one before it says what it waits for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The gate to one volume's head.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    lock: Arc<RwLock<()>>,
    writer: Arc<Mutex<Option<String>>>,
}

/// The head may be read, and nobody writes, until this is dropped.
#[derive(Debug)]
pub(crate) struct ReadPass {
    _guard: OwnedRwLockReadGuard<()>,
}

/// The head may be written, and nobody else reads or writes, until this is dropped.
#[derive(Debug)]
pub(crate) struct WritePass {
    _guard: OwnedRwLockWriteGuard<()>,
    writer: Arc<Mutex<Option<String>>>,
}

impl Gate {
    /// Waits until nobody writes.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`] when that takes too long, with what the writer does.
    pub(crate) async fn read(&self, volume: &str) -> Result<ReadPass> {
        match timeout(PATIENCE, self.lock.clone().read_owned()).await {
            Ok(guard) => Ok(ReadPass { _guard: guard }),
            Err(_) => Err(self.busy(volume)),
        }
    }

    /// Lets the caller read if nobody writes now.
    pub(crate) fn try_read(&self) -> Option<ReadPass> {
        Some(ReadPass { _guard: self.lock.clone().try_read_owned().ok()? })
    }

    /// Waits until nobody reads or writes; `what` the caller is about to do is told to those who wait for it.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`] when that takes too long, with what the other one does.
    pub(crate) async fn write(&self, volume: &str, what: impl Into<String>) -> Result<WritePass> {
        match timeout(PATIENCE, self.lock.clone().write_owned()).await {
            Ok(guard) => {
                *sync::lock(&self.writer) = Some(what.into());
                Ok(WritePass { _guard: guard, writer: self.writer.clone() })
            }
            Err(_) => Err(self.busy(volume)),
        }
    }

    fn busy(&self, volume: &str) -> Error {
        let what = sync::lock(&self.writer).clone().unwrap_or_else(|| "files are being read from it".into());
        Error::new(ErrorKind::InUse, format!("The volume '{volume}' is busy: {what}."))
            .with_hint("Try again when that has ended, or cancel it.")
    }
}

impl Drop for WritePass {
    fn drop(&mut self) {
        *sync::lock(&self.writer) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_waits_too_long_is_told_for_what() {
        let gate = Gate::default();
        let writing = gate.write("data", "'holiday' is being uploaded").await.unwrap();
        let error = gate.read("data").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InUse);
        assert_eq!(error.message(), "The volume 'data' is busy: 'holiday' is being uploaded.");
        drop(writing);

        let reading = gate.read("data").await.unwrap();
        assert!(gate.try_read().is_some(), "readers do not exclude each other");
        assert!(gate.write("data", "x").await.unwrap_err().message().contains("being read"));
        drop(reading);
        gate.write("data", "x").await.unwrap();
    }
}
