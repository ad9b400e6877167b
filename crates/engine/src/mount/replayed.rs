//! Checkpoints that are like after a power cut, for guests that may only read: their journal is replayed for them.
//!
//! A guest cannot replay the journal of a disk that it may not write, and what it showed without that could be torn.
//! So the engine replays it once, into a small overlay beside the layer (`<layer_id>.replayed.qcow2`), which any
//! number of machines then have. The layer itself is never written. The overlay is no layer of the tree: it goes with
//! the last machine that has it, and can be made anew at any time.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_block::qcow2::{self, Access, CreateOptions, Image};
use cairn_ext4::{Filesystem, Mode};

use crate::convert::{block_error, ext4_error, io_error};
use crate::durable;
use crate::error::Result;
use crate::id::LayerId;
use crate::layer;
use crate::manifest::{Manifest, layer_file, layer_path};

/// What such an overlay is called behind the layer's id.
pub(crate) const ENDING: &str = ".replayed.qcow2";
/// The same while it is being made; a start removes it.
const UNFINISHED: &str = "replayed.unfinished";

/// Makes sure that a reader of `layer`, which is frozen, finds the journal replayed. Blocks on the disk.
pub(super) fn prepare(folder: &Path, manifest: &Manifest, layer: &LayerId) -> Result<()> {
    let image = layer::open_image(folder, manifest, layer, Access::ReadOnly)?;
    // What is no filesystem is not mended here; the guest says what is wrong with it.
    if replayed_path(folder, layer).exists() || !cairn_ext4::needs_recovery(&image).unwrap_or(false) {
        return Ok(());
    }
    let virtual_size = layer::virtual_size_of(folder, layer)?;
    drop(image);
    let unfinished = folder.join(format!("{layer}.{UNFINISHED}"));
    let made = replay_into(&unfinished, layer, virtual_size).and_then(|()| {
        let path = replayed_path(folder, layer);
        durable::rename(&unfinished, &path).map_err(|e| io_error("name the replayed checkpoint", &path, &e))
    });
    if made.is_err() {
        remove(&unfinished);
    }
    made
}

fn replay_into(path: &Path, layer: &LayerId, virtual_size: u64) -> Result<()> {
    remove(path);
    let options = CreateOptions { virtual_size, backing_file: Some(layer_file(layer)) };
    let image = qcow2::create(path, &options).and_then(|()| Image::open(path, Access::ReadWrite));
    let image = Arc::new(image.map_err(|e| block_error("replay the checkpoint's journal", &e))?);
    // Opening replays.
    let replayed = Filesystem::open(image, Mode::ReadWrite).and_then(|filesystem| filesystem.flush());
    replayed.map_err(|e| ext4_error("replay the checkpoint's journal", &e))
}

/// What a machine gets that is to read `layer`.
pub(super) fn top(folder: &Path, layer: &LayerId) -> PathBuf {
    let replayed = replayed_path(folder, layer);
    if replayed.exists() { replayed } else { layer_path(folder, layer) }
}

/// The layer that such an overlay shows.
pub(super) fn shown_by(name: &OsStr) -> Option<LayerId> {
    name.to_str()?.strip_suffix(ENDING)?.parse().ok()
}

/// Removes the overlays that no machine has any more. The caller has the volume's structure.
pub(crate) fn remove_unused(folder: &Path, manifest: &Manifest) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if let Some(layer) = shown_by(&entry.file_name())
            && !manifest.is_mounted(&layer)
        {
            remove(&entry.path());
        }
    }
}

fn replayed_path(folder: &Path, layer: &LayerId) -> PathBuf {
    folder.join(format!("{layer}{ENDING}"))
}

fn remove(path: &Path) {
    if let Err(error) = durable::remove_if_there(path) {
        tracing::warn!(%error, path = %path.display(), "what was replayed for readers stays");
    }
}
