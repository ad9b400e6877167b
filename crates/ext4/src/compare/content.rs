//! Whether one file differs from another: its bytes or target, and its attributes.

use std::collections::BTreeMap;

use super::{Comparison, Side, is_folder};
use crate::inline_data;
use crate::inode::{Inode, Time};
use crate::state::Core;
use crate::xattr_read::full_name;
use crate::{FileKind, Result};

/// How much of two files is compared at once.
const CHUNK_BYTES: u64 = 1 << 20;

/// What differs about a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) content: bool,
    pub(super) metadata: bool,
}

impl Flags {
    pub(super) fn any(self) -> bool {
        self.content || self.metadata
    }
}

impl Comparison<'_> {
    /// What differs about the inodes that are the same file on both sides; those about which nothing does are left
    /// out.
    pub(super) fn find_flags(&mut self) -> Result<BTreeMap<u32, Flags>> {
        let inodes = std::mem::take(&mut self.inodes);
        let mut found = BTreeMap::new();
        for (number, pair) in &inodes {
            if let Some((before, after)) = pair.same() {
                let flags = self.flags(before, after)?;
                if flags.any() {
                    found.insert(*number, flags);
                }
            }
        }
        self.inodes = inodes;
        Ok(found)
    }

    /// What differs between two files of the same kind.
    pub(super) fn flags(&mut self, before: &Inode, after: &Inode) -> Result<Flags> {
        (self.go_on)()?;
        let folder = is_folder(after.kind());
        let about = |inode: &Inode| (inode.i_mode(), inode.uid(), inode.gid());
        let metadata = about(before) != about(after)
            || (!folder && before.time(Time::Modify) != after.time(Time::Modify))
            || attributes(self.before, before)? != attributes(self.after, after)?;
        let content = match after.kind() {
            Some(FileKind::File) => self.bytes_differ(before, after)?,
            Some(FileKind::Symlink) => self.before.link_target(before)? != self.after.link_target(after)?,
            Some(FileKind::CharacterDevice | FileKind::BlockDevice) => {
                self.before.metadata(before)?.device != self.after.metadata(after)?.device
            }
            _ => false,
        };
        Ok(Flags { content, metadata })
    }

    /// Whether the bytes of two files differ. What lies in the same block on both sides, and is not among those that
    /// may differ, is not read.
    fn bytes_differ(&mut self, before: &Inode, after: &Inode) -> Result<bool> {
        if before.size() != after.size() {
            return Ok(true);
        }
        let inside = (inline_data::content(before)?, inline_data::content(after)?);
        if inside.0.is_some() || inside.1.is_some() {
            return Ok(whole(self.before, before, inside.0)? != whole(self.after, after, inside.1)?);
        }
        let size = self.after.layout.block_size as u64;
        let blocks = after.size().div_ceil(size);
        let mut at = 0;
        while at < blocks {
            let logical = u32::try_from(at).unwrap_or(u32::MAX);
            let (a, b) = (self.before.map_block(before, logical)?, self.after.map_block(after, logical)?);
            let len = a.len.min(b.len).min(blocks - at).max(1);
            let same = match (a.start, b.start) {
                (None, None) => true,
                (Some(a), Some(b)) => a == b && !self.differ.overlaps(a, a + len),
                _ => false,
            };
            let len = if same { len } else { len.min((CHUNK_BYTES / size).max(1)) };
            if !same {
                (self.go_on)()?;
                // What stands behind the end of a file is nobody's.
                let bytes = usize::try_from((len * size).min(after.size() - at * size)).unwrap_or(0);
                let a = self.bytes_of(Side::Before, a.start, len)?;
                let b = self.bytes_of(Side::After, b.start, len)?;
                if a.get(..bytes) != b.get(..bytes) {
                    return Ok(true);
                }
            }
            at += len;
        }
        Ok(false)
    }

    fn bytes_of(&mut self, side: Side, start: Option<u64>, count: u64) -> Result<Vec<u8>> {
        match start {
            Some(start) => self.bytes(side, start, count),
            None => Ok(vec![0; usize::try_from(count).unwrap_or(0) * self.after.layout.block_size]),
        }
    }
}

/// All bytes of a short file.
fn whole(core: &mut Core, inode: &Inode, inside: Option<Vec<u8>>) -> Result<Vec<u8>> {
    match inside {
        Some(content) => Ok(content),
        None => {
            let mut content = vec![0; usize::try_from(inode.size()).unwrap_or(0)];
            core.read_content(inode, &mut content).map(|()| content)
        }
    }
}

/// The extended attributes that Linux shows, in the order of their names.
fn attributes(core: &mut Core, inode: &Inode) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut found = Vec::new();
    core.for_each_attribute(inode, &mut |core, entry| {
        if let Some(name) = full_name(entry) {
            found.push((name, core.attribute_value(inode, entry)?));
        }
        Ok(())
    })?;
    found.sort_unstable();
    Ok(found)
}
