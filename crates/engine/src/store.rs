//! The store: one folder that holds everything, and the lock that makes sure of one engine per store.
//!
//! ```text
//! <store>/            0700
//!   store.json        format version, store id
//!   lock              held by flock while an engine runs; contains its process id, nothing once it has closed
//!   volumes/<id>/     a volume: see `manifest`
//!   vms/<id>/         a machine: see `machine`
//!   snapshots/<id>/   a machine's disk at a point in time: see `snapshot`
//!   uploads/<id>/     what has come so far of files on their way into a volume: see `files::staged`
//!   trash/            deleted volumes, until their days of grace are over
//!   index/            sled: see `index`
//!   keys.json         the digests of keys for the REST server: see `keys`
//!   audit/            who did what: see `audit`
//!   run/              what the serving engine says of itself
//!   log/              a file a day
//! ```

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::convert::{hex, io_error};
use crate::durable;
use crate::error::{Error, ErrorKind, Result};
use crate::id::{VmId, VolumeId};
use crate::sync;

/// The layout that this code reads and writes.
const FORMAT: u32 = 1;

/// What may stand in a store's folder before it is complete.
const OWN_NAMES: [&str; 9] = ["lock", "volumes", "vms", "snapshots", "trash", "index", "run", "log", "store.new"];

/// What `store.json` says.
#[derive(Debug, Serialize, Deserialize)]
struct StoreFile {
    format: u32,
    id: String,
}

/// An open, locked store.
#[derive(Debug)]
pub(crate) struct Store {
    root: PathBuf,
    id: String,
    lock: Mutex<Option<File>>,
    /// Whether the engine before this one ended without closing the store.
    abandoned: bool,
}

impl Store {
    /// Opens the store at `root`, and makes it when there is none.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`] when another engine has it; [`ErrorKind::Unsupported`] when a newer Cairn made it;
    /// [`ErrorKind::Io`] when the folder cannot be made or written to.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        let root = std::path::absolute(root).map_err(|e| io_error("find the store's folder", root, &e))?;
        durable::create_private_folder(&root).map_err(|e| io_error("make the store's folder", &root, &e))?;
        refuse_foreign_folder(&root)?;
        let (lock, abandoned) = take_lock(&root)?;
        for folder in ["volumes", "vms", "snapshots", "trash", "run", "log"] {
            let folder = root.join(folder);
            durable::create_private_folder(&folder).map_err(|e| io_error("make the store's folder", &folder, &e))?;
        }
        let id = read_or_make_store_file(&root)?;
        Ok(Self { root, id, lock: Mutex::new(Some(lock)), abandoned })
    }

    /// The store's folder, absolute.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The store's own identity; it stays when the folder is moved.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The folder that has one folder for each volume.
    pub(crate) fn volumes(&self) -> PathBuf {
        self.root.join("volumes")
    }

    /// A volume's folder.
    pub(crate) fn volume(&self, id: &VolumeId) -> PathBuf {
        self.volumes().join(id.as_str())
    }

    /// The folder that has one folder for each machine.
    pub(crate) fn vms(&self) -> PathBuf {
        self.root.join("vms")
    }

    /// A machine's folder.
    pub(crate) fn vm(&self, id: &VmId) -> PathBuf {
        self.vms().join(id.as_str())
    }

    /// The folder that has one folder for each snapshot.
    pub(crate) fn snapshots(&self) -> PathBuf {
        self.root.join("snapshots")
    }

    /// The folder that has one folder for each volume with unfinished uploads.
    pub(crate) fn uploads(&self) -> PathBuf {
        self.root.join("uploads")
    }

    /// Where deleted volumes wait.
    pub(crate) fn trash(&self) -> PathBuf {
        self.root.join("trash")
    }

    /// The index's folder.
    pub(crate) fn index(&self) -> PathBuf {
        self.root.join("index")
    }

    /// Where things are kept that concern this computer, or what is going on now.
    pub(crate) fn run_folder(&self) -> PathBuf {
        self.root.join("run")
    }

    /// Where one such thing is kept under `name`.
    pub(crate) fn run(&self, name: &str) -> PathBuf {
        self.run_folder().join(name)
    }

    /// Whether the engine before this one ended abruptly, in the middle of whatever it did.
    pub(crate) fn was_abandoned(&self) -> bool {
        self.abandoned
    }

    /// Lets another engine have the store.
    pub(crate) fn release(&self) {
        if let Some(lock) = sync::lock(&self.lock).take() {
            // An empty file tells the next one that nothing was interrupted; if it cannot be told, it looks.
            if let Err(error) = lock.set_len(0) {
                tracing::debug!(%error, "the store's lock could not be emptied");
            }
            // Closing the file would do, but for a child that another thread has just forked and that has not reached
            // its own program yet: it would hold the lock a moment longer.
            if let Err(error) = lock.unlock() {
                tracing::debug!(%error, "the store's lock was not released before closing");
            }
        }
    }
}

/// A folder that has other things in it is not turned into a store: somebody may have mistyped its name.
fn refuse_foreign_folder(root: &Path) -> Result<()> {
    if root.join("store.json").exists() {
        return Ok(());
    }
    let entries = std::fs::read_dir(root).map_err(|e| io_error("read the store's folder", root, &e))?;
    for entry in entries.flatten() {
        if !entry.file_name().to_str().is_some_and(|name| OWN_NAMES.contains(&name)) {
            let sentence = format!(
                "{} is not a Cairn store and not empty: '{}' is in it.",
                root.display(),
                entry.file_name().to_string_lossy()
            );
            return Err(Error::new(ErrorKind::InvalidInput, sentence).with_hint("Choose an empty or a new folder."));
        }
    }
    std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o700))
        .map_err(|e| io_error("make the store's folder private", root, &e))
}

/// Locks the store; also whether the one before has left without closing it.
fn take_lock(root: &Path) -> Result<(File, bool)> {
    let path = root.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(|e| io_error("open the store's lock", &path, &e))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(held_by_another(root, &mut file)),
        Err(TryLockError::Error(e)) => return Err(io_error("lock the store", &path, &e)),
    }
    let abandoned = file.metadata().is_ok_and(|meta| meta.len() > 0);
    // The number is for people and for the error above; only the lock itself counts.
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(|e| io_error("write the store's lock", &path, &e))?;
    Ok((file, abandoned))
}

fn held_by_another(root: &Path, file: &mut File) -> Error {
    let mut text = String::new();
    let holder = match file.take(32).read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => format!("process {}", text.trim()),
        _ => "another process".to_owned(),
    };
    Error::new(ErrorKind::InUse, format!("The store at {} is in use by {holder}.", root.display()))
        .with_hint("Close that Cairn first, or choose another store.")
}

fn read_or_make_store_file(root: &Path) -> Result<String> {
    let path = root.join("store.json");
    match std::fs::read(&path) {
        Ok(bytes) => {
            let file: StoreFile = serde_json::from_slice(&bytes).map_err(|e| {
                Error::new(ErrorKind::Corrupt, format!("{} cannot be understood: {e}.", path.display()))
                    .with_hint("Restore it from a backup, or choose another store; the volumes in it are untouched.")
            })?;
            if file.format > FORMAT {
                return Err(newer(&path, file.format));
            }
            Ok(file.id)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let file = StoreFile { format: FORMAT, id: new_store_id()? };
            write_json("write the store's file", &path, &file)?;
            Ok(file.id)
        }
        Err(error) => Err(io_error("read the store's file", &path, &error)),
    }
}

/// A file that a newer Cairn wrote in a format that this one does not know.
pub(crate) fn newer(path: &Path, format: u32) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!("{} was written by a newer Cairn (format {format}, this one knows {FORMAT}).", path.display()),
    )
    .with_hint("Install the newest Cairn and open the store with it.")
}

/// Makes the file at `path` say `value`, as JSON; durable on return. `what` is what that means to people ("write the keys").
pub(crate) fn write_json(what: &str, path: &Path, value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_vec_pretty(value).map_err(|e| internal(what, &e))?;
    durable::replace_file(path, &text).map_err(|e| io_error(what, path, &e))
}

/// Something that cannot happen unless Cairn itself is wrong.
pub(crate) fn internal(what: &str, error: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Internal, format!("Could not {what}: {error}."))
        .with_hint("This is a defect in Cairn; please report it with the log.")
}

fn new_store_id() -> Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| internal("make a store id", &e))?;
    Ok(hex(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_private_and_keeps_its_identity() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("a/store");
        let store = Store::open(&root).unwrap();
        let id = store.id().to_owned();
        assert_eq!(std::fs::metadata(&root).unwrap().permissions().mode() & 0o777, 0o700);
        store.release();
        assert_eq!(Store::open(&root).unwrap().id(), id);
    }

    #[test]
    fn a_second_engine_is_told_who_has_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let error = Store::open(folder.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InUse);
        assert!(error.message().contains(&format!("process {}", std::process::id())), "{error}");
        store.release();
        Store::open(folder.path()).unwrap();
    }

    #[test]
    fn a_folder_with_other_things_in_it_is_not_made_a_store() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("letter.txt"), "dear").unwrap();
        let error = Store::open(folder.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.message().contains("letter.txt"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_store_of_a_newer_cairn_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("store.json"), r#"{"format": 99, "id": "x"}"#).unwrap();
        assert_eq!(Store::open(folder.path()).unwrap_err().kind(), ErrorKind::Unsupported);
    }
}
