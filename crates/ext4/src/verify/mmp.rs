//! Multiple mount protection: the block in which whoever uses the filesystem leaves a sign of life.

use super::{Check, Place, Problem, Severity};
use crate::block_kind::BlockKind;
use crate::bytes::le;
use crate::checksum::crc32c;
use crate::{Result, features};

/// `mmp_magic`.
const MAGIC: u32 = 0x004D_4D50;
/// `mmp_seq` when nobody uses the filesystem, while e2fsck does, and the highest that a user counts to.
const CLEAN: u32 = 0xFF4D_4D50;
const FSCK: u32 = 0xE24D_4D50;
const LAST: u32 = 0xE24D_4D4F;
/// Where the checksum stands, which covers what lies before it.
const CHECKSUM: usize = 0x3FC;

impl Check {
    /// Looks at the block of the multiple mount protection, and claims it.
    pub(super) fn check_mmp(&mut self) -> Result<()> {
        if !self.core.superblock.features().has_incompat(features::INCOMPAT_MMP) {
            return Ok(());
        }
        let (place, block) = (Place::Superblock, self.core.superblock.s_mmp_block());
        if !self.core.layout.contains(block, 1) || self.used.claim(block, 1).is_some() {
            let message = format!("the block {block} of the multiple mount protection cannot be its own");
            self.damage(place, Problem::Field, message);
            return Ok(());
        }
        let data = self.core.load(block, BlockKind::Plain);
        let Some(data) = self.tolerate(data, place, Problem::Field)? else { return Ok(()) };
        let sum = self.core.layout.checksum_seed.map(|seed| crc32c(seed, data.get(..CHECKSUM).unwrap_or_default()));
        if le::<u32>(&data, 0) != MAGIC {
            self.damage(place, Problem::Field, "the block of the multiple mount protection is none");
        } else if sum.is_some_and(|sum| sum != le::<u32>(&data, CHECKSUM)) {
            let message = "the checksum of the block of the multiple mount protection is wrong";
            self.damage(place, Problem::Checksum, message);
        }
        match le::<u32>(&data, 4) {
            CLEAN => {}
            FSCK => self.note_use("a check of the filesystem is under way, or was interrupted"),
            1..=LAST => self.note_use("the filesystem is in use on some computer, or was not unmounted"),
            _ => {
                let message = "the sequence number of the multiple mount protection cannot be";
                self.damage(place, Problem::Field, message);
            }
        }
        Ok(())
    }

    fn note_use(&mut self, message: &str) {
        self.verdict.add(Place::Superblock, Problem::Field, Severity::Notice, message);
    }
}
