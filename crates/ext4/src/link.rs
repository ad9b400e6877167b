//! Names and inodes: what creating, replacing and removing a name have in common.

use crate::dir_insert::NewEntry;
use crate::dir_lookup::Found;
use crate::extent_tree::clear_root;
use crate::features;
use crate::inode::{Inode, LINK_MAX, Time};
use crate::state::Core;
use crate::{Attributes, Error, ErrorKind, FileKind, Result, Timestamp};

impl Core {
    /// Takes a free inode for something new in the folder `parent`; not stored yet.
    pub(crate) fn new_inode(&mut self, parent: &Inode, kind: FileKind, attributes: &Attributes) -> Result<Inode> {
        let directory = kind == FileKind::Directory;
        let number = self.allocate_inode(parent.number, directory)?;
        let now = Timestamp::now();
        let mut inode = Inode::new(number, kind, attributes, now, &self.layout);
        inode.set_i_generation(self.next_generation());
        if kind != FileKind::Symlink {
            clear_root(&mut inode);
        }
        Ok(inode)
    }

    /// A number that tells a new inode from the one that had its place before.
    fn next_generation(&mut self) -> u32 {
        self.generation = self.generation.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.generation
    }

    /// Gives `inode` the name `name` in `parent`, and stores the changed folder.
    pub(crate) fn link(&mut self, parent: &mut Inode, name: &[u8], inode: &Inode) -> Result<()> {
        let file_type = inode.kind().map_or(0, FileKind::entry_type);
        self.add_entry(parent, NewEntry { name, inode: inode.number, file_type })?;
        self.touch_folder(parent)
    }

    /// Records that the entries of a folder changed, and stores it.
    pub(crate) fn touch_folder(&mut self, folder: &mut Inode) -> Result<()> {
        let now = Timestamp::now();
        folder.set_time(Time::Modify, now);
        folder.set_time(Time::Change, now);
        self.put_inode(folder)
    }

    /// Takes one name away from `inode`, which is not a folder; without a name it is deleted.
    pub(crate) fn unlink(&mut self, inode: &mut Inode) -> Result<()> {
        let links = inode.i_links_count().saturating_sub(1);
        if links == 0 {
            return self.delete(inode);
        }
        inode.set_i_links_count(links);
        inode.set_time(Time::Change, Timestamp::now());
        self.put_inode(inode)
    }

    /// Deletes an inode with everything that it has; one that is too long for that at once becomes an orphan.
    pub(crate) fn delete(&mut self, inode: &mut Inode) -> Result<()> {
        if self.is_long(inode, inode.blocks(&self.layout)) {
            inode.set_i_links_count(0);
            return self.add_orphan(inode);
        }
        self.free_content(inode)?;
        self.free_inode(inode, Timestamp::now())
    }

    /// Points the entry `found` in `parent` at `inode` and takes the name away from what it named before.
    pub(crate) fn relink(&mut self, parent: &mut Inode, found: &Found, inode: &Inode) -> Result<()> {
        let file_type = inode.kind().map_or(0, FileKind::entry_type);
        let mut old = self.inode(found.inode)?;
        self.replace_entry(parent, found, inode.number, file_type)?;
        if old.is_directory() {
            self.delete(&mut old)?;
            self.drop_subfolder(parent);
        } else {
            self.unlink(&mut old)?;
        }
        self.touch_folder(parent)
    }

    /// Counts one sub-folder more in `folder`, which the caller stores.
    pub(crate) fn count_subfolder(&self, folder: &mut Inode) -> Result<()> {
        let many = self.layout.features.has_ro_compat(features::RO_DIR_NLINK);
        let links = match folder.i_links_count() {
            // More than can be counted.
            1 => 1,
            LINK_MAX.. if !many => {
                let why = "the folder has as many sub-folders as it can count";
                return Err(Error::new(ErrorKind::TooManyLinks, why));
            }
            LINK_MAX.. => 1,
            links => links + 1,
        };
        folder.set_i_links_count(links);
        Ok(())
    }

    /// Counts one sub-folder less in `folder`, which the caller stores.
    pub(crate) fn drop_subfolder(&self, folder: &mut Inode) {
        if folder.i_links_count() > 2 {
            folder.set_i_links_count(folder.i_links_count() - 1);
        }
    }

    /// Whether the folder has no entries.
    pub(crate) fn is_empty_folder(&mut self, folder: &Inode) -> Result<bool> {
        let mut empty = true;
        for logical in 0..self.directory_blocks(folder)? {
            self.for_each_entry(folder, logical, &mut |_, _| {
                empty = false;
                Ok(())
            })?;
            if !empty {
                break;
            }
        }
        Ok(empty)
    }
}
