//! Putting right what a check found and what can be put right. Nothing is deleted: what has no place is moved
//! aside, and what was done is said.

use std::path::Path;
use std::sync::Arc;

use time::OffsetDateTime;

use super::found::{self, ASIDE, Verdict};
use super::{name_of, rebuild, tables};
use crate::convert::io_error;
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::Result;
use crate::id::{CheckpointId, LayerId};
use crate::manifest::{self, CheckpointRecord, LayerRecord, Manifest};
use crate::model::{EventKind, RepairStep, StoreRepair};
use crate::slot::Slot;
use crate::store::internal;

impl Engine {
    /// Rebuilds the index, writes damaged manifests anew (from the layers' own headers when both generations are
    /// lost), adopts layers that fit, and moves what has no place to `aside` in the volume's folder. Then the
    /// store, or the one volume, is checked again.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such volume; when the disk refuses a change.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn store_repair(&self, volume: Option<&str>) -> Result<StoreRepair> {
        let mut done = Vec::new();
        for slot in self.chosen(volume)? {
            let (engine, repaired) = (self.clone(), slot.clone());
            let steps = self.run(async move {
                let _structure = repaired.structure.lock().await;
                let _alone = repaired.gate.write(&repaired.name(), "it is being repaired").await?;
                let slot = repaired.clone();
                blocking(move || engine.repair_volume(&slot)).await
            });
            let steps = steps.await?;
            if !steps.is_empty() {
                self.tell(EventKind::CheckpointsChanged { volume_id: slot.id.clone() });
                self.tell(EventKind::VolumeChanged { volume_id: slot.id.clone() });
            }
            done.extend(steps.into_iter().map(|what| RepairStep { volume: Some(slot.name()), what }));
        }
        let engine = self.clone();
        let wrong = blocking(move || Ok(engine.rebuild_names())).await?;
        if wrong > 0 {
            done.push(RepairStep { volume: None, what: format!("Put {wrong} entries of the index right.") });
        }
        let left = self.store_check(volume, false).await?;
        Ok(StoreRepair { done, left })
    }

    fn repair_volume(&self, slot: &Arc<Slot>) -> Result<Vec<String>> {
        let mut done = Vec::new();
        if slot.manifest().is_err() {
            if !rebuild::is_possible(slot) {
                return Ok(done);
            }
            let name = self.free_name(slot);
            let manifest = rebuild::manifest(slot, name)?;
            manifest::put_aside(&slot.folder.join(manifest::FILE_NAME))?;
            manifest::save(&slot.folder, &manifest)?;
            done.push(format!(
                "Made the manifest anew from {} layers; their names are lost, and each is kept as a checkpoint.",
                manifest.layers.len()
            ));
            slot.revive(manifest);
        }
        let manifest = slot.manifest()?;
        let is_damaged = |name| manifest::inspect(&slot.folder, name, &slot.id).is_err();
        let stored = manifest::inspect(&slot.folder, manifest::FILE_NAME, &slot.id);
        if stored.as_ref().is_ok_and(|stored| *stored == *manifest) {
            if manifest.generation > 1 && is_damaged(manifest::PREVIOUS_NAME) {
                slot.commit(|_| {})?;
                done.push("Replaced the damaged generation of the manifest before the present one.".into());
            }
        } else {
            manifest::put_aside(&slot.folder.join(manifest::FILE_NAME))?;
            slot.commit(|_| {})?;
            // Once more, so that the generation before it is whole, too.
            slot.commit(|_| {})?;
            done.push("Wrote the manifest anew; the damaged one is kept as manifest.broken-….".into());
        }
        self.place_found(slot, &manifest, &mut done)?;
        if tables::fault_of_base(slot, &manifest).is_some() && !manifest.is_mounted(&manifest.head) {
            slot.commit(|manifest| manifest.base = None)?;
            done.push("Dropped the base, which did not show what the layers show; the optimiser makes another.".into());
        }
        Ok(done)
    }

    fn place_found(&self, slot: &Slot, manifest: &Manifest, done: &mut Vec<String>) -> Result<()> {
        let mut manifest = manifest.clone();
        loop {
            // One that was adopted may be what the next one stands on.
            let found = found::look(&slot.folder, &manifest);
            let fits = found.iter().find_map(|(file, verdict)| match verdict {
                Verdict::Fits(layer, parent) => Some((file, layer, parent)),
                Verdict::Stranger(_) => None,
            });
            let Some((file, layer, parent)) = fits else {
                for (file, verdict) in &found {
                    let Verdict::Stranger(why) = verdict else { continue };
                    move_aside(&slot.folder, file)?;
                    done.push(format!("Moved {file} to {ASIDE}: {why}."));
                }
                return Ok(());
            };
            let name = adopt(slot, layer, parent.as_ref())?;
            done.push(format!("Adopted {file} as the checkpoint '{name}'."));
            manifest = Manifest::clone(&*slot.manifest()?);
        }
    }

    /// The name under which the volume was known, unless another one has it.
    fn free_name(&self, slot: &Slot) -> String {
        let known = self.inner.index.name_of(&slot.id);
        let is_free = |name: &String| self.slots().iter().all(|other| other.id == slot.id || other.name() != *name);
        known.filter(is_free).unwrap_or_else(|| slot.id.to_string())
    }
}

fn adopt(slot: &Slot, layer: &LayerId, parent: Option<&LayerId>) -> Result<String> {
    let created_at = OffsetDateTime::now_utc();
    let name = format!("found {layer}");
    let checkpoint = CheckpointRecord {
        id: CheckpointId::random().map_err(|e| internal("make an id", &e))?,
        name: name.clone(),
        layer: layer.clone(),
        created_at,
        automatic: false,
        crash_consistent: true,
    };
    let record = LayerRecord { parent: parent.cloned(), created_at, empty_length: 0 };
    slot.commit(|manifest| {
        manifest.layers.insert(layer.clone(), record);
        manifest.checkpoints.push(checkpoint);
    })?;
    Ok(name)
}

fn move_aside(folder: &Path, file: &str) -> Result<()> {
    let (from, aside) = (folder.join(file), folder.join(ASIDE));
    let mut to = aside.join(file);
    let mut again = 1;
    while to.exists() {
        again += 1;
        to = aside.join(format!("{}.{again}", name_of(&from)));
    }
    durable::create_private_folder(&aside)
        .and_then(|()| std::fs::rename(&from, &to))
        .and_then(|()| durable::sync_folder(&aside))
        .and_then(|()| durable::sync_folder(folder))
        .map_err(|e| io_error("move aside what has no place", &from, &e))
}
