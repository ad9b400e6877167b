//! What a transfer is to copy: a walk over files, of the host or of a volume, before anything is written.
//!
//! The whole plan stays in memory (some 50 bytes and the name for each file), so that one which vanishes
//! between counting and copying is missed, not forgotten.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use cairn_ext4::FileKind;

use super::list::is_hidden;
use super::path::{VolumePath, host_name};
use super::tree::Tree;
use crate::convert::io_error;
use crate::error::{Error, ErrorKind, Result};

/// What a planned thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A regular file.
    File,
    /// A folder; what is in it follows in the plan.
    Directory,
    /// A symbolic link, which stays one.
    Symlink,
}

/// One file, folder or link to copy. Folders stand before what is in them.
#[derive(Debug)]
pub(crate) struct Node {
    /// The folder in the plan that it is in; `None` for what was named itself.
    pub(crate) parent: Option<u32>,
    /// Its name, or, for what was named itself, its whole path.
    name: Box<[u8]>,
    /// What it is.
    pub(crate) kind: Kind,
    /// Length in bytes when it was looked at; 0 for folders.
    pub(crate) size: u64,
}

/// Everything that is to be copied.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// In the order in which it is copied.
    pub(crate) nodes: Vec<Node>,
    /// Devices, sockets and pipes, which are left out.
    pub(crate) skipped: Vec<String>,
}

impl Plan {
    /// Walks over files of the host; `go_on` is asked at every folder.
    ///
    /// A source that ends in `/.` stands for what is in that folder, as `cp -r` has it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a source that is not there, [`ErrorKind::Io`] for a folder that cannot be
    /// read, and what `go_on` answers.
    pub(crate) fn of_host(sources: &[PathBuf], go_on: &dyn Fn() -> Result<()>) -> Result<Self> {
        let mut plan = Self::default();
        for source in sources {
            if is_contents(source) {
                for name in names_in(source)? {
                    plan.add_from_host(source.join(OsStr::from_bytes(&name)), go_on)?;
                }
            } else {
                plan.add_from_host(source.clone(), go_on)?;
            }
        }
        Ok(plan)
    }

    /// Walks over files of a volume; the root stands for what is in it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a path that is not there; [`ErrorKind::Corrupt`] for a name that must not reach
    /// the host, and for a folder that can be reached in two ways; and what `go_on` answers.
    pub(crate) fn of_volume(tree: &Tree, paths: &[VolumePath], go_on: &dyn Fn() -> Result<()>) -> Result<Self> {
        let mut plan = Self::default();
        for path in paths {
            let mut seen = HashSet::new();
            if path.is_root() {
                for entry in tree.entries(path)? {
                    if is_hidden(tree, path, &entry)? {
                        continue;
                    }
                    host_name(&entry.name)?;
                    plan.add_from_volume(tree, path.join(&entry.name), &mut seen, go_on)?;
                }
            } else {
                plan.add_from_volume(tree, path.clone(), &mut seen, go_on)?;
            }
        }
        Ok(plan)
    }

    /// Bytes to copy in all.
    #[cfg(test)]
    fn bytes(&self) -> u64 {
        self.nodes.iter().map(|node| node.size).sum()
    }

    /// Where a node of the host is.
    pub(crate) fn host_path(&self, index: usize) -> PathBuf {
        self.names(index).into_iter().map(OsStr::from_bytes).collect()
    }

    /// Where a node of a volume is.
    pub(crate) fn volume_path(&self, index: usize) -> VolumePath {
        self.names(index).into_iter().fold(VolumePath::default(), |path, name| path.join(name))
    }

    /// The name that a node keeps where it is copied to.
    pub(crate) fn name(&self, index: usize) -> &[u8] {
        let node = &self.nodes[index];
        match node.parent {
            Some(_) => &node.name,
            None => Path::new(OsStr::from_bytes(&node.name)).file_name().unwrap_or_default().as_bytes(),
        }
    }

    fn names(&self, index: usize) -> Vec<&[u8]> {
        let mut names = Vec::new();
        let mut next = Some(index);
        while let Some(index) = next {
            let node = &self.nodes[index];
            names.push(&*node.name);
            next = node.parent.map(|parent| parent as usize);
        }
        names.reverse();
        names
    }

    /// Adds one thing behind the folder that it is in; what has no such folder in the plan is named by its whole path.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when there are too many.
    pub(crate) fn add(&mut self, parent: Option<u32>, name: Vec<u8>, kind: Kind, size: u64) -> Result<u32> {
        let index = u32::try_from(self.nodes.len()).map_err(|_| too_many())?;
        self.nodes.push(Node { parent, name: name.into_boxed_slice(), kind, size });
        Ok(index)
    }

    fn add_from_host(&mut self, source: PathBuf, go_on: &dyn Fn() -> Result<()>) -> Result<()> {
        let mut left = vec![(None, source.clone().into_os_string().into_vec(), source)];
        while let Some((parent, name, path)) = left.pop() {
            let meta = std::fs::symlink_metadata(&path).map_err(|e| unreadable(&path, &e))?;
            let Some((kind, size)) = kind_of(&meta) else {
                self.skipped.push(path.display().to_string());
                continue;
            };
            let index = self.add(parent, name, kind, size)?;
            if kind == Kind::Directory {
                go_on()?;
                let children = names_in(&path)?.into_iter().rev();
                left.extend(children.map(|name| (Some(index), name.clone(), path.join(OsStr::from_bytes(&name)))));
            }
        }
        Ok(())
    }

    fn add_from_volume(
        &mut self,
        tree: &Tree,
        source: VolumePath,
        seen: &mut HashSet<u32>,
        go_on: &dyn Fn() -> Result<()>,
    ) -> Result<()> {
        let found = tree.stat(&source)?;
        let mut left = vec![(None, source.as_bytes().to_vec(), source, found)];
        while let Some((parent, name, path, found)) = left.pop() {
            let (kind, size) = match found.kind {
                FileKind::File => (Kind::File, found.size),
                FileKind::Directory => (Kind::Directory, 0),
                FileKind::Symlink => (Kind::Symlink, found.size),
                _ => {
                    self.skipped.push(path.to_string());
                    continue;
                }
            };
            let index = self.add(parent, name, kind, size)?;
            if kind != Kind::Directory {
                continue;
            }
            go_on()?;
            if !seen.insert(found.inode) {
                return Err(Error::new(ErrorKind::Corrupt, format!("The folder '{path}' can be reached in two ways."))
                    .with_hint("The filesystem is damaged; go back to a checkpoint."));
            }
            let mut entries = tree.entries(&path)?;
            entries.sort_unstable_by(|a, b| b.name.cmp(&a.name));
            for entry in entries {
                host_name(&entry.name)?;
                left.push((Some(index), entry.name.clone(), path.join(&entry.name), entry.metadata));
            }
        }
        Ok(())
    }
}

/// What is copied of something, and how long it is; nothing of devices, sockets and pipes.
pub(crate) fn kind_of(meta: &Metadata) -> Option<(Kind, u64)> {
    if meta.is_file() {
        Some((Kind::File, meta.len()))
    } else if meta.is_dir() {
        Some((Kind::Directory, 0))
    } else if meta.is_symlink() {
        Some((Kind::Symlink, meta.len()))
    } else {
        None
    }
}

/// Whether a source stands for what is in a folder.
pub(crate) fn is_contents(source: &Path) -> bool {
    let bytes = source.as_os_str().as_bytes();
    bytes == b"." || bytes.ends_with(b"/.")
}

/// The names in a folder of the host, sorted.
pub(crate) fn names_in(folder: &Path) -> Result<Vec<Vec<u8>>> {
    let mut names = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.file_name().into_vec())).collect::<std::io::Result<Vec<_>>>())
        .map_err(|e| unreadable(folder, &e))?;
    names.sort_unstable();
    Ok(names)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::NotFound {
        return Error::new(ErrorKind::NotFound, format!("{} is not there (any more).", path.display()))
            .with_hint("Nothing was copied; choose what to upload again.");
    }
    io_error("read what is to be uploaded", path, error)
}

fn too_many() -> Error {
    Error::new(ErrorKind::Unsupported, "More than 4,294,967,295 files cannot be copied at once.")
        .with_hint("Copy fewer folders at a time.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("holiday/empty")).unwrap();
        std::fs::write(at("holiday/b.jpg"), "12345").unwrap();
        std::fs::write(at("holiday/a.jpg"), "123").unwrap();
        std::os::unix::fs::symlink("/nowhere", at("holiday/link")).unwrap();
        std::os::unix::net::UnixListener::bind(at("holiday/socket")).unwrap();
        folder
    }

    #[test]
    fn a_plan_has_everything_in_order_and_leaves_out_what_is_no_file() {
        let folder = tree();
        let source = folder.path().join("holiday");
        let plan = Plan::of_host(std::slice::from_ref(&source), &|| Ok(())).unwrap();
        let names: Vec<_> =
            (0..plan.nodes.len()).map(|at| String::from_utf8_lossy(plan.name(at)).into_owned()).collect();
        assert_eq!(names, ["holiday", "a.jpg", "b.jpg", "empty", "link"]);
        assert_eq!(plan.bytes(), 3 + 5 + "/nowhere".len() as u64);
        assert_eq!(plan.host_path(1), source.join("a.jpg"));
        assert_eq!(plan.skipped, [source.join("socket").display().to_string()]);
    }

    #[test]
    fn a_dot_at_the_end_stands_for_what_is_inside() {
        let folder = tree();
        let plan = Plan::of_host(&[folder.path().join("holiday/.")], &|| Ok(())).unwrap();
        assert_eq!(plan.nodes.iter().filter(|node| node.parent.is_none()).count(), 4);
        assert_eq!(plan.name(0), b"a.jpg");
    }

    #[test]
    fn a_source_that_is_not_there_is_named() {
        let folder = tree();
        let missing = folder.path().join("nothing");
        let error = Plan::of_host(std::slice::from_ref(&missing), &|| Ok(())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.message().contains(missing.to_str().unwrap()));
    }
}
