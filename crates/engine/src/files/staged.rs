//! Staged uploads: a file on its way into a volume in parts, over as many connections as that takes.
//!
//! ```text
//! part at 0 ─► gathers in the store ─► connection breaks, client dies, engine dies: what was flushed stays
//!                     ▲                                 │
//!                     └──────── part at what it has ◄───┘        all there ─► checksum ─► the file, whole
//! ```
//!
//! No volume waits for a slow client, and nothing of the file is seen before all of it is there and is what its checksum
//! says. One at a time for each path of a volume; one that nobody has sent anything of for a day is forgotten.

mod gather;
mod record;

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use time::{Duration, OffsetDateTime};

use self::gather::gather;
use self::record::{Place, Record};
use super::condition::Condition;
use super::path::VolumePath;
use super::write::{Content, Stored, named, refuse_what_is_there};
use crate::checksum::Sha256Sum;
use crate::convert::io_error;
use crate::doctor::free_bytes;
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::id::VolumeId;
use crate::model::{FileEntry, WriteFile};
use crate::size::Bytes;
use crate::slot::Slot;
use crate::sync;

/// How long one stays that nobody goes on with.
const KEPT: Duration = Duration::DAY;
/// How many of a volume may be unfinished.
const MOST: usize = 64;

/// A part of a file, as [`Engine::file_upload_part`] takes it.
#[derive(Clone, Debug)]
pub struct UploadPart {
    /// Where the file goes.
    pub path: String,
    /// The byte of the file that the part begins with: 0, or what has come so far.
    pub offset: u64,
    /// How many bytes the part has.
    pub length: u64,
    /// How many bytes the file has.
    pub size: u64,
    /// Whether a file that is there already is replaced.
    pub overwrite: bool,
    /// The SHA-256 of the file; once it is said, parts with another one are of another file.
    pub sha256: Option<Sha256Sum>,
    /// The SHA-256 of the part. A part that has one counts when all of it has come and is right, others as far as they
    /// have come.
    pub part_sha256: Option<Sha256Sum>,
    /// What must be true of what is there when the file begins to come, and when it is put there.
    pub condition: Option<Condition>,
}

/// A file of which not all has come.
#[derive(Clone, Debug)]
pub struct StagedUpload {
    /// Where it goes, from the volume's root.
    pub path: String,
    /// How many bytes it has.
    pub size: u64,
    /// How many have come and are durable: the offset of the next part.
    pub received: u64,
    /// The SHA-256 that it must have.
    pub sha256: Option<Sha256Sum>,
    /// When something of it came last.
    pub changed_at: OffsetDateTime,
    /// When it is forgotten, unless more comes.
    pub expires_at: OffsetDateTime,
}

/// What a part has led to.
#[derive(Clone, Debug)]
pub enum Uploaded {
    /// There is more to come.
    Part(StagedUpload),
    /// All has come: the file is in the volume.
    Whole(FileEntry),
}

/// Which uploads a part comes for just now.
#[derive(Debug, Default)]
pub(crate) struct Uploads(Arc<Mutex<HashSet<PathBuf>>>);

/// As long as this is there, nobody else adds to that upload.
struct Turn {
    all: Arc<Mutex<HashSet<PathBuf>>>,
    which: PathBuf,
}

impl Uploads {
    fn turn(&self, place: &Place, path: &VolumePath) -> Result<Turn> {
        let which = place.record();
        if !sync::lock(&self.0).insert(which.clone()) {
            return Err(Error::new(ErrorKind::InUse, format!("Somebody else is sending '{path}' just now."))
                .with_hint("Try again in a moment; a connection that was lost is given up after half a minute."));
        }
        Ok(Turn { all: self.0.clone(), which })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        sync::lock(&self.all).remove(&self.which);
    }
}

impl Engine {
    /// Takes a part of a file; with its last byte the file comes into the volume, whole or not at all.
    ///
    /// What has come of a part stays when `source` breaks off, and when the engine dies what was flushed of it, which is
    /// done every 16 MiB. A part of no bytes asks for what is complete to be put into the volume, once more.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when the part does not begin where the last one ended, or is of another file;
    /// [`ErrorKind::InUse`] while another part of it comes; [`ErrorKind::InvalidInput`] when it is not what its checksum
    /// says; [`ErrorKind::NoSpace`]; else as [`file_write`](Self::file_write).
    #[tracing::instrument(skip_all, fields(volume, path = %part.path, offset = part.offset), err(level = "info"))]
    pub async fn file_upload_part(
        &self,
        volume: &str,
        part: UploadPart,
        mut source: Box<dyn Read + Send>,
    ) -> Result<Uploaded> {
        let path = named(&part.path, "be written to")?;
        let slot = self.slot(volume)?;
        part.check()?;
        let place = self.staged_at(&slot, &path);
        let turn = self.inner.uploads.turn(&place, &path)?;
        let engine = self.clone();
        self.run(async move {
            let _turn = turn;
            if part.offset == 0 && part.length > 0 {
                engine.may_begin(&slot, &path, &place, &part).await?;
            }
            let (gathering, name) = (place.clone(), path.clone());
            let options = part.options();
            let record = blocking(move || gather(&gathering, &name, &part, &mut *source)).await?;
            if !record.is_whole() {
                return Ok(Uploaded::Part(record.describe()));
            }
            engine.put_in_place(&slot, &path, &place, &record, options).await.map(Uploaded::Whole)
        })
        .await
    }

    /// How far the upload to `path` has come.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none.
    pub async fn file_upload(&self, volume: &str, path: &str) -> Result<StagedUpload> {
        let (slot, path) = (self.slot(volume)?, named(path, "be written to")?);
        let place = self.staged_at(&slot, &path);
        blocking(move || place.read()?.map(|record| record.describe()).ok_or_else(|| none(&path))).await
    }

    /// The unfinished uploads into a volume, by their paths.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such volume.
    pub async fn file_upload_list(&self, volume: &str) -> Result<Vec<StagedUpload>> {
        let folder = self.uploads_of(&self.slot(volume)?.id);
        blocking(move || {
            let mut list: Vec<_> = record::all(&folder).iter().map(|(_, record)| record.describe()).collect();
            list.sort_by(|a, b| a.path.cmp(&b.path));
            Ok(list)
        })
        .await
    }

    /// Forgets what has come of an upload.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none; [`ErrorKind::InUse`] while a part of it comes.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn file_upload_discard(&self, volume: &str, path: &str) -> Result<()> {
        let (slot, path) = (self.slot(volume)?, named(path, "be written to")?);
        let place = self.staged_at(&slot, &path);
        let turn = self.inner.uploads.turn(&place, &path)?;
        self.run(blocking(move || {
            let _turn = turn;
            place.read()?.ok_or_else(|| none(&path))?;
            place.remove()
        }))
        .await
    }

    /// Forgets the uploads that nobody goes on with, and those of volumes that are no more.
    pub(crate) fn forget_old_uploads(&self) {
        let folders = std::fs::read_dir(self.inner.store.uploads()).into_iter().flatten().flatten();
        for folder in folders.map(|entry| entry.path()) {
            let id = folder.file_name().and_then(|name| name.to_str()?.parse::<VolumeId>().ok());
            let is_there = id.is_some_and(|id| sync::read(&self.inner.volumes).contains_key(&id));
            let expired = |record: &Record| record.describe().expires_at < OffsetDateTime::now_utc();
            let turns = sync::lock(&self.inner.uploads.0);
            record::tidy(&folder, &|place, record| {
                turns.contains(&place.record()) || (is_there && record.is_some_and(|record| !expired(record)))
            });
        }
    }

    /// Forgets all uploads into a volume that is deleted.
    pub(crate) fn forget_uploads_of(&self, volume: &VolumeId) {
        let folder = self.uploads_of(volume);
        if let Err(error) = durable::remove_folder_if_there(&folder) {
            tracing::warn!(folder = %folder.display(), %error, "the uploads of a deleted volume stay until the next start");
        }
    }

    fn uploads_of(&self, volume: &VolumeId) -> PathBuf {
        self.inner.store.uploads().join(volume.as_str())
    }

    fn staged_at(&self, slot: &Slot, path: &VolumePath) -> Place {
        Place::of(&self.uploads_of(&slot.id), path)
    }

    /// Refuses at the beginning what would be refused at the end.
    async fn may_begin(&self, slot: &Arc<Slot>, path: &VolumePath, place: &Place, part: &UploadPart) -> Result<()> {
        self.may_upload(slot).await?;
        let options = part.options();
        let wanted = path.clone();
        self.look(slot.clone(), None, move |tree| refuse_what_is_there(tree, &wanted, &options)).await?;
        let quota = self.volume_get(slot.id.as_str()).await?.quota_bytes;
        let (folder, store, size) = (place.folder().to_owned(), self.inner.store.uploads(), part.size);
        let (is_new, title) = (!place.record().exists(), path.to_string());
        blocking(move || {
            check_room(&title, size, quota, &store)?;
            if is_new && record::all(&folder).len() >= MOST {
                let sentence = format!("The volume has {MOST} unfinished uploads already.");
                return Err(Error::new(ErrorKind::Conflict, sentence).with_hint("Go on with them, or forget some."));
            }
            Ok(())
        })
        .await
    }

    /// Puts the whole file into the volume. When it is not what it should be nothing of it stays; when the volume does not
    /// take it now, it waits.
    async fn put_in_place(
        &self,
        slot: &Arc<Slot>,
        path: &VolumePath,
        place: &Place,
        record: &Record,
        options: WriteFile,
    ) -> Result<FileEntry> {
        let (size, expected, whole) = (record.size, record.sum(), place.clone());
        let file = blocking(move || {
            if let Some(expected) = expected {
                let found = Sha256Sum::of_file(&whole.content(), size)?;
                found.expect(expected, "The file").inspect_err(|_| drop(whole.remove()))?;
            }
            File::open(whole.content()).map_err(|e| io_error("read what was uploaded", &whole.content(), &e))
        })
        .await?;
        let options = WriteFile { size_hint: Some(size), ..options };
        let content = Content::Stored(Stored::new(file, size));
        let entry = self.write_content(slot, path.clone(), content, options).await?;
        let place = place.clone();
        // The file is there; what is left here the next look removes.
        if let Err(error) = blocking(move || place.remove()).await {
            tracing::warn!(%error, "a finished upload could not be tidied up");
        }
        Ok(entry)
    }
}

impl UploadPart {
    /// How the whole file is written.
    fn options(&self) -> WriteFile {
        WriteFile { overwrite: self.overwrite, condition: self.condition.clone(), ..WriteFile::default() }
    }

    fn check(&self) -> Result<()> {
        match self.offset.checked_add(self.length) {
            Some(end) if end <= self.size => Ok(()),
            _ => Err(Error::new(ErrorKind::InvalidInput, "The part reaches beyond the end of its file.")),
        }
    }
}

fn none(path: &VolumePath) -> Error {
    Error::new(ErrorKind::NotFound, format!("There is no unfinished upload of '{path}'."))
        .with_hint("Begin at its first byte.")
}

/// Whether the file has room: as it gathers, and beside that in the volume.
pub(super) fn check_room(title: &str, size: u64, quota: u64, store: &Path) -> Result<()> {
    let refuse = |why: String| {
        Err(Error::new(ErrorKind::NoSpace, format!("'{title}' has {}, and {why}.", Bytes(size)))
            .with_hint("Nothing was stored; let the volume grow, or free space."))
    };
    if size > quota {
        return refuse(format!("the volume is smaller: {}", Bytes(quota)));
    }
    durable::create_private_folder(store).map_err(|e| io_error("make a folder", store, &e))?;
    let free = free_bytes(store).map_err(|e| io_error("look at the free space", store, &e))?;
    if size.saturating_mul(2) > free {
        return refuse(format!("has to lie on this computer's disk twice for a while, which has {} free", Bytes(free)));
    }
    Ok(())
}
