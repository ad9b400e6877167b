//! Why a command did not do what it was asked to: one sentence, a hint, an exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use cairn_api::{ErrorBody, ErrorCode, exit_code};
use console::style;

use crate::output::printable;

/// Why the program ends with another exit code than 0.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something failed.
    Said {
        /// What kind of failure it is.
        code: ErrorCode,
        /// One sentence.
        message: String,
        /// What to do next.
        hint: Option<String>,
    },
    /// Whoever read our standard output has gone away, and wants no more.
    OutputClosed,
    /// Everything is said; only the exit code is left.
    Exit(u8),
}

impl Failure {
    /// A failure told in one sentence, with its final stop.
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Said { code, message: message.into(), hint: None }
    }

    /// Input that makes no sense.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidInput, message)
    }

    /// The operating system refused; `what` is the sentence's beginning.
    pub(crate) fn io(what: &str, error: &io::Error) -> Self {
        let code = match error.kind() {
            io::ErrorKind::NotFound => ErrorCode::NotFound,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorCode::NoSpace,
            _ => ErrorCode::Io,
        };
        Self::new(code, format!("{what}: {error}."))
    }

    /// A command line that is not understood.
    pub(crate) fn usage(error: &clap::Error) -> Self {
        let text = error.to_string();
        // The sentence is clap's first paragraph; what follows is a hint, and how the command is written.
        let mut paragraphs = text.split("\n\n");
        let said = paragraphs.next().unwrap_or_default().trim_start_matches("error: ");
        let message = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let usage = paragraphs.find_map(|text| text.trim().strip_prefix("Usage: "));
        let mut letters = message.trim_end_matches('.').chars();
        let sentence: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        let failure = Self::invalid(format!("{sentence}."));
        match usage {
            Some(usage) => failure.hint(format!("Write it so: {}.", usage.lines().next().unwrap_or(usage))),
            None => failure.hint("'cairn --help' shows how commands are written."),
        }
    }

    /// The person changed their mind.
    pub(crate) fn cancelled(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Cancelled, message)
    }

    /// The same failure with a sentence that says what to do next.
    pub(crate) fn hint(mut self, text: impl Into<String>) -> Self {
        if let Self::Said { hint, .. } = &mut self {
            *hint = Some(text.into());
        }
        self
    }

    /// Tells the person, or whoever wants the API's own objects (`as_json`), and says what the program ends with.
    pub(crate) fn report(self, as_json: bool) -> ExitCode {
        match self {
            Self::Said { code, message, hint } if as_json => {
                let detail = hint.iter().fold(message.clone(), |detail, hint| format!("{detail} {hint}"));
                let body = serde_json::to_string(&ErrorBody { detail, code, message, hint });
                let _ = writeln!(io::stderr(), "{}", body.unwrap_or_default());
                ExitCode::from(exit_code(code))
            }
            Self::Said { code, message, hint } => {
                let mark =
                    if code == ErrorCode::Cancelled { style("cancelled:").yellow() } else { style("error:").red() };
                // When standard error is closed, the exit code has to do.
                let mut stderr = io::stderr().lock();
                let _ = writeln!(stderr, "{} {}", mark.bold().for_stderr(), printable(&message));
                if let Some(hint) = hint {
                    let mark = style("hint:").cyan().bold().for_stderr();
                    let _ = writeln!(stderr, "{mark} {}", printable(&hint));
                }
                ExitCode::from(exit_code(code))
            }
            // What the reader wanted, it has got.
            Self::OutputClosed => ExitCode::SUCCESS,
            Self::Exit(code) => ExitCode::from(code),
        }
    }
}

impl From<ErrorBody> for Failure {
    fn from(body: ErrorBody) -> Self {
        Self::Said { code: body.code, message: body.message, hint: body.hint }
    }
}

impl From<cairn_engine::Error> for Failure {
    fn from(error: cairn_engine::Error) -> Self {
        ErrorBody::from(&error).into()
    }
}
