//! Names of inodes: where files that changed are called what, and the paths of folders.
//!
//! An inode does not know its names. Those of files are found by reading the names in all folders, which are far
//! fewer bytes than the inodes; a folder knows the folder above it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::content::Flags;
use super::entries::{Entries, Entry, for_each_name};
use super::{Comparison, Side, is_folder};
use crate::inode::{FLAG_INLINE_DATA, Inode};
use crate::layout::ROOT_INODE;
use crate::state::Core;
use crate::{Error, FileKind, Result};
use crate::{dir_entry, inline_data};

/// The longest way up that is followed: no path of Linux has so many folders.
const DEEPEST: usize = 1 << 16;

/// The folder that a folder is in, and its name there.
pub(super) type Above = HashMap<u32, (u32, Vec<u8>)>;

impl Comparison<'_> {
    /// The names that files which changed have now, but for those that are new. An inode that became another file
    /// under the same name counts as such.
    pub(super) fn find_names(&mut self, flags: &BTreeMap<u32, Flags>, entries: &Entries) -> Result<Vec<Entry>> {
        let mut left: u64 = 0;
        let mut wanted = HashSet::new();
        for (number, pair) in &self.inodes {
            let Some(after) = pair.after.as_ref().filter(|_| pair.before.is_some()) else { continue };
            let folder = is_folder(after.kind());
            if pair.same().is_none() || (!folder && flags.contains_key(number)) {
                wanted.insert(*number);
                left += if folder { 1 } else { u64::from(after.i_links_count()) };
            }
        }
        let new: HashSet<&Entry> = entries.added.iter().filter(|entry| wanted.contains(&entry.inode)).collect();
        let mut found = Vec::new();
        left = left.saturating_sub(new.len() as u64);
        if left > 0 {
            self.search(&wanted, left, &new, &mut found)?;
        }
        Ok(found)
    }

    /// Reads the names in all folders until the names of all that is wanted are known.
    fn search(
        &mut self,
        wanted: &HashSet<u32>,
        mut left: u64,
        new: &HashSet<&Entry>,
        found: &mut Vec<Entry>,
    ) -> Result<()> {
        let folder_type = FileKind::Directory.entry_type();
        let mut seen = HashSet::from([ROOT_INODE]);
        let mut open = vec![ROOT_INODE];
        while let Some(number) = open.pop() {
            (self.go_on)()?;
            let folder = self.after.inode(number)?;
            let mut unknown = Vec::new();
            for logical in 0..self.after.directory_blocks(&folder)? {
                for_each_name(self.after, &folder, logical, &mut |name, inode, kind| {
                    if kind == folder_type {
                        open.extend(seen.insert(inode).then_some(inode));
                    } else if kind == 0 {
                        unknown.push(inode);
                    }
                    if wanted.contains(&inode) {
                        let entry = Entry { folder: number, name: name.to_vec(), inode };
                        if !new.contains(&entry) {
                            left = left.saturating_sub(1);
                            found.push(entry);
                        }
                    }
                    Ok(())
                })?;
                if left == 0 {
                    return Ok(());
                }
            }
            // Folders that do not tell what their entries are.
            for inode in unknown {
                if is_folder(self.after.inode(inode)?.kind()) {
                    open.extend(seen.insert(inode).then_some(inode));
                }
            }
        }
        Ok(())
    }
}

/// The path of an entry.
pub(super) fn path_of(core: &mut Core, above: &mut Above, entry: &Entry) -> Result<Vec<u8>> {
    let mut names = vec![entry.name.clone()];
    let mut folder = entry.folder;
    while folder != ROOT_INODE {
        if names.len() > DEEPEST {
            return Err(Error::corrupt("a folder contains itself"));
        }
        let (parent, name) = match above.get(&folder) {
            Some(known) => known.clone(),
            None => {
                let known = look_above(core, folder)?;
                above.insert(folder, known.clone());
                known
            }
        };
        names.push(name);
        folder = parent;
    }
    names.reverse();
    Ok(names.join(&b'/'))
}

/// The folder above a folder, and the folder's name in it.
fn look_above(core: &mut Core, number: u32) -> Result<(u32, Vec<u8>)> {
    let folder = core.inode(number)?;
    let parent = parent_of(core, &folder)?;
    let above = core.inode(parent)?;
    let mut found = None;
    for logical in 0..core.directory_blocks(&above)? {
        for_each_name(core, &above, logical, &mut |name, inode, _| {
            if inode == number && found.is_none() {
                found = Some(name.to_vec());
            }
            Ok(())
        })?;
        if let Some(name) = found.take() {
            return Ok((parent, name));
        }
    }
    Err(Error::corrupt(format!("the folder {number} is not in the folder above it")))
}

fn parent_of(core: &mut Core, folder: &Inode) -> Result<u32> {
    core.check_directory(folder)?;
    if folder.has_flag(FLAG_INLINE_DATA) {
        return Ok(inline_data::parent(folder));
    }
    let (_, block) = core.directory_block(folder, 0)?;
    for record in dir_entry::records(&block) {
        let record = record?;
        if record.name == b".." {
            return Ok(record.inode);
        }
    }
    Err(Error::corrupt(format!("the folder {} does not know the folder above it", folder.number)))
}

/// The names of folders among `entries`, so that they need not be searched.
pub(super) fn known_folders<'e>(
    comparison: &Comparison<'_>,
    side: Side,
    entries: impl Iterator<Item = &'e Entry>,
) -> Above {
    let is_known = |entry: &&Entry| {
        comparison.inodes.get(&entry.inode).is_some_and(|pair| {
            let inode = if side == Side::Before { &pair.before } else { &pair.after };
            inode.as_ref().is_some_and(Inode::is_directory)
        })
    };
    entries.filter(is_known).map(|entry| (entry.inode, (entry.folder, entry.name.clone()))).collect()
}
