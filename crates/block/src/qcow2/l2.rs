//! L2 entries: where one cluster of the virtual disk lies in the file, and which of its subclusters are there.
//!
//! qcow2 specification, "L2 table entry" and "Extended L2 Entries". A standard entry is held in memory as
//! an extended one whose cluster has a single subcluster, so that the rest of the code knows one kind.

use super::geometry::Geometry;

/// Bits 9–55: an offset in the file.
pub(crate) const OFFSET_MASK: u64 = 0x00ff_ffff_ffff_fe00;
/// Bit 63: the refcount of what the offset names is exactly one.
pub(crate) const COPIED: u64 = 1 << 63;
const COMPRESSED: u64 = 1 << 62;
/// Bit 0 of a standard entry: the cluster reads as zero.
const ZERO: u64 = 1;

/// What a subcluster holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The data lies in this file.
    Allocated,
    /// It reads as zero, whatever the backing file has.
    Zero,
    /// The backing file decides; zero without one.
    Unallocated,
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Compressed,
    Contradiction,
}

/// One L2 entry, of either kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct L2Entry {
    descriptor: u64,
    /// Bit n: subcluster n is allocated in this file.
    pub(crate) allocated: u32,
    /// Bit n: subcluster n reads as zero.
    pub(crate) zero: u32,
}

impl L2Entry {
    /// Reads an entry from its bytes on disk (8, or 16 when extended).
    pub(crate) fn decode(geometry: Geometry, raw: &[u8]) -> Self {
        let word = |at: usize| u64::from_be_bytes(std::array::from_fn(|i| raw[at + i]));
        let descriptor = word(0);
        if geometry.extended {
            let bitmap = word(8);
            return Self { descriptor, allocated: bitmap as u32, zero: (bitmap >> 32) as u32 };
        }
        let zero = (descriptor & ZERO) as u32;
        let allocated = u32::from(descriptor & OFFSET_MASK != 0 && zero == 0);
        let keep = if descriptor & COMPRESSED == 0 { !ZERO } else { u64::MAX };
        Self { descriptor: descriptor & keep, allocated, zero }
    }

    /// Writes the entry as it stands on disk.
    pub(crate) fn encode(self, geometry: Geometry, raw: &mut [u8]) {
        if geometry.extended {
            raw[..8].copy_from_slice(&self.descriptor.to_be_bytes());
            let bitmap = u64::from(self.zero) << 32 | u64::from(self.allocated);
            raw[8..16].copy_from_slice(&bitmap.to_be_bytes());
        } else {
            raw[..8].copy_from_slice(&(self.descriptor | u64::from(self.zero & 1)).to_be_bytes());
        }
    }

    /// Refuses what cannot be handled or makes no sense, before anything else is asked of the entry.
    pub(crate) fn check(self, geometry: Geometry) -> Result<(), Fault> {
        if self.descriptor & COMPRESSED != 0 {
            return Err(Fault::Compressed);
        }
        let host = self.descriptor & OFFSET_MASK;
        let lost = self.allocated != 0 && host == 0;
        if lost || self.allocated & self.zero != 0 || !geometry.is_aligned(host) {
            return Err(Fault::Contradiction);
        }
        Ok(())
    }

    /// Offset in the file of the cluster, if it has one (even one whose subclusters all read as zero).
    pub(crate) fn host(self) -> Option<u64> {
        Some(self.descriptor & OFFSET_MASK).filter(|&offset| offset != 0)
    }

    /// Gives the entry a cluster that only it refers to, or takes it away.
    pub(crate) fn set_host(&mut self, host: Option<u64>) {
        self.descriptor = host.map_or(0, |offset| offset | COPIED);
    }

    pub(crate) fn is_copied(self) -> bool {
        self.descriptor & COPIED != 0
    }

    /// The state of subcluster `index`, and how many from there on (of `count` in a cluster) share it.
    pub(crate) fn run(self, index: u32, count: u32) -> (State, u32) {
        let (allocated, zero) = (self.allocated >> index, self.zero >> index);
        let (state, len) = if allocated & 1 != 0 {
            (State::Allocated, allocated.trailing_ones())
        } else if zero & 1 != 0 {
            (State::Zero, zero.trailing_ones())
        } else {
            (State::Unallocated, (allocated | zero).trailing_zeros())
        };
        (state, len.min(count - index))
    }

    /// Marks the subclusters of `mask` as holding data.
    pub(crate) fn set_allocated(&mut self, mask: u32) {
        self.allocated |= mask;
        self.zero &= !mask;
    }

    /// Marks the subclusters of `mask` as reading zero: by themselves, or because nothing lies below.
    pub(crate) fn set_empty(&mut self, mask: u32, hides_backing: bool) {
        self.allocated &= !mask;
        self.zero = if hides_backing { self.zero | mask } else { self.zero & !mask };
    }
}

/// Bits `from..to` of a subcluster bitmap.
pub(crate) fn mask(from: u32, to: u32) -> u32 {
    let below = |n: u32| 1u32.checked_shl(n).map_or(u32::MAX, |bit| bit - 1);
    below(to) & !below(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENDED: Geometry = Geometry { cluster_bits: 17, extended: true };
    const STANDARD: Geometry = Geometry { cluster_bits: 16, extended: false };

    #[test]
    fn an_extended_entry_keeps_its_bitmap_on_disk() {
        let mut entry = L2Entry::default();
        entry.set_host(Some(5 << 17));
        entry.set_allocated(mask(3, 32));
        entry.set_empty(mask(30, 32), true);
        let mut raw = [0; 16];
        entry.encode(EXTENDED, &mut raw);
        assert_eq!(raw[..8], (5u64 << 17 | 1 << 63).to_be_bytes());
        assert_eq!(raw[8..], 0xc000_0000_3fff_fff8_u64.to_be_bytes());
        assert_eq!(L2Entry::decode(EXTENDED, &raw), entry);
    }

    #[test]
    fn runs_end_where_the_state_changes() {
        let mut entry = L2Entry::default();
        entry.set_host(Some(1 << 17));
        entry.set_allocated(mask(3, 30));
        entry.set_empty(mask(30, 32), true);
        assert_eq!(entry.run(0, 32), (State::Unallocated, 3));
        assert_eq!(entry.run(5, 32), (State::Allocated, 25));
        assert_eq!(entry.run(31, 32), (State::Zero, 1));
        assert_eq!(L2Entry::default().run(7, 32), (State::Unallocated, 25));
        assert_eq!(mask(0, 32), u32::MAX);
    }

    #[test]
    fn a_standard_zero_cluster_keeps_its_preallocated_place() {
        let raw = (3u64 << 16 | 1 | 1 << 63).to_be_bytes();
        let entry = L2Entry::decode(STANDARD, &raw);
        assert_eq!(entry.run(0, 1), (State::Zero, 1));
        assert_eq!(entry.host(), Some(3 << 16));
        let mut back = [0; 8];
        entry.encode(STANDARD, &mut back);
        assert_eq!(back, raw);
    }

    #[test]
    fn entries_that_make_no_sense_are_told() {
        let entry = |descriptor: u64, bitmap: u64| {
            let mut raw = [0; 16];
            raw[..8].copy_from_slice(&descriptor.to_be_bytes());
            raw[8..].copy_from_slice(&bitmap.to_be_bytes());
            L2Entry::decode(EXTENDED, &raw).check(EXTENDED)
        };
        assert_eq!(entry(1 << 62, 0), Err(Fault::Compressed));
        assert_eq!(entry(0, 1), Err(Fault::Contradiction));
        assert_eq!(entry(1 << 16, 1), Err(Fault::Contradiction));
        assert_eq!(entry(1 << 17, 1 | 1 << 32), Err(Fault::Contradiction));
        assert_eq!(entry(0, 1 << 32), Ok(()));
    }
}
