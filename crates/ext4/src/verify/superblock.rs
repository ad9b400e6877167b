//! Whether the numbers in the superblock go together, as far as opening the filesystem does not ask already.

use super::{Check, Place, Problem};
use crate::features;

/// The newest revision of the format (`EXT4_DYNAMIC_REV`).
const NEWEST_REVISION: u32 = 1;
/// More groups than so many, as a power of two, cannot lie together.
const MOST_GROUPS_PER_FLEX: u8 = 31;

impl Check {
    /// Looks at the fields that nothing else depends on here, and that e2fsck or Linux would stumble over.
    pub(super) fn check_superblock(&mut self) {
        let superblock = &self.core.superblock;
        let features = superblock.features();
        let is_in_clusters = features.has_ro_compat(features::RO_BIGALLOC);
        let has_quota = features.has_ro_compat(features::RO_QUOTA);
        let wrong = [
            (superblock.s_rev_level() > NEWEST_REVISION, "its revision is newer than any that there is"),
            (
                superblock.reserved_blocks_count() > self.core.layout.blocks_count / 2,
                "it reserves more than half of the blocks",
            ),
            (
                !is_in_clusters && superblock.s_log_cluster_size() != superblock.s_log_block_size(),
                "its clusters are of another size than its blocks, and it has no feature for that",
            ),
            (
                !is_in_clusters && superblock.s_clusters_per_group() != superblock.s_blocks_per_group(),
                "its groups have another number of clusters than of blocks, and it has no feature for that",
            ),
            (
                superblock.s_log_groups_per_flex() > MOST_GROUPS_PER_FLEX,
                "more groups than there can be are to lie together",
            ),
            (
                !features.has_compat(features::COMPAT_ORPHAN_FILE) && superblock.s_orphan_file_inum() != 0,
                "it names a file of orphans, and has no feature for that",
            ),
            (
                !has_quota && (superblock.s_usr_quota_inum() | superblock.s_grp_quota_inum()) != 0,
                "it names files of quotas, and has no feature for that",
            ),
            (
                !features.has_ro_compat(features::RO_PROJECT) && superblock.s_prj_quota_inum() != 0,
                "it names a file of projects' quotas, and has no feature for that",
            ),
            (
                superblock.s_journal_inum() != 0 && superblock.names_outside_journal(),
                "it names a journal on another device beside the one that it has",
            ),
        ];
        for (_, message) in wrong.into_iter().filter(|(is_wrong, _)| *is_wrong) {
            self.damage(Place::Superblock, Problem::Field, message);
        }
    }
}
