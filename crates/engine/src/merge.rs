//! Layers without a name that only one other layer stands on are merged with it: the room that they share comes back,
//! and every state that has a name shows the same bits as before.
//!
//! A **run** is a layer with such nameless ones below it, one on the other. All of a run goes into one of its files, the
//! one for which least is written; that takes the uppermost one's name, so that whatever stands on the run stands on it
//! still. At each moment before the last step every layer with a name reads the same, so that a merge can be stopped
//! anywhere, forgotten, and done again; the last step is recorded before it is begun and finished at the next start.
//!
//! A file that another volume shares, or that somebody has open, is never written here. What the machine has open that
//! writes the volume it may merge itself ([`live`]); the rest waits.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_block::BlockDevice as _;
use cairn_block::qcow2::{self, Access, Image, Merging};
use tokio::sync::OwnedMutexGuard;

use crate::base;
use crate::convert::{block_error, io_error};
use crate::doctor::free_bytes;
use crate::durable;
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::id::LayerId;
use crate::integrity::digest;
use crate::intent;
use crate::manifest::{Intent, Manifest, layer_file, layer_path};
use crate::model::MergeTime;
use crate::size::Bytes;
use crate::slot::Slot;
use crate::sync;

pub(crate) mod live;
mod tree;

pub(crate) use live::Open;
pub(crate) use tree::{Run, Tree, runs};

/// Bytes that are written before others who want to open the volume are let in.
const PIECE: u64 = 64 << 20;

/// Whether a run can be merged now, and what that takes and gives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outlook {
    /// At once.
    Now(Merging),
    /// When nobody has it open any more. What it will give is not known while its uppermost layer is being written.
    Later(Option<Merging>),
}

/// Whose turn it is while a run is merged: others get theirs between two pieces.
pub(crate) struct Turn {
    slot: Arc<Slot>,
    /// The volume's structure, to be given away and taken again; `None`: the caller has it and keeps it.
    structure: Option<OwnedMutexGuard<()>>,
    /// How often somebody had come in to write the head when the run was begun.
    writers: u64,
    /// Whether the engine is closing, so that the next one is to go on.
    is_closing: Box<dyn Fn() -> bool + Send>,
}

impl Turn {
    /// A turn at merging what `slot` has.
    pub(crate) fn new(
        slot: &Arc<Slot>,
        structure: Option<OwnedMutexGuard<()>>,
        is_closing: impl Fn() -> bool + Send + 'static,
    ) -> Self {
        let writers = slot.gate.writers_so_far();
        Self { slot: slot.clone(), structure, writers, is_closing: Box::new(is_closing) }
    }

    /// The volume.
    pub(crate) fn slot(&self) -> &Arc<Slot> {
        &self.slot
    }

    /// Nobody writes the head now, and it is to be merged: false when somebody does.
    fn begin(&mut self, with_head: bool) -> bool {
        let nobody = !with_head || self.slot.gate.try_write("layers of deleted checkpoints are being merged").is_some();
        self.writers = self.slot.gate.writers_so_far();
        nobody
    }

    /// Lets others have their turn. Blocks.
    fn let_others(&mut self) {
        if let Some(structure) = self.structure.take() {
            drop(structure);
            let mutex = self.slot.structure.clone();
            self.structure = Some(tokio::runtime::Handle::current().block_on(mutex.lock()));
        }
    }

    /// Whether what was begun may go on: nobody has changed the tree or written a head that is merged.
    fn may_go_on(&self, intent: &Intent) -> Result<()> {
        let Intent::Merge { layers, keep, .. } = intent else { return Ok(()) };
        let manifest = self.slot.manifest()?;
        let head_is_same = !layers.contains(&manifest.head) || self.writers == self.slot.gate.writers_so_far();
        let fits = manifest.intents.contains(intent)
            && layers.contains(keep)
            && runs(&manifest).iter().any(|run| run.windows(layers.len()).any(|part| part == layers))
            && unshared(&self.slot.folder, layers).is_some_and(|own| own.len() == layers.len());
        if fits && head_is_same && !(self.is_closing)() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InUse, "The layers that are being merged are needed for something else."))
    }
}

/// As much of the run as no other volume shares; `None` when there is nothing to merge in it. What is shared lies
/// below: a branch shares all that its checkpoint stands on. Merging it would give nothing back.
pub(crate) fn unshared(folder: &Path, run: &[LayerId]) -> Option<Run> {
    let own: Run = run.iter().take_while(|layer| is_alone(folder, layer)).cloned().collect();
    (own.len() > 1).then_some(own)
}

/// Whether no other volume shares a layer's file.
fn is_alone(folder: &Path, layer: &LayerId) -> bool {
    std::fs::metadata(layer_path(folder, layer)).is_ok_and(|meta| meta.nlink() == 1)
}

/// Looks at a run that nobody shares. Blocks on the disk.
///
/// # Errors
/// When a layer cannot be read.
pub(crate) fn look(folder: &Path, run: &[LayerId]) -> Result<Outlook> {
    let files = paths(folder, run);
    let merging = match Merging::plan(&files) {
        Ok(merging) => merging,
        Err(error) if error.kind() == cairn_block::ErrorKind::Locked => return Ok(Outlook::Later(None)),
        Err(error) => return Err(block_error("look at the layers that are to be merged", &error)),
    };
    let is_free = not_in_use(folder, run)?.iter().any(|part| part.len() == run.len());
    Ok(if is_free { Outlook::Now(merging) } else { Outlook::Later(Some(merging)) })
}

/// When a run is merged, and what is known of it then: of how many layers, and what that takes and gives.
pub(crate) struct Forecast {
    pub(crate) when: MergeTime,
    pub(crate) layers: usize,
    pub(crate) merging: Option<Merging>,
}

/// Says what will become of a run, of which a machine has `open` what that says. Blocks on the disk.
pub(crate) fn forecast(folder: &Path, manifest: &Manifest, run: &[LayerId], open: Option<&Open>) -> Forecast {
    let Some(own) = unshared(folder, run) else {
        return Forecast { when: MergeTime::Shared, layers: run.len(), merging: None };
    };
    let (when, merging) = match look(folder, &own) {
        Ok(Outlook::Now(merging)) => (MergeTime::Now, Some(merging)),
        Ok(Outlook::Later(merging)) => match open.and_then(|open| live_outlook(folder, manifest, &own, open)) {
            Some(merging) => (MergeTime::Now, Some(merging)),
            None => (MergeTime::Later, merging),
        },
        // A layer that cannot be read does not keep anybody from deleting others.
        Err(_) => (MergeTime::Later, None),
    };
    Forecast { when, layers: own.len(), merging }
}

/// What it takes and gives when the machine merges the whole run at once.
fn live_outlook(folder: &Path, manifest: &Manifest, run: &[LayerId], open: &Open) -> Option<Merging> {
    let [part] = &live::parts(manifest, run, open)[..] else { return None };
    (part.len() == run.len()).then_some(())?;
    Some(live::way(folder, manifest, part).ok()??.merging)
}

/// Bytes that merging a run writes, as far as that is known.
pub(crate) fn to_be_written(folder: &Path, run: &[LayerId]) -> u64 {
    Merging::plan(&paths(folder, run)).map_or(u64::MAX, |merging| merging.written_bytes)
}

/// The parts of a run that nobody has open, each of layers that stand on each other. What a machine has open stays where
/// it is, even when it would only be read: the machine, or what stands on it by name, may open it again.
///
/// # Errors
/// When a layer cannot be opened.
pub(crate) fn not_in_use(folder: &Path, run: &[LayerId]) -> Result<Vec<Run>> {
    let mut parts = vec![Run::new()];
    for layer in run {
        let in_use = qcow2::is_in_use(&layer_path(folder, layer));
        if in_use.map_err(|e| block_error("look at the layers that are to be merged", &e))? {
            parts.push(Run::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(layer.clone());
        }
    }
    Ok(parts)
}

/// Merges a run that nobody shares, or layers in it that stand on each other, unless somebody has it open: then false.
/// The caller has the volume's structure. Blocks on the disk.
///
/// # Errors
/// When a layer cannot be read or written; everything reads as before then.
pub(crate) fn perform(turn: &mut Turn, run: &[LayerId]) -> Result<bool> {
    let slot = turn.slot.clone();
    if !turn.begin(run.contains(&slot.manifest()?.head)) {
        return Ok(false);
    }
    let Outlook::Now(merging) = look(&slot.folder, run)? else { return Ok(false) };
    refuse_without_room(&slot.folder, &merging)?;
    let intent = Intent::Merge { layers: run.to_vec(), keep: run[merging.keep].clone(), complete: false };
    intent::record(&slot, &intent)?;
    match write(turn, &intent) {
        Ok(()) => Ok(true),
        Err(error) => {
            forget(&slot, &intent)?;
            if error.kind() == ErrorKind::InUse { Ok(false) } else { Err(error) }
        }
    }
}

/// A merge that finds no room would leave even less until it is done.
fn refuse_without_room(folder: &Path, merging: &Merging) -> Result<()> {
    let free = free_bytes(folder).map_err(|e| io_error("ask for free space", folder, &e))?;
    if free >= merging.written_bytes {
        return Ok(());
    }
    let needed = Bytes(merging.written_bytes);
    Err(Error::new(ErrorKind::NoSpace, format!("Merging layers takes {needed} on this computer's disk for a while."))
        .with_hint("Free some space, then delete another checkpoint or open the store again."))
}

/// Finishes a merge that was interrupted if its data is complete; else forgets it, which loses nothing: it is begun anew
/// like any other.
///
/// # Errors
/// When the manifest cannot be written, or the merged layer cannot be put in its place.
pub(crate) fn resume(slot: &Slot, intent: &Intent) -> Result<()> {
    let Intent::Merge { layers, keep, complete: true } = intent else { return forget(slot, intent) };
    let _alone = sync::write(&slot.layers);
    if slot.manifest()?.intents.contains(intent) { put_in_place(slot, intent, layers, keep) } else { Ok(()) }
}

fn forget(slot: &Slot, intent: &Intent) -> Result<()> {
    slot.commit(|manifest| manifest.forget(intent)).map(drop)
}

/// Carries a recorded merge out.
fn write(turn: &mut Turn, intent: &Intent) -> Result<()> {
    let Intent::Merge { layers, keep, .. } = intent else { return Ok(()) };
    turn.may_go_on(intent)?;
    digest::forget(&turn.slot, layers)?;
    fault::point("digests forgotten");
    bring_together(turn, intent, layers, keep)?;
    let slot = turn.slot.clone();
    {
        // Nobody opens a chain while files and manifest do not agree.
        let _alone = sync::write(&slot.layers);
        turn.may_go_on(intent)?;
        let done = Intent::Merge { layers: layers.clone(), keep: keep.clone(), complete: true };
        // From here on there is room to write the manifest, and the next start goes on.
        slot.commit(|manifest| {
            manifest.forget(intent);
            manifest.intents.push(done.clone());
        })?;
        fault::point("merge complete");
        put_in_place(&slot, &done, layers, keep)?;
    }
    fault::point("merge true");
    intent::discard_unneeded(&slot)
}

/// Makes true what is complete.
fn put_in_place(slot: &Slot, done: &Intent, layers: &[LayerId], keep: &LayerId) -> Result<()> {
    name(&slot.folder, &*slot.manifest()?, layers, keep)?;
    slot.make_true(|manifest| merged(manifest, done));
    Ok(())
}

/// Brings all data of the run into the file that is kept, durably. What each layer with a name shows stays the same.
fn bring_together(turn: &mut Turn, intent: &Intent, layers: &[LayerId], keep: &LayerId) -> Result<()> {
    let at = layers.iter().position(|layer| layer == keep).unwrap_or_default();
    let files = paths(&turn.slot.folder, layers);
    let (above, below) = (&files[..at], files.len() - at - 1);
    if !above.is_empty() {
        in_pieces(turn, intent, |from| {
            let source = Image::open_alone(above)?;
            let base = Image::open(&files[at], Access::ReadWrite)?;
            let done = source.commit(above.len(), &base, from, PIECE)?;
            base.flush()?;
            Ok((done.until < source.len()).then_some(done.until))
        })?;
    }
    if below > 0 {
        in_pieces(turn, intent, |from| {
            let image = Image::open(&files[at], Access::ReadWrite)?;
            let done = image.absorb(below, from, PIECE)?;
            image.flush()?;
            Ok((done.until < image.len()).then_some(done.until))
        })?;
    }
    Ok(())
}

/// Takes steps, each from where the last one ended, and lets others have the volume in between.
fn in_pieces(
    turn: &mut Turn,
    intent: &Intent,
    mut step: impl FnMut(u64) -> cairn_block::Result<Option<u64>>,
) -> Result<()> {
    let slot = turn.slot.clone();
    let mut next = step_alone(&slot, 0, &mut step)?;
    while let Some(from) = next {
        turn.let_others();
        turn.may_go_on(intent)?;
        next = step_alone(&slot, from, &mut step)?;
    }
    Ok(())
}

/// Takes one step while nobody opens a chain.
fn step_alone(
    slot: &Slot,
    from: u64,
    step: &mut impl FnMut(u64) -> cairn_block::Result<Option<u64>>,
) -> Result<Option<u64>> {
    let _alone = sync::write(&slot.layers);
    let next = step(from).map_err(|e| block_error("merge layers", &e))?;
    fault::point("piece merged");
    Ok(next)
}

/// Gives the file that has all data its place in the tree and the uppermost one's name. May have been done already, or
/// in part.
fn name(folder: &Path, manifest: &Manifest, layers: &[LayerId], keep: &LayerId) -> Result<()> {
    let (Some(top), Some(lowest)) = (layers.first(), layers.last()) else { return Ok(()) };
    let below = manifest.layers.get(lowest).and_then(|record| record.parent.as_ref()).map(layer_file);
    let (kept, named) = (layer_path(folder, keep), layer_path(folder, top));
    let file = if kept.exists() { &kept } else { &named };
    let failed = |e| block_error("put the merged layer in its place", &e);
    if qcow2::info(file).map_err(failed)?.backing_file != below {
        if *file != kept {
            let sentence = format!("The layer {} is missing, whose merge was interrupted.", layer_file(keep));
            return Err(Error::new(ErrorKind::Corrupt, sentence).with_hint("Put it back from a backup."));
        }
        Image::open(&kept, Access::ReadWrite).and_then(|image| image.rebase(below.as_deref())).map_err(failed)?;
        fault::point("merged layer rebased");
    }
    if *file == kept && kept != named {
        std::fs::rename(&kept, &named).map_err(|e| io_error("name the merged layer", &named, &e))?;
        fault::point("merged layer named");
    }
    durable::sync_folder(folder).map_err(|e| io_error("name the merged layer", &named, &e))
}

/// Makes a manifest say what a complete merge into the place of the uppermost has made true, and that what is left of
/// the other files is to go.
fn merged(manifest: &mut Manifest, intent: &Intent) {
    let (Intent::Merge { layers, .. } | Intent::MergeLive { layers, .. }) = intent else { return };
    let Some((top, others)) = layers.split_first() else { return };
    manifest.forget(intent);
    let below = others.last().and_then(|lowest| manifest.layers.get(lowest)).map(|record| record.parent.clone());
    if let (Some(record), Some(below)) = (manifest.layers.get_mut(top), below) {
        record.parent = below;
        // How long its file was when it was empty, nobody knows any more.
        record.empty_length = 0;
    }
    manifest.layers.retain(|layer, _| !others.contains(layer));
    manifest.intents.push(Intent::Discard { layers: others.to_vec() });
}

/// Finishes, before anything is opened, those merges whose data was complete when an engine died. The manifest is right
/// then, and becomes durable with the next change.
///
/// # Errors
/// When a layer cannot be put in its place.
pub(crate) fn finish(folder: &Path, manifest: &mut Manifest) -> Result<()> {
    for intent in manifest.intents.clone() {
        let change = match &intent {
            Intent::Merge { layers, keep, complete: true } => {
                name(folder, manifest, layers, keep)?;
                merged
            }
            Intent::MergeLive { complete: true, .. } => live::make_true,
            _ => continue,
        };
        *manifest = base::changed(manifest, |manifest| change(manifest, &intent));
    }
    Ok(())
}

fn paths(folder: &Path, run: &[LayerId]) -> Vec<PathBuf> {
    run.iter().map(|layer| layer_path(folder, layer)).collect()
}
