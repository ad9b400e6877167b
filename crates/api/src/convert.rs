//! From the engine's own types to the wire's, and back for requests.

mod chain;
mod export;
mod machine;
mod trash;

pub use machine::{session_of, vm_of};

use std::path::PathBuf;

use cairn_engine as engine;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::types::*;

/// A time as the wire has it: RFC 3339 in UTC. Only years beyond 9999 cannot be written; they become the epoch.
pub(crate) fn time_text(time: OffsetDateTime) -> String {
    time.to_offset(time::UtcOffset::UTC).format(&Rfc3339).unwrap_or_else(|_| "1970-01-01T00:00:00Z".to_owned())
}

macro_rules! same_words {
    ($($name:ident { $($word:ident),* })*) => { $(
        impl From<engine::$name> for $name {
            fn from(value: engine::$name) -> Self {
                match value { $(engine::$name::$word => Self::$word),* }
            }
        }
    )* };
}

same_words! {
    VolumeStatus { Available, InUse, Error }
    FileKind { File, Directory, Symlink, Other }
    Direction { Upload, Download }
    TransferState { Queued, Running, Paused, Done, Failed, Cancelled, Interrupted }
    MountMode { Rw, Ro }
    MountState { Attaching, Attached, Detaching, Error }
    NoticeLevel { Info, Warning, Error }
    LogLevel { Trace, Debug, Info, Warning, Error }
    FileVersionKind { Created, Changed, Deleted, Recreated }
    DiffKind { Added, Removed, Changed, Renamed }
    CheckSeverity { Notice, Damage, Grave }
}

impl From<Conflict> for engine::Conflict {
    fn from(value: Conflict) -> Self {
        match value {
            Conflict::Replace => Self::Replace,
            Conflict::Skip => Self::Skip,
            Conflict::Fail => Self::Fail,
        }
    }
}

impl From<MountMode> for engine::MountMode {
    fn from(value: MountMode) -> Self {
        match value {
            MountMode::Rw => Self::Rw,
            MountMode::Ro => Self::Ro,
        }
    }
}

impl From<engine::VmState> for VmStatus {
    fn from(value: engine::VmState) -> Self {
        match value {
            engine::VmState::Stopped => Self::Stopped,
            engine::VmState::Starting => Self::Creating,
            engine::VmState::Running => Self::Active,
            engine::VmState::Stopping => Self::Stopping,
            engine::VmState::Error => Self::Error,
        }
    }
}

impl From<engine::Volume> for Volume {
    fn from(value: engine::Volume) -> Self {
        Self {
            id: value.id.into(),
            name: value.name,
            quota_bytes: value.quota_bytes,
            used_bytes: value.used_bytes,
            disk_bytes: value.disk_bytes,
            status: value.status.into(),
            created_at: time_text(value.created_at),
            checkpoint_count: value.checkpoint_count as u64,
            mounts: value.mounts.into_iter().map(Into::into).collect(),
            error: value.error,
        }
    }
}

impl From<engine::FileEntry> for FileEntry {
    fn from(value: engine::FileEntry) -> Self {
        let name = value.path.rsplit('/').next().unwrap_or_default().to_owned();
        Self {
            path: value.path,
            name,
            kind: value.kind.into(),
            size: value.size,
            mode: value.mode,
            uid: value.uid,
            gid: value.gid,
            modified_at: time_text(value.modified),
            target: value.target,
        }
    }
}

impl From<engine::StagedUpload> for StagedUpload {
    fn from(value: engine::StagedUpload) -> Self {
        Self {
            path: value.path,
            size: value.size,
            received_bytes: value.received,
            sha256: value.sha256.map(|sum| sum.to_string()),
            changed_at: time_text(value.changed_at),
            expires_at: time_text(value.expires_at),
        }
    }
}

impl From<engine::FileVersion> for FileVersion {
    fn from(value: engine::FileVersion) -> Self {
        Self {
            kind: value.kind.into(),
            checkpoint_id: value.checkpoint_id.map(Into::into),
            checkpoint_name: value.checkpoint_name,
            created_at: value.created_at.map(time_text),
            elsewhere: value.elsewhere,
            file: value.file.map(Into::into),
        }
    }
}

impl From<engine::Diff> for Diff {
    fn from(value: engine::Diff) -> Self {
        let engine::Diff { entries, added, removed, changed, renamed, truncated } = value;
        Self { entries: entries.into_iter().map(Into::into).collect(), added, removed, changed, renamed, truncated }
    }
}

impl From<engine::DiffEntry> for DiffEntry {
    fn from(value: engine::DiffEntry) -> Self {
        Self {
            kind: value.kind.into(),
            file_kind: value.file_kind.into(),
            path: value.path,
            from: value.from,
            size_before: value.size_before,
            size_after: value.size_after,
            content: value.content,
            metadata: value.metadata,
        }
    }
}

impl From<engine::Transfer> for Transfer {
    fn from(value: engine::Transfer) -> Self {
        Self {
            id: value.id.into(),
            volume_id: value.volume_id.into(),
            direction: value.direction.into(),
            title: value.title,
            state: value.state.into(),
            can_pause: value.can_pause,
            can_retry: value.can_retry,
            bytes_done: value.bytes_done,
            bytes_total: value.bytes_total,
            files_done: value.files_done,
            files_total: value.files_total,
            current: value.current,
            error: value.error,
            error_code: value.error_kind.map(Into::into),
            started_at: time_text(value.started_at),
            ended_at: value.ended_at.map(time_text),
        }
    }
}

impl From<LogLevel> for engine::LogLevel {
    fn from(value: LogLevel) -> Self {
        match value {
            LogLevel::Trace => Self::Trace,
            LogLevel::Debug => Self::Debug,
            LogLevel::Info => Self::Info,
            LogLevel::Warning => Self::Warning,
            LogLevel::Error => Self::Error,
        }
    }
}

impl From<engine::LogLine> for LogLine {
    fn from(value: engine::LogLine) -> Self {
        Self { at: value.at, level: value.level.into(), text: value.text }
    }
}

impl From<engine::Checkpoint> for Checkpoint {
    fn from(value: engine::Checkpoint) -> Self {
        Self {
            id: value.id.into(),
            volume_id: value.volume_id.into(),
            name: value.name,
            status: CheckpointStatus::Ready,
            parent_id: value.parent.map(Into::into),
            created_at: time_text(value.created_at),
            automatic: value.automatic,
            crash_consistent: value.crash_consistent,
            current: value.current,
            disk_bytes: value.disk_bytes,
        }
    }
}

impl From<engine::Mount> for Mount {
    fn from(value: engine::Mount) -> Self {
        Self {
            volume_id: value.volume_id.into(),
            volume_name: value.volume_name,
            vm_id: value.vm_id.into(),
            vm_name: value.vm_name,
            mount_path: value.mount_path,
            mode: value.mode.into(),
            checkpoint_id: value.checkpoint_id.map(Into::into),
            status: value.state.into(),
            error: value.error,
            created_at: time_text(value.since),
            options: value.options,
            iops: value.limits.iops,
            bytes_per_second: value.limits.bytes_per_second,
            io: value.io.map(Into::into),
        }
    }
}

impl From<engine::ExecOutput> for ExecOutput {
    fn from(value: engine::ExecOutput) -> Self {
        Self {
            exit_code: value.exit_code,
            stdout: String::from_utf8_lossy(&value.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&value.stderr).into_owned(),
        }
    }
}

impl From<engine::VolumeCheck> for VolumeCheck {
    fn from(value: engine::VolumeCheck) -> Self {
        let engine::VolumeCheck { clean, complete, inodes, folders, total, findings } = value;
        Self { clean, complete, inodes, folders, total, findings: findings.into_iter().map(Into::into).collect() }
    }
}

impl From<engine::CheckFinding> for CheckFinding {
    fn from(value: engine::CheckFinding) -> Self {
        let engine::CheckFinding { place, problem, severity, path, message } = value;
        Self { place, problem, severity: severity.into(), path, message }
    }
}

impl From<engine::StoreCheck> for StoreCheck {
    fn from(value: engine::StoreCheck) -> Self {
        let engine::StoreCheck { clean, volumes, layers, digests, filesystems, findings } = value;
        let findings = findings.into_iter().map(Into::into).collect();
        Self { clean, volumes, layers, digests, filesystems, findings }
    }
}

impl From<engine::StoreFinding> for StoreFinding {
    fn from(value: engine::StoreFinding) -> Self {
        let engine::StoreFinding { volume, place, severity, message, repairable } = value;
        Self { volume, place, severity: severity.into(), message, repairable }
    }
}

impl From<engine::StoreRepair> for StoreRepair {
    fn from(value: engine::StoreRepair) -> Self {
        Self { done: value.done.into_iter().map(Into::into).collect(), left: value.left.into() }
    }
}

impl From<engine::RepairStep> for RepairStep {
    fn from(value: engine::RepairStep) -> Self {
        Self { volume: value.volume, what: value.what }
    }
}

impl From<engine::Policy> for Policy {
    fn from(value: engine::Policy) -> Self {
        let engine::Keep { last, hourly, daily, weekly, monthly } = value.keep;
        let engine::Policy { before_mount, before_delete, every_minutes, at_minute, .. } = value;
        let keep = Keep { last, hourly, daily, weekly, monthly };
        Self { before_mount, before_delete, every_minutes, at_minute, keep }
    }
}

impl From<PolicyChange> for engine::PolicyChange {
    fn from(value: PolicyChange) -> Self {
        let keep =
            |Keep { last, hourly, daily, weekly, monthly }| engine::Keep { last, hourly, daily, weekly, monthly };
        let PolicyChange { before_mount, before_delete, every_minutes, at_minute, keep: kept } = value;
        Self { before_mount, before_delete, every_minutes, at_minute, keep: kept.map(keep) }
    }
}

impl From<engine::Pruned> for Pruned {
    fn from(value: engine::Pruned) -> Self {
        Self { id: value.id.into(), name: value.name, created_at: time_text(value.created_at) }
    }
}

impl From<engine::Deletion> for Deletion {
    fn from(value: engine::Deletion) -> Self {
        Self {
            checkpoints: value.checkpoints.into_iter().map(Into::into).collect(),
            merges: value.merges.into_iter().map(Into::into).collect(),
            removed_layers: value.removed_layers as u64,
            written_bytes: value.written_bytes,
            freed_bytes: value.freed_bytes,
            later_bytes: value.later_bytes,
        }
    }
}

impl From<engine::LayerMerge> for LayerMerge {
    fn from(value: engine::LayerMerge) -> Self {
        Self {
            into: value.into,
            is_present: value.is_present,
            layers: value.layers as u64,
            written_bytes: value.written_bytes,
            freed_bytes: value.freed_bytes,
            when: value.when.into(),
        }
    }
}

impl From<engine::MergeTime> for MergeTime {
    fn from(value: engine::MergeTime) -> Self {
        match value {
            engine::MergeTime::Now => Self::Now,
            engine::MergeTime::Later => Self::Later,
            engine::MergeTime::Shared => Self::Shared,
        }
    }
}

impl From<engine::VolumeUsage> for VolumeUsage {
    fn from(value: engine::VolumeUsage) -> Self {
        Self {
            volume_id: value.volume_id.into(),
            quota_bytes: value.quota_bytes,
            used_bytes: value.used_bytes,
            disk_bytes: value.disk_bytes,
            shared_bytes: value.shared_bytes,
            present_bytes: value.present_bytes,
            nameless_bytes: value.nameless_bytes,
            base_bytes: value.base_bytes,
            checkpoints: value.checkpoints.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<engine::CheckpointUsage> for CheckpointUsage {
    fn from(value: engine::CheckpointUsage) -> Self {
        Self {
            id: value.id.into(),
            name: value.name,
            created_at: time_text(value.created_at),
            data_bytes: value.data_bytes,
            disk_bytes: value.disk_bytes,
            is_shared: value.is_shared,
            standing_on_it: value.standing_on_it as u64,
            freed_bytes: value.freed_bytes,
            when: value.when.into(),
        }
    }
}

impl From<engine::DoctorCheck> for DoctorCheck {
    fn from(value: engine::DoctorCheck) -> Self {
        Self { name: value.name, ok: value.ok, detail: value.detail, paste: value.paste }
    }
}

impl From<engine::EventKind> for EventKind {
    fn from(value: engine::EventKind) -> Self {
        use engine::EventKind as From;
        match value {
            From::VolumeChanged { volume_id } => Self::VolumeChanged { volume_id: volume_id.into() },
            From::VolumeDeleted { volume_id } => Self::VolumeDeleted { volume_id: volume_id.into() },
            From::TrashChanged => Self::TrashChanged,
            From::FilesChanged { volume_id, path } => Self::FilesChanged { volume_id: volume_id.into(), path },
            From::WatchesChanged { volume_id } => Self::WatchesChanged { volume_id: volume_id.into() },
            From::CheckpointsChanged { volume_id } => Self::CheckpointsChanged { volume_id: volume_id.into() },
            From::VmChanged { vm_id } => Self::VmChanged { vm_id: vm_id.into() },
            From::VmDeleted { vm_id } => Self::VmDeleted { vm_id: vm_id.into() },
            From::SnapshotsChanged => Self::SnapshotsChanged,
            From::MountChanged { volume_id, vm_id } => {
                Self::MountChanged { volume_id: volume_id.into(), vm_id: vm_id.into() }
            }
            From::TransferChanged { transfer } => Self::TransferChanged { transfer: transfer.into() },
            From::Notice { level, message } => Self::Notice { level: level.into(), message },
        }
    }
}

impl From<engine::Event> for Event {
    fn from(value: engine::Event) -> Self {
        Self { seq: value.seq, at: time_text(value.at), kind: value.kind.into() }
    }
}

impl From<NewVolume> for engine::NewVolume {
    fn from(value: NewVolume) -> Self {
        Self { name: value.name, quota_bytes: value.quota_bytes }
    }
}

impl From<VolumeChange> for engine::VolumeChange {
    fn from(value: VolumeChange) -> Self {
        Self { name: value.name, quota_bytes: value.quota_bytes }
    }
}

impl From<UploadRequest> for engine::Upload {
    fn from(value: UploadRequest) -> Self {
        Self {
            sources: value.sources.into_iter().map(PathBuf::from).collect(),
            destination: value.destination,
            conflict: value.conflict.into(),
        }
    }
}

impl RestoreFilesRequest {
    /// The engine's request for files of `checkpoint` (an id or a name).
    #[must_use]
    pub fn into_engine(self, checkpoint: String) -> engine::RestoreFiles {
        engine::RestoreFiles { from: checkpoint, paths: self.paths, destination: self.destination }
    }
}

impl From<CopyFilesRequest> for engine::CopyFiles {
    fn from(value: CopyFilesRequest) -> Self {
        Self { paths: value.paths, destination: value.destination, conflict: value.conflict.into() }
    }
}

impl From<NewCheckpointGroup> for engine::NewCheckpointGroup {
    fn from(value: NewCheckpointGroup) -> Self {
        Self { volumes: value.volume_ids, vm: value.vm_id, name: value.name }
    }
}

impl From<DownloadRequest> for engine::Download {
    fn from(value: DownloadRequest) -> Self {
        Self {
            paths: value.paths,
            destination: value.destination.into(),
            at: value.at,
            conflict: value.conflict.into(),
        }
    }
}

impl MountRequest {
    /// The engine's request for mounting into the machine `vm` (an id or a name).
    #[must_use]
    pub fn into_engine(self, vm: &str) -> engine::MountRequest {
        engine::MountRequest {
            volume: self.volume_id,
            vm: vm.to_owned(),
            mount_path: self.mount_path,
            mode: self.mode.into(),
            at: self.checkpoint_id,
            options: self.options,
            limits: engine::IoLimits { iops: self.iops, bytes_per_second: self.bytes_per_second },
        }
    }
}
