//! A manifest made anew from the layers' own headers, when both generations of it are lost.
//!
//! The layers know on what they stand, not how they were called: the newest one that nothing stands on becomes
//! the present, and every other becomes a checkpoint, so that nothing is out of reach.

use std::collections::BTreeMap;
use std::path::Path;

use cairn_block::qcow2;
use time::OffsetDateTime;

use super::{cannot, found};
use crate::convert::io_error;
use crate::error::{ErrorKind, Result};
use crate::id::{CheckpointId, LayerId};
use crate::manifest::{self, CheckpointRecord, LayerRecord, Manifest, layer_path};
use crate::slot::Slot;
use crate::store::internal;

/// Whether both generations are lost and there are layers.
pub(super) fn is_possible(slot: &Slot) -> bool {
    let is_lost = |name| manifest::inspect(&slot.folder, name, &slot.id).is_err();
    slot.manifest().is_err_and(|error| error.kind() == ErrorKind::Corrupt)
        && is_lost(manifest::FILE_NAME)
        && is_lost(manifest::PREVIOUS_NAME)
        && whole_layers(&slot.folder).is_ok_and(|layers| !layers.is_empty())
}

/// Makes the manifest anew under `name`, as the first generation after everything that was lost.
///
/// # Errors
/// When no layer is whole, or the manifest cannot be written.
pub(super) fn manifest(slot: &Slot, name: String) -> Result<Manifest> {
    let layers = whole_layers(&slot.folder)?;
    let has_children = |layer: &LayerId| layers.values().any(|(record, _)| record.parent.as_ref() == Some(layer));
    let leaves = layers.iter().filter(|(layer, _)| !has_children(layer));
    // Of two of the same moment, the one with the longer past.
    let age = |layer: &LayerId| std::iter::successors(Some(layer), |at| layers.get(*at)?.0.parent.as_ref()).count();
    let Some((head, (record, changed))) = leaves.max_by_key(|(layer, (_, changed))| (*changed, age(layer))) else {
        return Err(cannot(format!("None of the layers in {} can be used.", slot.folder.display())));
    };
    let others = oldest_first(&layers, head);
    let checkpoints = (1..).zip(&others).map(|(number, (layer, changed))| checkpoint(number, layer, *changed));
    let info = qcow2::info(&layer_path(&slot.folder, head)).map_err(|e| cannot(format!("{e}.")))?;
    let manifest = Manifest {
        created_at: others.first().map_or(*changed, |(_, changed)| *changed),
        checkpoints: checkpoints.collect::<Result<_>>()?,
        layers: layers.iter().map(|(layer, (record, _))| (layer.clone(), record.clone())).collect(),
        ..Manifest::of_new(slot.id.clone(), &name, info.virtual_size, (head.clone(), record.clone()))
    };
    manifest.validate().map_err(cannot)?;
    Ok(manifest)
}

/// The layers but for the head, in the order in which they were written last: by the times of their files, as far as
/// those do not contradict the tree. What a layer stands on was written before it, whatever a clock said that went
/// back, or stood still.
fn oldest_first<'a>(layers: &'a Found, head: &LayerId) -> Vec<(&'a LayerId, OffsetDateTime)> {
    let place = |layer: &LayerId| {
        let (mut latest, mut depth, mut next) = (OffsetDateTime::UNIX_EPOCH, 0, Some(layer));
        while let Some((record, changed)) = next.and_then(|layer| layers.get(layer)) {
            (latest, depth, next) = (latest.max(*changed), depth + 1, record.parent.as_ref());
        }
        (latest, depth)
    };
    let mut others: Vec<_> = layers.iter().filter(|(layer, _)| *layer != head).collect();
    others.sort_by_cached_key(|(layer, _)| place(layer));
    others.into_iter().map(|(layer, (_, changed))| (layer, *changed)).collect()
}

fn checkpoint(number: usize, layer: &LayerId, created_at: OffsetDateTime) -> Result<CheckpointRecord> {
    Ok(CheckpointRecord {
        id: CheckpointId::random().map_err(|e| internal("make an id", &e))?,
        name: format!("recovered {number}"),
        layer: layer.clone(),
        created_at,
        automatic: false,
        crash_consistent: false,
    })
}

/// Layers, and when their files were written last.
type Found = BTreeMap<LayerId, (LayerRecord, OffsetDateTime)>;

/// The layers whose whole chains can be opened.
fn whole_layers(folder: &Path) -> Result<Found> {
    let unreadable = |e| io_error("read the volume's folder", folder, &e);
    let mut layers = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.strip_suffix(".qcow2")?.parse::<LayerId>().ok());
        if let Some(id) = id
            && let Ok(parent) = found::parent(folder, &id)
        {
            let changed = OffsetDateTime::from(entry.metadata().and_then(|meta| meta.modified()).map_err(unreadable)?);
            layers.insert(id, (LayerRecord { parent, created_at: changed, empty_length: 0 }, changed));
        }
    }
    Ok(layers)
}
