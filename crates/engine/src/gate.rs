//! Who may read or write a volume's head inside this engine: many readers or one writer.
//!
//! Between processes QEMU's image locks decide; they cannot wait and cannot say who it is, so that the
//! engine's own operations first agree here. Nobody waits longer than [`PATIENCE`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};
use tokio::time::timeout;

use crate::error::{Error, ErrorKind, Result};
use crate::sync;

/// How long an operation waits for another one before it says what it waits for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The gate to one volume's head.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    lock: Arc<RwLock<()>>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What the writer does.
    writer: Mutex<Option<String>>,
    /// Told whenever somebody leaves.
    left: Notify,
    /// How often somebody came in to write.
    writers: AtomicU64,
}

/// The head may be read, and nobody writes, until this is dropped.
#[derive(Debug)]
pub(crate) struct ReadPass {
    guard: Option<OwnedRwLockReadGuard<()>>,
    state: Arc<State>,
}

/// The head may be written, and nobody else reads or writes, until this is dropped.
#[derive(Debug)]
pub(crate) struct WritePass {
    guard: Option<OwnedRwLockWriteGuard<()>>,
    state: Arc<State>,
}

impl Gate {
    /// Waits until nobody writes.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`] when that takes too long, with what the writer does.
    pub(crate) async fn read(&self, volume: &str) -> Result<ReadPass> {
        match timeout(PATIENCE, self.lock.clone().read_owned()).await {
            Ok(guard) => Ok(self.reading(guard)),
            Err(_) => Err(self.busy(volume)),
        }
    }

    /// Waits until nobody writes, however long that takes.
    pub(crate) async fn read_patiently(&self) -> ReadPass {
        self.patiently(|| self.try_read()).await
    }

    /// Lets the caller read if nobody writes now.
    pub(crate) fn try_read(&self) -> Option<ReadPass> {
        Some(self.reading(self.lock.clone().try_read_owned().ok()?))
    }

    /// How often somebody has come in to write: as long as it stays, and nobody was writing before, the head is the
    /// same.
    pub(crate) fn writers_so_far(&self) -> u64 {
        self.state.writers.load(Ordering::SeqCst)
    }

    /// Waits until nobody reads or writes; `what` the caller is about to do is told to those who wait for it.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`] when that takes too long, with what the other one does.
    pub(crate) async fn write(&self, volume: &str, what: impl Into<String>) -> Result<WritePass> {
        match timeout(PATIENCE, self.lock.clone().write_owned()).await {
            Ok(guard) => Ok(self.writing(guard, what.into())),
            Err(_) => Err(self.busy(volume)),
        }
    }

    /// Lets the caller write if nobody reads or writes now.
    pub(crate) fn try_write(&self, what: &str) -> Option<WritePass> {
        Some(self.writing(self.lock.clone().try_write_owned().ok()?, what.to_owned()))
    }

    /// The same, however long that takes; meanwhile others still come in to read.
    pub(crate) async fn write_patiently(&self, what: &str) -> WritePass {
        self.patiently(|| self.try_write(what)).await
    }

    /// Tries again whenever somebody leaves.
    async fn patiently<T>(&self, attempt: impl Fn() -> Option<T>) -> T {
        loop {
            let left = self.state.left.notified();
            tokio::pin!(left);
            // Known to wait before looking, so that nobody leaves unseen in between.
            left.as_mut().enable();
            if let Some(pass) = attempt() {
                return pass;
            }
            left.await;
        }
    }

    fn reading(&self, guard: OwnedRwLockReadGuard<()>) -> ReadPass {
        ReadPass { guard: Some(guard), state: self.state.clone() }
    }

    fn writing(&self, guard: OwnedRwLockWriteGuard<()>, what: String) -> WritePass {
        *sync::lock(&self.state.writer) = Some(what);
        self.state.writers.fetch_add(1, Ordering::SeqCst);
        WritePass { guard: Some(guard), state: self.state.clone() }
    }

    fn busy(&self, volume: &str) -> Error {
        let what = sync::lock(&self.state.writer).clone().unwrap_or_else(|| "files are being read from it".into());
        Error::new(ErrorKind::InUse, format!("The volume '{volume}' is busy: {what}."))
            .with_hint("Try again when that has ended, or cancel it.")
    }
}

impl Drop for ReadPass {
    fn drop(&mut self) {
        drop(self.guard.take());
        self.state.left.notify_waiters();
    }
}

impl Drop for WritePass {
    fn drop(&mut self) {
        *sync::lock(&self.state.writer) = None;
        drop(self.guard.take());
        self.state.left.notify_waiters();
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

    #[tokio::test(start_paused = true)]
    async fn who_is_patient_gets_in_when_the_others_have_left_and_keeps_no_reader_out() {
        let gate = Arc::new(Gate::default());
        let reading = gate.read("data").await.unwrap();
        let waiting = tokio::spawn({
            let gate = gate.clone();
            async move { gate.write_patiently("'holiday' is being uploaded").await }
        });
        tokio::time::sleep(PATIENCE * 100).await;
        assert!(!waiting.is_finished());
        drop(gate.read("data").await.unwrap());
        drop(reading);
        let writing = waiting.await.unwrap();
        let waiting = tokio::spawn({
            let gate = gate.clone();
            async move { gate.read_patiently().await }
        });
        tokio::time::sleep(PATIENCE * 100).await;
        assert!(!waiting.is_finished());
        drop(writing);
        waiting.await.unwrap();
    }
}
