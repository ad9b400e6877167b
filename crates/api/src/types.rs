//! The objects, requests and events as they cross a wire.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::error::ErrorCode;
use crate::strings::{FilePath, GuestPath, HostPath, MountOptions, Name, PlacePath, Sha256, WebAddress};

macro_rules! wire {
    ($($item:item)*) => { $(
        #[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
        #[ts(export_to = "types.ts")]
        $item
    )* };
}

macro_rules! word {
    ($($item:item)*) => { $(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
        #[serde(rename_all = "kebab-case")]
        #[ts(export_to = "types.ts")]
        $item
    )* };
}

word! {
    /// Whether somebody is using a volume.
    pub enum VolumeStatus { /** No machine has it. */ Available, /** A machine has it. */ InUse, /** It cannot be opened. */ Error }
    /// What a name in a volume stands for.
    pub enum FileKind { /** A regular file. */ File, /** A folder. */ Directory, /** A symbolic link. */ Symlink, /** A device node, socket or pipe. */ Other }
    /// What happens to files that are already there.
    #[derive(Default)]
    pub enum Conflict { /** The new one takes their place. */ #[default] Replace, /** They stay. */ Skip, /** The transfer is refused. */ Fail }
    /// Which way a transfer goes.
    pub enum Direction { /** Into a volume. */ Upload, /** Out of a volume. */ Download }
    /// How far a transfer is.
    pub enum TransferState { /** Waiting. */ Queued, /** Copying. */ Running, /** Stopped for a while. */ Paused, /** Durable. */ Done, /** Failed, nothing left behind. */ Failed, /** Cancelled, nothing left behind. */ Cancelled, /** The engine ended in its middle, nothing left behind. */ Interrupted }
    /// How a volume is mounted.
    #[derive(Default)]
    pub enum MountMode { /** Read and write. */ #[default] Rw, /** Read only. */ Ro }
    /// Where a mount stands.
    pub enum MountState { /** On its way in. */ Attaching, /** There. */ Attached, /** On its way out. */ Detaching, /** Something went wrong. */ Error }
    /// What a machine is doing; `active` means that its guest's agent answers.
    pub enum VmStatus { /** Not running. */ Stopped, /** Booting. */ Creating, /** Up. */ Active, /** On its way down. */ Stopping, /** Could not be started or reached. */ Error }
    /// What boots a machine's disk.
    pub enum Firmware { /** A BIOS. */ Bios, /** UEFI. */ Uefi }
    /// What becomes of a machine's own disk when it stops.
    #[derive(Default)]
    pub enum SessionDisk { /** It goes. */ #[default] Discard, /** It stays. */ Keep }
    /// What network a machine has.
    #[derive(Default)]
    pub enum Network { /** None. */ None, /** It reaches what this computer reaches; only forwarded ports reach it. */ #[default] User }
    /// Whether a snapshot can be used.
    pub enum SnapshotStatus { /** Complete. */ Ready }
    /// Whose a snapshot is.
    pub enum SnapshotKind { /** Somebody made it. */ User }
    /// Whether a checkpoint can be used.
    pub enum CheckpointStatus { /** Complete. */ Ready }
    /// How a version of a file came about.
    pub enum FileVersionKind { /** The first that is known. */ Created, /** It differs from the one before. */ Changed, /** Nothing is at the path. */ Deleted, /** Something is there again. */ Recreated }
    /// What became of a file or folder between two states of a volume.
    pub enum DiffKind { /** It is new. */ Added, /** It is gone. */ Removed, /** It differs. */ Changed, /** It has another path. */ Renamed }
    /// As what a volume is exported.
    #[derive(Default)]
    pub enum ExportFormat { /** A qcow2 image that stands on nothing else. */ #[default] Qcow2, /** The disk's bytes as they are. */ Raw, /** An archive of the files. */ Tar }
    /// How bad a finding is.
    pub enum CheckSeverity { /** It puts itself right. */ Notice, /** Files can still be read. */ Damage, /** A file cannot be read, or writing could destroy something. */ Grave }
    /// What the optimiser does with a volume.
    pub enum OptimiserStatus { /** Nothing: switched off for this volume. */ Off, /** Nothing: there is nothing to do. */ Idle, /** It waits. */ Waiting, /** It copies. */ Working }
    /// How serious a line of the log is.
    #[derive(Default)]
    pub enum LogLevel { /** Of interest to who looks for something. */ Trace, /** The same, and less of it. */ Debug, /** What happens. */ #[default] Info, /** Needs attention. */ Warning, /** Failed. */ Error }
    /// How serious a notice is.
    pub enum NoticeLevel { /** Good to know. */ Info, /** Needs attention. */ Warning, /** Failed. */ Error }
}

wire! {
    /// A volume.
    pub struct Volume {
        /// Its identity.
        pub id: String,
        /// Its name, unique in the store.
        pub name: String,
        /// Size of its disk in bytes.
        #[ts(type = "number")] pub quota_bytes: u64,
        /// Bytes that files take up, as `df` counts them.
        #[ts(type = "number")] pub used_bytes: u64,
        /// Bytes that its layers take up on the host.
        #[ts(type = "number")] pub disk_bytes: u64,
        /// Whether somebody is using it.
        pub status: VolumeStatus,
        /// When it was created.
        pub created_at: String,
        /// How many checkpoints it has.
        #[ts(type = "number")] pub checkpoint_count: u64,
        /// Where it is mounted.
        pub mounts: Vec<Mount>,
        /// What is wrong with it, as a sentence.
        pub error: Option<String>,
    }
    /// One file, folder or link in a volume.
    pub struct FileEntry {
        /// Path from the root, without a leading `/`.
        pub path: String,
        /// The path's last part.
        pub name: String,
        /// What it is.
        pub kind: FileKind,
        /// Length in bytes.
        #[ts(type = "number")] pub size: u64,
        /// Permission bits.
        pub mode: u32,
        /// Owner.
        pub uid: u32,
        /// Group.
        pub gid: u32,
        /// When the content last changed.
        pub modified_at: String,
        /// Where a symbolic link points.
        pub target: Option<String>,
    }
    /// A file on its way into a volume, of which not all has come.
    pub struct StagedUpload {
        /// Where it goes, from the volume's root.
        pub path: String,
        /// How many bytes it has.
        #[ts(type = "number")] pub size: u64,
        /// How many have come and are durable: where the next part begins.
        #[ts(type = "number")] pub received_bytes: u64,
        /// The SHA-256 that it must have, if that was said: 64 hexadecimal digits.
        pub sha256: Option<String>,
        /// When something of it came last.
        pub changed_at: String,
        /// When it is forgotten, unless more comes.
        pub expires_at: String,
    }
    /// A copy under way, or one that has ended.
    pub struct Transfer {
        /// Its identity.
        pub id: String,
        /// The volume.
        pub volume_id: String,
        /// Which way it goes.
        pub direction: Direction,
        /// What a person would call it.
        pub title: String,
        /// How far it is.
        pub state: TransferState,
        /// Whether it can be paused now.
        #[serde(default)] pub can_pause: bool,
        /// Whether it has ended without being done, and can be begun again.
        #[serde(default)] pub can_retry: bool,
        /// Bytes copied.
        #[ts(type = "number")] pub bytes_done: u64,
        /// Bytes to copy in all.
        #[ts(type = "number")] pub bytes_total: u64,
        /// Files, folders and links copied.
        #[ts(type = "number")] pub files_done: u64,
        /// Files, folders and links to copy in all.
        #[ts(type = "number")] pub files_total: u64,
        /// What is being copied now.
        pub current: Option<String>,
        /// Why it failed, as a sentence.
        pub error: Option<String>,
        /// What kind of failure it was.
        #[serde(default, skip_serializing_if = "Option::is_none")] #[ts(optional)] pub error_code: Option<ErrorCode>,
        /// When it was asked for.
        pub started_at: String,
        /// When it ended.
        pub ended_at: Option<String>,
    }
    /// A named, frozen layer.
    pub struct Checkpoint {
        /// Its identity.
        pub id: String,
        /// The volume that it belongs to.
        pub volume_id: String,
        /// Its name.
        pub name: String,
        /// Whether it can be used.
        pub status: CheckpointStatus,
        /// The checkpoint that it grew from.
        pub parent_id: Option<String>,
        /// When it was taken.
        pub created_at: String,
        /// Taken by Cairn itself, before a restore.
        pub automatic: bool,
        /// Taken while a machine was writing and could not pause.
        pub crash_consistent: bool,
        /// Whether the present grows from it, directly.
        pub current: bool,
        /// Bytes that its own layer takes up on the host.
        #[ts(type = "number")] pub disk_bytes: u64,
    }
    /// A volume at a path in a machine.
    pub struct Mount {
        /// The volume.
        pub volume_id: String,
        /// Its name.
        pub volume_name: String,
        /// The machine.
        pub vm_id: String,
        /// Its name.
        pub vm_name: String,
        /// The absolute path in the guest.
        pub mount_path: String,
        /// Read and write, or read only.
        pub mode: MountMode,
        /// The checkpoint that is mounted, or the present.
        pub checkpoint_id: Option<String>,
        /// Where it stands.
        pub status: MountState,
        /// What went wrong, as a sentence.
        pub error: Option<String>,
        /// When it was asked for.
        pub created_at: String,
        /// The options with which the guest has mounted it, separated by commas.
        #[serde(default)]
        #[ts(optional, as = "Option<String>")]
        pub options: String,
        /// Operations a second that may go through it, read and written together; as many as it can when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "number")]
        pub iops: Option<u64>,
        /// Bytes a second that may go through it; as many as it can when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "number")]
        pub bytes_per_second: Option<u64>,
        /// What has gone through it; in the list of all mounts, if the machine says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub io: Option<MountIo>,
    }
    /// How much has gone through a mount since its disk was plugged in.
    pub struct MountIo {
        /// How often the guest has read.
        #[ts(type = "number")] pub read_operations: u64,
        /// Bytes that it has read.
        #[ts(type = "number")] pub read_bytes: u64,
        /// How long that took in all, in microseconds.
        #[ts(type = "number")] pub read_micros: u64,
        /// How often the guest has written.
        #[ts(type = "number")] pub written_operations: u64,
        /// Bytes that it has written.
        #[ts(type = "number")] pub written_bytes: u64,
        /// How long that took in all, in microseconds.
        #[ts(type = "number")] pub written_micros: u64,
        /// How often it had everything brought to the disk.
        #[ts(type = "number")] pub flushes: u64,
        /// How long that took in all, in microseconds.
        #[ts(type = "number")] pub flush_micros: u64,
    }
    /// How much goes through a mount, a second.
    pub struct MountRate {
        /// The machine.
        pub vm_id: String,
        /// Its name.
        pub vm_name: String,
        /// The volume.
        pub volume_id: String,
        /// Its name.
        pub volume_name: String,
        /// Where it is mounted.
        pub mount_path: String,
        /// Bytes that the guest reads.
        #[ts(type = "number")] pub read_bytes: u64,
        /// How often it reads.
        #[ts(type = "number")] pub read_operations: u64,
        /// Bytes that it writes.
        #[ts(type = "number")] pub written_bytes: u64,
        /// How often it writes.
        #[ts(type = "number")] pub written_operations: u64,
    }
    /// A line of the log.
    pub struct LogLine {
        /// When it was written.
        pub at: String,
        /// How serious it is.
        pub level: LogLevel,
        /// What it says, with where in the program it was said.
        pub text: String,
    }
    /// A machine.
    pub struct Vm {
        /// Its identity; the same as `vm_id`.
        pub id: String,
        /// Its identity under the name that the seed's client reads.
        pub vm_id: String,
        /// The session that belongs to it, for the seed's client.
        pub session_id: String,
        /// The snapshot that it boots from.
        pub snapshot_id: Option<String>,
        /// Its name, unique in the store.
        pub name: String,
        /// What it is doing.
        pub status: VmStatus,
        /// `kvm` or `tcg` while it runs.
        pub accelerator: Option<String>,
        /// QEMU's process id while it runs.
        pub pid: Option<u32>,
        /// Memory in MiB.
        pub memory_mb: u32,
        /// Processors.
        pub vcpu_count: u32,
        /// When it was created.
        pub created_at: String,
        /// Where ssh reaches its guest, as `HOST:PORT`, when a port of this computer is forwarded to the guest's port 22.
        pub ssh_host: Option<String>,
        /// What it is made of; absent for a demo VM, and for one that somebody else starts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub setup: Option<VmSetup>,
        /// How it is reached, when somebody else starts it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub attached: Option<VmReach>,
        /// The volumes that it has.
        pub mounts: Vec<Mount>,
        /// What went wrong, as a sentence.
        pub error: Option<String>,
    }
    /// How a machine is reached that somebody else starts: by a socket, or through libvirt.
    pub struct VmReach {
        /// Where its QEMU listens for QMP.
        pub qmp: Option<String>,
        /// Where its guest's agent is reached; none: as its QEMU says.
        pub agent: Option<String>,
        /// The domain that libvirt runs.
        pub libvirt: Option<VmDomain>,
    }
    /// A domain of libvirt's.
    pub struct VmDomain {
        /// Its name, or its UUID.
        pub domain: String,
        /// The URI of the daemon that has it, such as `qemu:///session`; absent in a request: whichever of this computer's
        /// has it.
        #[serde(default)] pub uri: Option<String>,
    }
    /// A QEMU that runs on this computer.
    pub struct FoundVm {
        /// Its process id; none when libvirt has it and the system does not tell.
        pub pid: Option<u32>,
        /// The machine's name, as its QEMU was told.
        pub name: Option<String>,
        /// The machine's type, as its QEMU was told.
        pub machine_type: Option<String>,
        /// The socket by which it can be attached, or the one that was tried.
        pub qmp: Option<String>,
        /// The socket of its guest's agent.
        pub agent: Option<String>,
        /// The domain of libvirt's that it is.
        pub libvirt: Option<VmDomain>,
        /// The machine of the store that it is.
        pub vm_id: Option<String>,
        /// That machine's name.
        pub vm_name: Option<String>,
        /// Whether it can be attached.
        pub can_attach: bool,
        /// Why, or why not, in a sentence.
        pub detail: String,
    }
    /// What a managed machine is made of.
    pub struct VmSetup {
        /// The image that it boots from.
        pub image: Option<String>,
        /// The snapshot that it boots from.
        pub snapshot_id: Option<String>,
        /// The kernel that is booted directly.
        pub kernel: Option<String>,
        /// That kernel's initramfs.
        pub initrd: Option<String>,
        /// That kernel's command line.
        pub append: Option<String>,
        /// What boots the disk.
        pub firmware: Firmware,
        /// What becomes of its own disk when it stops; none when it has no disk of its own.
        pub session_disk: Option<SessionDisk>,
        /// Bytes that its own disk takes up on the host's disk, while there is one.
        #[ts(type = "number | null")] pub session_bytes: Option<u64>,
        /// Its network.
        pub network: Network,
        /// Forwarded ports.
        pub forwards: Vec<Forward>,
        /// What is mounted at each start.
        pub volumes: Vec<MountRequest>,
        /// Whether its guest runs the QEMU guest agent.
        pub agent: bool,
        /// Whether its own disk becomes a snapshot when it is terminated.
        pub snapshot_on_terminate: bool,
        /// The name of that snapshot, when it has been chosen.
        pub snapshot_name: Option<String>,
    }
    /// A TCP port of this computer's loopback address behind which a port of the guest is.
    pub struct Forward {
        /// The port on this computer.
        #[schema(minimum = 1, maximum = 65_535)] pub host_port: u16,
        /// The port in the guest.
        #[schema(minimum = 1, maximum = 65_535)] pub guest_port: u16,
    }
    /// A machine's disk at a point in time, from which others start.
    pub struct Snapshot {
        /// Its identity; the same as `snapshot_id`.
        pub id: String,
        /// Its identity under the name that the seed's client reads.
        pub snapshot_id: String,
        /// Its name, unique in the store.
        pub name: String,
        /// Whether it can be used.
        pub status: SnapshotStatus,
        /// Whose it is: always `user`, since Cairn brings none along.
        #[serde(rename = "type")] pub kind: SnapshotKind,
        /// The machine whose session disk it was; it may be gone.
        pub vm_id: String,
        /// That machine's name at that time.
        pub vm_name: String,
        /// When it was taken.
        pub created_at: String,
        /// The image that it stands on.
        pub image: Option<String>,
        /// The snapshot that it stands on.
        pub parent_id: Option<String>,
        /// Size of its disk in bytes, as a guest sees it.
        #[ts(type = "number")] pub size_bytes: u64,
        /// Bytes that it takes up on the host's disk, without what it stands on.
        #[ts(type = "number")] pub disk_bytes: u64,
        /// Taken while the machine ran and could not be asked to pause: like after a power cut.
        pub crash_consistent: bool,
        /// The machines and snapshots that stand on it; it can be deleted when there are none.
        pub used_by: Vec<String>,
    }
    /// What a command in a guest printed. Bytes that are not UTF-8 are shown as U+FFFD.
    pub struct ExecOutput {
        /// Its exit status.
        pub exit_code: i32,
        /// What it wrote to its standard output.
        pub stdout: String,
        /// What it wrote to its standard error.
        pub stderr: String,
    }
    /// What a check of a volume's filesystem found.
    pub struct VolumeCheck {
        /// Whether nothing is wrong, or only what puts itself right.
        pub clean: bool,
        /// Whether everything was looked at.
        pub complete: bool,
        /// Inodes in use.
        #[ts(type = "number")] pub inodes: u64,
        /// Folders among them.
        #[ts(type = "number")] pub folders: u64,
        /// How many findings there are; not all of a large number are listed.
        #[ts(type = "number")] pub total: u64,
        /// What is wrong.
        pub findings: Vec<CheckFinding>,
    }
    /// One thing that is wrong with a volume's filesystem.
    pub struct CheckFinding {
        /// Where: a structure, a block group, an inode.
        pub place: String,
        /// What, as one word.
        pub problem: String,
        /// How bad.
        pub severity: CheckSeverity,
        /// The file or folder that it concerns, where one can be named.
        pub path: Option<String>,
        /// A sentence.
        pub message: String,
    }
    /// What a check of the store, or of one volume as Cairn keeps it, found.
    pub struct StoreCheck {
        /// Whether nothing is wrong; notices are not wrong.
        pub clean: bool,
        /// How many volumes were looked at.
        #[ts(type = "number")] pub volumes: u64,
        /// How many layers.
        #[ts(type = "number")] pub layers: u64,
        /// How many frozen layers are, bit for bit, what they were when they were frozen.
        #[ts(type = "number")] pub digests: u64,
        /// How many filesystems are sound.
        #[ts(type = "number")] pub filesystems: u64,
        /// What is wrong, and what is strange.
        pub findings: Vec<StoreFinding>,
    }
    /// One thing that is wrong, or strange, in a store.
    pub struct StoreFinding {
        /// The volume's name, when it concerns one.
        pub volume: Option<String>,
        /// The file, in the volume's folder or the store's.
        pub place: String,
        /// How bad.
        pub severity: CheckSeverity,
        /// A sentence.
        pub message: String,
        /// Whether a repair can put it right.
        pub repairable: bool,
    }
    /// What a repair has done, and what is left.
    pub struct StoreRepair {
        /// What was done, in this order.
        pub done: Vec<RepairStep>,
        /// What a check found afterwards.
        pub left: StoreCheck,
    }
    /// One thing that a repair has done.
    pub struct RepairStep {
        /// The volume's name, when it concerns one.
        pub volume: Option<String>,
        /// A sentence.
        pub what: String,
    }
    /// One thing that `doctor` looked at.
    pub struct DoctorCheck {
        /// What was looked at.
        pub name: String,
        /// Whether it is as it should be.
        pub ok: bool,
        /// What was found, and what to do.
        pub detail: String,
        /// What to paste for that: options for QEMU's command line, or a command.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub paste: Option<String>,
    }
    /// The running engine.
    pub struct About {
        /// Cairn's version.
        pub version: String,
        /// The store's folder.
        pub store: String,
        /// The address of the REST server, when it serves.
        pub url: Option<String>,
    }

    /// What Cairn does with a volume by itself.
    pub struct Policy {
        /// Whether a checkpoint is taken before a machine gets the volume to write.
        pub before_mount: bool,
        /// Whether one is taken before more than one file is deleted.
        pub before_delete: bool,
        /// One is taken once in each period of so many minutes, if something was written; 0: never.
        pub every_minutes: u32,
        /// When periods begin: so many minutes after midnight on the computer's clock.
        pub at_minute: u16,
        /// Which automatic checkpoints a pruning keeps.
        pub keep: Keep,
    }
    /// Which automatic checkpoints a pruning keeps; all of them when every number is 0.
    pub struct Keep {
        /// So many of the newest.
        #[serde(default)] pub last: u32,
        /// The newest of each of so many hours.
        #[serde(default)] pub hourly: u32,
        /// The newest of each of so many days.
        #[serde(default)] pub daily: u32,
        /// The newest of each of so many weeks.
        #[serde(default)] pub weekly: u32,
        /// The newest of each of so many months.
        #[serde(default)] pub monthly: u32,
    }
    /// `PATCH /v1/volumes/{volume}/policy`; what is not named stays.
    pub struct PolicyChange {
        /// Whether a checkpoint is taken before a machine gets the volume to write.
        #[serde(default)] pub before_mount: Option<bool>,
        /// Whether one is taken before more than one file is deleted.
        #[serde(default)] pub before_delete: Option<bool>,
        /// How many minutes lie between checkpoints on schedule, at most a year of them; 0 for none.
        #[schema(maximum = 527_040)] #[serde(default)] pub every_minutes: Option<u32>,
        /// How many minutes after midnight periods begin, below 1440.
        #[schema(maximum = 1439)] #[serde(default)] pub at_minute: Option<u16>,
        /// Which automatic checkpoints are kept.
        #[serde(default)] pub keep: Option<Keep>,
    }
    /// A checkpoint that a pruning deletes.
    pub struct Pruned {
        /// Which.
        pub id: String,
        /// Its name.
        pub name: String,
        /// When it was taken, RFC 3339.
        pub created_at: String,
    }
    /// What a volume takes up, and for what.
    pub struct VolumeUsage {
        /// Which volume.
        pub volume_id: String,
        /// Size of its disk in bytes, as asked for.
        #[ts(type = "number")] pub quota_bytes: u64,
        /// Bytes that the files of the present take up.
        #[ts(type = "number")] pub used_bytes: u64,
        /// Bytes that it takes up on this computer's disk, whoever else has them.
        #[ts(type = "number")] pub disk_bytes: u64,
        /// How many of these other volumes have, too.
        #[ts(type = "number")] pub shared_bytes: u64,
        /// Bytes on this computer's disk of what was written since the last checkpoint.
        #[ts(type = "number")] pub present_bytes: u64,
        /// Bytes on this computer's disk of deleted checkpoints that something stands on.
        #[ts(type = "number")] pub nameless_bytes: u64,
        /// Bytes on this computer's disk of the base, a cache that makes the present quick to read.
        #[ts(type = "number")] pub base_bytes: u64,
        /// Each checkpoint, in the order in which they were taken.
        pub checkpoints: Vec<CheckpointUsage>,
    }
    /// Through how many files a volume's present is read, and what is being done about it.
    pub struct Chain {
        /// Which volume.
        pub volume_id: String,
        /// Files through which it is read when it is opened.
        #[ts(type = "number")] pub files: u64,
        /// Layers that its history has, the present among them.
        #[ts(type = "number")] pub history: u64,
        /// One file that stands in for many layers.
        pub base: Option<ChainBase>,
        /// What is being done.
        pub optimiser: OptimiserStatus,
        /// What it waits for: a sentence.
        pub waiting_for: Option<String>,
        /// Bytes that have been copied, while it works.
        #[ts(type = "number")] pub done_bytes: u64,
        /// Bytes to be copied in all, while it works.
        #[ts(type = "number")] pub total_bytes: u64,
    }
    /// One file that stands in for many layers.
    pub struct ChainBase {
        /// Bytes that it takes up on this computer's disk.
        #[ts(type = "number")] pub disk_bytes: u64,
        /// For how many layers it stands in.
        #[ts(type = "number")] pub layers: u64,
    }
    /// `PATCH /v1/volumes/{volume}/chain`.
    pub struct ChainChange {
        /// Whether the optimiser is to keep the chain short; off gives the room back that the base takes.
        pub optimise: bool,
    }
    /// What a checkpoint takes up.
    pub struct CheckpointUsage {
        /// Which.
        pub id: String,
        /// Its name.
        pub name: String,
        /// When it was taken, RFC 3339.
        pub created_at: String,
        /// Bytes of the volume's disk that changed from what it stands on to it.
        #[ts(type = "number")] pub data_bytes: u64,
        /// Bytes that its layer takes up on this computer's disk.
        #[ts(type = "number")] pub disk_bytes: u64,
        /// Whether another volume has that layer, too.
        pub is_shared: bool,
        /// How many states stand on it directly.
        #[ts(type = "number")] pub standing_on_it: u64,
        /// Bytes of this computer's disk that would come back if it were deleted, but for rounding.
        #[ts(type = "number")] pub freed_bytes: u64,
        /// When.
        pub when: MergeTime,
    }
    /// What deleting checkpoints takes and gives: as a plan, or as it was done.
    pub struct Deletion {
        /// Which checkpoints go, oldest first.
        pub checkpoints: Vec<Pruned>,
        /// Layers that become one; every checkpoint that stays is the same bit for bit.
        pub merges: Vec<LayerMerge>,
        /// How many layers go whole, because nothing stands on them.
        #[ts(type = "number")] pub removed_layers: u64,
        /// Bytes that are written to merge.
        #[ts(type = "number")] pub written_bytes: u64,
        /// Bytes of this computer's disk that come back at once, but for rounding.
        #[ts(type = "number")] pub freed_bytes: u64,
        /// Bytes that come back later, as far as that is known.
        #[ts(type = "number")] pub later_bytes: u64,
    }
    /// Layers that become one.
    pub struct LayerMerge {
        /// The name of the checkpoint whose layer takes the others; `null` for the present and for where nameless
        /// layers part.
        pub into: Option<String>,
        /// Whether the present takes them.
        pub is_present: bool,
        /// How many layers become one.
        #[ts(type = "number")] pub layers: u64,
        /// Bytes that are written.
        #[ts(type = "number")] pub written_bytes: u64,
        /// Bytes of this computer's disk that come back; 0 as long as that is not known.
        #[ts(type = "number")] pub freed_bytes: u64,
        /// When.
        pub when: MergeTime,
    }
    /// When layers are merged: at once; when the machine, or whoever reads them, lets go; when the volumes that share
    /// them are gone.
    #[serde(rename_all = "kebab-case")]
    pub enum MergeTime { /** At once. */ Now, /** When nobody has them open. */ Later, /** When nobody shares them. */ Shared }
    /// `POST /v1/repair`.
    pub struct RepairRequest {
        /// Only this volume.
        #[serde(default)] pub volume: Option<String>,
    }
    /// `POST /v1/volumes`.
    pub struct NewVolume {
        /// 1 to 255 bytes.
        #[schema(value_type = Name)] pub name: String,
        /// Size of its disk in bytes.
        #[schema(minimum = 16_777_216, maximum = 17_592_186_044_416_u64)] #[ts(type = "number")] pub quota_bytes: u64,
    }
    /// `PATCH /v1/volumes/{id}`.
    #[derive(Default)]
    pub struct VolumeChange {
        /// The new name.
        #[schema(value_type = Option<Name>)] #[serde(default)] #[ts(optional)] pub name: Option<String>,
        /// The new quota, never smaller.
        #[schema(minimum = 16_777_216, maximum = 17_592_186_044_416_u64)] #[serde(default)] #[ts(type = "number", optional)] pub quota_bytes: Option<u64>,
    }
    /// `POST /v1/volumes/{id}/transfers/upload`.
    pub struct UploadRequest {
        /// Paths on the host that the engine runs on.
        #[schema(value_type = Vec<HostPath>, min_items = 1)] pub sources: Vec<String>,
        /// Where they go, as `cp -r` has it.
        #[schema(value_type = PlacePath)] pub destination: String,
        /// What to do about files that are already there.
        #[serde(default)] pub conflict: Conflict,
    }
    /// `POST /v1/transfers/import`: a new volume of a disk image or an archive.
    pub struct ImportRequest {
        /// A file on the host that the engine runs on: raw, qcow2, vmdk, vdi, vhdx; tar, tar.gz, zip.
        #[schema(value_type = HostPath)] pub source: String,
        /// The new volume's name; none: the file's.
        #[schema(value_type = Option<Name>)] #[serde(default)] pub name: Option<String>,
        /// The size of the volume's disk; none: as needed. An image has its own.
        #[schema(minimum = 16_777_216, maximum = 17_592_186_044_416_u64)]
        #[serde(default)]
        #[ts(type = "number | null")]
        pub quota_bytes: Option<u64>,
        /// Which partition of an image, counted from 1.
        #[schema(minimum = 1)] #[serde(default)] pub partition: Option<u32>,
    }
    /// `POST /v1/volumes/{id}/transfers/export`.
    pub struct ExportRequest {
        /// A file on the host that the engine runs on.
        #[schema(value_type = HostPath)] pub destination: String,
        /// As what.
        #[serde(default)] pub format: ExportFormat,
        /// The checkpoint, or the present.
        #[serde(default)] pub at: Option<String>,
        /// A file that is there is replaced.
        #[serde(default)] pub overwrite: bool,
    }
    /// `POST /v1/volumes/{id}/transfers/fetch`: a file of the web, or what is in an archive of the web.
    pub struct FetchRequest {
        /// Its address: http or https.
        #[schema(value_type = WebAddress)] pub url: String,
        /// Where it goes, as `cp` has it; the folder for what is in it, when it is unpacked.
        #[schema(value_type = PlacePath)] #[serde(default)] pub destination: String,
        /// Its SHA-256 as 64 hexadecimal digits, when it is known.
        #[schema(value_type = Option<Sha256>)] #[serde(default)] pub sha256: Option<String>,
        /// What to do about files that are already there.
        #[serde(default)] pub conflict: Conflict,
        /// What is in it is wanted, not the file itself: a tar, tar.gz or zip.
        #[serde(default)] pub unpack: bool,
    }
    /// `POST /v1/volumes/{id}/transfers/unpack`: what is in an archive.
    pub struct UnpackRequest {
        /// A tar, tar.gz or zip on the host that the engine runs on.
        #[schema(value_type = HostPath)] pub archive: String,
        /// The folder into which what is in it goes; made when it is not there, the root when empty.
        #[serde(default)] pub destination: String,
        /// What to do about files that are already there.
        #[serde(default)] pub conflict: Conflict,
    }
    /// `POST /v1/volumes/{id}/files/delete`.
    pub struct DeleteFilesRequest {
        /// Paths in the volume: all of them go, or none.
        #[schema(value_type = Vec<FilePath>, min_items = 1)] pub paths: Vec<String>,
        /// Folders with everything in them.
        #[serde(default)] pub recursive: bool,
        /// The present is kept as a checkpoint first, whatever the policy.
        #[serde(default)] pub undoable: bool,
    }
    /// What was deleted.
    pub struct FilesDeleted {
        /// The paths that were named.
        pub paths: Vec<String>,
        /// Always true.
        pub deleted: bool,
        /// The checkpoint from which they can be brought back, when that was asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        pub checkpoint_id: Option<String>,
    }
    /// A deleted volume that can be brought back.
    pub struct DeletedVolume {
        /// Its identity, which it keeps.
        pub id: String,
        /// The name that it had.
        pub name: String,
        /// Size of its disk in bytes.
        #[ts(type = "number")] pub quota_bytes: u64,
        /// Bytes that it takes up on the host's disk, shared ones included.
        #[ts(type = "number")] pub disk_bytes: u64,
        /// How many checkpoints come back with it.
        pub checkpoint_count: usize,
        /// When it was deleted.
        pub deleted_at: String,
        /// When it goes for good.
        pub expires_at: String,
        /// Why it would be of no use, as a sentence.
        pub error: Option<String>,
    }
    /// `GET /v1/trash`: the deleted volumes, and how long they stay.
    pub struct Trash {
        /// For so many days a deleted volume can be brought back.
        pub keep_days: u32,
        /// The deleted volumes, the last one first.
        pub volumes: Vec<DeletedVolume>,
    }
    /// `PATCH /v1/trash`.
    pub struct TrashChange {
        /// For so many days a deleted volume can be brought back.
        #[schema(maximum = 3650)] pub keep_days: u32,
    }
    /// `POST /v1/trash/{volume}/undelete`.
    #[derive(Default)]
    pub struct Undelete {
        /// Its new name; none: the one that it had, with a number behind it when that is taken by now.
        #[schema(value_type = Option<Name>)] #[serde(default)] pub name: Option<String>,
    }
    /// `POST /v1/volumes/{id}/transfers/download`.
    pub struct DownloadRequest {
        /// Paths in the volume.
        #[schema(value_type = Vec<PlacePath>, min_items = 1)] pub paths: Vec<String>,
        /// A path on the host that the engine runs on, as `cp -r` has it.
        #[schema(value_type = HostPath)] pub destination: String,
        /// The checkpoint to read from, or the present.
        #[serde(default)] pub at: Option<String>,
        /// What to do about files that are already there.
        #[serde(default)] pub conflict: Conflict,
    }
    /// One version of a file, of `GET /v1/volumes/{id}/files/history?path=`, oldest first.
    pub struct FileVersion {
        /// How it came about.
        pub kind: FileVersionKind,
        /// The first checkpoint that has it; none when only the present has.
        pub checkpoint_id: Option<String>,
        /// That checkpoint's name.
        pub checkpoint_name: Option<String>,
        /// When that checkpoint was taken.
        pub created_at: Option<String>,
        /// Whether the present did not grow from that checkpoint: somebody has gone back since.
        pub elsewhere: bool,
        /// The file as it was; none when it was deleted.
        pub file: Option<FileEntry>,
    }
    /// `GET /v1/volumes/{id}/checkpoints/{checkpoint}/diff?to=&limit=`: what differs between two states of a volume.
    pub struct Diff {
        /// What differs, by path; the first of them when there was a limit.
        pub entries: Vec<DiffEntry>,
        /// How many were added, in all.
        #[ts(type = "number")] pub added: u64,
        /// How many were removed, in all.
        #[ts(type = "number")] pub removed: u64,
        /// How many changed where they are, in all.
        #[ts(type = "number")] pub changed: u64,
        /// How many were renamed, in all.
        #[ts(type = "number")] pub renamed: u64,
        /// Whether there are more than `entries` tells.
        pub truncated: bool,
    }
    /// One file, folder or link that differs.
    pub struct DiffEntry {
        /// What became of it.
        pub kind: DiffKind,
        /// What it is, or was.
        pub file_kind: FileKind,
        /// Its path; the one that it had when it was removed.
        pub path: String,
        /// The path that it had before it was renamed.
        pub from: Option<String>,
        /// Length in bytes before; none when it was added.
        #[ts(type = "number | null")] pub size_before: Option<u64>,
        /// Length in bytes after; none when it was removed.
        #[ts(type = "number | null")] pub size_after: Option<u64>,
        /// Whether its bytes, or the target of a link, differ.
        pub content: bool,
        /// Whether permissions, owner, time of change or attributes differ.
        pub metadata: bool,
    }
    /// `POST /v1/volumes/{id}/checkpoints/{checkpoint}/restore-files`.
    pub struct RestoreFilesRequest {
        /// Paths in the checkpoint; the empty one stands for everything in it.
        #[schema(value_type = Vec<PlacePath>, min_items = 1)] pub paths: Vec<String>,
        /// Where they go in the present, as `cp -r` has it; each to where it was when absent.
        #[schema(value_type = Option<PlacePath>)] #[serde(default)] pub destination: Option<String>,
    }
    /// `POST /v1/volumes/{id}/files/copy`.
    pub struct CopyFilesRequest {
        /// Paths in the volume.
        #[schema(value_type = Vec<PlacePath>, min_items = 1)] pub paths: Vec<String>,
        /// Where they go in the volume, as `cp -r` has it.
        #[schema(value_type = PlacePath)] pub destination: String,
        /// What happens to files that are already there.
        #[serde(default)] pub conflict: Conflict,
    }
    /// `POST /v1/volumes/{id}/clone` and `POST /v1/volumes/{id}/checkpoints/{checkpoint}/branch`.
    pub struct NewBranch {
        /// The new volume's name.
        #[schema(value_type = Name)] pub name: String,
    }
    /// `POST /v1/volumes/{id}/checkpoints`.
    #[derive(Default)]
    pub struct NewCheckpoint {
        /// Its name; made from the time when absent.
        #[schema(value_type = Option<Name>)] #[serde(default)] pub name: Option<String>,
    }
    /// `POST /v1/checkpoints`: of several volumes at one moment, all or none.
    #[derive(Default)]
    pub struct NewCheckpointGroup {
        /// The volumes, by id or name.
        #[schema(min_items = 1)] #[serde(default)] pub volume_ids: Vec<String>,
        /// A machine, by id or name: all volumes that it has mounted to write.
        #[serde(default)] pub vm_id: Option<String>,
        /// The name of all of the checkpoints; made from the time when absent.
        #[schema(value_type = Option<Name>)] #[serde(default)] pub name: Option<String>,
    }
    /// `POST /v1/vms`. What is absent is as the snapshot's machine had it, or else as it is best for most. Without
    /// anything to boot it is a demo VM with an empty disk of its own.
    #[derive(Default)]
    pub struct NewVm {
        /// Its name, by the same rules as a volume's; made from its id when absent.
        #[schema(value_type = Option<Name>)] #[serde(default)] #[ts(optional)] pub name: Option<String>,
        /// The session that it is to belong to, as a session's start has given it.
        #[schema(pattern = "^sess_[a-z2-7]{16}$")] #[serde(default)] #[ts(optional)] pub session_id: Option<String>,
        /// The name of a snapshot to boot from; `standard` is the demo VM when there is no snapshot of that name.
        #[serde(default)] #[ts(optional)] pub image_variant: Option<String>,
        /// A disk image of this computer (qcow2 or raw), or an ISO image: an absolute path.
        #[schema(value_type = Option<HostPath>)] #[serde(default)] pub image: Option<String>,
        /// A snapshot, by id or name, instead of an image.
        #[serde(default)] pub snapshot_id: Option<String>,
        /// A Linux kernel that is booted directly: an absolute path.
        #[schema(value_type = Option<HostPath>)] #[serde(default)] pub kernel: Option<String>,
        /// That kernel's initramfs.
        #[schema(value_type = Option<HostPath>)] #[serde(default)] pub initrd: Option<String>,
        /// That kernel's command line.
        #[serde(default)] pub append: Option<String>,
        /// Memory in MiB.
        #[schema(minimum = 32)] #[serde(default)] pub memory_mb: Option<u32>,
        /// Processors.
        #[schema(minimum = 1, maximum = 255)] #[serde(default)] pub vcpu_count: Option<u32>,
        /// What boots the disk.
        #[serde(default)] pub firmware: Option<Firmware>,
        /// What becomes of its own disk when it stops.
        #[serde(default)] pub session_disk: SessionDisk,
        /// The least size of its own disk in bytes.
        #[schema(minimum = 1_048_576, maximum = 70_368_744_177_664_u64)] #[serde(default)] #[ts(type = "number | null")] pub disk_bytes: Option<u64>,
        /// Its network.
        #[serde(default)] pub network: Network,
        /// Forwarded ports.
        #[serde(default)] pub forwards: Vec<Forward>,
        /// What is mounted at each start.
        #[serde(default)] pub volumes: Vec<NewVmVolume>,
        /// Whether its own disk becomes a snapshot when it is terminated.
        #[serde(default)] #[ts(optional, as = "Option<bool>")] pub snapshot_on_terminate: bool,
        /// The name of that snapshot.
        #[schema(value_type = Option<Name>)] #[serde(default)] #[ts(optional)] pub snapshot_name: Option<String>,
        /// Whether its guest runs the QEMU guest agent, so that a start waits for it.
        #[serde(default)] pub agent: Option<bool>,
        /// Whether it is started at once; it is when absent.
        #[serde(default)] pub start: Option<bool>,
    }
    /// A volume that a new machine has at a path, at each start.
    #[derive(Default)]
    pub struct NewVmVolume {
        /// The volume, by id or name.
        #[serde(default)] #[ts(optional)] pub volume_id: Option<String>,
        /// The volume's name, when it has no id yet.
        #[schema(value_type = Option<Name>)] #[serde(default)] #[ts(optional)] pub name: Option<String>,
        /// The absolute path in the guest.
        #[schema(value_type = GuestPath)] pub mount_path: String,
        /// Read and write, or read only.
        #[serde(default)] pub mode: MountMode,
        /// A checkpoint by id, name or `latest`, or the present.
        #[serde(default)] #[ts(optional)] pub checkpoint_id: Option<String>,
        /// Whether a volume of that name is created when there is none.
        #[serde(default)] #[ts(optional, as = "Option<bool>")] pub create_if_missing: bool,
        /// The size of one that is created, in GiB; 10 when absent.
        #[schema(minimum = 1, maximum = 16_384)] #[serde(default)] #[ts(type = "number", optional)] pub size_gb: Option<u64>,
        /// Mount options beside the usual ones (`discard,nosuid,nodev`), separated by commas.
        #[schema(value_type = Option<MountOptions>)] #[serde(default)] #[ts(optional)] pub options: Option<String>,
        /// Operations a second that may go through it; as many as it can when absent.
        #[schema(minimum = 1, maximum = 1_000_000_000)] #[serde(default)] #[ts(type = "number", optional)] pub iops: Option<u64>,
        /// Bytes a second that may go through it; likewise.
        #[schema(minimum = 4096, maximum = 1_000_000_000_000_u64)] #[serde(default)] #[ts(type = "number", optional)] pub bytes_per_second: Option<u64>,
        /// What the volume is filled with before the machine is made.
        #[serde(default)] #[ts(optional, as = "Option<Vec<PreSeed>>")] pub pre_seed: Vec<PreSeed>,
        /// Whether a checkpoint is taken when all went well.
        #[serde(default)] #[ts(optional)] pub auto_checkpoint: Option<AutoCheckpoint>,
    }
    /// What a volume is filled with before a machine gets it.
    pub struct PreSeed {
        /// A file or folder of this computer: an absolute path.
        #[schema(value_type = HostPath)] pub local: String,
        /// What it becomes in the volume: what is in a folder goes into the folder of that name; a file gets that name,
        /// or goes into that folder when it ends with `/`.
        #[schema(value_type = PlacePath)] pub remote: String,
        /// Whether files that are already there are replaced; they stay as they are otherwise.
        #[serde(default)] #[ts(optional, as = "Option<bool>")] pub overwrite: bool,
    }
    /// The checkpoint that is taken when a machine was deployed, unless nothing has changed since the last.
    pub struct AutoCheckpoint {
        /// Whether it is taken.
        #[serde(default)] #[ts(optional, as = "Option<bool>")] pub on_success: bool,
        /// How many of the newest automatic checkpoints the volume's policy keeps from then on.
        #[serde(default)] #[ts(optional)] pub retention: Option<u32>,
    }
    /// `PATCH /v1/vms/{vm}`. What is absent stays.
    #[derive(Default)]
    pub struct VmChange {
        /// Memory in MiB, from the next start on.
        #[schema(minimum = 32)] #[serde(default)] #[ts(optional)] pub memory_mb: Option<u32>,
        /// Processors, from the next start on.
        #[schema(minimum = 1, maximum = 255)] #[serde(default)] #[ts(optional)] pub vcpu_count: Option<u32>,
        /// Whether its own disk becomes a snapshot when it is terminated.
        #[serde(default)] #[ts(optional)] pub snapshot_on_terminate: Option<bool>,
        /// The name of that snapshot.
        #[schema(value_type = Option<Name>)] #[serde(default)] #[ts(optional)] pub snapshot_name: Option<String>,
    }
    /// What `DELETE /v1/vms/{vm}` answers.
    pub struct VmTerminated {
        /// Which machine.
        pub vm_id: String,
        /// `terminated`.
        pub status: String,
        /// What its own disk has become.
        pub snapshot_id: Option<String>,
    }
    /// `POST /v1/vms/attach`: a machine that somebody else starts, reached by `qmp` or through `libvirt`.
    pub struct AttachVm {
        /// The name that it gets, by the same rules as a volume's.
        #[schema(value_type = Name)] pub name: String,
        /// Where its QEMU listens for QMP: an absolute path.
        #[schema(value_type = Option<HostPath>)] #[serde(default)] pub qmp: Option<String>,
        /// Where its guest's agent is reached; absent: as its QEMU says.
        #[schema(value_type = Option<HostPath>)] #[serde(default)] pub agent: Option<String>,
        /// The domain that libvirt runs.
        #[serde(default)] pub libvirt: Option<VmDomain>,
    }
    /// `POST /v1/vms/{vm}/snapshot`.
    #[derive(Default)]
    pub struct NewSnapshot {
        /// Its name; made from the machine's and the time when absent.
        #[schema(value_type = Option<Name>)] #[serde(default)] pub name: Option<String>,
    }
    /// `POST /v1/vms/{vm}/volumes`.
    pub struct MountRequest {
        /// The volume, by id or name.
        pub volume_id: String,
        /// The absolute path in the guest.
        #[schema(value_type = GuestPath)] pub mount_path: String,
        /// Read and write, or read only.
        #[serde(default)] pub mode: MountMode,
        /// A checkpoint by id, name or `latest`, or the present. With `rw`, a branch of the checkpoint is mounted: the
        /// answer tells of a new volume.
        #[serde(default)] pub checkpoint_id: Option<String>,
        /// Mount options beside the usual ones (`discard,nosuid,nodev`), separated by commas.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        #[schema(value_type = Option<MountOptions>)]
        pub options: Option<String>,
        /// Operations a second that may go through it; as many as it can when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "number")]
        #[schema(minimum = 1, maximum = 1_000_000_000)]
        pub iops: Option<u64>,
        /// Bytes a second that may go through it; likewise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "number")]
        #[schema(minimum = 4096, maximum = 1_000_000_000_000_u64)]
        pub bytes_per_second: Option<u64>,
    }
    /// How an unmount went that was to be done by force.
    pub struct Unmounted {
        /// What it has cost, as sentences, when it had to be done by force.
        pub warning: Option<String>,
    }
    /// `PATCH /v1/vms/{vm}/volumes/{volume}?mount_path=`: what may go through a mount from now on. What is absent or `null`
    /// is as much as it can.
    #[derive(Default)]
    pub struct MountLimits {
        /// Operations a second, read and written together.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "number")]
        #[schema(minimum = 1, maximum = 1_000_000_000)]
        pub iops: Option<u64>,
        /// Bytes a second, read and written together.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional, type = "number")]
        #[schema(minimum = 4096, maximum = 1_000_000_000_000_u64)]
        pub bytes_per_second: Option<u64>,
    }
    /// `POST /v1/vms/{vm}/exec`.
    pub struct ExecRequest {
        /// The program and its arguments.
        #[schema(min_items = 1)] pub argv: Vec<String>,
        /// What it reads from its standard input.
        #[serde(default)] pub stdin: Option<String>,
    }

    /// What happened.
    #[serde(tag = "type", rename_all = "kebab-case")]
    pub enum EventKind {
        /// A volume was created, renamed, grown, or its usage or status changed.
        VolumeChanged { /** Which. */ volume_id: String },
        /// A volume went to the trash.
        VolumeDeleted { /** Which. */ volume_id: String },
        /// A volume went to the trash, came back from it, or went for good.
        TrashChanged,
        /// Files below a folder changed.
        FilesChanged { /** Which volume. */ volume_id: String, /** The folder, empty for the root. */ path: String },
        /// A watched folder came, went, or stands differently.
        WatchesChanged { /** Which volume. */ volume_id: String },
        /// A checkpoint was taken, deleted or restored.
        CheckpointsChanged { /** Which volume. */ volume_id: String },
        /// A machine was created or changed its state.
        VmChanged { /** Which. */ vm_id: String },
        /// A machine was deleted.
        VmDeleted { /** Which. */ vm_id: String },
        /// A snapshot was taken or deleted.
        SnapshotsChanged,
        /// A mount changed its state.
        MountChanged { /** The volume. */ volume_id: String, /** The machine. */ vm_id: String },
        /// A transfer began, went on or ended.
        TransferChanged { /** As it stands. */ transfer: Transfer },
        /// Something that a person should read.
        Notice { /** How serious it is. */ level: NoticeLevel, /** The sentence. */ message: String },
    }
    /// An event with its place in the stream.
    pub struct Event {
        /// Grows by one with each event of this engine; an engine that opens the store later begins with a larger one.
        #[ts(type = "number")] pub seq: u64,
        /// When it happened.
        pub at: String,
        /// What happened.
        #[serde(flatten)] pub kind: EventKind,
    }
}
