//! Volumes: create, list, rename, grow, delete.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_block::qcow2::{Access, Image};
use cairn_ext4::{FormatOptions, Timestamp};
use time::OffsetDateTime;

use crate::convert::{block_error, ext4_error, io_error};
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::id::{LayerId, VolumeId};
use crate::intent;
use crate::layer;
use crate::lease;
use crate::manifest::{self, Intent, Manifest, layer_path};
use crate::model::{EventKind, NewVolume, Volume, VolumeChange, VolumeStatus};
use crate::mount::stand_in;
use crate::name;
use crate::size::Bytes;
use crate::slot::Slot;
use crate::store::internal;
use crate::sync;
use crate::trash;
use crate::usage;

/// The smallest quota: below this, a filesystem with a journal has no room for files.
pub const MIN_QUOTA_BYTES: u64 = 16 << 20;
/// The largest quota: the end of ext4 with blocks of 4 KiB and 32-bit block numbers in a group's accounts.
pub const MAX_QUOTA_BYTES: u64 = 16 << 40;

/// What the folder of a volume that is being made is called, before its id.
pub(crate) const UNFINISHED: &str = ".new-";

/// The longest label that ext4 has room for, in bytes.
const MAX_LABEL_BYTES: usize = 16;

impl Engine {
    /// Creates a volume with an empty filesystem.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a bad name or quota, [`ErrorKind::AlreadyExists`] when the name is taken.
    #[tracing::instrument(skip_all, fields(name = %new.name, quota_bytes = new.quota_bytes), err(level = "info"))]
    pub async fn volume_create(&self, new: NewVolume) -> Result<Volume> {
        let name = name::check("volume", &new.name)?;
        check_quota(new.quota_bytes)?;
        let engine = self.clone();
        self.run(async move {
            let _naming = engine.inner.naming.lock().await;
            engine.refuse_taken_name(&name, None)?;
            let volumes = engine.inner.store.volumes();
            let fill = move |folder: &Path, id| fill(folder, id, &name, new.quota_bytes);
            let manifest = blocking(move || build(&volumes, fill)).await?;
            engine.enrol(manifest).await
        })
        .await
    }

    /// All volumes, by name.
    ///
    /// # Errors
    /// When the engine is closed.
    pub async fn volume_list(&self) -> Result<Vec<Volume>> {
        self.refuse_when_closed()?;
        let engine = self.clone();
        let mut volumes: Vec<Volume> =
            blocking(move || Ok(engine.slots().iter().map(|slot| engine.look_at(slot)).collect())).await?;
        volumes.sort_by(|a, b| a.name.to_lowercase().cmp(&b.name.to_lowercase()).then_with(|| a.name.cmp(&b.name)));
        Ok(volumes)
    }

    /// The volume with this id or name.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    pub async fn volume_get(&self, volume: &str) -> Result<Volume> {
        let slot = self.slot(volume)?;
        self.describe(slot).await
    }

    /// Renames a volume, or grows it, or both.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a bad name, or a quota that is smaller than the present one;
    /// [`ErrorKind::AlreadyExists`] when the name is taken; [`ErrorKind::InUse`] when machines read a volume
    /// that is to grow; [`ErrorKind::Guest`] when the guest that writes it cannot let its filesystem grow now.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn volume_update(&self, volume: &str, change: VolumeChange) -> Result<Volume> {
        let slot = self.slot(volume)?;
        let name = change.name.as_deref().map(|name| name::check("volume", name)).transpose()?;
        if let Some(quota_bytes) = change.quota_bytes {
            check_quota(quota_bytes)?;
        }
        let engine = self.clone();
        self.run(async move {
            let _naming = engine.inner.naming.lock().await;
            if let Some(name) = &name {
                engine.refuse_taken_name(name, Some(&slot.id))?;
            }
            let structure = slot.structure.lock().await;
            if let Some(quota_bytes) = change.quota_bytes {
                engine.grow(&slot, quota_bytes).await?;
            }
            if let Some(name) = name {
                engine.rename(&slot, name).await?;
            }
            drop(structure);
            engine.tell(EventKind::VolumeChanged { volume_id: slot.id.clone() });
            engine.describe(slot).await
        })
        .await
    }

    /// Moves a volume to the trash, from where [`volume_undelete`](Self::volume_undelete) brings it back, and from
    /// where it goes for good after some days.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`] while a machine has anything of it.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn volume_delete(&self, volume: &str) -> Result<()> {
        self.move_to_trash(volume).await.map(drop)
    }

    /// The same; answers where in the trash it is.
    pub(crate) async fn move_to_trash(&self, volume: &str) -> Result<PathBuf> {
        let slot = self.slot(volume)?;
        let engine = self.clone();
        self.run(async move {
            let _structure = slot.structure.lock().await;
            let _alone = slot.gate.write(&slot.name(), "it is being deleted").await?;
            if let Ok(manifest) = slot.manifest() {
                lease::nobody_has(&manifest, &engine.vm_names())?;
            }
            engine.refuse_when_gone(&slot)?;
            let (trash, folder, id) = (engine.inner.store.trash(), slot.folder.clone(), slot.id.clone());
            let place = blocking(move || trash::take(&trash, &folder, &id)).await?;
            tracing::info!(volume = %slot.id, place = %place.display(), "volume deleted");
            engine.inner.index.remove_name(&slot.name());
            engine.inner.index.remove_usage(&slot.id);
            slot.mark_deleted();
            sync::write(&engine.inner.volumes).remove(&slot.id);
            let (worker, deleted) = (engine.clone(), slot.id.clone());
            blocking(move || {
                worker.forget_uploads_of(&deleted);
                Ok(())
            })
            .await?;
            engine.tell(EventKind::VolumeDeleted { volume_id: slot.id.clone() });
            engine.tell(EventKind::TrashChanged);
            Ok(place)
        })
        .await
    }

    /// Takes a volume that was just made among the others.
    pub(crate) async fn enrol(&self, manifest: Manifest) -> Result<Volume> {
        let slot = self.enrol_now(manifest);
        self.describe(slot).await
    }

    /// The same, where nobody waits for what it looks like.
    pub(crate) fn enrol_now(&self, manifest: Manifest) -> Arc<Slot> {
        let (id, name) = (manifest.id.clone(), manifest.name.clone());
        let slot = Slot::new(id.clone(), self.inner.store.volume(&id), Ok(manifest));
        sync::write(&self.inner.volumes).insert(id.clone(), slot.clone());
        self.inner.index.set_name(&name, &id);
        tracing::info!(volume = %id, "volume created");
        self.tell(EventKind::VolumeChanged { volume_id: id });
        slot
    }

    /// The volume as everybody sees it.
    pub(crate) async fn describe(&self, slot: Arc<Slot>) -> Result<Volume> {
        let engine = self.clone();
        blocking(move || Ok(engine.look_at(&slot))).await
    }

    /// Remembers what the volume's files take up now. Nobody may be writing the head. Blocks on the disk.
    pub(crate) fn count_usage(&self, slot: &Slot) {
        let counted = slot.manifest().and_then(|manifest| usage::count(slot, &manifest, &self.inner.index));
        if let Err(error) = counted {
            tracing::warn!(volume = %slot.id, %error, "what the volume takes up could not be counted");
        }
    }

    fn look_at(&self, slot: &Slot) -> Volume {
        let manifest = match slot.manifest() {
            Ok(manifest) => manifest,
            Err(error) => return self.unusable(slot, &error),
        };
        let (used_bytes, error) = match usage::used_bytes(slot, &manifest, &self.inner.index) {
            Ok(used_bytes) => (used_bytes, None),
            Err(error) => (0, Some(error.to_string())),
        };
        let status = match (&error, manifest.mounts.is_empty()) {
            (Some(_), _) => VolumeStatus::Error,
            (None, true) => VolumeStatus::Available,
            (None, false) => VolumeStatus::InUse,
        };
        Volume {
            id: slot.id.clone(),
            name: manifest.name.clone(),
            quota_bytes: manifest.quota_bytes,
            used_bytes,
            disk_bytes: manifest.layers.keys().map(|layer| layer::disk_bytes(&slot.folder, layer)).sum::<u64>()
                + layer::base_bytes(&slot.folder, &manifest)
                + stand_in::disk_bytes(&slot.folder),
            status,
            created_at: manifest.created_at,
            checkpoint_count: manifest.checkpoints.len(),
            mounts: self.mounts_of(&manifest),
            error,
        }
    }

    /// A volume whose manifest or layers cannot be read.
    fn unusable(&self, slot: &Slot, error: &Error) -> Volume {
        Volume {
            id: slot.id.clone(),
            name: self.inner.index.name_of(&slot.id).unwrap_or_else(|| slot.id.to_string()),
            quota_bytes: 0,
            used_bytes: 0,
            disk_bytes: 0,
            status: VolumeStatus::Error,
            created_at: OffsetDateTime::UNIX_EPOCH,
            checkpoint_count: 0,
            mounts: Vec::new(),
            error: Some(error.to_string()),
        }
    }

    pub(crate) fn refuse_taken_name(&self, name: &str, except: Option<&VolumeId>) -> Result<()> {
        match self.slots().iter().find(|slot| slot.name() == name && Some(&slot.id) != except) {
            Some(_) => Err(Error::new(ErrorKind::AlreadyExists, format!("There is a volume '{name}' already."))
                .with_hint("Choose another name.")),
            None => Ok(()),
        }
    }

    /// `wanted`, with a number when a volume is called so already. The caller has the naming.
    pub(crate) fn free_volume_name(&self, wanted: &str) -> Result<String> {
        let taken: Vec<String> = self.slots().iter().map(|slot| slot.name()).collect();
        let free = name::free(wanted, |name| taken.iter().any(|taken| taken == name));
        name::check("volume", &free).map_err(|_| {
            Error::new(ErrorKind::InvalidInput, format!("A new volume cannot be called '{free}', which is too long."))
                .with_hint("Give it a shorter name of your own.")
        })
    }

    fn refuse_when_gone(&self, slot: &Slot) -> Result<()> {
        if sync::read(&self.inner.volumes).contains_key(&slot.id) { Ok(()) } else { slot.manifest().map(drop) }
    }

    async fn rename(&self, slot: &Arc<Slot>, name: String) -> Result<()> {
        let (old, renamed, new) = (slot.name(), slot.clone(), name.clone());
        blocking(move || renamed.commit(|manifest| manifest.name = new).map(drop)).await?;
        self.inner.index.remove_name(&old);
        self.inner.index.set_name(&name, &slot.id);
        Ok(())
    }

    async fn grow(&self, slot: &Arc<Slot>, quota_bytes: u64) -> Result<()> {
        let manifest = slot.manifest()?;
        if quota_bytes == manifest.quota_bytes {
            return Ok(());
        }
        if quota_bytes < manifest.quota_bytes {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!(
                    "The volume '{}' has {} and cannot shrink to {}.",
                    manifest.name,
                    Bytes(manifest.quota_bytes),
                    Bytes(quota_bytes)
                ),
            )
            .with_hint("Create a smaller volume and copy the files."));
        }
        if lease::writer(&manifest).is_some() {
            return self.grow_live(slot, &manifest, quota_bytes).await;
        }
        let alone = slot.gate.write(&manifest.name, "it is growing").await?;
        lease::may_write_head(&manifest, &self.vm_names())?;
        let (engine, slot) = (self.clone(), slot.clone());
        blocking(move || {
            let _alone = alone;
            layer::try_to_grow(&slot.folder, &manifest, quota_bytes)?;
            intent::perform(&slot, &Intent::Grow { quota_bytes })?;
            engine.count_usage(&slot);
            Ok(())
        })
        .await
    }
}

pub(crate) fn check_quota(quota_bytes: u64) -> Result<()> {
    let problem = if quota_bytes < MIN_QUOTA_BYTES {
        format!("A volume needs at least {}; {} is too small.", Bytes(MIN_QUOTA_BYTES), Bytes(quota_bytes))
    } else if quota_bytes > MAX_QUOTA_BYTES {
        format!("A volume can have at most {}; {} is too large.", Bytes(MAX_QUOTA_BYTES), Bytes(quota_bytes))
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::InvalidInput, problem).with_hint("Choose a quota such as 10 GiB."))
}

/// Makes a volume's folder beside the others, has it filled, and gives it its name when it is complete and durable.
pub(crate) fn build(volumes: &Path, fill: impl FnOnce(&Path, VolumeId) -> Result<Manifest>) -> Result<Manifest> {
    build_as(volumes, VolumeId::random().map_err(|e| internal("make an id", &e))?, fill)
}

/// The same, of a volume whose id is known already.
pub(crate) fn build_as(
    volumes: &Path,
    id: VolumeId,
    fill: impl FnOnce(&Path, VolumeId) -> Result<Manifest>,
) -> Result<Manifest> {
    let unfinished = volumes.join(format!("{UNFINISHED}{id}"));
    let filled = durable::create_private_folder(&unfinished)
        .inspect(|()| fault::point("folder made"))
        .map_err(|e| io_error("make the volume's folder", &unfinished, &e))
        .and_then(|()| fill(&unfinished, id));
    let named = filled.and_then(|manifest| {
        std::fs::rename(&unfinished, volumes.join(manifest.id.as_str()))
            .inspect(|()| fault::point("folder named"))
            .and_then(|()| durable::sync_folder(volumes))
            .map_err(|e| io_error("name the volume's folder", &unfinished, &e))?;
        Ok(manifest)
    });
    named.inspect_err(|_| {
        // What cannot be removed now goes at the next start.
        let _ = std::fs::remove_dir_all(&unfinished);
    })
}

/// A head with an empty filesystem.
pub(crate) fn fill(folder: &Path, id: VolumeId, name: &str, quota_bytes: u64) -> Result<Manifest> {
    let head = LayerId::random().map_err(|e| internal("make an id", &e))?;
    let record = layer::create(folder, &head, None, quota_bytes)?;
    let image = Image::open(&layer_path(folder, &head), Access::ReadWrite)
        .map_err(|e| block_error("open the new volume", &e))?;
    cairn_ext4::format(&image, &new_filesystem(label(name))?)
        .map_err(|e| ext4_error("make the new volume's filesystem", &e))?;
    drop(image);
    fault::point("filesystem made");
    let manifest = Manifest::of_new(id, name, quota_bytes, (head, record));
    manifest::save(folder, &manifest)?;
    Ok(manifest)
}

/// A filesystem that is like no other, to be made now.
pub(crate) fn new_filesystem(label: &str) -> Result<FormatOptions> {
    let random = || {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|e| internal("make a filesystem's identity", &e)).map(|()| bytes)
    };
    Ok(FormatOptions { label: label.to_owned(), uuid: random()?, hash_seed: random()?, now: Timestamp::now() })
}

/// As much of the volume's name as a filesystem's label can hold.
fn label(name: &str) -> &str {
    let mut end = name.len().min(MAX_LABEL_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}
