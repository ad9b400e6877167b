//! Transfers: what is known of each copy under way or ended, its progress and its cancelling.
//!
//! Knows nothing of how files are copied: `files::upload` and `files::download` report here.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::events::Events;
use crate::id::{TransferId, VolumeId};
use crate::model::{Direction, EventKind, Transfer, TransferState};
use crate::slot::Slot;
use crate::store::internal;
use crate::sync;

/// Progress is told at most this often.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// How many ended transfers are remembered.
const ENDED_KEPT: usize = 500;

/// All transfers of this engine, oldest first.
#[derive(Debug)]
pub(crate) struct Transfers {
    events: Arc<Events>,
    jobs: Mutex<VecDeque<Arc<Job>>>,
}

/// One transfer, shared by the task that copies and by those who watch.
#[derive(Debug)]
pub(crate) struct Job {
    id: TransferId,
    events: Arc<Events>,
    cancel: CancellationToken,
    files_done: AtomicU64,
    bytes_done: AtomicU64,
    told: watch::Sender<Transfer>,
    last_told: Mutex<Instant>,
}

impl Transfers {
    pub(crate) fn new(events: Arc<Events>) -> Self {
        Self { events, jobs: Mutex::default() }
    }

    /// Enters a new transfer, queued.
    pub(crate) fn begin(&self, volume_id: &VolumeId, direction: Direction, title: String) -> Result<Arc<Job>> {
        let id = TransferId::random().map_err(|e| internal("make a transfer's id", &e))?;
        let transfer = Transfer {
            id: id.clone(),
            volume_id: volume_id.clone(),
            direction,
            title,
            state: TransferState::Queued,
            bytes_done: 0,
            bytes_total: 0,
            files_done: 0,
            files_total: 0,
            current: None,
            error: None,
            error_kind: None,
            started_at: OffsetDateTime::now_utc(),
            ended_at: None,
        };
        let job = Arc::new(Job {
            id,
            events: self.events.clone(),
            cancel: CancellationToken::new(),
            files_done: AtomicU64::new(0),
            bytes_done: AtomicU64::new(0),
            told: watch::Sender::new(transfer),
            last_told: Mutex::new(Instant::now()),
        });
        let mut jobs = sync::lock(&self.jobs);
        jobs.push_back(job.clone());
        forget_oldest(&mut jobs);
        drop(jobs);
        job.tell();
        Ok(job)
    }

    /// As all of them stand, oldest first.
    pub(crate) fn list(&self) -> Vec<Transfer> {
        sync::lock(&self.jobs).iter().map(|job| job.snapshot()).collect()
    }

    /// The transfer with this id.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    pub(crate) fn find(&self, id: &str) -> Result<Arc<Job>> {
        sync::lock(&self.jobs)
            .iter()
            .find(|job| job.id.as_str() == id)
            .cloned()
            .ok_or_else(|| Error::new(ErrorKind::NotFound, format!("There is no transfer '{id}'.")))
    }

    /// Forgets the ended ones.
    pub(crate) fn clear(&self) {
        sync::lock(&self.jobs).retain(|job| !job.has_ended());
    }
}

fn forget_oldest(jobs: &mut VecDeque<Arc<Job>>) {
    let mut too_many = jobs.iter().filter(|job| job.has_ended()).count().saturating_sub(ENDED_KEPT);
    jobs.retain(|job| {
        let forget = too_many > 0 && job.has_ended();
        too_many -= usize::from(forget);
        !forget
    });
}

impl Engine {
    /// All transfers, oldest first; those that ended are kept until [`transfer_clear`](Self::transfer_clear).
    #[must_use]
    pub fn transfer_list(&self) -> Vec<Transfer> {
        self.inner.transfers.list()
    }

    /// The transfer with this id.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    pub fn transfer_get(&self, id: &str) -> Result<Transfer> {
        Ok(self.inner.transfers.find(id)?.snapshot())
    }

    /// Waits until a transfer is done, failed or cancelled, and answers with that.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such transfer.
    pub async fn transfer_wait(&self, id: &str) -> Result<Transfer> {
        Ok(self.inner.transfers.find(id)?.ended().await)
    }

    /// Asks a transfer to stop; it ends a moment later, unless it has ended already.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such transfer.
    pub fn transfer_cancel(&self, id: &str) -> Result<Transfer> {
        let job = self.inner.transfers.find(id)?;
        job.cancel();
        Ok(job.snapshot())
    }

    /// Forgets the transfers that have ended.
    pub fn transfer_clear(&self) {
        self.inner.transfers.clear();
    }

    /// Does the work of a transfer when its turn on the volume has come and it is let in, and records how it ends.
    pub(crate) fn start_transfer<Pass: Send + 'static>(
        &self,
        slot: &Slot,
        job: Arc<Job>,
        let_in: impl Future<Output = Pass> + Send + 'static,
        work: impl FnOnce(Pass) -> Result<()> + Send + 'static,
    ) {
        self.start_transfer_of(&slot.id, slot.queue.clone(), job, let_in, work);
    }

    /// The same for a volume that is not among the others yet: its turn comes in `queue`.
    pub(crate) fn start_transfer_of<Pass: Send + 'static>(
        &self,
        volume: &VolumeId,
        queue: Arc<tokio::sync::Mutex<()>>,
        job: Arc<Job>,
        let_in: impl Future<Output = Pass> + Send + 'static,
        work: impl FnOnce(Pass) -> Result<()> + Send + 'static,
    ) {
        let span = tracing::info_span!("transfer", id = %job.id, volume = %volume);
        let turn = async move {
            let turn_and_pass = async { (queue.lock_owned().await, let_in.await) };
            let outcome = tokio::select! {
                biased;
                () = job.cancelled() => job.go_on(),
                (_turn, pass) = turn_and_pass => {
                    job.start();
                    blocking(move || work(pass)).await
                }
            };
            match &outcome {
                Ok(()) => tracing::info!("transfer done"),
                Err(error) => tracing::info!(%error, "transfer ended"),
            }
            job.end(&outcome);
        };
        self.inner.tasks.spawn(turn.instrument(span));
    }
}

impl Job {
    /// Its identity.
    pub(crate) fn id(&self) -> &TransferId {
        &self.id
    }

    /// As it stands now.
    pub(crate) fn snapshot(&self) -> Transfer {
        let mut transfer = self.told.borrow().clone();
        transfer.files_done = self.files_done.load(Ordering::Relaxed);
        transfer.bytes_done = self.bytes_done.load(Ordering::Relaxed);
        transfer
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(&self) -> Transfer {
        // The sender lives as long as `self`, so that waiting cannot fail.
        let _ = self.told.subscribe().wait_for(has_ended).await;
        self.snapshot()
    }

    /// Asks it to stop; one that has ended stays as it is.
    pub(crate) fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Completes when somebody asks it to stop.
    pub(crate) async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }

    /// Whether it may go on.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`] when somebody asked it to stop.
    pub(crate) fn go_on(&self) -> Result<()> {
        if self.cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "The transfer was cancelled."));
        }
        Ok(())
    }

    /// Its turn has come.
    pub(crate) fn start(&self) {
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
        self.change(|transfer| {
            transfer.current = None;
            transfer.ended_at = Some(OffsetDateTime::now_utc());
            transfer.state = match outcome {
                Ok(()) => TransferState::Done,
                Err(error) if error.kind() == ErrorKind::Cancelled => TransferState::Cancelled,
                Err(error) => {
                    transfer.error = Some(error.to_string());
                    transfer.error_kind = Some(error.kind());
                    TransferState::Failed
                }
            };
        });
    }

    fn has_ended(&self) -> bool {
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

    fn tell(&self) {
        self.events.send(EventKind::TransferChanged { transfer: self.snapshot() });
    }
}

fn has_ended(transfer: &Transfer) -> bool {
    matches!(transfer.state, TransferState::Done | TransferState::Failed | TransferState::Cancelled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transfers() -> Transfers {
        Transfers::new(Arc::new(Events::new()))
    }

    fn begin(transfers: &Transfers) -> Arc<Job> {
        transfers.begin(&VolumeId::random().unwrap(), Direction::Upload, "holiday".into()).unwrap()
    }

    #[tokio::test]
    async fn a_transfer_is_waited_for_and_its_end_is_kept() {
        let transfers = transfers();
        let job = begin(&transfers);
        assert_eq!(job.snapshot().state, TransferState::Queued);
        job.start();
        job.counted(2, 100);
        job.copied(60);
        job.end_file();
        job.end(&Err(Error::new(ErrorKind::Io, "The file 'x' vanished.")));
        let ended = transfers.find(job.id.as_str()).unwrap().ended().await;
        assert_eq!(ended.state, TransferState::Failed);
        assert_eq!(ended.error.as_deref(), Some("The file 'x' vanished."));
        assert_eq!((ended.files_done, ended.bytes_done, ended.bytes_total), (1, 60, 100));
        transfers.clear();
        assert!(transfers.list().is_empty());
    }

    #[tokio::test]
    async fn a_cancelled_transfer_is_no_failure() {
        let transfers = transfers();
        let job = begin(&transfers);
        assert!(job.go_on().is_ok());
        job.cancel();
        job.cancelled().await;
        job.end(&job.go_on());
        let ended = job.ended().await;
        assert_eq!((ended.state, ended.error), (TransferState::Cancelled, None));
    }

    #[test]
    fn only_so_many_ended_transfers_are_remembered() {
        let transfers = transfers();
        let running = begin(&transfers);
        for _ in 0..ENDED_KEPT + 20 {
            begin(&transfers).end(&Ok(()));
        }
        begin(&transfers);
        let left = transfers.list();
        assert_eq!(left.len(), ENDED_KEPT + 2);
        assert_eq!(left[0].id, running.id, "one under way is never forgotten");
    }
}
