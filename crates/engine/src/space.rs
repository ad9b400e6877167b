//! What a volume takes up on the host's disk, and for what: its present, each checkpoint, what it shares with other
//! volumes, and what would come back if a checkpoint were deleted. Only looks; what it says is true of that moment.

use std::path::Path;

use cairn_block::qcow2::Image;

use crate::engine::{Engine, blocking};
use crate::error::Result;
use crate::id::LayerId;
use crate::layer;
use crate::manifest::{CheckpointRecord, Manifest, layer_path};
use crate::merge::{self, Forecast, Open, Run, Tree};
use crate::model::{CheckpointUsage, MergeTime, VolumeUsage};
use crate::mount::stand_in;
use crate::slot::Slot;
use crate::usage;

impl Engine {
    /// What a volume takes up, and for what.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such volume; when a layer cannot be looked at.
    pub async fn volume_usage(&self, volume: &str) -> Result<VolumeUsage> {
        let (engine, slot) = (self.clone(), self.slot(volume)?);
        // Nothing is merged or removed meanwhile.
        let structure = slot.structure.lock().await;
        let open = self.open_in_machine(&slot).await;
        blocking(move || {
            let _structure = structure;
            let manifest = slot.manifest()?;
            let used_bytes = usage::used_bytes(&slot, &manifest, &engine.inner.index)?;
            account(&slot, &manifest, used_bytes, open.as_ref())
        })
        .await
    }
}

fn account(slot: &Slot, manifest: &Manifest, used_bytes: u64, open: Option<&Open>) -> Result<VolumeUsage> {
    let folder = &slot.folder;
    let of_run = |run: &Run| of_run(folder, manifest, run, open);
    let mut usage = VolumeUsage {
        volume_id: slot.id.clone(),
        quota_bytes: manifest.quota_bytes,
        used_bytes,
        disk_bytes: 0,
        shared_bytes: 0,
        present_bytes: layer::whole_bytes(folder, &manifest.head),
        nameless_bytes: 0,
        base_bytes: layer::base_bytes(folder, manifest) + stand_in::disk_bytes(folder),
        checkpoints: Vec::new(),
    };
    for layer in manifest.layers.keys() {
        let bytes = layer::whole_bytes(folder, layer);
        usage.disk_bytes += bytes;
        usage.shared_bytes += bytes - layer::own_bytes(folder, layer);
        if *layer != manifest.head && manifest.checkpoint_of(layer).is_none() {
            usage.nameless_bytes += bytes;
        }
    }
    usage.disk_bytes += usage.base_bytes;
    let mut tree = Tree::of(manifest);
    for record in &manifest.checkpoints {
        usage.checkpoints.push(of_checkpoint(folder, &mut tree, record, &of_run));
    }
    Ok(usage)
}

fn of_checkpoint<'a>(
    folder: &Path,
    tree: &mut Tree<'a>,
    record: &'a CheckpointRecord,
    of_run: &impl Fn(&Run) -> (u64, MergeTime),
) -> CheckpointUsage {
    let layer = &record.layer;
    let (disk_bytes, own_bytes) = (layer::whole_bytes(folder, layer), layer::own_bytes(folder, layer));
    tree.forget(layer);
    let (freed_bytes, when) = comes_back(folder, tree, layer, of_run);
    tree.remember(layer);
    CheckpointUsage {
        id: record.id.clone(),
        name: record.name.clone(),
        created_at: record.created_at,
        data_bytes: data_bytes(folder, layer),
        disk_bytes,
        is_shared: disk_bytes > own_bytes,
        standing_on_it: tree.standing_on(layer),
        freed_bytes,
        when,
    }
}

/// What comes back when nobody needs `layer` any more.
fn comes_back<'a>(
    folder: &Path,
    tree: &mut Tree<'a>,
    layer: &'a LayerId,
    of_run: &impl Fn(&Run) -> (u64, MergeTime),
) -> (u64, MergeTime) {
    let falling = tree.falls(layer);
    let Some(lowest) = falling.last().copied() else {
        return tree.run_of(layer).map_or((0, MergeTime::Now), |run| of_run(&run));
    };
    let bytes: u64 = falling.iter().map(|layer| layer::own_bytes(folder, layer)).sum();
    // What they stood on may have only one left that stands on it.
    let run = tree.without(lowest, |tree, below| tree.run_of_nameless(below));
    (bytes + run.map_or(0, |run| of_run(&run).0), MergeTime::Now)
}

fn of_run(folder: &Path, manifest: &Manifest, run: &[LayerId], open: Option<&Open>) -> (u64, MergeTime) {
    let Forecast { when, merging, .. } = merge::forecast(folder, manifest, run, open);
    (merging.map_or(0, |merging| merging.freed_bytes), when)
}

/// Bytes of the volume's disk that a layer has itself; 0 when it cannot be read.
fn data_bytes(folder: &Path, layer: &LayerId) -> u64 {
    Image::open_alone(&[layer_path(folder, layer)]).and_then(|image| image.held(1)).unwrap_or_default()
}
