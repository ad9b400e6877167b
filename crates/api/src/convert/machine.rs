//! Machines and snapshots.

use std::path::PathBuf;

use cairn_engine as engine;

use super::time_text;
use crate::types::*;

macro_rules! same_words_both_ways {
    ($($name:ident { $($word:ident),* })*) => { $(
        impl From<engine::$name> for $name {
            fn from(value: engine::$name) -> Self {
                match value { $(engine::$name::$word => Self::$word),* }
            }
        }

        impl From<$name> for engine::$name {
            fn from(value: $name) -> Self {
                match value { $($name::$word => Self::$word),* }
            }
        }
    )* };
}

same_words_both_ways! {
    Firmware { Bios, Uefi }
    SessionDisk { Discard, Keep }
    Network { None, User }
}

impl From<engine::Vm> for Vm {
    fn from(value: engine::Vm) -> Self {
        let id = String::from(value.id);
        Self {
            vm_id: id.clone(),
            id,
            name: value.name,
            status: value.state.into(),
            accelerator: value.accelerator,
            pid: value.pid,
            memory_mb: value.memory_mib,
            vcpu_count: value.cpus,
            created_at: time_text(value.created_at),
            setup: value.setup.map(Into::into),
            attached: value.attached.map(Into::into),
            mounts: value.mounts.into_iter().map(Into::into).collect(),
            error: value.error,
        }
    }
}

impl From<engine::VmSockets> for VmSockets {
    fn from(value: engine::VmSockets) -> Self {
        Self { qmp: text(value.qmp), agent: value.agent.map(text) }
    }
}

impl From<engine::FoundVm> for FoundVm {
    fn from(value: engine::FoundVm) -> Self {
        Self {
            pid: value.pid,
            name: value.name,
            machine_type: value.machine_type,
            qmp: value.qmp.map(text),
            agent: value.agent.map(text),
            vm_id: value.vm_id.map(Into::into),
            vm_name: value.vm_name,
            can_attach: value.can_attach,
            detail: value.detail,
        }
    }
}

impl From<AttachVm> for engine::AttachVm {
    fn from(value: AttachVm) -> Self {
        Self { name: value.name, qmp: value.qmp.into(), agent: value.agent.map(Into::into) }
    }
}

impl From<engine::VmSetup> for VmSetup {
    fn from(value: engine::VmSetup) -> Self {
        Self {
            image: value.image.map(text),
            snapshot_id: value.snapshot_id.map(Into::into),
            kernel: value.kernel.map(text),
            initrd: value.initrd.map(text),
            append: value.append,
            firmware: value.firmware.into(),
            session_disk: value.session_disk.map(Into::into),
            session_bytes: value.session_bytes,
            network: value.network.into(),
            forwards: value.forwards.into_iter().map(Into::into).collect(),
            volumes: value.volumes.into_iter().map(Into::into).collect(),
            agent: value.has_agent,
        }
    }
}

impl From<engine::Forward> for Forward {
    fn from(value: engine::Forward) -> Self {
        Self { host_port: value.host, guest_port: value.guest }
    }
}

impl From<Forward> for engine::Forward {
    fn from(value: Forward) -> Self {
        Self { host: value.host_port, guest: value.guest_port }
    }
}

impl From<engine::BootVolume> for MountRequest {
    fn from(value: engine::BootVolume) -> Self {
        Self { volume_id: value.volume, mount_path: value.path, mode: value.mode.into(), checkpoint_id: value.at }
    }
}

impl From<MountRequest> for engine::BootVolume {
    fn from(value: MountRequest) -> Self {
        Self { volume: value.volume_id, path: value.mount_path, mode: value.mode.into(), at: value.checkpoint_id }
    }
}

impl From<NewVm> for engine::NewVm {
    fn from(value: NewVm) -> Self {
        let source = match (value.snapshot_id, value.image) {
            (Some(snapshot), _) => engine::BootSource::Snapshot(snapshot),
            (None, Some(image)) => engine::BootSource::Image(image.into()),
            (None, None) => engine::BootSource::Nothing,
        };
        Self {
            name: value.name,
            source,
            kernel: value.kernel.map(Into::into),
            initrd: value.initrd.map(Into::into),
            append: value.append,
            memory_mib: value.memory_mb,
            cpus: value.vcpu_count,
            firmware: value.firmware.map(Into::into),
            session_disk: value.session_disk.into(),
            disk_bytes: value.disk_bytes,
            network: value.network.into(),
            forwards: value.forwards.into_iter().map(Into::into).collect(),
            volumes: value.volumes.into_iter().map(Into::into).collect(),
            has_agent: value.agent,
        }
    }
}

impl From<engine::Snapshot> for Snapshot {
    fn from(value: engine::Snapshot) -> Self {
        let id = String::from(value.id);
        Self {
            snapshot_id: id.clone(),
            id,
            name: value.name,
            status: SnapshotStatus::Ready,
            vm_id: value.vm_id.into(),
            vm_name: value.vm_name,
            created_at: time_text(value.created_at),
            image: value.image.map(text),
            parent_id: value.parent.map(Into::into),
            size_bytes: value.size_bytes,
            disk_bytes: value.disk_bytes,
            crash_consistent: value.crash_consistent,
            used_by: value.used_by,
        }
    }
}

/// A path as the wire has it; bytes that are not UTF-8 are shown as U+FFFD.
fn text(path: PathBuf) -> String {
    path.to_string_lossy().into_owned()
}
