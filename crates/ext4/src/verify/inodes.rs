//! Every inode: its fields, its map of blocks, its attributes.

use super::{Check, Known, Place, Problem};
use crate::features::{self, Features};
use crate::inode::{FLAG_CASEFOLD, FLAG_EA_INODE, FLAG_ENCRYPT, FLAG_EXTENTS, FLAG_INDEX, FLAG_INLINE_DATA, Inode};
use crate::layout::{RESIZE_INODE, ROOT_INODE};
use crate::read::FAST_LINK;
use crate::{FileKind, Result};

/// Bytes of an inode table that are read at once.
const CHUNK: usize = 256 << 10;
/// The inode of bad blocks.
const BAD_BLOCKS_INODE: u32 = 1;
/// `i_flags` that no file has on Linux: AFS's, and those that would make a device's node immutable.
const FLAG_IMAGIC: u32 = 0x2000;
/// `i_flags`: verified content, which goes on behind the end of the file.
const FLAG_VERITY: u32 = 0x10_0000;
/// The longest block-mapped file has this many levels of maps.
const MAP_LEVELS: u32 = 3;

impl Check {
    /// Looks at every inode that was ever used.
    pub(super) fn check_inodes(&mut self) -> Result<()> {
        for group in 0..self.core.layout.group_count {
            self.check_table(group)?;
        }
        match self.known(ROOT_INODE).map(|root| root.is_directory()) {
            Some(true) => {}
            _ => self.grave(Place::Inode(ROOT_INODE), Problem::Field, "the root is not a folder"),
        }
        Ok(())
    }

    fn check_table(&mut self, group: u32) -> Result<()> {
        let layout = self.core.layout.clone();
        let descriptor = *self.core.group(group)?;
        let used = match self.never_written(group)?.1 {
            true => 0,
            false if layout.has_group_checksums() => layout.inodes_per_group.saturating_sub(descriptor.itable_unused),
            false => layout.inodes_per_group,
        };
        let size = layout.inode_size;
        let total = usize::try_from(used).unwrap_or(0) * size;
        let start = layout.byte(descriptor.inode_table);
        let first = group * layout.inodes_per_group + 1;
        let mut buf = vec![0; total.min(CHUNK)];
        let mut at = 0;
        while at < total {
            let len = (total - at).min(CHUNK);
            let chunk = buf.get_mut(..len).unwrap_or_default();
            self.core.device.read_at(chunk, start + at as u64)?;
            let chunk = buf.get(..len).unwrap_or_default();
            let number = first + u32::try_from(at / size).unwrap_or(0);
            for (number, raw) in (number..).zip(chunk.chunks_exact(size)) {
                if raw.iter().any(|byte| *byte != 0) {
                    self.check_inode(Inode::parse(number, raw))?;
                }
            }
            at += len;
        }
        Ok(())
    }

    fn check_inode(&mut self, inode: Inode) -> Result<()> {
        let place = Place::Inode(inode.number);
        let first = self.core.layout.first_inode;
        let reserved = inode.number < first && inode.number != ROOT_INODE;
        let free = inode.i_links_count() == 0 && !self.orphans.contains(&inode.number);
        if !inode.verify(&self.core.layout) {
            self.damage(place, Problem::Checksum, "the inode's checksum is wrong");
        }
        if free && !reserved {
            if inode.i_mode() != 0 && inode.i_dtime() == 0 {
                self.damage(place, Problem::Field, "it has no names, but was never deleted");
            }
            return Ok(());
        }
        if reserved {
            return self.check_reserved(&inode);
        }
        if inode.i_dtime() != 0 && !self.orphans.contains(&inode.number) {
            self.damage(place, Problem::Field, "it is in use, but says when it was deleted");
        }
        let Some(kind) = inode.kind() else {
            self.damage(place, Problem::Field, format!("no kind of file has the mode {:#o}", inode.i_mode()));
            return Ok(());
        };
        self.check_fields(&inode, kind);
        self.check_content(&inode, kind)?;
        self.note_value(&inode);
        self.inodes.push(Known {
            number: inode.number,
            links: inode.i_links_count(),
            kind: kind.entry_type(),
            ..Known::default()
        });
        Ok(())
    }

    /// One of the inodes that the filesystem keeps for itself.
    fn check_reserved(&mut self, inode: &Inode) -> Result<()> {
        let place = Place::Inode(inode.number);
        let superblock = &self.core.superblock;
        let is_file = inode.kind() == Some(FileKind::File);
        let own = [superblock.s_journal_inum(), superblock.s_usr_quota_inum(), superblock.s_grp_quota_inum()];
        let fits = match inode.number {
            BAD_BLOCKS_INODE => inode.i_mode() == 0,
            RESIZE_INODE => inode.i_mode() == 0 || is_file,
            number if own.contains(&number) => is_file,
            // The boot loader's may be any file.
            5 => !inode.is_directory(),
            _ => inode.i_mode() == 0,
        };
        if !fits {
            self.damage(place, Problem::Field, "the mode of this reserved inode cannot be");
        }
        let map = self.map(inode)?;
        let attributes = self.attributes(inode)?;
        self.check_blocks(inode, map.blocks + attributes);
        Ok(())
    }

    fn check_fields(&mut self, inode: &Inode, kind: FileKind) {
        let place = Place::Inode(inode.number);
        let features = self.core.layout.features;
        let room = self.core.layout.inode_size.saturating_sub(128);
        let extra = usize::from(inode.i_extra_isize());
        if room > 0 && extra != 0 && (extra < 4 || extra > room || !extra.is_multiple_of(4)) {
            self.damage(place, Problem::Field, format!("its i_extra_isize of {extra} cannot be"));
        }
        let wrong = wrong_flags(inode, kind, features);
        if let Some(what) = wrong {
            self.damage(place, Problem::Field, what);
        }
        let special = !matches!(kind, FileKind::File | FileKind::Directory | FileKind::Symlink);
        if special && (inode.i_size_lo() != 0 || inode.i_size_high() != 0) {
            self.damage(place, Problem::Field, "something that has no content has a size");
        }
        let wide = features.has_incompat(features::INCOMPAT_64BIT);
        let huge = features.has_ro_compat(features::RO_HUGE_FILE);
        let large = features.has_incompat(features::INCOMPAT_LARGEDIR);
        let unused = inode.i_faddr() != 0
            || (!wide && inode.i_file_acl_high() != 0)
            || (!huge && inode.i_blocks_high() != 0)
            || (!large && inode.is_directory() && inode.i_size_high() != 0);
        if unused {
            self.damage(place, Problem::Field, "a field that has to be 0 is not");
        }
    }

    /// The content: blocks, size, target.
    fn check_content(&mut self, inode: &Inode, kind: FileKind) -> Result<()> {
        let place = Place::Inode(inode.number);
        let attributes = self.attributes(inode)?;
        let layout = &self.core.layout;
        let in_inode = kind == FileKind::Symlink
            && inode.sectors(layout) <= attributes * layout.sectors_per_block()
            && inode.size() <= FAST_LINK
            && !inode.has_flag(FLAG_INLINE_DATA);
        let mapped = match kind {
            FileKind::Symlink if in_inode => None,
            FileKind::File | FileKind::Directory | FileKind::Symlink if !inode.has_flag(FLAG_INLINE_DATA) => {
                Some(self.map(inode)?)
            }
            FileKind::File | FileKind::Directory | FileKind::Symlink => {
                self.check_inside(inode, kind)?;
                None
            }
            _ => None,
        };
        self.check_blocks(inode, attributes + mapped.as_ref().map_or(0, |mapped| mapped.blocks));
        let size = inode.size();
        let block = self.core.layout.block_size as u64;
        match (kind, mapped) {
            (FileKind::Directory, Some(mapped)) if mapped.end == 0 || size != mapped.end.saturating_mul(block) => {
                self.damage(
                    place,
                    Problem::Field,
                    format!("the folder's size of {size} bytes is not that of its blocks"),
                );
            }
            (FileKind::File, Some(mapped)) => {
                let written = mapped.written_end.saturating_sub(1).saturating_mul(block);
                let longest = if inode.has_flag(FLAG_EXTENTS) { block << 32 } else { longest_mapped(block) };
                if (size < written && !inode.has_flag(FLAG_VERITY)) || size > longest {
                    self.damage(place, Problem::Field, format!("its size of {size} bytes does not fit its blocks"));
                }
            }
            (FileKind::Symlink, _) => self.check_link(inode, in_inode)?,
            _ => {}
        }
        Ok(())
    }

    /// Whether the inode counts its blocks rightly.
    fn check_blocks(&mut self, inode: &Inode, found: u64) {
        let layout = &self.core.layout;
        let (says, found) = (inode.sectors(layout), found * layout.sectors_per_block());
        if says != found {
            let message = format!("it says that it takes {says} sectors, in truth it takes {found}");
            self.damage(Place::Inode(inode.number), Problem::Count, message);
        }
    }

    fn check_link(&mut self, inode: &Inode, in_inode: bool) -> Result<()> {
        let place = Place::Inode(inode.number);
        if inode.has_flag(FLAG_ENCRYPT) || inode.has_flag(FLAG_INLINE_DATA) {
            return Ok(());
        }
        let clashes = (in_inode && inode.has_flag(FLAG_EXTENTS)) || inode.i_size_high() != 0;
        let target = self.core.link_target(inode);
        let target = self.tolerate(target, place, Problem::Field)?;
        let rest = target.as_ref().filter(|_| in_inode).and_then(|target| inode.i_block().get(target.len()).copied());
        if clashes || rest.is_some_and(|byte| byte != 0) {
            self.damage(place, Problem::Field, "the length of the link's target is wrong");
        }
        Ok(())
    }
}

/// A flag that `inode` cannot have, in words.
fn wrong_flags(inode: &Inode, kind: FileKind, features: Features) -> Option<&'static str> {
    let content = matches!(kind, FileKind::File | FileKind::Directory | FileKind::Symlink);
    let extents = inode.has_flag(FLAG_EXTENTS);
    if inode.has_flag(FLAG_IMAGIC) {
        return Some("it has a flag of AFS (imagic)");
    }
    if extents && !features.has_incompat(features::INCOMPAT_EXTENTS) {
        return Some("it has extents in a filesystem without them");
    }
    if !content && (extents || inode.has_flag(FLAG_INDEX)) {
        return Some("something that has no content has extents or an index");
    }
    if inode.has_flag(FLAG_INDEX) && kind != FileKind::Directory {
        return Some("something that is not a folder has an index");
    }
    if inode.has_flag(FLAG_INDEX) && !features.has_compat(features::COMPAT_DIR_INDEX) {
        return Some("the folder has an index in a filesystem without them");
    }
    if inode.has_flag(FLAG_INLINE_DATA) && !features.has_incompat(features::INCOMPAT_INLINE_DATA) {
        return Some("its content is said to stand in the inode, in a filesystem without such");
    }
    if inode.has_flag(FLAG_INLINE_DATA) && !content {
        return Some("something that has no content is said to have it in the inode");
    }
    if inode.has_flag(FLAG_EA_INODE) && !features.has_incompat(features::INCOMPAT_EA_INODE) {
        return Some("it is said to hold a value of an attribute, in a filesystem without such");
    }
    if inode.has_flag(FLAG_EA_INODE) && kind != FileKind::File {
        return Some("something that is not a file is said to hold a value of an attribute");
    }
    if inode.has_flag(FLAG_INLINE_DATA) && extents {
        return Some("its content is said to stand in the inode and in extents");
    }
    if inode.has_flag(FLAG_CASEFOLD) && kind != FileKind::Directory {
        return Some("something that is not a folder compares names without regard to case");
    }
    None
}

/// Bytes of the longest file that a block map can have.
fn longest_mapped(block: u64) -> u64 {
    let fan = block / 4;
    let blocks = (1..=MAP_LEVELS).fold(12, |sum, levels| sum + fan.pow(levels));
    blocks.saturating_mul(block)
}
