//! Branches and clones: volumes of their own that begin with what another one held, and share its frozen layers.
//!
//! The new volume's folder has the layers under the same names: as hard links where the host's filesystem knows such,
//! so that it takes no time and no room, else as copies. So nothing in one folder refers to the other, and either
//! volume can be deleted, moved to the trash or repaired alone. A file with several links is never written in place.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use crate::checkpoint;
use crate::convert::io_error;
use crate::engine::{Engine, blocking};
use crate::error::Result;
use crate::fault;
use crate::files::holes::{Stretch, stretch};
use crate::id::{CheckpointId, LayerId, VolumeId};
use crate::layer;
use crate::manifest::{self, CheckpointRecord, Manifest, layer_path};
use crate::model::Volume;
use crate::name;
use crate::slot::Slot;
use crate::store::internal;
use crate::volume;

impl Engine {
    /// Makes a new volume called `name` of what a checkpoint holds. Takes the same time whatever the size; both
    /// volumes share what they have in common. The checkpoints up to this one come along.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such checkpoint,
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a bad name,
    /// [`ErrorKind::AlreadyExists`](crate::ErrorKind::AlreadyExists) when it is taken.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn checkpoint_branch(&self, volume: &str, checkpoint: &str, name: &str) -> Result<Volume> {
        let (slot, name) = (self.slot(volume)?, name::check("volume", name)?);
        let (engine, checkpoint) = (self.clone(), checkpoint.to_owned());
        self.run(async move {
            let _naming = engine.inner.naming.lock().await;
            engine.refuse_taken_name(&name, None)?;
            let _structure = slot.structure.lock().await;
            let chosen = checkpoint::resolve(&*slot.manifest()?, &checkpoint)?.clone();
            engine.branch(&slot, chosen, name).await
        })
        .await
    }

    /// Makes a new volume called `name` of what a volume holds now, which is kept as an automatic checkpoint unless
    /// it is one already. A machine may be writing to the volume, as for a checkpoint.
    ///
    /// # Errors
    /// As for [`checkpoint_branch`](Self::checkpoint_branch) and [`checkpoint_create`](Self::checkpoint_create).
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn volume_clone(&self, volume: &str, name: &str) -> Result<Volume> {
        let (slot, name) = (self.slot(volume)?, name::check("volume", name)?);
        let engine = self.clone();
        self.run(async move {
            let _naming = engine.inner.naming.lock().await;
            engine.refuse_taken_name(&name, None)?;
            let _structure = slot.structure.lock().await;
            let chosen = engine.keep_present(&slot, "before cloning").await?;
            engine.branch(&slot, chosen, name).await
        })
        .await
    }

    /// The caller has the naming and the origin's structure.
    pub(crate) async fn branch(&self, origin: &Arc<Slot>, chosen: CheckpointRecord, name: String) -> Result<Volume> {
        let (volumes, origin) = (self.inner.store.volumes(), origin.clone());
        let manifest = blocking(move || {
            // No layer goes while its second name is being made.
            let _layers = origin.opening();
            let from = origin.manifest()?;
            volume::build(&volumes, |folder, id| fill(&origin.folder, &from, &chosen, folder, id, name))
        })
        .await?;
        self.enrol(manifest).await
    }
}

/// The layers of `chosen` under second names in `folder`, and a head on top of them.
fn fill(
    origin: &Path,
    from: &Manifest,
    chosen: &CheckpointRecord,
    folder: &Path,
    id: VolumeId,
    name: String,
) -> Result<Manifest> {
    let chain = from.chain(&chosen.layer);
    for layer in &chain {
        let (theirs, ours) = (layer_path(origin, layer), layer_path(folder, layer));
        share(&theirs, &ours).map_err(|e| io_error("share the layer", &theirs, &e))?;
        fault::point("layer shared");
    }
    let head = LayerId::random().map_err(|e| internal("make a layer's id", &e))?;
    // A checkpoint from before the volume grew has the size of those days.
    let size = layer::virtual_size_of(folder, &chosen.layer)?;
    let quota_bytes = if size == layer::virtual_size(from.quota_bytes) { from.quota_bytes } else { size };
    let record = layer::create(folder, &head, Some(&chosen.layer), quota_bytes)?;
    let mut manifest = Manifest {
        policy: from.policy,
        optimiser_off: from.optimiser_off,
        ..Manifest::of_new(id, &name, quota_bytes, (head, record))
    };
    let shared = from.layers.iter().filter(|(layer, _)| chain.contains(layer));
    manifest.layers.extend(shared.map(|(layer, record)| (layer.clone(), record.clone())));
    for record in from.checkpoints.iter().filter(|record| chain.contains(&record.layer)) {
        let id = CheckpointId::random().map_err(|e| internal("make a checkpoint's id", &e))?;
        manifest.checkpoints.push(CheckpointRecord { id, ..record.clone() });
    }
    manifest::save(folder, &manifest)?;
    Ok(manifest)
}

/// Gives a frozen layer a second name, or copies it where that cannot be.
fn share(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::hard_link(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::debug!(%error, "the layer is copied, because it cannot be shared");
            copy_sparse(from, to)
        }
        linked => linked,
    }
}

/// Copies a file with its holes; the host shares the extents where it can. Durable on return.
fn copy_sparse(from: &Path, to: &Path) -> io::Result<()> {
    let (mut source, mut target) = (File::open(from)?, File::create_new(to)?);
    let end = source.metadata()?.len();
    target.set_len(end)?;
    let mut at = 0;
    while let Some((kind, until)) = stretch(&source, at, end) {
        if kind == Stretch::Data {
            source.seek(SeekFrom::Start(at))?;
            target.seek(SeekFrom::Start(at))?;
            io::copy(&mut (&source).take(until - at), &mut target)?;
        }
        at = until;
    }
    target.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_shared_is_copied_with_its_holes() {
        use std::os::unix::fs::{FileExt, MetadataExt};

        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let file = File::create(&from).unwrap();
        file.write_all_at(&[7; 5000], 40 << 20).unwrap();
        file.set_len(64 << 20).unwrap();
        copy_sparse(&from, &to).unwrap();
        assert!(std::fs::read(&from).unwrap() == std::fs::read(&to).unwrap());
        assert!(std::fs::metadata(&to).unwrap().blocks() * 512 < 1 << 20);
    }
}
