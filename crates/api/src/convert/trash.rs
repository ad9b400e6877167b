//! The trash, from the engine's words into the wire's.

use cairn_engine as engine;

use super::time_text;
use crate::types::{DeletedVolume, Trash};

impl From<engine::DeletedVolume> for DeletedVolume {
    fn from(value: engine::DeletedVolume) -> Self {
        Self {
            id: value.id.into(),
            name: value.name,
            quota_bytes: value.quota_bytes,
            disk_bytes: value.disk_bytes,
            checkpoint_count: value.checkpoint_count,
            deleted_at: time_text(value.deleted_at),
            expires_at: time_text(value.expires_at),
            error: value.error,
        }
    }
}

impl From<engine::Trash> for Trash {
    fn from(value: engine::Trash) -> Self {
        Self { keep_days: value.keep_days, volumes: value.volumes.into_iter().map(Into::into).collect() }
    }
}
