//! Renaming, within a folder or from one to another, over what is there as POSIX has it.

use std::collections::HashSet;

use crate::dir_entry;
use crate::filesystem::Filesystem;
use crate::inode::{Inode, Time};
use crate::layout::ROOT_INODE;
use crate::state::Core;
use crate::{Error, ErrorKind, Result, Timestamp};

impl Core {
    /// Gives what is at `from` the name `to`.
    pub(crate) fn move_name(&mut self, from: &[u8], to: &[u8]) -> Result<()> {
        let (old_parent, old_name) = self.resolve_parent(from)?;
        let found = self.lookup(&old_parent, old_name)?.ok_or_else(crate::path::not_found)?;
        let mut inode = self.inode(found.inode)?;
        let (mut parent, name) = self.resolve_parent(to)?;
        let target = self.lookup(&parent, name)?;
        if let Some(target) = &target {
            if target.inode == inode.number {
                return Ok(());
            }
            let target = self.inode(target.inode)?;
            self.check_replaceable(&inode, &target)?;
        }
        let moves_folder = inode.is_directory() && parent.number != old_parent.number;
        if inode.is_directory() {
            self.check_outside(&inode, &parent)?;
        }
        if moves_folder {
            self.count_subfolder(&mut parent)?;
            self.point_up(&inode, &parent)?;
        }
        match target {
            Some(target) => self.relink(&mut parent, &target, &inode)?,
            None => self.link(&mut parent, name, &inode)?,
        }
        // The new entry may have moved the old one, and changed the folder that they share.
        let mut old_parent = self.inode(old_parent.number)?;
        let found = self.lookup(&old_parent, old_name)?.ok_or_else(crate::path::not_found)?;
        self.remove_entry(&old_parent, &found)?;
        if moves_folder {
            self.drop_subfolder(&mut old_parent);
        }
        self.touch_folder(&mut old_parent)?;
        inode.set_time(Time::Change, Timestamp::now());
        self.put_inode(&mut inode)
    }

    /// Refuses to put `inode` in the place of `target` where their kinds do not fit.
    fn check_replaceable(&mut self, inode: &Inode, target: &Inode) -> Result<()> {
        let refuse = |kind, why: &str| Err(Error::new(kind, why));
        match (inode.is_directory(), target.is_directory()) {
            (true, false) => refuse(ErrorKind::NotADirectory, "a folder cannot take the place of a file"),
            (false, true) => refuse(ErrorKind::IsADirectory, "a file cannot take the place of a folder"),
            (true, true) if !self.is_empty_folder(target)? => {
                refuse(ErrorKind::NotEmpty, "the folder with the new name is not empty")
            }
            _ => Ok(()),
        }
    }

    /// Refuses to move `folder` into `parent` when `parent` lies inside `folder`.
    fn check_outside(&mut self, folder: &Inode, parent: &Inode) -> Result<()> {
        let mut seen = HashSet::new();
        let mut here = parent.clone();
        while here.number != ROOT_INODE {
            if here.number == folder.number {
                let why = "a folder cannot be moved into itself";
                return Err(Error::new(ErrorKind::Invalid, why));
            }
            if !seen.insert(here.number) {
                return Err(Error::corrupt("the folders above form a circle"));
            }
            let above = self.lookup(&here, b"..")?;
            let above = above.ok_or_else(|| Error::corrupt("a folder does not know its parent"))?;
            here = self.inode(above.inode)?;
        }
        Ok(())
    }

    /// Points `..` of `folder` at `parent`.
    fn point_up(&mut self, folder: &Inode, parent: &Inode) -> Result<()> {
        let up = self.lookup(folder, b"..")?;
        let up = up.ok_or_else(|| Error::corrupt("a folder does not know its parent"))?;
        let block = self.edit(up.block, self.directory_kind(folder))?;
        dir_entry::replace(block, up.offset, parent.number, up.file_type);
        Ok(())
    }
}

impl Filesystem {
    /// Gives what is at `from` the name `to`, in place of a file or an empty folder that has it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Invalid`] for a folder that would move into itself;
    /// [`ErrorKind::NotADirectory`], [`ErrorKind::IsADirectory`] and [`ErrorKind::NotEmpty`] when `to` is
    /// taken by what cannot be replaced.
    pub fn rename(&self, from: &[u8], to: &[u8]) -> Result<()> {
        self.change(from, |core| core.move_name(from, to))
    }
}
