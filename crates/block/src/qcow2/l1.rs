//! L1 entries: each names the L2 table for a span of the virtual disk.
//!
//! qcow2 specification, "L1 table entry": bits 9–55 are the table's offset, bit 63 says that its refcount
//! is exactly one.

use super::l2::{COPIED, OFFSET_MASK};

/// QEMU's own limit of the L1 table, in bytes.
pub(crate) const MAX_L1_BYTES: u64 = 32 << 20;

/// One entry of the L1 table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct L1Entry(pub(crate) u64);

impl L1Entry {
    /// An entry for a table that only this entry refers to.
    pub(crate) fn new(table: u64) -> Self {
        Self(table | COPIED)
    }

    /// Offset of the L2 table, if there is one.
    pub(crate) fn table(self) -> Option<u64> {
        Some(self.0 & OFFSET_MASK).filter(|&offset| offset != 0)
    }

    /// Whether the table's refcount is exactly one.
    pub(crate) fn is_copied(self) -> bool {
        self.0 & COPIED != 0
    }
}
