//! What differs between a watched folder and the folder of the volume: one walk over both, a folder at a time.
//!
//! What comes of it is a plan as an upload has it, so that copying is what an upload does.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::vec::IntoIter;

use cairn_ext4::{FileKind, Metadata as Found, Timestamp};
use ignore::gitignore::Gitignore;

use super::record::Brought;
use super::rules::{self, Rules};
use crate::convert::io_error;
use crate::error::{Error, ErrorKind, Result};
use crate::files::VolumePath;
use crate::files::plan::{Kind, Plan, kind_of, names_in};
use crate::files::tree::Tree;

/// How many files, folders and links one may have.
const MOST: u64 = 500_000;

/// What is compared.
pub(super) struct Comparison<'a> {
    /// The folder of the host.
    pub(super) root: &'a Path,
    /// The folder of the volume.
    pub(super) place: VolumePath,
    pub(super) rules: Rules,
    /// What a watch that deletes has brought before; none for one that does not.
    pub(super) brought: Option<&'a Brought>,
    /// Told of each folder before it is read.
    pub(super) enter: &'a dyn Fn(&Path),
    pub(super) go_on: &'a dyn Fn() -> Result<()>,
}

/// What differs.
#[derive(Debug, Default)]
pub(super) struct Difference {
    /// What is to be copied, with the folders that it is in.
    pub(super) plan: Plan,
    /// How much is kept in step.
    pub(super) files: u64,
    /// Paths below the folder of all that is kept in step; empty when nobody asked for it.
    pub(super) there: Brought,
    /// What stands in the volume in the way of something of another kind, and was brought by this watch.
    pub(super) in_the_way: Vec<VolumePath>,
    /// What this watch has brought and is no more on the host.
    pub(super) gone: Vec<VolumePath>,
}

/// A folder that the walk is in.
struct Open {
    host: PathBuf,
    /// Below the root.
    path: VolumePath,
    names: IntoIter<Vec<u8>>,
    /// What the volume has in it; nothing when it has no such folder.
    there: HashMap<Vec<u8>, Found>,
    /// Where the folder is in the plan.
    planned: Option<u32>,
}

/// Finds what differs. Blocks.
///
/// # Errors
/// [`ErrorKind::Conflict`] when the folder is not there any more, or looks like the place of a disk that is not; what
/// cannot be read; [`ErrorKind::Unsupported`] for too many files; and what `go_on` says.
pub(super) fn compare(tree: &Tree, comparison: &Comparison<'_>) -> Result<Difference> {
    check_root(comparison.root)?;
    let mut walk = Walk { tree, comparison, found: Difference::default(), open: Vec::new(), rules: Vec::new() };
    walk.enter(comparison.root.to_owned(), VolumePath::default(), None, true)?;
    while let Some(open) = walk.open.last_mut() {
        match open.names.next() {
            Some(name) => walk.look(&name)?,
            None => {
                walk.open.pop();
                walk.rules.pop();
            }
        }
    }
    let mut found = walk.found;
    if let Some(brought) = comparison.brought {
        found.gone = gone(tree, comparison, brought, &found)?;
    }
    Ok(found)
}

struct Walk<'a> {
    tree: &'a Tree,
    comparison: &'a Comparison<'a>,
    found: Difference,
    open: Vec<Open>,
    /// Those of the open folders.
    rules: Vec<Option<Gitignore>>,
}

impl Walk<'_> {
    /// `is_there`: whether the volume may have such a folder.
    fn enter(&mut self, host: PathBuf, path: VolumePath, planned: Option<u32>, is_there: bool) -> Result<()> {
        (self.comparison.go_on)()?;
        (self.comparison.enter)(&host);
        let place = self.comparison.place.join_path(&path);
        let there = if is_there && self.tree.is_folder(&place)? { self.tree.entries(&place)? } else { Vec::new() };
        let there = there.into_iter().map(|entry| (entry.name, entry.metadata)).collect();
        let names = match names_in(&host) {
            Ok(names) => names,
            // It went a moment ago; that will be heard.
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        self.rules.push(rules::of_folder(&host));
        self.open.push(Open { host, path, names: names.into_iter(), there, planned });
        Ok(())
    }

    /// Looks at one name in the innermost folder.
    fn look(&mut self, name: &[u8]) -> Result<()> {
        let Some(open) = self.open.last() else { return Ok(()) };
        let host = open.host.join(OsStr::from_bytes(name));
        let meta = match std::fs::symlink_metadata(&host) {
            Ok(meta) => meta,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(io_error("look at a watched file", &host, &error)),
        };
        // Devices, sockets and pipes are left alone, as an upload leaves them out.
        let Some((kind, size)) = kind_of(&meta) else { return Ok(()) };
        if self.comparison.rules.leave(&self.rules, &host, kind == Kind::Directory) {
            return Ok(());
        }
        // Refuses what is too long for a path in the volume.
        let path = VolumePath::from_bytes(open.path.join(name).as_bytes())?;
        let there = open.there.get(name).cloned();
        self.count(&path)?;
        let stands_in_the_way = there.as_ref().is_some_and(|found| {
            let is_folder = found.kind == FileKind::Directory;
            is_folder != (kind == Kind::Directory) && self.has_brought(&path)
        });
        if stands_in_the_way {
            self.found.in_the_way.push(self.comparison.place.join_path(&path));
        }
        let there = there.filter(|_| !stands_in_the_way);
        let is_same = match &there {
            Some(found) => self.is_same(kind, &meta, found, &host, &path)?,
            None => false,
        };
        let planned = if is_same { None } else { Some(self.plan(name, kind, size)?) };
        if kind == Kind::Directory {
            self.enter(host, path, planned, there.is_some())?;
        }
        Ok(())
    }

    fn count(&mut self, path: &VolumePath) -> Result<()> {
        self.found.files += 1;
        if self.found.files > MOST {
            let sentence = format!("{} has more than {MOST} files, folders and links.", self.comparison.root.display());
            return Err(Error::new(ErrorKind::Unsupported, sentence)
                .with_hint("Leave some of them out with patterns, or watch folders in it."));
        }
        if self.comparison.brought.is_some() {
            self.found.there.insert(path.as_bytes().to_vec());
        }
        Ok(())
    }

    fn has_brought(&self, path: &VolumePath) -> bool {
        self.comparison.brought.is_some_and(|brought| brought.contains(path.as_bytes()))
    }

    fn is_same(&self, kind: Kind, host: &Metadata, found: &Found, path: &Path, below: &VolumePath) -> Result<bool> {
        match (kind, found.kind) {
            (Kind::Directory, FileKind::Directory) => Ok(true),
            (Kind::File, FileKind::File) => Ok(found.size == host.len()
                && u32::from(found.mode & 0o7777) == host.mode() & 0o7777
                && is_same_time(host, found.mtime)),
            (Kind::Symlink, FileKind::Symlink) => {
                let target = std::fs::read_link(path).map_err(|e| io_error("read a watched link", path, &e))?;
                Ok(self.tree.read_link(&self.comparison.place.join_path(below))? == target.as_os_str().as_bytes())
            }
            _ => Ok(false),
        }
    }

    /// Has one thing copied, in the folders that it is in.
    fn plan(&mut self, name: &[u8], kind: Kind, size: u64) -> Result<u32> {
        let mut parent = None;
        // The root itself is not copied.
        for open in self.open.iter_mut().skip(1) {
            let index = match (open.planned, parent) {
                (Some(index), _) => index,
                (None, Some(_)) => {
                    let name = open.path.name().unwrap_or_default().to_vec();
                    self.found.plan.add(parent, name, Kind::Directory, 0)?
                }
                (None, None) => self.found.plan.add(None, whole(&open.host), Kind::Directory, 0)?,
            };
            (open.planned, parent) = (Some(index), Some(index));
        }
        let name = match parent {
            Some(_) => name.to_vec(),
            None => whole(&self.comparison.root.join(OsStr::from_bytes(name))),
        };
        self.found.plan.add(parent, name, kind, size)
    }
}

fn whole(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

/// A filesystem with small inodes keeps whole seconds only.
fn is_same_time(host: &Metadata, found: Timestamp) -> bool {
    let nanoseconds = u32::try_from(host.mtime_nsec()).unwrap_or_default();
    host.mtime() == found.seconds && (found.nanoseconds == nanoseconds || found.nanoseconds == 0)
}

fn check_root(root: &Path) -> Result<()> {
    let lost = |why: &str| {
        Error::new(ErrorKind::Conflict, format!("{} {why}.", root.display()))
            .with_hint("Nothing was changed in the volume; put the folder back, or stop watching it.")
    };
    match std::fs::symlink_metadata(root) {
        Ok(meta) if meta.is_dir() => Ok(()),
        Ok(_) => Err(lost("is not a folder any more")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(lost("is not there any more")),
        Err(error) => Err(io_error("look at the watched folder", root, &error)),
    }
}

/// What was brought and is no more on the host, the outermost folders of which nothing else is in.
fn gone(tree: &Tree, comparison: &Comparison<'_>, brought: &Brought, found: &Difference) -> Result<Vec<VolumePath>> {
    if found.files == 0 && !brought.is_empty() && names_in(comparison.root)?.is_empty() {
        let sentence =
            format!("{} is empty now, as where a disk belongs that is not there.", comparison.root.display());
        return Err(Error::new(ErrorKind::Conflict, sentence)
            .with_hint("Nothing was deleted in the volume; delete it there by hand if that is meant."));
    }
    let mut gone = Brought::new();
    for path in brought.difference(&found.there) {
        (comparison.go_on)()?;
        // What is only left alone by now was not deleted.
        let host = comparison.root.join(OsStr::from_bytes(path));
        if is_absent(&host)? {
            gone.insert(path.clone());
        }
    }
    let mut outermost: Vec<VolumePath> = Vec::new();
    // A folder comes before what is in it.
    for path in &gone {
        let below = VolumePath::from_bytes(path)?;
        let place = comparison.place.join_path(&below);
        let is_in_the_way = found.in_the_way.iter().any(|other| other.contains(&place));
        if outermost.iter().any(|folder| folder.contains(&place)) || is_in_the_way {
            continue;
        }
        if tree.find(&place)?.is_some() && is_all_gone(tree, &place, &below, &gone)? {
            outermost.push(place);
        }
    }
    Ok(outermost)
}

fn is_absent(host: &Path) -> Result<bool> {
    match std::fs::symlink_metadata(host) {
        Ok(_) => Ok(false),
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            Ok(true)
        }
        Err(error) => Err(io_error("look at a watched file", host, &error)),
    }
}

/// Whether a folder of the volume has nothing in it but what is gone on the host.
fn is_all_gone(tree: &Tree, place: &VolumePath, below: &VolumePath, gone: &Brought) -> Result<bool> {
    let mut left = vec![(place.clone(), below.clone())];
    while let Some((place, below)) = left.pop() {
        if !gone.contains(below.as_bytes()) {
            return Ok(false);
        }
        if tree.is_folder(&place)? {
            let names = tree.entries(&place)?.into_iter().map(|entry| entry.name);
            left.extend(names.map(|name| (place.join(&name), below.join(&name))));
        }
    }
    Ok(true)
}
