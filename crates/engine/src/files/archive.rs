//! Archives: files and folders of a volume as one tar stream, of the present or of a checkpoint.
//!
//! Folders are walked while the archive is written: what is in memory are the names of the folders that are still
//! to come on the way down, and those of files with several names. What one member looks like is `member`'s business.

mod member;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::{self, Write};
use std::sync::Arc;

use cairn_ext4::{FileKind, Metadata};

use self::member::Members;
use super::list::is_hidden;
use super::path::VolumePath;
use super::read::View;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::events::Events;
use crate::model::NoticeLevel;

impl Engine {
    /// Files and folders of a volume as a tar stream (POSIX pax format), as they are or were at a checkpoint.
    ///
    /// Each path comes under its last name; the root stands for what is in it. Links, devices and pipes, modes,
    /// owners, times to the nanosecond, extended attributes, hard links and holes are kept; sockets are left out
    /// with a notice, as `tar` does. While the archive of the present is written nobody can write the volume.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when nothing is at a path, [`ErrorKind::InvalidInput`] when two would have the same
    /// name in the archive; else as [`file_list`](Self::file_list).
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn file_archive(&self, volume: &str, paths: &[String], at: Option<&str>) -> Result<FileArchive> {
        if paths.is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "There is nothing to put into the archive.")
                .with_hint("Name at least one file or folder; '/' is the whole volume."));
        }
        let mut paths = paths.iter().map(|path| VolumePath::parse(path)).collect::<Result<Vec<_>>>()?;
        // What is named twice is meant once.
        let mut seen = BTreeSet::new();
        paths.retain(|path| seen.insert(path.clone()));
        let slot = self.slot(volume)?;
        let pass = self.pass_at(&slot, at).await?;
        let (engine, at) = (self.clone(), at.map(str::to_owned));
        blocking(move || {
            let view = engine.view(&slot, at.as_deref(), pass)?;
            let mut names = BTreeSet::new();
            for path in &paths {
                view.tree.stat(path)?;
                if !names.insert(path.name()) || (path.is_root() && paths.len() > 1) {
                    let sentence = format!("The archive would contain two things of the name '{path}'.");
                    return Err(Error::new(ErrorKind::InvalidInput, sentence).with_hint("Make two archives of them."));
                }
            }
            let name = paths[0].name().map_or_else(|| slot.name(), |name| String::from_utf8_lossy(name).into_owned());
            Ok(FileArchive { view, paths, name, events: engine.inner.events.clone() })
        })
        .await
    }
}

/// An archive that is ready to be written, see [`Engine::file_archive`].
pub struct FileArchive {
    view: View,
    paths: Vec<VolumePath>,
    name: String,
    events: Arc<Events>,
}

impl std::fmt::Debug for FileArchive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileArchive").field("paths", &self.paths).finish_non_exhaustive()
    }
}

impl FileArchive {
    /// What a person would call it, without an extension.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Writes the archive; blocks on the disk and on `out`. An `out` that refuses ends it.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`] when `out` takes no more; else when the volume cannot be read.
    pub fn write_to(self, out: &mut dyn Write) -> Result<()> {
        let mut walk = Walk {
            view: &self.view,
            members: Members::new(out),
            names: HashMap::new(),
            folders: HashSet::new(),
            left_out: Vec::new(),
            left_out_more: 0,
        };
        for path in &self.paths {
            match path.is_root() {
                true => walk.descend(path, &VolumePath::default())?,
                false => {
                    let name = VolumePath::default().join(path.name().unwrap_or_default());
                    walk.add(path, &name, &self.view.tree.stat(path)?)?;
                }
            }
        }
        walk.members.finish().map_err(|e| refused(&e))?;
        if let Some(notice) = walk.notice() {
            self.events.notice(NoticeLevel::Warning, notice);
        }
        Ok(())
    }
}

/// How many of those that are left out are told by name.
const TOLD: usize = 3;

/// A walk over what goes into an archive.
struct Walk<'a> {
    view: &'a View,
    members: Members<&'a mut dyn Write>,
    /// The first name in the archive of each file that has several.
    names: HashMap<u32, VolumePath>,
    /// The folders on the way, by their inodes.
    folders: HashSet<u32>,
    left_out: Vec<String>,
    left_out_more: usize,
}

/// A folder that the walk is in, and those below it that are still to come.
struct Open {
    inode: u32,
    folders: Vec<(VolumePath, VolumePath, Metadata)>,
}

impl Walk<'_> {
    /// Adds what is at `path` of the volume as `name`, with everything in it.
    fn add(&mut self, path: &VolumePath, name: &VolumePath, found: &Metadata) -> Result<()> {
        match found.kind {
            FileKind::Directory => {
                self.members.folder(&self.view.tree, path, name, found)?;
                self.descend(path, name)
            }
            _ => self.add_file(path, name, found),
        }
    }

    /// Adds what is in the folder `path`: its files, then its folders one after the other with what is in them, so
    /// that whoever extracts sees each folder as a whole.
    fn descend(&mut self, path: &VolumePath, name: &VolumePath) -> Result<()> {
        let mut open = vec![self.enter(path, name)?];
        while let Some(last) = open.last_mut() {
            let Some((path, name, found)) = last.folders.pop() else {
                self.folders.remove(&last.inode);
                open.pop();
                continue;
            };
            self.members.folder(&self.view.tree, &path, &name, &found)?;
            open.push(self.enter(&path, &name)?);
        }
        Ok(())
    }

    /// Adds the files of a folder and answers with the folders in it.
    fn enter(&mut self, path: &VolumePath, name: &VolumePath) -> Result<Open> {
        let inode = self.view.tree.stat(path)?.inode;
        if !self.folders.insert(inode) {
            return Err(Error::new(ErrorKind::Corrupt, format!("The folder '{path}' contains itself."))
                .with_hint("The filesystem is damaged; go back to a checkpoint."));
        }
        let mut folders = Vec::new();
        let view = self.view;
        view.tree.for_each_entry(path, |entry| {
            if is_hidden(&view.tree, path, &entry)? {
                return Ok(());
            }
            super::path::host_name(&entry.name)?;
            let (path, name) = (path.join(&entry.name), name.join(&entry.name));
            if entry.kind == FileKind::Directory {
                folders.push((path, name, entry.metadata));
                return Ok(());
            }
            self.add_file(&path, &name, &entry.metadata)
        })?;
        // The last is taken first.
        folders.sort_unstable_by(|a, b| b.0.cmp(&a.0));
        Ok(Open { inode, folders })
    }

    fn add_file(&mut self, path: &VolumePath, name: &VolumePath, found: &Metadata) -> Result<()> {
        if found.kind == FileKind::Socket {
            match self.left_out.len() < TOLD {
                true => self.left_out.push(path.to_string()),
                false => self.left_out_more += 1,
            }
            return Ok(());
        }
        if found.links > 1 {
            if let Some(first) = self.names.get(&found.inode) {
                return self.members.second_name(name, first, found);
            }
            self.names.insert(found.inode, name.clone());
        }
        self.members.file(&self.view.tree, path, name, found)
    }

    fn notice(&self) -> Option<String> {
        if self.left_out.is_empty() {
            return None;
        }
        let names = self.left_out.join("', '");
        let more = match self.left_out_more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(format!("Left out of the archive, because tar has no place for sockets: '{names}'{more}."))
    }
}

/// The receiver takes no more.
fn refused(error: &io::Error) -> Error {
    Error::new(
        ErrorKind::Cancelled,
        format!("The archive is not complete, because its receiver takes no more: {error}."),
    )
}
