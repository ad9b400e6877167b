//! The lock on what a volume consists of. Whoever holds it for long hears when somebody else wants it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Mutex, Notify, OwnedMutexGuard};

/// The lock; clones are the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Structure {
    lock: Arc<Mutex<()>>,
    wanted: Arc<Wanted>,
}

/// Who waits for something that somebody has for long.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    by: AtomicUsize,
    told: Notify,
}

impl Structure {
    /// Waits for it.
    pub(crate) async fn lock(&self) -> OwnedMutexGuard<()> {
        let _waiting = self.wanted.wait();
        self.lock.clone().lock_owned().await
    }

    /// The same, for whoever gives it back as soon as it is [wanted](Self::wanted).
    pub(crate) async fn lock_for_long(&self) -> OwnedMutexGuard<()> {
        self.lock.clone().lock_owned().await
    }

    /// Takes it if nobody has it.
    pub(crate) fn try_lock(&self) -> Option<OwnedMutexGuard<()>> {
        self.lock.clone().try_lock_owned().ok()
    }

    /// Whether somebody waits for it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.is_waited_for()
    }

    /// Resolves when somebody waits for it.
    pub(crate) async fn wanted(&self) {
        self.wanted.until_waited_for().await;
    }
}

impl Wanted {
    /// Somebody waits, until the answer is dropped.
    pub(crate) fn wait(&self) -> Waiting<'_> {
        Waiting::new(self)
    }

    fn is_waited_for(&self) -> bool {
        self.by.load(Ordering::SeqCst) > 0
    }

    /// Resolves when somebody waits.
    pub(crate) async fn until_waited_for(&self) {
        loop {
            let told = self.told.notified();
            tokio::pin!(told);
            // Known to wait before looking, so that nobody comes unseen in between.
            told.as_mut().enable();
            if self.is_waited_for() {
                return;
            }
            told.await;
        }
    }
}

/// Somebody waits, until this is dropped.
pub(crate) struct Waiting<'a>(&'a Wanted);

impl<'a> Waiting<'a> {
    fn new(wanted: &'a Wanted) -> Self {
        wanted.by.fetch_add(1, Ordering::SeqCst);
        wanted.told.notify_waiters();
        Self(wanted)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.by.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_holds_it_for_long_hears_of_who_waits() {
        let structure = Structure::default();
        let held = structure.lock_for_long().await;
        assert!(!structure.is_wanted());
        let waiting = tokio::spawn({
            let structure = structure.clone();
            async move { drop(structure.lock().await) }
        });
        structure.wanted().await;
        drop(held);
        waiting.await.unwrap();
        assert!(!structure.is_wanted());
    }
}
