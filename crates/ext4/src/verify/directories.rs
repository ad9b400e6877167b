//! Every folder: its records, `.` and `..`, the names, what they point at.

use std::collections::HashSet;

use super::index::Leaves;
use super::{Check, Known, Place, Problem};
use crate::dir_entry::{self, Record};
use crate::features;
use crate::inode::{FLAG_ENCRYPT, FLAG_INLINE_DATA, Inode};
use crate::layout::ROOT_INODE;
use crate::{FileKind, Result};

/// The names that were seen in one block.
#[derive(Default)]
pub(super) struct Names<'b>(HashSet<&'b [u8]>);

impl Check {
    /// Looks at every folder.
    pub(super) fn check_directories(&mut self) -> Result<()> {
        let folders: Vec<u32> = self.inodes.iter().filter(|known| known.is_directory()).map(|k| k.number).collect();
        for number in folders {
            let inode = self.core.raw_inode(number);
            // A wrong checksum was found before.
            match inode {
                Ok(inode) if inode.has_flag(FLAG_INLINE_DATA) => self.check_inside_directory(&inode)?,
                Ok(inode) => self.check_directory(&inode)?,
                Err(error) if error.kind() == crate::ErrorKind::Device => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn check_directory(&mut self, dir: &Inode) -> Result<()> {
        let place = Place::Inode(dir.number);
        let blocks = self.core.directory_blocks(dir);
        let Some(blocks) = self.tolerate(blocks, place, Problem::Entry)? else { return Ok(()) };
        if u64::from(blocks) > self.budget {
            self.grave(place, Problem::Entry, "the folders have more blocks than the filesystem");
            return Ok(());
        }
        self.budget -= u64::from(blocks);
        let leaves = match self.core.is_indexed(dir) {
            true => self.check_index(dir, blocks)?,
            false => None,
        };
        let typed = self.core.layout.features.has_incompat(features::INCOMPAT_FILETYPE);
        let folder = if typed { FileKind::Directory.entry_type() } else { 0 };
        let (mut dot, mut up) = (false, 0);
        for logical in 0..blocks {
            let block = self.core.directory_block(dir, logical);
            let Some((_, block)) = self.tolerate(block, place, Problem::Entry)? else { continue };
            let mut names = Names::default();
            for (index, record) in dir_entry::records(&block).enumerate() {
                let Some(record) = self.tolerate(record, place, Problem::Entry)? else { break };
                if logical == 0 && index == 0 {
                    dot = record.name == b"." && record.inode == dir.number && record.file_type == folder;
                } else if logical == 0 && index == 1 {
                    let fits = record.name == b".." && record.file_type == folder;
                    up = if fits { record.inode } else { 0 };
                } else if record.inode != 0 {
                    self.check_name(dir, &record, &mut names);
                    self.check_hash(dir, leaves.as_ref(), logical, record.name);
                }
            }
        }
        if !dot {
            self.damage(place, Problem::Entry, "the folder's first entry is not . for itself");
        }
        if up == 0 {
            self.damage(place, Problem::Entry, "the folder's second entry is not .. for its parent");
        }
        if let Some(known) = self.known(dir.number) {
            known.up = up;
        }
        Ok(())
    }

    /// Looks at one name of the folder and at what it points at.
    pub(super) fn check_name<'b>(&mut self, dir: &Inode, record: &Record<'b>, names: &mut Names<'b>) {
        if !names.0.insert(record.name) {
            let message = format!("the name {} stands twice", shown(record.name));
            self.damage(Place::Inode(dir.number), Problem::Entry, message);
        }
        self.check_entry(dir, record);
    }

    fn check_entry(&mut self, dir: &Inode, record: &Record<'_>) {
        let place = Place::Inode(dir.number);
        let shown = || shown(record.name);
        if !dir.has_flag(FLAG_ENCRYPT) && (!dir_entry::is_name(record.name) || matches!(record.name, b"." | b"..")) {
            self.grave(place, Problem::Entry, format!("the folder has the name {}, which cannot be a name", shown()));
        }
        let first = self.core.layout.first_inode;
        if record.inode == ROOT_INODE || record.inode < first || record.inode > self.core.layout.inodes_count {
            let message = format!("the name {} points at inode {}, which it cannot", shown(), record.inode);
            self.grave(place, Problem::Entry, message);
            return;
        }
        let typed = self.core.layout.features.has_incompat(features::INCOMPAT_FILETYPE);
        let number = dir.number;
        let Some(known) = self.known(record.inode) else {
            let message = format!("the name {} points at inode {}, which is free", shown(), record.inode);
            self.grave(place, Problem::Entry, message);
            return;
        };
        let expected = if typed { known.kind } else { 0 };
        let twice = known.is_directory() && known.parent != 0;
        match (known.is_directory(), twice) {
            (true, false) => known.parent = number,
            (true, true) => {}
            (false, _) => known.found = known.found.saturating_add(1),
        }
        if twice {
            self.grave(place, Problem::Entry, format!("the name {} is the second one of a folder", shown()));
        } else if record.file_type != expected {
            self.damage(place, Problem::Entry, format!("the name {} says the wrong kind", shown()));
        }
    }

    /// Whether the name's hash belongs into the leaf in which it stands.
    fn check_hash(&mut self, dir: &Inode, leaves: Option<&Leaves>, logical: u32, name: &[u8]) {
        let Some(leaves) = leaves else { return };
        let Some(range) = leaves.range(logical) else { return };
        // The version was checked with the root.
        let Ok(hash) = self.core.name_hash(name, leaves.version) else { return };
        if hash < range.0 || hash > range.1 {
            let message = format!("the name {} stands where the index does not look for it", shown(name));
            self.damage(Place::Inode(dir.number), Problem::Index, message);
        }
    }

    /// The folder that holds a folder, by what was found: its `Known`, for `tree.rs`.
    pub(super) fn folder(&mut self, number: u32) -> Option<&mut Known> {
        self.known(number).filter(|known| known.is_directory())
    }
}

/// A name for people.
fn shown(name: &[u8]) -> String {
    format!("\"{}\"", name.escape_ascii())
}
