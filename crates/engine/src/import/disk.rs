//! What is on a disk that somebody gives us: a filesystem, or partitions with filesystems, told by the first bytes.
//!
//! After the kernel's documentation of ext4 (the superblock), the classic partition table, and the UEFI specification
//! (GPT). Extended partitions of the classic table are named and not followed.

use std::ops::Range;

/// Everything in partition tables is counted in these.
const SECTOR: u64 = 512;
/// Where ext4's superblock is, and in it the magic number.
const EXT4_MAGIC_AT: usize = 1024 + 56;
/// More partitions than any disk has are not looked at.
const MOST_PARTITIONS: usize = 128;

/// What stands in a disk, or in a partition of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// ext2, ext3 or ext4.
    Ext,
    /// Something else that is known by name.
    Other(&'static str),
    /// Nothing that is known.
    Unknown,
}

/// A partition: its number, as Linux counts, and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Partition {
    pub(super) number: u32,
    pub(super) bytes: Range<u64>,
}

/// What begins with these bytes.
pub(super) fn content(bytes: &[u8]) -> Content {
    let has = |magic: &[u8], at: usize| bytes.get(at..).is_some_and(|rest| rest.starts_with(magic));
    let others: [(&[u8], usize, &'static str); 11] = [
        (b"NTFS    ", 3, "NTFS"),
        (b"EXFAT   ", 3, "exFAT"),
        (b"FAT32", 82, "FAT"),
        (b"FAT1", 54, "FAT"),
        (b"XFSB", 0, "XFS"),
        (b"_BHRfS_M", 0x1_0040, "Btrfs"),
        (b"LUKS\xba\xbe", 0, "LUKS, which is encrypted"),
        (b"LABELONE", 512, "LVM"),
        (b"SWAPSPACE2", 4086, "swap"),
        (b"CD001", 0x8001, "ISO 9660"),
        (b"hsqs", 0, "squashfs"),
    ];
    if has(&[0x53, 0xef], EXT4_MAGIC_AT) {
        return Content::Ext;
    }
    others.iter().find(|(magic, at, _)| has(magic, *at)).map_or(Content::Unknown, |(_, _, name)| Content::Other(name))
}

/// The partitions of a disk of `size` bytes that begins so; none when it has no table.
pub(super) fn partitions(bytes: &[u8], size: u64) -> Vec<Partition> {
    if !bytes.get(510..).is_some_and(|rest| rest.starts_with(&[0x55, 0xaa])) {
        return Vec::new();
    }
    let entries = bytes.get(446..510).unwrap_or_default().as_chunks::<16>().0;
    let is_gpt = entries.iter().any(|entry| entry[4] == 0xee);
    let found = if is_gpt { gpt(bytes) } else { classic(entries) };
    let fits = |part: &Partition| part.bytes.start < part.bytes.end && part.bytes.end <= size;
    found.into_iter().filter(fits).collect()
}

fn classic(entries: &[[u8; 16]]) -> Vec<Partition> {
    let mut found = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let (first, count) = (number(entry, 8, 4), number(entry, 12, 4));
        if entry[4] != 0 && count > 0 {
            found.push(Partition { number: index as u32 + 1, bytes: first * SECTOR..(first + count) * SECTOR });
        }
    }
    found
}

fn gpt(bytes: &[u8]) -> Vec<Partition> {
    let Some(header) = bytes.get(SECTOR as usize..).filter(|header| header.starts_with(b"EFI PART")) else {
        return Vec::new();
    };
    let (table, count, length) = (number(header, 72, 8), number(header, 80, 4), number(header, 84, 4));
    let mut found = Vec::new();
    for index in 0..(count as usize).min(MOST_PARTITIONS) {
        let at = table.checked_mul(SECTOR).and_then(|at| at.checked_add(length.checked_mul(index as u64)?));
        let entry = at.and_then(|at| bytes.get(usize::try_from(at).ok()?..)).unwrap_or_default();
        let (first, last) = (number(entry, 32, 8), number(entry, 40, 8));
        let end = last.checked_add(1).and_then(|end| end.checked_mul(SECTOR));
        let (true, Some(end)) = (number(entry, 0, 8) != 0 && first <= last, end) else { continue };
        found.push(Partition { number: index as u32 + 1, bytes: first * SECTOR..end });
    }
    found
}

/// A little-endian number, 0 beyond the end.
fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    let field = bytes.get(at..at + length).unwrap_or_default();
    field.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn put(bytes: &mut [u8], at: usize, number: u64, length: usize) {
        bytes[at..at + length].copy_from_slice(&number.to_le_bytes()[..length]);
    }

    #[test]
    fn a_classic_table_and_a_gpt_are_read() {
        let mut bytes = vec![0; 1 << 20];
        bytes[510..512].copy_from_slice(&[0x55, 0xaa]);
        bytes[446 + 16 + 4] = 0x83;
        put(&mut bytes, 446 + 16 + 8, 2048, 4);
        put(&mut bytes, 446 + 16 + 12, 4096, 4);
        assert_eq!(partitions(&bytes, 8 * MIB), [Partition { number: 2, bytes: MIB..3 * MIB }]);
        assert!(partitions(&bytes, 2 * MIB).is_empty(), "what reaches beyond the disk is none");

        bytes[446 + 4] = 0xee;
        bytes[512..520].copy_from_slice(b"EFI PART");
        put(&mut bytes, 512 + 72, 2, 8);
        put(&mut bytes, 512 + 80, u64::from(u32::MAX), 4);
        put(&mut bytes, 512 + 84, 128, 4);
        for (index, (first, last)) in [(2048, 4095), (9, 8), (u64::MAX, u64::MAX)].into_iter().enumerate() {
            let at = 1024 + 128 * index;
            bytes[at] = 1;
            put(&mut bytes, at + 32, first, 8);
            put(&mut bytes, at + 40, last, 8);
        }
        assert_eq!(partitions(&bytes, 8 * MIB), [Partition { number: 1, bytes: MIB..2 * MIB }]);
    }

    #[test]
    fn filesystems_are_told_by_their_names() {
        let mut bytes = vec![0; 4096];
        assert_eq!(content(&bytes), Content::Unknown);
        bytes[3..11].copy_from_slice(b"NTFS    ");
        assert_eq!(content(&bytes), Content::Other("NTFS"));
        bytes[EXT4_MAGIC_AT..EXT4_MAGIC_AT + 2].copy_from_slice(&[0x53, 0xef]);
        assert_eq!(content(&bytes), Content::Ext);
        assert_eq!(content(&[]), Content::Unknown);
    }
}
