//! Removing: a name, an empty folder, a whole tree.

use std::collections::HashSet;

use crate::dir_entry;
use crate::filesystem::Filesystem;
use crate::inode::Inode;
use crate::layout::ROOT_INODE;
use crate::state::Core;
use crate::{Error, ErrorKind, Result};

/// Where folders are moved that are removed in several transactions, and what they are called there, before
/// the number of their inode.
const LOST_AND_FOUND: &[u8] = b"lost+found";
const REMOVED: &[u8] = b".cairn-removed-";

/// A folder that is being emptied.
struct Emptied {
    number: u32,
    /// Where it is named: the folder above, and the block of it.
    place: Option<(u32, u32)>,
    rest: Rest,
}

/// What is left of a folder that is being emptied.
#[derive(Default)]
struct Rest {
    /// The block to go on with.
    next: u32,
    /// The folders that the blocks before still name, as (block, inode).
    folders: Vec<(u32, u32)>,
}

impl Emptied {
    fn new(number: u32, place: Option<(u32, u32)>) -> Self {
        Self { number, place, rest: Rest::default() }
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

    /// Removes what is at `path` with everything below it, folder by folder from below. Before the first of
    /// several transactions the tree loses its place: a power cut leaves all of it or, for whoever looks, nothing.
    fn remove_tree(&mut self, path: &[u8]) -> Result<()> {
        let mut path = path.to_vec();
        let top = self.resolve(&path, false)?;
        if !top.is_directory() {
            return self.operate(|core| core.remove_name(&path));
        }
        let mut hidden = crate::path::split(&path)?.first() == Some(&LOST_AND_FOUND);
        let mut seen = HashSet::from([ROOT_INODE, top.number]);
        let mut under_way = vec![Emptied::new(top.number, None)];
        while let Some(folder) = under_way.last_mut() {
            if let Some((logical, child)) = folder.rest.folders.pop() {
                if !seen.insert(child) {
                    return Err(Error::corrupt("a folder can be reached in two ways"));
                }
                let place = (folder.number, logical);
                under_way.push(Emptied::new(child, Some(place)));
                continue;
            }
            let (number, next) = (folder.number, folder.rest.next);
            match self.operate(|core| core.empty_blocks(number, next))? {
                Some(rest) => folder.rest = rest,
                None => {
                    let place = folder.place;
                    under_way.pop();
                    match place {
                        Some(place) => self.operate(|core| core.remove_emptied(place, number))?,
                        None => self.operate(|core| core.remove_name(&path))?,
                    }
                }
            }
            if self.is_transaction_full() {
                if !std::mem::replace(&mut hidden, true) && !under_way.is_empty() {
                    path = self.hide(path, top.number)?;
                }
                self.commit()?;
            }
        }
        Ok(())
    }

    /// Moves a folder that is being removed to where [`finish_removals`](Self::finish_removals) looks for it; its
    /// path then. Where that cannot be it stays.
    fn hide(&mut self, path: Vec<u8>, number: u32) -> Result<Vec<u8>> {
        let place = [LOST_AND_FOUND, b"/", REMOVED, number.to_string().as_bytes()].concat();
        match self.operate(|core| core.move_name(&path, &place)) {
            Ok(()) => Ok(place),
            Err(error) if error.kind() == ErrorKind::Device => Err(error),
            Err(error) => {
                tracing::warn!(%error, "a folder is removed in its place");
                Ok(path)
            }
        }
    }

    /// Removes what a power cut has left of folders that were being removed.
    pub(crate) fn finish_removals(&mut self) -> Result<()> {
        let folder = match self.resolve(LOST_AND_FOUND, false) {
            Ok(folder) if folder.is_directory() => folder,
            _ => return Ok(()),
        };
        let mut left = Vec::new();
        let listed = (|| {
            for logical in 0..self.directory_blocks(&folder)? {
                self.for_each_entry(&folder, logical, &mut |_, record| {
                    let number = record.name.strip_prefix(REMOVED);
                    if number.is_some_and(|number| number == record.inode.to_string().as_bytes()) {
                        left.push([LOST_AND_FOUND, b"/", record.name].concat());
                    }
                    Ok(())
                })?;
            }
            Ok(())
        })();
        let finished = listed.and_then(|()| left.iter().try_for_each(|path| self.remove_tree(path)));
        match finished.and_then(|()| self.commit()) {
            // A damaged folder is no reason to keep everything else from being used.
            Err(error) if error.kind() != ErrorKind::Device => {
                tracing::warn!(%error, "what was left of a removed folder stays in lost+found");
                self.roll_back();
                Ok(())
            }
            finished => finished,
        }
    }

    /// Removes the files and links that some blocks of the folder `number`, from `first` on, name. Returns
    /// what is left to do, `None` behind the folder's end.
    fn empty_blocks(&mut self, number: u32, first: u32) -> Result<Option<Rest>> {
        let folder = self.inode(number)?;
        self.check_directory(&folder)?;
        let blocks = self.directory_blocks(&folder)?;
        if first >= blocks {
            return Ok(None);
        }
        // As many as are sure to fit into one transaction, each with a block of its own to change.
        let most = self.transaction_blocks() / 8;
        let (mut named, mut next) = (Vec::new(), first);
        while next < blocks && (next == first || named.len() < most) {
            self.for_each_entry(&folder, next, &mut |_, record| {
                named.push((record.inode, next));
                Ok(())
            })?;
            next += 1;
        }
        // An index names files in the order of their hashes; their inodes are met in order.
        named.sort_unstable();
        let mut folders = Vec::new();
        for (number, logical) in named.iter().copied() {
            let mut inode = self.inode(number)?;
            match inode.is_directory() {
                true => folders.push((logical, number)),
                false => self.unlink(&mut inode)?,
            }
        }
        folders.sort_unstable();
        for logical in first..next {
            self.retain_entries(&folder, logical, |inode| folders.binary_search(&(logical, inode)).is_ok())?;
        }
        Ok(Some(Rest { next, folders }))
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

    /// Removes what is at `path` with everything below it. A large tree is removed in several transactions;
    /// after a crash in between the next opening for writing finishes the rest, which has no place any more but
    /// in `lost+found`.
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
