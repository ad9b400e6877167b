//! What a volume takes up: counted by looking, remembered in the index.
//!
//! A figure is remembered together with a stamp of the head's file, so that one from before a crash, or
//! from before a machine wrote, is known as old.

use std::os::unix::fs::MetadataExt;

use cairn_block::qcow2::Access;
use serde::{Deserialize, Serialize};

use crate::convert::io_error;
use crate::error::Result;
use crate::id::LayerId;
use crate::index::Index;
use crate::layer;
use crate::lease;
use crate::manifest::{Manifest, layer_path};
use crate::slot::Slot;

/// What a volume's files take up, and of which head that is true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Usage {
    /// Bytes that files take up in the filesystem.
    pub(crate) used_bytes: u64,
    stamp: Stamp,
}

/// Changes whenever somebody writes to the head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    head: LayerId,
    length: u64,
    seconds: i64,
    nanoseconds: i64,
}

/// Bytes that the volume's files take up.
///
/// Looked up while it is current. Else counted, if nobody writes the head; else the last figure there is.
///
/// # Errors
/// When the volume's filesystem cannot be opened.
pub(crate) fn used_bytes(slot: &Slot, manifest: &Manifest, index: &Index) -> Result<u64> {
    let remembered = index.usage(&slot.id);
    let stamp = stamp(slot, manifest)?;
    if let Some(usage) = &remembered
        && usage.stamp == stamp
    {
        return Ok(usage.used_bytes);
    }
    match slot.gate.try_read() {
        Some(_nobody_writes) if lease::writer(manifest).is_none() => count(slot, manifest, index),
        _ => Ok(remembered.map_or(0, |usage| usage.used_bytes)),
    }
}

/// Counts what the volume's files take up and remembers it. Nobody may be writing the head.
///
/// # Errors
/// When the volume's filesystem cannot be opened.
pub(crate) fn count(slot: &Slot, manifest: &Manifest, index: &Index) -> Result<u64> {
    let filesystem = {
        let _opening = slot.opening();
        layer::open_filesystem(&slot.folder, &*slot.manifest()?, &manifest.head, Access::ReadOnly)?
    };
    let used_bytes = filesystem.statfs().used_bytes;
    drop(filesystem);
    remember(slot, manifest, index, used_bytes)?;
    Ok(used_bytes)
}

/// Does what puts an empty head on top of the present one: what was known of the files is true of it, too.
///
/// # Errors
/// Those of `work`; when the new head cannot be looked at.
pub(crate) fn stays_known(slot: &Slot, index: &Index, work: impl FnOnce() -> Result<()>) -> Result<()> {
    let used_bytes = used_bytes(slot, &*slot.manifest()?, index).ok();
    work()?;
    used_bytes.map_or(Ok(()), |used_bytes| remember(slot, &*slot.manifest()?, index, used_bytes))
}

/// Remembers a figure that is true of the head as it is now.
pub(crate) fn remember(slot: &Slot, manifest: &Manifest, index: &Index, used_bytes: u64) -> Result<()> {
    index.set_usage(&slot.id, &Usage { used_bytes, stamp: stamp(slot, manifest)? });
    Ok(())
}

fn stamp(slot: &Slot, manifest: &Manifest) -> Result<Stamp> {
    let path = layer_path(&slot.folder, &manifest.head);
    let meta = std::fs::metadata(&path).map_err(|e| io_error("look at the volume's head", &path, &e))?;
    Ok(Stamp { head: manifest.head.clone(), length: meta.len(), seconds: meta.mtime(), nanoseconds: meta.mtime_nsec() })
}
