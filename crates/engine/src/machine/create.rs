//! A machine that somebody has described: everything is checked before anything is made.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_vm::inspect_image;
use time::OffsetDateTime;

use super::model::{BootSource, BootVolume, Firmware, Forward, Network, NewVm};
use super::record::{Base, FORMAT, KernelRecord, LastSnapshot, Managed, Stamp, VmKind, VmRecord};
use super::{DEMO_MEMORY_MIB, MachineSlot, firmware, registry};
use crate::checkpoint;
use crate::convert::vm_error;
use crate::demo;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::id::VmId;
use crate::model::{EventKind, MountMode, NewVolume, Vm};
use crate::mount::{check_how, mount_path};
use crate::name;
use crate::size::Bytes;
use crate::snapshot;
use crate::store::internal;
use crate::sync;

/// Memory in MiB, and processors, when nobody says.
const MEMORY_MIB: u32 = 1024;
const CPUS: u32 = 1;
/// Less than a small Linux needs, and as many as QEMU's q35 runs.
const LEAST_MEMORY_MIB: u32 = 32;
const MOST_CPUS: u32 = 255;
/// The empty disk beside an ISO image or the demo VM, in bytes; it takes up what is written.
const EMPTY_DISK: u64 = 16 << 30;
/// The largest disk, in bytes.
const LARGEST_DISK: u64 = 64 << 40;

impl Engine {
    /// Creates a machine. It is not started yet.
    ///
    /// An image stays where it is and is never written: the machine writes to a session disk on top of it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for what makes no sense, also for an image that refers to other files;
    /// [`ErrorKind::AlreadyExists`] for a name that is taken; [`ErrorKind::NotFound`] for an image, snapshot, volume or
    /// checkpoint that is not there; [`ErrorKind::Missing`] when there is no UEFI firmware, or no demo VM; as for
    /// [`upload`](Self::upload) when a volume is filled. Volumes that it creates and fills first stay when the machine
    /// cannot be made after that.
    #[tracing::instrument(skip_all, fields(name = new.name), err(level = "info"))]
    pub async fn vm_create(&self, new: NewVm) -> Result<Vm> {
        let engine = self.clone();
        self.run(async move {
            engine.check_seeds(&new).await?;
            engine.create_missing_volumes(&new).await?;
            engine.fill_volumes(&new.seeds).await?;
            let _naming = engine.inner.naming.lock().await;
            // A snapshot does not go while a machine is being put on it.
            let _snapshots = engine.inner.snapshots.lock().await;
            let record = engine.describe_new(new, &[]).await?;
            let slot = engine.add_machine(record).await?;
            Ok(engine.describe_vm(&slot))
        })
        .await
    }

    /// Creates the volumes that a machine is to find, once everything else about it is known to be right; also before
    /// volumes are filled.
    async fn create_missing_volumes(&self, new: &NewVm) -> Result<()> {
        let missing: Vec<&NewVolume> =
            new.create_volumes.iter().filter(|volume| self.slot(&volume.name).is_err()).collect();
        if missing.is_empty() && new.seeds.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = missing.iter().map(|volume| volume.name.as_str()).collect();
        self.describe_new(new.clone(), &names).await?;
        for volume in missing {
            self.volume_create(volume.clone()).await?;
        }
        Ok(())
    }

    /// The id and name of a new machine, which no other has.
    fn identify(&self, new: &NewVm) -> Result<(VmId, String)> {
        let id = match &new.id {
            Some(id) => id.clone(),
            None => VmId::random().map_err(|e| internal("make a machine's id", &e))?,
        };
        let name = match &new.name {
            Some(name) => name::check("machine", name)?,
            None => format!("vm-{}", &id.as_str()[VmId::PREFIX.len()..]),
        };
        self.refuse_taken(&name, new.id.as_ref())?;
        Ok((id, name))
    }

    /// Refuses a name, or an id that was given away before, that a machine has.
    pub(super) fn refuse_taken(&self, name: &str, id: Option<&VmId>) -> Result<()> {
        if self.machine_slots().iter().any(|slot| slot.name() == name || Some(&slot.id) == id) {
            return Err(Error::new(ErrorKind::AlreadyExists, format!("There is a machine '{name}' already."))
                .with_hint("Choose another name."));
        }
        Ok(())
    }

    /// Makes the machine's folder; it is there whole or not at all.
    pub(super) async fn add_machine(&self, record: VmRecord) -> Result<Arc<MachineSlot>> {
        let slot = MachineSlot::new(self.inner.store.vm(&record.id), record);
        let (created, vms) = (slot.clone(), self.inner.store.vms());
        blocking(move || registry::create(&created, &vms)).await?;
        sync::write(&self.inner.machines).insert(slot.id.clone(), slot.clone());
        self.tell(EventKind::VmChanged { vm_id: slot.id.clone() });
        Ok(slot)
    }

    /// The record of a new machine, everything checked. Volumes of the names `to_come` need not be there yet.
    async fn describe_new(&self, new: NewVm, to_come: &[&str]) -> Result<VmRecord> {
        let (id, name) = self.identify(&new)?;
        let is_demo = new.source == BootSource::Demo;
        let snapshot = match &new.source {
            BootSource::Snapshot(snapshot) => Some(snapshot::find(&self.inner.store, snapshot)?),
            _ => None,
        };
        let like = snapshot.as_ref().map(|snapshot| &snapshot.machine);
        let own = if is_demo { Some(self.demo_kernel(&new)?) } else { kernel(&new)? };
        let kernel = own.or_else(|| like.and_then(|machine| machine.kernel.clone()));
        let (base, iso, disk_bytes) = match snapshot.as_ref() {
            Some(snapshot) => {
                (Some(Base::Snapshot { id: snapshot.id.clone() }), None, disk_size(&new, snapshot.virtual_size)?)
            }
            None => self.boot_disk(&new, kernel.is_some()).await?,
        };
        let managed = Managed {
            base,
            iso,
            kernel,
            firmware: new.firmware.or(like.map(|machine| machine.firmware)).unwrap_or_default(),
            session_disk: new.session_disk,
            disk_bytes,
            network: new.network,
            forwards: check_forwards(new.network, &new.forwards)?,
            volumes: self.check_boot_volumes(&new.volumes, to_come)?,
            has_agent: new.has_agent.or(like.map(|machine| machine.has_agent)).unwrap_or(true),
            last_snapshot: last_snapshot(&new)?,
            session: None,
            freezing: None,
        };
        if managed.firmware == Firmware::Uefi {
            firmware::find()?;
        }
        let usual = if is_demo { DEMO_MEMORY_MIB } else { MEMORY_MIB };
        let memory_mib = new.memory_mib.or(like.map(|machine| machine.memory_mib)).unwrap_or(usual);
        let cpus = new.cpus.or(like.map(|machine| machine.cpus)).unwrap_or(CPUS);
        check_size(memory_mib, cpus)?;
        Ok(VmRecord {
            format: FORMAT,
            id,
            name,
            kind: VmKind::Managed(Box::new(managed)),
            memory_mib,
            cpus,
            created_at: OffsetDateTime::now_utc(),
            accelerator: None,
        })
    }

    fn demo_kernel(&self, new: &NewVm) -> Result<KernelRecord> {
        if new.kernel.is_some() || new.initrd.is_some() {
            return Err(Error::new(ErrorKind::InvalidInput, "The demo VM boots its own kernel and initramfs.")
                .with_hint("Leave one of them out."));
        }
        let files = demo::find(self.inner.demo_vm.as_deref())?;
        let append = new.append.clone().unwrap_or_else(|| demo::APPEND.to_owned());
        Ok(KernelRecord { kernel: files.kernel, initrd: Some(files.initrd), append, is_demo: true })
    }

    /// What the machine's own disk begins as, the ISO image in its drive, and the disk's size.
    async fn boot_disk(&self, new: &NewVm, has_kernel: bool) -> Result<(Option<Base>, Option<PathBuf>, u64)> {
        if new.source == BootSource::Demo {
            return Ok((Some(Base::Empty), None, disk_size(new, new.disk_bytes.unwrap_or(EMPTY_DISK))?));
        }
        let BootSource::Image(path) = &new.source else {
            if !has_kernel {
                return Err(Error::new(ErrorKind::InvalidInput, "There is nothing for the machine to boot.")
                    .with_hint("Give it an image, a snapshot, or a kernel."));
            }
            if new.disk_bytes.is_some() {
                return Ok((Some(Base::Empty), None, disk_size(new, 0)?));
            }
            return Ok((None, None, 0));
        };
        let path = self.image_path(path)?;
        let image = inspect_image(&path).await.map_err(|e| vm_error("use the image", &e))?;
        if image.is_iso {
            return Ok((Some(Base::Empty), Some(path), disk_size(new, new.disk_bytes.unwrap_or(EMPTY_DISK))?));
        }
        let disk_bytes = disk_size(new, image.virtual_size)?;
        let stamp = Stamp::of(&path)?;
        Ok((Some(Base::Image { path, format: image.format, stamp }), None, disk_bytes))
    }

    /// The image's path, free of links; what is in the store is no image.
    fn image_path(&self, path: &Path) -> Result<PathBuf> {
        let real = host_file("image", path)?;
        let store = self.inner.store.root();
        if std::fs::canonicalize(store).is_ok_and(|store| real.starts_with(store)) {
            let message = format!("{} is a part of the store and no boot image.", path.display());
            return Err(Error::new(ErrorKind::InvalidInput, message)
                .with_hint("Mount a volume in a machine that boots something else; boot a snapshot by its name."));
        }
        Ok(real)
    }

    fn check_boot_volumes(&self, volumes: &[BootVolume], to_come: &[&str]) -> Result<Vec<BootVolume>> {
        let mut checked: Vec<BootVolume> = Vec::new();
        for wanted in volumes {
            let (volume, name) = if to_come.contains(&wanted.volume.as_str()) {
                (wanted.volume.clone(), wanted.volume.clone())
            } else {
                let slot = self.slot(&wanted.volume)?;
                if let Some(at) = &wanted.at {
                    checkpoint::resolve(&*slot.manifest()?, at)?;
                }
                (slot.id.to_string(), slot.name())
            };
            let path = mount_path(&wanted.path)?;
            check_how(wanted.mode, wanted.options.as_deref(), wanted.limits)?;
            let is_branch = wanted.mode == MountMode::Rw && wanted.at.is_some();
            if checked.iter().any(|other| other.path == path) {
                let message = format!("Two volumes are to be mounted at {path}.");
                return Err(Error::new(ErrorKind::InvalidInput, message).with_hint("Give each a path of its own."));
            }
            if !is_branch && checked.iter().any(|other| other.volume == volume) {
                let message = format!("The volume '{name}' is to be mounted twice.");
                return Err(Error::new(ErrorKind::InvalidInput, message).with_hint("Name it once."));
            }
            checked.push(BootVolume { volume, path, ..wanted.clone() });
        }
        Ok(checked)
    }
}

/// A file of the host's that has to be there, free of links.
fn host_file(what: &str, path: &Path) -> Result<PathBuf> {
    if !path.is_absolute() {
        let message = format!("The path of the {what} must be absolute, not {}.", path.display());
        return Err(Error::new(ErrorKind::InvalidInput, message).with_hint("Begin it with a slash."));
    }
    let real = std::fs::canonicalize(path).ok().filter(|path| path.exists());
    real.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("There is no {what} {}.", path.display()))
            .with_hint("Look at how its path is written.")
    })
}

fn kernel(new: &NewVm) -> Result<Option<KernelRecord>> {
    let Some(kernel) = &new.kernel else {
        if new.initrd.is_some() || new.append.is_some() {
            return Err(Error::new(ErrorKind::InvalidInput, "There is no kernel for the initramfs or command line.")
                .with_hint("Give the kernel as well."));
        }
        return Ok(None);
    };
    Ok(Some(KernelRecord {
        kernel: host_file("kernel", kernel)?,
        initrd: new.initrd.as_deref().map(|initrd| host_file("initramfs", initrd)).transpose()?,
        append: new.append.clone().unwrap_or_default(),
        is_demo: false,
    }))
}

fn last_snapshot(new: &NewVm) -> Result<Option<LastSnapshot>> {
    let name = new.snapshot_name.as_deref().map(|name| name::check("snapshot", name)).transpose()?;
    Ok(new.snapshot_on_terminate.then_some(LastSnapshot { name }))
}

/// The size of the machine's own disk, which is not smaller than what it begins as. Whole sectors.
fn disk_size(new: &NewVm, least: u64) -> Result<u64> {
    let wanted = new.disk_bytes.unwrap_or(least);
    if wanted < least {
        let message = format!("A disk of {} is too small for an image of {}.", Bytes(wanted), Bytes(least));
        return Err(Error::new(ErrorKind::InvalidInput, message).with_hint("Leave its size out, or give a larger one."));
    }
    if wanted == 0 || wanted > LARGEST_DISK {
        let message = format!("A disk of {} cannot be made.", Bytes(wanted));
        let hint = format!("It has at least 1 MiB and at most {}.", Bytes(LARGEST_DISK));
        return Err(Error::new(ErrorKind::InvalidInput, message).with_hint(hint));
    }
    Ok(wanted.next_multiple_of(512))
}

/// Refuses what QEMU would not start with.
pub(super) fn check_size(memory_mib: u32, cpus: u32) -> Result<()> {
    let refuse = |message: String| Err(Error::new(ErrorKind::InvalidInput, message));
    if memory_mib < LEAST_MEMORY_MIB {
        return refuse(format!("A machine has at least {LEAST_MEMORY_MIB} MiB of memory, not {memory_mib} MiB."));
    }
    if !(1..=MOST_CPUS).contains(&cpus) {
        return refuse(format!("A machine has 1 to {MOST_CPUS} processors, not {cpus}."));
    }
    Ok(())
}

fn check_forwards(network: Network, forwards: &[Forward]) -> Result<Vec<Forward>> {
    let refuse = |message: String, hint: &str| Err(Error::new(ErrorKind::InvalidInput, message).with_hint(hint));
    if network == Network::None && !forwards.is_empty() {
        return refuse("A machine without a network forwards no ports.".into(), "Give it the network 'user'.");
    }
    for (at, forward) in forwards.iter().enumerate() {
        if forward.host == 0 || forward.guest == 0 {
            return refuse("A forwarded port has a number from 1 to 65535.".into(), "Write it as 8080:80.");
        }
        if forwards[..at].iter().any(|other| other.host == forward.host) {
            let message = format!("The port {} is forwarded twice.", forward.host);
            return refuse(message, "Choose another port of this computer for one of them.");
        }
    }
    Ok(forwards.to_vec())
}
