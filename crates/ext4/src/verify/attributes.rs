//! Extended attributes: those in the inode itself, and blocks of them that files may share. Values in other inodes
//! are looked at in `values`.

use super::{Check, Place, Problem};
use crate::bytes::le;
use crate::inode::Inode;
use crate::{Result, features};

/// `h_magic`, of a block and of the space in an inode.
const MAGIC: u32 = 0xEA02_0000;
/// Bytes of an entry before its name; of a block's header; of the magic number in an inode.
const ENTRY: usize = 16;
const HEADER: usize = 32;
const IN_INODE: usize = 4;

/// A block of attributes: how many files it says share it, and how many do.
#[derive(Debug)]
pub(super) struct Shares {
    says: u32,
    found: u32,
}

/// An entry whose value stands in another inode.
pub(super) struct Elsewhere {
    pub(super) number: u32,
    pub(super) size: u32,
    hash: u32,
    /// The hash of the name, by both kinds of characters.
    names: [u32; 2],
}

impl Elsewhere {
    /// Whether the entry's hash is that of its name and of a value with the checksum `sum`.
    pub(super) fn hash_fits(&self, sum: u32) -> bool {
        self.names.iter().any(|name| with_word(*name, sum) == self.hash)
    }
}

impl Check {
    /// Looks at the attributes of `inode`; the number of blocks that they take, those in other inodes included.
    pub(super) fn attributes(&mut self, inode: &Inode) -> Result<u64> {
        let place = Place::Inode(inode.number);
        let room = inode.behind_fields();
        let mut blocks = 0;
        if room.len() > IN_INODE && le::<u32>(room, 0) == MAGIC {
            let area = room.get(IN_INODE..).unwrap_or_default();
            match self.entries(area, 0) {
                Ok(elsewhere) => blocks += self.check_elsewhere(inode, &elsewhere, true)?,
                Err(why) => self.damage(place, Problem::Attributes, format!("its attributes cannot be: {why}")),
            }
        }
        let block = inode.file_acl();
        if block == 0 {
            return Ok(blocks);
        }
        let known = self.shares.get_mut(&block).map(|shares| shares.found += 1).is_some();
        if !known && !self.claim(inode, block, 1) {
            return Ok(blocks);
        }
        blocks += self.blocks_per_cluster();
        if known && !self.core.layout.features.has_incompat(features::INCOMPAT_EA_INODE) {
            return Ok(blocks);
        }
        let data = self.core.load(block, self.core.attributes_kind(block));
        let Some(data) = self.tolerate(data, place, Problem::Attributes)? else { return Ok(blocks) };
        if !known {
            self.shares.insert(block, Shares { says: le(&data, 4), found: 1 });
        }
        if le::<u32>(&data, 0) != MAGIC || le::<u32>(&data, 8) != 1 {
            self.damage(place, Problem::Attributes, "its block of attributes has no valid header");
            return Ok(blocks);
        }
        match self.entries(data.get(HEADER..).unwrap_or_default(), HEADER) {
            Ok(elsewhere) => blocks += self.check_elsewhere(inode, &elsewhere, !known)?,
            Err(why) => {
                self.damage(place, Problem::Attributes, format!("its block of attributes cannot be: {why}"));
            }
        }
        Ok(blocks)
    }

    fn entries(&self, room: &[u8], before: usize) -> Result<Vec<Elsewhere>, &'static str> {
        let elsewhere = self.core.layout.features.has_incompat(features::INCOMPAT_EA_INODE);
        entries(room, before, elsewhere)
    }

    /// Whether shared blocks of attributes count their files rightly.
    pub(super) fn check_shares(&mut self) {
        for (block, shares) in std::mem::take(&mut self.shares) {
            if shares.says != shares.found {
                let Shares { says, found } = shares;
                let message =
                    format!("the block of attributes {block} says that {says} files share it, in truth {found} do");
                let group = self.core.layout.group_of(block).map_or(0, |place| place.0);
                self.damage(Place::Group(group), Problem::Count, message);
            }
        }
    }
}

/// Checks the entries at the start of `room`; values lie `before` bytes closer to its start than they say. Returns
/// those whose values stand in other inodes, which only some filesystems allow.
fn entries(room: &[u8], before: usize, allowed: bool) -> Result<Vec<Elsewhere>, &'static str> {
    let mut offset = 0;
    let (mut values, mut elsewhere) = (Vec::new(), Vec::new());
    while room.len() >= offset + 4 && le::<u32>(room, offset) != 0 {
        let name = usize::from(le::<u8>(room, offset));
        let start = usize::from(le::<u16>(room, offset + 2));
        let size = usize::try_from(le::<u32>(room, offset + 8)).unwrap_or(usize::MAX);
        let next = offset + (ENTRY + name).next_multiple_of(4);
        if next > room.len() || offset + ENTRY > room.len() {
            return Err("an entry does not end");
        }
        if before > 0 && le::<u8>(room, offset + 1) == 0 {
            return Err("an entry is of no kind of attribute");
        }
        let number: u32 = le(room, offset + 4);
        if number != 0 && !allowed {
            return Err("a value is said to stand in an inode of its own");
        }
        if number != 0 {
            let name = room.get(offset + ENTRY..offset + ENTRY + name).unwrap_or_default();
            let hash = le(room, offset + 12);
            elsewhere.push(Elsewhere {
                number,
                size: le(room, offset + 8),
                hash,
                names: [false, true].map(|signed| name_hash(name, signed)),
            });
            offset = next;
            continue;
        }
        if size == 0 && !hash_fits(room.get(offset..next).unwrap_or_default(), name, &[]) {
            return Err("the hash of an entry is wrong");
        }
        if size > 0 {
            let start = start.checked_sub(before).ok_or("a value lies over the header")?;
            let end = start.checked_add(size).filter(|end| *end <= room.len()).ok_or("a value lies outside")?;
            values.push((start, end));
            let entry = room.get(offset..next).unwrap_or_default();
            if !hash_fits(entry, name, room.get(start..end).unwrap_or_default()) {
                return Err("the hash of an entry is wrong");
            }
        }
        offset = next;
    }
    values.sort_unstable();
    let apart = values.windows(2).all(|pair| matches!(pair, [a, b] if a.1 <= b.0));
    let behind = values.first().is_none_or(|first| first.0 >= offset);
    if apart && behind { Ok(elsewhere) } else { Err("two values overlap, or one lies over the entries") }
}

/// Whether an entry's hash is that of its name and value; 0 stands for none. Kernels have computed it with
/// characters as signed and as unsigned.
fn hash_fits(entry: &[u8], name: usize, value: &[u8]) -> bool {
    let hash: u32 = le(entry, 12);
    let name = entry.get(ENTRY..ENTRY + name).unwrap_or_default();
    let computed = |signed: bool| {
        value.chunks(4).fold(name_hash(name, signed), |hash, chunk| {
            let mut word = [0; 4];
            word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            with_word(hash, u32::from_le_bytes(word))
        })
    };
    hash == 0 || hash == computed(false) || hash == computed(true)
}

/// The hash of a name, before that of its value.
fn name_hash(name: &[u8], signed: bool) -> u32 {
    name.iter().fold(0u32, |hash, byte| {
        let byte = if signed { i32::from(byte.cast_signed()).cast_unsigned() } else { u32::from(*byte) };
        hash.rotate_left(5) ^ byte
    })
}

/// The hash with one more word of the value.
fn with_word(hash: u32, word: u32) -> u32 {
    hash.rotate_left(16) ^ word
}
