//! Keys and the audit log as they cross a wire.

use cairn_engine as engine;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::convert::time_text;
use crate::strings::Name;

/// What the holder of a key may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[ts(export_to = "types.ts")]
pub enum KeyScope {
    /// Look at everything and read every file; change nothing.
    ReadOnly,
    /// Everything.
    #[default]
    Full,
}

/// A key, without its secret.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "types.ts")]
pub struct Key {
    /// Its identity.
    pub id: String,
    /// Its name, unique in the store; the audit log says it.
    pub name: String,
    /// What its holder may do.
    pub scope: KeyScope,
    /// When it was created.
    pub created_at: String,
    /// When it stops being one; never, when absent.
    pub expires_at: Option<String>,
    /// Whether its time is over.
    pub is_expired: bool,
}

/// `POST /v1/keys`.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "types.ts")]
pub struct NewKey {
    /// Its name, by the same rules as a volume's.
    #[schema(value_type = Name)]
    pub name: String,
    /// What its holder may do; everything when absent.
    #[serde(default)]
    pub scope: KeyScope,
    /// After how many seconds it stops being one, at most a hundred years; never, when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3_155_760_000_u64)]
    #[ts(type = "number | null")]
    pub expires_in_seconds: Option<u64>,
}

/// A key that was created.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "types.ts")]
pub struct CreatedKey {
    /// The key.
    #[serde(flatten)]
    pub key: Key,
    /// What requests carry as `X-API-Key`; told this once only.
    pub secret: String,
}

/// One thing that somebody did, or tried to do.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "types.ts")]
pub struct AuditEntry {
    /// When it was answered.
    pub at: String,
    /// The name of the key, or `owner` for the store's own.
    pub who: String,
    /// What was asked for: `DELETE /v1/volumes/{volume}`.
    pub what: String,
    /// The volume, as it was named.
    pub volume: Option<String>,
    /// The machine, as it was named.
    pub machine: Option<String>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The word for the failure, when it was refused.
    pub error: Option<String>,
}

impl From<engine::KeyScope> for KeyScope {
    fn from(scope: engine::KeyScope) -> Self {
        match scope {
            engine::KeyScope::ReadOnly => Self::ReadOnly,
            engine::KeyScope::Full => Self::Full,
        }
    }
}

impl From<KeyScope> for engine::KeyScope {
    fn from(scope: KeyScope) -> Self {
        match scope {
            KeyScope::ReadOnly => Self::ReadOnly,
            KeyScope::Full => Self::Full,
        }
    }
}

impl From<engine::ApiKey> for Key {
    fn from(key: engine::ApiKey) -> Self {
        Self {
            is_expired: key.is_expired(),
            id: key.id.into(),
            name: key.name,
            scope: key.scope.into(),
            created_at: time_text(key.created_at),
            expires_at: key.expires_at.map(time_text),
        }
    }
}

impl From<engine::AuditEntry> for AuditEntry {
    fn from(entry: engine::AuditEntry) -> Self {
        let engine::AuditEntry { at, who, what, volume, machine, status, error } = entry;
        Self { at: time_text(at), who, what, volume, machine, status, error }
    }
}
