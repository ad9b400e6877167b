//! What a managed machine is made of, as people say it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::id::{SnapshotId, VmId};
use crate::manifest::is_unlimited;
use crate::model::{IoLimits, MountMode, NewVolume};

/// What boots a machine's disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Firmware {
    /// A BIOS.
    #[default]
    Bios,
    /// UEFI.
    Uefi,
}

/// What becomes of a machine's own disk when it stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionDisk {
    /// It goes; the next start begins with the image again.
    #[default]
    Discard,
    /// It stays, and the next start goes on with it.
    Keep,
}

/// What network a machine has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// None.
    None,
    /// QEMU's user-mode network: the guest reaches what this computer reaches; nobody reaches the guest but through
    /// forwarded ports.
    #[default]
    User,
}

/// A TCP port of this computer's loopback address behind which a port of the guest is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forward {
    /// The port on this computer.
    pub host: u16,
    /// The port in the guest.
    pub guest: u16,
}

/// A volume that is mounted at each start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootVolume {
    /// Its name or id; recorded as its id.
    pub volume: String,
    /// The absolute path in the guest.
    pub path: String,
    /// Whether the guest may write.
    pub mode: MountMode,
    /// A checkpoint (an id, a name, or `latest`), or the present. One that may be written is branched off at the first
    /// start, and the branch is what later starts mount.
    pub at: Option<String>,
    /// Mount options beside the usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<String>,
    /// What may go through it.
    #[serde(default, skip_serializing_if = "is_unlimited")]
    pub limits: IoLimits,
}

/// What a machine boots from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BootSource {
    /// A kernel only; the machine has no disk of its own.
    #[default]
    Nothing,
    /// The demo VM's kernel and initramfs, with an empty disk beside them.
    Demo,
    /// A disk image of this computer (qcow2 or raw), or an ISO image, beside which the machine gets an empty disk.
    Image(PathBuf),
    /// A snapshot, by id or name.
    Snapshot(String),
}

/// What a volume is filled with before a machine gets it.
#[derive(Clone, Debug)]
pub struct VolumeSeed {
    /// The volume, by id or name.
    pub volume: String,
    /// A file or folder of this computer: an absolute path.
    pub local: PathBuf,
    /// What it becomes in the volume: what is in a folder goes into the folder of that name, a file gets that name, or
    /// goes into that folder when it ends with `/`.
    pub remote: String,
    /// Whether files that are already there are replaced; they stay as they are otherwise.
    pub overwrite: bool,
}

/// A checkpoint that is taken when a deployment went well, unless nothing has changed since the last.
#[derive(Clone, Debug)]
pub struct AutoCheckpoint {
    /// The volume, by id or name.
    pub volume: String,
    /// How many of the newest automatic checkpoints the volume's policy keeps from then on; as before for `None`.
    pub retention: Option<u32>,
}

/// What [`Engine::vm_create`](crate::Engine::vm_create) needs. What is `None` is as the snapshot's machine had it, or
/// else as it is best for most.
#[derive(Clone, Debug, Default)]
pub struct NewVm {
    /// The id that it is to have, when it was given away before; one that no other machine has.
    pub id: Option<VmId>,
    /// Its name, by the same rules as a volume's; made from its id when nobody says.
    pub name: Option<String>,
    /// What it boots from.
    pub source: BootSource,
    /// A Linux kernel that is booted directly, instead of what is on the disk.
    pub kernel: Option<PathBuf>,
    /// That kernel's initramfs.
    pub initrd: Option<PathBuf>,
    /// That kernel's command line.
    pub append: Option<String>,
    /// Memory in MiB; 1024 when nobody says.
    pub memory_mib: Option<u32>,
    /// Processors; 1 when nobody says.
    pub cpus: Option<u32>,
    /// What boots the disk.
    pub firmware: Option<Firmware>,
    /// What becomes of its own disk when it stops.
    pub session_disk: SessionDisk,
    /// The least size of its own disk in bytes: that of its image, or 16 GiB beside an ISO image, when nobody says.
    pub disk_bytes: Option<u64>,
    /// Its network.
    pub network: Network,
    /// Forwarded ports.
    pub forwards: Vec<Forward>,
    /// What is mounted at each start.
    pub volumes: Vec<BootVolume>,
    /// Volumes that are created first, when there are none of these names.
    pub create_volumes: Vec<NewVolume>,
    /// What volumes are filled with before the machine is made.
    pub seeds: Vec<VolumeSeed>,
    /// Checkpoints that [`Engine::vm_deploy`](crate::Engine::vm_deploy) takes when all went well.
    pub auto_checkpoints: Vec<AutoCheckpoint>,
    /// Whether its guest runs the QEMU guest agent, so that a start waits for it; true when nobody says.
    pub has_agent: Option<bool>,
    /// Whether its session disk becomes a snapshot when it is terminated.
    pub snapshot_on_terminate: bool,
    /// The name of that snapshot; made from the machine's and the time when nobody says.
    pub snapshot_name: Option<String>,
}

/// What [`Engine::vm_update`](crate::Engine::vm_update) changes of a machine; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct VmChange {
    /// Memory in MiB, from the next start on.
    pub memory_mib: Option<u32>,
    /// Processors, from the next start on.
    pub cpus: Option<u32>,
    /// Whether its session disk becomes a snapshot when it is terminated.
    pub snapshot_on_terminate: Option<bool>,
    /// The name of that snapshot.
    pub snapshot_name: Option<String>,
}

/// What a managed machine is made of.
#[derive(Clone, Debug)]
pub struct VmSetup {
    /// The image that it boots from.
    pub image: Option<PathBuf>,
    /// The snapshot that it boots from.
    pub snapshot_id: Option<SnapshotId>,
    /// The kernel that is booted directly.
    pub kernel: Option<PathBuf>,
    /// That kernel's initramfs.
    pub initrd: Option<PathBuf>,
    /// That kernel's command line.
    pub append: Option<String>,
    /// What boots the disk.
    pub firmware: Firmware,
    /// What becomes of its own disk when it stops; none when it has no disk of its own.
    pub session_disk: Option<SessionDisk>,
    /// Bytes that its own disk takes up on the host's disk, while there is one.
    pub session_bytes: Option<u64>,
    /// Its network.
    pub network: Network,
    /// Forwarded ports.
    pub forwards: Vec<Forward>,
    /// What is mounted at each start.
    pub volumes: Vec<BootVolume>,
    /// Whether its guest runs the QEMU guest agent.
    pub has_agent: bool,
    /// Whether its session disk becomes a snapshot when it is terminated.
    pub snapshot_on_terminate: bool,
    /// The name of that snapshot, when it has been chosen.
    pub snapshot_name: Option<String>,
}

/// What [`Engine::vm_attach`](crate::Engine::vm_attach) needs.
#[derive(Clone, Debug)]
pub struct AttachVm {
    /// The name that it gets here, by the same rules as a volume's.
    pub name: String,
    /// How it is reached.
    pub by: VmReach,
}

/// How a machine is reached that somebody else starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VmReach {
    /// By the sockets of its QEMU.
    Sockets {
        /// Where its QEMU listens for QMP: an absolute path.
        qmp: PathBuf,
        /// Where its guest's agent is reached; none: as its QEMU says.
        agent: Option<PathBuf>,
    },
    /// Through libvirt.
    Libvirt(VmDomain),
}

/// A domain of libvirt's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VmDomain {
    /// Its name, or its UUID.
    pub domain: String,
    /// The URI of the daemon that has it; none: whichever of this computer's has it.
    pub uri: Option<String>,
}

/// A QEMU that runs on this computer.
#[derive(Clone, Debug)]
pub struct FoundVm {
    /// Its process id; none when libvirt has it and the system does not tell.
    pub pid: Option<u32>,
    /// The machine's name, as its QEMU was told.
    pub name: Option<String>,
    /// The machine's type, as its QEMU was told.
    pub machine_type: Option<String>,
    /// The socket by which it can be attached, or the one that was tried last.
    pub qmp: Option<PathBuf>,
    /// The socket of its guest's agent.
    pub agent: Option<PathBuf>,
    /// The domain of libvirt's that it is.
    pub libvirt: Option<VmDomain>,
    /// The machine of the store that it is.
    pub vm_id: Option<VmId>,
    /// That machine's name.
    pub vm_name: Option<String>,
    /// Whether it can be attached.
    pub can_attach: bool,
    /// Why, or why not, in a sentence.
    pub detail: String,
}
