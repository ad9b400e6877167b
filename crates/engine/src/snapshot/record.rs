//! What `snapshot.json` says, and where a snapshot's files are.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::convert::io_error;
use crate::error::{Error, ErrorKind, Result};
use crate::id::{SnapshotId, VmId};
use crate::machine::model::Firmware;
use crate::machine::record::{Base, KernelRecord};
use crate::store::{Store, newer, write_json};

/// The format of `snapshot.json`.
const FORMAT: u32 = 1;
const FILE_NAME: &str = "snapshot.json";
/// The disk, in the snapshot's folder.
const DISK: &str = "disk.qcow2";
/// What the folder of a snapshot is called behind this, while it is made or removed.
pub(super) const UNFINISHED: &str = ".unfinished-";

/// What `snapshot.json` says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SnapshotRecord {
    pub(super) format: u32,
    pub(crate) id: SnapshotId,
    pub(crate) name: String,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created_at: OffsetDateTime,
    /// The machine whose session disk it was.
    pub(crate) vm: VmId,
    pub(crate) vm_name: String,
    /// What its disk stands on.
    pub(crate) base: Base,
    /// The size of its disk in bytes, as a guest sees it.
    pub(crate) virtual_size: u64,
    /// Taken while the machine ran and could not be asked to pause: like after a power cut.
    pub(crate) crash_consistent: bool,
    /// What that machine was, for those that are made from it.
    pub(crate) machine: Like,
}

/// What machines that are made from a snapshot are like, when nobody says otherwise.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Like {
    pub(crate) memory_mib: u32,
    pub(crate) cpus: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kernel: Option<KernelRecord>,
    pub(crate) firmware: Firmware,
    pub(crate) has_agent: bool,
}

impl SnapshotRecord {
    /// The format that is written.
    pub(super) const FORMAT: u32 = FORMAT;

    /// Writes it into the snapshot's folder; durable on return.
    pub(super) fn save(&self, folder: &Path) -> Result<()> {
        write_json("write the snapshot's record", &folder.join(FILE_NAME), self)
    }
}

/// A snapshot's folder.
pub(crate) fn folder(store: &Store, id: &SnapshotId) -> PathBuf {
    store.snapshots().join(id.as_str())
}

/// The same while the snapshot is being made or removed.
pub(super) fn unfinished_folder(store: &Store, id: &SnapshotId) -> PathBuf {
    store.snapshots().join(format!("{UNFINISHED}{id}"))
}

/// A snapshot's disk.
pub(crate) fn disk(store: &Store, id: &SnapshotId) -> PathBuf {
    folder(store, id).join(DISK)
}

/// A snapshot's disk, in a folder that is not at its place yet.
pub(super) fn disk_in(folder: &Path) -> PathBuf {
    folder.join(DISK)
}

/// A snapshot's disk, from the store's folder.
pub(crate) fn relative_disk(id: &SnapshotId) -> String {
    format!("snapshots/{id}/{DISK}")
}

/// Reads one snapshot's record.
pub(crate) fn load(store: &Store, id: &SnapshotId) -> Result<SnapshotRecord> {
    let path = folder(store, id).join(FILE_NAME);
    let bytes = std::fs::read(&path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => not_found(id.as_str()),
        _ => io_error("read the snapshot's record", &path, &e),
    })?;
    let record: SnapshotRecord = serde_json::from_slice(&bytes).map_err(|e| {
        Error::new(ErrorKind::Corrupt, format!("{} cannot be understood: {e}.", path.display()))
            .with_hint("Put it back from a backup; its disk is beside it.")
    })?;
    if record.format > FORMAT {
        return Err(newer(&path, record.format));
    }
    if record.id != *id {
        return Err(Error::new(ErrorKind::Corrupt, format!("{} belongs to {}.", path.display(), record.id)));
    }
    Ok(record)
}

/// Reads the records of all snapshots, oldest first; one that cannot be read is left out, with a line in the log.
pub(crate) fn load_all(store: &Store) -> Result<Vec<SnapshotRecord>> {
    let snapshots = store.snapshots();
    let unreadable = |e| io_error("read the store's snapshots", &snapshots, &e);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&snapshots).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<SnapshotId>().ok()) else { continue };
        match load(store, &id) {
            Ok(record) => found.push(record),
            Err(error) => tracing::warn!(%id, %error, "a snapshot cannot be used"),
        }
    }
    found.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(found)
}

/// The snapshot with this id or name.
///
/// # Errors
/// [`ErrorKind::NotFound`] when there is none.
pub(crate) fn find(store: &Store, snapshot: &str) -> Result<SnapshotRecord> {
    if let Ok(id) = snapshot.parse::<SnapshotId>() {
        return load(store, &id);
    }
    load_all(store)?.into_iter().find(|record| record.name == snapshot).ok_or_else(|| not_found(snapshot))
}

fn not_found(snapshot: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("There is no snapshot '{snapshot}'."))
        .with_hint("Look at the list of snapshots for its name or id.")
}
