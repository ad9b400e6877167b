//! How an error crosses a wire: one code per kind, one sentence, one hint; and what it means to HTTP and to a shell.

use cairn_engine::{Error, ErrorKind};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// What surfaces match on. Never match on prose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[ts(export_to = "types.ts")]
pub enum ErrorCode {
    /// The input makes no sense.
    InvalidInput,
    /// No such thing.
    NotFound,
    /// The name or path is taken.
    AlreadyExists,
    /// Somebody else has it.
    InUse,
    /// Quota or disk full.
    NoSpace,
    /// The state of things does not allow it.
    Conflict,
    /// Not something that Cairn does.
    Unsupported,
    /// A program that is needed is missing.
    Missing,
    /// The guest did not do it.
    Guest,
    /// It took too long.
    Timeout,
    /// It was cancelled.
    Cancelled,
    /// What is on disk contradicts itself.
    Corrupt,
    /// The operating system refused.
    Io,
    /// The key is missing or wrong.
    Unauthorized,
    /// A defect in Cairn.
    Internal,
}

/// The body of every refusal. `detail` is all that the seed's client reads: the sentence and the hint together.
#[derive(Clone, Debug, Serialize, Deserialize, TS, ToSchema)]
#[ts(export_to = "types.ts")]
pub struct ErrorBody {
    /// The sentence, followed by the hint.
    pub detail: String,
    /// What kind of failure it is.
    pub code: ErrorCode,
    /// What failed, on what, and why.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl From<ErrorKind> for ErrorCode {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidInput => Self::InvalidInput,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::AlreadyExists => Self::AlreadyExists,
            ErrorKind::InUse => Self::InUse,
            ErrorKind::NoSpace => Self::NoSpace,
            ErrorKind::Conflict => Self::Conflict,
            ErrorKind::Unsupported => Self::Unsupported,
            ErrorKind::Missing => Self::Missing,
            ErrorKind::Guest => Self::Guest,
            ErrorKind::Timeout => Self::Timeout,
            ErrorKind::Cancelled => Self::Cancelled,
            ErrorKind::Corrupt => Self::Corrupt,
            ErrorKind::Io => Self::Io,
            _ => Self::Internal,
        }
    }
}

impl From<&Error> for ErrorBody {
    fn from(error: &Error) -> Self {
        Self {
            detail: error.to_string(),
            code: error.kind().into(),
            message: error.message().to_owned(),
            hint: error.hint().map(str::to_owned),
        }
    }
}

/// The HTTP status of a refusal (RFC 9110). Uploads answer 403 where this says 409 or 507: see the server.
#[must_use]
pub fn http_status(code: ErrorCode) -> u16 {
    match code {
        ErrorCode::InvalidInput => 422,
        ErrorCode::NotFound => 404,
        ErrorCode::AlreadyExists | ErrorCode::InUse | ErrorCode::Conflict | ErrorCode::Cancelled => 409,
        ErrorCode::Unsupported => 422,
        ErrorCode::Unauthorized => 401,
        // Not 507: the seed's client takes every 5xx for a network error and drops the sentence.
        ErrorCode::NoSpace => 403,
        ErrorCode::Missing | ErrorCode::Guest | ErrorCode::Timeout => 424,
        ErrorCode::Corrupt | ErrorCode::Io | ErrorCode::Internal => 500,
    }
}

/// The exit code of the command `cairn`; documented in the README and in `cairn --help`.
#[must_use]
pub fn exit_code(code: ErrorCode) -> u8 {
    match code {
        ErrorCode::Io | ErrorCode::Internal => 1,
        ErrorCode::InvalidInput | ErrorCode::Unsupported => 2,
        ErrorCode::NotFound => 3,
        ErrorCode::AlreadyExists | ErrorCode::Conflict => 4,
        ErrorCode::InUse => 5,
        ErrorCode::NoSpace => 6,
        ErrorCode::Missing | ErrorCode::Guest | ErrorCode::Timeout => 7,
        ErrorCode::Corrupt => 8,
        ErrorCode::Unauthorized => 9,
        ErrorCode::Cancelled => 130,
    }
}
