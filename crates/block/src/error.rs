//! What can go wrong below the file engine: a small kind to match on, a context, and the source.

use std::path::{Path, PathBuf};

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure an [`Error`] is; match on this, show the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system refused a read, write or open.
    Io,
    /// The range does not lie inside the device.
    OutOfRange,
    /// The device or image is open for reading only.
    ReadOnly,
    /// Another process (a QEMU, or another engine) holds the image.
    Locked,
    /// The file is not a qcow2 image.
    NotQcow2,
    /// The image uses a feature that Cairn does not handle; the message names it.
    Unsupported,
    /// The image's structures contradict each other.
    Corrupt,
    /// The argument makes no sense (a size of 0, a shrink, a backing name that leaves the folder).
    Invalid,
    /// The host's disk is full.
    NoSpace,
}

/// An error with its kind, the file that it concerns, and its cause.
#[derive(Debug, thiserror::Error)]
#[error("{message}{}", path.as_deref().map(|p| format!(" ({})", p.display())).unwrap_or_default())]
pub struct Error {
    kind: ErrorKind,
    message: String,
    path: Option<PathBuf>,
    #[source]
    source: Option<std::io::Error>,
}

impl Error {
    /// An error of `kind` whose message is a sentence without the final stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), path: None, source: None }
    }

    /// An operating system error met while doing `what` ("read the image"); a full disk gets its own kind.
    pub fn io(what: impl std::fmt::Display, source: std::io::Error) -> Self {
        let kind = match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ErrorKind::NoSpace,
            _ => ErrorKind::Io,
        };
        Self { kind, message: format!("could not {what}: {source}"), path: None, source: Some(source) }
    }

    /// The same error, naming the file that it concerns.
    #[must_use]
    pub fn at(mut self, path: &Path) -> Self {
        self.path.get_or_insert_with(|| path.to_owned());
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The file that the error concerns, where there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}
