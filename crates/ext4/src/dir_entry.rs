//! Directory entries: the records that fill a folder's blocks (`struct ext4_dir_entry_2`).
//!
//! Records follow each other without gaps up to the end of the block; a record with inode 0 is free room.
//! With checksums the last twelve bytes are a record of their own, the tail. Blocks of the hash index look
//! like one free record to whoever reads a folder from front to back.

use crate::bytes::{le, put_le};
use crate::{Error, FileKind, Result};

/// Bytes of a record before its name.
const HEAD: usize = 8;
/// Bytes of a tail.
pub(crate) const TAIL: usize = 12;
/// The `file_type` of a tail.
const TAIL_TYPE: u8 = 0xDE;
/// The longest name.
pub(crate) const NAME_MAX: usize = 255;

/// One record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'b> {
    /// Where it starts in its block.
    pub(crate) offset: usize,
    /// Its length with all free room behind the name.
    pub(crate) len: usize,
    /// 0 for free room.
    pub(crate) inode: u32,
    /// The kind as [`FileKind::entry_type`](crate::FileKind::entry_type) tells it.
    pub(crate) file_type: u8,
    pub(crate) name: &'b [u8],
}

impl Record<'_> {
    /// Bytes that the record needs: none when it is free.
    fn used(&self) -> usize {
        if self.inode == 0 { 0 } else { needed(self.name.len()) }
    }
}

/// Bytes that a record with a name of `name` bytes needs.
pub(crate) fn needed(name: usize) -> usize {
    (HEAD + name).next_multiple_of(4)
}

/// The records of a block.
pub(crate) fn records(block: &[u8]) -> Records<'_> {
    Records { block, offset: 0 }
}

/// An iterator that ends at the block's end or at the first record that cannot be.
pub(crate) struct Records<'b> {
    block: &'b [u8],
    offset: usize,
}

impl<'b> Iterator for Records<'b> {
    type Item = Result<Record<'b>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.offset >= self.block.len() {
            return None;
        }
        let offset = self.offset;
        let record = self.block.get(offset..).and_then(|rest| parse(rest, self.block.len()));
        let Some(mut record) = record else {
            self.offset = self.block.len();
            return Some(Err(Error::corrupt("a directory entry cannot be")));
        };
        record.offset = offset;
        self.offset += record.len;
        Some(Ok(record))
    }
}

/// Reads the record at the start of `rest`, the end of a block of `block_size` bytes.
fn parse(rest: &[u8], block_size: usize) -> Option<Record<'_>> {
    let head = rest.first_chunk::<HEAD>()?;
    let len = decode_len(u16::from_le_bytes([head[4], head[5]]), block_size);
    let name = rest.get(HEAD..HEAD + usize::from(head[6]))?;
    let fits = len >= HEAD + name.len() && len <= rest.len() && len.is_multiple_of(4);
    let inode = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
    let named = inode == 0 || (!name.is_empty() && len >= 12);
    (fits && named && len >= HEAD).then_some(Record { offset: 0, len, inode, file_type: head[7], name })
}

/// `rec_len` has 16 bits; a block of 64 KiB needs one more value.
fn decode_len(coded: u16, block_size: usize) -> usize {
    let coded = usize::from(coded);
    match block_size {
        65536 if coded == 0 || coded == 65535 => block_size,
        65536 => coded & 0xFFFC | (coded & 3) << 16,
        _ => coded,
    }
}

fn encode_len(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
}

/// Whether `name` can be a name on any Linux: what a damaged folder says otherwise is refused.
pub(crate) fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && !name.contains(&b'/') && !name.contains(&0)
}

/// The record called `name`, and the offset of the record before it in the block.
pub(crate) fn find<'b>(block: &'b [u8], name: &[u8]) -> Result<Option<(Record<'b>, Option<usize>)>> {
    let mut before = None;
    for record in records(block) {
        let record = record?;
        if record.inode != 0 && record.name == name {
            return Ok(Some((record, before)));
        }
        before = Some(record.offset);
    }
    Ok(None)
}

/// Where the tail stands, if the block has one.
pub(crate) fn tail_offset(block: &[u8]) -> Option<usize> {
    let offset = block.len().checked_sub(TAIL)?;
    let tail = block.get(offset..offset + HEAD)?;
    (tail == [0, 0, 0, 0, 12, 0, 0, TAIL_TYPE]).then_some(offset)
}

/// Makes `block` an empty leaf, with a tail where the filesystem has checksums.
pub(crate) fn clear(block: &mut [u8], checksums: bool) {
    let end = block.len() - if checksums { TAIL } else { 0 };
    block.fill(0);
    put_le(block, 4, encode_len(end));
    if checksums {
        put_le(block, end + 4, 12u16);
        put_le(block, end + 7, TAIL_TYPE);
    }
}

/// Makes `block` the first block of a folder without entries.
pub(crate) fn start_folder(block: &mut [u8], inode: u32, parent: u32, checksums: bool) {
    clear(block, checksums);
    let end = tail_offset(block).unwrap_or(block.len());
    let folder = FileKind::Directory.entry_type();
    write(block, 0, 12, inode, folder, b".");
    write(block, 12, end - 12, parent, folder, b"..");
}

/// Writes one record over whatever is at `offset`.
pub(crate) fn write(block: &mut [u8], offset: usize, len: usize, inode: u32, file_type: u8, name: &[u8]) {
    put_le(block, offset, inode);
    put_le(block, offset + 4, encode_len(len));
    put_le(block, offset + 6, u8::try_from(name.len()).unwrap_or(u8::MAX));
    put_le(block, offset + 7, file_type);
    if let Some(place) = block.get_mut(offset + HEAD..offset + HEAD + name.len()) {
        place.copy_from_slice(name);
    }
}

/// Where a record for a name of `name` bytes could go: the offset of a record with enough room behind it.
pub(crate) fn find_room(block: &[u8], name: usize) -> Result<Option<usize>> {
    let need = needed(name);
    let end = tail_offset(block).unwrap_or(block.len());
    for record in records(block) {
        let record = record?;
        if record.offset < end && record.len - record.used().min(record.len) >= need {
            return Ok(Some(record.offset));
        }
    }
    Ok(None)
}

/// Puts a record into the room behind the record at `offset`, as [`find_room`] found it.
pub(crate) fn insert(block: &mut [u8], offset: usize, inode: u32, file_type: u8, name: &[u8]) {
    let Some(host) = block.get(offset..).and_then(|rest| parse(rest, block.len())) else { return };
    let (len, used) = (host.len, host.used());
    if used > 0 {
        put_le(block, offset + 4, encode_len(used));
    }
    write(block, offset + used, len - used, inode, file_type, name);
}

/// Frees the record at `offset`; `before` is the record in front of it, which takes its room.
pub(crate) fn remove(block: &mut [u8], offset: usize, before: Option<usize>) {
    let size = block.len();
    let len_at = |at: usize| decode_len(le(block, at + 4), size);
    match before {
        Some(before) => {
            let len = len_at(before) + len_at(offset);
            put_le(block, before + 4, encode_len(len));
        }
        None => put_le(block, offset, 0u32),
    }
}

/// Frees every record that `keep` does not want.
pub(crate) fn retain(block: &mut [u8], mut keep: impl FnMut(&Record<'_>) -> bool) -> Result<()> {
    let (mut offset, mut before) = (0, None);
    while let Some(rest) = block.get(offset..).filter(|rest| !rest.is_empty()) {
        let record = parse(rest, block.len());
        let record = record.ok_or_else(|| Error::corrupt("a directory entry cannot be"))?;
        let (len, dropped) = (record.len, record.inode != 0 && !keep(&record));
        if dropped {
            remove(block, offset, before);
        }
        if !dropped || before.is_none() {
            before = Some(offset);
        }
        offset += len;
    }
    Ok(())
}

/// Points the record at `offset` at another inode.
pub(crate) fn replace(block: &mut [u8], offset: usize, inode: u32, file_type: u8) {
    put_le(block, offset, inode);
    put_le(block, offset + 7, file_type);
}
