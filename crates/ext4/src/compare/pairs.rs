//! Names that went and names that came, put together: renamed, replaced, changed, or really gone and new.

use std::collections::{BTreeMap, HashMap};

use super::content::Flags;
use super::entries::{Entries, Entry};
use super::inodes::Pair;
use super::names::{Above, known_folders, path_of};
use super::{Comparison, Difference, DifferenceKind, Side, Version};
use crate::inode::Inode;
use crate::layout::ROOT_INODE;
use crate::state::Core;
use crate::{Error, Result};

/// A name with its path and its inode.
struct Named {
    path: Vec<u8>,
    /// The folder's inode and the name in it, when the folder is the same on both sides.
    place: Option<(u32, Vec<u8>)>,
    inode: Inode,
}

/// Where a name stands: in a folder that lasted, whatever that is called now, or at a path.
#[derive(PartialEq, Eq, Hash)]
enum Place {
    In(u32, Vec<u8>),
    At(Vec<u8>),
}

impl Named {
    fn place(&self) -> Place {
        match &self.place {
            Some((folder, name)) => Place::In(*folder, name.clone()),
            None => Place::At(self.path.clone()),
        }
    }

    fn version(&self, core: &Core) -> Result<Version> {
        Ok(Version { path: self.path.clone(), metadata: core.metadata(&self.inode)? })
    }
}

impl Comparison<'_> {
    /// Makes differences of the `entries` that came and went, and of the `names` of what changed and kept them.
    pub(super) fn pair_up(
        mut self,
        mut entries: Entries,
        flags: &BTreeMap<u32, Flags>,
        names: Vec<Entry>,
    ) -> Result<Vec<Difference>> {
        let is_same = |entry: &Entry| self.inodes.get(&entry.inode).is_none_or(|pair| pair.same().is_some());
        let (names, replaced): (Vec<Entry>, Vec<Entry>) = names.into_iter().partition(is_same);
        entries.removed.extend(replaced.iter().cloned());
        entries.added.extend(replaced);
        let mut above_before = known_folders(&self, Side::Before, entries.removed.iter());
        let mut above_after = known_folders(&self, Side::After, entries.added.iter());
        let mut removed = self.named(Side::Before, &entries.removed, &mut above_before)?;
        let mut added = self.named(Side::After, &entries.added, &mut above_after)?;
        let mut found = Vec::new();

        // What kept its names.
        let kept = self.named(Side::After, &names, &mut above_after)?;
        for after in kept.into_iter().chain(self.changed_folders(flags, &entries, &mut above_after)?) {
            let Some(before) = self.inodes.get(&after.inode.number).and_then(|pair| pair.before.clone()) else {
                continue;
            };
            let flags = flags.get(&after.inode.number).copied().unwrap_or_default();
            // A folder above it may have been renamed; what it was called before is not searched for.
            let before = Named { path: after.path.clone(), place: None, inode: before };
            self.tell(DifferenceKind::Changed, Some(&before), Some(&after), flags, &mut found)?;
        }
        self.pair_by_inode(&mut removed, &mut added, flags, &mut found)?;
        self.pair_by_path(&mut removed, &mut added, &mut found)?;
        let none = Flags::default();
        for before in &removed {
            self.tell(DifferenceKind::Removed, Some(before), None, none, &mut found)?;
        }
        for after in &added {
            self.tell(DifferenceKind::Added, None, Some(after), none, &mut found)?;
        }
        Ok(found)
    }

    /// The same file went and came.
    fn pair_by_inode(
        &mut self,
        removed: &mut Vec<Named>,
        added: &mut Vec<Named>,
        flags: &BTreeMap<u32, Flags>,
        found: &mut Vec<Difference>,
    ) -> Result<()> {
        let mut gone: HashMap<u32, Vec<Named>> = HashMap::new();
        let mut rest = Vec::new();
        for named in removed.drain(..).rev() {
            // An inode that is not among those that differ is the same on both sides.
            match self.inodes.get(&named.inode.number).is_none_or(|pair| pair.same().is_some()) {
                true => gone.entry(named.inode.number).or_default().push(named),
                false => rest.push(named),
            }
        }
        let mut new = Vec::new();
        for after in added.drain(..) {
            let number = after.inode.number;
            let before = gone.get_mut(&number).and_then(|names| {
                // One that stayed at its path while the folders above were made anew was not renamed.
                let same = names.iter().position(|before| before.path == after.path);
                same.map(|index| names.remove(index)).or_else(|| names.pop())
            });
            let Some(before) = before else {
                new.push(after);
                continue;
            };
            let flags = flags.get(&number).copied().unwrap_or_default();
            if before.path != after.path {
                self.tell(DifferenceKind::Renamed, Some(&before), Some(&after), flags, found)?;
            } else if flags.any() {
                self.tell(DifferenceKind::Changed, Some(&before), Some(&after), flags, found)?;
            }
        }
        rest.extend(gone.into_values().flatten());
        (*removed, *added) = (rest, new);
        Ok(())
    }

    /// Another file took the place of one that went.
    fn pair_by_path(
        &mut self,
        removed: &mut Vec<Named>,
        added: &mut Vec<Named>,
        found: &mut Vec<Difference>,
    ) -> Result<()> {
        let mut places: HashMap<Place, Named> = HashMap::new();
        for named in removed.drain(..) {
            places.insert(named.place(), named);
        }
        let mut new = Vec::new();
        for after in added.drain(..) {
            match places.remove(&after.place()) {
                Some(before) if before.inode.kind() == after.inode.kind() => {
                    let flags = self.flags(&before.inode, &after.inode)?;
                    if flags.any() {
                        self.tell(DifferenceKind::Changed, Some(&before), Some(&after), flags, found)?;
                    }
                }
                Some(before) => {
                    places.insert(before.place(), before);
                    new.push(after);
                }
                None => new.push(after),
            }
        }
        *removed = places.into_values().collect();
        *added = new;
        Ok(())
    }

    /// Folders that changed themselves and kept their names.
    fn changed_folders(
        &mut self,
        flags: &BTreeMap<u32, Flags>,
        entries: &Entries,
        above: &mut Above,
    ) -> Result<Vec<Named>> {
        let mut found = Vec::new();
        let moved: std::collections::HashSet<u32> = entries.added.iter().map(|entry| entry.inode).collect();
        for number in flags.keys().filter(|number| !moved.contains(number)) {
            let Some((_, after)) = self.inodes.get(number).and_then(Pair::same) else { continue };
            if !after.is_directory() {
                continue;
            }
            let inode = after.clone();
            let path = match *number {
                ROOT_INODE => Vec::new(),
                folder => path_of(self.after, above, &Entry { folder, name: Vec::new(), inode: folder })?,
            };
            let path = path.strip_suffix(b"/").unwrap_or(&path).to_vec();
            found.push(Named { path, place: None, inode });
        }
        Ok(found)
    }

    /// The entries with their paths and inodes.
    fn named(&mut self, side: Side, entries: &[Entry], above: &mut Above) -> Result<Vec<Named>> {
        let mut found = Vec::with_capacity(entries.len());
        for entry in entries {
            let known = self.inodes.get(&entry.inode).and_then(|pair| match side {
                Side::Before => pair.before.clone(),
                Side::After => pair.after.clone(),
            });
            let core = self.side(side);
            let inode = known.map_or_else(|| core.inode(entry.inode), Ok)?;
            let path = path_of(core, above, entry)?;
            let lasting = self.inodes.get(&entry.folder).is_none_or(|pair| pair.same().is_some());
            let place = lasting.then(|| (entry.folder, entry.name.clone()));
            found.push(Named { path, place, inode });
        }
        Ok(found)
    }

    fn tell(
        &self,
        kind: DifferenceKind,
        before: Option<&Named>,
        after: Option<&Named>,
        flags: Flags,
        found: &mut Vec<Difference>,
    ) -> Result<()> {
        let Flags { content, metadata } = flags;
        let before = before.map(|named| named.version(self.before)).transpose()?;
        let after = after.map(|named| named.version(self.after)).transpose()?;
        if before.is_none() && after.is_none() {
            return Err(Error::corrupt("a difference without sides"));
        }
        found.push(Difference { kind, before, after, content, metadata });
        Ok(())
    }
}
