//! Checkpoints: create, list, restore.
//!
//! A checkpoint freezes the head and puts an empty overlay on top: constant time, whatever the size. Going
//! back is a new head on the chosen checkpoint, after the present has been kept as one too.

use std::sync::Arc;

use time::OffsetDateTime;
use time::macros::format_description;

use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::id::{CheckpointId, LayerId};
use crate::intent;
use crate::layer;
use crate::lease;
use crate::manifest::{CheckpointRecord, Intent, Manifest};
use crate::model::{Checkpoint, EventKind, Volume};
use crate::name::{self, LATEST};
use crate::slot::Slot;
use crate::store::internal;
use crate::usage;

impl Engine {
    /// Freezes the volume as it is now, under `name` or a name made from the time.
    ///
    /// While a machine writes the volume, its filesystem is frozen through the guest's agent for that moment;
    /// without an agent the checkpoint is marked as crash-consistent.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a bad name, [`ErrorKind::AlreadyExists`] when the volume has a
    /// checkpoint of that name.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn checkpoint_create(&self, volume: &str, name: Option<String>) -> Result<Checkpoint> {
        let slot = self.slot(volume)?;
        let name = name.as_deref().map(name::check_checkpoint).transpose()?;
        let engine = self.clone();
        self.run(async move {
            let _structure = slot.structure.lock().await;
            let manifest = slot.manifest()?;
            let taken = engine.take(&slot, new_record(&manifest, name, None)?).await?;
            Ok(describe(&slot, &*slot.manifest()?, &taken))
        })
        .await
    }

    /// The volume's checkpoints, oldest first.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such volume.
    pub async fn checkpoint_list(&self, volume: &str) -> Result<Vec<Checkpoint>> {
        let slot = self.slot(volume)?;
        blocking(move || {
            let manifest = slot.manifest()?;
            Ok(manifest.checkpoints.iter().map(|record| describe(&slot, &manifest, record)).collect())
        })
        .await
    }

    /// Makes a checkpoint the present. What is present now is kept as an automatic checkpoint, if anything
    /// was written since the last one.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such checkpoint, [`ErrorKind::InUse`] while a machine has the present.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn checkpoint_restore(&self, volume: &str, checkpoint: &str) -> Result<Volume> {
        let slot = self.slot(volume)?;
        let (engine, checkpoint) = (self.clone(), checkpoint.to_owned());
        self.run(async move {
            let structure = slot.structure.lock().await;
            let alone = slot.gate.write(&slot.name(), "it is going back to a checkpoint").await?;
            let manifest = slot.manifest()?;
            let chosen = resolve(&manifest, &checkpoint)?.clone();
            lease::may_write_head(&manifest, &engine.vm_names())?;
            let (worker, restored) = (engine.clone(), slot.clone());
            blocking(move || {
                let intent = way_back(&restored, &manifest, &chosen)?;
                intent::perform(&restored, &intent)?;
                worker.count_usage(&restored);
                Ok(())
            })
            .await?;
            drop((alone, structure));
            tracing::info!(volume = %slot.id, %checkpoint, "went back to a checkpoint");
            engine.tell(EventKind::CheckpointsChanged { volume_id: slot.id.clone() });
            engine.tell(EventKind::FilesChanged { volume_id: slot.id.clone(), path: String::new() });
            engine.tell(EventKind::VolumeChanged { volume_id: slot.id.clone() });
            engine.describe(slot).await
        })
        .await
    }

    /// Takes the automatic checkpoint that the policy asks for before a machine gets the volume to write. The caller
    /// has the volume's structure.
    pub(crate) async fn checkpoint_before_mount(&self, slot: &Arc<Slot>) -> Result<()> {
        let manifest = slot.manifest()?;
        if !manifest.policy.before_mount || lease::may_write_head(&manifest, &self.vm_names()).is_err() {
            return Ok(());
        }
        self.keep_present(slot, "before mounting").await.map(drop)
    }

    /// The checkpoint that holds the present; an automatic one is taken when none does. The caller has the volume's
    /// structure.
    pub(crate) async fn keep_present(&self, slot: &Arc<Slot>, why: &str) -> Result<CheckpointRecord> {
        let manifest = slot.manifest()?;
        if lease::writer(&manifest).is_none() {
            let quiet = slot.gate.read(&manifest.name).await?;
            let (looked, now) = (slot.clone(), manifest.clone());
            let kept = blocking(move || {
                let _quiet = quiet;
                kept(&looked, &now)
            });
            if let Some(record) = kept.await? {
                return Ok(record);
            }
        }
        self.take(slot, new_record(&manifest, None, Some(why))?).await
    }

    /// Takes `checkpoint` of the present, whether a machine writes it or not. The caller has the volume's structure.
    async fn take(&self, slot: &Arc<Slot>, checkpoint: CheckpointRecord) -> Result<CheckpointRecord> {
        let id = checkpoint.id.clone();
        if lease::writer(&*slot.manifest()?).is_some() {
            self.checkpoint_live(slot, checkpoint).await?;
        } else {
            self.checkpoint_offline(slot, checkpoint).await?;
        }
        tracing::info!(volume = %slot.id, checkpoint = %id, "checkpoint taken");
        self.tell(EventKind::CheckpointsChanged { volume_id: slot.id.clone() });
        slot.manifest()?.checkpoint(&id).cloned().ok_or_else(|| {
            Error::new(ErrorKind::Conflict, "The checkpoint was not taken, because the volume has changed meanwhile.")
                .with_hint("Try again.")
        })
    }

    /// Nobody writes the head: the engine waits for its own writers, and puts the overlay there.
    async fn checkpoint_offline(&self, slot: &Arc<Slot>, checkpoint: CheckpointRecord) -> Result<()> {
        let quiet = slot.gate.read(&slot.name()).await?;
        let (engine, slot) = (self.clone(), slot.clone());
        blocking(move || {
            let _quiet = quiet;
            usage::stays_known(&slot, &engine.inner.index, || {
                let overlay = LayerId::random().map_err(|e| internal("make a layer's id", &e))?;
                intent::perform(&slot, &Intent::Checkpoint { checkpoint, overlay, group: None })
            })
        })
        .await
    }
}

/// The checkpoint that an id, a name or `latest` means.
///
/// # Errors
/// [`ErrorKind::NotFound`] when there is none; [`ErrorKind::Conflict`] for `latest` on a volume without any.
pub(crate) fn resolve<'a>(manifest: &'a Manifest, checkpoint: &str) -> Result<&'a CheckpointRecord> {
    if checkpoint == LATEST {
        return manifest.checkpoints.last().ok_or_else(|| {
            Error::new(ErrorKind::Conflict, format!("The volume '{}' has no checkpoint yet.", manifest.name))
                .with_hint("Take a checkpoint first.")
        });
    }
    let found = match checkpoint.parse::<CheckpointId>() {
        Ok(id) => manifest.checkpoint(&id),
        Err(_) => manifest.checkpoints.iter().find(|record| record.name == checkpoint),
    };
    found.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("The volume '{}' has no checkpoint '{checkpoint}'.", manifest.name))
            .with_hint("Look at the list of its checkpoints for a name or id.")
    })
}

/// What the manifest is to say of a checkpoint of the present head.
///
/// `why` it is taken when Cairn does so by itself: "before going back".
pub(crate) fn new_record(manifest: &Manifest, name: Option<String>, why: Option<&str>) -> Result<CheckpointRecord> {
    let created_at = OffsetDateTime::now_utc();
    let name = match name {
        Some(name) if is_taken(manifest, &name) => {
            return Err(Error::new(
                ErrorKind::AlreadyExists,
                format!("The volume '{}' has a checkpoint '{name}' already.", manifest.name),
            )
            .with_hint("Choose another name."));
        }
        Some(name) => name,
        None => name_from_time(|name| is_taken(manifest, name), why)?,
    };
    Ok(CheckpointRecord {
        id: CheckpointId::random().map_err(|e| internal("make a checkpoint's id", &e))?,
        name,
        layer: manifest.head.clone(),
        created_at,
        automatic: why.is_some(),
        crash_consistent: false,
    })
}

pub(crate) fn is_taken(manifest: &Manifest, name: &str) -> bool {
    manifest.checkpoints.iter().any(|record| record.name == name)
}

/// "2026-11-23 18:42:07" on this computer's clock; a second one in the same second is told apart.
pub(crate) fn name_from_time(is_taken: impl Fn(&str) -> bool, why: Option<&str>) -> Result<String> {
    let now = OffsetDateTime::now_local().unwrap_or_else(|_| OffsetDateTime::now_utc());
    let text = now
        .format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second]"))
        .map_err(|e| internal("write the time", &e))?;
    let first = why.map_or_else(|| text.clone(), |why| format!("{text} {why}"));
    Ok(name::free(&first, is_taken))
}

/// The checkpoint that the present equals: nobody has written to the head, and the layer below has its name still.
fn kept(slot: &Slot, manifest: &Manifest) -> Result<Option<CheckpointRecord>> {
    match manifest.below_head().and_then(|below| manifest.checkpoint_of(below)) {
        Some(record) if layer::is_empty(&slot.folder, manifest, &manifest.head)? => Ok(Some(record.clone())),
        _ => Ok(None),
    }
}

/// What going back to `chosen` takes.
fn way_back(slot: &Slot, manifest: &Manifest, chosen: &CheckpointRecord) -> Result<Intent> {
    let unchanged = kept(slot, manifest)?.is_some();
    let keep = if unchanged { None } else { Some(new_record(manifest, None, Some("before going back"))?) };
    Ok(Intent::Restore {
        from: manifest.head.clone(),
        onto: chosen.layer.clone(),
        overlay: LayerId::random().map_err(|e| internal("make a layer's id", &e))?,
        keep,
    })
}

/// The checkpoint as everybody sees it.
pub(crate) fn describe(slot: &Slot, manifest: &Manifest, record: &CheckpointRecord) -> Checkpoint {
    let current = manifest.checkpoint_below(&manifest.head).is_some_and(|below| below.id == record.id);
    Checkpoint {
        id: record.id.clone(),
        volume_id: slot.id.clone(),
        name: record.name.clone(),
        parent: manifest.checkpoint_below(&record.layer).map(|below| below.id.clone()),
        created_at: record.created_at,
        automatic: record.automatic,
        crash_consistent: record.crash_consistent,
        current,
        disk_bytes: layer::disk_bytes(&slot.folder, &record.layer),
    }
}
