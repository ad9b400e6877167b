//! What the engine speaks about: volumes, files, checkpoints, machines, mounts and transfers.
//!
//! These are the domain's own types; what crosses a wire is made from them in `cairn-api`.

use std::path::PathBuf;

use time::OffsetDateTime;

use crate::checksum::Sha256Sum;
use crate::error::ErrorKind;
use crate::files::Condition;
use crate::id::{CheckpointId, SnapshotId, TransferId, VmId, VolumeId};
use crate::machine::model::{VmReach, VmSetup};

/// Whether somebody is using a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeStatus {
    /// No machine has it.
    Available,
    /// A machine has it mounted, or is about to.
    InUse,
    /// Its layers cannot be opened; [`Volume::error`] says why.
    Error,
}

/// A volume as everybody sees it.
#[derive(Clone, Debug)]
pub struct Volume {
    /// Its identity, also its virtio-blk serial.
    pub id: VolumeId,
    /// Its name, unique in the store.
    pub name: String,
    /// Size of the filesystem's disk in bytes, as asked for.
    pub quota_bytes: u64,
    /// Bytes that files take up in the filesystem, as `df` counts them (without metadata).
    pub used_bytes: u64,
    /// Bytes that all of its layers take up on the host's disk.
    pub disk_bytes: u64,
    /// Whether somebody is using it.
    pub status: VolumeStatus,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// How many checkpoints it has.
    pub checkpoint_count: usize,
    /// Where it is mounted.
    pub mounts: Vec<Mount>,
    /// What is wrong with it, as a sentence, when `status` is [`VolumeStatus::Error`].
    pub error: Option<String>,
}

/// What [`Engine::volume_create`](crate::Engine::volume_create) needs.
#[derive(Clone, Debug)]
pub struct NewVolume {
    /// 1 to 255 bytes; not `.` or `..`, no `/`, no control characters, not shaped like an id.
    pub name: String,
    /// At least [`MIN_QUOTA_BYTES`](crate::MIN_QUOTA_BYTES), at most [`MAX_QUOTA_BYTES`](crate::MAX_QUOTA_BYTES).
    pub quota_bytes: u64,
}

/// What [`Engine::volume_update`](crate::Engine::volume_update) changes; `None` leaves a thing as it is.
#[derive(Clone, Debug, Default)]
pub struct VolumeChange {
    /// The new name.
    pub name: Option<String>,
    /// The new quota, never smaller than the present one.
    pub quota_bytes: Option<u64>,
}

/// What a name in a volume stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A device node, socket or pipe.
    Other,
}

/// One file, folder or link in a volume.
#[derive(Clone, Debug)]
pub struct FileEntry {
    /// Path from the root, without a leading `/`. Bytes that are not UTF-8 are shown as U+FFFD.
    pub path: String,
    /// What it is.
    pub kind: FileKind,
    /// Length in bytes.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// When the content last changed.
    pub modified: OffsetDateTime,
    /// Where a symbolic link points.
    pub target: Option<String>,
}

/// What [`Engine::file_list`](crate::Engine::file_list) looks for.
#[derive(Clone, Debug, Default)]
pub struct ListFiles {
    /// Only paths that begin so; a folder's name lists what is in it.
    pub prefix: String,
    /// Whether folders below are walked too.
    pub recursive: bool,
    /// At most so many entries; `None` for all.
    pub limit: Option<usize>,
    /// The checkpoint to look into (an id, a name, or `latest`), or the present.
    pub at: Option<String>,
}

/// How [`Engine::file_write`](crate::Engine::file_write) writes.
#[derive(Clone, Debug, Default)]
pub struct WriteFile {
    /// Whether a file that is there already is replaced.
    pub overwrite: bool,
    /// The content's length in bytes, if it is known: the file then lies in one piece.
    pub size_hint: Option<u64>,
    /// What its SHA-256 must be, when that is known: other content is refused, and nothing is changed.
    pub sha256: Option<Sha256Sum>,
    /// What must be true of what is there; in a volume that a machine writes, as it was seen a moment before.
    pub condition: Option<Condition>,
}

/// What happens when an upload or download meets a file that is already there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// The new file takes the old one's place.
    #[default]
    Replace,
    /// The old file stays, the new one is left out.
    Skip,
    /// The whole transfer is refused before anything is written.
    Fail,
}

/// Files and folders of the host to be copied into a volume.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Upload {
    /// Files, folders and links on the host.
    pub sources: Vec<PathBuf>,
    /// Where they go, as `cp -r` has it: into a folder that exists or whose name ends in `/`,
    /// else one source takes this very name.
    pub destination: String,
    /// What to do about files that are already there.
    pub conflict: Conflict,
}

/// Files and folders of a volume to be copied to the host.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Download {
    /// Paths in the volume.
    pub paths: Vec<String>,
    /// Where they go on the host, as `cp -r` has it.
    pub destination: PathBuf,
    /// The checkpoint to read from (an id, a name, or `latest`), or the present.
    pub at: Option<String>,
    /// What to do about files that are already there.
    pub conflict: Conflict,
}

/// Files and folders of a checkpoint to be copied into the present of the same volume.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct RestoreFiles {
    /// The checkpoint (an id, a name, or `latest`).
    pub from: String,
    /// Paths in the checkpoint; the empty one stands for everything in it.
    pub paths: Vec<String>,
    /// Where they go in the present, as `cp -r` has it; `None`: each to where it was.
    pub destination: Option<String>,
}

/// Files and folders of a volume to be copied within it.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct CopyFiles {
    /// Paths in the volume.
    pub paths: Vec<String>,
    /// Where they go, as `cp -r` has it.
    pub destination: String,
    /// What to do about files that are already there.
    pub conflict: Conflict,
}

/// Which way a transfer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the host into a volume.
    Upload,
    /// From a volume to the host.
    Download,
}

/// How far a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferState {
    /// Waiting for its turn on the volume.
    Queued,
    /// Counting what there is to copy, or copying.
    Running,
    /// Somebody has stopped it for a while; it keeps its place, and what it has copied.
    Paused,
    /// Everything is copied and durable.
    Done,
    /// It failed; nothing half-written is left.
    Failed,
    /// It was cancelled; nothing half-written is left.
    Cancelled,
    /// The engine ended in its middle; nothing half-written is in the volume or at its destination.
    Interrupted,
}

/// A copy under way, or one that has ended.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// Its identity.
    pub id: TransferId,
    /// The volume.
    pub volume_id: VolumeId,
    /// Which way it goes.
    pub direction: Direction,
    /// What a person would call it ("holiday and 3 more").
    pub title: String,
    /// How far it is.
    pub state: TransferState,
    /// Whether it can be paused now.
    pub can_pause: bool,
    /// Whether it has ended without being done, and can be begun again.
    pub can_retry: bool,
    /// Bytes copied.
    pub bytes_done: u64,
    /// Bytes to copy in all, once counted.
    pub bytes_total: u64,
    /// Files, folders and links copied.
    pub files_done: u64,
    /// Files, folders and links to copy in all, once counted.
    pub files_total: u64,
    /// What is being copied now.
    pub current: Option<String>,
    /// Why it failed, as a sentence.
    pub error: Option<String>,
    /// What kind of failure it was.
    pub error_kind: Option<ErrorKind>,
    /// When it was asked for.
    pub started_at: OffsetDateTime,
    /// When it ended.
    pub ended_at: Option<OffsetDateTime>,
}

/// A named, frozen layer.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// Its identity.
    pub id: CheckpointId,
    /// The volume that it belongs to.
    pub volume_id: VolumeId,
    /// Its name; made from the time when none was given.
    pub name: String,
    /// The checkpoint that it grew from.
    pub parent: Option<CheckpointId>,
    /// When it was taken.
    pub created_at: OffsetDateTime,
    /// Taken by Cairn itself (before a restore), not asked for.
    pub automatic: bool,
    /// Taken while a machine was writing and could not be asked to pause: like after a power cut.
    pub crash_consistent: bool,
    /// Whether the present grows from this checkpoint, directly.
    pub current: bool,
    /// Bytes that its own layer takes up on the host's disk.
    pub disk_bytes: u64,
}

/// What a volume takes up, and for what.
#[derive(Clone, Debug)]
pub struct VolumeUsage {
    /// Which volume.
    pub volume_id: VolumeId,
    /// Size of the filesystem's disk in bytes, as asked for.
    pub quota_bytes: u64,
    /// Bytes that the files of the present take up in the filesystem.
    pub used_bytes: u64,
    /// Bytes that all of its layers and what stands in for them take up on the host's disk, whoever else has them.
    pub disk_bytes: u64,
    /// How many of these other volumes have, too.
    pub shared_bytes: u64,
    /// Bytes on the host's disk of what was written since the last checkpoint.
    pub present_bytes: u64,
    /// Bytes on the host's disk of layers of deleted checkpoints that something stands on.
    pub nameless_bytes: u64,
    /// Bytes on the host's disk of the private base, a cache that makes the present quick to read, and of what stands
    /// in for checkpoints while machines read them.
    pub base_bytes: u64,
    /// Each checkpoint, in the order in which they were taken.
    pub checkpoints: Vec<CheckpointUsage>,
}

/// What a checkpoint takes up.
#[derive(Clone, Debug)]
pub struct CheckpointUsage {
    /// Which.
    pub id: CheckpointId,
    /// Its name.
    pub name: String,
    /// When it was taken.
    pub created_at: OffsetDateTime,
    /// Bytes of the volume's disk that changed from what it stands on to it.
    pub data_bytes: u64,
    /// Bytes that its layer takes up on the host's disk.
    pub disk_bytes: u64,
    /// Whether another volume has that layer, too.
    pub is_shared: bool,
    /// How many layers stand on it: it is merged when it is deleted if it is one, and stays if there are more.
    pub standing_on_it: usize,
    /// Bytes of the host's disk that would come back if it were deleted, but for the rounding to clusters.
    pub freed_bytes: u64,
    /// When.
    pub when: MergeTime,
}

/// What deleting checkpoints takes and gives.
#[derive(Clone, Debug, Default)]
pub struct Deletion {
    /// Which checkpoints go, oldest first.
    pub checkpoints: Vec<crate::policy::Pruned>,
    /// Layers that become one; every checkpoint that stays is the same bit for bit.
    pub merges: Vec<LayerMerge>,
    /// Layers that go whole, because nothing stands on them.
    pub removed_layers: usize,
    /// Bytes that are written to merge.
    pub written_bytes: u64,
    /// Bytes of the host's disk that come back at once, but for the rounding to clusters.
    pub freed_bytes: u64,
    /// Bytes that come back later, as far as that is known.
    pub later_bytes: u64,
}

/// Layers that become one.
#[derive(Clone, Debug)]
pub struct LayerMerge {
    /// The name of the checkpoint whose layer takes the others; `None` for the present and for where nameless
    /// layers part.
    pub into: Option<String>,
    /// Whether the present takes them.
    pub is_present: bool,
    /// How many layers become one.
    pub layers: usize,
    /// Bytes that are written.
    pub written_bytes: u64,
    /// Bytes of the host's disk that come back; 0 as long as that is not known.
    pub freed_bytes: u64,
    /// When.
    pub when: MergeTime,
}

/// When layers are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeTime {
    /// At once: by the engine, or by the machine that has them open.
    Now,
    /// When the machine, or whoever reads them, lets go.
    Later,
    /// When the volumes that share them are gone; merging them now would give nothing back.
    Shared,
}

/// What [`Engine::checkpoint_create_group`](crate::Engine::checkpoint_create_group) needs.
#[derive(Clone, Debug, Default)]
pub struct NewCheckpointGroup {
    /// Volumes, by id or name.
    pub volumes: Vec<String>,
    /// A machine, by id or name: all volumes that it writes.
    pub vm: Option<String>,
    /// The name of all of the checkpoints; made from the time when there is none.
    pub name: Option<String>,
}

/// How a version of a file came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileVersionKind {
    /// It is the first that is known.
    Created,
    /// Content, permissions, owner or time changed.
    Changed,
    /// It was deleted, or renamed: nothing is at the path.
    Deleted,
    /// Something is at the path again.
    Recreated,
}

/// One version of a file in the history of its volume.
#[derive(Clone, Debug)]
pub struct FileVersion {
    /// How it came about.
    pub kind: FileVersionKind,
    /// The first checkpoint that has it; none when only the present has.
    pub checkpoint_id: Option<CheckpointId>,
    /// That checkpoint's name.
    pub checkpoint_name: Option<String>,
    /// When that checkpoint was taken.
    pub created_at: Option<OffsetDateTime>,
    /// Whether the present did not grow from that checkpoint: somebody has gone back since.
    pub elsewhere: bool,
    /// The file as it was; none when it was deleted.
    pub file: Option<FileEntry>,
}

/// What became of a file or folder between two states of a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It differs in content, or only in permissions, owner, time or attributes.
    Changed,
    /// It has another name or is in another folder. What is in a renamed folder is not told of unless it differs.
    Renamed,
}

/// One file, folder or link that differs.
#[derive(Clone, Debug)]
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
    pub size_before: Option<u64>,
    /// Length in bytes after; none when it was removed.
    pub size_after: Option<u64>,
    /// Whether its bytes, or the target of a link, differ.
    pub content: bool,
    /// Whether permissions, owner, time of change or attributes differ.
    pub metadata: bool,
}

/// What differs between two states of a volume.
#[derive(Clone, Debug, Default)]
pub struct Diff {
    /// What differs, by path; the first of them when there was a limit.
    pub entries: Vec<DiffEntry>,
    /// How many were added, in all.
    pub added: u64,
    /// How many were removed, in all.
    pub removed: u64,
    /// How many changed where they are, in all.
    pub changed: u64,
    /// How many were renamed, in all.
    pub renamed: u64,
    /// Whether there are more than `entries` tells.
    pub truncated: bool,
}

/// How a volume is mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MountMode {
    /// Read and write.
    Rw,
    /// Read only, at the block layer too.
    Ro,
}

/// Where a mount stands: detached → attaching → attached → detaching → detached; error from each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MountState {
    /// Recorded; device and filesystem are on their way.
    Attaching,
    /// The guest has it at its path.
    Attached,
    /// Being unmounted and unplugged.
    Detaching,
    /// Something went wrong; [`Mount::error`] says what.
    Error,
}

/// A volume at a path in a machine.
#[derive(Clone, Debug)]
pub struct Mount {
    /// The volume.
    pub volume_id: VolumeId,
    /// Its name.
    pub volume_name: String,
    /// The machine.
    pub vm_id: VmId,
    /// Its name.
    pub vm_name: String,
    /// The absolute path in the guest.
    pub mount_path: String,
    /// Read and write, or read only.
    pub mode: MountMode,
    /// The checkpoint that is mounted, or the present.
    pub checkpoint_id: Option<CheckpointId>,
    /// Where it stands.
    pub state: MountState,
    /// What went wrong, as a sentence.
    pub error: Option<String>,
    /// When it was asked for.
    pub since: OffsetDateTime,
    /// The options with which the guest has mounted it, separated by commas.
    pub options: String,
    /// What may go through it.
    pub limits: IoLimits,
    /// What has gone through it since it was plugged in; only in the list of all mounts, and only if the machine says.
    pub io: Option<IoStats>,
}

/// How much may go through a mount. `None` is as much as it can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct IoLimits {
    /// Operations a second, read and written together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iops: Option<u64>,
    /// Bytes a second, read and written together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_per_second: Option<u64>,
}

/// How much has gone through a mount since its disk was plugged in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IoStats {
    /// How often the guest has read.
    pub read_operations: u64,
    /// Bytes that it has read.
    pub read_bytes: u64,
    /// How long that took in all, in microseconds.
    pub read_micros: u64,
    /// How often the guest has written.
    pub written_operations: u64,
    /// Bytes that it has written.
    pub written_bytes: u64,
    /// How long that took in all, in microseconds.
    pub written_micros: u64,
    /// How often it had everything brought to the disk.
    pub flushes: u64,
    /// How long that took in all, in microseconds.
    pub flush_micros: u64,
}

/// How much goes through a mount, a second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountRate {
    /// The machine.
    pub vm_id: VmId,
    /// Its name.
    pub vm_name: String,
    /// The volume.
    pub volume_id: VolumeId,
    /// Its name.
    pub volume_name: String,
    /// Where it is mounted.
    pub mount_path: String,
    /// Bytes that the guest reads.
    pub read_bytes: u64,
    /// How often it reads.
    pub read_operations: u64,
    /// Bytes that it writes.
    pub written_bytes: u64,
    /// How often it writes.
    pub written_operations: u64,
}

/// How an unmount went that was to be done by force.
#[derive(Clone, Debug, Default)]
pub struct Unmounted {
    /// What it has cost, as sentences, when it had to be done by force.
    pub warning: Option<String>,
}

/// What [`Engine::mount`](crate::Engine::mount) needs; volume, machine and checkpoint by id or name.
#[derive(Clone, Debug)]
pub struct MountRequest {
    /// The volume.
    pub volume: String,
    /// The machine.
    pub vm: String,
    /// The absolute path in the guest; made when it is not there.
    pub mount_path: String,
    /// Read and write, or read only.
    pub mode: MountMode,
    /// A checkpoint (an id, a name, or `latest`), or the present.
    pub at: Option<String>,
    /// Mount options beside the usual ones (`discard,nosuid,nodev`), separated by commas.
    pub options: Option<String>,
    /// What may go through it.
    pub limits: IoLimits,
}

/// What a machine is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VmState {
    /// QEMU is not running.
    Stopped,
    /// QEMU runs, the guest's agent has not answered yet.
    Starting,
    /// The guest's agent answers.
    Running,
    /// On its way down.
    Stopping,
    /// It could not be started or reached; [`Vm::error`] says why.
    Error,
}

/// A machine.
#[derive(Clone, Debug)]
pub struct Vm {
    /// Its identity.
    pub id: VmId,
    /// Its name, unique in the store.
    pub name: String,
    /// What it is doing.
    pub state: VmState,
    /// How QEMU runs it: `kvm` or `tcg`; none while stopped.
    pub accelerator: Option<String>,
    /// QEMU's process id while it runs.
    pub pid: Option<u32>,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// Processors.
    pub cpus: u32,
    /// When it was created.
    pub created_at: OffsetDateTime,
    /// What it is made of; none for a demo VM, and for one that somebody else starts.
    pub setup: Option<VmSetup>,
    /// How it is reached, when somebody else starts it.
    pub attached: Option<VmReach>,
    /// The volumes that it has.
    pub mounts: Vec<Mount>,
    /// What went wrong, as a sentence.
    pub error: Option<String>,
}

/// A machine's disk at a point in time, from which others start.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Its identity.
    pub id: SnapshotId,
    /// Its name, unique in the store.
    pub name: String,
    /// The machine whose session disk it was; it may be gone.
    pub vm_id: VmId,
    /// That machine's name at that time.
    pub vm_name: String,
    /// When it was taken.
    pub created_at: OffsetDateTime,
    /// The image that it stands on.
    pub image: Option<PathBuf>,
    /// The snapshot that it stands on.
    pub parent: Option<SnapshotId>,
    /// Size of its disk in bytes, as a guest sees it.
    pub size_bytes: u64,
    /// Bytes that it takes up on the host's disk, without what it stands on.
    pub disk_bytes: u64,
    /// Taken while the machine ran and could not be asked to pause: like after a power cut.
    pub crash_consistent: bool,
    /// The machines and snapshots that stand on it ("the machine 'web'"); it can be deleted when there are none.
    pub used_by: Vec<String>,
}

/// What a command in a guest printed.
#[derive(Clone, Debug)]
pub struct ExecOutput {
    /// Its exit status.
    pub exit_code: i32,
    /// What it wrote to its standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to its standard error.
    pub stderr: Vec<u8>,
}

/// What a check of a volume's filesystem found.
#[derive(Clone, Debug)]
pub struct VolumeCheck {
    /// Whether nothing is wrong, or only what puts itself right.
    pub clean: bool,
    /// Whether everything was looked at: a filesystem that cannot be opened is not searched further.
    pub complete: bool,
    /// Inodes in use, and the folders among them.
    pub inodes: u64,
    /// Folders among them.
    pub folders: u64,
    /// How many findings there are; not all of a large number are listed.
    pub total: u64,
    /// What is wrong.
    pub findings: Vec<CheckFinding>,
}

/// What a check of a store, or of one volume as Cairn keeps it, found.
#[derive(Clone, Debug, Default)]
pub struct StoreCheck {
    /// Whether nothing is wrong; notices are not wrong.
    pub clean: bool,
    /// How many volumes were looked at.
    pub volumes: u64,
    /// How many layers.
    pub layers: u64,
    /// How many frozen layers are, bit for bit, what they were when they were frozen. The newest may not be known yet.
    pub digests: u64,
    /// How many filesystems are sound.
    pub filesystems: u64,
    /// What is wrong, and what is strange.
    pub findings: Vec<StoreFinding>,
}

/// One thing that is wrong, or strange, in a store.
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
pub struct StoreRepair {
    /// What was done, in this order.
    pub done: Vec<RepairStep>,
    /// What a check found afterwards.
    pub left: StoreCheck,
}

/// One thing that a repair has done.
#[derive(Clone, Debug)]
pub struct RepairStep {
    /// The volume's name, when it concerns one.
    pub volume: Option<String>,
    /// A sentence.
    pub what: String,
}

/// One thing that is wrong with a volume's filesystem.
#[derive(Clone, Debug)]
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

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckSeverity {
    /// It puts itself right.
    Notice,
    /// Structures contradict each other, files can still be read.
    Damage,
    /// A file or folder cannot be read as a whole, or writing could destroy something.
    Grave,
}

/// One thing that `doctor` looked at.
#[derive(Clone, Debug)]
pub struct DoctorCheck {
    /// What was looked at ("QEMU", "KVM", "Store").
    pub name: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found, and what to do when it is not as it should be.
    pub detail: String,
    /// What to paste for that: options for QEMU's command line, or a command.
    pub paste: Option<String>,
}

/// How serious a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeLevel {
    /// Good to know.
    Info,
    /// Something needed repair, or will need attention.
    Warning,
    /// Something failed.
    Error,
}

/// Something that happened; surfaces look again at what it names.
#[derive(Clone, Debug)]
pub enum EventKind {
    /// A volume was created, renamed, grown, or its usage or status changed.
    VolumeChanged {
        /// Which.
        volume_id: VolumeId,
    },
    /// A volume went to the trash.
    VolumeDeleted {
        /// Which.
        volume_id: VolumeId,
    },
    /// A volume went to the trash, came back from it, or went for good.
    TrashChanged,
    /// Files below a folder of a volume changed.
    FilesChanged {
        /// Which volume.
        volume_id: VolumeId,
        /// The folder, empty for the root.
        path: String,
    },
    /// A watched folder of a volume came, went, or stands differently.
    WatchesChanged {
        /// Which volume.
        volume_id: VolumeId,
    },
    /// A checkpoint was taken, deleted or restored.
    CheckpointsChanged {
        /// Which volume.
        volume_id: VolumeId,
    },
    /// A machine was created or changed its state.
    VmChanged {
        /// Which.
        vm_id: VmId,
    },
    /// A machine was deleted.
    VmDeleted {
        /// Which.
        vm_id: VmId,
    },
    /// A snapshot was taken or deleted.
    SnapshotsChanged,
    /// A mount changed its state.
    MountChanged {
        /// The volume.
        volume_id: VolumeId,
        /// The machine.
        vm_id: VmId,
    },
    /// A transfer began, went on or ended.
    TransferChanged {
        /// As it stands.
        transfer: Transfer,
    },
    /// Something that a person should read.
    Notice {
        /// How serious it is.
        level: NoticeLevel,
        /// The sentence.
        message: String,
    },
}

/// An event with its place in the stream.
#[derive(Clone, Debug)]
pub struct Event {
    /// Grows by one with each event of this engine; an engine that opens the store later begins with a larger one.
    pub seq: u64,
    /// When it happened.
    pub at: OffsetDateTime,
    /// What happened.
    pub kind: EventKind,
}
