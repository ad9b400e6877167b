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

use cairn_block::qcow2::Merging;
use cairn_vm::Machine;

use super::{Run, paths};
use crate::base::Base;
use crate::convert::block_error;
use crate::engine::{Engine, blocking};
use crate::error::Result;
use crate::id::LayerId;
use crate::manifest::{Intent, Manifest, layer_file, layer_path};
use crate::slot::Slot;

mod job;

pub(crate) use job::{make_true, perform, put_back_all, resume, settle};

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
    let concerns = |intent: &Intent| matches!(intent, Intent::MergeLive { layers, .. } if layers.iter().any(|layer| run.contains(layer)));
    manifest.intents.iter().any(concerns)
}

/// The parts of a run that the machine has open on each other, with those below that a base stands in for.
pub(crate) fn parts(manifest: &Manifest, run: &[LayerId], open: &Open) -> Vec<Run> {
    // libvirt keeps account of a domain's layers, and has no way to merge some in the middle that it would know of.
    if open.machine.is_domain() || is_on_its_way(manifest, open) || is_read_elsewhere(manifest, run) {
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
