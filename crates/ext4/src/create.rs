//! Making folders, links and second names, and changing attributes.

use crate::block_kind::BlockKind;
use crate::dir_entry;
use crate::extent::Extent;
use crate::extent_tree::clear_root;
use crate::filesystem::Filesystem;
use crate::inode::{Inode, LINK_MAX, Time};
use crate::path;
use crate::read::FAST_LINK;
use crate::state::Core;
use crate::{AttributeChanges, Attributes, Error, ErrorKind, FileKind, Result, Timestamp};

impl Core {
    fn make_folder(&mut self, path: &[u8], attributes: &Attributes) -> Result<()> {
        let (mut parent, name) = self.resolve_parent(path)?;
        if self.lookup(&parent, name)?.is_some() {
            return Err(already_exists());
        }
        self.count_subfolder(&mut parent)?;
        let mut folder = self.new_inode(&parent, FileKind::Directory, attributes)?;
        folder.set_i_links_count(2);
        let start = self.allocate_metadata(self.metadata_goal(&folder))?;
        let kind = self.directory_kind(&folder);
        let checksums = kind != BlockKind::Plain;
        let block = self.fresh(start, kind)?;
        dir_entry::start_folder(block, folder.number, parent.number, checksums);
        self.insert_extent(&mut folder, Extent { logical: 0, len: 1, start, unwritten: false })?;
        folder.set_size(self.layout.block_size as u64);
        self.put_inode(&mut folder)?;
        self.link(&mut parent, name, &folder)
    }

    fn make_link(&mut self, target: &[u8], path: &[u8], attributes: &Attributes) -> Result<()> {
        let (mut parent, name) = self.resolve_parent(path)?;
        if self.lookup(&parent, name)?.is_some() {
            return Err(already_exists());
        }
        let mut link = self.new_inode(&parent, FileKind::Symlink, attributes)?;
        if target.len() as u64 <= FAST_LINK {
            if let Some(place) = link.i_block_mut().get_mut(..target.len()) {
                place.copy_from_slice(target);
            }
        } else {
            clear_root(&mut link);
            let start = self.allocate_metadata(self.metadata_goal(&link))?;
            let block = self.fresh(start, BlockKind::Plain)?;
            if let Some(place) = block.get_mut(..target.len()) {
                place.copy_from_slice(target);
            }
            self.insert_extent(&mut link, Extent { logical: 0, len: 1, start, unwritten: false })?;
        }
        link.set_size(target.len() as u64);
        self.put_inode(&mut link)?;
        self.link(&mut parent, name, &link)
    }

    /// Gives what is at `original` one more name.
    fn add_name(&mut self, original: &[u8], path: &[u8]) -> Result<()> {
        let mut inode = self.resolve(original, false)?;
        if inode.is_directory() {
            return Err(Error::new(ErrorKind::IsADirectory, "a folder cannot have a second name").at(original));
        }
        let (mut parent, name) = self.resolve_parent(path)?;
        if self.lookup(&parent, name)?.is_some() {
            return Err(already_exists());
        }
        if inode.i_links_count() >= LINK_MAX {
            let why = format!("it has {LINK_MAX} names, as many as ext4 can count");
            return Err(Error::new(ErrorKind::TooManyLinks, why).at(original));
        }
        inode.set_i_links_count(inode.i_links_count() + 1);
        inode.set_time(Time::Change, Timestamp::now());
        self.put_inode(&mut inode)?;
        self.link(&mut parent, name, &inode)
    }

    fn change_attributes(&mut self, path: &[u8], changes: &AttributeChanges) -> Result<()> {
        let mut inode: Inode = self.resolve(path, false)?;
        if let Some(mode) = changes.mode {
            inode.set_i_mode(inode.i_mode() & 0xF000 | mode & 0xFFF);
            self.follow_mode(&mut inode)?;
        }
        let (uid, gid) = (inode.uid(), inode.gid());
        inode.set_owner(changes.uid.unwrap_or(uid), changes.gid.unwrap_or(gid));
        for (which, time) in [(Time::Access, changes.atime), (Time::Modify, changes.mtime)] {
            if let Some(time) = time {
                inode.set_time(which, time);
            }
        }
        inode.set_time(Time::Change, Timestamp::now());
        self.put_inode(&mut inode)
    }
}

impl Filesystem {
    /// Makes a folder.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] when the name is taken, by whatever; [`ErrorKind::NotFound`] when the
    /// folder above is missing; [`ErrorKind::NoSpace`]; the kinds of a commit.
    pub fn mkdir(&self, path: &[u8], attributes: &Attributes) -> Result<()> {
        self.change(path, |core| core.make_folder(path, attributes))
    }

    /// Makes a folder and every folder above it that is missing; nothing happens when it exists.
    ///
    /// # Errors
    /// [`ErrorKind::NotADirectory`] when a part of the path is something else.
    pub fn mkdir_all(&self, path: &[u8], attributes: &Attributes) -> Result<()> {
        let names = path::split(path)?;
        self.change(path, |core| {
            for count in 1..=names.len() {
                let above = names.get(..count).unwrap_or_default().join(&b'/');
                match core.resolve(&above, true) {
                    Ok(found) if found.is_directory() => {}
                    Ok(_) => return Err(path::not_a_directory()),
                    Err(error) if error.kind() == ErrorKind::NotFound => {
                        core.make_folder(&above, attributes)?;
                    }
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        })
    }

    /// Makes a symbolic link at `path` that says `target`, whatever that is.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`]; [`ErrorKind::NameTooLong`] for a target that does not fit into a
    /// block; [`ErrorKind::InvalidName`] for one that is empty or has a NUL in it.
    pub fn symlink(&self, target: &[u8], path: &[u8], attributes: &Attributes) -> Result<()> {
        if target.is_empty() || target.contains(&0) {
            let why = "a link's target may be neither empty nor contain a NUL byte";
            return Err(Error::new(ErrorKind::InvalidName, why).at(path));
        }
        self.change(path, |core| {
            if target.len() >= core.layout.block_size.min(4096) {
                return Err(Error::new(ErrorKind::NameTooLong, "the link's target is too long"));
            }
            core.make_link(target, path, attributes)
        })
    }

    /// Gives the file, link or special file at `original` a second name, `path`: a hard link. A symbolic link
    /// itself gets it, not its target.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`]; [`ErrorKind::IsADirectory`] when `original` is a folder;
    /// [`ErrorKind::TooManyLinks`] when it has 65,000 names already.
    pub fn hard_link(&self, original: &[u8], path: &[u8]) -> Result<()> {
        self.change(path, |core| core.add_name(original, path))
    }

    /// Changes permissions, owner or times of what is at `path`; a link itself is changed, not its target.
    ///
    /// # Errors
    /// The kinds of a path and of a commit.
    pub fn set_attributes(&self, path: &[u8], changes: &AttributeChanges) -> Result<()> {
        self.change(path, |core| core.change_attributes(path, changes))
    }
}

/// The name is taken.
pub(crate) fn already_exists() -> Error {
    Error::new(ErrorKind::AlreadyExists, "something has that name already")
}
