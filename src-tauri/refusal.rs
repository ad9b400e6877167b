//! How a command refuses: the wire's error body, made from the engine's error by `?`.

use cairn_api::{ErrorBody, ErrorCode};
use cairn_engine::Error;
use serde::Serialize;

/// What every command answers.
pub(crate) type Answer<T> = Result<T, Refusal>;

/// A refusal as the window reads it: an [`ErrorBody`], nothing around it.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Refusal(ErrorBody);

impl Refusal {
    /// A refusal of the shell's own: what failed and why, and what to do next.
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>, hint: &str) -> Self {
        let message = message.into();
        Self(ErrorBody { detail: format!("{message} {hint}"), code, message, hint: Some(hint.to_owned()) })
    }

    /// The sentence, followed by the hint.
    pub(crate) fn sentence(&self) -> &str {
        &self.0.detail
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self((&error).into())
    }
}
