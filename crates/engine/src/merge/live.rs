//! Merging inside the machine that has the layers open, while its guest writes.
//!
//! ```text
//! intent durable ─► digests forgotten ─► QEMU's job ─► its files flushed ─► complete durable ─► the manifest says so
//!                                           │
//!                          somebody wants the volume, no room, locked: cancelled, forgotten, tried again later
//! ```
//!
//! What the others hold goes into the uppermost (`block-stream`) or into the lowest (`block-commit`), in which case
//! the lowest becomes what the uppermost was: checkpoints and the layer above name it from then on. No file gets
//! another name, because QEMU has them open by their names. A head is always the uppermost that is kept: nothing could
//! tell after a power cut whether the guest had begun to write elsewhere.
//!
//! While a machine has the layers, it is asked whether a merge was done, and the header says: QEMU changes it at the
//! end. When it has gone without having been asked, what it had not yet written is lost: then the header is put back,
//! which is always right, because the layers below are still there and what was merged shows the same with them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cairn_block::qcow2::{self, Access, Image, Merging};
use cairn_vm::{JobState, Keep, Machine};
use tokio::runtime::Handle;

use super::{Run, Turn, forget, merged, paths, refuse_without_room};
use crate::base::Base;
use crate::convert::{block_error, io_error, vm_error};
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::id::LayerId;
use crate::integrity::digest;
use crate::intent;
use crate::lease;
use crate::manifest::{Intent, Manifest, layer_file, layer_path};
use crate::slot::Slot;
use crate::sync;

/// How often the machine is asked how far it is.
const LOOK: Duration = Duration::from_millis(20);
/// Bytes per second that a machine may merge, so that its guest's own reading and writing goes on.
const SPEED: u64 = 256 << 20;
/// What is at most written is merged also when little comes back: the chain gets shorter.
const LITTLE: u64 = 4 << 20;
/// So many times what comes back may be written. More waits until the machine lets go, when the smaller side is.
const WORTH: u64 = 4;

/// What the machine that writes a volume has open of it.
pub(crate) struct Open {
    machine: Machine,
    layers: BTreeSet<LayerId>,
    /// Whether it stands on the volume's private base.
    on_base: bool,
}

/// How layers that a machine has open are merged.
pub(crate) struct Way {
    layers: Run,
    keep: LayerId,
    pub(crate) merging: Merging,
}

impl Open {
    /// The base that the machine stands on.
    fn base<'a>(&self, manifest: &'a Manifest) -> Option<&'a Base> {
        manifest.base.as_ref().filter(|_| self.on_base)
    }

    /// The file that the machine has, or is to have, below a merge after which the uppermost stands on `after`.
    fn below(&self, slot: &Slot, manifest: &Manifest, uppermost: &LayerId, after: Option<&LayerId>) -> Option<PathBuf> {
        let after = after?;
        let base = self.base(manifest).filter(|base| is_above(manifest, &base.equals, uppermost));
        match base.filter(|base| !is_above(manifest, &base.equals, after)) {
            Some(base) => Some(base.path(&slot.folder)),
            None => Some(layer_path(&slot.folder, after)),
        }
    }
}

impl Way {
    /// What is left of a part of which this has been merged.
    pub(crate) fn left_of(&self, part: &[LayerId]) -> Run {
        let rest = part.iter().filter(|layer| !self.layers.contains(layer));
        std::iter::once(&self.keep).chain(rest).cloned().collect()
    }
}

impl Engine {
    /// What the machine that writes the volume has open of it; `None` when none does, or it cannot be asked.
    pub(crate) async fn open_in_machine(&self, slot: &Slot) -> Option<Open> {
        let manifest = slot.manifest().ok()?;
        let (_, machine) = self.writing_machine(&manifest).ok()?;
        let files = machine.open_layers().await.inspect_err(|error| {
            tracing::info!(volume = %slot.id, %error, "the machine does not say which layers it has open");
        });
        let folder = std::path::absolute(&slot.folder).ok()?;
        let files = files.ok()?.into_iter().filter(|file| file.parent() == Some(&folder));
        let names: BTreeSet<String> = files.filter_map(|file| Some(file.file_name()?.to_str()?.to_owned())).collect();
        let layers = manifest.layers.keys().filter(|layer| names.contains(&layer_file(layer))).cloned().collect();
        let on_base = manifest.base.as_ref().is_some_and(|base| names.contains(&base.file()));
        Some(Open { machine, layers, on_base })
    }

    /// Finishes or forgets what a machine may have been at when an engine died.
    pub(crate) async fn finish_live_merges(&self, slot: &Arc<Slot>) -> Result<()> {
        if pending(&*slot.manifest()?).next().is_none() {
            return Ok(());
        }
        let structure = slot.structure.lock().await;
        let Some(open) = self.open_in_machine(slot).await else { return Ok(()) };
        let slot = slot.clone();
        blocking(move || {
            let _structure = structure;
            settle(&slot, Some(&open))
        })
        .await
    }
}

/// The merges that were begun in a machine.
pub(crate) fn pending(manifest: &Manifest) -> impl Iterator<Item = &Intent> {
    manifest.intents.iter().filter(|intent| matches!(intent, Intent::MergeLive { .. }))
}

/// Whether a merge that was begun in a machine concerns one of these layers.
pub(crate) fn concerns(manifest: &Manifest, run: &[LayerId]) -> bool {
    let concerns = |intent: &Intent| {
        matches!(intent, Intent::MergeLive { layers, .. } if layers.iter().any(|layer| run.contains(layer)))
    };
    manifest.intents.iter().any(concerns)
}

/// The parts of a run that the machine has open on each other, with those below that a base stands in for.
pub(crate) fn parts(manifest: &Manifest, run: &[LayerId], open: &Open) -> Vec<Run> {
    if is_on_its_way(manifest, open) || is_read_elsewhere(manifest, run) {
        return Vec::new();
    }
    let place = |layer: &LayerId| match open.base(manifest) {
        Some(base) if is_above(manifest, &base.on, layer) => Some(true),
        base => open.layers.contains(layer).then_some(base.is_none()),
    };
    let mut parts: Vec<Run> = Vec::new();
    let mut before = None;
    for layer in run {
        match (place(layer), parts.last_mut()) {
            (Some(place), Some(part)) if before == Some(place) => part.push(layer.clone()),
            (Some(_), _) => parts.push(vec![layer.clone()]),
            (None, _) => {}
        }
        before = place(layer);
    }
    // Of what is all closed nobody has anything open.
    parts.retain(|part| part.len() > 1 && open.layers.contains(&part[0]));
    parts
}

/// Whether `layer` is in the head's chain, above `lower`.
fn is_above(manifest: &Manifest, lower: &LayerId, layer: &LayerId) -> bool {
    manifest.above(lower).is_some_and(|above| above.contains(layer))
}

/// Whether the machine stands on a base that more is being committed into: what that is made of is left alone.
pub(crate) fn is_on_its_way(manifest: &Manifest, open: &Open) -> bool {
    open.base(manifest).is_some_and(|base| base.towards.is_some())
}

/// Whether another machine reads one of these layers.
fn is_read_elsewhere(manifest: &Manifest, run: &[LayerId]) -> bool {
    let readers = manifest.mounts.iter().filter(|mount| !mount.is_writer());
    readers.flat_map(|mount| manifest.chain(&mount.layer)).any(|layer| run.contains(&layer))
}

/// How the machine would merge a part of a run, if that is worth it.
///
/// # Errors
/// When a layer cannot be read.
pub(crate) fn way(folder: &Path, manifest: &Manifest, part: &[LayerId]) -> Result<Option<Way>> {
    let files = paths(folder, part);
    let looked = match part.first() == Some(&manifest.head) {
        true => Merging::estimate_into_uppermost(&files),
        false => Merging::plan(&files).and_then(|merging| match part.get(..=merging.keep) {
            Some(upper) if merging.keep == 0 || may_go_down(folder, manifest, upper) => Ok(merging),
            _ => Merging::plan_into_uppermost(&files),
        }),
    };
    let merging = match looked {
        Ok(merging) => merging,
        // It may be in the middle of a change.
        Err(error) if [cairn_block::ErrorKind::Locked, cairn_block::ErrorKind::Corrupt].contains(&error.kind()) => {
            return Ok(None);
        }
        Err(error) => return Err(block_error("look at the layers that are to be merged", &error)),
    };
    let layers = if merging.keep == 0 { part } else { &part[..=merging.keep] }.to_vec();
    let way = Way { keep: part[merging.keep].clone(), layers, merging };
    Ok(Some(way).filter(|way| {
        let Merging { written_bytes, freed_bytes, .. } = way.merging;
        written_bytes <= LITTLE || written_bytes <= freed_bytes.saturating_mul(WORTH)
    }))
}

/// Whether the lowest of these layers may become what the uppermost is: one layer, which nobody shares, stands on that,
/// and no base is made of them.
fn may_go_down(folder: &Path, manifest: &Manifest, layers: &[LayerId]) -> bool {
    let base = manifest.base.as_ref();
    let of_base = base.into_iter().flat_map(|base| [Some(&base.on), Some(&base.equals), base.towards.as_ref()]);
    let is_of_base = of_base.flatten().any(|layer| layers.contains(layer));
    let above = layers.first().and_then(|uppermost| only_above(manifest, uppermost));
    !is_of_base && above.is_some_and(|above| super::is_alone(folder, above))
}

/// The only layer that stands on this one.
fn only_above<'a>(manifest: &'a Manifest, layer: &LayerId) -> Option<&'a LayerId> {
    let mut above = manifest.layers.iter().filter(|(_, record)| record.parent.as_ref() == Some(layer));
    above.next().map(|(above, _)| above).filter(|_| above.next().is_none())
}

/// Has the machine merge layers; false when it has to wait for somebody. The caller has the volume's structure. Blocks.
///
/// # Errors
/// When there is no room, or the machine fails; everything reads as before then.
pub(crate) fn perform(turn: &Turn, open: &Open, way: &Way) -> Result<bool> {
    let slot = &turn.slot;
    refuse_without_room(&slot.folder, &way.merging)?;
    let intent = Intent::MergeLive { layers: way.layers.clone(), keep: way.keep.clone(), complete: false };
    intent::record(slot, &intent)?;
    let done = {
        // Nobody opens a chain while the machine has a layer of it to write. A head that it writes nobody opens.
        let _alone = (way.keep != slot.manifest()?.head).then(|| sync::write(&slot.layers));
        let ended = let_merge(turn, open, way, &intent);
        // Whatever was heard of it, what is true decides; a machine that cannot be asked now is asked later.
        match (ask(slot, open, &intent), ended) {
            (Ok(true), _) => Ok(true),
            (Ok(false), ended) => ended.and(Ok(false)),
            (Err(error), _) => Err(error),
        }
    };
    fault::point("live merge true");
    intent::discard_unneeded(slot)?;
    done
}

/// Begins QEMU's job, and waits for its end or for somebody who wants the volume.
fn let_merge(turn: &Turn, open: &Open, way: &Way, intent: &Intent) -> Result<()> {
    let (slot, machine) = (&turn.slot, &open.machine);
    let manifest = slot.manifest()?;
    let change = Change::of(&manifest, intent)?;
    digest::forget(slot, &[way.layers.as_slice(), std::slice::from_ref(&change.layer)].concat())?;
    fault::point("digests forgotten");
    let path = |layer: &LayerId| layer_path(&slot.folder, layer);
    let is_closed = |layer: &&LayerId| !open.layers.contains(*layer);
    let keep = if way.layers.first() == Some(&way.keep) {
        let below = open.below(slot, &manifest, &way.keep, change.after.as_ref());
        Keep::Uppermost { below, name: change.after.as_ref().map(layer_file) }
    } else {
        Keep::Lowest
    };
    let merge = cairn_vm::Merge {
        serial: slot.id.to_string(),
        uppermost: path(&way.layers[0]),
        lowest: path(&way.layers[way.layers.len() - 1]),
        closed: way.layers.iter().filter(is_closed).map(path).collect(),
        keep,
        speed: SPEED,
    };
    let failed = |error: &cairn_vm::Error| vm_error("let the machine merge layers", error);
    Handle::current().block_on(async {
        match machine.begin_merge(&merge).await {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), cairn_vm::ErrorKind::ImageLocked | cairn_vm::ErrorKind::Refused) => {
                tracing::info!(volume = %slot.id, %error, "the machine cannot merge layers now");
                return Ok(());
            }
            Err(error) => return Err(failed(&error)),
        }
        fault::point("machine merges");
        loop {
            match machine.merge_state(&merge.serial).await.map_err(|error| failed(&error))? {
                JobState::Running { .. } => {}
                JobState::None | JobState::Done => return Ok(()),
                JobState::Failed(reason) => return Err(not_merged(slot, &reason)),
            }
            let wanted = async {
                tokio::select! {
                    () = slot.structure.wanted() => {}
                    () = slot.openers.until_waited_for() => {}
                }
            };
            if tokio::time::timeout(LOOK, wanted).await.is_ok() || (turn.is_closing)() {
                // Whoever asks what is true ends it.
                return Ok(());
            }
        }
    })
}

fn not_merged(slot: &Slot, reason: &str) -> Error {
    let sentence = format!("The machine that writes '{}' could not merge layers: {reason}.", slot.name());
    Error::new(ErrorKind::Guest, sentence).with_hint("They are merged when the volume is unmounted.")
}

/// Finishes or forgets what is left of earlier merges, as far as that can be known now. Blocks.
///
/// # Errors
/// When the machine does not answer, or a file or the manifest cannot be written.
pub(crate) fn settle(slot: &Slot, open: Option<&Open>) -> Result<()> {
    match open {
        Some(open) => pending(&*slot.manifest()?).try_for_each(|intent| {
            let _alone = sync::write(&slot.layers);
            ask(slot, open, intent).map(drop)
        }),
        None => pending(&*slot.manifest()?).try_for_each(|intent| resume(slot, intent)),
    }
}

/// Ends a merge in the machine if it goes on, and finishes it if all of it was done, else forgets it; whether it was
/// done.
fn ask(slot: &Slot, open: &Open, intent: &Intent) -> Result<bool> {
    let manifest = slot.manifest()?;
    let Intent::MergeLive { layers, keep, complete } = intent else { return Ok(false) };
    if !manifest.intents.contains(intent) {
        return Ok(false);
    }
    if !complete {
        let failed = |error: cairn_vm::Error| vm_error("ask the machine what it has merged", &error);
        let asked = |work| Handle::current().block_on(work);
        asked(Box::pin(open.machine.cancel_merge(slot.id.as_str())) as Answer<'_>).map_err(failed)?;
        let change = Change::of(&manifest, intent)?;
        if change.is_of(&slot.folder)? != change.after {
            forget(slot, intent)?;
            return Ok(false);
        }
        fault::point("machine has merged");
        if *keep == manifest.head {
            let below = open.below(slot, &manifest, keep, change.after.as_ref());
            let written = open.machine.write_back_top(slot.id.as_str(), below.as_deref());
            asked(Box::pin(written) as Answer<'_>).map_err(failed)?;
        }
        for layer in [keep, &change.layer] {
            let path = layer_path(&slot.folder, layer);
            durable::sync_file(&path).map_err(|e| io_error("write the merged layer to the disk", &path, &e))?;
        }
        let done = Intent::MergeLive { layers: layers.clone(), keep: keep.clone(), complete: true };
        slot.commit(|manifest| {
            manifest.forget(intent);
            manifest.intents.push(done.clone());
        })?;
        fault::point("live merge complete");
        slot.make_true(|manifest| make_true(manifest, &done));
        return Ok(true);
    }
    slot.make_true(|manifest| make_true(manifest, intent));
    Ok(true)
}

type Answer<'a> = std::pin::Pin<Box<dyn Future<Output = cairn_vm::Result<()>> + Send + 'a>>;

/// Finishes a merge that was complete when an engine died. Else the header is put back, when no machine has the layers.
///
/// # Errors
/// When a file or the manifest cannot be written.
pub(crate) fn resume(slot: &Slot, intent: &Intent) -> Result<()> {
    let _alone = sync::write(&slot.layers);
    let manifest = slot.manifest()?;
    match intent {
        Intent::MergeLive { complete: true, .. } if manifest.intents.contains(intent) => {
            slot.make_true(|manifest| make_true(manifest, intent));
            Ok(())
        }
        Intent::MergeLive { .. } if manifest.intents.contains(intent) && lease::writer(&manifest).is_none() => {
            put_back(slot, &manifest, intent)?;
            forget(slot, intent)
        }
        _ => Ok(()),
    }
}

/// Makes files and manifest agree again when the machine has gone that was merging. That it cannot be done is logged,
/// and tried again.
pub(crate) fn put_back_all(slot: &Slot) {
    let Ok(manifest) = slot.manifest() else { return };
    for intent in pending(&manifest) {
        if let Err(error) = resume(slot, intent) {
            tracing::warn!(volume = %slot.id, %error, "a merge that a machine was at could not be put back");
        }
    }
}

fn put_back(slot: &Slot, manifest: &Manifest, intent: &Intent) -> Result<()> {
    let Intent::MergeLive { keep, .. } = intent else { return Ok(()) };
    let change = Change::of(manifest, intent)?;
    let failed = |e| block_error("put a layer back that was being merged", &e);
    if change.is_of(&slot.folder)? != change.before {
        let image = Image::open(&layer_path(&slot.folder, &change.layer), Access::ReadWrite).map_err(failed)?;
        image.rebase(change.before.as_ref().map(layer_file).as_deref()).map_err(failed)?;
    }
    // QEMU may have died in the middle of a write.
    let image = Image::open(&layer_path(&slot.folder, keep), Access::ReadWrite).map_err(failed)?;
    image.reclaim_leaks().map(drop).map_err(failed)
}

/// Makes a manifest say what a complete merge in a machine has made true, and that the other files are to go.
pub(crate) fn make_true(manifest: &mut Manifest, intent: &Intent) {
    let Intent::MergeLive { layers, keep, .. } = intent else { return };
    let Some(uppermost) = layers.first().filter(|uppermost| *uppermost != keep) else {
        return merged(manifest, intent);
    };
    manifest.forget(intent);
    for checkpoint in manifest.checkpoints.iter_mut().filter(|checkpoint| checkpoint.layer == *uppermost) {
        checkpoint.layer = keep.clone();
    }
    for record in manifest.layers.values_mut().filter(|record| record.parent.as_ref() == Some(uppermost)) {
        record.parent = Some(keep.clone());
    }
    if let Some(record) = manifest.layers.get_mut(keep) {
        // How long its file was when it was empty, nobody knows any more.
        record.empty_length = 0;
    }
    let others: Vec<LayerId> = layers.iter().filter(|layer| *layer != keep).cloned().collect();
    manifest.layers.retain(|layer, _| !others.contains(layer));
    manifest.intents.push(Intent::Discard { layers: others });
}

/// What a merge changes in a header, when all of it is done.
struct Change {
    /// The layer whose header it is.
    layer: LayerId,
    /// What it stands on before.
    before: Option<LayerId>,
    /// What it stands on after.
    after: Option<LayerId>,
}

impl Change {
    /// Of a merge that `manifest` does not yet know to be done.
    fn of(manifest: &Manifest, intent: &Intent) -> Result<Self> {
        let unknown = || Error::new(ErrorKind::Corrupt, "The layers that were being merged are not in the volume.");
        let Intent::MergeLive { layers, keep, .. } = intent else { return Err(unknown()) };
        let [uppermost, second, ..] = layers.as_slice() else { return Err(unknown()) };
        if keep == uppermost {
            let lowest = layers.last().and_then(|lowest| manifest.layers.get(lowest)).ok_or_else(unknown)?;
            return Ok(Self { layer: keep.clone(), before: Some(second.clone()), after: lowest.parent.clone() });
        }
        let above = only_above(manifest, uppermost).ok_or_else(unknown)?;
        Ok(Self { layer: above.clone(), before: Some(uppermost.clone()), after: Some(keep.clone()) })
    }

    /// What the layer stands on now, by its header.
    fn is_of(&self, folder: &Path) -> Result<Option<LayerId>> {
        let path: PathBuf = layer_path(folder, &self.layer);
        let info = qcow2::info(&path).map_err(|e| block_error("look at a layer that was being merged", &e))?;
        Ok(info.backing_file.and_then(|name| name.strip_suffix(".qcow2")?.parse().ok()))
    }
}
