//! Writing: in place where the head has the bytes already, else into clusters allocated in long runs.
//!
//! Only subclusters that are written in part, and are not in the head yet, need the bytes around them from
//! below. Entries change in memory only; [`super::flush`] writes them when what they refer to is durable.

use std::ops::Range;

use super::{
    chain,
    image::{Image, Writer},
    l1::L1Entry,
    l2::{L2Entry, State, mask},
};
use crate::Result;

/// A run of clusters of the virtual disk that lies in one piece in the file.
pub(crate) struct Place {
    pub(crate) first: u64,
    pub(crate) count: u64,
    /// Offset in the file of the first.
    pub(crate) host: u64,
    /// Allocated for this write, and not referred to yet.
    fresh: bool,
}

impl Image {
    /// Writes all of `buf` at `offset`, which was checked.
    pub(crate) fn write_runs(&self, writer: &mut Writer, buf: &[u8], offset: u64) -> Result<()> {
        let mut done = 0;
        while done < buf.len() {
            done += self.write_run(writer, &buf[done..], offset + done as u64)?;
            self.flush_if_much_waits(writer)?;
        }
        Ok(())
    }

    /// Writes the beginning of `buf`, as much as has its place in one piece; how much that was.
    fn write_run(&self, writer: &mut Writer, buf: &[u8], offset: u64) -> Result<usize> {
        let geometry = self.head().geometry;
        let clusters = offset >> geometry.cluster_bits..geometry.clusters(offset + buf.len() as u64);
        let place = self.find_place(writer, clusters)?;
        let end = (offset + buf.len() as u64).min((place.first + place.count) << geometry.cluster_bits);
        let buf = &buf[..(end - offset) as usize];
        match self.write_data(writer, &place, buf, offset) {
            Ok(range) => self.refer(&place, range)?,
            Err(error) => {
                self.give_up_place(writer, &place)?;
                return Err(error);
            }
        }
        Ok(buf.len())
    }

    /// Frees clusters that were allocated for a write which failed, with what was written of it.
    pub(crate) fn give_up_place(&self, writer: &mut Writer, place: &Place) -> Result<()> {
        if !place.fresh {
            return Ok(());
        }
        let (host, bits) = (&self.head().host, self.head().geometry.cluster_bits);
        host.punch_hole(place.host, place.count << bits);
        let first = place.host >> bits;
        writer.refcounts.release(host, first..first + place.count)
    }

    /// Where the clusters lie or may lie, as many from the first on as lie in one piece.
    pub(crate) fn find_place(&self, writer: &mut Writer, clusters: Range<u64>) -> Result<Place> {
        let head = self.head();
        let first = clusters.start;
        let mut count = 1;
        let Some(host) = self.writable_host(writer, first)? else {
            while first + count < clusters.end && head.entry(first + count)?.host().is_none() {
                count += 1;
            }
            self.ensure_tables(writer, first..first + count)?;
            let run = writer.refcounts.allocate(&head.host, count)?;
            let host = run.start << head.geometry.cluster_bits;
            return Ok(Place { first, count: run.end - run.start, host, fresh: true });
        };
        while first + count < clusters.end {
            let next = self.writable_host(writer, first + count)?;
            if next != Some(host + (count << head.geometry.cluster_bits)) {
                break;
            }
            count += 1;
        }
        self.ensure_tables(writer, first..first + count)?;
        Ok(Place { first, count, host, fresh: false })
    }

    /// The place of a cluster that the head has; refused unless it belongs to that cluster alone.
    pub(crate) fn writable_host(&self, writer: &mut Writer, cluster: u64) -> Result<Option<u64>> {
        let head = self.head();
        let entry = head.entry(cluster)?;
        if let Some(offset) = entry.host() {
            if !entry.is_copied() {
                return Err(head.host.corrupt(format!("cluster {cluster} is shared, without an internal snapshot")));
            }
            writer.refcounts.check_data(&head.host, offset)?;
        }
        Ok(entry.host())
    }

    /// Sees to it that clusters have L2 tables that may be written.
    pub(crate) fn ensure_tables(&self, writer: &mut Writer, clusters: Range<u64>) -> Result<()> {
        let head = self.head();
        let per_table = head.geometry.l2_entries();
        for index in clusters.start / per_table..clusters.end.div_ceil(per_table) {
            let entry = head.l1_entry(index);
            match entry.table() {
                Some(_) if !entry.is_copied() => {
                    return Err(head.host.corrupt(format!("L2 table {index} is shared, without an internal snapshot")));
                }
                Some(table) => writer.refcounts.check_single(&head.host, table)?,
                None => self.add_table(writer, index)?,
            }
        }
        Ok(())
    }

    fn add_table(&self, writer: &mut Writer, index: u64) -> Result<()> {
        let head = self.head();
        let size = head.geometry.cluster_size();
        let cluster = writer.refcounts.allocate(&head.host, 1)?;
        let offset = cluster.start << head.geometry.cluster_bits;
        writer.pending.unsynced = true;
        // All zero, and durable before the L1 entry: whatever part of the next flush survives a power cut,
        // the table never names anything that is not there.
        let zeroed = head.host.write("a new L2 table", &vec![0; size as usize], offset);
        if let Err(error) = zeroed.and_then(|()| writer.refcounts.claim(&head.host, offset, 1)) {
            writer.refcounts.release(&head.host, cluster)?;
            return Err(error);
        }
        head.set_l1_entry(index, L1Entry::new(offset));
        writer.pending.l1.insert(index);
        Ok(())
    }

    /// Writes `buf` to its place, with what is missing of the subclusters at its ends; the range of the
    /// virtual disk that the file then has.
    fn write_data(&self, writer: &mut Writer, place: &Place, buf: &[u8], offset: u64) -> Result<Range<u64>> {
        let head = self.head();
        let unit = head.geometry.subcluster_size();
        let end = offset + buf.len() as u64;
        let start = if self.has_subcluster(offset)? { offset } else { offset - offset % unit };
        let stop = if self.has_subcluster(end - 1)? { end } else { end.next_multiple_of(unit) };
        let at = |offset: u64| place.host + (offset - (place.first << head.geometry.cluster_bits));
        writer.pending.unsynced = true;
        // The part of the first subcluster that is to be filled, together with the data in it.
        let front_end = if start < offset { end.min(start + unit) } else { offset };
        // Likewise of the last one, when that is another.
        let back_start = if end < stop { (stop - unit).max(front_end) } else { end };
        let part = |from: u64, to: u64| &buf[(from - offset) as usize..(to - offset) as usize];
        if start < front_end {
            let until = if back_start < end || stop == end { front_end } else { stop };
            self.write_filled(at(start), start..until, part(offset, front_end), offset)?;
        }
        if front_end < back_start {
            head.host.write("data", part(front_end, back_start), at(front_end))?;
        }
        if back_start < end {
            self.write_filled(at(back_start), back_start..stop, part(back_start, end), back_start)?;
        }
        Ok(start..stop)
    }

    /// Writes the whole of `range` to `host`: `data` at `offset`, and around it what the chain has.
    fn write_filled(&self, host: u64, range: Range<u64>, data: &[u8], offset: u64) -> Result<()> {
        let mut whole = vec![0; (range.end - range.start) as usize];
        let (before, after) = ((offset - range.start) as usize, (offset - range.start) as usize + data.len());
        chain::read(self.chain(), &mut whole[..before], range.start)?;
        whole[before..after].copy_from_slice(data);
        chain::read(self.chain(), &mut whole[after..], offset + data.len() as u64)?;
        self.head().host.write("data", &whole, host)
    }

    /// Whether the head has the subcluster of the byte at `offset`.
    fn has_subcluster(&self, offset: u64) -> Result<bool> {
        let geometry = self.head().geometry;
        let entry = self.head().entry(offset >> geometry.cluster_bits)?;
        let index = (offset % geometry.cluster_size() / geometry.subcluster_size()) as u32;
        Ok(entry.run(index, geometry.subclusters()).0 == State::Allocated)
    }

    /// Lets the entries refer to `range` of the virtual disk, which consists of whole subclusters but for
    /// ends that the head had already.
    pub(crate) fn refer(&self, place: &Place, range: Range<u64>) -> Result<()> {
        let head = self.head();
        let size = head.geometry.cluster_size();
        for cluster in place.first..place.first + place.count {
            let base = cluster * size;
            let from = range.start.max(base) - base;
            let to = range.end.min(base + size) - base;
            let unit = head.geometry.subcluster_size();
            let old = head.entry(cluster)?;
            let mut new: L2Entry = old;
            if place.fresh {
                new.set_host(Some(place.host + base - place.first * size));
            }
            new.set_allocated(mask((from / unit) as u32, to.div_ceil(unit) as u32));
            if new != old {
                let _alone = self.close_gate();
                head.set_entry(cluster, new)?;
            }
        }
        Ok(())
    }
}
