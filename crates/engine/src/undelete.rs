//! Bringing deleted volumes back, and letting them go for good.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use crate::convert::io_error;
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::id::VolumeId;
use crate::layer;
use crate::manifest::{self, Manifest};
use crate::model::{EventKind, Volume};
use crate::name;
use crate::slot::Slot;
use crate::sync;
use crate::trash::{self, Deleted};

/// How often somebody looks whether a deleted volume's days are over.
const LOOK: Duration = Duration::from_secs(60 * 60);

/// A deleted volume that can be brought back.
#[derive(Clone, Debug)]
pub struct DeletedVolume {
    /// Its identity, which it keeps.
    pub id: VolumeId,
    /// The name that it had; its id when that cannot be read.
    pub name: String,
    /// Size of its disk in bytes.
    pub quota_bytes: u64,
    /// Bytes that it takes up on the host's disk, shared ones included.
    pub disk_bytes: u64,
    /// How many checkpoints come back with it.
    pub checkpoint_count: usize,
    /// When it was deleted.
    pub deleted_at: OffsetDateTime,
    /// When it goes for good.
    pub expires_at: OffsetDateTime,
    /// Why it would be of no use, as a sentence.
    pub error: Option<String>,
}

/// The deleted volumes, and how long they stay.
#[derive(Clone, Debug)]
pub struct Trash {
    /// For so many days a deleted volume can be brought back.
    pub keep_days: u32,
    /// The deleted volumes, the last one first.
    pub volumes: Vec<DeletedVolume>,
}

/// Looks again and again whether the days of something are over that waits, until the engine goes.
pub(crate) fn go_on_purging(engine: &Engine) {
    let (inner, closing) = (Arc::downgrade(&engine.inner), engine.inner.closing.clone());
    tokio::spawn(closing.run_until_cancelled_owned(async move {
        loop {
            tokio::time::sleep(LOOK).await;
            let Some(inner) = inner.upgrade() else { return };
            let engine = Engine { inner };
            if engine.refuse_when_closed().is_ok() {
                engine.purge_trash().await;
                let tidied = blocking(move || {
                    engine.forget_old_uploads();
                    Ok(())
                });
                let _ = tidied.await;
            }
        }
    }));
}

impl Engine {
    /// The deleted volumes that can be brought back, the last one first, and how long they stay.
    ///
    /// # Errors
    /// When the engine is closed.
    pub async fn trash_list(&self) -> Result<Trash> {
        self.refuse_when_closed()?;
        let trash = self.inner.store.trash();
        blocking(move || {
            let keep_days = trash::keep_days(&trash);
            let volumes = trash::list(&trash).iter().map(|deleted| describe(deleted, keep_days)).collect();
            Ok(Trash { keep_days, volumes })
        })
        .await
    }

    /// Brings a deleted volume back as it was, with its id and its checkpoints; under another `name` if one is given,
    /// else under its own, with a number behind it when that is taken by now. Of several that had the same name the one
    /// that was deleted last comes back.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none in the trash; [`ErrorKind::AlreadyExists`] when the given name is
    /// taken; [`ErrorKind::Corrupt`] when its manifest cannot be read.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn volume_undelete(&self, volume: &str, name: Option<&str>) -> Result<Volume> {
        let wanted = name.map(|name| name::check("volume", name)).transpose()?;
        let (engine, volume) = (self.clone(), volume.to_owned());
        self.run(async move {
            let _naming = engine.inner.naming.lock().await;
            if let Some(name) = &wanted {
                engine.refuse_taken_name(name, None)?;
            }
            let worker = engine.clone();
            let slot = blocking(move || {
                let deleted = worker.deleted(&volume)?;
                worker.bring_back(&deleted, wanted)
            })
            .await?;
            {
                let _structure = slot.structure.lock().await;
                engine.merge_in_passing(&slot).await;
            }
            tracing::info!(volume = %slot.id, "volume brought back");
            engine.tell(EventKind::TrashChanged);
            engine.tell(EventKind::VolumeChanged { volume_id: slot.id.clone() });
            engine.describe(slot).await
        })
        .await
    }

    /// Removes one deleted volume for good.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none in the trash.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn trash_remove(&self, volume: &str) -> Result<()> {
        let (engine, volume) = (self.clone(), volume.to_owned());
        self.remove_from_trash(move || Ok(vec![engine.deleted(&volume)?])).await.map(drop)
    }

    /// Removes all deleted volumes for good; answers how many there were.
    ///
    /// # Errors
    /// When one of them cannot be removed.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn trash_empty(&self) -> Result<usize> {
        let trash = self.inner.store.trash();
        self.remove_from_trash(move || Ok(trash::list(&trash))).await
    }

    /// From now on deleted volumes stay for so many days, also those that are in the trash already.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for more than ten years.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn trash_keep(&self, days: u32) -> Result<Trash> {
        let trash = self.inner.store.trash();
        self.run(blocking(move || trash::set_keep_days(&trash, days))).await?;
        self.purge_trash().await;
        self.tell(EventKind::TrashChanged);
        self.trash_list().await
    }

    /// Removes for good what has been deleted long enough ago.
    pub(crate) async fn purge_trash(&self) {
        let trash = self.inner.store.trash();
        if let Ok(1..) = blocking(move || Ok(trash::purge(&trash))).await {
            self.tell(EventKind::TrashChanged);
            // What was shared with it is no longer.
            self.slots().iter().for_each(|slot| self.merge_later(slot));
        }
    }

    async fn remove_from_trash(&self, which: impl FnOnce() -> Result<Vec<Deleted>> + Send + 'static) -> Result<usize> {
        let engine = self.clone();
        self.run(async move {
            // Nobody brings back meanwhile what is being removed.
            let _naming = engine.inner.naming.lock().await;
            let removed = blocking(move || {
                let which = which()?;
                which.iter().try_for_each(trash::remove)?;
                Ok(which.len())
            });
            let removed = removed.await;
            engine.tell(EventKind::TrashChanged);
            engine.slots().iter().for_each(|slot| engine.merge_later(slot));
            removed
        })
        .await
    }

    /// The deleted volume with this id or name.
    fn deleted(&self, volume: &str) -> Result<Deleted> {
        let all = trash::list(&self.inner.store.trash());
        let by_id = volume.parse::<VolumeId>().ok();
        let is_it = |deleted: &Deleted| match &by_id {
            Some(id) => deleted.id == *id,
            None => read(deleted).is_ok_and(|manifest| manifest.name == volume),
        };
        all.into_iter().find(is_it).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("There is no volume '{volume}' in the trash."))
                .with_hint("Look at the list of deleted volumes for its name or id.")
        })
    }

    /// Moves the volume's folder back and takes it among the others. The caller has the naming. Blocks on the disk.
    fn bring_back(&self, deleted: &Deleted, wanted: Option<String>) -> Result<Arc<Slot>> {
        let mut manifest = read(deleted)?;
        let place = self.inner.store.volume(&deleted.id);
        if place.exists() {
            let sentence = format!("The volume {} is in the store and in the trash.", deleted.id);
            return Err(Error::new(ErrorKind::Conflict, sentence).with_hint("Look at the store's folder."));
        }
        let name = match wanted {
            Some(name) => name,
            None => self.free_volume_name(&manifest.name)?,
        };
        if name != manifest.name {
            manifest.name.clone_from(&name);
            manifest.generation += 1;
            manifest::save(&deleted.folder, &manifest)?;
            fault::point("named in the trash");
        }
        put_back(&deleted.folder, &place)?;
        let slot = self.settled(&deleted.id, &place);
        sync::write(&self.inner.volumes).insert(slot.id.clone(), slot.clone());
        self.inner.index.set_name(&name, &slot.id);
        Ok(slot)
    }
}

fn put_back(folder: &Path, place: &Path) -> Result<()> {
    let sync_parent = |path: &Path| path.parent().map_or(Ok(()), durable::sync_folder);
    fault::point("before it is brought back");
    std::fs::rename(folder, place)
        .inspect(|()| fault::point("brought back"))
        .and_then(|()| sync_parent(place))
        .and_then(|()| sync_parent(folder))
        .map_err(|e| io_error("bring the volume back", folder, &e))
}

/// What is true of a deleted volume; nothing of it is changed.
fn read(deleted: &Deleted) -> Result<Manifest> {
    manifest::inspect(&deleted.folder, manifest::FILE_NAME, &deleted.id)
        .or_else(|_| manifest::inspect(&deleted.folder, manifest::PREVIOUS_NAME, &deleted.id))
        .map_err(|why| {
            Error::new(
                ErrorKind::Corrupt,
                format!("The manifest of the deleted volume {} is damaged: {why}.", deleted.id),
            )
            .with_hint("Its layers are untouched; copy what you need from its folder in the trash.")
        })
}

fn describe(deleted: &Deleted, keep_days: u32) -> DeletedVolume {
    let files = std::fs::read_dir(&deleted.folder).into_iter().flatten().flatten();
    let disk_bytes = files.map(|file| layer::allocated_bytes(&file.path())).sum();
    let (manifest, error) = match read(deleted) {
        Ok(manifest) => (Some(manifest), None),
        Err(error) => (None, Some(error.to_string())),
    };
    DeletedVolume {
        id: deleted.id.clone(),
        name: manifest.as_ref().map_or_else(|| deleted.id.to_string(), |manifest| manifest.name.clone()),
        quota_bytes: manifest.as_ref().map_or(0, |manifest| manifest.quota_bytes),
        disk_bytes,
        checkpoint_count: manifest.as_ref().map_or(0, |manifest| manifest.checkpoints.len()),
        deleted_at: deleted.at,
        expires_at: trash::expires_at(deleted.at, keep_days),
        error,
    }
}
