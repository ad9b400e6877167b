//! What stands in for a checkpoint in machines that only read it.
//!
//! ```text
//!   by the headers:   L90 ─► L89 ─► … ─► L3 ─► L2 ─► L1      what was; never touched
//!   as it is read:    stand-in of L90 ──────────────► L1
//! ```
//!
//! Two things keep a machine from having a checkpoint's layer itself. Its chain may be so long that QEMU reads slowly,
//! or crashes: then the stand-in is an overlay on an early layer, into which those above it have been committed, as
//! for a head's [base](crate::base). Or it is like after a power cut: a guest cannot replay the journal of a disk that
//! it may not write, and what it showed without that could be torn; so the engine replays it, into the stand-in.
//!
//! A stand-in (`<layer_id>.standin.qcow2`) is no layer of the tree. It is made once for any number of machines, goes
//! with the last of them, and can be made anew at any time. While it is being made the layers are open, so that none
//! of them is merged; the volume's structure is not needed for that.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_block::BlockDevice as _;
use cairn_block::qcow2::{self, Access, CreateOptions, Image};
use cairn_ext4::{Filesystem, Mode};
use tokio_util::sync::CancellationToken;

use crate::base::{LONGEST_ENDURED, LONGEST_MOUNTED};
use crate::convert::{block_error, ext4_error, io_error};
use crate::doctor::free_bytes;
use crate::durable;
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::id::LayerId;
use crate::layer;
use crate::manifest::{Manifest, layer_file, layer_path};
use crate::optimiser::{OptimiserState, closed};
use crate::size::Bytes;
use crate::slot::Slot;
use crate::sync;

/// What a stand-in is called behind the layer's id.
pub(crate) const ENDING: &str = ".standin.qcow2";
/// The same while it is being made; a start removes it.
const UNFINISHED: &str = "standin.unfinished";
/// Bytes that are committed before somebody hears how far it is.
const PIECE: u64 = 16 << 20;

/// What is to be made for a layer, whose chain is open meanwhile.
struct Making {
    source: Image,
    /// What the stand-in stands on.
    on: LayerId,
    /// How many layers above that are committed into it.
    layers: usize,
    /// Bytes of data in them.
    bytes: u64,
}

/// Makes sure that a machine which reads `layer`, which is frozen, finds its journal replayed and few files below it.
/// A new stand-in leaves `keep_free` bytes free on the host's disk. Blocks on the disk.
///
/// # Errors
/// [`ErrorKind::NoSpace`] when QEMU cannot read through so many files, and there is no room for fewer;
/// [`ErrorKind::Conflict`] when it is told to stop; when a layer cannot be read.
pub(super) fn prepare(slot: &Slot, layer: &LayerId, keep_free: u64, stop: &CancellationToken) -> Result<()> {
    let _one_at_a_time = sync::lock(&slot.stand_ins);
    let Some(making) = begin(slot, layer, keep_free)? else { return Ok(()) };
    let unfinished = slot.folder.join(format!("{layer}.{UNFINISHED}"));
    let made = fill(slot, &making, &unfinished, stop).and_then(|()| {
        fault::point("stand-in made");
        let path = path_of(&slot.folder, layer);
        durable::rename(&unfinished, &path).map_err(|e| io_error("name what stands in for the checkpoint", &path, &e))
    });
    if making.layers > 0 {
        *sync::lock(&slot.optimiser) = OptimiserState::Idle;
    }
    if made.is_err() {
        remove(&unfinished);
    }
    fault::point("stand-in named");
    made
}

/// Looks at what a reader of the layer needs; `None` when the layer itself will do, or the stand-in is there.
fn begin(slot: &Slot, layer: &LayerId, keep_free: u64) -> Result<Option<Making>> {
    let manifest = slot.manifest()?;
    let _opening = slot.opening();
    let path = path_of(&slot.folder, layer);
    if path.exists() {
        // One that nobody has may have lost what it stood on.
        if manifest.is_mounted(layer) || Image::open(&path, Access::ReadOnly).is_ok() {
            return Ok(None);
        }
        remove(&path);
    }
    let source = layer::open_image(&slot.folder, &manifest, layer, Access::ReadOnly)?;
    let chain = manifest.chain(layer);
    if let Some(making) = shorter(slot, &manifest, &chain, keep_free)? {
        return Ok(Some(making));
    }
    // What is no filesystem is not mended here; the guest says what is wrong with it.
    let is_torn = cairn_ext4::needs_recovery(&source).unwrap_or(false);
    Ok(is_torn.then(|| Making { source, on: layer.clone(), layers: 0, bytes: 0 }))
}

/// What makes a chain shorter; `None` when it is short, or long and there is no room for anything else.
fn shorter(slot: &Slot, manifest: &Manifest, chain: &[LayerId], keep_free: u64) -> Result<Option<Making>> {
    let (Some(layer), Some(on)) = (chain.first(), layer::ground(&slot.folder, chain)) else { return Ok(None) };
    if chain.len() <= LONGEST_MOUNTED {
        return Ok(None);
    }
    let source = layer::open_image(&slot.folder, manifest, layer, Access::ReadOnly)?;
    let layers = chain.iter().position(|other| other == on).unwrap_or_default();
    let bytes = source.held(layers).map_err(|e| block_error("look at the checkpoint's layers", &e))?;
    let free = free_bytes(&slot.folder).map_err(|e| io_error("look at the free space", &slot.folder, &e))?;
    let needed = bytes.saturating_add(keep_free);
    if free >= needed {
        return Ok(Some(Making { source, on: on.clone(), layers, bytes }));
    }
    if chain.len() <= LONGEST_ENDURED {
        tracing::info!(volume = %slot.id, files = chain.len(), needed, free, "a checkpoint is read through many files");
        return Ok(None);
    }
    let sentence = format!(
        "The checkpoint has {} layers, too many for a machine to read through. Reading it takes {} on this computer's \
         disk while a machine has it; {} are free.",
        chain.len(),
        Bytes(needed),
        Bytes(free),
    );
    Err(Error::new(ErrorKind::NoSpace, sentence).with_hint("Free some space, or delete checkpoints before it."))
}

fn fill(slot: &Slot, making: &Making, path: &Path, stop: &CancellationToken) -> Result<()> {
    let Making { source, on, layers, bytes } = making;
    remove(path);
    let failed = |e| block_error("make what stands in for the checkpoint", &e);
    let options = CreateOptions { virtual_size: source.len(), backing_file: Some(layer_file(on)) };
    qcow2::create(path, &options).map_err(failed)?;
    let target = Arc::new(Image::open(path, Access::ReadWrite).map_err(failed)?);
    let (mut at, mut copied) = (0, 0);
    while *layers > 0 && at < source.len() {
        *sync::lock(&slot.optimiser) = OptimiserState::Working { done_bytes: copied, total_bytes: *bytes };
        if stop.is_cancelled() {
            return Err(closed());
        }
        let done = source.commit(*layers, &target, at, PIECE).map_err(failed)?;
        (at, copied) = (done.until, copied + done.bytes);
    }
    if cairn_ext4::needs_recovery(&*target).unwrap_or(false) {
        // Opening replays.
        let replayed = Filesystem::open(target.clone(), Mode::ReadWrite).and_then(|filesystem| filesystem.flush());
        replayed.map_err(|e| ext4_error("replay the checkpoint's journal", &e))?;
    }
    target.flush().map_err(failed)
}

/// What a machine gets that is to read `layer`.
pub(super) fn top(folder: &Path, layer: &LayerId) -> PathBuf {
    let stand_in = path_of(folder, layer);
    if stand_in.exists() { stand_in } else { layer_path(folder, layer) }
}

/// The layer that such a file stands in for.
pub(super) fn shown_by(name: &OsStr) -> Option<LayerId> {
    name.to_str()?.strip_suffix(ENDING)?.parse().ok()
}

/// Removes the stand-ins that no machine has any more. The caller has the volume's structure.
pub(crate) fn remove_unused(folder: &Path, manifest: &Manifest) {
    for (path, layer) in all(folder) {
        if !manifest.is_mounted(&layer) {
            remove(&path);
        }
    }
}

/// Bytes of the host's disk that the volume's stand-ins take up.
pub(crate) fn disk_bytes(folder: &Path) -> u64 {
    all(folder).iter().map(|(path, _)| layer::allocated_bytes(path)).sum()
}

fn all(folder: &Path) -> Vec<(PathBuf, LayerId)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some((entry.path(), shown_by(&entry.file_name())?))).collect()
}

fn path_of(folder: &Path, layer: &LayerId) -> PathBuf {
    folder.join(format!("{layer}{ENDING}"))
}

fn remove(path: &Path) {
    if let Err(error) = durable::remove_if_there(path) {
        tracing::warn!(%error, path = %path.display(), "what stood in for a checkpoint stays");
    }
}
