//! The machines of the store: their records on disk, and finding one by id or name.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::{FORMAT, MachineSlot, VmRecord};
use crate::convert::io_error;
use crate::durable;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::events::Events;
use crate::id::VmId;
use crate::model::NoticeLevel;
use crate::store::{Store, internal, newer};
use crate::sync;

const FILE_NAME: &str = "vm.json";

/// Reads all machines of the store. One whose record cannot be read is left alone, with a notice.
pub(crate) fn load_machines(store: &Store, events: &Events) -> Result<BTreeMap<VmId, Arc<MachineSlot>>> {
    let folder = store.vms();
    let unreadable = |e| io_error("read the store's machines", &folder, &e);
    let mut machines = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<VmId>().ok()) else { continue };
        match load(&entry.path(), &id) {
            Ok(record) => drop(machines.insert(id, MachineSlot::new(entry.path(), record))),
            Err(error) => events.notice(NoticeLevel::Error, format!("The machine {id} cannot be used. {error}")),
        }
    }
    Ok(machines)
}

fn load(folder: &Path, id: &VmId) -> Result<VmRecord> {
    let path = folder.join(FILE_NAME);
    let bytes = std::fs::read(&path).map_err(|e| io_error("read the machine's record", &path, &e))?;
    let record: VmRecord = serde_json::from_slice(&bytes).map_err(|e| {
        Error::new(ErrorKind::Corrupt, format!("{} cannot be understood: {e}.", path.display()))
            .with_hint("Delete the machine's folder; volumes are not in it.")
    })?;
    if record.format > FORMAT {
        return Err(newer(&path, record.format));
    }
    if record.id != *id {
        return Err(Error::new(ErrorKind::Corrupt, format!("{} belongs to {}.", path.display(), record.id)));
    }
    Ok(record)
}

/// Writes a machine's record; durable on return.
pub(super) fn save(slot: &MachineSlot) -> Result<()> {
    durable::create_private_folder(&slot.folder)
        .map_err(|e| io_error("make the machine's folder", &slot.folder, &e))?;
    let record = sync::lock(&slot.record).clone();
    let text = serde_json::to_string_pretty(&record).map_err(|e| internal("write a machine's record", &e))?;
    let path = slot.folder.join(FILE_NAME);
    durable::replace_file(&path, text.as_bytes()).map_err(|e| io_error("write the machine's record", &path, &e))
}

impl Engine {
    /// The machine with this id or name.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    pub(crate) fn machine_slot(&self, vm: &str) -> Result<Arc<MachineSlot>> {
        self.refuse_when_closed()?;
        let machines = sync::read(&self.inner.machines);
        let found = match vm.parse::<VmId>() {
            Ok(id) => machines.get(&id),
            Err(_) => machines.values().find(|slot| slot.name() == vm),
        };
        found.cloned().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("There is no machine '{vm}'."))
                .with_hint("Look at the list of machines for its name or id.")
        })
    }

    /// All machines.
    pub(crate) fn machine_slots(&self) -> Vec<Arc<MachineSlot>> {
        sync::read(&self.inner.machines).values().cloned().collect()
    }

    /// Closes the sockets of all machines; they go on running.
    pub(crate) fn forget_machines(&self) {
        sync::write(&self.inner.machines).clear();
    }

    /// How machines are called in sentences.
    pub(crate) fn vm_names(&self) -> impl Fn(&VmId) -> String + '_ {
        |id| sync::read(&self.inner.machines).get(id).map_or_else(|| id.to_string(), |slot| slot.name())
    }
}
