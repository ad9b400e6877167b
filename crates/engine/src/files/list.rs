//! Listing: what is in a folder, or everything whose path begins in some way, in the order of the paths.

use std::cmp::Ordering;
use std::vec::IntoIter;

use cairn_ext4::{DirEntry, FileKind};

use super::path::VolumePath;
use super::staging;
use super::tree::Tree;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{FileEntry, ListFiles};

/// The folder at the root in which a repair puts what it finds.
const LOST_AND_FOUND: &[u8] = b"lost+found";

/// So many more than will be told are gathered at least before the last of them are let go.
const LEAST_ROOM: usize = 16;

/// Lists as asked.
///
/// The prefix of an object store and a folder's name are both understood: the name of a folder lists what is
/// in it; anything else lists what begins so. Paths come in the order of their bytes, and nothing is read
/// beyond the limit, nor of folders that come before what is to come `after`.
pub(crate) fn list(tree: &Tree, wanted: &ListFiles, after: Option<VolumePath>) -> Result<Vec<(VolumePath, FileEntry)>> {
    let limit = wanted.limit.unwrap_or(usize::MAX);
    let mut found = Vec::new();
    let Some(mut walk) = Walk::begin(tree, wanted, after)? else { return Ok(found) };
    while found.len() < limit
        && let Some((path, entry)) = walk.next()?
    {
        let entry = tree.entry(&path, &entry.metadata)?;
        found.push((path, entry));
    }
    Ok(found)
}

/// A walk in the order of paths. Folders are read when the walk gets to them.
struct Walk<'a> {
    tree: &'a Tree,
    recursive: bool,
    /// Only what comes behind it is told.
    after: Option<VolumePath>,
    /// No more is told.
    limit: usize,
    folders: Vec<Open>,
}

/// A folder that the walk is in.
struct Open {
    path: VolumePath,
    inode: u32,
    steps: IntoIter<Step>,
}

/// What comes next in a folder.
enum Step {
    /// Tell of an entry.
    Tell(DirEntry),
    /// Go into a folder.
    Enter { name: Vec<u8>, inode: u32 },
}

impl Step {
    /// Which comes first. What is in a folder comes where its paths belong: after 'a.txt', because '.' is less than '/'.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Tell(one), Self::Tell(other)) => one.name.cmp(&other.name),
            _ => self.key().cmp(other.key()),
        }
    }

    fn key(&self) -> impl Iterator<Item = u8> {
        let (name, end): (_, &[u8]) = match self {
            Self::Tell(entry) => (&entry.name, b""),
            Self::Enter { name, .. } => (name, b"/"),
        };
        name.iter().chain(end).copied()
    }
}

impl<'a> Walk<'a> {
    fn begin(tree: &'a Tree, wanted: &ListFiles, after: Option<VolumePath>) -> Result<Option<Self>> {
        let ListFiles { prefix, recursive, .. } = wanted;
        let limit = wanted.limit.unwrap_or(usize::MAX);
        let path = VolumePath::parse(prefix)?;
        let (folder, beginning) = match (tree.is_folder(&path)?, path.parent(), path.name()) {
            (true, _, _) => (path, Vec::new()),
            // With a slash at its end it can only be a folder, and there is none.
            (false, Some(parent), Some(name)) if !prefix.ends_with('/') => {
                let name = name.to_vec();
                (parent, name)
            }
            _ => return Ok(None),
        };
        let Some(metadata) = tree.find(&folder)?.filter(|found| found.kind == FileKind::Directory) else {
            return Ok(None);
        };
        let mut walk = Self { tree, recursive: *recursive, after, limit, folders: Vec::new() };
        walk.enter(folder, metadata.inode, &beginning)?;
        Ok(Some(walk))
    }

    fn next(&mut self) -> Result<Option<(VolumePath, DirEntry)>> {
        while let Some(open) = self.folders.last_mut() {
            match open.steps.next() {
                Some(Step::Tell(entry)) => return Ok(Some((open.path.join(&entry.name), entry))),
                Some(Step::Enter { name, inode }) => {
                    let path = open.path.join(&name);
                    self.enter(path, inode, b"")?;
                }
                None => drop(self.folders.pop()),
            }
        }
        Ok(None)
    }

    fn enter(&mut self, path: VolumePath, inode: u32, beginning: &[u8]) -> Result<()> {
        if self.folders.iter().any(|open| open.inode == inode) {
            return Err(Error::new(ErrorKind::Corrupt, format!("The folder '{path}' contains itself."))
                .with_hint("The filesystem is damaged; go back to a checkpoint."));
        }
        let mut steps: Vec<Step> = Vec::new();
        let tree = self.tree;
        tree.for_each_entry(&path, |entry| {
            if !entry.name.starts_with(beginning) || is_hidden(tree, &path, &entry)? {
                return Ok(());
            }
            let is_entered = self.recursive && entry.kind == FileKind::Directory;
            if is_entered && self.has_some_behind(&path.join(&entry.name)) {
                steps.push(Step::Enter { name: entry.name.clone(), inode: entry.inode });
            }
            if self.after.as_ref().is_none_or(|after| path.join(&entry.name) > *after) {
                steps.push(Step::Tell(entry));
            }
            self.forget_the_last(&mut steps);
            Ok(())
        })?;
        steps.sort_unstable_by(Step::cmp);
        self.folders.push(Open { path, inode, steps: steps.into_iter() });
        Ok(())
    }

    /// Lets go of what comes too late in a folder to be told, so that a page of a large one takes a page's memory. In a walk
    /// through folders nobody knows: those that come first may be empty.
    fn forget_the_last(&self, steps: &mut Vec<Step>) {
        let room = (self.limit / 4).max(LEAST_ROOM);
        if !self.recursive && self.limit > 0 && steps.len() >= self.limit.saturating_add(room) {
            steps.select_nth_unstable_by(self.limit - 1, Step::cmp);
            steps.truncate(self.limit);
        }
    }

    /// Whether anything in a folder may come behind what was told: what is in it begins with its path and a slash.
    fn has_some_behind(&self, folder: &VolumePath) -> bool {
        let Some(after) = &self.after else { return true };
        let beginning = [folder.as_bytes(), b"/"].concat();
        after.as_bytes().starts_with(&beginning) || beginning.as_slice() > after.as_bytes()
    }
}

/// Whether a path is nobody's business in a list of what differs: the folder of a repair, and what an upload stages.
pub(crate) fn is_hidden_name(path: &str) -> bool {
    let name = path.split('/').next().unwrap_or_default().as_bytes();
    path.as_bytes() == LOST_AND_FOUND || staging::is_staging(name)
}

/// Whether an entry is nobody's business: an empty `lost+found`, and what an upload is staging.
pub(super) fn is_hidden(tree: &Tree, folder: &VolumePath, entry: &DirEntry) -> Result<bool> {
    if !folder.is_root() || entry.kind != FileKind::Directory {
        return Ok(false);
    }
    let is_empty = || Ok(tree.entries(&folder.join(&entry.name))?.is_empty());
    match &*entry.name {
        LOST_AND_FOUND => is_empty(),
        name => Ok(staging::is_staging(name)),
    }
}
