//! The sizes that follow from an image's cluster size and kind of L2 entries.

/// Cluster and table sizes of one image; all sizes are powers of two, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Geometry {
    pub(crate) cluster_bits: u32,
    /// L2 entries are 16 bytes with a bitmap of 32 subclusters, instead of 8 bytes.
    pub(crate) extended: bool,
}

/// Bytes of an L2 table that are cached and written back together.
const SLICE_BYTES: u64 = 16 * 1024;

impl Geometry {
    pub(crate) fn cluster_size(self) -> u64 {
        1 << self.cluster_bits
    }

    /// Subclusters in a cluster: the unit of allocation within an image. Without extended entries, the
    /// cluster is its own only subcluster.
    pub(crate) fn subclusters(self) -> u32 {
        if self.extended { 32 } else { 1 }
    }

    pub(crate) fn subcluster_size(self) -> u64 {
        self.cluster_size() / u64::from(self.subclusters())
    }

    pub(crate) fn l2_entry_size(self) -> u64 {
        if self.extended { 16 } else { 8 }
    }

    pub(crate) fn l2_entries(self) -> u64 {
        self.cluster_size() / self.l2_entry_size()
    }

    /// Bytes of the virtual disk that one L2 table maps.
    pub(crate) fn table_span(self) -> u64 {
        self.l2_entries() << self.cluster_bits
    }

    pub(crate) fn slice_bytes(self) -> u64 {
        SLICE_BYTES.min(self.cluster_size())
    }

    pub(crate) fn slice_entries(self) -> u64 {
        self.slice_bytes() / self.l2_entry_size()
    }

    /// L1 entries that a virtual disk of `size` bytes needs.
    pub(crate) fn l1_entries(self, size: u64) -> u64 {
        size.div_ceil(self.table_span())
    }

    pub(crate) fn clusters(self, bytes: u64) -> u64 {
        bytes.div_ceil(self.cluster_size())
    }

    pub(crate) fn is_aligned(self, offset: u64) -> bool {
        offset.is_multiple_of(self.cluster_size())
    }
}
