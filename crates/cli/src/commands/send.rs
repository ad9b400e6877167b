//! `cairn files put` to a server that does not see this computer's files: each is sent by itself, with its checksum, and
//! goes on where it was when the connection broke, or when this program or the server died.

use std::io::{self, Read, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cairn_api::{ErrorCode, FileEntry, FileKind, StagedUpload};
use futures::TryStreamExt;
use indicatif::ProgressBar;
use reqwest::Body;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::count;
use super::files::IfThere;
use super::put::not_utf8;
use crate::api::{NotSent, Sent};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::printable;
use crate::size::human;
use crate::watch::Drawn;

/// So often is a file gone on with of which nothing new came through.
const ATTEMPTS: u32 = 6;
/// The pause before that; twice as long each time.
const PAUSE: Duration = Duration::from_millis(500);
/// Smaller files are sent at once.
const SMALL: u64 = 8 << 20;
/// Read at once.
const PIECE: usize = 256 << 10;

/// What is sent, and where to.
pub(super) struct Send<'a> {
    pub(super) volume: &'a str,
    /// Files and folders of this computer.
    pub(super) sources: Vec<String>,
    pub(super) destination: String,
    pub(super) if_there: IfThere,
}

/// A file or folder on its way.
struct Item {
    host: PathBuf,
    place: String,
    /// The length of a file; a folder has none.
    file: Option<u64>,
}

/// Carries the command out.
pub(super) async fn run(send: Send<'_>, context: &Context) -> Result<(), Failure> {
    let Send { volume, sources, destination, if_there } = send;
    let (mut items, left_out) =
        plan(&sources, &destination, is_folder(context, volume, &destination, &sources).await?)?;
    if if_there != IfThere::Replace {
        let there = those_there(context, volume, &items).await?;
        if let (IfThere::Fail, Some(first)) = (if_there, there.first()) {
            return Err(Failure::new(
                ErrorCode::AlreadyExists,
                format!("There is something called '{first}' already."),
            )
            .hint("Nothing was copied."));
        }
        items.retain(|item| item.file.is_none() || !there.contains(&item.place));
    }
    let total: u64 = items.iter().filter_map(|item| item.file).sum();
    let drawn = Drawn::copying(context, total);
    let mut sending = Sending { context, volume, replace: if_there == IfThere::Replace, bar: drawn.bar(), done: 0 };
    let mut entries = Vec::new();
    for item in &items {
        entries.push(match item.file {
            None => sending.folder(item).await?,
            Some(length) => sending.file(item, length).await?,
        });
        sending.done += item.file.unwrap_or(0);
    }
    drop(drawn);
    if left_out > 0 {
        context.out.note(&format!("{} left out: only files and folders are sent.", count(left_out, "link or device")));
    }
    context.out.did(&entries, |entries| {
        format!("Copied {} ({}) into {}.", count(entries.len() as u64, "item"), human(total), printable(volume))
    })
}

/// Whether the sources go into the destination, or take its name.
async fn is_folder(context: &Context, volume: &str, destination: &str, sources: &[String]) -> Result<bool, Failure> {
    if destination.ends_with('/') || destination.is_empty() {
        return Ok(true);
    }
    let there = stat(context, volume, destination).await?;
    if there.is_some_and(|entry| entry.kind == FileKind::Directory) {
        return Ok(true);
    }
    if sources.len() > 1 {
        return Err(Failure::invalid(format!(
            "'{destination}' is no folder, and several things cannot have one name."
        ))
        .hint("Put a '/' behind it; the folder is then made."));
    }
    Ok(false)
}

async fn stat(context: &Context, volume: &str, path: &str) -> Result<Option<FileEntry>, Failure> {
    match context.api.get(&["volumes", volume, "files", "stat"], &[("path", path)]).await {
        Ok(entry) => Ok(Some(entry)),
        // A volume that is not there is told by the first file that is sent.
        Err(Failure::Said { code: ErrorCode::NotFound, .. }) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The places of files where something is already.
async fn those_there(context: &Context, volume: &str, items: &[Item]) -> Result<Vec<String>, Failure> {
    let mut there = Vec::new();
    for item in items.iter().filter(|item| item.file.is_some()) {
        if stat(context, volume, &item.place).await?.is_some() {
            there.push(item.place.clone());
        }
    }
    Ok(there)
}

/// Everything that is to be sent, folders before what is in them; and how much else there is.
fn plan(sources: &[String], destination: &str, into: bool) -> Result<(Vec<Item>, u64), Failure> {
    let (mut items, mut left_out) = (Vec::new(), 0);
    let base = destination.trim_matches('/');
    for source in sources {
        let host = PathBuf::from(source);
        let place = if into { below(base, &host)? } else { base.to_owned() };
        let mut left = vec![(host, place)];
        while let Some((host, place)) = left.pop() {
            let cannot = |error: io::Error| unreadable(&host, &error);
            let meta = std::fs::symlink_metadata(&host).map_err(cannot)?;
            if meta.is_dir() {
                let entries =
                    std::fs::read_dir(&host).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(cannot)?;
                let mut inside: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
                inside.sort_by(|a, b| b.cmp(a));
                for path in inside {
                    let place = below(&place, &path)?;
                    left.push((path, place));
                }
                items.push(Item { host, place, file: None });
            } else if meta.is_file() {
                items.push(Item { host, place, file: Some(meta.len()) });
            } else {
                left_out += 1;
            }
        }
    }
    Ok((items, left_out))
}

fn below(folder: &str, host: &Path) -> Result<String, Failure> {
    let name = host.file_name().unwrap_or_default();
    let name = name.to_str().ok_or_else(|| not_utf8(name))?;
    Ok(if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") })
}

fn unreadable(host: &Path, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::NotFound {
        return Failure::new(ErrorCode::NotFound, format!("'{}' is not there.", host.display()));
    }
    Failure::io(&format!("'{}' cannot be read", host.display()), error)
}

/// The copy under way.
struct Sending<'a> {
    context: &'a Context,
    volume: &'a str,
    replace: bool,
    bar: ProgressBar,
    /// Bytes of the files before.
    done: u64,
}

impl Sending<'_> {
    async fn folder(&self, item: &Item) -> Result<FileEntry, Failure> {
        let body = json!({ "path": item.place });
        match self.context.api.post(&["volumes", self.volume, "files", "mkdir"], &body).await {
            Err(Failure::Said { code: ErrorCode::AlreadyExists, .. }) => {
                let query = [("path", item.place.as_str())];
                self.context.api.get(&["volumes", self.volume, "files", "stat"], &query).await
            }
            made => made,
        }
    }

    async fn file(&self, item: &Item, length: u64) -> Result<FileEntry, Failure> {
        self.bar.set_message(printable(&item.place));
        let host = item.host.clone();
        let digest = tokio::task::spawn_blocking(move || digest(&host, length)).await;
        let digest =
            digest.map_err(|error| Failure::new(ErrorCode::Internal, format!("No checksum was made: {error}.")))??;
        let (mut attempt, mut before) = (0, self.received(item, length, &digest).await?);
        if before > 0 {
            let said = format!("The server has {} of {} already; going on there.", human(before), item.place);
            self.context.out.note(&said);
        }
        loop {
            let failure = match self.part(item, before, length, &digest).await {
                Ok(Sent::Whole(entry)) => return Ok(entry),
                Ok(Sent::Part(staged)) => {
                    before = staged.received_bytes;
                    continue;
                }
                Err(NotSent::Refused(failure)) if !may_pass(&failure, before) => return Err(failure),
                Err(NotSent::Refused(failure) | NotSent::Broken(failure)) => failure,
            };
            attempt += 1;
            if attempt >= ATTEMPTS {
                return Err(failure);
            }
            tokio::time::sleep(PAUSE * 2_u32.pow(attempt - 1)).await;
            // A server that is being started again is asked again.
            if let Ok(received) = self.received(item, length, &digest).await {
                attempt = if received > before { 0 } else { attempt };
                before = received;
            }
        }
    }

    /// How much of the very same file has come.
    async fn received(&self, item: &Item, length: u64, digest: &[u8; 32]) -> Result<u64, Failure> {
        if length <= SMALL {
            return Ok(0);
        }
        let query = [("path", item.place.as_str())];
        let staged: StagedUpload =
            match self.context.api.get(&["volumes", self.volume, "files", "upload"], &query).await {
                Ok(staged) => staged,
                Err(Failure::Said { code: ErrorCode::NotFound, .. }) => return Ok(0),
                Err(failure) => return Err(failure),
            };
        let is_same = staged.size == length && staged.sha256 == Some(hex(digest));
        Ok(if is_same { staged.received_bytes } else { 0 })
    }

    /// Sends what is in the file from `offset` on.
    async fn part(&self, item: &Item, offset: u64, length: u64, digest: &[u8; 32]) -> Result<Sent, NotSent> {
        let cannot = |error| NotSent::Refused(unreadable(&item.host, &error));
        let mut file = tokio::fs::File::open(&item.host).await.map_err(cannot)?;
        file.seek(SeekFrom::Start(offset)).await.map_err(cannot)?;
        self.bar.set_position(self.done + offset);
        let bar = self.bar.clone();
        let pieces = ReaderStream::with_capacity(file.take(length - offset), PIECE);
        let counted = pieces.inspect_ok(move |piece| bar.inc(piece.len() as u64));
        let mut fields = vec![("Repr-Digest", format!("sha-256=:{}:", BASE64_STANDARD.encode(digest)))];
        if length > SMALL {
            let range = if offset == length { "*".to_owned() } else { format!("{offset}-{}", length - 1) };
            fields.push(("Content-Range", format!("bytes {range}/{length}")));
        }
        let query = [("path", item.place.as_str()), ("overwrite", if self.replace { "true" } else { "false" })];
        let path = ["volumes", self.volume, "files", "content"];
        self.context.api.put_part(&path, &query, &fields, Body::wrap_stream(counted)).await
    }
}

/// Whether a refusal of a file that has come in part may be another one in a moment: the connection that broke is not
/// given up yet, or more has come by it than was known.
fn may_pass(failure: &Failure, received: u64) -> bool {
    received > 0 && matches!(failure, Failure::Said { code: ErrorCode::InUse | ErrorCode::Conflict, .. })
}

/// The SHA-256 of a file's first bytes.
fn digest(host: &Path, length: u64) -> Result<[u8; 32], Failure> {
    let cannot = |error: io::Error| unreadable(host, &error);
    let mut file = std::fs::File::open(host).map_err(cannot)?.take(length);
    let (mut digest, mut piece) = (Sha256::new(), vec![0; PIECE]);
    loop {
        match file.read(&mut piece).map_err(cannot)? {
            0 => return Ok(digest.finalize().into()),
            count => digest.update(&piece[..count]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
