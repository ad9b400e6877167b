//! Carrying out what the manifest says was begun: by the operation itself, or after a crash.
//!
//! Each step may have been done already, and every intent is checked against what is true now: one that no
//! longer fits is dropped, together with the file that it was about to add. Rolling forward is always safe,
//! because an empty overlay on a layer equals that layer.

use cairn_block::qcow2::Access;

use crate::convert::{block_error, ext4_error};
use crate::durable;
use crate::error::Result;
use crate::fault;
use crate::files::tree::Tree;
use crate::files::{VolumePath, staging};
use crate::group;
use crate::id::LayerId;
use crate::layer;
use crate::lease;
use crate::manifest::{CheckpointRecord, Intent, LayerRecord, Manifest, layer_path};
use crate::merge;
use crate::slot::Slot;
use crate::sync;

/// Records `intent`, durably.
pub(crate) fn record(slot: &Slot, intent: &Intent) -> Result<()> {
    slot.commit(|manifest| manifest.intents.push(intent.clone()))?;
    fault::point("intent recorded");
    Ok(())
}

/// Records `intent` and carries it out; when that fails, everything is as before, as far as the disk allows.
pub(crate) fn perform(slot: &Slot, intent: &Intent) -> Result<()> {
    record(slot, intent)?;
    carry_out(slot, intent).inspect_err(|_| {
        if let Err(error) = abandon(slot, intent) {
            tracing::warn!(volume = %slot.id, %error, "what was begun could not be undone; the next start will");
        }
    })
}

/// Carries out everything that was begun, oldest first, as far as no machine writes the head: what concerns the
/// head then waits until it has gone.
pub(crate) fn settle(slot: &Slot) -> Result<()> {
    if lease::writer(&*slot.manifest()?).is_some() {
        resume_merges(slot)?;
        return discard_unneeded(slot);
    }
    while let Some(intent) = slot.manifest()?.intents.first().cloned() {
        tracing::info!(volume = %slot.id, ?intent, "finishing or undoing what was interrupted");
        carry_out(slot, &intent)?;
    }
    Ok(())
}

/// Finishes or forgets merges, which concern layers that nobody has open. What the machine may be at is asked of it.
fn resume_merges(slot: &Slot) -> Result<()> {
    let manifest = slot.manifest()?;
    let concerns_nobody =
        |intent: &&Intent| matches!(intent, Intent::Merge { .. } | Intent::MergeLive { complete: true, .. });
    let merges = manifest.intents.iter().filter(concerns_nobody);
    merges.into_iter().try_for_each(|intent| carry_out(slot, intent))
}

/// Removes the files of layers that were taken out of the tree.
pub(crate) fn discard_unneeded(slot: &Slot) -> Result<()> {
    let manifest = slot.manifest()?;
    let discards = manifest.intents.iter().filter(|intent| matches!(intent, Intent::Discard { .. }));
    discards.into_iter().try_for_each(|intent| carry_out(slot, intent))
}

/// Carries out one recorded intent and takes it out of the manifest.
pub(crate) fn carry_out(slot: &Slot, intent: &Intent) -> Result<()> {
    match intent {
        Intent::Checkpoint { group: Some(group), .. } if !group::is_decided(&slot.folder, group) => {
            abandon(slot, intent)
        }
        Intent::Checkpoint { checkpoint, overlay, .. } => put_overlay_on_head(slot, intent, checkpoint, overlay),
        Intent::Restore { from, onto, overlay, keep } => {
            go_back(slot, intent, &Way { from, onto, overlay, keep: keep.as_ref() })
        }
        Intent::Grow { quota_bytes } => grow(slot, intent, *quota_bytes),
        Intent::Upload { staging, complete } => finish_upload(slot, intent, staging, *complete),
        Intent::Merge { .. } => merge::resume(slot, intent),
        Intent::MergeLive { .. } => merge::live::resume(slot, intent),
        Intent::Discard { layers } => discard(slot, intent, layers),
    }
}

/// Drops one recorded intent, and the overlay that it may have left.
pub(crate) fn abandon(slot: &Slot, intent: &Intent) -> Result<()> {
    if let Intent::Checkpoint { overlay, .. } | Intent::Restore { overlay, .. } = intent
        && !slot.manifest()?.layers.contains_key(overlay)
    {
        layer::remove(&slot.folder, std::slice::from_ref(overlay))?;
    }
    // An upload may not be dropped: its files are in the filesystem. A size that was half given is no harm.
    if !matches!(intent, Intent::Upload { .. }) {
        slot.commit(|manifest| manifest.forget(intent))?;
    }
    Ok(())
}

fn put_overlay_on_head(slot: &Slot, intent: &Intent, checkpoint: &CheckpointRecord, overlay: &LayerId) -> Result<()> {
    let manifest = slot.manifest()?;
    if manifest.head != checkpoint.layer {
        return abandon(slot, intent);
    }
    let record = overlay_on(slot, &manifest, overlay, &checkpoint.layer)?;
    adopt_overlay(slot, intent, checkpoint, (overlay, record))
}

/// Makes an overlay that is on the head the new head, and the old one `checkpoint`.
pub(crate) fn adopt_overlay(
    slot: &Slot,
    intent: &Intent,
    checkpoint: &CheckpointRecord,
    (overlay, record): (&LayerId, LayerRecord),
) -> Result<()> {
    slot.commit(|manifest| {
        // The end of the machine may have finished it meanwhile.
        if !manifest.intents.contains(intent) {
            return;
        }
        manifest.layers.insert(overlay.clone(), record);
        // Who writes the head goes on writing the new one.
        for mount in manifest.mounts.iter_mut().filter(|mount| mount.layer == manifest.head && mount.is_writer()) {
            mount.layer = overlay.clone();
        }
        manifest.checkpoints.push(checkpoint.clone());
        manifest.head = overlay.clone();
        manifest.forget(intent);
    })
    .map(drop)
}

/// The fields of [`Intent::Restore`].
struct Way<'a> {
    from: &'a LayerId,
    onto: &'a LayerId,
    overlay: &'a LayerId,
    keep: Option<&'a CheckpointRecord>,
}

fn go_back(slot: &Slot, intent: &Intent, way: &Way<'_>) -> Result<()> {
    let manifest = slot.manifest()?;
    if manifest.head != *way.from || !manifest.layers.contains_key(way.onto) {
        return abandon(slot, intent);
    }
    let record = overlay_on(slot, &manifest, way.overlay, way.onto)?;
    // The filesystem of those days may be smaller than the volume is today.
    let grown_since = layer::virtual_size_of(&slot.folder, way.onto)? < layer::virtual_size(manifest.quota_bytes);
    let grown = grown_since.then_some(Intent::Grow { quota_bytes: manifest.quota_bytes });
    slot.commit(|manifest| {
        manifest.layers.insert(way.overlay.clone(), record);
        manifest.head = way.overlay.clone();
        manifest.checkpoints.extend(way.keep.cloned());
        manifest.forget(intent);
        manifest.discard_unneeded(std::slice::from_ref(way.from));
        if let Some(grown) = &grown {
            manifest.intents.push(grown.clone());
        }
    })?;
    discard_unneeded(slot)?;
    grown.map_or(Ok(()), |grown| carry_out(slot, &grown))
}

fn grow(slot: &Slot, intent: &Intent, quota_bytes: u64) -> Result<()> {
    let manifest = slot.manifest()?;
    let size = layer::virtual_size(quota_bytes);
    let image = layer::open_image(&slot.folder, &manifest, &manifest.head, Access::ReadWrite)?;
    image.grow(size).map_err(|e| block_error("grow the volume", &e))?;
    drop(image);
    fault::point("disk grown");
    let filesystem = layer::open_filesystem(&slot.folder, &manifest, &manifest.head, Access::ReadWrite)?;
    filesystem.grow().map_err(|e| ext4_error("grow the volume's filesystem", &e))?;
    filesystem.flush().map_err(|e| ext4_error("grow the volume's filesystem", &e))?;
    drop(filesystem);
    fault::point("filesystem grown");
    slot.commit(|manifest| {
        manifest.quota_bytes = manifest.quota_bytes.max(quota_bytes);
        manifest.forget(intent);
    })
    .map(drop)
}

fn finish_upload(slot: &Slot, intent: &Intent, name: &str, complete: bool) -> Result<()> {
    let (tree, staging) = (Tree::open_head(slot)?, VolumePath::parse(name)?);
    if complete {
        staging::place(&tree, &staging)?;
        fault::point("upload placed");
    }
    staging::clear(&tree, &staging)?;
    drop(tree);
    if !complete {
        layer::tidy_up(&slot.folder, &*slot.manifest()?, layer::Writer::Engine);
    }
    fault::point("upload cleared");
    slot.commit(|manifest| manifest.forget(intent)).map(drop)
}

fn discard(slot: &Slot, intent: &Intent, layers: &[LayerId]) -> Result<()> {
    {
        // Nobody is in the middle of opening a chain when its files go; who has one open keeps it.
        let _alone = sync::write(&slot.layers);
        let manifest = slot.manifest()?;
        let unneeded: Vec<LayerId> =
            layers.iter().filter(|layer| !manifest.layers.contains_key(layer)).cloned().collect();
        layer::remove(&slot.folder, &unneeded)?;
    }
    slot.commit(|manifest| manifest.forget(intent)).map(drop)
}

/// The layer `overlay` on `parent`: the one that is there, or a new one.
pub(crate) fn overlay_on(slot: &Slot, manifest: &Manifest, overlay: &LayerId, parent: &LayerId) -> Result<LayerRecord> {
    let parent_path = layer_path(&slot.folder, parent);
    durable::sync_file(&parent_path)
        .map_err(|e| crate::convert::io_error("write the layer to the disk", &parent_path, &e))?;
    fault::point("parent flushed");
    if layer_path(&slot.folder, overlay).exists() {
        // Somebody may have written to it already, so that nobody knows how long it was when it was empty.
        return Ok(LayerRecord { empty_length: 0, ..layer::record(&slot.folder, overlay, Some(parent))? });
    }
    let size = layer::virtual_size_of(&slot.folder, parent)?.max(manifest.quota_bytes);
    layer::create(&slot.folder, overlay, Some(parent), size)
}
