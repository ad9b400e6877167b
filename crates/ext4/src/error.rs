//! What can go wrong in a filesystem: a small kind to match on, a sentence, the path, and the cause.
//!
//! Nothing here knows how a failure is shown; whoever prints an error prints its source chain too.

use std::fmt;

/// How the message of every [`ErrorKind::Corrupt`] begins.
const DAMAGED: &str = "the filesystem is damaged: ";

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure an [`Error`] is; match on this, show the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Nothing has that name.
    NotFound,
    /// Something has that name already.
    AlreadyExists,
    /// A folder was needed and something else was found.
    NotADirectory,
    /// A file was needed and a folder was found.
    IsADirectory,
    /// The folder still has entries.
    NotEmpty,
    /// The filesystem has no room (blocks, inodes, journal or index) for the change.
    NoSpace,
    /// The name is empty, `.` or `..`, or has a NUL or a `/` in it.
    InvalidName,
    /// The name is longer than 255 bytes, or a link's target longer than a block.
    NameTooLong,
    /// The inode has as many names as ext4 can count.
    TooManyLinks,
    /// More symbolic links were met on the way than any honest path has.
    SymlinkLoop,
    /// The filesystem or its device is open for reading only.
    ReadOnly,
    /// The filesystem uses a feature that this engine does not handle; the message names it.
    Unsupported,
    /// The filesystem's structures contradict each other; the message says which.
    Corrupt,
    /// The request makes no sense (a folder moved into itself, a size that no ext4 can have).
    Invalid,
    /// The block device failed; the source says how.
    Device,
    /// The reader that supplies a file's content failed; the source says how.
    Source,
}

/// An error with its kind, a sentence, the path that it concerns, and its cause.
#[derive(Debug, thiserror::Error)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    path: Option<Vec<u8>>,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{} ({})", self.message, String::from_utf8_lossy(path)),
            None => f.write_str(&self.message),
        }
    }
}

impl Error {
    /// An error of `kind` whose message is a sentence without the final stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), path: None, source: None }
    }

    /// The reader that supplies a file's content failed.
    pub(crate) fn reader(source: std::io::Error) -> Self {
        Self {
            kind: ErrorKind::Source,
            message: "the content to store could not be read".into(),
            path: None,
            source: Some(Box::new(source)),
        }
    }

    /// The structures of the image contradict each other: `what` says which and how.
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Corrupt, format!("{DAMAGED}{}", what.into()))
    }

    /// The filesystem uses `feature`.
    pub(crate) fn unsupported(feature: impl fmt::Display) -> Self {
        let message = format!("the filesystem uses {feature}, which this engine does not handle");
        Self::new(ErrorKind::Unsupported, message)
    }

    /// The filesystem uses `feature`, and was to be written to.
    pub(crate) fn only_read(feature: impl fmt::Display) -> Self {
        let message = format!("the filesystem uses {feature}: this engine reads it, but does not write to it");
        Self::new(ErrorKind::Unsupported, message)
    }

    /// The filesystem has no room; `what` ran out.
    pub(crate) fn no_space(what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::NoSpace, format!("no room is left in the filesystem: {what}"))
    }

    /// The same error, naming the path that it concerns.
    #[must_use]
    pub(crate) fn at(mut self, path: &[u8]) -> Self {
        self.path.get_or_insert_with(|| path.to_vec());
        self
    }

    /// The sentence alone, for whoever says himself that the filesystem is damaged.
    pub(crate) fn what(&self) -> &str {
        self.message.strip_prefix(DAMAGED).unwrap_or(&self.message)
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The path that the error concerns, where there is one.
    #[must_use]
    pub fn path(&self) -> Option<&[u8]> {
        self.path.as_deref()
    }

    /// The block device's own error, when [`kind`](Self::kind) is [`ErrorKind::Device`].
    #[must_use]
    pub fn device_error(&self) -> Option<&cairn_block::Error> {
        self.source.as_ref()?.downcast_ref()
    }
}

impl From<cairn_block::Error> for Error {
    fn from(source: cairn_block::Error) -> Self {
        Self {
            kind: ErrorKind::Device,
            message: "the device under the filesystem failed".into(),
            path: None,
            source: Some(Box::new(source)),
        }
    }
}
