//! The machines of the store: their records on disk, and finding one by id or name.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::MachineSlot;
use super::record::{FORMAT, Managed, VmRecord};
use crate::convert::io_error;
use crate::durable;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::events::Events;
use crate::fault;
use crate::id::VmId;
use crate::model::NoticeLevel;
use crate::store::{Store, newer, write_json};
use crate::sync;

const FILE_NAME: &str = "vm.json";
/// What the folder of a machine is called behind this, while it is made or removed.
const UNFINISHED: &str = ".unfinished-";

/// Reads all machines of the store. One whose record cannot be read is left alone, with a notice.
pub(crate) fn load_machines(store: &Store, events: &Events) -> Result<BTreeMap<VmId, Arc<MachineSlot>>> {
    let folder = store.vms();
    let unreadable = |e| io_error("read the store's machines", &folder, &e);
    let mut machines = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(UNFINISHED)) {
            // Nobody was told that it is there, or it was deleted.
            std::fs::remove_dir_all(entry.path()).map_err(unreadable)?;
            continue;
        }
        let Some(id) = name.to_str().and_then(|name| name.parse::<VmId>().ok()) else { continue };
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

/// Makes the folder of a new machine among the others in `vms`: whole, or not at all. Durable on return.
pub(super) fn create(slot: &MachineSlot, vms: &Path) -> Result<()> {
    let record = sync::lock(&slot.record).clone();
    let unfinished = vms.join(format!("{UNFINISHED}{}", slot.id));
    durable::create_private_folder(&unfinished).map_err(|e| io_error("make the machine's folder", &unfinished, &e))?;
    write(&unfinished, &record)?;
    fault::point("machine described");
    durable::rename(&unfinished, &slot.folder).map_err(|e| io_error("make the machine's folder", &slot.folder, &e))
}

/// Removes a machine's folder: when the name has gone, so has the machine.
pub(super) fn remove(slot: &MachineSlot, vms: &Path) -> Result<()> {
    let gone = vms.join(format!("{UNFINISHED}{}", slot.id));
    durable::rename(&slot.folder, &gone).map_err(|e| io_error("delete the machine's folder", &slot.folder, &e))?;
    fault::point("machine has no name");
    // What stays is removed at the next start.
    if let Err(error) = std::fs::remove_dir_all(&gone) {
        tracing::warn!(vm = %slot.id, %error, "something of a deleted machine stays");
    }
    Ok(())
}

/// Writes a machine's record; durable on return.
pub(super) fn save(slot: &MachineSlot) -> Result<()> {
    let _saving = sync::lock(&slot.saving);
    let record = sync::lock(&slot.record).clone();
    write(&slot.folder, &record)
}

/// Changes what a machine is made of, first on the disk, then here; durable on return.
pub(crate) fn change(slot: &MachineSlot, change: impl FnOnce(&mut Managed)) -> Result<()> {
    change_record(slot, |record| {
        if let Some(managed) = record.managed_mut() {
            change(managed);
        }
    })
}

/// Changes a machine's record, first on the disk, then here; durable on return.
pub(super) fn change_record(slot: &MachineSlot, change: impl FnOnce(&mut VmRecord)) -> Result<()> {
    let _saving = sync::lock(&slot.saving);
    let mut record = sync::lock(&slot.record).clone();
    change(&mut record);
    write(&slot.folder, &record)?;
    *sync::lock(&slot.record) = record;
    Ok(())
}

fn write(folder: &Path, record: &VmRecord) -> Result<()> {
    let record = VmRecord { format: FORMAT, ..record.clone() };
    write_json("write the machine's record", &folder.join(FILE_NAME), &record)
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
