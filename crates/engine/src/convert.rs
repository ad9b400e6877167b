//! The one place where the failures of the rooms below, and of the operating system, become the engine's
//! errors: a kind, a sentence, and a hint that says what to do next.

use std::io;
use std::path::Path;

use crate::error::{Error, ErrorKind};

const HINT_DISK_FULL: &str = "Free some space on this computer's disk and try again.";
const HINT_PERMISSION: &str = "Check the owner and the permissions of that file or folder.";
const HINT_READ_ONLY: &str = "Choose a folder on a disk that can be written to.";

/// An operating system error met while trying to `what` ("read the manifest") at `path`.
pub(crate) fn io_error(what: &str, path: &Path, error: &io::Error) -> Error {
    let sentence = format!("Could not {what} at {}: {}.", path.display(), reason(error));
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Error::new(ErrorKind::NoSpace, sentence).with_hint(HINT_DISK_FULL)
        }
        io::ErrorKind::PermissionDenied => Error::new(ErrorKind::Io, sentence).with_hint(HINT_PERMISSION),
        io::ErrorKind::ReadOnlyFilesystem => Error::new(ErrorKind::Io, sentence).with_hint(HINT_READ_ONLY),
        _ => Error::new(ErrorKind::Io, sentence),
    }
}

/// The same of a file of this computer that somebody has named: that it cannot be read is theirs to mend.
pub(crate) fn unreadable(what: &str, path: &Path, error: &io::Error) -> Error {
    let error = io_error(what, path, error);
    let unreadable = Error::new(ErrorKind::InvalidInput, error.message());
    unreadable.with_hint(error.hint().unwrap_or("Name a file that can be read."))
}

/// What the operating system says, without the number in brackets and with a small first letter.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::from("it gave no reason"),
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A failure of the room that holds layers, met while trying to `what` ("open the volume").
pub(crate) fn block_error(what: &str, error: &cairn_block::Error) -> Error {
    use cairn_block::ErrorKind as Kind;
    let (kind, hint) = match error.kind() {
        Kind::Locked => (ErrorKind::InUse, None),
        Kind::NotQcow2 | Kind::Corrupt => (ErrorKind::Corrupt, Some(HINT_LAYER)),
        Kind::Unsupported => (ErrorKind::Unsupported, None),
        Kind::Invalid => (ErrorKind::InvalidInput, None),
        Kind::NoSpace => (ErrorKind::NoSpace, Some(HINT_DISK_FULL)),
        Kind::Io => (ErrorKind::Io, None),
        _ => (ErrorKind::Internal, None),
    };
    hinted(Error::new(kind, format!("Could not {what}: {error}.")), hint)
}

/// A failure of the file engine, met while trying to `what` ("read 'a/b'").
pub(crate) fn ext4_error(what: &str, error: &cairn_ext4::Error) -> Error {
    use cairn_ext4::ErrorKind as Kind;
    if let Some(device) = error.device_error() {
        return block_error(what, device);
    }
    let (kind, hint) = match error.kind() {
        Kind::NotFound => (ErrorKind::NotFound, None),
        Kind::AlreadyExists => (ErrorKind::AlreadyExists, None),
        Kind::NotADirectory | Kind::IsADirectory | Kind::TooManyLinks => (ErrorKind::Conflict, None),
        Kind::NotEmpty => (ErrorKind::Conflict, Some("Delete it with everything in it, if that is meant.")),
        Kind::NoSpace => (ErrorKind::NoSpace, Some("Delete files from the volume, or grow it.")),
        Kind::InvalidName | Kind::NameTooLong | Kind::SymlinkLoop | Kind::Invalid => (ErrorKind::InvalidInput, None),
        Kind::Unsupported => (ErrorKind::Unsupported, None),
        Kind::Corrupt => (ErrorKind::Corrupt, Some("Go back to a checkpoint, or check the filesystem in a machine.")),
        Kind::Device | Kind::Source => (ErrorKind::Io, None),
        _ => (ErrorKind::Internal, None),
    };
    hinted(Error::new(kind, format!("Could not {what}: {}.", chain(error))), hint)
}

/// A failure with a running machine, met while trying to `what` ("mount 'data' at /data in 'demo'").
pub(crate) fn vm_error(what: &str, error: &cairn_vm::Error) -> Error {
    use cairn_vm::ErrorKind as Kind;
    // The room below says itself what to do, where there is something to be done.
    let (kind, hint) = match error.kind() {
        Kind::QemuMissing | Kind::Missing => (ErrorKind::Missing, None),
        Kind::NotRunning => (ErrorKind::Conflict, Some("Start the machine.")),
        Kind::NoFreeSlot | Kind::Halted | Kind::Unreachable => (ErrorKind::Conflict, None),
        Kind::Timeout => (ErrorKind::Timeout, None),
        Kind::Busy | Kind::Held => (ErrorKind::InUse, None),
        Kind::ImageLocked => (ErrorKind::InUse, Some(HINT_LOCKED)),
        Kind::NoAgent | Kind::Guest | Kind::Refused => (ErrorKind::Guest, None),
        Kind::Invalid => (ErrorKind::InvalidInput, None),
        Kind::Io => (ErrorKind::Io, None),
        _ => (ErrorKind::Internal, None),
    };
    hinted(Error::new(kind, format!("Could not {what}: {error}.")), hint)
}

const HINT_LOCKED: &str = "Stop the other program that has it open, or unmount it there, then try again.";
const HINT_LAYER: &str = "Go back to a checkpoint, or restore the file from a backup.";

fn hinted(error: Error, hint: Option<&str>) -> Error {
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

/// The error and its causes, each once: "the content to store could not be read: permission denied".
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}
