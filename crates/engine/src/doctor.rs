//! Doctor: what Cairn needs on this computer, what was found, and what to do about what was not.

use crate::demo;
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::model::{DoctorCheck, Vm, VmState, VolumeStatus};
use crate::size::Bytes;

/// Below this, a warning is due: a guest that writes will soon meet a full disk.
const LITTLE_SPACE: u64 = 1 << 30;

impl Engine {
    /// Looks at everything that Cairn needs. Never fails: what cannot be looked at is told as not being well.
    #[tracing::instrument(skip(self))]
    pub async fn doctor(&self) -> Vec<DoctorCheck> {
        let engine = self.clone();
        let mut checks = blocking(move || Ok(engine.look_at_files()))
            .await
            .unwrap_or_else(|error| vec![check("Store", false, error.to_string())]);
        checks.push(self.look_at_accelerator().await);
        checks.push(self.look_at_volumes().await);
        checks.extend(self.look_at_machines().await);
        checks
    }

    fn look_at_files(&self) -> Vec<DoctorCheck> {
        vec![look_at_qemu(), self.look_at_demo(), self.look_at_store(), self.look_at_space(), self.look_at_index()]
    }

    fn look_at_demo(&self) -> DoctorCheck {
        match demo::find(self.inner.demo_vm.as_deref()) {
            Ok(files) => check("Demo VM", true, format!("Found at {}.", files.kernel.display())),
            Err(error) => check("Demo VM", false, error.to_string()),
        }
    }

    fn look_at_store(&self) -> DoctorCheck {
        let probe = self.inner.store.run("probe");
        let written =
            durable::replace_file(&probe, b"can this be written?\n").and_then(|()| std::fs::remove_file(&probe));
        let root = self.inner.store.root().display();
        match written {
            Ok(()) => check("Store", true, format!("{root} can be written to.")),
            Err(error) => check("Store", false, format!("{root} cannot be written to: {error}.")),
        }
    }

    fn look_at_space(&self) -> DoctorCheck {
        match free_bytes(self.inner.store.root()) {
            Ok(free) if free < LITTLE_SPACE => {
                check("Disk space", false, format!("Only {} free; machines pause when there is none.", Bytes(free)))
            }
            Ok(free) => check("Disk space", true, format!("{} free.", Bytes(free))),
            Err(error) => check("Disk space", false, format!("Could not be asked for: {error}.")),
        }
    }

    fn look_at_index(&self) -> DoctorCheck {
        if self.inner.index.is_healthy() {
            check("Index", true, "In use.")
        } else {
            check(
                "Index",
                false,
                "It failed and is not used until the next start. Nothing is lost; everything is a little slower.",
            )
        }
    }

    /// Takes seconds where nobody has probed since this computer started; afterwards the answer is remembered.
    async fn look_at_accelerator(&self) -> DoctorCheck {
        match demo::accelerator(&self.inner.store).await {
            cairn_vm::Accel::Kvm => check("KVM", true, "Machines run on the processor itself."),
            // Slower, yet nothing is wrong and nothing needs to be done.
            cairn_vm::Accel::Tcg => check(
                "KVM",
                true,
                "It does not run guests here. Machines are emulated: everything works, several times slower.",
            ),
        }
    }

    async fn look_at_machines(&self) -> Vec<DoctorCheck> {
        match self.vm_list().await {
            Ok(vms) => vms.iter().map(look_at_machine).collect(),
            Err(error) => vec![check("Machines", false, error.to_string())],
        }
    }

    async fn look_at_volumes(&self) -> DoctorCheck {
        match self.volume_list().await {
            Err(error) => check("Volumes", false, error.to_string()),
            Ok(volumes) => {
                let bad: Vec<String> = volumes
                    .iter()
                    .filter(|volume| volume.status == VolumeStatus::Error)
                    .map(|volume| format!("'{}': {}", volume.name, volume.error.as_deref().unwrap_or("unknown")))
                    .collect();
                if bad.is_empty() {
                    check("Volumes", true, format!("{} in the store, all in order.", volumes.len()))
                } else {
                    check(
                        "Volumes",
                        false,
                        format!("{} of {} cannot be used. {}", bad.len(), volumes.len(), bad.join(" ")),
                    )
                }
            }
        }
    }
}

fn look_at_machine(vm: &Vm) -> DoctorCheck {
    let name = format!("Machine '{}'", vm.name);
    match (vm.state, &vm.error) {
        (_, Some(error)) => check(&name, false, error.clone()),
        (VmState::Starting, None) => check(&name, true, "It is starting."),
        (VmState::Running, None) if vm.attached.is_some() => {
            check(&name, true, "It runs. What works in it, `cairn vm doctor` says.")
        }
        (VmState::Running, None) => check(&name, true, "It runs, and its agent answers."),
        (VmState::Stopping, None) => check(&name, true, "It is stopping."),
        (VmState::Stopped, None) => check(&name, true, "It is stopped."),
        (VmState::Error, None) => check(&name, false, "It cannot be reached."),
    }
}

fn look_at_qemu() -> DoctorCheck {
    match cairn_vm::find_qemu() {
        Ok(qemu) => check("QEMU", true, format!("Version {} at {}.", qemu.version, qemu.path.display())),
        Err(error) => check("QEMU", false, format!("{error}.")),
    }
}

/// What an ordinary user may still write to the disk with `path` on it, in bytes.
pub(crate) fn free_bytes(path: &std::path::Path) -> std::io::Result<u64> {
    let space = nix::sys::statvfs::statvfs(path)?;
    Ok((space.blocks_available() as u64).saturating_mul(space.fragment_size() as u64))
}

pub(crate) fn check(name: &str, ok: bool, detail: impl Into<String>) -> DoctorCheck {
    DoctorCheck { name: name.to_owned(), ok, detail: detail.into(), paste: None }
}
