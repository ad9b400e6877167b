//! Whether every folder hangs below the root, everything in use has a name, and names are counted rightly.

use std::collections::HashSet;

use super::{Check, Place, Problem};
use crate::FileKind;
use crate::features;
use crate::layout::ROOT_INODE;

/// A folder with more folders in it than this may say that it has one name.
const MANY_LINKS: u32 = 65_000;

impl Check {
    /// Looks at parents, reachability and counts of names.
    pub(super) fn check_tree(&mut self) {
        self.check_parents();
        self.check_reachable();
        self.check_links();
    }

    fn check_parents(&mut self) {
        let folder = FileKind::Directory.entry_type();
        let folders: Vec<(u32, u32, u32)> =
            self.inodes.iter().filter(|k| k.kind == folder).map(|k| (k.number, k.parent, k.up)).collect();
        for (number, parent, up) in folders {
            let parent = if number == ROOT_INODE { ROOT_INODE } else { parent };
            if up != 0 && parent != 0 && up != parent {
                let message = format!("the folder's .. points at inode {up}, but it lies in the folder {parent}");
                self.damage(Place::Inode(number), Problem::Entry, message);
            }
            if let Some(above) = self.folder(parent).filter(|_| number != ROOT_INODE) {
                above.found = above.found.saturating_add(1);
            }
        }
    }

    /// Follows every folder's parents up to the root, or to one whose way is known.
    fn check_reachable(&mut self) {
        let mut reached: HashSet<u32> = HashSet::from([ROOT_INODE]);
        let mut lost: HashSet<u32> = HashSet::new();
        let folders: Vec<u32> = self.inodes.iter().filter(|known| known.is_directory()).map(|k| k.number).collect();
        for number in folders {
            let (mut way, mut here) = (Vec::new(), number);
            let mut seen = HashSet::new();
            let arrives = loop {
                if reached.contains(&here) {
                    break true;
                }
                if lost.contains(&here) || !seen.insert(here) {
                    break false;
                }
                way.push(here);
                match self.folder(here).map(|known| known.parent) {
                    Some(parent @ 1..) => here = parent,
                    _ => break false,
                }
            };
            if !arrives && !self.orphans.contains(&number) {
                let message = "the folder cannot be reached from the root";
                self.grave(Place::Inode(number), Problem::Unreachable, message);
            }
            if arrives { reached.extend(way) } else { lost.extend(way) }
        }
    }

    fn check_links(&mut self) {
        let superblock = &self.core.superblock;
        // Files that the filesystem keeps for itself outside the reserved inodes have no names.
        let own = [superblock.s_orphan_file_inum(), superblock.s_prj_quota_inum(), superblock.s_journal_inum()];
        let many = self.core.layout.features.has_ro_compat(features::RO_DIR_NLINK);
        for index in 0..self.inodes.len() {
            let Some(known) = self.inodes.get(index).cloned() else { break };
            let place = Place::Inode(known.number);
            if own.contains(&known.number) || self.orphans.contains(&known.number) {
                continue;
            }
            if self.holds_value(known.number) {
                if known.found > 0 {
                    self.damage(place, Problem::Entry, "it holds a value of an attribute, and has a name");
                }
                continue;
            }
            let links = u32::from(known.links);
            if !known.is_directory() && known.found == 0 {
                self.damage(place, Problem::Unreachable, "it is in use and has no name");
                continue;
            }
            let expected = if known.is_directory() { known.found + 2 } else { known.found };
            let uncounted = known.is_directory() && many && links == 1 && expected >= MANY_LINKS;
            if links != expected && !uncounted {
                let message = format!("it says that it has {links} names, in truth it has {expected}");
                self.damage(place, Problem::LinkCount, message);
            }
        }
    }
}
