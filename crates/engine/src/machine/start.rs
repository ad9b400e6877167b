//! Starting and stopping.

use std::sync::Arc;
use std::time::Duration;

use super::model::{BootVolume, Firmware, Network};
use super::record::{Base, KernelRecord, Managed};
use super::{MachineSlot, firmware, registry};
use crate::checkpoint;
use crate::convert::vm_error;
use crate::demo;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::lease;
use crate::model::{MountMode, MountRequest, NoticeLevel, VmState};
use crate::snapshot;
use crate::sync;

/// How long the demo VM may take to boot until its agent answers; under TCG on a busy computer that can be long.
pub(super) const BOOT: Duration = Duration::from_secs(120);
/// The same for a machine that may boot anything.
const BOOT_ANYTHING: Duration = Duration::from_secs(300);
/// How long a guest may take to shut down before it is stopped by force.
const SHUT_DOWN: Duration = Duration::from_secs(30);

impl Engine {
    /// Starts a machine, and mounts what it is to have. When that fails, a machine that was started for it is stopped.
    pub(super) async fn start_with_volumes(&self, slot: &Arc<MachineSlot>) -> Result<()> {
        let volumes = sync::lock(&slot.record).managed().map(|managed| managed.volumes.clone()).unwrap_or_default();
        let ran = slot.machine().is_some();
        if !ran {
            self.refuse_volumes_in_use(&volumes)?;
        }
        self.start(slot).await?;
        for volume in volumes {
            let Err(error) = self.mount_at_boot(slot, volume).await else { continue };
            if !ran && let Err(error) = self.stop(slot, false).await {
                tracing::warn!(vm = %slot.id, %error, "a machine whose volumes cannot be mounted goes on running");
            }
            return Err(error);
        }
        Ok(())
    }

    /// Nobody wants to wait for a boot to hear that a volume is not free.
    fn refuse_volumes_in_use(&self, volumes: &[BootVolume]) -> Result<()> {
        for wanted in volumes {
            let manifest = self.slot(&wanted.volume)?.manifest()?;
            match (&wanted.at, wanted.mode) {
                (Some(at), _) => drop(checkpoint::resolve(&manifest, at)?),
                (None, MountMode::Rw) => lease::may_write_head(&manifest, &self.vm_names())?,
                (None, MountMode::Ro) => lease::may_read_head(&manifest, &self.vm_names())?,
            }
        }
        Ok(())
    }

    async fn mount_at_boot(&self, slot: &Arc<MachineSlot>, wanted: BootVolume) -> Result<()> {
        if self.mounts_in(&slot.id).iter().any(|mount| mount.mount_path == wanted.path) {
            return Ok(());
        }
        let request = MountRequest {
            volume: wanted.volume.clone(),
            vm: slot.id.to_string(),
            mount_path: wanted.path.clone(),
            mode: wanted.mode,
            at: wanted.at.clone(),
            options: wanted.options.clone(),
            limits: wanted.limits,
        };
        let mount = self.mount(request).await?;
        if mount.volume_id.as_str() == wanted.volume {
            return Ok(());
        }
        // A branch was made: it is what this machine has from now on.
        let branch = BootVolume { volume: mount.volume_id.to_string(), at: None, ..wanted.clone() };
        let slot = slot.clone();
        blocking(move || {
            registry::change(&slot, |managed| {
                managed
                    .volumes
                    .iter_mut()
                    .filter(|volume| **volume == wanted)
                    .for_each(|volume| *volume = branch.clone());
            })
        })
        .await
    }

    pub(super) async fn start(&self, slot: &Arc<MachineSlot>) -> Result<()> {
        if slot.is_attached() {
            return self.start_attached(slot).await;
        }
        let _turn = slot.turn.lock().await;
        // Somebody may have deleted it while its turn was waited for.
        self.machine_slot(slot.id.as_str())?;
        if slot.state() == VmState::Error {
            self.find_running(slot).await;
            self.refuse_when_unreachable(slot)?;
        }
        // What it had before is taken back first.
        drop(slot.ending.lock().await);
        let machine = match slot.machine() {
            Some(machine) => machine,
            None => self.launch(slot).await.inspect_err(|error| self.set_state(slot, VmState::Stopped, Some(error)))?,
        };
        if slot.state() == VmState::Running {
            return Ok(());
        }
        let (has_agent, boot) = slot.agent();
        if !has_agent {
            self.set_state(slot, VmState::Running, None);
            return Ok(());
        }
        match machine.wait_for_agent(boot).await {
            Ok(()) => {
                self.set_state(slot, VmState::Running, None);
                Ok(())
            }
            Err(error) => {
                let error = vm_error(&format!("start the machine '{}'", slot.name()), &error);
                if slot.machine().is_some() {
                    self.set_state(slot, VmState::Starting, Some(&error));
                }
                Err(error)
            }
        }
    }

    async fn launch(&self, slot: &Arc<MachineSlot>) -> Result<cairn_vm::Machine> {
        self.set_state(slot, VmState::Starting, None);
        let accel = demo::accelerator(&self.inner.store).await;
        let record = {
            let mut record = sync::lock(&slot.record);
            record.accelerator = Some(accel.as_str().to_owned());
            record.clone()
        };
        let saved = slot.clone();
        blocking(move || registry::save(&saved)).await?;
        let spec = match record.managed() {
            None => {
                let files = demo::find(self.inner.demo_vm.as_deref())?;
                demo::launch_spec(&record.name, &slot.folder, files, record.memory_mib, record.cpus, accel)
            }
            Some(managed) => cairn_vm::LaunchSpec {
                name: record.name.clone(),
                dir: slot.folder.clone(),
                memory_mib: record.memory_mib,
                cpus: record.cpus,
                accel,
                ..self.spec_of(slot, managed).await?
            },
        };
        let launched = cairn_vm::launch(&spec).await;
        let machine = match launched {
            Ok(machine) => machine,
            Err(error) => {
                if let Err(error) = self.end_session(slot).await {
                    tracing::warn!(vm = %slot.id, %error, "the session disk of a machine that did not start stays");
                }
                return Err(vm_error(&format!("start the machine '{}'", slot.name()), &error));
            }
        };
        tracing::info!(vm = %slot.id, accel = accel.as_str(), pid = machine.pid(), "machine started");
        self.adopt(slot, machine.clone());
        Ok(machine)
    }

    /// How a machine that somebody has described is started.
    async fn spec_of(&self, slot: &Arc<MachineSlot>, managed: &Managed) -> Result<cairn_vm::LaunchSpec> {
        let session_disk = self.prepare_session(slot, managed).await?;
        let kernel = managed.kernel.as_ref().map(|kernel| self.kernel_of(kernel)).transpose()?;
        let forwards = managed.forwards.iter().map(|forward| (forward.host, forward.guest)).collect();
        let firmware = match managed.firmware {
            Firmware::Bios => cairn_vm::Firmware::Bios,
            Firmware::Uefi => {
                let from = match &managed.base {
                    Some(Base::Snapshot { id }) => Some(snapshot::folder(&self.inner.store, id)),
                    _ => None,
                };
                let folder = slot.folder.clone();
                blocking(move || firmware::prepare(&folder, from.as_deref())).await?
            }
        };
        Ok(cairn_vm::LaunchSpec {
            name: String::new(),
            dir: slot.folder.clone(),
            kernel,
            firmware,
            session_disk,
            cdrom: managed.iso.clone(),
            network: (managed.network == Network::User).then_some(cairn_vm::Network { forwards }),
            memory_mib: 0,
            cpus: 0,
            accel: cairn_vm::Accel::Tcg,
            hotplug_slots: demo::SLOTS,
        })
    }

    fn kernel_of(&self, record: &KernelRecord) -> Result<cairn_vm::Kernel> {
        let (kernel, initrd) = if record.is_demo {
            let files = demo::find(self.inner.demo_vm.as_deref())?;
            (files.kernel, Some(files.initrd))
        } else {
            (record.kernel.clone(), record.initrd.clone())
        };
        Ok(cairn_vm::Kernel { kernel, initrd, append: record.append.clone() })
    }

    pub(super) async fn stop(&self, slot: &Arc<MachineSlot>, force: bool) -> Result<()> {
        if slot.is_attached() {
            return self.stop_attached(slot, force).await;
        }
        let _turn = slot.turn.lock().await;
        let Some(machine) = slot.machine() else { return self.refuse_when_unreachable(slot) };
        let before = slot.state();
        self.set_state(slot, VmState::Stopping, None);
        let stopped = async {
            if !force {
                // Who cannot be asked unmounts while shutting down.
                if slot.has_agent() {
                    self.unmount_all(slot).await?;
                }
                match machine.shut_down(SHUT_DOWN).await {
                    Err(error) if error.kind() == cairn_vm::ErrorKind::Timeout => {
                        let message =
                            format!("The machine '{}' did not shut down and is stopped by force.", slot.name());
                        self.inner.events.notice(NoticeLevel::Warning, message);
                    }
                    outcome => {
                        return outcome.map_err(|e| vm_error(&format!("stop the machine '{}'", slot.name()), &e));
                    }
                }
            }
            machine.quit().await.map_err(|e| vm_error(&format!("stop the machine '{}'", slot.name()), &e))
        };
        match stopped.await {
            Ok(()) => {
                self.machine_gone(slot).await;
                Ok(())
            }
            Err(error) => {
                if slot.machine().is_some() {
                    self.set_state(slot, before, None);
                }
                Err(error)
            }
        }
    }

    pub(super) fn refuse_when_unreachable(&self, slot: &MachineSlot) -> Result<()> {
        slot.why_unreachable().map_or(Ok(()), Err)
    }
}

impl MachineSlot {
    /// What keeps a machine from being reached that may run.
    pub(super) fn why_unreachable(&self) -> Option<Error> {
        let live = sync::lock(&self.live);
        let error = live.error.as_ref().filter(|_| live.state == VmState::Error)?;
        Some(Error::new(ErrorKind::Conflict, error.clone()))
    }

    /// Whether its guest is expected to run an agent.
    pub(crate) fn has_agent(&self) -> bool {
        self.agent().0
    }

    /// Whether its guest has an agent to be waited for, and how long.
    pub(super) fn agent(&self) -> (bool, Duration) {
        let record = sync::lock(&self.record);
        (record.has_agent(), if record.managed().is_some() { BOOT_ANYTHING } else { BOOT })
    }
}
