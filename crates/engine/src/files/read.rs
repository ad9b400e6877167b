//! Looking at files: list, stat, and reading one.

use std::io;
use std::sync::Arc;

use cairn_block::qcow2::Access;
use cairn_ext4::FileHandle;

use super::condition::version_of;
use super::list;
use super::live::Pass;
use super::path::VolumePath;
use super::tree::Tree;
use crate::checkpoint;
use crate::convert::ext4_error;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::gate::ReadPass;
use crate::lease;
use crate::model::{FileEntry, FileKind, ListFiles};
use crate::slot::Slot;
use crate::sync;

/// A volume's files as they are now, or as they were at a checkpoint, to be looked at.
pub(crate) struct View {
    pub(crate) tree: Tree,
    /// The present does not change while somebody looks at it. A checkpoint never does.
    pass: Option<Pass>,
}

/// A file of a volume that is open for reading. It stays what it was when it was opened.
pub struct FileReader {
    entry: FileEntry,
    file: FileHandle,
    position: u64,
    _pass: Option<Pass>,
}

impl FileReader {
    /// What is known of the file.
    #[must_use]
    pub fn entry(&self) -> &FileEntry {
        &self.entry
    }

    /// A word that is another when the content is: that of another file at the same path, too.
    #[must_use]
    pub fn version(&self) -> String {
        version_of(self.file.metadata())
    }

    /// Reads from byte `offset` on; answers with the number of bytes, which is less than asked only at the
    /// end of the file. Blocks on the disk.
    ///
    /// # Errors
    /// When the volume's filesystem is damaged, or its layers cannot be read.
    pub fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<usize> {
        self.file.read_at(buf, offset).map_err(|e| ext4_error(&format!("read '{}'", self.entry.path), &e))
    }
}

impl io::Read for FileReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.read_at(buf, self.position).map_err(io::Error::other)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl std::fmt::Debug for FileReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileReader")
            .field("entry", &self.entry)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Lists files, by path.
    ///
    /// The name of a folder lists what is in it; any other prefix lists the paths that begin so. While a machine writes
    /// the volume, its files are seen as they were at most some seconds ago; the guest is paused for less than a moment.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a path with `..` in it.
    #[tracing::instrument(skip_all, fields(volume, prefix = %list.prefix), err(level = "info"))]
    pub async fn file_list(&self, volume: &str, list: ListFiles) -> Result<Vec<FileEntry>> {
        let found = self.file_list_after(volume, list, None).await?;
        Ok(found.into_iter().map(|(_, entry)| entry).collect())
    }

    /// The same, only what comes behind a path; with the very bytes of the paths.
    pub(crate) async fn file_list_after(
        &self,
        volume: &str,
        list: ListFiles,
        after: Option<VolumePath>,
    ) -> Result<Vec<(VolumePath, FileEntry)>> {
        VolumePath::parse(&list.prefix)?;
        let slot = self.slot(volume)?;
        let at = list.at.clone();
        self.look(slot, at, move |tree| list::list(tree, &list, after)).await
    }

    /// What is known of the file, folder or link at `path`; a link is not followed.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when nothing is there; else as [`file_list`](Self::file_list).
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn file_stat(&self, volume: &str, path: &str, at: Option<&str>) -> Result<FileEntry> {
        let path = VolumePath::parse(path)?;
        let slot = self.slot(volume)?;
        self.look(slot, at.map(str::to_owned), move |tree| tree.entry(&path, &tree.stat(&path)?)).await
    }

    /// Opens the file at `path` for reading. While it is open, nobody can write the volume's present.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when nothing is there, [`ErrorKind::Conflict`] when it is a folder; else as
    /// [`file_list`](Self::file_list).
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn file_read(&self, volume: &str, path: &str, at: Option<&str>) -> Result<FileReader> {
        let path = VolumePath::parse(path)?;
        let slot = self.slot(volume)?;
        let pass = self.pass_at(&slot, at).await?;
        let (engine, at) = (self.clone(), at.map(str::to_owned));
        blocking(move || {
            let view = engine.view(&slot, at.as_deref(), pass)?;
            let entry = view.tree.entry(&path, &view.tree.stat(&path)?)?;
            if entry.kind == FileKind::Directory {
                return Err(Error::new(ErrorKind::Conflict, format!("'{path}' is a folder."))
                    .with_hint("Download the folder instead, or name a file in it."));
            }
            let file = view.tree.open_file(&path)?;
            // A link was followed inside the volume: what is read is the file behind it.
            let entry = FileEntry { path: entry.path, ..view.tree.entry(&path, file.metadata())? };
            Ok(FileReader { entry, file, position: 0, _pass: view.pass })
        })
        .await
    }

    /// Looks at files for a moment. While a transfer writes the head, at those that are in place.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        slot: Arc<Slot>,
        at: Option<String>,
        work: impl FnOnce(&Tree) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut work = work;
        let is_written = lease::writer(&*slot.manifest()?).is_some();
        let quiet = if at.is_none() && !is_written { slot.gate.try_read() } else { None };
        let mut pass = quiet.map(Pass::Quiet);
        if at.is_none() && pass.is_none() && !is_written {
            let shown = slot.clone();
            let looked = blocking(move || match &*sync::read(&shown.shown) {
                Some(tree) => work(tree).map(Ok),
                None => Ok(Err(work)),
            });
            match looked.await? {
                Ok(seen) => return Ok(seen),
                Err(still_to_do) => work = still_to_do,
            }
        }
        if at.is_none() && pass.is_none() {
            pass = Some(self.pass_to_look(&slot).await?);
        }
        let engine = self.clone();
        blocking(move || work(&engine.view(&slot, at.as_deref(), pass)?.tree)).await
    }

    /// Waits until the present may be looked at, if that is what is wanted.
    pub(super) async fn pass_at(&self, slot: &Arc<Slot>, at: Option<&str>) -> Result<Option<Pass>> {
        match at {
            Some(_) => Ok(None),
            None => self.pass_to_look(slot).await.map(Some),
        }
    }

    /// Waits until the layers of the present may be read, if that is what is wanted.
    pub(crate) async fn pass(&self, slot: &Slot, at: Option<&str>) -> Result<Option<ReadPass>> {
        if at.is_some() {
            return Ok(None);
        }
        lease::may_read_head(&*slot.manifest()?, &self.vm_names())?;
        Ok(Some(slot.gate.read(&slot.name()).await?))
    }

    /// Opens the files of the present (with a pass) or of a checkpoint. Blocks on the disk.
    pub(crate) fn view(&self, slot: &Arc<Slot>, at: Option<&str>, pass: Option<Pass>) -> Result<View> {
        let manifest = slot.manifest()?;
        let layer = match (at, &pass) {
            (Some(at), _) => checkpoint::resolve(&manifest, at)?.layer.clone(),
            (None, Some(Pass::Live(shown))) => return Ok(View { tree: shown.tree()?, pass }),
            (None, _) => {
                lease::may_read_head(&manifest, &self.vm_names())?;
                manifest.head.clone()
            }
        };
        Ok(View { tree: Tree::open(slot, &layer, Access::ReadOnly)?, pass })
    }
}
