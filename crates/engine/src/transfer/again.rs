//! Pausing, resuming and retrying.
//!
//! What is begun again keeps its id: for those who watch it is the same transfer. It is asked for as the first time, so
//! everything is looked at anew; only a fetch has kept something, and goes on from there.

use std::sync::Arc;

use super::Job;
use super::record::Request;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Transfer, TransferState};

impl Engine {
    /// Asks a transfer to rest. It keeps its place on the volume, and what it has copied; it rests a moment later, when
    /// whoever copies looks up.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such transfer; [`ErrorKind::Conflict`] when it has ended;
    /// [`ErrorKind::Unsupported`] for the import of a disk image, which cannot be held up.
    pub fn transfer_pause(&self, id: &str) -> Result<Transfer> {
        let job = self.inner.transfers.find(id)?;
        job.pause()?;
        Ok(job.snapshot())
    }

    /// Lets a paused transfer go on, and takes up one that was interrupted.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such transfer; [`ErrorKind::Conflict`] when it neither rests nor was
    /// interrupted; else as what it was begun with.
    pub async fn transfer_resume(&self, id: &str) -> Result<Transfer> {
        let job = self.inner.transfers.find(id)?;
        if job.unpause() {
            return Ok(job.snapshot());
        }
        let transfer = job.snapshot();
        match transfer.state {
            TransferState::Interrupted => self.begin_again(&job).await,
            state => {
                let hint = match state {
                    TransferState::Failed | TransferState::Cancelled => "Retry it.",
                    _ => "There is nothing to resume.",
                };
                let sentence = format!("'{}' is not paused.", transfer.title);
                Err(Error::new(ErrorKind::Conflict, sentence).with_hint(hint))
            }
        }
    }

    /// Begins a transfer again that has failed, was cancelled or was interrupted.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such transfer; [`ErrorKind::Conflict`] when it is under way or done; else
    /// as what it was begun with.
    pub async fn transfer_retry(&self, id: &str) -> Result<Transfer> {
        let job = self.inner.transfers.find(id)?;
        let transfer = job.snapshot();
        if !transfer.can_retry {
            let how = if transfer.state == TransferState::Done { "done" } else { "under way" };
            let sentence = format!("'{}' is {how}, so it is not begun again.", transfer.title);
            return Err(Error::new(ErrorKind::Conflict, sentence));
        }
        self.begin_again(&job).await
    }

    async fn begin_again(&self, job: &Arc<Job>) -> Result<Transfer> {
        let volume = job.snapshot().volume_id;
        let (volume, again) = (volume.as_str(), Some(job.id().clone()));
        match job.request().clone() {
            Request::Upload(upload) => self.upload_as(volume, upload, again).await,
            Request::Download(download) => self.download_as(volume, download, again).await,
            Request::Fetch(fetch) => self.fetch_as(volume, fetch, again).await,
            Request::Import(import) => self.import_as(import, again).await,
            Request::Export(export) => self.export_as(volume, export, again).await,
            Request::Copy(copy) => self.copy_as(volume, copy, again).await,
            Request::Restore(restore) => self.restore_as(volume, restore, again).await,
            Request::Unpack(unpack) => self.unpack_as(volume, unpack, again).await,
            Request::Sync(watch) => {
                self.watch_again(&watch)?;
                Ok(job.snapshot())
            }
        }
    }
}
