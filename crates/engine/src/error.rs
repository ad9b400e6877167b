//! One error for every surface: a kind that they match on, a sentence, and a hint that says what to do next.

/// The result of every operation of the engine.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it is. Surfaces map it to an HTTP status, an exit code, an icon; never the prose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input makes no sense: a bad name, path or size.
    InvalidInput,
    /// No such volume, file, checkpoint, machine, mount or transfer.
    NotFound,
    /// The name or the path is taken.
    AlreadyExists,
    /// A machine, another engine, or another operation has it.
    InUse,
    /// The volume's quota, or the host's disk, is full.
    NoSpace,
    /// The state of things does not allow it: a machine that is not running, a folder that is not empty.
    Conflict,
    /// Something that Cairn does not do (yet): an image format, a filesystem feature.
    Unsupported,
    /// A program that is needed is missing (QEMU), or too old.
    Missing,
    /// The guest did not do what it was asked to.
    Guest,
    /// It took too long.
    Timeout,
    /// It was cancelled.
    Cancelled,
    /// What is on disk contradicts itself.
    Corrupt,
    /// The operating system refused.
    Io,
    /// A defect in Cairn.
    Internal,
}

/// A failed operation, told so that a person knows what to do next.
#[derive(Clone, Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
}

impl Error {
    /// An error whose message is one sentence, with its final stop: what failed, on what, and why.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None }
    }

    /// The same error with a sentence that says what to do next.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What failed, on what, and why.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
