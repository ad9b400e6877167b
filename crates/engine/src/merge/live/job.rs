//! One merge in a machine, from the intent to the manifest that says it is done, and what a crash leaves of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cairn_block::qcow2::{self, Access, Image};
use cairn_vm::{JobState, Keep};
use tokio::runtime::Handle;

use super::super::{Turn, forget, merged, refuse_without_room};
use super::{Open, Way, only_above, pending};
use crate::convert::{block_error, io_error, vm_error};
use crate::durable;
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
                    () = slot.openers.until_waited_for(), if way.keep != manifest.head => {}
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
    // What a job failed of, QEMU says in the C library's words only.
    let kind = if reason.contains("No space left") { ErrorKind::NoSpace } else { ErrorKind::Guest };
    Error::new(kind, sentence).with_hint("They are merged when the volume is unmounted.")
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
