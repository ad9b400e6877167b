//! What is known of each watched folder: what was asked for, in `watches.json`, and how it stands, in memory.
//!
//! Of one that deletes there is also `run/<watch_id>.brought`: the paths that it has brought, each followed by a NUL.
//! Without that file nothing is deleted, so that losing it costs nobody anything.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use super::signals::Signals;
use super::{Watch, WatchState};
use crate::convert::io_error;
use crate::durable;
use crate::error::Result;
use crate::events::Events;
use crate::id::{TransferId, VolumeId, WatchId};
use crate::model::NoticeLevel;
use crate::store::{Store, internal, write_json};
use crate::{sync, trash};

/// What was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) id: WatchId,
    pub(super) volume: VolumeId,
    pub(super) host_path: PathBuf,
    pub(super) path: String,
    #[serde(default)]
    pub(super) ignore: Vec<String>,
    #[serde(default)]
    pub(super) delete: bool,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) created_at: OffsetDateTime,
}

/// What `watches.json` says.
#[derive(Debug, Default, Serialize, Deserialize)]
struct WatchesFile {
    watches: Vec<Record>,
}

/// Paths below the watched folder.
pub(super) type Brought = BTreeSet<Vec<u8>>;

/// A watched folder of an open store.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(super) record: Record,
    /// The one transfer that stands for all of its copies.
    pub(super) transfer: TransferId,
    pub(super) signals: Arc<Signals>,
    /// Cancelled when it is watched no more.
    pub(super) stop: CancellationToken,
    status: Mutex<Status>,
}

/// How it stands.
#[derive(Clone, Debug)]
struct Status {
    state: WatchState,
    reason: Option<String>,
    files: u64,
    last_sync: Option<OffsetDateTime>,
    copied: u64,
    deleted: u64,
}

impl Watched {
    pub(super) fn new(record: Record) -> Result<Arc<Self>> {
        let transfer = TransferId::random().map_err(|e| internal("make a transfer's id", &e))?;
        let status =
            Status { state: WatchState::Syncing, reason: None, files: 0, last_sync: None, copied: 0, deleted: 0 };
        let (signals, stop) = (Arc::new(Signals::default()), CancellationToken::new());
        Ok(Arc::new(Self { record, transfer, signals, stop, status: Mutex::new(status) }))
    }

    /// As everybody sees it.
    pub(super) fn describe(&self) -> Watch {
        let (Record { id, volume, host_path, path, ignore, delete, created_at }, status) =
            (self.record.clone(), sync::lock(&self.status).clone());
        let Status { state, reason, files, last_sync, copied, deleted } = status;
        Watch {
            id,
            volume_id: volume,
            host_path,
            path,
            ignore,
            delete,
            state,
            reason,
            files,
            last_sync,
            copied,
            deleted,
            created_at,
        }
    }

    /// Notes how it stands; answers whether that is news.
    pub(super) fn stands(&self, state: WatchState, reason: Option<String>) -> bool {
        let mut status = sync::lock(&self.status);
        let is_news = status.state != state || status.reason != reason;
        (status.state, status.reason) = (state, reason);
        is_news
    }

    /// Notes that the volume has what the folder has.
    pub(super) fn in_step(&self, files: u64, copied: u64, deleted: u64, reason: Option<String>) {
        let mut status = sync::lock(&self.status);
        (status.state, status.reason, status.files) = (WatchState::Watching, reason, files);
        status.last_sync = Some(OffsetDateTime::now_utc());
        status.copied += copied;
        status.deleted += deleted;
    }
}

/// The watched folders of an open store.
#[derive(Debug)]
pub(crate) struct Watches {
    path: PathBuf,
    run: PathBuf,
    known: RwLock<Vec<Arc<Watched>>>,
    /// Held by whoever adds or removes one.
    pub(super) changing: tokio::sync::Mutex<()>,
}

impl Watches {
    /// Reads them; those of volumes that are gone for good are forgotten.
    ///
    /// # Errors
    /// When `watches.json` is there and cannot be read.
    pub(crate) fn open(store: &Store, events: &Events) -> Result<Self> {
        let path = store.root().join("watches.json");
        let text = durable::read_if_there(&path).map_err(|e| io_error("read the watched folders", &path, &e))?;
        let file = text.map(|text| serde_json::from_slice(&text)).transpose().unwrap_or_else(|error| {
            let aside = path.with_extension("damaged.json");
            let kept =
                std::fs::rename(&path, &aside).map_or(String::new(), |()| format!(" It is now {}.", aside.display()));
            let sentence = format!("The list of watched folders is damaged ({error}); no folder is watched.{kept}");
            events.notice(NoticeLevel::Error, sentence);
            None
        });
        let file: WatchesFile = file.unwrap_or_default();
        let trash = trash::list(&store.trash());
        let is_there = |id: &VolumeId| store.volume(id).exists() || trash.iter().any(|deleted| deleted.id == *id);
        let known = file.watches.into_iter().filter(|record| is_there(&record.volume)).map(Watched::new);
        let known = known.collect::<Result<Vec<_>>>()?;
        let watches =
            Self { path, run: store.run_folder(), known: RwLock::new(known), changing: tokio::sync::Mutex::default() };
        durable::remove_ending(&watches.run, ".brought.new", |_| true);
        let all = watches.all();
        durable::remove_ending(&watches.run, ".brought", |file| {
            !all.iter().any(|one| watches.brought_file(one) == file)
        });
        Ok(watches)
    }

    /// All of them, oldest first.
    pub(super) fn all(&self) -> Vec<Arc<Watched>> {
        sync::read(&self.known).clone()
    }

    /// Makes one durable and known.
    pub(super) fn insert(&self, watched: Arc<Watched>) -> Result<()> {
        let mut all = self.all();
        all.push(watched);
        self.replace(all)
    }

    /// Forgets one, durably.
    pub(super) fn remove(&self, watched: &Watched) -> Result<()> {
        self.replace(self.all().into_iter().filter(|one| one.record.id != watched.record.id).collect())?;
        if let Err(error) = durable::remove_if_there(&self.brought_file(watched)) {
            tracing::warn!(%error, "the list of what a watched folder has brought stays until the next start");
        }
        Ok(())
    }

    fn replace(&self, all: Vec<Arc<Watched>>) -> Result<()> {
        let file = WatchesFile { watches: all.iter().map(|one| one.record.clone()).collect() };
        write_json("write the watched folders", &self.path, &file)?;
        *sync::write(&self.known) = all;
        Ok(())
    }

    /// What a watch that deletes has brought so far, as far as that is known.
    pub(super) fn brought(&self, watched: &Watched) -> Brought {
        let bytes = std::fs::read(self.brought_file(watched)).unwrap_or_default();
        // What is behind the last NUL was never written as a whole.
        let Some(end) = bytes.iter().rposition(|byte| *byte == 0) else { return Brought::new() };
        bytes[..end].split(|byte| *byte == 0).map(<[u8]>::to_vec).collect()
    }

    /// Writes down what a watch has brought.
    pub(super) fn note_brought(&self, watched: &Watched, brought: &Brought) -> Result<()> {
        let mut bytes = Vec::with_capacity(brought.iter().map(|path| path.len() + 1).sum());
        for path in brought {
            bytes.extend_from_slice(path);
            bytes.push(0);
        }
        let file = self.brought_file(watched);
        durable::replace_unflushed(&file, &bytes).map_err(|e| io_error("note what a folder has brought", &file, &e))
    }

    fn brought_file(&self, watched: &Watched) -> PathBuf {
        self.run.join(format!("{}.brought", watched.record.id))
    }
}
