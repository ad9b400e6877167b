//! Long lists page by page: a page begins behind the last thing of the one before.
//!
//! A **cursor** says what that last thing was, not at which place it stood. So what is added or removed meanwhile moves
//! nothing: everything that is there all the time is told exactly once. Cursors are sealed strings for everybody else.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::audit::{AuditEntry, AuditQuery};
use crate::convert::hex;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::files::VolumePath;
use crate::model::{Checkpoint, FileEntry, ListFiles, Transfer, Volume};

/// The most of a list that is told at once.
const MOST: usize = 10_000;

/// Which page of a list is wanted.
#[derive(Clone, Debug)]
pub struct Page {
    /// How many things it has at most; never more than 10,000.
    pub limit: usize,
    /// The cursor that came with the page before; `None` for the first.
    pub cursor: Option<String>,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Paged<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// The cursor of the next one; `None` behind the last.
    pub next_cursor: Option<String>,
}

/// What a cursor is of; the first letter of what is sealed.
#[derive(Clone, Copy)]
#[repr(u8)]
enum List {
    Volumes = b'v',
    Checkpoints = b'c',
    Transfers = b't',
    Files = b'f',
    Audit = b'a',
}

impl Page {
    /// How many are wanted, and behind what.
    fn open(&self, list: List) -> Result<(usize, Option<Vec<u8>>)> {
        let limit = self.limit.min(MOST);
        let Some(cursor) = &self.cursor else { return Ok((limit, None)) };
        let sealed = BASE64.decode(cursor).ok();
        match sealed.as_deref().and_then(<[u8]>::split_first) {
            Some((letter, key)) if *letter == list as u8 => Ok((limit, Some(key.to_vec()))),
            _ => Err(Error::new(ErrorKind::NotFound, "The cursor is none of this list.")
                .with_hint("Give the next_cursor of the page before, or begin without one.")),
        }
    }

    /// The page of a whole list. A thing is told apart by its `key`; when the last one told is there no more, the list goes on
    /// with what `is_behind` it.
    fn cut<T>(
        &self,
        list: List,
        mut all: Vec<T>,
        key: impl Fn(&T) -> String,
        is_behind: impl Fn(&T, &str) -> bool,
    ) -> Result<Paged<T>> {
        let (limit, after) = self.open(list)?;
        if limit == 0 {
            return Ok(self.nothing());
        }
        if let Some(after) = after {
            let after = String::from_utf8_lossy(&after).into_owned();
            let last = all.iter().position(|thing| key(thing) == after).map(|at| at + 1);
            let first = last.or_else(|| all.iter().position(|thing| is_behind(thing, &after)));
            all.drain(..first.unwrap_or(all.len()));
        }
        let is_more = all.len() > limit;
        all.truncate(limit);
        let next_cursor = all.last().filter(|_| is_more).map(|last| seal(list, key(last).as_bytes()));
        Ok(Paged { items: all, next_cursor })
    }
}

impl Page {
    /// A page without anything on it; the next one begins where this one did.
    fn nothing<T>(&self) -> Paged<T> {
        Paged { items: Vec::new(), next_cursor: Some(self.cursor.clone().unwrap_or_default()) }
    }
}

fn seal(list: List, key: &[u8]) -> String {
    BASE64.encode([&[list as u8], key].concat())
}

/// A key of what came at a time: that, and what tells it from others of the same moment.
fn timed(at: OffsetDateTime, what: &str) -> String {
    format!("{} {what}", at.unix_timestamp_nanos())
}

fn time_of(key: &str) -> i128 {
    key.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(i128::MAX)
}

impl Engine {
    /// A page of [`volume_list`](Self::volume_list).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a cursor that is none of this list.
    pub async fn volume_page(&self, page: &Page) -> Result<Paged<Volume>> {
        let order = |name: &str| (name.to_lowercase(), name.to_owned());
        let is_behind = |volume: &Volume, name: &str| order(&volume.name) > order(name);
        page.cut(List::Volumes, self.volume_list().await?, |volume| volume.name.clone(), is_behind)
    }

    /// A page of [`checkpoint_list`](Self::checkpoint_list).
    ///
    /// # Errors
    /// As for that, and [`ErrorKind::NotFound`] for a cursor that is none of this list.
    pub async fn checkpoint_page(&self, volume: &str, page: &Page) -> Result<Paged<Checkpoint>> {
        let key = |checkpoint: &Checkpoint| timed(checkpoint.created_at, checkpoint.id.as_str());
        let is_behind =
            |checkpoint: &Checkpoint, key: &str| checkpoint.created_at.unix_timestamp_nanos() > time_of(key);
        page.cut(List::Checkpoints, self.checkpoint_list(volume).await?, key, is_behind)
    }

    /// A page of [`transfer_list`](Self::transfer_list).
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a cursor that is none of this list.
    pub fn transfer_page(&self, page: &Page) -> Result<Paged<Transfer>> {
        let key = |transfer: &Transfer| timed(transfer.started_at, transfer.id.as_str());
        let is_behind = |transfer: &Transfer, key: &str| transfer.started_at.unix_timestamp_nanos() > time_of(key);
        page.cut(List::Transfers, self.transfer_list(), key, is_behind)
    }

    /// A page of what the audit log has, newest first; the query's own limit counts for nothing.
    ///
    /// # Errors
    /// As for [`audit_list`](Self::audit_list), and [`ErrorKind::NotFound`] for a cursor that is none of this list.
    pub async fn audit_page(&self, query: AuditQuery, page: &Page) -> Result<Paged<AuditEntry>> {
        let all = self.audit_list(AuditQuery { limit: usize::MAX, ..query }).await?;
        let key = |entry: &AuditEntry| {
            let digest = Sha256::digest(serde_json::to_vec(entry).unwrap_or_default());
            timed(entry.at, &hex(&digest[..8]))
        };
        let is_behind = |entry: &AuditEntry, key: &str| entry.at.unix_timestamp_nanos() < time_of(key);
        page.cut(List::Audit, all, key, is_behind)
    }

    /// A page of [`file_list`](Self::file_list), in the order of the paths' bytes; the list's own limit counts for
    /// nothing. Folders that were told are not read again.
    ///
    /// # Errors
    /// As for that, and [`ErrorKind::NotFound`] for a cursor that is none of this list.
    pub async fn file_page(&self, volume: &str, list: ListFiles, page: &Page) -> Result<Paged<FileEntry>> {
        let (limit, after) = page.open(List::Files)?;
        if limit == 0 {
            self.slot(volume)?;
            return Ok(page.nothing());
        }
        let after = after.map(|path| VolumePath::from_bytes(&path)).transpose()?;
        // One more than wanted tells whether there are more.
        let list = ListFiles { limit: Some(limit + 1), ..list };
        let mut found = self.file_list_after(volume, list, after).await?;
        let is_more = found.len() > limit;
        found.truncate(limit);
        let next_cursor = found.last().filter(|_| is_more).map(|(path, _)| seal(List::Files, path.as_bytes()));
        Ok(Paged { items: found.into_iter().map(|(_, entry)| entry).collect(), next_cursor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All of a list that something else happens to between its pages.
    fn told(mut list: Vec<u32>, limit: usize, happens: impl Fn(&mut Vec<u32>)) -> Vec<u32> {
        let (mut told, mut cursor) = (Vec::new(), None);
        loop {
            let page = Page { limit, cursor };
            let behind = |number: &u32, key: &str| *number > key.parse().unwrap();
            let paged = page.cut(List::Volumes, list.clone(), u32::to_string, behind).unwrap();
            told.extend(paged.items);
            cursor = paged.next_cursor;
            if cursor.is_none() {
                return told;
            }
            happens(&mut list);
        }
    }

    #[test]
    fn what_is_there_all_the_time_is_told_once() {
        let list: Vec<u32> = (0..100).collect();
        for limit in [1, 7, 99, 100, 101] {
            assert_eq!(told(list.clone(), limit, |_| ()), list, "{limit}");
        }
        let shrinking = told(list.clone(), 10, |list| {
            list.remove(0);
        });
        assert_eq!(shrinking, list);
        // The very last one that was told goes, too.
        let vanishing = told(list.clone(), 10, |list| list.retain(|number| number % 10 != 9));
        assert!(list.iter().filter(|number| *number % 10 != 9).all(|number| vanishing.contains(number)));
    }

    #[test]
    fn a_cursor_is_of_its_own_list() {
        let open = |limit, cursor: &str| Page { limit, cursor: Some(cursor.to_owned()) }.open(List::Files).is_ok();
        assert!(open(1, &seal(List::Files, b"a/b")) && open(MOST + 1, &seal(List::Files, b"a/b")));
        assert!(!open(1, &seal(List::Volumes, b"a/b")) && !open(1, "") && !open(1, "§"));
    }
}
