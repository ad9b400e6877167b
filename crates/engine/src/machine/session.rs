//! The session disk: what a machine writes to, on top of its image. Thrown away when the machine stops, or kept.
//!
//! Its file is `<layer>.session.qcow2` in the machine's folder. One that `vm.json` does not name is rubbish.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_vm::{DiskFormat, create_overlay, inspect_image};

use super::model::SessionDisk;
use super::record::{Base, Managed, SESSION_ENDING, Session, Stamp, session_file};
use super::{MachineSlot, registry};
use crate::convert::{io_error, vm_error};
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::id::LayerId;
use crate::snapshot;
use crate::store::{Store, internal};
use crate::sync;

/// What a session disk stands on, as it is now.
pub(super) struct Ground {
    /// The images below it, the uppermost first.
    below: Vec<(PathBuf, DiskFormat)>,
    /// What its header names as the file below it.
    backing: Option<(String, DiskFormat)>,
    /// The size of the disk that they show, in bytes.
    virtual_size: u64,
    /// The same base, with the image's stamp of now.
    base: Base,
}

impl Engine {
    /// The session disk of a machine that is about to start: the one that was kept, or a new one.
    pub(super) async fn prepare_session(
        &self,
        slot: &Arc<MachineSlot>,
        managed: &Managed,
    ) -> Result<Option<cairn_vm::SessionDisk>> {
        let Some(base) = &managed.base else { return Ok(None) };
        if let (SessionDisk::Keep, Some(session)) = (managed.session_disk, &managed.session) {
            let path = slot.folder.join(session_file(&session.layer));
            if !path.is_file() {
                let message =
                    format!("The session disk {} of the machine '{}' is missing.", path.display(), slot.name());
                return Err(Error::new(ErrorKind::Corrupt, message)
                    .with_hint("Put it back from a backup, or create the machine anew."));
            }
            let ground = ground(&self.inner.store, &session.base, true).await?;
            return Ok(Some(cairn_vm::SessionDisk { path, below: ground.below }));
        }
        let ground = ground(&self.inner.store, base, false).await?;
        let session = self.new_session(slot, &ground, managed.disk_bytes.max(ground.virtual_size)).await?;
        let path = slot.folder.join(session_file(&session.layer));
        let (saved, named) = (slot.clone(), session);
        blocking(move || {
            registry::change(&saved, |managed| managed.session = Some(named))?;
            remove_unnamed(&saved);
            Ok(())
        })
        .await?;
        fault::point("session disk named");
        Ok(Some(cairn_vm::SessionDisk { path, below: ground.below }))
    }

    async fn new_session(&self, slot: &Arc<MachineSlot>, ground: &Ground, virtual_size: u64) -> Result<Session> {
        let layer = LayerId::random().map_err(|e| internal("make a layer's id", &e))?;
        let backing = ground.backing.as_ref().map(|(name, format)| (name.as_str(), *format));
        make_session_file(&slot.folder, &layer, backing, virtual_size).await?;
        Ok(Session { layer, base: ground.base.clone(), virtual_size })
    }

    /// The machine has stopped: its session disk goes, unless it is to be kept. What was left over goes, too.
    pub(super) async fn end_session(&self, slot: &Arc<MachineSlot>) -> Result<()> {
        let slot = slot.clone();
        blocking(move || {
            let Some(managed) = sync::lock(&slot.record).managed().cloned() else { return Ok(()) };
            if managed.session_disk == SessionDisk::Discard && managed.session.is_some() {
                registry::change(&slot, |managed| managed.session = None)?;
            }
            remove_unnamed(&slot);
            Ok(())
        })
        .await
    }
}

/// Makes an empty session disk, complete and durable when it has its name.
pub(crate) async fn make_session_file(
    folder: &Path,
    layer: &LayerId,
    backing: Option<(&str, DiskFormat)>,
    virtual_size: u64,
) -> Result<()> {
    let path = folder.join(session_file(layer));
    let unfinished = folder.join(unfinished_file(layer));
    create_overlay(&unfinished, backing, virtual_size).await.map_err(|e| vm_error("make a session disk", &e))?;
    fault::point("session disk made");
    blocking(move || {
        durable::sync_file(&unfinished)
            .and_then(|()| durable::rename(&unfinished, &path))
            .map_err(|e| io_error("make a session disk", &path, &e))
    })
    .await
}

/// The name of a session disk's file while it is made.
pub(crate) fn unfinished_file(layer: &LayerId) -> String {
    format!("{layer}.unfinished")
}

/// What is below a session disk or snapshot with this base. An image `must_be` as it was when something was put on it.
pub(super) async fn ground(store: &Store, base: &Base, must_be: bool) -> Result<Ground> {
    let (mut below, mut backing, mut virtual_size) = (Vec::new(), None, 0);
    let mut next = base.clone();
    // What a new session disk puts on an image is on the image of today.
    let mut must_be = must_be;
    while let Base::Snapshot { id } = &next {
        let record = snapshot::load(store, id)?;
        let path = snapshot::disk(store, id);
        backing = backing.or_else(|| Some((format!("../../{}", snapshot::relative_disk(id)), DiskFormat::Qcow2)));
        virtual_size = virtual_size.max(record.virtual_size);
        below.push((path, DiskFormat::Qcow2));
        (next, must_be) = (record.base, true);
    }
    let mut same = base.clone();
    if let Base::Image { path, stamp, .. } = &next {
        let now = Stamp::of(path).map_err(|error| error.with_hint("Put the image back to where it was."))?;
        if must_be && now != *stamp {
            let message =
                format!("The image {} has been changed since something was put on top of it.", path.display());
            return Err(Error::new(ErrorKind::Corrupt, message)
                .with_hint("Put the image back as it was; with another one below it, the disk would make no sense."));
        }
        let image = inspect_image(path).await.map_err(|e| vm_error("use the image", &e))?;
        let name = path.to_str().unwrap_or_default().to_owned();
        backing = backing.or(Some((name, image.format)));
        virtual_size = virtual_size.max(image.virtual_size);
        below.push((path.clone(), image.format));
        if matches!(base, Base::Image { .. }) {
            same = Base::Image { path: path.clone(), format: image.format, stamp: now };
        }
    }
    Ok(Ground { below, backing, virtual_size, base: same })
}

/// Removes session disks that `vm.json` does not name. The machine does not run: what has become a snapshot keeps its
/// first name until then.
pub(crate) fn remove_unnamed(slot: &MachineSlot) {
    let record = sync::lock(&slot.record).clone();
    let named = |name: &str| {
        record.managed().is_some_and(|managed| {
            let session = managed.session.as_ref().map(|session| &session.layer);
            let overlay = managed.freezing.as_ref().map(|freezing| &freezing.overlay);
            session.into_iter().chain(overlay).any(|layer| session_file(layer) == name)
        })
    };
    let Ok(entries) = std::fs::read_dir(&slot.folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let is_ours = name.ends_with(SESSION_ENDING) || name.ends_with(".unfinished");
        if is_ours
            && !named(name)
            && let Err(error) = durable::remove_if_there(&entry.path())
        {
            tracing::warn!(%error, name, "a session disk that nobody needs stays");
        }
    }
}
