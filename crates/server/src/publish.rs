//! How others find a serving engine: `run/api.json` says where it answers, `run/api-key` what it asks for.
//!
//! Both are readable by their owner only and replaced atomically. `api.json` is there while the server runs; the key
//! stays, so that scripts go on working after a restart.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use cairn_engine::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use crate::key::Key;

/// What `run/api.json` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiFile {
    /// Where the server answers, without a trailing slash.
    pub url: String,
    /// The process that serves.
    pub pid: u32,
    /// The SHA-256 of the certificate that it shows, when it speaks TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

impl ApiFile {
    /// What the store's `run/api.json` says; none when it is not there or makes no sense.
    /// That the process lives and answers is for the reader to find out.
    #[must_use]
    pub fn read(store: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(api_file(store)).ok()?).ok()
    }
}

/// The file that says where a store's server answers.
#[must_use]
pub fn api_file(store: &Path) -> PathBuf {
    store.join("run").join("api.json")
}

/// The file with the key that a store's server asks for.
#[must_use]
pub fn key_file(store: &Path) -> PathBuf {
    store.join("run").join("api-key")
}

/// The socket of a store's server, for its owner only; no key is asked for there.
#[must_use]
pub fn socket_file(store: &Path) -> PathBuf {
    store.join("run").join("api.sock")
}

/// The announcement of this server; gone when dropped.
#[derive(Debug)]
pub(crate) struct Published {
    path: PathBuf,
    says: ApiFile,
}

impl Published {
    /// Announces the server at `url` in `store`.
    pub(crate) fn write(store: &Path, url: &str, fingerprint: Option<String>) -> Result<Self> {
        let says = ApiFile { url: url.to_owned(), pid: std::process::id(), fingerprint };
        let path = api_file(store);
        let text = serde_json::to_vec(&says)
            .map_err(|error| Error::new(ErrorKind::Internal, format!("The server's address is not JSON: {error}.")))?;
        write_private(&path, &text).map_err(|error| cannot_write(&path, &error))?;
        Ok(Self { path, says })
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        // Somebody else's announcement is not ours to remove.
        let ours = fs::read(&self.path).ok().and_then(|text| serde_json::from_slice::<ApiFile>(&text).ok());
        if ours.as_ref() == Some(&self.says)
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "the server's announcement could not be removed");
        }
    }
}

/// The store's key; made at the first call, and again when the file makes no sense.
pub(crate) fn stored_key(store: &Path) -> Result<Key> {
    let path = key_file(store);
    let key = match fs::read_to_string(&path) {
        Ok(text) => Key::parse(&text),
        Err(_) => None,
    };
    let key = key.map_or_else(Key::random, Ok)?;
    // Written again even when it was there: a copy with looser permissions does not stay.
    write_private(&path, key.text().as_bytes()).map_err(|error| cannot_write(&path, &error))?;
    Ok(key)
}

pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("The file '{}' cannot be written: {error}.", path.display()))
        .with_hint("Check the permissions of the store's folder and the space on its disk.")
}

/// Replaces `path` by a file of mode 0600 with this content, in a folder of mode 0700.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let fresh = path.with_extension(format!("{}.new", std::process::id()));
    let _ = fs::remove_file(&fresh);
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)
        .and_then(|mut file| file.write_all(content))
        .and_then(|()| fs::rename(&fresh, path));
    if written.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    written
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_server_is_announced_to_its_owner_only_and_takes_its_leave() {
        let store = tempfile::tempdir().unwrap();
        let published = Published::write(store.path(), "http://127.0.0.1:1", None).unwrap();
        let said = ApiFile::read(store.path()).unwrap();
        assert_eq!(said, ApiFile { url: "http://127.0.0.1:1".into(), pid: std::process::id(), fingerprint: None });
        let mode = fs::metadata(api_file(store.path())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        drop(published);
        assert!(ApiFile::read(store.path()).is_none());
    }

    #[test]
    fn the_announcement_of_a_later_server_stays() {
        let store = tempfile::tempdir().unwrap();
        let first = Published::write(store.path(), "http://127.0.0.1:1", None).unwrap();
        let second = Published::write(store.path(), "http://127.0.0.1:2", None).unwrap();
        drop(first);
        assert_eq!(ApiFile::read(store.path()).unwrap().url, "http://127.0.0.1:2");
        drop(second);
    }

    #[test]
    fn a_store_keeps_its_key_and_nobody_else_reads_it() {
        let store = tempfile::tempdir().unwrap();
        let key = stored_key(store.path()).unwrap();
        let path = key_file(store.path());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(stored_key(store.path()).unwrap().is(key.text()));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&path, "nonsense").unwrap();
        assert!(!stored_key(store.path()).unwrap().is(key.text()));
    }
}
