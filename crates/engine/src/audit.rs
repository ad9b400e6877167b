//! The audit log: who did what, when, to what, and how it ended.
//!
//! One JSON object a line in `audit/audit.jsonl`; when that has [`LARGEST`] bytes it becomes `audit.1.jsonl`, whose
//! former content goes. So it never takes more than twice that, and tells of the last some ten thousand changes. A line
//! is written in one go after the answer is known; a power cut may lose the last ones.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::convert::io_error;
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::Result;
use crate::store::Store;
use crate::sync;

/// When a file of the log is full.
const LARGEST: u64 = 4 << 20;
/// The most bytes of a line's text that somebody else chose.
const LONGEST: usize = 256;

/// One thing that somebody did, or tried to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When it was answered.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The name of the key, or `owner` for the store's own.
    pub who: String,
    /// What was asked for, as the API calls it: `DELETE /v1/volumes/{volume}`.
    pub what: String,
    /// The volume, as it was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
    /// The machine, as it was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The word for the failure, when it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The audit log of an open store.
#[derive(Debug)]
pub(crate) struct Audit {
    folder: PathBuf,
    /// The file that is written to, once something was, and how much is in it.
    file: Mutex<Option<(File, u64)>>,
}

impl Audit {
    pub(crate) fn new(store: &Store) -> Self {
        Self { folder: store.root().join("audit"), file: Mutex::default() }
    }

    fn present(&self) -> PathBuf {
        self.folder.join("audit.jsonl")
    }

    fn previous(&self) -> PathBuf {
        self.folder.join("audit.1.jsonl")
    }

    fn append(&self, entry: &AuditEntry, largest: u64) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        let mut file = sync::lock(&self.file);
        if file.as_ref().is_some_and(|(_, length)| length + line.len() as u64 > largest) {
            *file = None;
            std::fs::rename(self.present(), self.previous())?;
        }
        let (file, length) = match &mut *file {
            Some(open) => open,
            none => none.insert(self.open()?),
        };
        file.write_all(&line)?;
        *length += line.len() as u64;
        Ok(())
    }

    fn open(&self) -> io::Result<(File, u64)> {
        durable::create_private_folder(&self.folder)?;
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(self.present())?;
        let length = file.metadata()?.len();
        // What a power cut has left of a line must not spoil the next.
        if length > 0 && !std::fs::read(self.present())?.ends_with(b"\n") {
            file.write_all(b"\n")?;
        }
        Ok((file, length))
    }

    /// The newest entries that are `wanted`, newest first; lines that make no sense are passed over.
    fn newest(&self, limit: usize, wanted: impl Fn(&AuditEntry) -> bool) -> io::Result<Vec<AuditEntry>> {
        let mut found = Vec::new();
        for path in [self.present(), self.previous()] {
            let text = durable::read_if_there(&path)?.unwrap_or_default();
            let entries = text.rsplit(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok());
            found.extend(entries.filter(&wanted).take(limit - found.len()));
        }
        Ok(found)
    }
}

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Which entries of the audit log are wanted.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// At most so many.
    pub limit: usize,
    /// Only what this key did.
    pub who: Option<String>,
    /// Only what was done to the volume that was named so.
    pub volume: Option<String>,
    /// Only what was done to the machine that was named so.
    pub machine: Option<String>,
}

impl AuditQuery {
    fn wants(&self, entry: &AuditEntry) -> bool {
        let fits = |wanted: &Option<String>, is: Option<&str>| wanted.as_deref().is_none_or(|it| is == Some(it));
        fits(&self.who, Some(&entry.who))
            && fits(&self.volume, entry.volume.as_deref())
            && fits(&self.machine, entry.machine.as_deref())
    }
}

impl Engine {
    /// Adds an entry to the audit log. That it cannot be written stops nobody's work; the store's log says so.
    pub async fn audit_record(&self, mut entry: AuditEntry) {
        entry.volume = entry.volume.map(shortened);
        entry.machine = entry.machine.map(shortened);
        let inner = self.inner.clone();
        let written = blocking(move || {
            inner.audit.append(&entry, LARGEST).map_err(|e| io_error("write the audit log", &inner.audit.present(), &e))
        });
        if let Err(error) = written.await {
            tracing::error!(%error, "the audit log misses an entry");
        }
    }

    /// The newest entries of the audit log, newest first.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when it cannot be read.
    pub async fn audit_list(&self, query: AuditQuery) -> Result<Vec<AuditEntry>> {
        self.refuse_when_closed()?;
        let inner = self.inner.clone();
        blocking(move || {
            let found = inner.audit.newest(query.limit, |entry| query.wants(entry));
            found.map_err(|error| io_error("read the audit log", &inner.audit.present(), &error))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: usize) -> AuditEntry {
        AuditEntry {
            at: OffsetDateTime::now_utc(),
            who: format!("key {}", number % 2),
            what: "DELETE /v1/volumes/{volume}".to_owned(),
            volume: Some(number.to_string()),
            machine: None,
            status: 200,
            error: None,
        }
    }

    #[test]
    fn the_log_is_bounded_and_the_newest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let audit = Audit { folder: folder.path().to_owned(), file: Mutex::default() };
        for number in 0..200 {
            audit.append(&entry(number), 4000).unwrap();
        }
        let size = |path| std::fs::metadata(path).unwrap().len();
        assert!(size(audit.present()) <= 4000 && size(audit.previous()) <= 4000);
        let newest = audit.newest(1000, |_| true).unwrap();
        assert!(newest.len() > 20 && newest.len() < 200);
        let numbers: Vec<_> = newest.iter().map(|entry| entry.volume.clone().unwrap()).collect();
        let wanted: Vec<_> = (0..200).rev().take(newest.len()).map(|number: usize| number.to_string()).collect();
        assert_eq!(numbers, wanted);
        assert!(audit.newest(3, |entry| entry.who == "key 1").unwrap().iter().all(|entry| entry.who == "key 1"));
    }

    #[test]
    fn a_line_that_broke_off_costs_that_line_only() {
        let folder = tempfile::tempdir().unwrap();
        let audit = || Audit { folder: folder.path().to_owned(), file: Mutex::default() };
        audit().append(&entry(1), LARGEST).unwrap();
        let mut file = OpenOptions::new().append(true).open(audit().present()).unwrap();
        file.write_all(b"{\"at\": \"2026").unwrap();
        audit().append(&entry(2), LARGEST).unwrap();
        let volumes: Vec<_> = audit().newest(9, |_| true).unwrap().into_iter().filter_map(|one| one.volume).collect();
        assert_eq!(volumes, ["2", "1"]);
        assert!(shortened("ü".repeat(300)).len() < 300);
    }
}
