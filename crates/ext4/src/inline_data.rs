//! Inline data: content that stands in the inode itself, where there would be a block map, and goes on in
//! the value of the attribute `system.data` behind the inode's fields.
//!
//! A folder keeps its entries so: the number of the folder above (it has no records of `.` and `..`), then
//! records up to the end of the map's place, then records that fill the value.

use crate::dir_entry::{self, Record};
use crate::inode::{FLAG_INLINE_DATA, Inode};
use crate::xattr::{self, Value};
use crate::xattr_read::{DATA, SYSTEM};
use crate::{Error, Result};

/// Bytes in front of a folder's records: the inode of the folder above.
const PARENT: usize = 4;

/// The value of `system.data`, which is always behind the inode's fields; nothing when there is none.
fn continuation(inode: &Inode) -> Result<&[u8]> {
    found_continuation(inode).map(Option::unwrap_or_default)
}

fn found_continuation(inode: &Inode) -> Result<Option<&[u8]>> {
    let area = xattr::in_inode(inode).unwrap_or_default();
    let found = xattr::entries(area, 0)?.into_iter().find(|entry| entry.index == SYSTEM && entry.name == DATA);
    match found.map(|entry| entry.value) {
        Some(Value::Here(value)) => Ok(Some(value)),
        None => Ok(None),
        Some(Value::Inode { .. }) => Err(damaged(inode)),
    }
}

/// The content of an inode that has it inside. `None` for any other.
pub(crate) fn content(inode: &Inode) -> Result<Option<Vec<u8>>> {
    if !inode.has_flag(FLAG_INLINE_DATA) {
        return Ok(None);
    }
    let mut content = [inode.i_block(), continuation(inode)?].concat();
    match usize::try_from(inode.size()) {
        Ok(size) if size <= content.len() => {
            content.truncate(size);
            Ok(Some(content))
        }
        _ => Err(damaged(inode)),
    }
}

/// Bytes of content that an inode has room for. `None` when it has no attribute for the end of it.
pub(crate) fn room(inode: &Inode) -> Result<Option<u64>> {
    Ok(found_continuation(inode)?.map(|value| (inode.i_block().len() + value.len()) as u64))
}

/// Where the records of a folder stand that has them inside.
pub(crate) fn records_inside(folder: &Inode) -> Result<[&[u8]; 2]> {
    Ok([folder.i_block().get(PARENT..).unwrap_or_default(), continuation(folder)?])
}

/// Calls `visit` with every record of a folder that has them inside.
pub(crate) fn for_each_record(folder: &Inode, visit: &mut dyn FnMut(&Record<'_>) -> Result<()>) -> Result<()> {
    for part in records_inside(folder)? {
        for record in dir_entry::records(part) {
            visit(&record?)?;
        }
    }
    Ok(())
}

/// The folder above a folder that has its records inside.
pub(crate) fn parent(folder: &Inode) -> u32 {
    crate::bytes::le(folder.i_block(), 0)
}

fn damaged(inode: &Inode) -> Error {
    Error::corrupt(format!("the content inside inode {} cannot be", inode.number))
}
