//! What is kept of a transfer in the store, so that one which an engine did not live to finish is not forgotten.
//!
//! A record is `run/<transfer_id>.transfer`; it is there from the transfer's beginning to its end, and stays when that is
//! the engine's, until the transfer is taken up again or cleared. It is replaced as a whole but not flushed: after a power
//! cut a transfer may be unknown, and a record that is not whole is dropped. What it copied is safe or not there at all
//! whatever the record says.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::durable;
use crate::export::ExportVolume;
use crate::files::{Fetch, Unpack};
use crate::id::{TransferId, VolumeId, WatchId};
use crate::import::ImportVolume;
use crate::model::{CopyFiles, Direction, Download, RestoreFiles, Upload};

/// What such a file's name ends in.
const ENDING: &str = "transfer";

/// What was asked for, whole, so that it can be asked for again.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    Upload(Upload),
    Download(Download),
    Fetch(Fetch),
    Import(ImportVolume),
    Export(ExportVolume),
    Copy(CopyFiles),
    Restore(RestoreFiles),
    Unpack(Unpack),
    /// What a watched folder does by itself.
    Sync(WatchId),
}

/// One transfer, as it was begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) id: TransferId,
    pub(super) volume: VolumeId,
    pub(super) direction: Direction,
    pub(super) title: String,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) started_at: OffsetDateTime,
    pub(super) request: Request,
}

/// Where the records are.
#[derive(Clone, Debug)]
pub(super) struct Book {
    run: PathBuf,
}

impl Book {
    pub(super) fn new(run: PathBuf) -> Self {
        Self { run }
    }

    fn file(&self, id: &TransferId) -> PathBuf {
        record_file(&self.run, id.as_str())
    }

    /// Writes a record, if that can be done: a transfer is not refused because it would be forgotten.
    pub(super) fn write(&self, record: &Record) {
        let file = self.file(&record.id);
        let bytes = serde_json::to_vec(record).map_err(std::io::Error::other);
        let written = bytes.and_then(|bytes| durable::replace_unflushed(&file, &bytes));
        if let Err(error) = written {
            tracing::warn!(%error, id = %record.id, "an interrupted transfer would not be remembered");
        }
    }

    /// Forgets a transfer, with what it has gathered.
    pub(super) fn remove(&self, id: &TransferId) {
        if let Err(error) = durable::remove_if_there(&self.file(id)) {
            tracing::warn!(%error, %id, "the record of a transfer stays");
        }
        crate::files::forget_fetched(&self.run, id);
    }

    /// All records, in the order in which their transfers were begun.
    pub(super) fn read_all(&self) -> Vec<Record> {
        durable::remove_ending(&self.run, ".transfer.new", |_| true);
        let mut records = Vec::new();
        for path in std::fs::read_dir(&self.run).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.extension().is_none_or(|extension| extension != ENDING) {
                continue;
            }
            match std::fs::read(&path).map_err(|e| e.to_string()).and_then(|bytes| parse(&path, &bytes)) {
                Ok(record) => records.push(record),
                Err(error) => {
                    tracing::warn!(path = %path.display(), %error, "the record of a transfer makes no sense; it is dropped");
                    let _ = durable::remove_if_there(&path);
                }
            }
        }
        records.sort_by_key(|record: &Record| record.started_at);
        records
    }
}

/// The file with the record of a transfer.
pub(crate) fn record_file(run: &Path, id: &str) -> PathBuf {
    run.join(format!("{id}.{ENDING}"))
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Record, String> {
    let record: Record = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
    // A record under another's name would be removed with that.
    let named = path.file_stem().is_some_and(|stem| stem == record.id.as_str());
    named.then_some(record).ok_or_else(|| "it is another transfer's".to_owned())
}
