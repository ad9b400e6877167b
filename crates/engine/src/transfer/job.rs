//! One transfer: its progress, its pauses, its end.
//!
//! ```text
//! queued ──► running ──► done
//!    │  ▲       │  ▲
//!    ▼  │       ▼  │
//!    paused ◄──────┘           from all of these: failed, cancelled; interrupted when the engine ends
//! ```

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::pause::Pause;
use super::record::{Book, Record, Request};
use crate::error::{Error, ErrorKind, Result};
use crate::events::Events;
use crate::id::TransferId;
use crate::model::{EventKind, Transfer, TransferState};
use crate::sync;

/// Progress is told at most this often.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// One transfer, shared by the task that copies and by those who watch.
#[derive(Debug)]
pub(crate) struct Job {
    id: TransferId,
    events: Arc<Events>,
    book: Book,
    request: Request,
    /// Whether whoever copies looks up often enough.
    pausable: bool,
    pause: Pause,
    cancel: CancellationToken,
    /// Whether its turn has come.
    started: AtomicBool,
    /// Whether it is stopped because the engine ends.
    interrupted: AtomicBool,
    files_done: AtomicU64,
    bytes_done: AtomicU64,
    told: watch::Sender<Transfer>,
    last_told: Mutex<Instant>,
}

impl Job {
    pub(super) fn new(
        events: Arc<Events>,
        book: Book,
        request: Request,
        pausable: bool,
        transfer: Transfer,
    ) -> Arc<Self> {
        Arc::new(Self {
            id: transfer.id.clone(),
            events,
            book,
            request,
            pausable,
            pause: Pause::default(),
            cancel: CancellationToken::new(),
            started: AtomicBool::new(false),
            interrupted: AtomicBool::new(false),
            files_done: AtomicU64::new(transfer.files_done),
            bytes_done: AtomicU64::new(transfer.bytes_done),
            told: watch::Sender::new(transfer),
            last_told: Mutex::new(Instant::now()),
        })
    }

    /// Its identity.
    pub(crate) fn id(&self) -> &TransferId {
        &self.id
    }

    /// What was asked for.
    pub(super) fn request(&self) -> &Request {
        &self.request
    }

    /// Remembers it in the store.
    pub(super) fn note(&self) {
        let transfer = self.snapshot();
        self.book.write(&Record {
            id: transfer.id,
            volume: transfer.volume_id,
            direction: transfer.direction,
            title: transfer.title,
            started_at: transfer.started_at,
            request: self.request.clone(),
        });
    }

    /// As it stands now.
    pub(crate) fn snapshot(&self) -> Transfer {
        let mut transfer = self.told.borrow().clone();
        transfer.files_done = self.files_done.load(Ordering::Relaxed);
        transfer.bytes_done = self.bytes_done.load(Ordering::Relaxed);
        transfer.can_pause = self.pausable && matches!(transfer.state, TransferState::Queued | TransferState::Running);
        transfer.can_retry = has_ended(&transfer) && transfer.state != TransferState::Done;
        transfer
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(&self) -> Transfer {
        // The sender lives as long as `self`, so that waiting cannot fail.
        let _ = self.told.subscribe().wait_for(has_ended).await;
        self.snapshot()
    }

    /// How it goes on, for who wants to see each change.
    #[cfg(test)]
    pub(super) fn told_to(&self) -> watch::Receiver<Transfer> {
        self.told.subscribe()
    }

    /// Asks it to stop; one that has ended stays as it is.
    pub(crate) fn cancel(&self) {
        self.cancel.cancel();
        self.pause.end();
    }

    /// Stops it because the engine ends, so that it can be taken up again by the next one.
    pub(super) fn interrupt(&self) {
        if !self.cancel.is_cancelled() {
            self.interrupted.store(true, Ordering::SeqCst);
            self.cancel();
        }
    }

    /// Completes when somebody asks it to stop.
    pub(crate) async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }

    /// Asks it to rest: at once while it waits for its turn, else when whoever copies looks up.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when it has ended, [`ErrorKind::Unsupported`] when nobody would look up.
    pub(super) fn pause(&self) -> Result<()> {
        let transfer = self.snapshot();
        if has_ended(&transfer) {
            let sentence = format!("'{}' has ended, so it cannot be paused.", transfer.title);
            return Err(Error::new(ErrorKind::Conflict, sentence));
        }
        if !self.pausable {
            let sentence = format!("'{}' cannot be paused: QEMU converts it in one go.", transfer.title);
            return Err(Error::new(ErrorKind::Unsupported, sentence).with_hint("Cancel it, and retry it later."));
        }
        self.pause.ask();
        if !self.started.load(Ordering::SeqCst) {
            self.rests(true);
        }
        Ok(())
    }

    /// Lets it go on; answers whether it was asked to rest.
    pub(super) fn unpause(&self) -> bool {
        let rested = self.pause.is_asked();
        self.pause.end();
        if rested && !self.started.load(Ordering::SeqCst) {
            self.rests(false);
        }
        rested
    }

    /// Whether it is to rest.
    pub(crate) fn is_paused(&self) -> bool {
        self.pause.is_asked()
    }

    /// Completes when somebody wants it to rest.
    pub(crate) async fn asked_to_rest(&self) {
        self.pause.asked().await;
    }

    /// Waits in a task until it need not rest, and tells everybody that it does.
    pub(crate) async fn awake(&self) {
        if self.is_paused() {
            self.rests(true);
            self.pause.ended().await;
            self.rests(false);
        }
    }

    fn rests(&self, rests: bool) {
        let started = self.started.load(Ordering::SeqCst);
        self.change(|transfer| {
            transfer.state = match transfer.state {
                state if has_ended(transfer) => state,
                _ if rests => TransferState::Paused,
                _ if started => TransferState::Running,
                _ => TransferState::Queued,
            }
        });
    }

    /// Whether it may go on. Blocks while it is paused.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`] when somebody asked it to stop.
    pub(crate) fn go_on(&self) -> Result<()> {
        if self.is_paused() && !self.cancel.is_cancelled() {
            self.rests(true);
            self.pause.hold_thread();
            self.rests(false);
        }
        if self.cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "The transfer was cancelled."));
        }
        Ok(())
    }

    /// Its turn has come.
    pub(crate) fn start(&self) {
        self.started.store(true, Ordering::SeqCst);
        self.change(|transfer| transfer.state = TransferState::Running);
    }

    /// What there is to copy has been counted.
    pub(crate) fn counted(&self, files: u64, bytes: u64) {
        self.change(|transfer| {
            transfer.files_total = files;
            transfer.bytes_total = bytes;
        });
    }

    /// What has been copied so far counts no longer: it begins anew, or comes to its next part.
    pub(crate) fn rewind(&self) {
        self.files_done.store(0, Ordering::Relaxed);
        self.bytes_done.store(0, Ordering::Relaxed);
        self.change(|transfer| (transfer.files_total, transfer.bytes_total) = (0, 0));
    }

    /// A file has grown since it was counted.
    pub(crate) fn grew(&self, bytes: u64) {
        if bytes > 0 {
            self.change(|transfer| transfer.bytes_total += bytes);
        }
    }

    /// More bytes are copied.
    pub(crate) fn copied(&self, bytes: u64) {
        self.bytes_done.fetch_add(bytes, Ordering::Relaxed);
        self.tell_sometimes(|_| {});
    }

    /// The next file, folder or link is begun; its name is only asked for when somebody is about to be told.
    pub(crate) fn begin_file(&self, name: impl FnOnce() -> String) {
        self.tell_sometimes(|transfer| transfer.current = Some(name()));
    }

    /// A file, folder or link is done.
    pub(crate) fn end_file(&self) {
        self.files_done.fetch_add(1, Ordering::Relaxed);
    }

    /// It has ended, well or not.
    pub(crate) fn end(&self, outcome: &Result<()>) {
        let state = match outcome {
            Ok(()) => TransferState::Done,
            Err(error) if error.kind() != ErrorKind::Cancelled => TransferState::Failed,
            Err(_) if self.interrupted.load(Ordering::SeqCst) => TransferState::Interrupted,
            Err(_) => TransferState::Cancelled,
        };
        // Before anybody can begin it again, under the same id. An interrupted one the next engine finds as it was begun.
        if state != TransferState::Interrupted {
            self.book.remove(&self.id);
        }
        self.change(|transfer| {
            transfer.current = None;
            transfer.ended_at = Some(OffsetDateTime::now_utc());
            transfer.state = state;
            if let (TransferState::Failed, Err(error)) = (state, outcome) {
                transfer.error = Some(error.to_string());
                transfer.error_kind = Some(error.kind());
            }
        });
    }

    /// Nobody wants to know of it any more.
    pub(super) fn forget(&self) {
        self.book.remove(&self.id);
    }

    pub(super) fn has_ended(&self) -> bool {
        has_ended(&self.told.borrow())
    }

    /// Changes what is known and tells at once.
    fn change(&self, change: impl FnOnce(&mut Transfer)) {
        self.told.send_modify(change);
        self.tell();
    }

    /// Changes what is known and tells, unless somebody was told a moment ago.
    fn tell_sometimes(&self, change: impl FnOnce(&mut Transfer)) {
        let due = {
            let mut last = sync::lock(&self.last_told);
            let due = last.elapsed() >= TELL_EVERY;
            if due {
                *last = Instant::now();
            }
            due
        };
        if due {
            self.change(change);
        }
    }

    pub(super) fn tell(&self) {
        self.events.send(EventKind::TransferChanged { transfer: self.snapshot() });
    }
}

/// Whether nothing more happens to it by itself.
pub(super) fn has_ended(transfer: &Transfer) -> bool {
    !matches!(transfer.state, TransferState::Queued | TransferState::Running | TransferState::Paused)
}
