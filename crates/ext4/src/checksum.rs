//! The checksum of everything: CRC-32C (Castagnoli), continued from a seed, without the final inversion.
//!
//! The seed of a filesystem is the checksum of its UUID; what belongs to an inode continues from the
//! inode's number and generation, so that a block found in the wrong place never verifies.

/// Continues `seed` over `data`.
pub(crate) fn crc32c(seed: u32, data: &[u8]) -> u32 {
    !crc32c::crc32c_append(!seed, data)
}

/// The seed of everything that belongs to one inode.
pub(crate) fn inode_seed(filesystem: u32, inode: u32, generation: u32) -> u32 {
    crc32c(filesystem, &(u64::from(generation) << 32 | u64::from(inode)).to_le_bytes())
}
