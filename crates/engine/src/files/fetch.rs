//! Fetching: a file of the web into a volume.
//!
//! It comes into a folder of the store's first, so that nobody waits for a slow server with the volume in hand, and so
//! that a connection which breaks off is taken up again where it did. When it is whole, and is what it should be, it is
//! uploaded as any file of the host, or unpacked as any archive. What a server answers is untrusted.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use percent_encoding::percent_decode_str;
use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_RANGE, LAST_MODIFIED, RANGE};
use reqwest::{Client, Response, StatusCode, Url};

use super::gathered::{Gathered, Progress};
use super::path::{MAX_NAME_BYTES, VolumePath};
use super::unpack::Unpack;
use crate::checksum::Sha256Sum;
use crate::convert::io_error;
use crate::doctor::free_bytes;
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::id::TransferId;
use crate::model::{Conflict, Direction, Transfer, TransferState, Upload};
use crate::size::Bytes;
use crate::slot::Slot;
use crate::store::internal;
use crate::transfer::{Job, Order, Request, record_file};

/// What the folder of a fetch is called, after the transfer's id.
const FOLDER: &str = "fetch";
/// How long a server may take to answer, and be silent.
const SILENCE: Duration = Duration::from_secs(30);
/// So often is a connection taken up again that brings nothing new.
const ATTEMPTS: u32 = 4;
/// The pause before that; twice as long each time.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest address.
const LONGEST_URL: usize = 8 << 10;

/// What [`Engine::files_fetch`] needs.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Fetch {
    /// The file's address: http or https. Redirections are followed.
    pub url: String,
    /// Where it goes, as `cp` has it: into a folder that exists or whose name ends in `/`, else it takes this very name.
    /// The folder for what is in it, when it is unpacked.
    pub destination: String,
    /// Its SHA-256 as 64 hexadecimal digits, when it is known.
    pub sha256: Option<String>,
    /// What to do about a file that is already there.
    pub conflict: Conflict,
    /// What is in it is wanted, not the file itself: a tar, tar.gz or zip.
    #[serde(default)]
    pub unpack: bool,
}

impl Engine {
    /// Copies a file of the web into a volume, or what is in an archive of the web; answers at once with the transfer. A
    /// connection that breaks off is taken up again. Nothing of a transfer that fails or is cancelled remains.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for an address, destination or checksum that makes no sense; else as
    /// [`upload`](Self::upload).
    #[tracing::instrument(skip_all, fields(volume, destination = %fetch.destination), err(level = "info"))]
    pub async fn files_fetch(&self, volume: &str, fetch: Fetch) -> Result<Transfer> {
        self.fetch_as(volume, fetch, None).await
    }

    pub(crate) async fn fetch_as(&self, volume: &str, fetch: Fetch, again: Option<TransferId>) -> Result<Transfer> {
        let slot = self.slot(volume)?;
        let url = checked(&fetch.url)?;
        let sha256 = fetch.sha256.as_deref().map(checksum).transpose()?;
        VolumePath::parse(&fetch.destination)?;
        self.may_upload(&slot).await?;
        let most = self.volume_get(slot.id.as_str()).await?.quota_bytes;
        let name = name_of(&url);
        let order = Order::new(Request::Fetch(fetch.clone()), again);
        let job = self.inner.transfers.begin(&slot.id, Direction::Upload, name.clone(), order)?;
        let gathered = Gathered::new(&folder_of(&self.inner.store.run_folder(), job.id()), &name);
        let fetching = Fetching { job: job.clone(), url, most, sha256, gathered };
        let (engine, answer) = (self.clone(), job.snapshot());
        self.inner.tasks.spawn(async move { engine.fetch_and_upload(&slot, &fetching, fetch).await });
        Ok(answer)
    }

    async fn fetch_and_upload(&self, slot: &Arc<Slot>, fetching: &Fetching, fetch: Fetch) {
        let job = &fetching.job;
        job.start();
        let closing = self.inner.idle_work.clone();
        let fetched = tokio::select! {
            biased;
            () = job.cancelled() => job.go_on(),
            () = closing.cancelled() => Err(Error::new(ErrorKind::Cancelled, "Cairn was closed.")),
            fetched = fetching.whole() => fetched,
        };
        match fetched {
            Ok(()) => {
                job.rewind();
                match self.take_in_fetched(slot, fetching, fetch).await {
                    Ok(()) => drop(job.ended().await),
                    Err(error) => job.end(&Err(error)),
                }
            }
            // What it has gathered goes with its end, but for one that is interrupted.
            Err(error) => job.end(&Err(error)),
        }
        if job.snapshot().state == TransferState::Interrupted {
            fetching.gathered.make_durable();
        }
    }

    /// What has come whole goes into the volume as if it had been on this computer all the time.
    async fn take_in_fetched(&self, slot: &Arc<Slot>, fetching: &Fetching, fetch: Fetch) -> Result<()> {
        let (file, job) = (fetching.gathered.file.clone(), fetching.job.clone());
        let Fetch { destination, conflict, unpack, .. } = fetch;
        if unpack {
            return self.start_unpack(slot, Unpack { archive: file, destination, conflict }, job).await;
        }
        self.start_upload(slot, Upload { sources: vec![file], destination, conflict }, job).await
    }
}

/// Where what a transfer is about gathers, in the store's folder `run`.
pub(super) fn folder_of(run: &Path, transfer: &TransferId) -> PathBuf {
    run.join(format!("{transfer}.{FOLDER}"))
}

/// Forgets what a fetch has gathered.
pub(crate) fn forget(run: &Path, transfer: &TransferId) {
    let folder = folder_of(run, transfer);
    if let Err(error) = durable::remove_folder_if_there(&folder) {
        tracing::warn!(folder = %folder.display(), %error, "what a fetch has left could not be removed");
    }
}

/// Removes what fetches have left that nobody will take up again.
pub(crate) fn clean_up(run: &Path) {
    for entry in std::fs::read_dir(run).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_known = |path: &Path| {
            let id = path.file_stem().and_then(|stem| stem.to_str());
            id.is_some_and(|id| record_file(run, id).exists())
        };
        if path.extension().is_some_and(|extension| extension == FOLDER)
            && !is_known(&path)
            && let Err(error) = std::fs::remove_dir_all(&path)
        {
            tracing::warn!(path = %path.display(), %error, "what an interrupted fetch has left could not be removed");
        }
    }
}

/// A file on its way.
struct Fetching {
    job: Arc<Job>,
    url: Url,
    /// No file of a volume is larger.
    most: u64,
    sha256: Option<Sha256Sum>,
    gathered: Gathered,
}

/// What came of one connection.
enum Came {
    Whole,
    /// It broke off, for this reason.
    Broken(String),
    /// It was let go of, because somebody wants the fetch to rest.
    Resting,
}

impl Fetching {
    /// Brings all of it, by as many connections as that takes.
    async fn whole(&self) -> Result<()> {
        let mut progress = self.gathered.begin()?;
        let client = self.client()?;
        let mut attempt = 0;
        while !progress.whole {
            self.job.awake().await;
            let before = progress.at;
            match self.connection(&client, &mut progress).await? {
                Came::Whole => {
                    progress.whole = true;
                    self.gathered.note(&progress);
                }
                Came::Resting => {}
                Came::Broken(why) => {
                    attempt = if progress.at > before { 1 } else { attempt + 1 };
                    if attempt >= ATTEMPTS {
                        return Err(self.failed(&why, "Try again later; nothing was copied."));
                    }
                    tracing::debug!(%why, attempt, at = progress.at, "a fetch is taken up again");
                    tokio::time::sleep(PAUSE * 2_u32.pow(attempt - 1)).await;
                }
            }
        }
        self.check().await
    }

    fn client(&self) -> Result<Client> {
        // reqwest is built without cryptography of its own; when somebody was first, it is there already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Client::builder()
            .connect_timeout(SILENCE)
            .read_timeout(SILENCE)
            .user_agent(concat!("cairn/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| internal("make a client of HTTP", &e))
    }

    /// What is still missing, as far as this connection brings it.
    async fn connection(&self, client: &Client, progress: &mut Progress) -> Result<Came> {
        let mut request = client.get(self.url.clone());
        if progress.at > 0 {
            request = request.header(RANGE, format!("bytes={}-", progress.at));
            if let Some(validator) = &progress.validator {
                request = request.header(IF_RANGE, validator);
            }
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_redirect() || error.is_builder() => {
                return Err(self.failed(&told(&error), "Look at the address."));
            }
            Err(error) => return Ok(Came::Broken(told(&error))),
        };
        match response.status() {
            StatusCode::OK => progress.at = 0,
            StatusCode::PARTIAL_CONTENT if goes_on_at(response.headers(), progress.at) => {}
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                // It is another file by now.
                *progress = Progress::default();
                return Ok(Came::Broken("the server has another file there by now".to_owned()));
            }
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                return Ok(Came::Broken(format!("the server answered {status}")));
            }
            status => return Err(self.failed(&format!("the server answered {status}"), "Look at the address.")),
        }
        progress.validator = validator(response.headers());
        self.gathered.note(progress);
        self.take(response, progress).await
    }

    async fn take(&self, response: Response, progress: &mut Progress) -> Result<Came> {
        let whole = response.content_length().map(|length| progress.at.saturating_add(length));
        self.check_room(whole.unwrap_or(0))?;
        self.job.rewind();
        self.job.counted(1, whole.unwrap_or(0));
        self.job.copied(progress.at);
        let path = &self.gathered.file;
        let failed = |e| io_error("write what was fetched", path, &e);
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(progress.at == 0).open(path).map_err(failed)?;
        std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(progress.at)).map_err(failed)?;
        let mut pieces = response.bytes_stream();
        loop {
            let piece = tokio::select! {
                biased;
                // A connection that nobody reads from would be cut off by the server.
                () = self.job.asked_to_rest() => return Ok(Came::Resting),
                piece = pieces.next() => piece,
            };
            let piece = match piece {
                Some(Ok(piece)) => piece,
                Some(Err(error)) => return Ok(Came::Broken(told(&error))),
                None => break,
            };
            self.check_room(progress.at + piece.len() as u64)?;
            // A page cache's copy, which does not hold anybody up.
            file.write_all(&piece).map_err(failed)?;
            progress.at += piece.len() as u64;
            self.job.copied(piece.len() as u64);
            if whole.is_none() {
                self.job.grew(piece.len() as u64);
            }
        }
        match whole {
            Some(whole) if progress.at < whole => Ok(Came::Broken("the connection broke off".to_owned())),
            _ => Ok(Came::Whole),
        }
    }

    /// Whether a file of that size has room, in the volume at its best and on this computer's disk.
    fn check_room(&self, size: u64) -> Result<()> {
        let refuse = |sentence: String| {
            Err(Error::new(ErrorKind::NoSpace, sentence)
                .with_hint("Nothing was copied; let the volume grow, or free space."))
        };
        if size > self.most {
            return refuse(format!(
                "The file has {} or more, and the volume is smaller: {}.",
                Bytes(size),
                Bytes(self.most)
            ));
        }
        let (file, folder) = (&self.gathered.file, &self.gathered.folder);
        let free = free_bytes(folder).map_err(|e| io_error("look at the free space", folder, &e))?;
        let there = std::fs::metadata(file).map_or(0, |file| file.len());
        if size.saturating_sub(there) > free {
            return refuse(format!("The file has {}, and this computer's disk has {} free.", Bytes(size), Bytes(free)));
        }
        Ok(())
    }

    /// Whether it is what it should be.
    async fn check(&self) -> Result<()> {
        let Some(expected) = self.sha256 else { return Ok(()) };
        let (file, job) = (self.gathered.file.clone(), self.job.clone());
        let found = blocking(move || {
            let failed = |e| io_error("read what was fetched", &file, &e);
            Sha256Sum::of(std::fs::File::open(&file).map_err(failed)?, || job.go_on(), failed)
        });
        let found = found.await?;
        if found == expected {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Corrupt,
            format!(
                "'{}' is not the expected file: its SHA-256 is {found}, not {expected}.",
                self.job.snapshot().title
            ),
        )
        .with_hint("Nothing was copied; look at the address and at the checksum."))
    }

    fn failed(&self, why: &str, hint: &str) -> Error {
        let host = self.url.host_str().unwrap_or_default();
        Error::new(ErrorKind::Io, format!("Could not fetch '{}' from {host}: {why}.", self.job.snapshot().title))
            .with_hint(hint)
    }
}

/// The last cause, which says what really happened, without the address.
fn told(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    if error.is_timeout() { "the server does not answer".to_owned() } else { cause.to_string() }
}

/// A strong validator: the same bytes.
fn validator(headers: &HeaderMap) -> Option<HeaderValue> {
    let strong = headers.get(ETAG).filter(|tag| !tag.as_bytes().starts_with(b"W/"));
    strong.or_else(|| headers.get(LAST_MODIFIED)).cloned()
}

/// Whether the answer begins at that byte.
fn goes_on_at(headers: &HeaderMap, at: u64) -> bool {
    let range = headers.get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
    let first = range.and_then(|range| range.strip_prefix("bytes ")?.split_once('-')?.0.trim().parse().ok());
    first == Some(at)
}

fn checked(text: &str) -> Result<Url> {
    let refuse = |why: &str| {
        Error::new(ErrorKind::InvalidInput, format!("This is no address of a file on the web: {why}."))
            .with_hint("Give one such as https://example.org/data.csv.")
    };
    if text.len() > LONGEST_URL {
        return Err(refuse("it is too long"));
    }
    let url = Url::parse(text.trim()).map_err(|error| refuse(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse(&format!("'{}' is not http or https", url.scheme())));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(refuse("it names no server"));
    }
    Ok(url)
}

fn checksum(text: &str) -> Result<Sha256Sum> {
    Sha256Sum::from_hex(text.trim()).ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput, "A SHA-256 has 64 hexadecimal digits.")
            .with_hint("Give it as 'sha256sum' prints it, or leave it out.")
    })
}

/// The last part of the address, as a file may be called.
fn name_of(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
    let name = percent_decode_str(last).decode_utf8_lossy().into_owned();
    let sound = |name: &String| {
        !matches!(name.as_str(), "" | "." | "..") && name.len() <= MAX_NAME_BYTES && !name.contains(['/', '\0'])
    };
    Some(name).filter(sound).or_else(|| url.host_str().map(str::to_owned)).unwrap_or_else(|| "download".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_as_its_address_says() {
        let name = |text: &str| name_of(&checked(text).unwrap());
        assert_eq!(name("https://example.org/a/b%20c.csv?x=1#y"), "b c.csv");
        assert_eq!(name("https://example.org/"), "example.org");
        assert_eq!(name("https://example.org/%2e%2e%2fpasswd"), "example.org");
        assert_eq!(name("https://example.org/100%"), "100%");
        for wrong in ["", "example.org/a", "ftp://example.org/a", "file:///etc/passwd", "https://"] {
            assert_eq!(checked(wrong).unwrap_err().kind(), ErrorKind::InvalidInput, "{wrong}");
        }
        assert!(checksum("abc").is_err() && checksum(&"A1".repeat(32)).is_ok());
    }
}
