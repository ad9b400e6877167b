//! What is on the disk of a staged upload: `<key>.json` says what it is and how much of it is durable, `<key>.part` has
//! the bytes. The key is made of the path, so that there is one for each.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::{KEPT, StagedUpload, UploadPart};
use crate::checksum::Sha256Sum;
use crate::convert::{hex, io_error};
use crate::durable;
use crate::error::{Error, ErrorKind, Result};
use crate::files::path::VolumePath;
use crate::store::write_json;

/// Bytes of a path's digest that name its upload.
const KEY_BYTES: usize = 16;

/// Where an upload is kept.
#[derive(Clone, Debug)]
pub(super) struct Place {
    folder: PathBuf,
    key: String,
}

/// What is known of an upload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    path: String,
    pub(super) size: u64,
    /// How many bytes are there and flushed.
    pub(super) received: u64,
    sha256: Option<String>,
    /// Seconds since 1970.
    changed: i64,
}

impl Place {
    pub(super) fn of(folder: &Path, path: &VolumePath) -> Self {
        let digest = Sha256::digest(path.as_bytes());
        Self { folder: folder.to_owned(), key: hex(&digest[..KEY_BYTES]) }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn record(&self) -> PathBuf {
        self.folder.join(format!("{}.json", self.key))
    }

    pub(super) fn content(&self) -> PathBuf {
        self.folder.join(format!("{}.part", self.key))
    }

    /// What is known of it, if there is one.
    pub(super) fn read(&self) -> Result<Option<Record>> {
        let path = self.record();
        let text = durable::read_if_there(&path).map_err(|e| io_error("read what is known of an upload", &path, &e))?;
        text.map(|text| serde_json::from_slice(&text)).transpose().map_err(|error| {
            let sentence = format!("What is known of an upload cannot be read at {}: {error}.", path.display());
            Error::new(ErrorKind::Corrupt, sentence).with_hint("Forget it, and send the file again.")
        })
    }

    /// Writes down what is known of it; durable on return.
    pub(super) fn write(&self, record: &mut Record) -> Result<()> {
        record.changed = OffsetDateTime::now_utc().unix_timestamp();
        write_json("write what is known of an upload", &self.record(), record)
    }

    /// Forgets it: first what says that it is there.
    pub(super) fn remove(&self) -> Result<()> {
        durable::remove_if_there(&self.record())
            .and_then(|()| durable::remove_if_there(&self.content()))
            .map_err(|e| io_error("remove an upload", &self.record(), &e))
    }
}

impl Record {
    /// Of which nothing has come.
    pub(super) fn new(path: &VolumePath, part: &UploadPart) -> Self {
        Self {
            path: path.to_relative_string(),
            size: part.size,
            received: 0,
            sha256: part.sha256.map(|sum| sum.to_string()),
            changed: 0,
        }
    }

    pub(super) fn sum(&self) -> Option<Sha256Sum> {
        self.sha256.as_deref().and_then(Sha256Sum::from_hex)
    }

    pub(super) fn is_whole(&self) -> bool {
        self.received == self.size
    }

    pub(super) fn describe(&self) -> StagedUpload {
        let changed_at = OffsetDateTime::from_unix_timestamp(self.changed).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        StagedUpload {
            path: self.path.clone(),
            size: self.size,
            received: self.received,
            sha256: self.sum(),
            changed_at,
            expires_at: changed_at.saturating_add(KEPT),
        }
    }

    /// Refuses a part that does not follow on what has come. Its checksum is the file's from now on, when none was said: who
    /// sends what comes as it comes knows it at the end.
    pub(super) fn follow(&mut self, part: &UploadPart) -> Result<()> {
        let path = &self.path;
        let sum = self.sum().or(part.sha256);
        let sentence = if part.size != self.size || part.sha256.is_some_and(|said| Some(said) != sum) {
            format!("The unfinished upload of '{path}' is of another file: its size or its checksum differs.")
        } else if part.offset == self.received {
            self.sha256 = sum.map(|sum| sum.to_string());
            return Ok(());
        } else {
            let Self { received, size, .. } = self;
            format!("{received} of the {size} bytes of '{path}' have come, and the part begins at {}.", part.offset)
        };
        Err(Error::new(ErrorKind::Conflict, sentence)
            .with_hint("Ask how far it has come and go on there, or begin again at byte 0."))
    }
}

/// All uploads in a folder that can be read.
pub(super) fn all(folder: &Path) -> Vec<(Place, Record)> {
    keys(folder)
        .into_iter()
        .filter_map(|key| {
            let place = Place { folder: folder.to_owned(), key };
            let record = place.read().ok()??;
            Some((place, record))
        })
        .collect()
}

/// Removes what need not be kept in a folder, and the folder when nothing is left in it.
pub(super) fn tidy(folder: &Path, is_kept: &dyn Fn(&Place, Option<&Record>) -> bool) {
    for key in keys(folder) {
        let place = Place { folder: folder.to_owned(), key };
        let record = place.read().ok().flatten();
        if !is_kept(&place, record.as_ref())
            && let Err(error) = place.remove()
        {
            tracing::warn!(%error, "an upload that nobody goes on with stays");
        }
    }
    // One that still has something in it stays.
    let _ = std::fs::remove_dir(folder);
}

/// The names of what is in a folder, without what tells records and contents apart.
fn keys(folder: &Path) -> std::collections::BTreeSet<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| Some(Path::new(&file.file_name()).file_stem()?.to_str()?.to_owned())).collect()
}
