//! Changing files one at a time: write, make a folder, rename; and how anything is changed.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use cairn_ext4::{Attributes, FileKind, Next, Source, Timestamp};
use cairn_vm::GuestChange;

use super::guest::Writer;
use super::path::VolumePath;
use super::tree::Tree;
use crate::checksum::Checked;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::id::TransferId;
use crate::layer;
use crate::lease;
use crate::model::{EventKind, FileEntry, WriteFile};
use crate::slot::Slot;
use crate::store::internal;

impl Engine {
    /// Writes one file with what `source` gives; the folders above it are made.
    ///
    /// A file that is there keeps its content until the new one is complete and durable. Content that comes slowly gathers
    /// first, and the volume is free meanwhile.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] when a file is there that is not to be overwritten; [`ErrorKind::NoSpace`];
    /// [`ErrorKind::InUse`] while machines read the volume, or one writes it that cannot be asked; [`ErrorKind::Io`] when
    /// the source fails; [`ErrorKind::InvalidInput`] when it is not what its checksum says.
    #[tracing::instrument(skip(self, source, options), err(level = "info"))]
    pub async fn file_write(
        &self,
        volume: &str,
        path: &str,
        source: Box<dyn Read + Send>,
        options: WriteFile,
    ) -> Result<FileEntry> {
        let path = named(path, "be written to")?;
        let slot = self.slot(volume)?;
        let source = self.unless_slow(&slot, &path, source, &options).await?;
        self.write_content(&slot, path, Content::Stream(source), options).await
    }

    /// Makes `content` the file at `path`, whole or not at all.
    pub(super) async fn write_content(
        &self,
        slot: &Arc<Slot>,
        path: VolumePath,
        content: Content,
        options: WriteFile,
    ) -> Result<FileEntry> {
        if let Some(writer) = self.writer_in_guest(slot).await? {
            return self.write_in_guest(slot.clone(), writer, path, content, options).await;
        }
        let place = path.clone();
        self.change_files(slot, format!("'{path}' is being written"), &path, move |tree| {
            write_file(tree, &place, content, &options)?;
            tree.entry(&place, &tree.stat(&place)?)
        })
        .await
    }

    /// Makes a folder, and those above it.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] when something is there; [`ErrorKind::InUse`] while machines read the volume, or one
    /// writes it that cannot be asked.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn file_mkdir(&self, volume: &str, path: &str) -> Result<FileEntry> {
        let path = named(path, "be made")?;
        let slot = self.slot(volume)?;
        if let Some(writer) = self.writer_in_guest(&slot).await? {
            let engine = self.clone();
            return self.run(async move { engine.mkdir_in_guest(&slot, &writer, &path).await }).await;
        }
        let place = path.clone();
        self.change_files(&slot, format!("'{path}' is being made"), &path, move |tree| {
            if tree.find(&place)?.is_some() {
                return Err(taken(&place));
            }
            tree.mkdir_all(&place, &Attributes::root(0o755, Timestamp::now()))?;
            tree.entry(&place, &tree.stat(&place)?)
        })
        .await
    }

    /// Renames or moves a file, link or folder within a volume; nothing is ever replaced.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when nothing is at `from`; [`ErrorKind::AlreadyExists`] when something is at `to`;
    /// [`ErrorKind::InvalidInput`] for a folder that would go into itself; [`ErrorKind::InUse`] while machines read the
    /// volume, or one writes it that cannot be asked.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn file_rename(&self, volume: &str, from: &str, to: &str) -> Result<FileEntry> {
        let (from, to) = (named(from, "be renamed")?, named(to, "be a name")?);
        if from != to && from.contains(&to) {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!("'{from}' cannot be moved to '{to}', which is inside it."),
            ));
        }
        let slot = self.slot(volume)?;
        if let Some(writer) = self.writer_in_guest(&slot).await? {
            let engine = self.clone();
            return self.run(async move { engine.rename_in_guest(&slot, &writer, &from, &to).await }).await;
        }
        let (old, new) = (from.clone(), to.clone());
        let entry = self
            .change_files(&slot, format!("'{from}' is being renamed"), &from, move |tree| {
                tree.stat(&old)?;
                if old != new {
                    if tree.find(&new)?.is_some() {
                        return Err(taken(&new));
                    }
                    tree.rename(&old, &new)?;
                }
                tree.entry(&new, &tree.stat(&new)?)
            })
            .await?;
        if from.parent() != to.parent() {
            self.tell(EventKind::FilesChanged { volume_id: slot.id.clone(), path: folder_of(&to) });
        }
        Ok(entry)
    }

    /// Writes one file into a volume that a machine writes.
    async fn write_in_guest(
        &self,
        slot: Arc<Slot>,
        writer: Writer,
        path: VolumePath,
        content: Content,
        options: WriteFile,
    ) -> Result<FileEntry> {
        let (engine, place) = (self.clone(), path.clone());
        self.run(async move {
            if options.condition.is_some() {
                engine.see_anew(&slot).await;
            }
            let pass = engine.pass_to_look(&slot).await?;
            let (worker, looked) = (engine.clone(), slot.clone());
            let entry = blocking(move || {
                refuse_what_is_there(&worker.view(&looked, None, Some(pass))?.tree, &place, &options)?;
                let id = TransferId::random().map_err(|e| internal("make an id", &e))?;
                let entry = worker.put_in_guest(&writer, &id, |tree, staging| {
                    let staged = staging.join_path(&place);
                    tree.mkdir(staging, &Attributes::root(0o700, Timestamp::now()))?;
                    write_content(tree, &staged, content, &options)?;
                    tree.entry(&staged, &tree.stat(&staged)?)
                })?;
                Ok(FileEntry { path: place.to_relative_string(), ..entry })
            });
            let entry = entry.await?;
            engine.tell_of_change(&slot, &path);
            Ok(entry)
        })
        .await
    }

    async fn mkdir_in_guest(&self, slot: &Arc<Slot>, writer: &Writer, path: &VolumePath) -> Result<FileEntry> {
        let place = path.clone();
        self.look(slot.clone(), None, move |tree| tree.find(&place)?.map_or(Ok(()), |_| Err(taken(&place)))).await?;
        let what = format!("make the folder '{path}' in '{}'", writer.volume());
        let change = GuestChange::MakeFolder { path: path.to_relative_string() };
        self.change_in_guest(writer, &what, change).await?;
        self.tell_of_change(slot, path);
        Ok(FileEntry {
            path: path.to_relative_string(),
            kind: crate::model::FileKind::Directory,
            size: 0,
            mode: 0o755,
            uid: 0,
            gid: 0,
            modified: time::OffsetDateTime::now_utc(),
            target: None,
        })
    }

    async fn rename_in_guest(
        &self,
        slot: &Arc<Slot>,
        writer: &Writer,
        from: &VolumePath,
        to: &VolumePath,
    ) -> Result<FileEntry> {
        let (old, new) = (from.clone(), to.clone());
        let entry = self.look(slot.clone(), None, move |tree| {
            let entry = tree.entry(&old, &tree.stat(&old)?)?;
            if old != new && tree.find(&new)?.is_some() {
                return Err(taken(&new));
            }
            Ok(entry)
        });
        let entry = entry.await?;
        if from != to {
            let what = format!("rename '{from}' in '{}'", writer.volume());
            let change = GuestChange::Rename { from: from.to_relative_string(), to: to.to_relative_string() };
            self.change_in_guest(writer, &what, change).await?;
            self.tell_of_change(slot, from);
            self.tell_of_change(slot, to);
        }
        Ok(FileEntry { path: to.to_relative_string(), ..entry })
    }

    /// Tells everybody that something in the folder of `path` has changed.
    pub(super) fn tell_of_change(&self, slot: &Slot, path: &VolumePath) {
        self.tell(EventKind::FilesChanged { volume_id: slot.id.clone(), path: folder_of(path) });
        self.tell(EventKind::VolumeChanged { volume_id: slot.id.clone() });
    }

    /// Does `work` on the files of the present, alone, and tells that something in the folder of `path` has changed.
    pub(super) async fn change_files<T: Send + 'static>(
        &self,
        slot: &Arc<Slot>,
        what: String,
        path: &VolumePath,
        work: impl FnOnce(&Tree) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (engine, slot, changed_path) = (self.clone(), slot.clone(), path.clone());
        self.run(async move {
            lease::may_write_head(&*slot.manifest()?, &engine.vm_names())?;
            let alone = slot.gate.write(&slot.name(), what).await?;
            lease::may_write_head(&*slot.manifest()?, &engine.vm_names())?;
            let (worker, changed) = (engine.clone(), slot.clone());
            let outcome = blocking(move || {
                let _alone = alone;
                worker.change_now(&changed, work)
            })
            .await?;
            engine.tell_of_change(&slot, &changed_path);
            Ok(outcome)
        })
        .await
    }

    fn change_now<T>(&self, slot: &Arc<Slot>, work: impl FnOnce(&Tree) -> Result<T>) -> Result<T> {
        let tree = Tree::open_head(slot)?;
        let outcome = work(&tree);
        fault::point("files changed");
        let flushed = tree.flush();
        drop(tree);
        if flushed.is_err() {
            // What was written and is not durable takes up room; whether it counts is seen by opening again.
            let _opening = slot.opening();
            layer::tidy_up(&slot.folder, &*slot.manifest()?, layer::Writer::Engine);
        }
        fault::point("files durable");
        self.count_usage(slot);
        let outcome = outcome?;
        flushed?;
        Ok(outcome)
    }
}

/// The file engine gives the content its name when it is complete, so that a source which fails half-way has not
/// touched what is there; the folders made for it go with it.
fn write_file(tree: &Tree, place: &VolumePath, content: Content, options: &WriteFile) -> Result<()> {
    refuse_what_is_there(tree, place, options)?;
    tree.in_batch(|| write_content(tree, place, content, options))
}

/// What a file is to have in it.
pub(super) enum Content {
    /// What comes, until it ends.
    Stream(Box<dyn Read + Send>),
    /// What stands in a file of the host that nobody changes, from its beginning.
    Stored(Stored),
}

/// The first `len` bytes of a file of the host, which need not pass through here.
pub(super) struct Stored {
    file: File,
    at: u64,
    len: u64,
}

impl Stored {
    pub(super) fn new(file: File, len: u64) -> Self {
        Self { file, at: 0, len }
    }
}

impl Read for Stored {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.len - self.at).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.file.read_at(&mut buffer[..most], self.at)?;
        if count == 0 && most > 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it got shorter"));
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Source for Stored {
    fn next(&mut self) -> io::Result<Next<'_>> {
        Ok(Next::Stored { file: &self.file, offset: self.at, len: self.len - self.at })
    }

    fn skip(&mut self, len: u64) -> io::Result<()> {
        self.at += len;
        Ok(())
    }
}

pub(super) fn refuse_what_is_there(tree: &Tree, place: &VolumePath, options: &WriteFile) -> Result<()> {
    let there = tree.find(place)?;
    match &there {
        Some(there) if there.kind == FileKind::Directory => {
            Err(Error::new(ErrorKind::Conflict, format!("'{place}' is a folder.")).with_hint("Name a file in it."))
        }
        Some(_) if !options.overwrite => Err(taken(place)),
        _ => options.condition.as_ref().map_or(Ok(()), |condition| condition.check(tree, place, there.as_ref())),
    }
}

fn write_content(tree: &Tree, place: &VolumePath, content: Content, options: &WriteFile) -> Result<()> {
    let attributes = Attributes::root(0o644, Timestamp::now());
    if let Some(parent) = place.parent()
        && !tree.is_folder(&parent)?
    {
        tree.mkdir_all(&parent, &Attributes { mode: 0o755, ..attributes })?;
    }
    match content {
        Content::Stored(mut stored) => {
            let len = stored.len;
            tree.create_file_from(place, &attributes, &mut stored, len)
        }
        Content::Stream(mut source) => {
            let mut checked = Checked::new(&mut *source, options.sha256);
            let written = tree.create_file(place, &attributes, &mut checked, options.size_hint);
            // The file engine only knows that the content broke off; this knows why.
            checked.refusal().map_or(written, Err)
        }
    }
}

/// A path that must not be the root.
pub(super) fn named(path: &str, what: &str) -> Result<VolumePath> {
    let path = VolumePath::parse(path)?;
    if path.is_root() {
        return Err(Error::new(ErrorKind::InvalidInput, format!("The volume's root cannot {what}."))
            .with_hint("Name a file or folder in the volume."));
    }
    Ok(path)
}

fn taken(path: &VolumePath) -> Error {
    Error::new(ErrorKind::AlreadyExists, format!("There is something called '{path}' in the volume already."))
        .with_hint("Choose another name, or delete it first.")
}

pub(super) fn folder_of(path: &VolumePath) -> String {
    path.parent().unwrap_or_default().to_relative_string()
}
