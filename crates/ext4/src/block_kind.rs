//! What a metadata block is, as far as its checksum goes: how it is verified and how it is sealed.
//!
//! A block is verified once, when it enters the cache, and sealed once, when its transaction commits.

use crate::bytes::{le, put_le};
use crate::checksum::crc32c;
use crate::{dir_entry, dir_htree, extent, orphan_file};

/// The kind of a metadata block; `seed` is its inode's, see [`inode_seed`](crate::checksum::inode_seed).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockKind {
    /// Carries no checksum of its own.
    Plain,
    /// A block of a folder: a leaf with a tail, or a node of the hash index.
    Directory { seed: u32 },
    /// A node of an extent tree outside the inode.
    Extent { seed: u32 },
    /// A bitmap, whose first `len` bytes have the checksum `sum` (as far as `mask` goes).
    Bitmap { seed: u32, len: usize, sum: u32, mask: u32 },
    /// A block of extended attributes at the block number `at`.
    Attributes { seed: u32, at: u64 },
    /// A block of the orphan file at the block number `at`.
    Orphans { seed: u32, at: u64 },
}

impl BlockKind {
    /// Whether the checksum in `data` is right.
    pub(crate) fn verify(self, data: &[u8]) -> bool {
        match self {
            Self::Plain => true,
            Self::Bitmap { seed, len, sum, mask } => {
                data.get(..len).is_some_and(|bits| (crc32c(seed, bits) ^ sum) & mask == 0)
            }
            Self::Directory { .. } | Self::Extent { .. } | Self::Attributes { .. } | Self::Orphans { .. } => {
                self.computed(data).is_some_and(|(offset, sum)| le::<u32>(data, offset) == sum)
            }
        }
    }

    /// Stores the checksum in `data`. A bitmap's stands in its group's descriptor.
    pub(crate) fn seal(self, data: &mut [u8]) {
        if let Some((offset, sum)) = self.computed(data) {
            put_le(data, offset, sum);
        }
    }

    /// Where the checksum stands and what it has to be. `None` when the block has no place for one.
    fn computed(self, data: &[u8]) -> Option<(usize, u32)> {
        match self {
            Self::Plain | Self::Bitmap { .. } => None,
            Self::Directory { seed } => match dir_htree::checksum_place(data) {
                Some((covered, tail)) => {
                    let sum = crc32c(seed, data.get(..covered)?);
                    // The tail's reserved word, and zeros in the checksum's own place.
                    let sum = crc32c(sum, data.get(tail..tail.checked_add(4)?)?);
                    Some((tail + 4, crc32c(sum, &[0; 4])))
                }
                None => {
                    let tail = dir_entry::tail_offset(data)?;
                    Some((tail + 8, crc32c(seed, data.get(..tail)?)))
                }
            },
            Self::Extent { seed } => {
                let tail = extent::tail_offset(data)?;
                Some((tail, crc32c(seed, data.get(..tail)?)))
            }
            Self::Orphans { seed, at } => orphan_file::checksum(data, seed, at),
            Self::Attributes { seed, at } => {
                let sum = crc32c(crc32c(seed, &at.to_le_bytes()), data.get(..0x10)?);
                Some((0x10, crc32c(crc32c(sum, &[0; 4]), data.get(0x14..)?)))
            }
        }
    }
}
