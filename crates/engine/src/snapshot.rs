//! Snapshots: a machine's session disk, frozen as a boot image that other machines start from.
//!
//! `snapshots/<id>/snapshot.json` is the truth about a snapshot, its disk lies beside it. Nothing of it is kept in
//! memory. Lock: [`Inner::snapshots`](crate::engine::Inner), by whoever makes or removes one, or puts a machine on one.

use crate::convert::io_error;
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::id::SnapshotId;
use crate::machine::record::{Base, disk_bytes};
use crate::model::{EventKind, Snapshot};
use crate::store::Store;

mod freeze;
mod record;

pub(crate) use record::{SnapshotRecord, disk, find, folder, load, load_all, relative_disk};

impl Engine {
    /// All snapshots, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn snapshot_list(&self) -> Result<Vec<Snapshot>> {
        self.refuse_when_closed()?;
        let engine = self.clone();
        blocking(move || {
            let all = load_all(&engine.inner.store)?;
            Ok(all.iter().map(|record| engine.describe_snapshot(record, &all)).collect())
        })
        .await
    }

    /// The snapshot with this id or name.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    pub async fn snapshot_get(&self, snapshot: &str) -> Result<Snapshot> {
        self.refuse_when_closed()?;
        let (engine, snapshot) = (self.clone(), snapshot.to_owned());
        blocking(move || {
            let record = find(&engine.inner.store, &snapshot)?;
            Ok(engine.describe_snapshot(&record, &load_all(&engine.inner.store)?))
        })
        .await
    }

    /// Deletes a snapshot that nothing stands on.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`], with the machines and snapshots that stand on it.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn snapshot_delete(&self, snapshot: &str) -> Result<()> {
        let (engine, snapshot) = (self.clone(), snapshot.to_owned());
        self.run(async move {
            let _snapshots = engine.inner.snapshots.lock().await;
            let removing = engine.clone();
            blocking(move || {
                let store = &removing.inner.store;
                let record = find(store, &snapshot)?;
                removing.refuse_when_stood_on(&record, &load_all(store)?)?;
                remove(store, &record.id)
            })
            .await?;
            engine.tell(EventKind::SnapshotsChanged);
            Ok(())
        })
        .await
    }

    fn refuse_when_stood_on(&self, record: &SnapshotRecord, all: &[SnapshotRecord]) -> Result<()> {
        let users = self.users_of(record, all);
        if users.is_empty() {
            return Ok(());
        }
        let message = format!("The snapshot '{}' is what {} on.", record.name, stands(&users));
        Err(Error::new(ErrorKind::InUse, message)
            .with_hint("Delete what stands on it first, or stop a machine whose session disk does."))
    }

    /// What stands on a snapshot, as people call it.
    fn users_of(&self, record: &SnapshotRecord, all: &[SnapshotRecord]) -> Vec<String> {
        let is_it = |base: &Base| matches!(base, Base::Snapshot { id } if *id == record.id);
        let mut users: Vec<String> = Vec::new();
        for slot in self.machine_slots() {
            let machine = slot.record();
            let Some(managed) = machine.managed() else { continue };
            let session = managed.session.as_ref().map(|session| &session.base);
            if managed.base.as_ref().into_iter().chain(session).any(is_it) {
                users.push(format!("the machine '{}'", machine.name));
            }
        }
        users.sort();
        let above = all.iter().filter(|other| is_it(&other.base));
        users.extend(above.map(|other| format!("the snapshot '{}'", other.name)));
        users
    }

    fn describe_snapshot(&self, record: &SnapshotRecord, all: &[SnapshotRecord]) -> Snapshot {
        let (image, parent) = match &record.base {
            Base::Image { path, .. } => (Some(path.clone()), None),
            Base::Snapshot { id } => (None, Some(id.clone())),
            Base::Empty => (None, None),
        };
        Snapshot {
            id: record.id.clone(),
            name: record.name.clone(),
            vm_id: record.vm.clone(),
            vm_name: record.vm_name.clone(),
            created_at: record.created_at,
            image,
            parent,
            size_bytes: record.virtual_size,
            disk_bytes: disk_bytes(&disk(&self.inner.store, &record.id)).unwrap_or(0),
            crash_consistent: record.crash_consistent,
            used_by: self.users_of(record, all),
        }
    }
}

/// "the machine 'a' and the snapshot 'b' stand".
fn stands(users: &[String]) -> String {
    match users {
        [one] => format!("{one} stands"),
        [first @ .., last] => format!("{} and {last} stand", first.join(", ")),
        [] => "nothing stands".to_owned(),
    }
}

/// Removes a snapshot's folder: when the name has gone, so has the snapshot.
fn remove(store: &Store, id: &SnapshotId) -> Result<()> {
    let (path, gone) = (folder(store, id), record::unfinished_folder(store, id));
    durable::rename(&path, &gone).map_err(|e| io_error("delete the snapshot", &path, &e))?;
    fault::point("snapshot has no name");
    // What stays is removed at the next start.
    if let Err(error) = std::fs::remove_dir_all(&gone) {
        tracing::warn!(%id, %error, "something of a deleted snapshot stays");
    }
    Ok(())
}
