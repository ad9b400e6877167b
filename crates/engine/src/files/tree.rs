//! A volume's filesystem in the engine's own words: normalised paths in, the engine's errors out.

use std::io::Read;

use cairn_block::qcow2::Access;
use cairn_ext4::{
    AttributeChanges, Attributes, DirEntry, FileHandle, FileKind as Kind, Filesystem, Metadata, Source, Statfs,
};
use time::OffsetDateTime;

use super::path::VolumePath;
use crate::convert::ext4_error;
use crate::error::{Error, ErrorKind, Result};
use crate::id::LayerId;
use crate::layer;
use crate::model::{FileEntry, FileKind};
use crate::slot::Slot;

/// An open filesystem. Blocks on the disk.
pub(crate) struct Tree {
    filesystem: Filesystem,
}

impl std::fmt::Debug for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tree").finish_non_exhaustive()
    }
}

impl Tree {
    /// Opens the filesystem in `layer` of a volume.
    pub(crate) fn open(slot: &Slot, layer: &LayerId, access: Access) -> Result<Self> {
        let _opening = slot.opening();
        let manifest = slot.manifest()?;
        Ok(Self { filesystem: layer::open_filesystem(&slot.folder, &manifest, layer, access)? })
    }

    /// A filesystem that is open already.
    pub(crate) fn of(filesystem: Filesystem) -> Self {
        Self { filesystem }
    }

    /// Opens the filesystem in a volume's head for writing.
    pub(crate) fn open_head(slot: &Slot) -> Result<Self> {
        Self::open(slot, &slot.manifest()?.head, Access::ReadWrite)
    }

    /// How full it is.
    pub(crate) fn space(&self) -> Statfs {
        self.filesystem.statfs()
    }

    /// Does `work` in few large transactions. What of it is not committed when it fails is taken back.
    pub(crate) fn in_batch<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let failed = |e| ext4_error("write to the volume", &e);
        self.filesystem.begin_batch().map_err(failed)?;
        match work() {
            Ok(value) => self.filesystem.commit().map_err(failed).map(|()| value),
            Err(error) => {
                if let Err(again) = self.filesystem.roll_back() {
                    tracing::warn!(error = %again, "a batch could not be rolled back");
                }
                Err(error)
            }
        }
    }

    /// What is at `path`, if anything is.
    pub(crate) fn find(&self, path: &VolumePath) -> Result<Option<Metadata>> {
        match self.filesystem.stat(path.as_bytes()) {
            Ok(found) => Ok(Some(found)),
            Err(error) if is_absence(&error) => Ok(None),
            Err(error) => Err(ext4_error(&format!("look at '{path}'"), &error)),
        }
    }

    /// What is at `path`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when nothing is.
    pub(crate) fn stat(&self, path: &VolumePath) -> Result<Metadata> {
        self.find(path)?.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("There is no file or folder '{path}' in the volume."))
        })
    }

    /// Whether a folder is at `path`.
    pub(crate) fn is_folder(&self, path: &VolumePath) -> Result<bool> {
        Ok(self.find(path)?.is_some_and(|found| found.kind == Kind::Directory))
    }

    /// What is in the folder `path`, without `.` and `..`.
    pub(crate) fn entries(&self, path: &VolumePath) -> Result<Vec<DirEntry>> {
        self.filesystem.read_dir(path.as_bytes()).map_err(|e| ext4_error(&format!("list '{path}'"), &e))
    }

    /// Visits what is in the folder `path`, in no particular order; however much that is, little memory is used.
    pub(crate) fn for_each_entry(
        &self,
        path: &VolumePath,
        mut visit: impl FnMut(DirEntry) -> Result<()>,
    ) -> Result<()> {
        let visited = self.filesystem.visit_dir(path.as_bytes(), |entry| visit(entry).map_err(Stopped::Visitor));
        visited.map_err(|stopped| match stopped {
            Stopped::Visitor(error) => error,
            Stopped::Filesystem(error) => ext4_error(&format!("list '{path}'"), &error),
        })
    }

    /// The extended attributes of what is at `path`, by their names as Linux shows them.
    pub(crate) fn xattrs(&self, path: &VolumePath) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let failed = |e| ext4_error(&format!("read the attributes of '{path}'"), &e);
        let mut found = Vec::new();
        for name in self.filesystem.list_xattrs(path.as_bytes()).map_err(failed)? {
            if let Some(value) = self.filesystem.xattr(path.as_bytes(), &name).map_err(failed)? {
                found.push((name, value));
            }
        }
        Ok(found)
    }

    /// Where the link at `path` points.
    pub(crate) fn read_link(&self, path: &VolumePath) -> Result<Vec<u8>> {
        self.filesystem.read_link(path.as_bytes()).map_err(|e| ext4_error(&format!("read the link '{path}'"), &e))
    }

    /// The file at `path`, to be read.
    pub(crate) fn open_file(&self, path: &VolumePath) -> Result<FileHandle> {
        self.filesystem.open_file(path.as_bytes()).map_err(|e| ext4_error(&format!("read '{path}'"), &e))
    }

    /// Makes a file with what `content` gives.
    pub(crate) fn create_file(
        &self,
        path: &VolumePath,
        attributes: &Attributes,
        content: &mut dyn Read,
        size_hint: Option<u64>,
    ) -> Result<()> {
        self.filesystem
            .create_file(path.as_bytes(), attributes, content, size_hint)
            .map(drop)
            .map_err(|e| ext4_error(&format!("write '{path}'"), &e))
    }

    /// Makes a file of `len` bytes from a source that may know what it has.
    pub(crate) fn create_file_from(
        &self,
        path: &VolumePath,
        attributes: &Attributes,
        content: &mut dyn Source,
        len: u64,
    ) -> Result<()> {
        self.filesystem
            .create_file_from(path.as_bytes(), attributes, content, Some(len))
            .map(drop)
            .map_err(|e| ext4_error(&format!("write '{path}'"), &e))
    }

    /// Makes a folder.
    pub(crate) fn mkdir(&self, path: &VolumePath, attributes: &Attributes) -> Result<()> {
        self.filesystem
            .mkdir(path.as_bytes(), attributes)
            .map(drop)
            .map_err(|e| ext4_error(&format!("make the folder '{path}'"), &e))
    }

    /// Makes a folder and those above it, as far as they are not there.
    pub(crate) fn mkdir_all(&self, path: &VolumePath, attributes: &Attributes) -> Result<()> {
        self.filesystem
            .mkdir_all(path.as_bytes(), attributes)
            .map(drop)
            .map_err(|e| ext4_error(&format!("make the folder '{path}'"), &e))
    }

    /// Makes a symbolic link.
    pub(crate) fn symlink(&self, path: &VolumePath, target: &[u8], attributes: &Attributes) -> Result<()> {
        self.filesystem
            .symlink(target, path.as_bytes(), attributes)
            .map(drop)
            .map_err(|e| ext4_error(&format!("make the link '{path}'"), &e))
    }

    /// Gives the file or link at `original` a second name.
    pub(crate) fn hard_link(&self, original: &VolumePath, path: &VolumePath) -> Result<()> {
        self.filesystem
            .hard_link(original.as_bytes(), path.as_bytes())
            .map_err(|e| ext4_error(&format!("give '{original}' the name '{path}'"), &e))
    }

    /// Gives what is at `path` these extended attributes, and no others.
    pub(crate) fn set_xattrs(&self, path: &VolumePath, attributes: &[(Vec<u8>, Vec<u8>)]) -> Result<()> {
        let failed = |e| ext4_error(&format!("set the attributes of '{path}'"), &e);
        for (name, value) in attributes {
            match self.filesystem.set_xattr(path.as_bytes(), name, value) {
                // What no Linux could have given it is left out.
                Err(error) if error.kind() == cairn_ext4::ErrorKind::Invalid => {}
                set => set.map_err(failed)?,
            }
        }
        for name in self.filesystem.list_xattrs(path.as_bytes()).map_err(failed)? {
            if !attributes.iter().any(|(kept, _)| *kept == name) {
                self.filesystem.remove_xattr(path.as_bytes(), &name).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Removes a file, a link, or an empty folder.
    pub(crate) fn remove(&self, path: &VolumePath) -> Result<()> {
        self.filesystem.remove(path.as_bytes()).map_err(|e| ext4_error(&format!("delete '{path}'"), &e))
    }

    /// Removes whatever is at `path`, with everything in it.
    pub(crate) fn remove_all(&self, path: &VolumePath) -> Result<()> {
        self.filesystem.remove_all(path.as_bytes()).map_err(|e| ext4_error(&format!("delete '{path}'"), &e))
    }

    /// Moves `from` to `to`; a file or link that is there is replaced.
    pub(crate) fn rename(&self, from: &VolumePath, to: &VolumePath) -> Result<()> {
        self.filesystem
            .rename(from.as_bytes(), to.as_bytes())
            .map_err(|e| ext4_error(&format!("move '{from}' to '{to}'"), &e))
    }

    /// Changes permissions, owner or times.
    pub(crate) fn set_attributes(&self, path: &VolumePath, changes: &AttributeChanges) -> Result<()> {
        self.filesystem
            .set_attributes(path.as_bytes(), changes)
            .map_err(|e| ext4_error(&format!("set the attributes of '{path}'"), &e))
    }

    /// Makes everything durable.
    pub(crate) fn flush(&self) -> Result<()> {
        self.filesystem.flush().map_err(|e| ext4_error("write to the volume", &e))
    }

    /// The file at `path` as everybody sees it.
    pub(crate) fn entry(&self, path: &VolumePath, metadata: &Metadata) -> Result<FileEntry> {
        let target = match metadata.kind {
            Kind::Symlink => Some(String::from_utf8_lossy(&self.read_link(path)?).into_owned()),
            _ => None,
        };
        Ok(FileEntry {
            path: String::from_utf8_lossy(path.as_bytes()).into_owned(),
            kind: metadata.kind.into(),
            size: metadata.size,
            mode: u32::from(metadata.mode),
            uid: metadata.uid,
            gid: metadata.gid,
            modified: OffsetDateTime::from_unix_timestamp(metadata.mtime.seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
                + time::Duration::nanoseconds(i64::from(metadata.mtime.nanoseconds)),
            target,
        })
    }
}

impl From<Kind> for FileKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::File => Self::File,
            Kind::Directory => Self::Directory,
            Kind::Symlink => Self::Symlink,
            _ => Self::Other,
        }
    }
}

/// Why a visit to a folder ended early.
enum Stopped {
    Visitor(Error),
    Filesystem(cairn_ext4::Error),
}

impl From<cairn_ext4::Error> for Stopped {
    fn from(error: cairn_ext4::Error) -> Self {
        Self::Filesystem(error)
    }
}

/// Whether nothing is there: no such name, or something on the way that is no folder.
fn is_absence(error: &cairn_ext4::Error) -> bool {
    matches!(error.kind(), cairn_ext4::ErrorKind::NotFound | cairn_ext4::ErrorKind::NotADirectory)
}
