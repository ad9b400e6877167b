//! Removing: a name, an empty folder, a whole tree.

use std::collections::HashSet;

use crate::dir_entry;
use crate::filesystem::Filesystem;
use crate::inode::Inode;
use crate::layout::ROOT_INODE;
use crate::state::Core;
use crate::{Error, ErrorKind, Result};

/// A folder that is being emptied.
struct Emptied {
    number: u32,
    /// Where it is named: the folder above, and the block of it.
    place: Option<(u32, u32)>,
    /// The block that is emptied next, and the folders that the one before still names.
    next: u32,
    folders: Vec<u32>,
}

impl Emptied {
    fn new(number: u32, place: Option<(u32, u32)>) -> Self {
        Self { number, place, next: 0, folders: Vec::new() }
    }
}

impl Core {
    fn remove_name(&mut self, path: &[u8]) -> Result<()> {
        let (mut parent, name) = self.resolve_parent(path)?;
        let found = self.lookup(&parent, name)?.ok_or_else(crate::path::not_found)?;
        let mut inode = self.inode(found.inode)?;
        self.remove_entry(&parent, &found)?;
        if inode.is_directory() {
            self.check_directory(&inode)?;
            if !self.is_empty_folder(&inode)? {
                return Err(not_empty());
            }
            self.delete(&mut inode)?;
            self.drop_subfolder(&mut parent);
        } else {
            self.unlink(&mut inode)?;
        }
        self.touch_folder(&mut parent)
    }

    /// Removes what is at `path` with everything below it, folder by folder from below.
    fn remove_tree(&mut self, path: &[u8]) -> Result<()> {
        let top = self.resolve(path, false)?;
        if !top.is_directory() {
            return self.operate(|core| core.remove_name(path));
        }
        let mut seen = HashSet::from([ROOT_INODE, top.number]);
        let mut under_way = vec![Emptied::new(top.number, None)];
        while let Some(folder) = under_way.last_mut() {
            if let Some(child) = folder.folders.pop() {
                if !seen.insert(child) {
                    return Err(Error::corrupt("a folder can be reached in two ways"));
                }
                let place = (folder.number, folder.next - 1);
                under_way.push(Emptied::new(child, Some(place)));
                continue;
            }
            let (number, logical) = (folder.number, folder.next);
            match self.operate(|core| core.empty_block(number, logical))? {
                Some(folders) => {
                    folder.folders = folders;
                    folder.next += 1;
                }
                None => {
                    let place = folder.place;
                    under_way.pop();
                    match place {
                        Some(place) => self.operate(|core| core.remove_emptied(place, number))?,
                        None => self.operate(|core| core.remove_name(path))?,
                    }
                }
            }
            if self.is_transaction_full() {
                self.commit()?;
            }
        }
        Ok(())
    }

    /// Removes the files and links that block `logical` of the folder `number` names; the folders that it
    /// names, which are still there. `None` behind the folder's end.
    fn empty_block(&mut self, number: u32, logical: u32) -> Result<Option<Vec<u32>>> {
        let folder = self.inode(number)?;
        self.check_directory(&folder)?;
        if logical >= self.directory_blocks(&folder)? {
            return Ok(None);
        }
        let mut named = Vec::new();
        self.for_each_entry(&folder, logical, &mut |_, record| {
            named.push(record.inode);
            Ok(())
        })?;
        let mut folders = Vec::new();
        for number in named.iter().copied() {
            let mut inode = self.inode(number)?;
            match inode.is_directory() {
                true => folders.push(number),
                false => self.unlink(&mut inode)?,
            }
        }
        if folders.len() < named.len() {
            self.retain_entries(&folder, logical, |inode| folders.contains(&inode))?;
        }
        Ok(Some(folders))
    }

    /// Removes the folder `number`, which is empty by now, from block `place.1` of the folder `place.0`.
    fn remove_emptied(&mut self, place: (u32, u32), number: u32) -> Result<()> {
        let mut parent = self.inode(place.0)?;
        let mut folder = self.inode(number)?;
        self.retain_entries(&parent, place.1, |inode| inode != number)?;
        self.delete(&mut folder)?;
        self.drop_subfolder(&mut parent);
        self.touch_folder(&mut parent)
    }

    /// Drops the entries of block `logical` of `folder` whose inode `keep` does not want.
    fn retain_entries(&mut self, folder: &Inode, logical: u32, keep: impl Fn(u32) -> bool) -> Result<()> {
        let (physical, _) = self.directory_block(folder, logical)?;
        let block = self.edit(physical, self.directory_kind(folder))?;
        dir_entry::retain(block, |record| matches!(record.name, b"." | b"..") || keep(record.inode))
    }
}

impl Filesystem {
    /// Removes a file, a link or an empty folder.
    ///
    /// # Errors
    /// [`ErrorKind::NotEmpty`] for a folder with entries; [`ErrorKind::NotFound`].
    pub fn remove(&self, path: &[u8]) -> Result<()> {
        self.change(path, |core| core.remove_name(path))
    }

    /// Removes what is at `path` with everything below it. A large tree is removed in several
    /// transactions: after a crash in the middle what is left of it is whole.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Corrupt`] when a folder can be reached in two ways.
    pub fn remove_all(&self, path: &[u8]) -> Result<()> {
        crate::path::split_last(path)?;
        let mut core = self.lock()?;
        let removed = core.remove_tree(path).map_err(|error| error.at(path));
        // What was removed before an error stays removed.
        let settled = core.settle();
        removed.and(settled)
    }
}

fn not_empty() -> Error {
    Error::new(ErrorKind::NotEmpty, "the folder is not empty")
}
