//! Paths: byte strings from the root of the volume, taken apart and followed, never leaving it.
//!
//! A caller's path has no `.` and no `..`. A link's target may have both; `..` at the root stays there, so
//! nothing in a volume can point outside it.

use crate::dir_entry::NAME_MAX;
use crate::inode::Inode;
use crate::layout::ROOT_INODE;
use crate::state::Core;
use crate::{Error, ErrorKind, FileKind, Result};

/// Links followed on the way to one file before the path counts as a loop (as many as Linux follows).
const MAX_LINKS: usize = 40;

/// The names of `path`, which is relative to the root, with or without a `/` in front.
pub(crate) fn split(path: &[u8]) -> Result<Vec<&[u8]>> {
    let relative = path.strip_prefix(b"/").unwrap_or(path);
    if relative.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&[u8]> = relative.split(|b| *b == b'/').collect();
    names.iter().try_for_each(|name| check_name(name)).map_err(|e| e.at(path))?;
    Ok(names)
}

/// The names of the folder that holds `path`, and the last name. Refuses the root.
pub(crate) fn split_last(path: &[u8]) -> Result<(Vec<&[u8]>, &[u8])> {
    let mut names = split(path)?;
    match names.pop() {
        Some(name) => Ok((names, name)),
        None => Err(Error::new(ErrorKind::Invalid, "the root folder itself cannot be changed so")),
    }
}

/// Refuses what cannot be a name.
pub(crate) fn check_name(name: &[u8]) -> Result<()> {
    let refuse = |why| Err(Error::new(ErrorKind::InvalidName, why));
    match name {
        b"" => refuse("a name in the path is empty"),
        b"." | b".." => refuse("a path may not contain . or .."),
        name if name.contains(&0) => refuse("a name may not contain a NUL byte"),
        name if name.len() > NAME_MAX => Err(Error::new(ErrorKind::NameTooLong, "a name may have at most 255 bytes")),
        _ => Ok(()),
    }
}

impl Core {
    /// The inode at `path`; a link at its end is followed only when `follow` says so.
    pub(crate) fn resolve(&mut self, path: &[u8], follow: bool) -> Result<Inode> {
        let names = split(path)?;
        self.follow(&names, follow).map_err(|e| e.at(path))
    }

    /// The folder that holds `path`, and the last name of `path`.
    pub(crate) fn resolve_parent<'p>(&mut self, path: &'p [u8]) -> Result<(Inode, &'p [u8])> {
        let (names, last) = split_last(path)?;
        let parent = self.follow(&names, true).map_err(|e| e.at(path))?;
        match parent.is_directory() {
            true => Ok((parent, last)),
            false => Err(not_a_directory().at(path)),
        }
    }

    /// Walks down from the root by `names`.
    fn follow(&mut self, names: &[&[u8]], follow_last: bool) -> Result<Inode> {
        // What is still to be walked, the next name last; and the folders on the way down from the root.
        let mut left: Vec<Vec<u8>> = names.iter().rev().map(|name| name.to_vec()).collect();
        let mut above: Vec<Inode> = Vec::new();
        let mut here = self.inode(ROOT_INODE)?;
        let mut links = 0;
        while let Some(name) = left.pop() {
            if !here.is_directory() {
                return Err(not_a_directory());
            }
            if name == b".." {
                here = above.pop().unwrap_or(here);
                continue;
            }
            let next = self.lookup(&here, &name)?.ok_or_else(not_found)?;
            let next = self.inode(next.inode)?;
            if next.kind() != Some(FileKind::Symlink) || (left.is_empty() && !follow_last) {
                above.push(std::mem::replace(&mut here, next));
                continue;
            }
            links += 1;
            if links > MAX_LINKS {
                return Err(Error::new(ErrorKind::SymlinkLoop, "the path runs in a circle of links"));
            }
            let target = self.link_target(&next)?;
            if target.starts_with(b"/") {
                above.truncate(1);
                here = above.pop().unwrap_or(here);
            }
            let steps = target.split(|b| *b == b'/').filter(|n| !n.is_empty() && *n != b".");
            let steps: Vec<Vec<u8>> = steps.map(<[u8]>::to_vec).collect();
            left.extend(steps.into_iter().rev());
        }
        Ok(here)
    }
}

/// Nothing has that name.
pub(crate) fn not_found() -> Error {
    Error::new(ErrorKind::NotFound, "there is no such file or folder")
}

/// A folder was needed.
pub(crate) fn not_a_directory() -> Error {
    Error::new(ErrorKind::NotADirectory, "a part of the path is not a folder")
}
