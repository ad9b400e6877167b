//! The journal's own superblock: its first block, big-endian like the whole journal
//! (`struct journal_superblock_s`).

use crate::bytes::{be, put_be};
use crate::checksum::crc32c;
use crate::{Error, Result};

/// The first word of every block that belongs to the journal itself.
pub(crate) const MAGIC: u32 = 0xC03B_3998;
/// Bytes of the superblock.
pub(crate) const SIZE: usize = 1024;

/// `s_feature_incompat`: revocations may occur.
pub(crate) const REVOKE: u32 = 0x1;
/// Block numbers have 64 bits.
pub(crate) const WIDE: u32 = 0x2;
/// A commit block may reach the disk before the blocks that it commits.
const ASYNC_COMMIT: u32 = 0x4;
/// Checksums of 16 bits in the tags.
pub(crate) const CSUM_V2: u32 = 0x8;
/// Checksums of 32 bits in the tags.
pub(crate) const CSUM_V3: u32 = 0x10;
/// The end of the journal holds fast commits.
const FAST_COMMIT: u32 = 0x20;
/// CRC-32C, the only checksum of a journal's metadata.
const CRC32C: u8 = 4;

/// The superblock, kept as its bytes.
#[derive(Clone)]
pub(crate) struct JournalSuperblock {
    raw: Vec<u8>,
}

impl JournalSuperblock {
    /// A new journal of `blocks` blocks, empty.
    pub(crate) fn new(block_size: usize, blocks: u32) -> Self {
        let mut superblock = Self { raw: vec![0; SIZE] };
        superblock.put(0x00, MAGIC);
        superblock.put(0x04, 4);
        superblock.put(0x0C, u32::try_from(block_size).unwrap_or(0));
        superblock.put(0x10, blocks);
        superblock.put(0x14, 1);
        superblock.put(0x18, 1);
        superblock.put(0x40, 1);
        superblock.upgrade();
        superblock
    }

    /// Reads and checks a journal's first block; `blocks` is how many the journal's inode has.
    pub(crate) fn parse(block: &[u8], blocks: u64) -> Result<Self> {
        let raw = block.get(..SIZE).ok_or_else(|| Error::corrupt("the journal has no superblock"))?;
        let superblock = Self { raw: raw.to_vec() };
        if superblock.get(0) != MAGIC || !matches!(superblock.get(4), 3 | 4) {
            return Err(Error::corrupt("the journal has no superblock"));
        }
        if superblock.get(4) == 3 {
            return Err(Error::unsupported("a journal of version 1"));
        }
        let unknown = superblock.incompat() & !(REVOKE | WIDE | ASYNC_COMMIT | CSUM_V2 | CSUM_V3);
        if unknown == FAST_COMMIT && superblock.start() != 0 {
            return Err(Error::unsupported("fast commits (fast_commit) that have to be replayed"));
        }
        if unknown & !FAST_COMMIT != 0 {
            return Err(Error::unsupported(format!("the journal feature {unknown:#x}")));
        }
        if superblock.has_checksums() && be::<u8>(&superblock.raw, 0x50) != CRC32C {
            return Err(Error::corrupt("the journal has a kind of checksum that cannot be"));
        }
        if superblock.has_checksums() && superblock.get(0xFC) != superblock.checksum() {
            return Err(Error::corrupt("the checksum of the journal's superblock is wrong"));
        }
        let fits = u64::try_from(block.len()).ok() == Some(u64::from(superblock.get(0x0C)))
            && u64::from(superblock.get(0x10)) <= blocks
            && superblock.first() >= 1
            && superblock.first() < superblock.last()
            && superblock.start() < superblock.last();
        match fits {
            true => Ok(superblock),
            false => Err(Error::corrupt("the journal's superblock cannot be")),
        }
    }

    /// The bytes to store, with their checksum.
    pub(crate) fn sealed(&mut self) -> &[u8] {
        if self.has_checksums() {
            let sum = self.checksum();
            self.put(0xFC, sum);
        }
        &self.raw
    }

    /// Switches an empty journal to the newest tags: 64 bits, checksums of 32 bits.
    pub(crate) fn upgrade(&mut self) {
        // The checksum of whole transactions belongs to the time before.
        self.put(0x24, self.get(0x24) & !1);
        let kept = self.incompat() & !(CSUM_V2 | ASYNC_COMMIT);
        self.put(0x28, kept | REVOKE | WIDE | CSUM_V3);
        put_be(&mut self.raw, 0x50, CRC32C);
    }

    fn checksum(&self) -> u32 {
        let part = |range: std::ops::Range<usize>| self.raw.get(range).unwrap_or_default();
        crc32c(crc32c(crc32c(!0, part(0..0xFC)), &[0; 4]), part(0x100..SIZE))
    }

    /// The seed of the checksums of all other blocks.
    pub(crate) fn seed(&self) -> u32 {
        crc32c(!0, self.uuid())
    }

    /// The journal's UUID.
    pub(crate) fn uuid(&self) -> &[u8] {
        self.raw.get(0x30..0x40).unwrap_or_default()
    }

    /// The feature flags that a reader has to know.
    pub(crate) fn incompat(&self) -> u32 {
        self.get(0x28)
    }

    /// The feature flags that a writer has to know; Linux knows none.
    pub(crate) fn ro_compat(&self) -> u32 {
        self.get(0x2C)
    }

    /// An error that Linux noted here, for whoever opens the filesystem next (`s_errno`).
    pub(crate) fn errno(&self) -> u32 {
        self.get(0x20)
    }

    /// How many filesystems use the journal.
    pub(crate) fn users(&self) -> u32 {
        self.get(0x40)
    }

    fn has_checksums(&self) -> bool {
        self.incompat() & (CSUM_V2 | CSUM_V3) != 0
    }

    /// The first block of the log.
    pub(crate) fn first(&self) -> u32 {
        self.get(0x14)
    }

    /// The block behind the last one of the log.
    pub(crate) fn last(&self) -> u32 {
        let fast = if self.incompat() & FAST_COMMIT != 0 { self.get(0x54).max(1) } else { 0 };
        self.get(0x10).saturating_sub(fast)
    }

    /// The number of the first transaction in the log.
    pub(crate) fn sequence(&self) -> u32 {
        self.get(0x18)
    }

    /// Where the first transaction starts; 0 when the log is empty.
    pub(crate) fn start(&self) -> u32 {
        self.get(0x1C)
    }

    /// Records where the log starts (0: it is empty) and which transaction comes first.
    pub(crate) fn set_log(&mut self, start: u32, sequence: u32) {
        self.put(0x18, sequence);
        self.put(0x1C, start);
        // An error that an earlier owner recorded is settled once the journal is used again.
        self.put(0x20, 0);
    }

    fn get(&self, offset: usize) -> u32 {
        be(&self.raw, offset)
    }

    fn put(&mut self, offset: usize, value: u32) {
        put_be(&mut self.raw, offset, value);
    }
}
