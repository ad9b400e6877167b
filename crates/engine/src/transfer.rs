//! Transfers: what is known of each copy under way or ended, and what can be done about it.
//!
//! Knows nothing of how files are copied: `files::upload` and `files::download` report to their [`Job`].

mod again;
mod job;
mod pause;
mod record;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use time::OffsetDateTime;
use tracing::Instrument as _;

use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::events::Events;
use crate::id::{TransferId, VolumeId};
use crate::model::{Direction, Transfer, TransferState};
use crate::slot::Slot;
use crate::store::{Store, internal};
use crate::sync;

use self::record::{Book, Record};

pub(crate) use self::job::Job;
pub(crate) use self::record::{Request, record_file};

/// How many ended transfers are remembered.
const ENDED_KEPT: usize = 500;

/// All transfers of this engine, oldest first.
#[derive(Debug)]
pub(crate) struct Transfers {
    events: Arc<Events>,
    book: Book,
    jobs: Mutex<VecDeque<Arc<Job>>>,
}

/// What a transfer is asked to do.
#[derive(Debug)]
pub(crate) struct Order {
    request: Request,
    /// The one that is begun again by this.
    again: Option<TransferId>,
    pausable: bool,
}

impl Order {
    pub(crate) fn new(request: Request, again: Option<TransferId>) -> Self {
        Self { request, again, pausable: true }
    }

    /// What nobody can hold up once it is under way.
    pub(crate) fn without_pause(self) -> Self {
        Self { pausable: false, ..self }
    }
}

impl Transfers {
    /// With those that the engine before has not finished.
    pub(crate) fn open(store: &Store, events: Arc<Events>) -> Self {
        let book = Book::new(store.run_folder());
        let (synced, others): (Vec<Record>, Vec<Record>) =
            book.read_all().into_iter().partition(|record| matches!(record.request, Request::Sync(_)));
        // A watched folder is compared anew by itself.
        synced.iter().for_each(|record| book.remove(&record.id));
        let jobs = others.into_iter().map(|record| left(record, &book, &events)).collect();
        Self { events, book, jobs: Mutex::new(jobs) }
    }

    /// Enters a new transfer, queued; one that is begun again comes in its own place.
    pub(crate) fn begin(
        &self,
        volume_id: &VolumeId,
        direction: Direction,
        title: String,
        order: Order,
    ) -> Result<Arc<Job>> {
        let id = match &order.again {
            Some(id) => id.clone(),
            None => TransferId::random().map_err(|e| internal("make a transfer's id", &e))?,
        };
        let transfer = begun(id, volume_id.clone(), direction, title);
        let job = Job::new(self.events.clone(), self.book.clone(), order.request, order.pausable, transfer);
        let mut jobs = sync::lock(&self.jobs);
        if let Some(id) = &order.again
            && let Some(before) = jobs.iter().find(|before| before.id() == id)
            && !before.has_ended()
        {
            let sentence = format!("'{}' is under way already.", before.snapshot().title);
            return Err(Error::new(ErrorKind::Conflict, sentence));
        }
        jobs.retain(|before| before.id() != job.id());
        jobs.push_back(job.clone());
        forget_oldest(&mut jobs);
        drop(jobs);
        job.note();
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
            .find(|job| job.id().as_str() == id)
            .cloned()
            .ok_or_else(|| Error::new(ErrorKind::NotFound, format!("There is no transfer '{id}'.")))
    }

    /// Forgets the ended ones.
    pub(crate) fn clear(&self) {
        sync::lock(&self.jobs).retain(|job| {
            let ended = job.has_ended();
            if ended {
                job.forget();
            }
            !ended
        });
    }

    /// Stops those that are under way: the next engine offers to take them up again.
    pub(crate) fn interrupt(&self) {
        sync::lock(&self.jobs).iter().filter(|job| !job.has_ended()).for_each(|job| job.interrupt());
    }
}

fn begun(id: TransferId, volume_id: VolumeId, direction: Direction, title: String) -> Transfer {
    Transfer {
        id,
        volume_id,
        direction,
        title,
        state: TransferState::Queued,
        can_pause: false,
        can_retry: false,
        bytes_done: 0,
        bytes_total: 0,
        files_done: 0,
        files_total: 0,
        current: None,
        error: None,
        error_kind: None,
        started_at: OffsetDateTime::now_utc(),
        ended_at: None,
    }
}

/// What the engine before has left.
fn left(record: Record, book: &Book, events: &Arc<Events>) -> Arc<Job> {
    let Record { id, volume, direction, title, started_at, request } = record;
    let transfer = Transfer {
        state: TransferState::Interrupted,
        started_at,
        ended_at: Some(started_at),
        ..begun(id, volume, direction, title)
    };
    Job::new(events.clone(), book.clone(), request, true, transfer)
}

fn forget_oldest(jobs: &mut VecDeque<Arc<Job>>) {
    let mut too_many = jobs.iter().filter(|job| job.has_ended()).count().saturating_sub(ENDED_KEPT);
    jobs.retain(|job| {
        let forget = too_many > 0 && job.has_ended();
        too_many -= usize::from(forget);
        if forget {
            job.forget();
        }
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
        let span = tracing::info_span!("transfer", id = %job.id(), volume = %volume);
        let turn = async move {
            let turn_and_pass = async { (turn_of(&job, queue).await, let_in.await) };
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

/// Waits for a transfer's turn; one that is paused meanwhile lets others go before it.
async fn turn_of(job: &Job, queue: Arc<tokio::sync::Mutex<()>>) -> tokio::sync::OwnedMutexGuard<()> {
    loop {
        job.awake().await;
        let turn = queue.clone().lock_owned().await;
        if !job.is_paused() {
            return turn;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Conflict, CopyFiles};

    fn in_folder(folder: &std::path::Path) -> (Store, Transfers) {
        let store = Store::open(folder).unwrap();
        let transfers = Transfers::open(&store, Arc::new(Events::new()));
        (store, transfers)
    }

    fn transfers() -> (tempfile::TempDir, Transfers) {
        let folder = tempfile::tempdir().unwrap();
        let (_, transfers) = in_folder(folder.path());
        (folder, transfers)
    }

    fn begin(transfers: &Transfers) -> Arc<Job> {
        let copy = CopyFiles { paths: vec!["a".into()], destination: "b".into(), conflict: Conflict::Fail };
        let order = Order::new(Request::Copy(copy), None);
        transfers.begin(&VolumeId::random().unwrap(), Direction::Upload, "holiday".into(), order).unwrap()
    }

    #[tokio::test]
    async fn a_paused_transfer_holds_its_thread_up_until_it_is_resumed_or_cancelled() {
        let (_folder, transfers) = transfers();
        for ends_well in [true, false] {
            let job = begin(&transfers);
            job.start();
            job.pause().unwrap();
            let worker = job.clone();
            let thread = tokio::task::spawn_blocking(move || worker.go_on());
            let mut seen = job.told_to();
            seen.wait_for(|transfer| transfer.state == TransferState::Paused).await.unwrap();
            assert!(!thread.is_finished());
            if ends_well {
                assert!(job.unpause());
            } else {
                job.cancel();
            }
            assert_eq!(thread.await.unwrap().is_ok(), ends_well);
        }
    }

    #[tokio::test]
    async fn one_that_waits_for_its_turn_rests_at_once_and_waits_again_afterwards() {
        let (_folder, transfers) = transfers();
        let job = begin(&transfers);
        job.pause().unwrap();
        assert_eq!(job.snapshot().state, TransferState::Paused);
        assert!(!job.snapshot().can_pause);
        assert!(job.unpause());
        assert_eq!(job.snapshot().state, TransferState::Queued);
        job.end(&Ok(()));
        assert_eq!(job.pause().unwrap_err().kind(), ErrorKind::Conflict);
    }

    #[test]
    fn what_an_engine_did_not_finish_the_next_one_knows() {
        let folder = tempfile::tempdir().unwrap();
        let (store, transfers) = in_folder(folder.path());
        let (running, failed, done, cancelled) =
            (begin(&transfers), begin(&transfers), begin(&transfers), begin(&transfers));
        failed.end(&Err(Error::new(ErrorKind::NoSpace, "The volume is full.")));
        done.end(&Ok(()));
        cancelled.cancel();
        cancelled.end(&cancelled.go_on());
        running.interrupt();
        running.end(&running.go_on());
        assert_eq!(running.snapshot().state, TransferState::Interrupted);
        // One that makes no sense keeps nobody from the others.
        std::fs::write(store.run("tr_aaaaaaaaaaaaaaaa.transfer"), "{").unwrap();
        store.release();

        let (_store, next) = in_folder(folder.path());
        let left: Vec<_> = next.list().into_iter().map(|left| (left.id, left.state, left.can_retry)).collect();
        assert_eq!(left, [(running.id().clone(), TransferState::Interrupted, true)]);
        next.clear();
        assert!(Book::new(folder.path().join("run")).read_all().is_empty());
    }

    #[tokio::test]
    async fn a_transfer_is_waited_for_and_its_end_is_kept() {
        let (_folder, transfers) = transfers();
        let job = begin(&transfers);
        assert_eq!(job.snapshot().state, TransferState::Queued);
        job.start();
        job.counted(2, 100);
        job.copied(60);
        job.end_file();
        job.end(&Err(Error::new(ErrorKind::Io, "The file 'x' vanished.")));
        let ended = transfers.find(job.id().as_str()).unwrap().ended().await;
        assert_eq!(ended.state, TransferState::Failed);
        assert_eq!(ended.error.as_deref(), Some("The file 'x' vanished."));
        assert_eq!((ended.files_done, ended.bytes_done, ended.bytes_total), (1, 60, 100));
        transfers.clear();
        assert!(transfers.list().is_empty());
    }

    #[tokio::test]
    async fn a_cancelled_transfer_is_no_failure() {
        let (_folder, transfers) = transfers();
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
        let (_folder, transfers) = transfers();
        let running = begin(&transfers);
        for _ in 0..ENDED_KEPT + 20 {
            begin(&transfers).end(&Ok(()));
        }
        begin(&transfers);
        let left = transfers.list();
        assert_eq!(left.len(), ENDED_KEPT + 2);
        assert_eq!(&left[0].id, running.id(), "one under way is never forgotten");
    }
}
