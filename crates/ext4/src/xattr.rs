//! Extended attributes as they lie on the device: behind an inode's fields, and in a block of their own.
//!
//! Both areas hold entries from the front (`struct ext4_xattr_entry`) and values from the back. A block
//! starts with a header and may be shared by several files. A value may also be the content of an inode
//! (`ea_inode`). What the entries mean is `xattr_read.rs`'s business.

use crate::block_kind::BlockKind;
use crate::bytes::{le, put_le};
use crate::cache::Block;
use crate::inode::Inode;
use crate::state::Core;
use crate::{Error, Result};

/// `h_magic`, in front of both areas.
pub(crate) const MAGIC: u32 = 0xEA02_0000;
/// Bytes of the header of a block, and of the area in an inode.
pub(crate) const BLOCK_HEADER: usize = 32;
pub(crate) const INODE_HEADER: usize = 4;
/// Where the number of files stands that share the block, and the number of its blocks.
pub(crate) const REFCOUNT: usize = 4;
pub(crate) const BLOCKS: usize = 8;
/// Bytes of an entry before its name.
pub(crate) const ENTRY: usize = 16;

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'b> {
    /// In the same area.
    Here(&'b [u8]),
    /// It is the content of this inode, so many bytes.
    Inode { number: u32, size: u32 },
}

/// One attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry<'b> {
    /// The number that stands for the first part of the name (`e_name_index`).
    pub(crate) index: u8,
    /// The rest of the name.
    pub(crate) name: &'b [u8],
    pub(crate) value: Value<'b>,
}

/// The entries of an area: `base` is what offsets of values count from, the entries start at `first` of it.
///
/// Refuses what reaches outside the area, and values that together are longer than it.
pub(crate) fn entries(base: &[u8], first: usize) -> Result<Vec<Entry<'_>>> {
    let (mut found, mut offset, mut values) = (Vec::new(), first, 0);
    // The entries end at four zeros, or where no further one fits.
    while offset + 4 <= base.len() && le::<u32>(base, offset) != 0 {
        let entry = parse(base, offset).ok_or_else(damaged)?;
        offset += (ENTRY + entry.name.len()).next_multiple_of(4);
        if let Value::Here(value) = entry.value {
            values += value.len();
        }
        found.push(entry);
    }
    match offset <= base.len() && values <= base.len() {
        true => Ok(found),
        false => Err(damaged()),
    }
}

/// The entry at `offset`. `None` for one that cannot be.
fn parse(base: &[u8], offset: usize) -> Option<Entry<'_>> {
    let head = base.get(offset..offset + ENTRY)?;
    let len = usize::from(le::<u8>(head, 0));
    let name = base.get(offset + ENTRY..offset + ENTRY + len)?;
    let (number, size) = (le::<u32>(head, 4), le::<u32>(head, 8));
    let value = match (number, size) {
        (0, 0) => Value::Here(&[]),
        (0, _) => {
            let start = usize::from(le::<u16>(head, 2));
            Value::Here(base.get(start..start.checked_add(usize::try_from(size).ok()?)?)?)
        }
        _ => Value::Inode { number, size },
    };
    (!name.contains(&0)).then_some(Entry { index: le(head, 1), name, value })
}

/// The area behind the fields of an inode: what values count from. `None` when the inode has none.
pub(crate) fn in_inode(inode: &Inode) -> Option<&[u8]> {
    let area = inode.behind_fields();
    (area.len() >= INODE_HEADER && le::<u32>(area, 0) == MAGIC).then(|| area.get(INODE_HEADER..).unwrap_or_default())
}

impl Core {
    /// How the kind of an inode's block of attributes is called.
    pub(crate) fn attributes_kind(&self, block: u64) -> BlockKind {
        self.layout.checksum_seed.map_or(BlockKind::Plain, |seed| BlockKind::Attributes { seed, at: block })
    }

    /// The block of attributes of `inode`, its header checked. `None` when it has none.
    pub(crate) fn attributes_block(&mut self, inode: &Inode) -> Result<Option<Block>> {
        let block = inode.file_acl();
        if block == 0 {
            return Ok(None);
        }
        self.check_own(block, inode)?;
        let data = self.load(block, self.attributes_kind(block))?;
        let shaped = le::<u32>(&data, 0) == MAGIC && le::<u32>(&data, BLOCKS) == 1 && le::<u32>(&data, REFCOUNT) > 0;
        match shaped {
            true => Ok(Some(data)),
            false => Err(Error::corrupt(format!("the attributes of inode {} cannot be", inode.number))),
        }
    }

    /// Calls `visit` with every attribute of `inode`: those inside it first.
    pub(crate) fn for_each_attribute(
        &mut self,
        inode: &Inode,
        visit: &mut dyn FnMut(&mut Self, &Entry<'_>) -> Result<()>,
    ) -> Result<()> {
        if let Some(area) = in_inode(inode) {
            for entry in entries(area, 0)? {
                visit(self, &entry)?;
            }
        }
        if let Some(block) = self.attributes_block(inode)? {
            for entry in entries(&block, BLOCK_HEADER)? {
                visit(self, &entry)?;
            }
        }
        Ok(())
    }

    /// Gives up the share of `inode` in its block of attributes, if it has one.
    pub(crate) fn free_attributes(&mut self, inode: &Inode) -> Result<()> {
        let Some(data) = self.attributes_block(inode)? else { return Ok(()) };
        let block = inode.file_acl();
        match le::<u32>(&data, REFCOUNT) {
            1 => self.free_metadata(block),
            shares => {
                put_le(self.edit(block, self.attributes_kind(block))?, REFCOUNT, shares - 1);
                Ok(())
            }
        }
    }
}

fn damaged() -> Error {
    Error::corrupt("an extended attribute cannot be")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An area with one entry: index, value offset, value inode, value size, name.
    fn area(index: u8, offset: u16, inode: u32, size: u32, name: &[u8]) -> Vec<u8> {
        let mut area = vec![0; 64];
        put_le(&mut area, 0, u8::try_from(name.len()).expect("short"));
        put_le(&mut area, 1, index);
        put_le(&mut area, 2, offset);
        put_le(&mut area, 4, inode);
        put_le(&mut area, 8, size);
        area[ENTRY..ENTRY + name.len()].copy_from_slice(name);
        area[60..].copy_from_slice(b"last");
        area
    }

    #[test]
    fn values_lie_inside_their_area() {
        let good = area(1, 60, 0, 4, b"name");
        let found = entries(&good, 0).expect("good");
        assert_eq!(found, [Entry { index: 1, name: b"name", value: Value::Here(b"last") }]);
        for bad in [area(1, 61, 0, 4, b"n"), area(1, 0, 0, u32::MAX, b"n"), area(1, 60, 0, 4, b"\0")] {
            assert!(entries(&bad, 0).is_err());
        }
        let apart = area(6, 0, 12, 70_000, b"n");
        assert_eq!(entries(&apart, 0).expect("good")[0].value, Value::Inode { number: 12, size: 70_000 });
    }

    #[test]
    fn values_do_not_lie_over_each_other_beyond_the_area() {
        let mut area = vec![0; 128];
        for entry in 0..4 {
            put_le(&mut area, entry * 16, 0u8);
            put_le(&mut area, entry * 16 + 1, 1u8);
            put_le(&mut area, entry * 16 + 8, 40u32);
        }
        assert!(entries(&area, 0).is_err(), "four times 40 bytes in 128");
    }
}
