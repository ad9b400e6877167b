//! Discarding: whole subclusters read as zero from then on, whole clusters go back to the host.

use super::{
    chain::{Source, Walk},
    image::{Image, Writer},
    l2::mask,
};
use crate::Result;

impl Image {
    /// Discards a range that was checked.
    pub(crate) fn discard_range(&self, writer: &mut Writer, offset: u64, len: u64) -> Result<()> {
        if len == 0 {
            return Ok(());
        }
        let unit = self.head().geometry.subcluster_size();
        let end = offset + len;
        // The last subcluster of the disk may lie only partly in it, and is whole all the same.
        let whole_end = if end == self.head().size() { end.next_multiple_of(unit) } else { end - end % unit };
        let whole_start = offset.next_multiple_of(unit);
        if whole_start >= whole_end {
            return self.write_zeros(writer, offset, end);
        }
        self.write_zeros(writer, offset, whole_start)?;
        self.discard_subclusters(writer, whole_start, whole_end)?;
        self.write_zeros(writer, whole_end.min(end), end)
    }

    /// Writes zeros where the disk does not read as zero anyway; for parts of a subcluster.
    fn write_zeros(&self, writer: &mut Writer, from: u64, to: u64) -> Result<()> {
        let mut at = from;
        while at < to {
            let (source, len) = Walk::new(self.chain()).next(at, to)?;
            if matches!(source, Source::Data(..)) {
                self.write_runs(writer, &vec![0; len as usize], at)?;
            }
            at += len;
        }
        Ok(())
    }

    /// Discards whole subclusters; what has no data anywhere in the chain is left as it is.
    fn discard_subclusters(&self, writer: &mut Writer, from: u64, to: u64) -> Result<()> {
        let geometry = self.head().geometry;
        let disk_end = self.head().size();
        let mut walk = Walk::new(self.chain());
        let mut at = from;
        while at < to.min(disk_end) {
            let (source, len) = walk.next(at, to.min(disk_end))?;
            if matches!(source, Source::Zero) {
                at += len;
                continue;
            }
            let cluster = at >> geometry.cluster_bits;
            let base = cluster << geometry.cluster_bits;
            let stop = to.min(base + geometry.cluster_size());
            let unit = geometry.subcluster_size();
            // A stretch without data may have ended inside a subcluster of this image (that of a backing
            // file may be smaller), so go back to where the subcluster begins; it lies in the range whole.
            let first = ((at - base) / unit) as u32;
            self.empty_subclusters(writer, cluster, mask(first, ((stop - base) / unit) as u32))?;
            at = stop;
        }
        Ok(())
    }

    pub(super) fn empty_subclusters(&self, writer: &mut Writer, cluster: u64, mask: u32) -> Result<()> {
        let head = self.head();
        let old = head.entry(cluster)?;
        let mut new = old;
        new.set_empty(mask, self.chain().len() > 1);
        let given_up = old.host().filter(|_| new.allocated == 0);
        self.ensure_tables(writer, cluster..cluster + 1)?;
        if let Some(offset) = given_up {
            self.writable_host(writer, cluster)?;
            new.set_host(None);
            writer.pending.give_up(offset >> head.geometry.cluster_bits);
        }
        if new != old {
            let _alone = self.close_gate();
            head.set_entry(cluster, new)?;
        }
        self.flush_if_much_waits(writer)
    }
}
