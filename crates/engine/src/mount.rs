//! Mounts: a volume at a path in a running machine, and back.
//!
//! ```text
//!               lease durable        device plugged, filesystem mounted
//!   detached ───────────────► Attaching ───────────────────────────► Attached
//!      ▲                          │ failed: unplugged, lease back        │ unmount
//!      │◄─────────────────────────┘                                      ▼
//!      └──────────────────────────────────────────────────────────── Detaching
//!                     unmounted in the guest, unplugged, lease back
//!   busy in the guest: Detaching → Attached, and the one who asked hears by whom
//!   Error from each: the machine still has the device and will not let it go; unmount may be asked again
//!   the guest restarts: Attached → Attaching; it lets a disk go late: Error → detached (`by_itself`)
//! ```
//!
//! Each state is durable before what it announces is done. Locks: the machine's turn, then the volume's.

use std::sync::Arc;

use cairn_vm::{Machine, MountOptions, MountPath};

use crate::checkpoint;
use crate::convert::vm_error;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::id::VmId;
use crate::intent;
use crate::lease;
use crate::machine::MachineSlot;
use crate::manifest::{Manifest, MountRecord};
use crate::model::{EventKind, IoLimits, Mount, MountMode, MountRequest, MountState, Unmounted};
use crate::slot::Slot;

mod attach;
mod branch;
pub(crate) mod by_hand;
mod by_itself;
mod force;
mod grow;
mod io;
pub(crate) mod live;
pub(crate) mod rates;
mod reconcile;
pub(crate) mod stand_in;

impl Engine {
    /// Mounts a volume at a path in a running machine.
    ///
    /// The lease is recorded durably before anything is touched; when something fails, everything is unwound. A
    /// checkpoint to be written is mounted as a branch: the mount tells of a new volume, called after both.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`] when another machine, or the engine, has what is wanted; [`ErrorKind::AlreadyExists`]
    /// when the path is taken in that machine; [`ErrorKind::Conflict`] when the machine does not run or has the
    /// volume already, and for `latest` on a volume without checkpoints; [`ErrorKind::Guest`] when the guest refuses.
    #[tracing::instrument(skip_all, fields(volume = %request.volume, vm = %request.vm, path = %request.mount_path), err(level = "info"))]
    pub async fn mount(&self, request: MountRequest) -> Result<Mount> {
        match request.at.clone() {
            Some(at) if request.mode == MountMode::Rw => {
                mount_path(&request.mount_path)?;
                check(&request)?;
                self.mount_branch(request, at).await
            }
            _ => self.mount_volume(request).await,
        }
    }

    /// The same for what needs no branch.
    async fn mount_volume(&self, request: MountRequest) -> Result<Mount> {
        let path = mount_path(&request.mount_path)?;
        check(&request)?;
        let (volume, vm) = (self.slot(&request.volume)?, self.machine_slot(&request.vm)?);
        let engine = self.clone();
        self.run(async move {
            vm.running()?;
            engine.refuse_double_mount(&volume, &vm, &path)?;
            // May take a while: others have their turn at the machine and the volume meanwhile.
            engine.make_short(&volume, &request).await?;
            let _turn = vm.turn.lock().await;
            let machine = vm.running()?;
            let _structure = volume.structure.lock().await;
            let mounted = engine.mount_now(&volume, &vm, &machine, &request, path).await;
            if mounted.is_err() {
                let tidied = blocking(move || {
                    stand_in::remove_unused(&volume.folder, &*volume.manifest()?);
                    Ok(())
                });
                // It is the mount's failure that is told.
                let _ = tidied.await;
            }
            mounted
        })
        .await
    }

    /// The caller has the machine's turn and the volume's structure.
    async fn mount_now(
        &self,
        volume: &Arc<Slot>,
        vm: &MachineSlot,
        machine: &Machine,
        request: &MountRequest,
        path: String,
    ) -> Result<Mount> {
        self.refuse_double_mount(volume, vm, &path)?;
        if request.mode == MountMode::Rw {
            self.checkpoint_before_mount(volume).await?;
        }
        // While the lease is written down.
        let greeted = machine.clone();
        self.inner.tasks.spawn(async move { greeted.greet_agent().await });
        let record = self.take_lease(volume, vm, request, path).await?;
        self.tell_of_mount(volume, &vm.id);
        let attached = self.attach(volume, vm, machine, &record).await;
        self.tell_of_mount(volume, &vm.id);
        attached?;
        tracing::info!("mounted");
        self.find_mount(volume, &record)
    }

    /// Sees to it that the machine will read what it asks for through few files.
    async fn make_short(&self, volume: &Arc<Slot>, request: &MountRequest) -> Result<()> {
        let manifest = volume.manifest()?;
        let Some(at) = &request.at else {
            match request.mode {
                MountMode::Ro => lease::may_read_head(&manifest, &self.vm_names())?,
                MountMode::Rw => lease::may_write_head(&manifest, &self.vm_names())?,
            }
            return self.shorten_to_mount(volume).await;
        };
        let layer = checkpoint::resolve(&manifest, at)?.layer.clone();
        let (volume, keep_free, stop) = (volume.clone(), self.inner.keep_free, self.inner.idle_work.clone());
        blocking(move || stand_in::prepare(&volume, &layer, keep_free, &stop)).await
    }

    /// Unmounts what a machine has at a path: flushed, unmounted in the guest, unplugged.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when nothing of Cairn's is mounted there; [`ErrorKind::InUse`] when something in
    /// the guest uses it, naming the processes; [`ErrorKind::Timeout`] when the guest does not let the device go.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn unmount(&self, vm: &str, mount_path: &str) -> Result<()> {
        let path = self::mount_path(mount_path)?;
        let (engine, vm) = (self.clone(), self.machine_slot(vm)?);
        self.run(async move {
            let _turn = vm.turn.lock().await;
            engine.unmount_now(&vm, &path, false).await.map(drop)
        })
        .await
    }

    /// All mounts, with what has gone through each.
    ///
    /// # Errors
    /// When the engine is closed.
    pub async fn mount_list(&self) -> Result<Vec<Mount>> {
        self.refuse_when_closed()?;
        let mut mounts: Vec<Mount> = self
            .slots()
            .iter()
            .filter_map(|slot| slot.manifest().ok())
            .flat_map(|manifest| self.mounts_of(&manifest))
            .collect();
        mounts.sort_by(|a, b| (&a.vm_name, &a.mount_path).cmp(&(&b.vm_name, &b.mount_path)));
        self.add_io(&mut mounts).await;
        Ok(mounts)
    }

    /// Unmounts everything that a machine has. The caller has the machine's turn.
    pub(crate) async fn unmount_all(&self, vm: &Arc<MachineSlot>) -> Result<()> {
        for mount in self.mounts_in(&vm.id) {
            self.unmount_now(vm, &mount.mount_path, false).await?;
        }
        Ok(())
    }

    /// Where a volume is mounted.
    pub(crate) fn mounts_of(&self, manifest: &Manifest) -> Vec<Mount> {
        let names = self.vm_names();
        let describe = |record: &MountRecord| Mount {
            volume_id: manifest.id.clone(),
            volume_name: manifest.name.clone(),
            vm_id: record.vm.clone(),
            vm_name: names(&record.vm),
            mount_path: record.path.clone(),
            mode: record.mode,
            checkpoint_id: record.checkpoint.clone(),
            state: record.state,
            error: record.error.clone(),
            since: record.since,
            options: record.options().as_str().to_owned(),
            limits: record.limits,
            io: None,
        };
        manifest.mounts.iter().map(describe).collect()
    }

    /// What a machine has mounted.
    pub(crate) fn mounts_in(&self, vm: &VmId) -> Vec<Mount> {
        let manifests = self.slots().into_iter().filter_map(|slot| slot.manifest().ok());
        let mut mounts: Vec<Mount> =
            manifests.flat_map(|manifest| self.mounts_of(&manifest)).filter(|mount| mount.vm_id == *vm).collect();
        mounts.sort_by(|a, b| a.mount_path.cmp(&b.mount_path));
        mounts
    }

    fn refuse_double_mount(&self, volume: &Slot, vm: &MachineSlot, path: &str) -> Result<()> {
        for mount in self.mounts_in(&vm.id) {
            if mount.volume_id == volume.id {
                return Err(Error::new(
                    ErrorKind::Conflict,
                    format!(
                        "The machine '{}' has the volume '{}' already, at {}.",
                        mount.vm_name, mount.volume_name, mount.mount_path
                    ),
                )
                .with_hint("Unmount it there first."));
            }
            if mount.mount_path == path {
                return Err(Error::new(
                    ErrorKind::AlreadyExists,
                    format!("The machine '{}' has the volume '{}' at {path}.", mount.vm_name, mount.volume_name),
                )
                .with_hint("Choose another path, or unmount that volume first."));
            }
        }
        Ok(())
    }

    /// The caller has the machine's turn.
    async fn unmount_now(&self, vm: &Arc<MachineSlot>, path: &str, by_force: bool) -> Result<Unmounted> {
        let Some((volume, record)) = self.mounted_at(vm, path) else {
            return Err(not_mounted(vm, path));
        };
        let _structure = volume.structure.lock().await;
        let what = format!("unmount '{}' at {path} in '{}'", volume.name(), vm.name());
        let machine = vm.running()?;
        // While that is written down.
        let (looked, serial, place) = (machine.clone(), volume.id.clone(), record.path.clone());
        self.inner.tasks.spawn(async move { looked.look_before_unmount(serial.as_str(), &place).await });
        self.change_mount(&volume, &record, MountState::Detaching, None).await?;
        self.tell_of_mount(&volume, &vm.id);
        let outcome = self.detach(&volume, &machine, &record, &what, by_force).await;
        self.tell_of_mount(&volume, &vm.id);
        let warning = outcome?;
        tracing::info!(volume = %volume.id, "unmounted");
        self.tidy_unmounted(&volume).await?;
        Ok(Unmounted { warning })
    }

    /// What only waited for a machine to let go of a volume is done. The caller has the volume's structure.
    async fn tidy_unmounted(&self, volume: &Arc<Slot>) -> Result<()> {
        let (engine, counted) = (self.clone(), volume.clone());
        blocking(move || {
            engine.count_usage(&counted);
            stand_in::remove_unused(&counted.folder, &*counted.manifest()?);
            Ok(())
        })
        .await?;
        self.merge_in_passing(volume).await;
        self.tell(EventKind::FilesChanged { volume_id: volume.id.clone(), path: String::new() });
        Ok(())
    }

    /// Answers with what it has cost, when it had to be done `by_force`.
    async fn detach(
        &self,
        volume: &Arc<Slot>,
        machine: &Machine,
        record: &MountRecord,
        what: &str,
        by_force: bool,
    ) -> Result<Option<String>> {
        let unmounted = match machine.unmount(volume.id.as_str(), &record.path).await {
            Err(error) if error.kind() == cairn_vm::ErrorKind::NoAgent => {
                by_hand::let_go(machine, volume, record, error).await
            }
            unmounted => unmounted,
        };
        let mut cost = None;
        if let Err(error) = unmounted
            && error.kind() != cairn_vm::ErrorKind::NotRunning
        {
            if !by_force {
                // Nothing was ripped out: the guest has it as before.
                let still = record.error.clone().filter(|_| record.state == MountState::Attached);
                self.change_mount(volume, record, MountState::Attached, still).await?;
                return Err(refused_to_unmount(what, &error));
            }
            cost = Some(self.tear_off(volume, machine, record, &error).await);
        }
        fault::point("unmounted in the guest");
        self.stop_looking(volume).await;
        match machine.detach(volume.id.as_str()).await {
            Err(error) if error.kind() != cairn_vm::ErrorKind::NotRunning => {
                let error = vm_error(what, &error);
                self.change_mount(volume, record, MountState::Error, Some(error.to_string())).await?;
                Err(error)
            }
            _ => self.drop_mount(volume, record).await.map(|()| cost),
        }
    }

    fn mounted_at(&self, vm: &MachineSlot, path: &str) -> Option<(Arc<Slot>, MountRecord)> {
        self.slots().into_iter().find_map(|slot| {
            let manifest = slot.manifest().ok()?;
            let record = manifest.mounts.iter().find(|mount| mount.vm == vm.id && mount.path == path)?.clone();
            Some((slot, record))
        })
    }

    /// Records, durably, where a mount stands.
    async fn change_mount(
        &self,
        volume: &Arc<Slot>,
        record: &MountRecord,
        state: MountState,
        error: Option<String>,
    ) -> Result<()> {
        self.update_mount(volume, record, move |mount| (mount.state, mount.error) = (state, error)).await
    }

    /// Changes what is recorded of a mount, durably.
    async fn update_mount(
        &self,
        volume: &Arc<Slot>,
        record: &MountRecord,
        change: impl FnOnce(&mut MountRecord) + Send + 'static,
    ) -> Result<()> {
        let (volume, record) = (volume.clone(), record.clone());
        blocking(move || {
            volume.commit(|manifest| {
                if let Some(mount) = manifest.mounts.iter_mut().find(|mount| mount.is(&record)) {
                    change(mount);
                }
            })
        })
        .await
        .map(drop)
    }

    /// Takes a lease back, durably.
    async fn drop_mount(&self, volume: &Arc<Slot>, record: &MountRecord) -> Result<()> {
        let (volume, record) = (volume.clone(), record.clone());
        blocking(move || {
            volume.commit(|manifest| {
                let layers: Vec<_> =
                    manifest.mounts.iter().filter(|mount| mount.is(&record)).map(|mount| mount.layer.clone()).collect();
                manifest.mounts.retain(|mount| !mount.is(&record));
                manifest.discard_unneeded(&layers);
            })?;
            intent::settle(&volume)
        })
        .await
    }

    fn tell_of_mount(&self, volume: &Slot, vm: &VmId) {
        self.tell(EventKind::MountChanged { volume_id: volume.id.clone(), vm_id: vm.clone() });
        self.tell(EventKind::VolumeChanged { volume_id: volume.id.clone() });
    }

    fn find_mount(&self, volume: &Slot, record: &MountRecord) -> Result<Mount> {
        let mounts = self.mounts_of(&*volume.manifest()?);
        mounts.into_iter().find(|mount| mount.vm_id == record.vm && mount.mount_path == record.path).ok_or_else(|| {
            Error::new(ErrorKind::Conflict, "The machine ended while the volume was being mounted.")
                .with_hint("Start it and try again.")
        })
    }
}

/// What a request asks of a guest, as far as it can be judged here.
fn check(request: &MountRequest) -> Result<()> {
    check_how(request.mode, request.options.as_deref(), request.limits)
}

/// The same, of what is to be mounted at each start.
pub(crate) fn check_how(mode: MountMode, options: Option<&str>, limits: IoLimits) -> Result<()> {
    io::check(limits)?;
    let options = options.unwrap_or_default();
    MountOptions::parse(options, mode == MountMode::Ro).map(drop).map_err(|e| vm_error("mount it so", &e))
}

fn not_mounted(vm: &MachineSlot, path: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("The machine '{}' has no volume mounted at {path}.", vm.name()))
        .with_hint("Look at the list of mounts for its paths.")
}

/// Why a guest keeps a volume, and what can be done.
fn refused_to_unmount(what: &str, error: &cairn_vm::Error) -> Error {
    let error = (vm_error(what, error), error.kind());
    match error {
        (error, cairn_vm::ErrorKind::Busy | cairn_vm::ErrorKind::NoAgent | cairn_vm::ErrorKind::Timeout) => {
            error.with_hint("Unmounting by force takes it away all the same; what was not written then is lost.")
        }
        (error, _) => error,
    }
}

/// A path in a guest, tidied.
pub(crate) fn mount_path(text: &str) -> Result<String> {
    let path = MountPath::parse(text).map_err(|e| vm_error("mount there", &e))?;
    Ok(path.as_str().to_owned())
}
