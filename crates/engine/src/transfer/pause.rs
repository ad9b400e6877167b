//! Resting: how whoever copies is held up for a while, on a thread of its own or in a task.

use std::sync::{Condvar, Mutex, PoisonError};

use tokio::sync::watch;

use crate::sync;

/// Whether somebody wants a transfer to rest.
#[derive(Debug, Default)]
pub(super) struct Pause {
    asked: watch::Sender<bool>,
    /// Held while `asked` becomes false, so that no thread misses it.
    ending: Mutex<()>,
    threads: Condvar,
}

impl Pause {
    pub(super) fn is_asked(&self) -> bool {
        *self.asked.borrow()
    }

    pub(super) fn ask(&self) {
        self.asked.send_replace(true);
    }

    /// Lets everybody go on; also those who are to stop for good, and must see that first.
    pub(super) fn end(&self) {
        let ending = sync::lock(&self.ending);
        self.asked.send_replace(false);
        drop(ending);
        self.threads.notify_all();
    }

    /// Holds this thread up.
    pub(super) fn hold_thread(&self) {
        let mut ending = sync::lock(&self.ending);
        while self.is_asked() {
            ending = self.threads.wait(ending).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Completes when somebody wants it to rest.
    pub(super) async fn asked(&self) {
        self.wait_for(true).await;
    }

    /// Completes when nobody does any more.
    pub(super) async fn ended(&self) {
        self.wait_for(false).await;
    }

    async fn wait_for(&self, what: bool) {
        // The sender lives as long as `self`, so that waiting cannot fail.
        let _ = self.asked.subscribe().wait_for(|asked| *asked == what).await;
    }
}
