//! A session disk becomes a snapshot, and an empty overlay on it the session disk: in constant time, also while the
//! machine runs.
//!
//! ```text
//! vms/<vm>/A.session.qcow2                         snapshots/<id>/disk.qcow2      the same file
//!                             ──────────────►           ▲
//!                                                  vms/<vm>/B.session.qcow2      an empty overlay
//! ```
//!
//! Intent in `vm.json`, then a second name for the file and the overlay, then QEMU is asked to write there, then the
//! snapshot gets its place among the others, then `vm.json` follows. Rolling forward is always safe, since an empty
//! overlay equals what it stands on; only a machine that runs and does not write to the overlay is rolled back.

use std::path::Path;
use std::sync::Arc;

use cairn_vm::{DiskFormat, Machine, SESSION_SERIAL};
use time::OffsetDateTime;
use time::macros::format_description;

use super::record::{Like, SnapshotRecord, UNFINISHED, disk_in, folder, load_all, relative_disk, unfinished_folder};
use crate::convert::{io_error, vm_error};
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::id::{LayerId, SnapshotId};
use crate::machine::model::Firmware;
use crate::machine::record::{Base, Freezing, Managed, Session, session_file};
use crate::machine::{MachineSlot, firmware, registry, session};
use crate::model::{EventKind, NoticeLevel, Snapshot, VmState};
use crate::name;
use crate::store::{Store, internal};

impl Engine {
    /// Freezes a machine's session disk as a snapshot, under `name` or a name made from the time.
    ///
    /// While the machine runs, what its guest has mounted from that disk is frozen for that moment; where that cannot
    /// be done, the snapshot is marked as crash-consistent. The machine goes on as before.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a bad name, [`ErrorKind::AlreadyExists`] for one that is taken,
    /// [`ErrorKind::Conflict`] when the machine has no session disk now.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn snapshot_create(&self, vm: &str, name: Option<String>) -> Result<Snapshot> {
        let slot = self.machine_slot(vm)?;
        let name = name.as_deref().map(|name| name::check("snapshot", name)).transpose()?;
        let engine = self.clone();
        self.run(async move {
            let _snapshots = engine.inner.snapshots.lock().await;
            let name = free_name(&engine.inner.store, &slot.name(), name)?;
            let _turn = slot.turn.lock().await;
            let id = engine.freeze_session(&slot, name).await?;
            engine.tell(EventKind::SnapshotsChanged);
            engine.tell(EventKind::VmChanged { vm_id: slot.id.clone() });
            engine.snapshot_get(id.as_str()).await
        })
        .await
    }

    async fn freeze_session(&self, slot: &Arc<MachineSlot>, name: String) -> Result<SnapshotId> {
        // One that was cut short comes first.
        self.settle_snapshot(slot).await;
        let record = slot.record();
        let session = session_of(slot, record.managed())?;
        if record.managed().is_some_and(|managed| managed.freezing.is_some()) {
            let message = format!("An earlier snapshot of the machine '{}' is not finished.", record.name);
            return Err(
                Error::new(ErrorKind::Conflict, message).with_hint("Look into the notices, or stop the machine.")
            );
        }
        if slot.state() == VmState::Error {
            return Err(Error::new(ErrorKind::Conflict, format!("The machine '{}' cannot be reached.", record.name)));
        }
        let freezing = Freezing {
            snapshot: SnapshotId::random().map_err(|e| internal("make a snapshot's id", &e))?,
            name,
            overlay: LayerId::random().map_err(|e| internal("make a layer's id", &e))?,
            created_at: OffsetDateTime::now_utc(),
        };
        let (noted, intent) = (slot.clone(), freezing.clone());
        blocking(move || registry::change(&noted, |managed| managed.freezing = Some(intent))).await?;
        fault::point("snapshot intent recorded");
        let crash_consistent = match self.switch_session(slot, &session, &freezing).await {
            Ok(crash_consistent) => crash_consistent,
            Err(error) => {
                self.undo_snapshot(slot, &freezing).await?;
                return Err(error);
            }
        };
        self.finish_snapshot(slot, freezing.clone(), crash_consistent).await?;
        Ok(freezing.snapshot)
    }

    /// Makes the overlay, and has a running machine write there; answers whether nothing was frozen for it.
    async fn switch_session(&self, slot: &Arc<MachineSlot>, session: &Session, freezing: &Freezing) -> Result<bool> {
        let (store, folder) = (self.inner.store.clone(), slot.folder.clone());
        let (id, layer) = (freezing.snapshot.clone(), session.layer.clone());
        blocking(move || give_second_name(&store, &folder, &id, &layer)).await?;
        fault::point("session disk has a second name");
        let backing = format!("../../{}", relative_disk(&freezing.snapshot));
        let backing = Some((backing.as_str(), DiskFormat::Qcow2));
        session::make_session_file(&slot.folder, &freezing.overlay, backing, session.virtual_size).await?;
        fault::point("before the machine writes elsewhere");
        let Some(machine) = slot.machine() else { return Ok(false) };
        let overlay = slot.folder.join(session_file(&freezing.overlay));
        let taken = machine.checkpoint_session_disk(overlay, self.inner.longest_freeze).await;
        fault::point("the machine writes elsewhere");
        match taken {
            Ok(taken) => Ok(taken.frozen_for.is_none()),
            // An answer that was lost does not mean that nothing was done.
            Err(error) => match writes_to(&machine, freezing).await {
                Some(false) => Err(vm_error(&format!("take a snapshot of '{}'", slot.name()), &error)),
                _ => Ok(true),
            },
        }
    }

    /// The snapshot gets its place, then the machine's record follows. Each step may have been done already.
    async fn finish_snapshot(&self, slot: &Arc<MachineSlot>, freezing: Freezing, crash_consistent: bool) -> Result<()> {
        let (store, slot) = (self.inner.store.clone(), slot.clone());
        blocking(move || {
            let record = slot.record();
            let Some(session) = record.managed().and_then(|managed| managed.session.clone()) else { return Ok(()) };
            if !folder(&store, &freezing.snapshot).exists() {
                put_in_place(&store, &slot, &freezing, crash_consistent)?;
            }
            fault::point("snapshot has its name");
            let base = Base::Snapshot { id: freezing.snapshot.clone() };
            let next = Session { layer: freezing.overlay.clone(), base, virtual_size: session.virtual_size };
            registry::change(&slot, |managed| {
                managed.session = Some(next);
                managed.freezing = None;
            })?;
            fault::point("machine stands on the snapshot");
            // QEMU opens a file again by the name that it knows, and knows the first one.
            if slot.machine().is_none() {
                session::remove_unnamed(&slot);
            }
            Ok(())
        })
        .await
    }

    /// Nothing of it stays.
    async fn undo_snapshot(&self, slot: &Arc<MachineSlot>, freezing: &Freezing) -> Result<()> {
        let (store, slot, id) = (self.inner.store.clone(), slot.clone(), freezing.snapshot.clone());
        let overlay = freezing.overlay.clone();
        blocking(move || {
            registry::change(&slot, |managed| managed.freezing = None)?;
            for name in [session_file(&overlay), session::unfinished_file(&overlay)] {
                let path = slot.folder.join(name);
                durable::remove_if_there(&path)
                    .map_err(|e| io_error("remove an overlay that is not needed", &path, &e))?;
            }
            // What stays is removed at the next start.
            let _ = std::fs::remove_dir_all(unfinished_folder(&store, &id));
            Ok(())
        })
        .await
    }

    /// Finishes or undoes a snapshot of this machine that was being made.
    pub(crate) async fn settle_snapshot(&self, slot: &Arc<MachineSlot>) {
        let record = slot.record();
        let Some(freezing) = record.managed().and_then(|managed| managed.freezing.clone()) else { return };
        if slot.state() == VmState::Error {
            return;
        }
        let settled = async {
            let is_placed = folder(&self.inner.store, &freezing.snapshot).exists();
            let is_prepared = slot.folder.join(session_file(&freezing.overlay)).is_file();
            let switched = match slot.machine() {
                Some(machine) => writes_to(&machine, &freezing).await.unwrap_or(true),
                None => true,
            };
            if is_placed || (is_prepared && switched) {
                self.finish_snapshot(slot, freezing.clone(), true).await
            } else {
                self.undo_snapshot(slot, &freezing).await
            }
        };
        if let Err(error) = settled.await {
            let sentence = format!("A snapshot of the machine '{}' could not be finished or undone.", slot.name());
            self.inner.events.notice(NoticeLevel::Error, format!("{sentence} {error}"));
        }
    }

    /// Removes what was never finished, and what was being deleted. Nobody is making a snapshot.
    pub(crate) fn forget_unfinished_snapshots(&self) {
        let pending: Vec<SnapshotId> = self
            .machine_slots()
            .iter()
            .filter_map(|slot| Some(slot.record().managed()?.freezing.as_ref()?.snapshot.clone()))
            .collect();
        let Ok(entries) = std::fs::read_dir(self.inner.store.snapshots()) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(id) = name.to_str().and_then(|name| name.strip_prefix(UNFINISHED)) else { continue };
            if !pending.iter().any(|pending| pending.as_str() == id)
                && let Err(error) = std::fs::remove_dir_all(entry.path())
            {
                tracing::warn!(%error, id, "an unfinished snapshot stays");
            }
        }
    }
}

/// The session disk that can be frozen.
fn session_of(slot: &MachineSlot, managed: Option<&Managed>) -> Result<Session> {
    let name = slot.name();
    let Some(managed) = managed.filter(|managed| managed.base.is_some()) else {
        return Err(Error::new(ErrorKind::Conflict, format!("The machine '{name}' has no disk of its own."))
            .with_hint("What is to be kept belongs on a volume."));
    };
    managed.session.clone().ok_or_else(|| {
        Error::new(ErrorKind::Conflict, format!("The machine '{name}' has no session disk now: it is not running."))
            .with_hint("Start it first.")
    })
}

/// Whether the machine writes to the overlay; `None` when it does not say.
async fn writes_to(machine: &Machine, freezing: &Freezing) -> Option<bool> {
    let disks = machine.disks().await.ok()?;
    let own = disks.iter().find(|disk| disk.serial == SESSION_SERIAL)?;
    Some(own.path.file_name().is_some_and(|name| *name == *session_file(&freezing.overlay)))
}

/// Session disk and snapshot are one file from now on.
fn give_second_name(store: &Store, vm: &Path, id: &SnapshotId, layer: &LayerId) -> Result<()> {
    let folder = unfinished_folder(store, id);
    let (from, to) = (vm.join(session_file(layer)), disk_in(&folder));
    durable::create_private_folder(&folder).map_err(|e| io_error("make the snapshot's folder", &folder, &e))?;
    std::fs::hard_link(&from, &to).map_err(|e| io_error("make the session disk a snapshot", &from, &e))
}

fn put_in_place(store: &Store, slot: &MachineSlot, freezing: &Freezing, crash_consistent: bool) -> Result<()> {
    let record = slot.record();
    let Some(managed) = record.managed() else { return Ok(()) };
    let session = session_of(slot, Some(managed))?;
    let unfinished = unfinished_folder(store, &freezing.snapshot);
    let path = disk_in(&unfinished);
    durable::sync_file(&path).map_err(|e| io_error("write the snapshot to the disk", &path, &e))?;
    let variables = slot.folder.join(firmware::VARIABLES);
    if managed.firmware == Firmware::Uefi && variables.exists() {
        firmware::copy(&variables, &unfinished.join(firmware::VARIABLES))?;
    }
    let described = SnapshotRecord {
        format: SnapshotRecord::FORMAT,
        id: freezing.snapshot.clone(),
        name: freezing.name.clone(),
        created_at: freezing.created_at,
        vm: record.id.clone(),
        vm_name: record.name.clone(),
        base: session.base,
        virtual_size: session.virtual_size,
        crash_consistent,
        machine: Like {
            memory_mib: record.memory_mib,
            cpus: record.cpus,
            kernel: managed.kernel.clone(),
            firmware: managed.firmware,
            has_agent: managed.has_agent,
        },
    };
    described.save(&unfinished)?;
    fault::point("snapshot described");
    let place = folder(store, &freezing.snapshot);
    durable::rename(&unfinished, &place).map_err(|e| io_error("give the snapshot its place", &place, &e))
}

/// The name that was asked for, if it is free, or one made from the machine's and the time.
fn free_name(store: &Store, vm: &str, wanted: Option<String>) -> Result<String> {
    let taken: Vec<String> = load_all(store)?.into_iter().map(|record| record.name).collect();
    let is_taken = |name: &str| taken.iter().any(|taken| taken == name);
    match wanted {
        Some(name) if is_taken(&name) => {
            Err(Error::new(ErrorKind::AlreadyExists, format!("There is a snapshot '{name}' already."))
                .with_hint("Choose another name."))
        }
        Some(name) => Ok(name),
        None => {
            let now = OffsetDateTime::now_local().unwrap_or_else(|_| OffsetDateTime::now_utc());
            let format = format_description!("[year]-[month]-[day] [hour].[minute].[second]");
            let time = now.format(&format).map_err(|e| internal("make a name from the time", &e))?;
            let wanted = name::check("snapshot", &format!("{vm} {time}")).unwrap_or(time);
            Ok(name::free(&wanted, is_taken))
        }
    }
}
