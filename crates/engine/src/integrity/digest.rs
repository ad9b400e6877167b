//! The digest of each frozen layer's file, so that a change by somebody else is found.
//!
//! `digests.json` in the volume's folder remembers them, with the layer that each stood on: a layer that was
//! merged with one below stands on another one now, is no longer the file that was hashed, and is hashed anew.
//! Hashing goes on behind everything else and is never waited for. Knows files and manifests, no operations.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::convert::hex;
use crate::engine::{Engine, Inner, blocking};
use crate::error::Result;
use crate::events;
use crate::id::LayerId;
use crate::manifest::{Manifest, layer_path};
use crate::model::EventKind;
use crate::slot::Slot;
use crate::store::write_json;
use crate::sync;

/// The file's name.
pub(crate) const FILE_NAME: &str = "digests.json";
/// How long nothing has been frozen before hashing begins.
const QUIET: Duration = Duration::from_secs(5);
/// Bytes that are hashed at a time.
const PIECE: usize = 1 << 20;
/// For each moment of hashing, so many of leaving the disk to others.
const REST: u32 = 4;

#[derive(Serialize, Deserialize)]
struct Known {
    sha256: String,
    parent: Option<LayerId>,
}

/// The digests that are true of the volume's frozen layers as they are now.
pub(super) fn known(folder: &Path, manifest: &Manifest) -> BTreeMap<LayerId, String> {
    let known = read(folder).into_iter().filter(|(layer, known)| {
        is_frozen(manifest, layer) && manifest.layers.get(layer).is_some_and(|record| record.parent == known.parent)
    });
    known.map(|(layer, known)| (layer, known.sha256)).collect()
}

/// The digest of a file.
///
/// # Errors
/// When it cannot be read.
pub(super) fn of(path: &Path) -> std::io::Result<String> {
    hash(path, |_| true).map(Option::unwrap_or_default)
}

/// Forgets the digests of layers that are about to be rewritten, which an intent says already: none is added meanwhile.
///
/// # Errors
/// When that cannot be written down.
pub(crate) fn forget(slot: &Slot, layers: &[LayerId]) -> Result<()> {
    let _changing = sync::lock(&slot.digests);
    let mut all = read(&slot.folder);
    let before = all.len();
    all.retain(|layer, _| !layers.contains(layer));
    if all.len() == before { Ok(()) } else { write(&slot.folder, &all) }
}

/// Hashes what is frozen and not hashed, at the store's opening and after each checkpoint, until the engine goes.
pub(crate) fn go_on_hashing(engine: &Engine) {
    let (inner, closing) = (Arc::downgrade(&engine.inner), engine.inner.closing.clone());
    let mut events = engine.inner.events.overhear();
    tokio::spawn(closing.run_until_cancelled_owned(async move {
        loop {
            tokio::time::sleep(QUIET).await;
            if hash_all(&inner).await.is_none() {
                return;
            }
            events::heard(&mut events, |kind| matches!(kind, EventKind::CheckpointsChanged { .. })).await;
        }
    }));
}

/// `None` when the engine has gone.
async fn hash_all(inner: &Weak<Inner>) -> Option<()> {
    let slots = Engine { inner: inner.upgrade()? }.slots();
    for slot in slots {
        let inner = inner.clone();
        let hashed = blocking(move || {
            hash_volume(&slot, |busy| {
                std::thread::sleep(busy * REST);
                inner.upgrade().is_some_and(|inner| !inner.closing.is_cancelled())
            })
        });
        if let Err(error) = hashed.await {
            tracing::info!(%error, "layers could not be hashed; the next start will try again");
        }
    }
    Some(())
}

/// Hashes what is frozen and not hashed in one volume, as long as `between` two pieces says so.
///
/// # Errors
/// When what was found cannot be remembered.
pub(super) fn hash_volume(slot: &Slot, between: impl Fn(Duration) -> bool) -> Result<()> {
    loop {
        let Ok(manifest) = slot.manifest() else { return Ok(()) };
        let known = known(&slot.folder, &manifest);
        let missing = |layer: &&LayerId| is_frozen(&manifest, layer) && !known.contains_key(*layer);
        let Some(layer) = manifest.layers.keys().find(missing) else { return Ok(()) };
        let path = layer_path(&slot.folder, layer);
        let written = last_written(&path);
        let hashed = hash(&path, &between);
        let Ok(Some(sha256)) = hashed else { return Ok(()) };
        let parent = manifest.layers.get(layer).and_then(|record| record.parent.clone());
        let _changing = sync::lock(&slot.digests);
        // It may have been rewritten or removed meanwhile.
        let now = slot.manifest()?;
        if written != last_written(&path)
            || !now.intents.is_empty()
            || now.layers.get(layer) != manifest.layers.get(layer)
        {
            return Ok(());
        }
        let mut all = read(&slot.folder);
        all.retain(|layer, _| now.layers.contains_key(layer));
        all.insert(layer.clone(), Known { sha256, parent });
        write(&slot.folder, &all)?;
    }
}

fn write(folder: &Path, all: &BTreeMap<LayerId, Known>) -> Result<()> {
    write_json("write digests", &folder.join(FILE_NAME), all)
}

fn last_written(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

/// A layer that nobody writes: it has a name, or others stand on it.
fn is_frozen(manifest: &Manifest, layer: &LayerId) -> bool {
    let written = manifest.mounts.iter().any(|mount| mount.is_writer() && mount.layer == *layer);
    *layer != manifest.head && !written && manifest.layers.contains_key(layer)
}

/// A file that cannot be understood knows nothing.
fn read(folder: &Path) -> BTreeMap<LayerId, Known> {
    std::fs::read(folder.join(FILE_NAME)).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

/// `None` when `between` pieces, told how long the last one took, it was asked to stop.
fn hash(path: &Path, between: impl Fn(Duration) -> bool) -> std::io::Result<Option<String>> {
    let mut file = std::fs::File::open(path)?;
    let (mut hasher, mut piece) = (Sha256::new(), vec![0; PIECE]);
    loop {
        let begun = Instant::now();
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(Some(hex(&hasher.finalize())));
        }
        hasher.update(&piece[..read]);
        if !between(begun.elapsed()) {
            return Ok(None);
        }
    }
}
