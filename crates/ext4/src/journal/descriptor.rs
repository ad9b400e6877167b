//! The blocks that frame a transaction in the log: descriptors with their tags, revocations, commits.
//!
//! A descriptor names the blocks whose copies follow it, one tag each. Three layouts of a tag exist; the
//! journal's features say which one is used. The engine writes only the newest.

use super::superblock::{CSUM_V2, CSUM_V3, MAGIC, WIDE};
use crate::bytes::{be, join, put_be, split};
use crate::checksum::crc32c;

/// Bytes in front of every block of the journal: magic, type, transaction number.
pub(crate) const HEADER: usize = 12;
/// A descriptor's type.
pub(crate) const DESCRIPTOR: u32 = 1;
/// A commit block's type.
pub(crate) const COMMIT: u32 = 2;
/// A revocation's type.
pub(crate) const REVOCATION: u32 = 5;

/// The copy's first word was the magic number and stands as zero.
const FLAG_ESCAPED: u32 = 1;
/// No UUID follows the tag.
const FLAG_SAME_UUID: u32 = 2;
/// The last tag of its descriptor.
const FLAG_LAST: u32 = 8;
/// Bytes of a tag as the engine writes it, and of the UUID behind the first.
const TAG: usize = 16;
const UUID: usize = 16;
/// Bytes of the checksum at the end of descriptors and revocations.
const TAIL: usize = 4;

/// How the blocks of one journal are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Format {
    /// `s_feature_incompat` of the journal.
    pub(crate) features: u32,
    /// The seed of its checksums.
    pub(crate) seed: u32,
}

/// One tag: the copy of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// The block's number in the filesystem.
    pub(crate) block: u64,
    pub(crate) escaped: bool,
    /// The checksum of the copy, as wide as the format has it.
    pub(crate) checksum: u32,
}

/// The magic number, type and transaction number of a block, if it belongs to the journal.
pub(crate) fn header(block: &[u8]) -> Option<(u32, u32)> {
    (be::<u32>(block, 0) == MAGIC).then(|| (be(block, 4), be(block, 8)))
}

/// Writes a block's header.
pub(crate) fn put_header(block: &mut [u8], kind: u32, sequence: u32) {
    put_be(block, 0, MAGIC);
    put_be(block, 4, kind);
    put_be(block, 8, sequence);
}

impl Format {
    fn has_checksums(self) -> bool {
        self.features & (CSUM_V2 | CSUM_V3) != 0
    }

    fn is_wide(self) -> bool {
        self.features & WIDE != 0
    }

    /// Bytes of a tag without a UUID.
    fn tag_size(self) -> usize {
        if self.features & CSUM_V3 != 0 {
            return TAG;
        }
        let narrow = if self.features & CSUM_V2 != 0 { 10 } else { 8 };
        if self.is_wide() { narrow + 4 } else { narrow }
    }

    /// The tags of a descriptor, as many as there are before one that does not fit.
    pub(crate) fn tags(self, block: &[u8]) -> Vec<Tag> {
        let end = block.len() - if self.has_checksums() { TAIL } else { 0 };
        let mut tags = Vec::new();
        let mut offset = HEADER;
        while offset + self.tag_size() <= end {
            let (tag, flags) = self.tag(block.get(offset..).unwrap_or_default());
            tags.push(tag);
            offset += self.tag_size() + if flags & FLAG_SAME_UUID == 0 { UUID } else { 0 };
            if flags & FLAG_LAST != 0 {
                break;
            }
        }
        tags
    }

    fn tag(self, raw: &[u8]) -> (Tag, u32) {
        let low: u32 = be(raw, 0);
        let high = if self.is_wide() { be(raw, 8) } else { 0 };
        let (flags, checksum) = match self.features & CSUM_V3 != 0 {
            true => (be::<u32>(raw, 4), be::<u32>(raw, 12)),
            false => (u32::from(be::<u16>(raw, 6)), u32::from(be::<u16>(raw, 4))),
        };
        let escaped = flags & FLAG_ESCAPED != 0;
        (Tag { block: join(low, high), escaped, checksum }, flags)
    }

    /// Whether `copy`, a block of the log as it stands there, is what `tag` describes.
    pub(crate) fn verify_copy(self, tag: &Tag, copy: &[u8], sequence: u32) -> bool {
        let sum = self.copy_checksum(copy, sequence);
        if self.features & CSUM_V3 != 0 {
            return sum == tag.checksum;
        }
        self.features & CSUM_V2 == 0 || sum & 0xFFFF == tag.checksum
    }

    fn copy_checksum(self, copy: &[u8], sequence: u32) -> u32 {
        crc32c(crc32c(self.seed, &sequence.to_be_bytes()), copy)
    }

    /// Whether the checksum at the end of a descriptor or a revocation is right.
    pub(crate) fn verify_tail(self, block: &[u8]) -> bool {
        !self.has_checksums() || be::<u32>(block, block.len() - TAIL) == self.tail_checksum(block)
    }

    fn tail_checksum(self, block: &[u8]) -> u32 {
        let covered = block.get(..block.len().saturating_sub(TAIL)).unwrap_or_default();
        crc32c(crc32c(self.seed, covered), &[0; TAIL])
    }

    /// Whether the checksum of a commit block is right.
    pub(crate) fn verify_commit(self, block: &[u8]) -> bool {
        !self.has_checksums() || be::<u32>(block, 16) == self.commit_checksum(block)
    }

    fn commit_checksum(self, block: &[u8]) -> u32 {
        let sum = crc32c(self.seed, block.get(..16).unwrap_or_default());
        crc32c(crc32c(sum, &[0; 4]), block.get(20..).unwrap_or_default())
    }

    /// The blocks that a revocation names.
    pub(crate) fn revoked(self, block: &[u8]) -> Vec<u64> {
        let size = if self.is_wide() { 8 } else { 4 };
        let end = usize::try_from(be::<u32>(block, HEADER)).unwrap_or(0).min(block.len());
        let entries = block.get(HEADER + 4..end).unwrap_or_default();
        let number = |entry: &[u8]| match self.is_wide() {
            true => be(entry, 0),
            false => u64::from(be::<u32>(entry, 0)),
        };
        entries.chunks_exact(size).map(number).collect()
    }

    /// Tags that one descriptor of `block_size` bytes holds.
    pub(crate) fn tags_per_block(block_size: usize) -> usize {
        (block_size - HEADER - UUID - TAIL) / TAG
    }

    /// Makes a descriptor for copies of `blocks`: (number, the copy as it will stand in the log, escaped).
    pub(crate) fn descriptor(self, block: &mut [u8], sequence: u32, uuid: &[u8], blocks: &[(u64, &[u8], bool)]) {
        block.fill(0);
        put_header(block, DESCRIPTOR, sequence);
        let mut offset = HEADER;
        for (index, (number, copy, escaped)) in blocks.iter().enumerate() {
            let mut flags = if *escaped { FLAG_ESCAPED } else { 0 };
            flags |= if index > 0 { FLAG_SAME_UUID } else { 0 };
            flags |= if index + 1 == blocks.len() { FLAG_LAST } else { 0 };
            let (low, high) = split(*number);
            put_be(block, offset, low);
            put_be(block, offset + 4, flags);
            put_be(block, offset + 8, high);
            put_be(block, offset + 12, self.copy_checksum(copy, sequence));
            offset += TAG;
            if index == 0 {
                if let Some(place) = block.get_mut(offset..offset + UUID) {
                    place.copy_from_slice(uuid);
                }
                offset += UUID;
            }
        }
        let (end, sum) = (block.len() - TAIL, self.tail_checksum(block));
        put_be(block, end, sum);
    }

    /// Makes a commit block.
    pub(crate) fn commit(self, block: &mut [u8], sequence: u32, now: crate::Timestamp) {
        block.fill(0);
        put_header(block, COMMIT, sequence);
        put_be(block, 48, u64::try_from(now.seconds).unwrap_or(0));
        put_be(block, 56, now.nanoseconds);
        let sum = self.commit_checksum(block);
        put_be(block, 16, sum);
    }
}
