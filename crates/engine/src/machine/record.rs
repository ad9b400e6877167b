//! What `vm.json` says of a machine.

use std::path::{Path, PathBuf};

use cairn_vm::DiskFormat;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::model::{BootVolume, Firmware, Forward, Network, SessionDisk, VmSetup};
use crate::convert::io_error;
use crate::error::Result;
use crate::id::{LayerId, SnapshotId, VmId};

/// The format of `vm.json`. The first knew only demo machines, the second none that somebody else has started, the third
/// none that libvirt runs.
pub(super) const FORMAT: u32 = 4;

/// What `vm.json` says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct VmRecord {
    pub(super) format: u32,
    pub(crate) id: VmId,
    pub(crate) name: String,
    #[serde(flatten)]
    pub(super) kind: VmKind,
    pub(crate) memory_mib: u32,
    pub(crate) cpus: u32,
    #[serde(with = "time::serde::rfc3339")]
    pub(super) created_at: OffsetDateTime,
    /// How QEMU ran it when it was last started.
    #[serde(default)]
    pub(super) accelerator: Option<String>,
}

impl VmRecord {
    /// What a machine is made of that is not the demo VM.
    pub(crate) fn managed(&self) -> Option<&Managed> {
        match &self.kind {
            VmKind::Demo | VmKind::Attached(_) => None,
            VmKind::Managed(managed) => Some(managed),
        }
    }

    /// How a machine is reached that somebody else has started.
    pub(crate) fn attached(&self) -> Option<&Attached> {
        match &self.kind {
            VmKind::Attached(attached) => Some(attached),
            VmKind::Demo | VmKind::Managed(_) => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn managed_mut(&mut self) -> Option<&mut Managed> {
        match &mut self.kind {
            VmKind::Demo | VmKind::Attached(_) => None,
            VmKind::Managed(managed) => Some(managed),
        }
    }

    /// Whether a guest's agent is to be waited for; what others' guests run, nobody knows.
    pub(super) fn has_agent(&self) -> bool {
        match &self.kind {
            VmKind::Demo => true,
            VmKind::Managed(managed) => managed.has_agent,
            VmKind::Attached(_) => false,
        }
    }
}

/// What a machine boots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum VmKind {
    /// The kernel and initramfs that come with Cairn.
    Demo,
    /// What somebody has chosen.
    Managed(Box<Managed>),
    /// Nothing of ours: somebody else starts it.
    Attached(Attached),
}

impl VmKind {
    /// What the machine in `folder` is made of, for people; none for a demo VM.
    pub(super) fn setup(self, folder: &Path) -> Option<VmSetup> {
        let Self::Managed(managed) = self else { return None };
        let (snapshot_id, on_image) = match managed.base.clone() {
            Some(Base::Image { path, .. }) => (None, Some(path)),
            Some(Base::Snapshot { id }) => (Some(id), None),
            Some(Base::Empty) | None => (None, None),
        };
        let (kernel, initrd, append) =
            managed.kernel.map_or((None, None, None), |it| (Some(it.kernel), it.initrd, Some(it.append)));
        let disk = managed.session.map(|session| folder.join(session_file(&session.layer)));
        Some(VmSetup {
            image: managed.iso.or(on_image),
            snapshot_id,
            kernel,
            initrd,
            append,
            firmware: managed.firmware,
            session_disk: managed.base.map(|_| managed.session_disk),
            session_bytes: disk.and_then(|path| disk_bytes(&path)),
            network: managed.network,
            forwards: managed.forwards,
            volumes: managed.volumes,
            has_agent: managed.has_agent,
            snapshot_on_terminate: managed.last_snapshot.is_some(),
            snapshot_name: managed.last_snapshot.and_then(|snapshot| snapshot.name),
        })
    }
}

/// How a machine is reached that somebody else starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attached {
    /// By what.
    #[serde(flatten)]
    pub(super) by: By,
    /// Its QEMU when it was last reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) process: Option<cairn_vm::Process>,
}

/// What a machine is reached by that somebody else starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum By {
    /// Libvirt.
    Libvirt {
        /// The URI of its daemon.
        libvirt: String,
        /// The domain's identity.
        uuid: String,
        /// The domain's name when it was last seen.
        domain: String,
    },
    /// The sockets of its QEMU.
    Sockets {
        /// Where its QEMU listens for QMP.
        qmp: PathBuf,
        /// Where its guest's agent is reached; none: as its QEMU says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<PathBuf>,
    },
}

/// What a file takes up on the host's disk, in bytes.
pub(crate) fn disk_bytes(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|file| file.blocks() * 512)
}

/// What somebody has chosen a machine to be, and its own disk as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Managed {
    /// What its own disk begins as; none: it has no disk of its own.
    pub(crate) base: Option<Base>,
    /// An ISO image in its CD drive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) iso: Option<PathBuf>,
    /// A kernel that is booted directly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kernel: Option<KernelRecord>,
    pub(crate) firmware: Firmware,
    pub(crate) session_disk: SessionDisk,
    /// The size of its own disk in bytes, as far as its image is not larger.
    #[serde(default)]
    pub(crate) disk_bytes: u64,
    pub(crate) network: Network,
    #[serde(default)]
    pub(crate) forwards: Vec<Forward>,
    /// What is mounted at each start.
    #[serde(default)]
    pub(crate) volumes: Vec<BootVolume>,
    pub(crate) has_agent: bool,
    /// What the session disk becomes when the machine is terminated; none: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_snapshot: Option<LastSnapshot>,
    /// The session disk, while there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<Session>,
    /// An intent: the session disk is being frozen as a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) freezing: Option<Freezing>,
}

/// The snapshot that a machine's session disk becomes when the machine is terminated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastSnapshot {
    /// Its name; made from the machine's and the time when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

/// A kernel that is booted directly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KernelRecord {
    pub(crate) kernel: PathBuf,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) initrd: Option<PathBuf>,
    #[serde(default)]
    pub(crate) append: String,
    /// Whether it is the demo VM's: then its files are looked for at each start.
    #[serde(default)]
    pub(crate) is_demo: bool,
}

/// What a session disk, or a snapshot, stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case")]
pub(crate) enum Base {
    /// An image of the host's, which stays where it is and is only read.
    Image { path: PathBuf, format: DiskFormat, stamp: Stamp },
    /// A snapshot of the store.
    Snapshot { id: SnapshotId },
    /// Nothing: it began empty.
    Empty,
}

/// Changes whenever somebody writes to an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    length: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Stamp {
    /// The stamp of the file at `path` as it is now.
    pub(crate) fn of(path: &Path) -> Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let file = std::fs::metadata(path).map_err(|e| io_error("look at the image", path, &e))?;
        Ok(Self { length: file.len(), seconds: file.mtime(), nanoseconds: file.mtime_nsec() })
    }
}

/// A session disk: `<layer>.session.qcow2` in the machine's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) layer: LayerId,
    pub(crate) base: Base,
    /// Its size in bytes, as the guest sees it.
    pub(crate) virtual_size: u64,
}

/// A snapshot that is being made: the session disk becomes it, and `overlay` the session disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Freezing {
    pub(crate) snapshot: SnapshotId,
    pub(crate) name: String,
    pub(crate) overlay: LayerId,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created_at: OffsetDateTime,
}

/// The name of a session disk's file.
pub(crate) fn session_file(layer: &LayerId) -> String {
    format!("{layer}{SESSION_ENDING}")
}

/// What such a name ends with.
pub(crate) const SESSION_ENDING: &str = ".session.qcow2";
