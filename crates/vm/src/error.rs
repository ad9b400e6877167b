//! What can go wrong with a running machine: a small kind to match on, a sentence, and what it concerns.

use std::fmt::Display;

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure an [`Error`] is; match on this, show the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no QEMU on this computer.
    QemuMissing,
    /// The machine's QEMU is not running (any more).
    NotRunning,
    /// Whoever runs the machine, such as libvirt's daemon, cannot be asked; whether it runs is not known.
    Unreachable,
    /// Something took longer than it may; what was asked for may still happen.
    Timeout,
    /// The filesystem is in use inside the guest; [`Error::holders`] says by which processes.
    Busy,
    /// The guest's agent does not answer.
    NoAgent,
    /// The guest does not run: somebody has paused it, it has powered off or crashed, or its disk is full.
    Halted,
    /// The machine has no free slot for one more disk.
    NoFreeSlot,
    /// A command failed inside the guest.
    Guest,
    /// QEMU or the agent refused a command; the message carries their reason.
    Refused,
    /// The guest lacks a program that is needed for this.
    Missing,
    /// Another client holds the machine's socket.
    Held,
    /// Another process has the image open in a way that excludes this use.
    ImageLocked,
    /// The argument makes no sense (a mount path with `..`, a serial of 30 bytes).
    Invalid,
    /// The operating system refused something, or a socket carried what it must not.
    Io,
}

/// A process inside the guest that keeps a filesystem busy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process id in the guest.
    pub pid: u32,
    /// Its name as the guest gives it; untrusted text.
    pub name: String,
}

/// An error with its kind, a sentence without the final stop, and its cause.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: String,
    holders: Vec<Holder>,
    #[source]
    source: Option<std::io::Error>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), holders: Vec::new(), source: None }
    }

    /// An operating system error met while doing `what` ("read the pid file").
    pub(crate) fn io(what: impl Display, source: std::io::Error) -> Self {
        let message = format!("could not {what}: {source}");
        Self { kind: ErrorKind::Io, message, holders: Vec::new(), source: Some(source) }
    }

    pub(crate) fn not_running() -> Self {
        Self::new(ErrorKind::NotRunning, "the machine is not running")
    }

    pub(crate) fn held_by(mut self, holders: Vec<Holder>) -> Self {
        self.holders = holders;
        self
    }

    /// The same error, its sentence put behind `what`: "WHAT: SENTENCE".
    pub(crate) fn within(mut self, what: impl Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// The same error, with one more sentence behind its own.
    #[must_use]
    pub fn and(mut self, more: impl Display) -> Self {
        self.message = format!("{}; {more}", self.message);
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The guest's processes that keep a filesystem busy, as far as they could be found.
    #[must_use]
    pub fn holders(&self) -> &[Holder] {
        &self.holders
    }
}
