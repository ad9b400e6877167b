//! What happens when a store is opened: what is there is read, what was interrupted is finished or undone.
//!
//! Nothing that cannot be understood is ever deleted. A volume that cannot be used stays visible, with a
//! sentence that says why.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::convert::io_error;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::events::Events;
use crate::files;
use crate::group;
use crate::id::{VmId, VolumeId};
use crate::index::Index;
use crate::intent;
use crate::layer;
use crate::manifest::{self, Manifest, layer_file, layer_path};
use crate::merge;
use crate::model::NoticeLevel;
use crate::mount::stand_in;
use crate::slot::Slot;
use crate::store::Store;
use crate::{trash, volume};

/// Opens the index, and tells people when a damaged one had to be moved aside.
pub(crate) fn open_index(store: &Store, events: &Events) -> Result<Index> {
    let (index, aside) = Index::open(&store.index())?;
    if let Some(aside) = aside {
        events.notice(
            NoticeLevel::Warning,
            format!(
                "The index did not open. It has been moved to {} and {}; nothing is lost.",
                aside.display(),
                if index.is_healthy() { "is being rebuilt" } else { "cannot be rebuilt now" }
            ),
        );
    }
    Ok(index)
}

/// Reads all volumes of the store.
pub(crate) fn load_volumes(store: &Store, events: &Events) -> Result<BTreeMap<VolumeId, Arc<Slot>>> {
    let folder = store.volumes();
    let mut volumes = BTreeMap::new();
    let unreadable = |e| io_error("read the store's volumes", &folder, &e);
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if name.starts_with(volume::UNFINISHED) {
            // Its creation was never acknowledged.
            tracing::info!(name, "removing a volume that was never finished");
            std::fs::remove_dir_all(entry.path()).map_err(|e| io_error("remove an unfinished volume", &folder, &e))?;
        } else if let Ok(id) = name.parse::<VolumeId>() {
            let manifest = load_volume(&entry.path(), &id, events);
            volumes.insert(id.clone(), Slot::new(id, entry.path(), manifest));
        } else {
            tracing::warn!(name, "something that is not a volume lies among the volumes; it is left alone");
        }
    }
    Ok(volumes)
}

fn load_volume(folder: &Path, id: &VolumeId, events: &Events) -> Result<Manifest> {
    let loaded = manifest::load(folder, id).and_then(|mut loaded| {
        layer::remove_unfinished(folder);
        manifest::remove_unfinished(folder);
        merge::finish(folder, &mut loaded.manifest)?;
        check_layers(folder, &loaded.manifest)?;
        if !layer::tidy_bases(folder, &loaded.manifest) {
            loaded.manifest.base = None;
        }
        Ok(loaded)
    });
    match loaded {
        Ok(loaded) => {
            if let Some(notice) = loaded.notice {
                events.notice(NoticeLevel::Warning, notice);
            }
            Ok(loaded.manifest)
        }
        Err(error) => {
            events.notice(NoticeLevel::Error, format!("The volume {id} cannot be used. {error}"));
            Err(error)
        }
    }
}

/// Finishes what was interrupted on a volume that can be used, and tidies up after an abrupt end.
fn settle(slot: &Slot, abandoned: bool) -> Result<()> {
    let Ok(manifest) = slot.manifest() else { return Ok(()) };
    stand_in::remove_unused(&slot.folder, &manifest);
    merge::live::put_back_all(slot);
    // Before anything is finished: that may itself need the room.
    if abandoned && !manifest.is_mounted(&manifest.head) {
        layer::tidy_up(&slot.folder, &manifest, layer::Writer::Engine);
    }
    intent::settle(slot)
}

/// Whether all layers of the present are there.
fn check_layers(folder: &Path, manifest: &Manifest) -> Result<()> {
    match manifest.chain(&manifest.head).iter().find(|layer| !layer_path(folder, layer).is_file()) {
        Some(missing) => Err(Error::new(
            ErrorKind::Corrupt,
            format!("The layer {} of the volume '{}' is missing.", layer_file(missing), manifest.name),
        )
        .with_hint("Put it back from a backup; the other files of the volume are untouched.")),
        None => Ok(()),
    }
}

impl Engine {
    /// Finishes or undoes what was interrupted, and makes the index agree with what is true.
    pub(crate) async fn recover(&self) {
        // Machines first: what they have and write decides what can be finished on a volume.
        self.release_unknown_machines().await;
        let machines = self.machine_slots().into_iter().map(|vm| async move {
            self.find_running(&vm).await;
            if vm.may_run() {
                self.settle_snapshot(&vm).await;
            } else {
                self.tidy_session(&vm).await;
            }
            self.reconcile(&vm).await;
        });
        futures::future::join_all(machines).await;
        let abandoned = self.inner.store.was_abandoned();
        for slot in self.slots() {
            let settled = {
                let slot = slot.clone();
                blocking(move || settle(&slot, abandoned)).await
            };
            if settled.is_ok() {
                let _structure = slot.structure.lock().await;
                self.merge_in_passing(&slot).await;
            }
            if let Err(error) = settled {
                let name = slot.name();
                let sentence = format!("What was interrupted on the volume '{name}' could not be finished.");
                self.inner.events.notice(NoticeLevel::Error, format!("{sentence} {error}"));
                slot.give_up(error);
            }
        }
        let engine = self.clone();
        let _ = blocking(move || {
            group::forget_finished(&engine.inner.store, &engine.slots());
            engine.tell_of_unknown_layers();
            engine.forget_unfinished_snapshots();
            engine.rebuild_names();
            Ok(())
        })
        .await;
        let (trash, run) = (self.inner.store.trash(), self.inner.store.run_folder());
        // Now, so that nothing is taken for left over that somebody sends a moment later.
        files::clean_up_fetches(&run);
        let engine = self.clone();
        self.inner.tasks.spawn_blocking(move || {
            engine.forget_old_uploads();
            files::clean_up_downloads(&run);
            trash::purge(&trash);
        });
        // What was shared with a volume that has gone from the trash is no longer.
        self.slots().iter().for_each(|slot| self.merge_later(slot));
    }

    /// A volume whose folder has just come among the others, with what was interrupted on it finished. Blocks.
    pub(crate) fn settled(&self, id: &VolumeId, folder: &Path) -> Arc<Slot> {
        let manifest = load_volume(folder, id, &self.inner.events);
        let slot = Slot::new(id.clone(), folder.to_owned(), manifest);
        if let Err(error) = settle(&slot, true) {
            slot.give_up(error);
        }
        slot
    }

    /// Takes back the leases of machines that are no longer there at all.
    async fn release_unknown_machines(&self) {
        for slot in self.slots() {
            let Ok(manifest) = slot.manifest() else { continue };
            // One whose record cannot be read may still be running.
            let is_gone = |vm: &VmId| !self.inner.store.vm(vm).exists();
            for mount in manifest.mounts.iter().filter(|mount| is_gone(&mount.vm)) {
                let (engine, slot, vm) = (self.clone(), slot.clone(), mount.vm.clone());
                if let Err(error) = blocking(move || engine.release_leases(&slot, &vm)).await {
                    tracing::error!(%error, "the lease of a machine that is not there any more stays");
                }
            }
        }
    }

    /// A layer that no manifest knows may be somebody's only copy of something: it is left alone, and told of.
    fn tell_of_unknown_layers(&self) {
        for slot in self.slots() {
            let Ok(manifest) = slot.manifest() else { continue };
            // While a machine writes, an interrupted checkpoint may still be waiting.
            if !manifest.intents.is_empty() {
                continue;
            }
            for layer in layer::unknown(&slot.folder, &manifest) {
                let message = format!(
                    "{} lies in the folder of the volume '{}' and is no layer of it. It is left alone; `cairn repair` adopts it when it fits.",
                    layer_file(&layer),
                    manifest.name
                );
                self.inner.events.notice(NoticeLevel::Warning, message);
            }
        }
    }

    /// Makes the index's names agree with the manifests.
    /// Answers how many entries were wrong.
    pub(crate) fn rebuild_names(&self) -> usize {
        let names: Vec<(String, VolumeId)> = self
            .slots()
            .iter()
            .filter_map(|slot| {
                // A volume whose manifest cannot be read keeps the name under which it was known.
                let name = match slot.manifest() {
                    Ok(manifest) => manifest.name.clone(),
                    Err(_) => self.inner.index.name_of(&slot.id)?,
                };
                Some((name, slot.id.clone()))
            })
            .collect();
        let wrong = self.inner.index.agree_with(names.iter().map(|(name, id)| (name.as_str(), id)));
        if wrong > 0 {
            tracing::info!(wrong, "the index has been made to agree with the manifests");
        }
        wrong
    }
}
