//! Watched folders: a folder of the host that is kept in step into a folder of a volume, by itself.
//!
//! One way only: the host's files win. What is only in the volume stays there, what somebody changes in the volume is
//! replaced when the folder is next compared, and what goes on the host goes from the volume only where that was asked
//! for, and only what was brought by the same watch. Files are compared by kind, length, time of change and
//! permissions, so that nothing has to be remembered to find what differs.
//!
//! ```text
//! this file  what can be asked of the engine     rules    which files are left alone
//! record     what stands in the store            compare  what differs between the folder and the volume
//! signals    what the host says has changed      keeper   one task a watch: compares, copies, waits
//! ```

mod compare;
mod keeper;
mod record;
mod rules;
mod signals;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use time::OffsetDateTime;

use crate::convert::io_error;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::files::VolumePath;
use crate::id::{VolumeId, WatchId};
use crate::model::EventKind;
use crate::slot::Slot;
use crate::store::internal;

use self::record::{Record, Watched};
use self::rules::Rules;

pub(crate) use self::keeper::go_on_watching;
pub(crate) use self::record::Watches;

/// How many a store may have.
const MOST: usize = 64;
/// How many patterns one may have, and how long each may be.
const MOST_PATTERNS: usize = 200;
const LONGEST_PATTERN: usize = 1024;

/// What a new watched folder is to be.
#[derive(Clone, Debug)]
pub struct NewWatch {
    /// A folder of the host.
    pub host_path: PathBuf,
    /// The folder of the volume into which what is in it goes; made when it is not there, the root when empty.
    pub path: String,
    /// What is left alone, in the words of `.gitignore`, beside what the `.gitignore` files in the folder say.
    pub ignore: Vec<String>,
    /// Whether what is deleted on the host is deleted in the volume, too.
    pub delete: bool,
}

/// A watched folder.
#[derive(Clone, Debug)]
pub struct Watch {
    /// Its identity.
    pub id: WatchId,
    /// The volume.
    pub volume_id: VolumeId,
    /// The folder of the host.
    pub host_path: PathBuf,
    /// The folder of the volume; the root is empty.
    pub path: String,
    /// What is left alone beside what the `.gitignore` files say.
    pub ignore: Vec<String>,
    /// Whether what is deleted on the host is deleted in the volume, too.
    pub delete: bool,
    /// How it stands.
    pub state: WatchState,
    /// Why it rests or fails, or what is to be known although it does neither, as a sentence.
    pub reason: Option<String>,
    /// How many files, folders and links are kept in step.
    pub files: u64,
    /// When both were last found or made the same.
    pub last_sync: Option<OffsetDateTime>,
    /// How many files, folders and links were copied since this engine began.
    pub copied: u64,
    /// How many were deleted in the volume since this engine began.
    pub deleted: u64,
    /// When it was added.
    pub created_at: OffsetDateTime,
}

/// How a watched folder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchState {
    /// The volume has what the folder has; the next change is waited for.
    Watching,
    /// The two are compared, or what differs is copied.
    Syncing,
    /// A machine has the volume; it catches up when that lets go.
    Paused,
    /// It could not be kept in step; it is tried again.
    Error,
}

impl Engine {
    /// Keeps a folder of the host in step into a folder of a volume, from now on, also after a restart.
    ///
    /// Answers at once; how it goes the list tells. While a machine has the volume nothing is copied; afterwards it
    /// catches up. Symbolic links stay links and are never followed; `.git` is left alone unless a pattern `!.git` asks
    /// for it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a volume or a folder that is not there; [`ErrorKind::InvalidInput`] for what is no
    /// folder, for the store's own, and for bad paths and patterns; [`ErrorKind::AlreadyExists`] when another watched
    /// folder goes to the same place; [`ErrorKind::Conflict`] when there are too many.
    #[tracing::instrument(skip_all, fields(volume, host_path = %new.host_path.display()), err(level = "info"))]
    pub async fn watch_add(&self, volume: &str, new: NewWatch) -> Result<Watch> {
        let (engine, slot) = (self.clone(), self.slot(volume)?);
        slot.manifest()?;
        self.run(async move {
            let _changing = engine.inner.watches.changing.lock().await;
            let (looking, id) = (engine.clone(), slot.id.clone());
            let watched = blocking(move || {
                let record = looking.new_record(id, new)?;
                let watched = Watched::new(record)?;
                looking.inner.watches.insert(watched.clone())?;
                Ok(watched)
            })
            .await?;
            engine.tell(EventKind::WatchesChanged { volume_id: slot.id.clone() });
            keeper::keep(&engine, watched.clone());
            Ok(watched.describe())
        })
        .await
    }

    /// The watched folders of a volume, or of all, oldest first.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such volume.
    pub async fn watch_list(&self, volume: Option<&str>) -> Result<Vec<Watch>> {
        self.refuse_when_closed()?;
        let of = volume.map(|volume| self.slot(volume)).transpose()?;
        let is_meant = |watched: &Arc<Watched>| of.as_ref().is_none_or(|slot| watched.record.volume == slot.id);
        Ok(self.inner.watches.all().iter().filter(|watched| is_meant(watched)).map(|one| one.describe()).collect())
    }

    /// Keeps a folder in step no longer; what has been copied stays in the volume.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the volume has no such watched folder.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn watch_rm(&self, volume: &str, watch: &str) -> Result<Watch> {
        let (engine, slot, wanted) = (self.clone(), self.slot(volume)?, watch.to_owned());
        self.run(async move {
            let _changing = engine.inner.watches.changing.lock().await;
            let watched = engine.watched(&slot, &wanted)?;
            let (removing, gone) = (engine.clone(), watched.clone());
            blocking(move || removing.inner.watches.remove(&gone)).await?;
            watched.stop.cancel();
            if let Ok(job) = engine.inner.transfers.find(watched.transfer.as_str()) {
                job.cancel();
            }
            engine.tell(EventKind::WatchesChanged { volume_id: slot.id.clone() });
            Ok(watched.describe())
        })
        .await
    }

    /// Compares a watched folder now, whatever it waits for.
    pub(crate) fn watch_again(&self, id: &WatchId) -> Result<()> {
        let all = self.inner.watches.all();
        let watched = all.iter().find(|watched| watched.record.id == *id).ok_or_else(|| none(id.as_str()))?;
        watched.signals.ask();
        Ok(())
    }

    fn watched(&self, slot: &Slot, wanted: &str) -> Result<Arc<Watched>> {
        let all = self.inner.watches.all();
        let found = all.iter().find(|one| one.record.volume == slot.id && one.record.id.as_str() == wanted);
        found.cloned().ok_or_else(|| none(wanted))
    }

    /// Everything about a new one is checked before anything is written. Blocks.
    fn new_record(&self, volume: VolumeId, new: NewWatch) -> Result<Record> {
        let path = VolumePath::parse(&new.path)?.to_relative_string();
        let host_path = host_folder(&new.host_path)?;
        self.refuse_store(&host_path)?;
        refuse_patterns(&new.ignore)?;
        Rules::of(&host_path, &new.ignore)?;
        let all = self.inner.watches.all();
        if all.len() >= MOST {
            let sentence = format!("{MOST} folders are watched already.");
            return Err(Error::new(ErrorKind::Conflict, sentence).with_hint("Watch a folder that they are all in."));
        }
        if let Some(other) = all.iter().find(|one| one.record.volume == volume && one.record.path == path) {
            let there = if path.is_empty() { "the volume's root".to_owned() } else { format!("'{path}'") };
            let sentence = format!("{} is kept in step into {there} already.", other.record.host_path.display());
            return Err(Error::new(ErrorKind::AlreadyExists, sentence)
                .with_hint("Choose another folder of the volume, or stop watching that one."));
        }
        let id = WatchId::random().map_err(|e| internal("make an id", &e))?;
        let NewWatch { ignore, delete, .. } = new;
        Ok(Record { id, volume, host_path, path, ignore, delete, created_at: OffsetDateTime::now_utc() })
    }

    /// A store that is kept in step into itself would never come to rest.
    fn refuse_store(&self, folder: &Path) -> Result<()> {
        let store = self.store().canonicalize().unwrap_or_else(|_| self.store().to_owned());
        if folder.starts_with(&store) || store.starts_with(folder) {
            let sentence = format!("{} has Cairn's own store in it, or is in that.", folder.display());
            return Err(Error::new(ErrorKind::InvalidInput, sentence).with_hint("Watch another folder."));
        }
        Ok(())
    }
}

/// The folder itself, whatever links led to it.
fn host_folder(path: &Path) -> Result<PathBuf> {
    let found = path.canonicalize().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Error::new(ErrorKind::NotFound, format!("There is no folder {} on this computer.", path.display()))
                .with_hint("Name a folder that is there.")
        }
        _ => io_error("look at the folder", path, &error),
    })?;
    if !found.is_dir() {
        let sentence = format!("{} is not a folder, so it cannot be watched.", path.display());
        return Err(Error::new(ErrorKind::InvalidInput, sentence).with_hint("Name the folder that it is in."));
    }
    if found.to_str().is_none() {
        let sentence = format!("The name of {} is not UTF-8.", found.display());
        return Err(Error::new(ErrorKind::InvalidInput, sentence).with_hint("Rename it, or watch another folder."));
    }
    Ok(found)
}

fn refuse_patterns(ignore: &[String]) -> Result<()> {
    if ignore.len() > MOST_PATTERNS || ignore.iter().any(|pattern| pattern.len() > LONGEST_PATTERN) {
        let sentence = format!("There are more than {MOST_PATTERNS} patterns, or one is very long.");
        return Err(
            Error::new(ErrorKind::InvalidInput, sentence).with_hint("Write them into a file .gitignore in the folder.")
        );
    }
    Ok(())
}

fn none(watch: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("There is no watched folder '{watch}'."))
        .with_hint("Look at the list of the volume's watched folders for its id.")
}
