//! Watched folders as they cross a wire.

use cairn_engine as engine;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::convert::time_text;

/// How a watched folder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[ts(export_to = "types.ts")]
pub enum WatchState {
    /// The volume has what the folder has.
    Watching,
    /// The two are compared, or what differs is copied.
    Syncing,
    /// A machine has the volume; it catches up afterwards.
    Paused,
    /// It could not be kept in step; it is tried again.
    Error,
}

/// A folder of the host that is kept in step into a folder of a volume.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "types.ts")]
pub struct Watch {
    /// Its identity.
    pub id: String,
    /// The volume.
    pub volume_id: String,
    /// The folder of the host.
    pub host_path: String,
    /// The folder of the volume; the root is empty.
    pub path: String,
    /// What is left alone, in the words of `.gitignore`, beside what the `.gitignore` files in the folder say.
    pub ignore: Vec<String>,
    /// Whether what is deleted on the host is deleted in the volume, too.
    pub delete: bool,
    /// How it stands.
    pub state: WatchState,
    /// Why it rests or fails, or what is to be known although it does neither, as a sentence.
    pub reason: Option<String>,
    /// How many files, folders and links are kept in step.
    #[ts(type = "number")]
    pub files: u64,
    /// When both were last found or made the same.
    pub last_sync: Option<String>,
    /// How many files, folders and links were copied since the engine began.
    #[ts(type = "number")]
    pub copied: u64,
    /// How many were deleted in the volume since the engine began; a folder counts as one.
    #[ts(type = "number")]
    pub deleted: u64,
    /// When it was added.
    pub created_at: String,
}

/// `POST /v1/volumes/{volume}/watches`.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "types.ts")]
pub struct NewWatch {
    /// A folder of the host that the engine runs on: an absolute path.
    #[schema(pattern = "^/")]
    pub host_path: String,
    /// The folder of the volume into which what is in it goes; made when it is not there, the root when empty.
    #[serde(default)]
    pub path: String,
    /// What is left alone, in the words of `.gitignore`, beside what the `.gitignore` files in the folder say.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub ignore: Vec<String>,
    /// Whether what is deleted on the host is deleted in the volume, too.
    #[serde(default)]
    pub delete: bool,
}

impl From<engine::WatchState> for WatchState {
    fn from(value: engine::WatchState) -> Self {
        match value {
            engine::WatchState::Watching => Self::Watching,
            engine::WatchState::Syncing => Self::Syncing,
            engine::WatchState::Paused => Self::Paused,
            engine::WatchState::Error => Self::Error,
        }
    }
}

impl From<engine::Watch> for Watch {
    fn from(value: engine::Watch) -> Self {
        Self {
            id: value.id.into(),
            volume_id: value.volume_id.into(),
            host_path: value.host_path.display().to_string(),
            path: value.path,
            ignore: value.ignore,
            delete: value.delete,
            state: value.state.into(),
            reason: value.reason,
            files: value.files,
            last_sync: value.last_sync.map(time_text),
            copied: value.copied,
            deleted: value.deleted,
            created_at: time_text(value.created_at),
        }
    }
}

impl From<NewWatch> for engine::NewWatch {
    fn from(value: NewWatch) -> Self {
        Self { host_path: value.host_path.into(), path: value.path, ignore: value.ignore, delete: value.delete }
    }
}
