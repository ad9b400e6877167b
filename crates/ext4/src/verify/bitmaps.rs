//! The bitmaps and the counts, against what was seen to be in use.

use super::{Check, Place, Problem, Severity};
use crate::Result;
use crate::bitmap;

impl Check {
    /// Compares every group's bitmaps and counts, and the superblock's counts, with what was found.
    pub(super) fn check_bitmaps(&mut self) -> Result<()> {
        let (mut free_blocks, mut free_inodes) = (0u64, 0u64);
        let mut next = 0;
        for group in 0..self.core.layout.group_count {
            let free = self.core.layout.group_clusters(group).saturating_sub(self.used.count_in(group));
            self.check_block_bitmap(group, free)?;
            let (inodes, directories) = self.inodes_in(group, &mut next);
            let in_use = self.check_inode_bitmap(group, &inodes, directories)?;
            free_blocks += u64::from(free);
            free_inodes += u64::from(self.core.layout.inodes_per_group.saturating_sub(in_use));
        }
        let superblock = &self.core.superblock;
        // In blocks also where the groups count clusters.
        let counts = [
            ("blocks", superblock.free_blocks_count(), free_blocks << self.core.layout.cluster_bits),
            ("inodes", u64::from(superblock.s_free_inodes_count()), free_inodes),
        ];
        for (what, says, found) in counts {
            if says != found {
                let message = format!("the superblock says that {says} {what} are free, in truth {found} are");
                self.verdict.add(Place::Superblock, Problem::Count, Severity::Notice, message);
            }
        }
        Ok(())
    }

    fn check_block_bitmap(&mut self, group: u32, free: u32) -> Result<()> {
        let place = Place::Group(group);
        let descriptor = *self.core.group(group)?;
        if descriptor.free_blocks_count != free {
            let says = descriptor.free_blocks_count;
            let message = format!("the group says that {says} {} are free, in truth {free} are", self.unit());
            self.damage(place, Problem::Count, message);
        }
        let expected = self.used.bitmap(group);
        let bits = match self.never_written(group)?.0 {
            true => self.core.initial_block_bitmap(group),
            false => {
                let kind = self.core.block_bitmap_kind(group)?;
                let bits = self.core.load(descriptor.block_bitmap, kind);
                let Some(bits) = self.tolerate(bits, place, Problem::Checksum)? else { return Ok(()) };
                bits.to_vec()
            }
        };
        let what = self.unit().trim_end_matches('s');
        let first = self.core.layout.group_start(group) >> self.core.layout.cluster_bits;
        self.compare(place, Problem::BlockBitmap, what, &bits, &expected, first);
        Ok(())
    }

    /// How what is allocated is called.
    fn unit(&self) -> &'static str {
        if self.core.layout.cluster_bits > 0 { "clusters" } else { "blocks" }
    }

    /// The inodes of `group` that are in use, as bits, and how many of them are folders. `next` is the first
    /// inode that was not looked at yet.
    fn inodes_in(&self, group: u32, next: &mut usize) -> (Vec<u8>, u32) {
        let layout = &self.core.layout;
        let mut bits = vec![0; layout.block_size];
        let (first, per_group) = (group * layout.inodes_per_group + 1, layout.inodes_per_group);
        let end = u32::try_from(8 * layout.block_size).unwrap_or(u32::MAX);
        bitmap::fill(&mut bits, per_group, end, true);
        if group == 0 {
            bitmap::fill(&mut bits, 0, layout.first_inode - 1, true);
        }
        let mut directories = 0;
        while let Some(known) = self.inodes.get(*next).filter(|known| known.number - first < per_group) {
            let bit = known.number - first;
            bitmap::fill(&mut bits, bit, bit + 1, true);
            directories += u32::from(known.is_directory());
            *next += 1;
        }
        (bits, directories)
    }

    /// Compares the inode bitmap of `group` with what is in use; the number of inodes in use.
    fn check_inode_bitmap(&mut self, group: u32, expected: &[u8], directories: u32) -> Result<u32> {
        let place = Place::Group(group);
        let descriptor = *self.core.group(group)?;
        let per_group = self.core.layout.inodes_per_group;
        let free: u32 = bitmap::clear_runs(expected, 0, per_group).map(|run| run.1).sum();
        let counts = [
            ("inodes are free", descriptor.free_inodes_count, free),
            ("inodes are folders", descriptor.used_dirs_count, directories),
        ];
        for (what, says, found) in counts {
            if says != found {
                let message = format!("the group says that {says} {what}, in truth {found} are");
                self.damage(place, Problem::Count, message);
            }
        }
        if self.never_written(group)?.1 {
            if free != per_group && (group > 0 || directories > 0) {
                let message = "the group says that its inodes were never used, but some are";
                self.damage(place, Problem::InodeBitmap, message);
            }
            return Ok(per_group - free);
        }
        let kind = self.core.inode_bitmap_kind(group)?;
        let bits = self.core.load(descriptor.inode_bitmap, kind);
        let Some(bits) = self.tolerate(bits, place, Problem::Checksum)? else { return Ok(per_group - free) };
        let first = u64::from(group) * u64::from(per_group) + 1;
        self.compare(place, Problem::InodeBitmap, "inode", &bits, expected, first);
        Ok(per_group - free)
    }

    /// Reports where two bitmaps differ: the first bit each way, and how many more.
    fn compare(&mut self, place: Place, problem: Problem, what: &str, bits: &[u8], expected: &[u8], first: u64) {
        if bits == expected {
            return;
        }
        let mut free: Option<u64> = None;
        let mut used: Option<u64> = None;
        let (mut missing, mut leaked) = (0u32, 0u32);
        for (index, (is, should)) in (0u64..).zip(bits.iter().zip(expected)) {
            if is == should {
                continue;
            }
            let (not_set, not_clear) = (should & !is, is & !should);
            missing += not_set.count_ones();
            leaked += not_clear.count_ones();
            let at = |bits: u8| first + 8 * index + u64::from(bits.trailing_zeros());
            free = free.or((not_set != 0).then(|| at(not_set)));
            used = used.or((not_clear != 0).then(|| at(not_clear)));
        }
        if let Some(at) = free {
            let message = format!("the bitmap says that {what} {at} is free, but it is in use ({missing} such)");
            // What is in use and said to be free would be overwritten.
            self.grave(place, problem, message);
        }
        if let Some(at) = used {
            let message = format!("the bitmap says that {what} {at} is in use, but nothing uses it ({leaked} such)");
            self.damage(place, problem, message);
        }
    }
}
