//! Changing files one at a time: write, make a folder, rename; and how anything is changed.

use std::io::Read;
use std::sync::Arc;

use cairn_ext4::{Attributes, FileKind, Timestamp};
use cairn_vm::GuestChange;

use super::guest::Writer;
use super::path::VolumePath;
use super::tree::Tree;
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
    /// A file that is there keeps its content until the new one is complete and durable.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] when a file is there that is not to be overwritten; [`ErrorKind::NoSpace`];
    /// [`ErrorKind::InUse`] while machines read the volume, or one writes it that cannot be asked; [`ErrorKind::Io`] when
    /// the source fails.
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
        if let Some(writer) = self.writer_in_guest(&slot).await? {
            return self.write_in_guest(slot, writer, path, source, options).await;
        }
        let place = path.clone();
        self.change_files(&slot, format!("'{path}' is being written"), &path, move |tree| {
            write_file(tree, &place, source, &options)?;
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
        source: Box<dyn Read + Send>,
        options: WriteFile,
    ) -> Result<FileEntry> {
        let (engine, place) = (self.clone(), path.clone());
        self.run(async move {
            let pass = engine.pass_to_look(&slot).await?;
            let (worker, looked) = (engine.clone(), slot.clone());
            let entry = blocking(move || {
                refuse_what_is_there(&worker.view(&looked, None, Some(pass))?.tree, &place, &options)?;
                let id = TransferId::random().map_err(|e| internal("make an id", &e))?;
                let entry = worker.put_in_guest(&writer, &id, |tree, staging| {
                    let staged = staging.join_path(&place);
                    tree.mkdir(staging, &Attributes::root(0o700, Timestamp::now()))?;
                    write_content(tree, &staged, source, &options)?;
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
fn write_file(tree: &Tree, place: &VolumePath, source: Box<dyn Read + Send>, options: &WriteFile) -> Result<()> {
    refuse_what_is_there(tree, place, options)?;
    tree.in_batch(|| write_content(tree, place, source, options))
}

fn refuse_what_is_there(tree: &Tree, place: &VolumePath, options: &WriteFile) -> Result<()> {
    match tree.find(place)? {
        Some(there) if there.kind == FileKind::Directory => {
            Err(Error::new(ErrorKind::Conflict, format!("'{place}' is a folder.")).with_hint("Name a file in it."))
        }
        Some(_) if !options.overwrite => Err(taken(place)),
        _ => Ok(()),
    }
}

fn write_content(tree: &Tree, place: &VolumePath, mut source: Box<dyn Read + Send>, options: &WriteFile) -> Result<()> {
    let attributes = Attributes::root(0o644, Timestamp::now());
    if let Some(parent) = place.parent()
        && !tree.is_folder(&parent)?
    {
        tree.mkdir_all(&parent, &Attributes { mode: 0o755, ..attributes })?;
    }
    tree.create_file(place, &attributes, &mut source, options.size_hint)
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
