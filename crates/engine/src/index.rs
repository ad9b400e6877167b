//! The index: what makes looking fast. The only file that names sled.
//!
//! It holds nothing that is not also in the manifests and layers, so it may be deleted at any time. One
//! that does not open is moved aside to `index.broken-<time>` and begun anew; one that fails later is
//! given up until the next start. No failure of the index ever fails an operation.

use std::path::{Path, PathBuf};
use std::sync::RwLock;

use time::OffsetDateTime;

use crate::convert::io_error;
use crate::error::Result;
use crate::fault;
use crate::id::VolumeId;
use crate::sync;
use crate::usage::Usage;

/// The index only holds a few hundred bytes a volume; sled would take a gigabyte if it were let.
const CACHE_BYTES: u64 = 8 << 20;
/// Milliseconds until what has changed reaches the disk, and after which sled looks whether something has. All of it can
/// be had again from the manifests, and a computer at rest is not to be woken up twice a second.
const FLUSH_EVERY: u64 = 60_000;

/// The open index, or nothing at all when it had to be given up.
#[derive(Debug)]
pub(crate) struct Index {
    trees: RwLock<Option<Trees>>,
}

#[derive(Debug)]
struct Trees {
    database: sled::Db,
    /// A volume's name → its id.
    names: sled::Tree,
    /// A volume's id → [`Usage`].
    usage: sled::Tree,
}

impl Index {
    /// Opens the index at `path`, and begins a new one when there is none or it does not open.
    ///
    /// Answers with it where the old one was moved, if it was.
    ///
    /// # Errors
    /// When a damaged one cannot be moved aside. When no new one can be made there is none; see [`Self::is_healthy`].
    pub(crate) fn open(path: &Path) -> Result<(Self, Option<PathBuf>)> {
        match open_trees(path) {
            Ok(trees) => Ok((Self::with(trees), None)),
            Err(reason) => {
                let aside = put_aside(path)?;
                tracing::warn!(%reason, aside = %aside.display(), "the index did not open and is begun anew");
                match open_trees(path) {
                    Ok(trees) => Ok((Self::with(trees), Some(aside))),
                    Err(reason) => {
                        // The disk may be full. Everything can be had without an index, a little slower.
                        tracing::warn!(%reason, "a new index cannot be made; there is none until the next start");
                        Ok((Self { trees: RwLock::new(None) }, Some(aside)))
                    }
                }
            }
        }
    }

    fn with(trees: Trees) -> Self {
        Self { trees: RwLock::new(Some(trees)) }
    }

    /// Whether it is in use, and not given up after a failure.
    pub(crate) fn is_healthy(&self) -> bool {
        sync::read(&self.trees).is_some()
    }

    /// The volume of this name, if the index knows one. To be checked against its manifest.
    pub(crate) fn volume_named(&self, name: &str) -> Option<VolumeId> {
        let value = self.attempt(|trees| trees.names.get(name))??;
        std::str::from_utf8(&value).ok()?.parse().ok()
    }

    /// Records that `name` is the volume `id`.
    pub(crate) fn set_name(&self, name: &str, id: &VolumeId) {
        self.attempt(|trees| trees.names.insert(name, id.as_str()));
        fault::point("index: name set");
    }

    /// Forgets `name`.
    pub(crate) fn remove_name(&self, name: &str) {
        self.attempt(|trees| trees.names.remove(name));
        fault::point("index: name removed");
    }

    /// What the volume's files took up when somebody last looked.
    pub(crate) fn usage(&self, id: &VolumeId) -> Option<Usage> {
        let value = self.attempt(|trees| trees.usage.get(id.as_str()))??;
        serde_json::from_slice(&value).ok()
    }

    /// Records what the volume's files take up.
    pub(crate) fn set_usage(&self, id: &VolumeId, usage: &Usage) {
        if let Ok(value) = serde_json::to_vec(usage) {
            self.attempt(|trees| trees.usage.insert(id.as_str(), value));
            fault::point("index: usage set");
        }
    }

    /// Forgets everything about a volume but its name.
    pub(crate) fn remove_usage(&self, id: &VolumeId) {
        self.attempt(|trees| trees.usage.remove(id.as_str()));
    }

    /// The name that the index knows for a volume.
    pub(crate) fn name_of(&self, id: &VolumeId) -> Option<String> {
        self.all_names().into_iter().find(|(_, other)| other == id.as_str()).map(|(name, _)| name)
    }

    /// Makes the index agree with the volumes that there are; answers how many entries were wrong.
    pub(crate) fn agree_with<'a>(&self, volumes: impl Iterator<Item = (&'a str, &'a VolumeId)>) -> usize {
        let mut wrong = 0;
        let truth: std::collections::BTreeMap<&str, &VolumeId> = volumes.collect();
        for (name, id) in self.all_names() {
            if truth.get(name.as_str()).is_none_or(|true_id| true_id.as_str() != id) {
                self.remove_name(&name);
                wrong += 1;
            }
        }
        for (name, id) in truth {
            if self.volume_named(name).as_ref() != Some(id) {
                self.set_name(name, id);
                wrong += 1;
            }
        }
        wrong
    }

    /// Writes everything out and closes the files.
    pub(crate) fn close(&self) {
        if let Some(trees) = sync::write(&self.trees).take()
            && let Err(error) = trees.database.flush()
        {
            tracing::warn!(%error, "the index could not be written out; it will be rebuilt");
        }
    }

    fn all_names(&self) -> Vec<(String, String)> {
        let text = |bytes: sled::IVec| String::from_utf8_lossy(&bytes).into_owned();
        self.attempt(|trees| {
            trees.names.iter().map(|entry| entry.map(|(name, id)| (text(name), text(id)))).collect::<Result<_, _>>()
        })
        .unwrap_or_default()
    }

    /// Does something with the trees; gives the index up when that fails.
    fn attempt<T>(&self, operation: impl FnOnce(&Trees) -> sled::Result<T>) -> Option<T> {
        let outcome = sync::read(&self.trees).as_ref().map(operation)?;
        match outcome {
            Ok(value) => Some(value),
            Err(error) => {
                tracing::warn!(%error, "the index failed and is given up until the next start");
                sync::write(&self.trees).take();
                None
            }
        }
    }
}

/// Opens sled, on a thread of its own: on some kinds of damage it panics instead of answering with an error.
fn open_trees(path: &Path) -> Result<Trees, String> {
    let path = path.to_owned();
    let opening = std::thread::Builder::new().name("open-index".into()).spawn(move || {
        let database = sled::Config::new().path(path).cache_capacity(CACHE_BYTES).flush_every_ms(Some(FLUSH_EVERY));
        let database = database.open()?;
        Ok(Trees { names: database.open_tree("names")?, usage: database.open_tree("usage")?, database })
    });
    match opening.map(std::thread::JoinHandle::join) {
        Ok(Ok(Ok(trees))) => Ok(trees),
        Ok(Ok(Err(error))) => {
            let error: sled::Error = error;
            Err(error.to_string())
        }
        Ok(Err(_panic)) => Err("it is damaged".into()),
        Err(error) => Err(error.to_string()),
    }
}

fn put_aside(path: &Path) -> Result<PathBuf> {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let mut aside = path.with_file_name(format!("index.broken-{now}"));
    let mut again = 1;
    while aside.exists() {
        again += 1;
        aside = path.with_file_name(format!("index.broken-{now}-{again}"));
    }
    std::fs::rename(path, &aside).map_err(|e| io_error("move the damaged index aside", path, &e))?;
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_there_after_closing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let id = VolumeId::random().unwrap();
        let usage: Usage = serde_json::from_value(serde_json::json!({
            "used_bytes": 4711,
            "stamp": { "head": "lay_aaaaaaaaaaaaaaaa", "length": 1, "seconds": 2, "nanoseconds": 3 },
        }))
        .unwrap();
        let (index, aside) = Index::open(&path).unwrap();
        assert!(aside.is_none());
        index.set_name("data", &id);
        index.set_usage(&id, &usage);
        index.close();
        assert_eq!(index.volume_named("data"), None, "closed is closed");

        let (index, _) = Index::open(&path).unwrap();
        assert_eq!(index.volume_named("data"), Some(id.clone()));
        assert_eq!(index.usage(&id), Some(usage));
    }

    #[test]
    fn an_index_overwritten_with_noise_is_moved_aside_and_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let (index, _) = Index::open(&path).unwrap();
        for number in 0..200 {
            index.set_name(&format!("volume {number}"), &VolumeId::random().unwrap());
        }
        index.close();
        for entry in std::fs::read_dir(&path).unwrap().flatten() {
            if entry.file_type().unwrap().is_file() {
                let noise: Vec<u8> = (0..entry.metadata().unwrap().len()).map(|at| (at * 167 + 13) as u8).collect();
                std::fs::write(entry.path(), noise).unwrap();
            }
        }
        let (index, aside) = Index::open(&path).unwrap();
        assert!(aside.unwrap().exists());
        assert!(index.is_healthy());
        assert_eq!(index.volume_named("volume 1"), None);
    }

    #[test]
    fn a_file_in_the_indexs_place_is_moved_aside_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        std::fs::write(&path, "not a folder").unwrap();
        let (index, aside) = Index::open(&path).unwrap();
        assert!(aside.is_some() && index.is_healthy());
    }

    #[test]
    fn the_index_is_made_to_agree_with_the_truth() {
        let folder = tempfile::tempdir().unwrap();
        let (index, _) = Index::open(&folder.path().join("index")).unwrap();
        let (kept, gone) = (VolumeId::random().unwrap(), VolumeId::random().unwrap());
        index.set_name("kept", &gone);
        index.set_name("gone", &gone);
        assert_eq!(index.agree_with([("kept", &kept), ("new", &gone)].into_iter()), 4);
        assert_eq!(index.volume_named("kept"), Some(kept));
        assert_eq!(index.volume_named("gone"), None);
        assert_eq!(index.volume_named("new"), Some(gone));
    }
}
