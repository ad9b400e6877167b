//! A volume in this process: its folder, its manifest as it was last made durable, and its locks.
//!
//! Locks are taken in this order: [`structure`](Slot::structure) (what the volume consists of), then the
//! [`gate`](Slot::gate) (the content of its head). Neither is held while waiting for another volume, except
//! by a group of checkpoints, which locks its volumes in the order of their ids.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock, RwLockReadGuard};

use crate::error::{Error, ErrorKind, Result};
use crate::files::delete::Deletes;
use crate::files::live::Showing;
use crate::files::tree::Tree;
use crate::gate::Gate;
use crate::id::VolumeId;
use crate::manifest::{self, Manifest};
use crate::optimiser::OptimiserState;
use crate::structure::{Structure, Wanted};
use crate::{base, layer, sync};

/// A volume of the open store.
#[derive(Debug)]
pub(crate) struct Slot {
    /// Which.
    pub(crate) id: VolumeId,
    /// Where its manifest and layers are.
    pub(crate) folder: PathBuf,
    /// Held by whoever changes what the volume consists of: layers, checkpoints, size, mounts, its existence.
    pub(crate) structure: Structure,
    /// Held by whoever reads or writes the content of the head.
    pub(crate) gate: Gate,
    /// Transfers take their turn here.
    pub(crate) queue: Arc<tokio::sync::Mutex<()>>,
    /// The files of the head, while a transfer writes them; who looks at them holds the lock meanwhile.
    pub(crate) shown: RwLock<Option<Arc<Tree>>>,
    /// What the machine that writes the head shows of it, while somebody looks.
    pub(crate) showing: Showing,
    /// Held for reading while a chain is [opened](Self::opening), for writing while layers are rewritten or removed.
    pub(crate) layers: RwLock<()>,
    /// Who waits to open a chain.
    pub(crate) openers: Wanted,
    /// Held by whoever changes the file with the layers' digests.
    pub(crate) digests: Mutex<()>,
    /// Held by whoever makes what stands in for a checkpoint.
    pub(crate) stand_ins: Mutex<()>,
    /// What has been deleted from it one by one.
    pub(crate) deletes: Mutex<Deletes>,
    /// What the optimiser does with it.
    pub(crate) optimiser: Mutex<OptimiserState>,
    manifest: RwLock<Result<Arc<Manifest>>>,
    saving: Mutex<()>,
}

impl Slot {
    /// A volume with this manifest, or with the reason why it has none.
    pub(crate) fn new(id: VolumeId, folder: PathBuf, manifest: Result<Manifest>) -> Arc<Self> {
        Arc::new(Self {
            id,
            folder,
            structure: Structure::default(),
            gate: Gate::default(),
            queue: Arc::default(),
            shown: RwLock::default(),
            showing: Showing::default(),
            layers: RwLock::default(),
            openers: Wanted::default(),
            digests: Mutex::default(),
            stand_ins: Mutex::default(),
            deletes: Mutex::default(),
            optimiser: Mutex::default(),
            manifest: RwLock::new(manifest.map(Arc::new)),
            saving: Mutex::default(),
        })
    }

    /// What is true of the volume.
    ///
    /// # Errors
    /// Why the volume cannot be used.
    pub(crate) fn manifest(&self) -> Result<Arc<Manifest>> {
        sync::read(&self.manifest).clone()
    }

    /// Waits until nobody rewrites or removes layers, which nobody then does while a chain is opened. Blocks.
    pub(crate) fn opening(&self) -> RwLockReadGuard<'_, ()> {
        let _waiting = self.openers.wait();
        sync::read(&self.layers)
    }

    /// The volume's name, as far as it is known.
    pub(crate) fn name(&self) -> String {
        self.manifest().map_or_else(|_| self.id.to_string(), |manifest| manifest.name.clone())
    }

    /// Changes the manifest: durable first, then true. Blocks on the disk.
    ///
    /// # Errors
    /// When it cannot be written; nothing is changed then.
    pub(crate) fn commit(&self, change: impl FnOnce(&mut Manifest)) -> Result<Arc<Manifest>> {
        let _saving = sync::lock(&self.saving);
        let before = self.manifest()?;
        let next = base::changed(&before, |next| {
            change(next);
            next.generation += 1;
        });
        manifest::save(&self.folder, &next)?;
        Ok(self.replace(&before, next))
    }

    /// Makes true what the volume's files say already: durable if that can be; if not, with the next change. Blocks on
    /// the disk.
    pub(crate) fn make_true(&self, change: impl Fn(&mut Manifest)) {
        let Err(error) = self.commit(&change) else { return };
        tracing::warn!(volume = %self.id, %error, "the volume's manifest is not up to date on the disk");
        let _saving = sync::lock(&self.saving);
        let Ok(before) = self.manifest() else { return };
        self.replace(&before, base::changed(&before, change));
    }

    fn replace(&self, before: &Manifest, next: Manifest) -> Arc<Manifest> {
        if let Some(dropped) = before.base.as_ref()
            && next.base.as_ref().is_none_or(|base| base.id != dropped.id)
        {
            layer::remove_base(&self.folder, dropped);
        }
        let next = Arc::new(next);
        *sync::write(&self.manifest) = Ok(next.clone());
        next
    }

    /// Makes a volume usable again whose manifest has been made anew; it is durable already.
    pub(crate) fn revive(&self, manifest: Manifest) {
        *sync::write(&self.manifest) = Ok(Arc::new(manifest));
    }

    /// Makes the volume unusable in this process, for the reason that everybody will be told.
    pub(crate) fn give_up(&self, reason: Error) {
        *sync::write(&self.manifest) = Err(reason);
    }

    /// Whether it was deleted while somebody waited for it.
    pub(crate) fn mark_deleted(&self) {
        let name = self.name();
        self.give_up(Error::new(ErrorKind::NotFound, format!("The volume '{name}' has been deleted.")));
    }
}
