//! The journal (JBD2): how a transaction becomes durable all at once, and what is left of it after a crash.
//!
//! The engine leaves the journal empty after every commit, so the log never holds more than one
//! transaction of its own. That is why it writes no revocations: a block can be freed, committed as free
//! and used for content only when no transaction that has a copy of it can be replayed any more. Journals
//! that a guest left are replayed in full, revocations included.
//!
//! What is in a transaction is none of this module's business; it sees block numbers and bytes.

pub(crate) mod commit;
pub(crate) mod descriptor;
pub(crate) mod log;
pub(crate) mod replay;
pub(crate) mod superblock;

use cairn_block::BlockDevice;

use self::descriptor::Format;
use self::log::Log;
use self::superblock::JournalSuperblock;
use crate::Result;

/// The inode in which `format` puts the journal.
pub(crate) const JOURNAL_INODE: u32 = 8;

/// An open journal.
pub(crate) struct Journal {
    pub(crate) log: Log,
    pub(crate) superblock: JournalSuperblock,
    /// The block of the log that is written next.
    head: u32,
    /// The number of the next transaction.
    sequence: u32,
    /// Blocks of the last transaction, which a power cut could still bring back.
    previous: u32,
}

impl Journal {
    /// Opens the journal in `log`, without looking into it.
    pub(crate) fn open(device: &dyn BlockDevice, log: Log) -> Result<Self> {
        let mut block = vec![0; log.block_size];
        log.read(device, 0, &mut block)?;
        let superblock = JournalSuperblock::parse(&block, log.blocks())?;
        let (head, sequence) = (superblock.first(), superblock.sequence().wrapping_add(1));
        let mut journal = Self { log, superblock, head, sequence, previous: 0 };
        // Whether the last owner reached the disk with its last step is not known.
        journal.previous = journal.blocks();
        Ok(journal)
    }

    /// Whether the log holds anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.superblock.start() == 0
    }

    /// The most blocks that one transaction can have.
    pub(crate) fn capacity(&self) -> usize {
        let blocks = usize::try_from(self.blocks()).unwrap_or(0);
        let tags = Format::tags_per_block(self.log.block_size);
        // The commit block, and a descriptor for every full or started load of tags.
        let room = blocks.saturating_sub(1);
        room - room.div_ceil(tags + 1)
    }

    /// Blocks of the log.
    fn blocks(&self) -> u32 {
        self.superblock.last() - self.superblock.first()
    }
}
