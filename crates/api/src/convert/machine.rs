//! Machines and snapshots.

use std::path::PathBuf;

use cairn_engine as engine;

use super::time_text;
use crate::types::*;

/// The port at which ssh listens.
const SSH: u16 = 22;

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
        let session_id = session_of(&value.id);
        let id = String::from(value.id);
        Self {
            vm_id: id.clone(),
            id,
            session_id,
            snapshot_id: value.setup.as_ref().and_then(|setup| setup.snapshot_id.clone()).map(Into::into),
            name: value.name,
            status: value.state.into(),
            accelerator: value.accelerator,
            pid: value.pid,
            memory_mb: value.memory_mib,
            vcpu_count: value.cpus,
            created_at: time_text(value.created_at),
            ssh_host: value.setup.as_ref().and_then(ssh_host),
            setup: value.setup.map(Into::into),
            attached: value.attached.map(Into::into),
            mounts: value.mounts.into_iter().map(Into::into).collect(),
            error: value.error,
        }
    }
}

/// The guest's port 22 as this computer reaches it.
fn ssh_host(setup: &engine::VmSetup) -> Option<String> {
    let ssh = setup.forwards.iter().find(|forward| forward.guest == SSH)?;
    Some(format!("127.0.0.1:{}", ssh.host))
}

impl From<engine::VmReach> for VmReach {
    fn from(value: engine::VmReach) -> Self {
        match value {
            engine::VmReach::Sockets { qmp, agent } => {
                Self { qmp: Some(text(qmp)), agent: agent.map(text), libvirt: None }
            }
            engine::VmReach::Libvirt(domain) => Self { qmp: None, agent: None, libvirt: Some(domain.into()) },
        }
    }
}

impl From<engine::VmDomain> for VmDomain {
    fn from(value: engine::VmDomain) -> Self {
        Self { domain: value.domain, uri: value.uri }
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
            libvirt: value.libvirt.map(Into::into),
            vm_id: value.vm_id.map(Into::into),
            vm_name: value.vm_name,
            can_attach: value.can_attach,
            detail: value.detail,
        }
    }
}

impl TryFrom<AttachVm> for engine::AttachVm {
    type Error = engine::Error;

    fn try_from(value: AttachVm) -> Result<Self, engine::Error> {
        let by = match (value.qmp, value.agent, value.libvirt) {
            (Some(qmp), agent, None) => engine::VmReach::Sockets { qmp: qmp.into(), agent: agent.map(Into::into) },
            (None, None, Some(VmDomain { domain, uri })) => engine::VmReach::Libvirt(engine::VmDomain { domain, uri }),
            _ => {
                return Err(invalid("A machine is reached by the QMP socket of its QEMU or as a domain of libvirt's.")
                    .with_hint("Give either 'qmp', perhaps with 'agent', or 'libvirt'."));
            }
        };
        Ok(Self { name: value.name, by })
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
            snapshot_on_terminate: value.snapshot_on_terminate,
            snapshot_name: value.snapshot_name,
        }
    }
}

/// What the id of a session begins with. What follows is the same as in the id of the machine that belongs to it.
const SESSION: &str = "sess_";

/// The session that belongs to a machine.
#[must_use]
pub fn session_of(vm: &engine::VmId) -> String {
    format!("{SESSION}{}", &vm.as_str()[engine::VmId::PREFIX.len()..])
}

/// The machine that belongs to a session; `None` when this is no id of a session.
#[must_use]
pub fn vm_of(session: &str) -> Option<engine::VmId> {
    format!("{}{}", engine::VmId::PREFIX, session.strip_prefix(SESSION)?).parse().ok()
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

impl From<engine::IoStats> for MountIo {
    fn from(value: engine::IoStats) -> Self {
        Self {
            read_operations: value.read_operations,
            read_bytes: value.read_bytes,
            read_micros: value.read_micros,
            written_operations: value.written_operations,
            written_bytes: value.written_bytes,
            written_micros: value.written_micros,
            flushes: value.flushes,
            flush_micros: value.flush_micros,
        }
    }
}

impl From<engine::MountRate> for MountRate {
    fn from(value: engine::MountRate) -> Self {
        Self {
            vm_id: value.vm_id.into(),
            vm_name: value.vm_name,
            volume_id: value.volume_id.into(),
            volume_name: value.volume_name,
            mount_path: value.mount_path,
            read_bytes: value.read_bytes,
            read_operations: value.read_operations,
            written_bytes: value.written_bytes,
            written_operations: value.written_operations,
        }
    }
}

impl From<engine::Unmounted> for Unmounted {
    fn from(value: engine::Unmounted) -> Self {
        Self { warning: value.warning }
    }
}

impl From<MountLimits> for engine::IoLimits {
    fn from(value: MountLimits) -> Self {
        Self { iops: value.iops, bytes_per_second: value.bytes_per_second }
    }
}

impl From<engine::BootVolume> for MountRequest {
    fn from(value: engine::BootVolume) -> Self {
        Self {
            volume_id: value.volume,
            mount_path: value.path,
            mode: value.mode.into(),
            checkpoint_id: value.at,
            options: value.options,
            iops: value.limits.iops,
            bytes_per_second: value.limits.bytes_per_second,
        }
    }
}

fn invalid(message: impl Into<String>) -> engine::Error {
    engine::Error::new(engine::ErrorKind::InvalidInput, message)
}

/// The size of a volume that a machine creates, in GiB, when nobody says.
const NEW_VOLUME_GIB: u64 = 10;

impl NewVmVolume {
    /// Adds to the machine what is mounted, and what is created, filled and kept for it.
    fn add_to(self, new: &mut engine::NewVm) -> Result<(), engine::Error> {
        let created = match (&self.volume_id, &self.name) {
            (None, Some(name)) if self.create_if_missing => {
                let quota_bytes = self.size_gb.unwrap_or(NEW_VOLUME_GIB).saturating_mul(1 << 30);
                Some(engine::NewVolume { name: name.clone(), quota_bytes })
            }
            _ => None,
        };
        let volume = self.volume_id.or(self.name).ok_or_else(|| {
            invalid("A machine's volume has neither an id nor a name.").with_hint("Give the field volume_id or name.")
        })?;
        new.create_volumes.extend(created);
        new.seeds.extend(self.pre_seed.into_iter().map(|PreSeed { local, remote, overwrite }| engine::VolumeSeed {
            volume: volume.clone(),
            local: local.into(),
            remote,
            overwrite,
        }));
        if let Some(AutoCheckpoint { on_success: true, retention }) = self.auto_checkpoint {
            new.auto_checkpoints.push(engine::AutoCheckpoint { volume: volume.clone(), retention });
        }
        let (path, mode, at) = (self.mount_path, self.mode.into(), self.checkpoint_id);
        let limits = engine::IoLimits { iops: self.iops, bytes_per_second: self.bytes_per_second };
        new.volumes.push(engine::BootVolume { volume, path, mode, at, options: self.options, limits });
        Ok(())
    }
}

impl TryFrom<NewVm> for engine::NewVm {
    type Error = engine::Error;

    fn try_from(value: NewVm) -> Result<Self, engine::Error> {
        let source = match (value.snapshot_id, value.image) {
            (Some(_), Some(_)) => {
                return Err(invalid("A machine boots from an image or from a snapshot, not from both.")
                    .with_hint("Leave one of them out."));
            }
            (Some(snapshot), None) => engine::BootSource::Snapshot(snapshot),
            (None, Some(image)) => engine::BootSource::Image(image.into()),
            (None, None) if value.kernel.is_some() => engine::BootSource::Nothing,
            (None, None) => engine::BootSource::Demo,
        };
        let no_session = |id: &String| {
            invalid(format!("'{id}' is no id of a session.")).with_hint("Use the one that a session began with.")
        };
        let id = value.session_id.map(|id| vm_of(&id).ok_or_else(|| no_session(&id))).transpose()?;
        let mut new = Self {
            id,
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
            has_agent: value.agent,
            snapshot_on_terminate: value.snapshot_on_terminate,
            snapshot_name: value.snapshot_name,
            ..Self::default()
        };
        for volume in value.volumes {
            volume.add_to(&mut new)?;
        }
        Ok(new)
    }
}

impl From<VmChange> for engine::VmChange {
    fn from(value: VmChange) -> Self {
        let VmChange { memory_mb, vcpu_count, snapshot_on_terminate, snapshot_name } = value;
        Self { memory_mib: memory_mb, cpus: vcpu_count, snapshot_on_terminate, snapshot_name }
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
            kind: SnapshotKind::User,
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
