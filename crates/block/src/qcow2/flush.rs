//! The order in which changes become durable.
//!
//! 1. Data is in the file already. Refcount blocks are written: too high a count is only a leak. Sync.
//! 2. New refcount blocks are entered into the refcount table. Sync.
//! 3. L2 and L1 entries are written; all that they refer to is durable, and they do not depend on each
//!    other (a new L2 table is all zero in the file before step 1 ends). Sync.
//! 4. Nothing durable refers to clusters that were given up: their refcounts fall to 0, the host gets
//!    their space back, and they may be used again. No sync: losing this is only a leak.

use std::{collections::BTreeSet, ops::Range};

use super::{
    image::{Image, Writer},
    slices,
};
use crate::Result;

/// Slices of L2 tables that may wait before a write flushes by itself: 8 MiB of tables.
const MAX_CHANGED_SLICES: usize = 256;
/// Runs of given up clusters that may wait likewise.
const MAX_GIVEN_UP: usize = 1 << 16;

/// What is to be written at the next flush, beside the changed slices and refcounts.
#[derive(Default)]
pub(crate) struct Pending {
    /// Whether bytes were written that no sync has covered.
    pub(crate) unsynced: bool,
    /// L1 entries that differ from the disk.
    pub(crate) l1: BTreeSet<u64>,
    /// Clusters of the file that the tables in memory do not refer to any more, while those on disk may.
    pub(crate) given_up: Vec<Range<u64>>,
}

impl Pending {
    /// Remembers a cluster to be freed once that is safe.
    pub(crate) fn give_up(&mut self, cluster: u64) {
        match self.given_up.last_mut() {
            Some(run) if run.end == cluster => run.end += 1,
            _ => self.given_up.push(cluster..cluster + 1),
        }
    }
}

impl Image {
    /// Makes everything durable.
    pub(crate) fn flush_all(&self, writer: &mut Writer) -> Result<()> {
        self.make_data_durable(writer)?;
        self.write_tables(writer)?;
        self.free_given_up(writer)
    }

    /// Flushes when more waits than should be kept in memory.
    pub(crate) fn flush_if_much_waits(&self, writer: &mut Writer) -> Result<()> {
        let changed = self.head().with_slices(|slices| slices.changed());
        if changed > MAX_CHANGED_SLICES || writer.pending.given_up.len() > MAX_GIVEN_UP {
            return self.flush_all(writer);
        }
        Ok(())
    }

    /// Steps 1 and 2.
    pub(crate) fn make_data_durable(&self, writer: &mut Writer) -> Result<()> {
        let host = &self.head().host;
        if writer.refcounts.write_blocks(host)? {
            writer.pending.unsynced = true;
        }
        self.sync(writer)?;
        if writer.refcounts.table_changed() {
            writer.pending.unsynced = true;
            writer.refcounts.write_table(host)?;
            self.sync(writer)?;
        }
        Ok(())
    }

    /// Step 3.
    fn write_tables(&self, writer: &mut Writer) -> Result<()> {
        let head = self.head();
        let changed = head.with_slices(|slices| slices.to_write());
        if changed.is_empty() && writer.pending.l1.is_empty() {
            return Ok(());
        }
        writer.pending.unsynced = true;
        for (number, slice, range) in changed {
            let Some(offset) = head.slice_offset(number)? else {
                return Err(head.host.corrupt(format!("L2 slice {number} has no table")));
            };
            let at = offset + range.start as u64 * head.geometry.l2_entry_size();
            head.host.write("an L2 table", &slices::encode(head.geometry, &slice[range]), at)?;
        }
        for &index in &writer.pending.l1 {
            let raw = head.l1_entry(index).0.to_be_bytes();
            head.host.write("the L1 table", &raw, writer.header.l1_offset + index * 8)?;
        }
        self.sync(writer)?;
        head.with_slices(|slices| slices.all_written());
        writer.pending.l1.clear();
        Ok(())
    }

    /// Step 4.
    fn free_given_up(&self, writer: &mut Writer) -> Result<()> {
        let head = self.head();
        let bits = head.geometry.cluster_bits;
        while let Some(run) = writer.pending.given_up.pop() {
            // Before the run can be allocated again, since this throws its bytes away.
            head.host.punch_hole(run.start << bits, (run.end - run.start) << bits);
            writer.refcounts.release(&head.host, run)?;
        }
        writer.refcounts.write_blocks(&head.host)?;
        Ok(())
    }

    fn sync(&self, writer: &mut Writer) -> Result<()> {
        if writer.pending.unsynced {
            // After a failed sync the host may have dropped what it could not write and forgotten about
            // it, so a second sync that succeeds would mean nothing.
            writer.failed = true;
            self.head().host.sync()?;
            writer.failed = false;
            writer.pending.unsynced = false;
        }
        Ok(())
    }
}
