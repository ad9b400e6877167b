//! Leaks: clusters that are counted as in use while nothing refers to them, and clusters that were written and never
//! counted, as a power cut or a writer that was killed leaves them behind. They do no harm, but they take room.

use super::{
    image::{Image, Writer},
    l2::Fault,
};
use crate::Result;

/// A set of clusters of the file.
struct Clusters(Vec<u64>);

impl Clusters {
    fn insert(&mut self, cluster: u64) {
        let word = (cluster / 64) as usize;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (cluster % 64);
    }

    fn contains(&self, cluster: u64) -> bool {
        self.0.get((cluster / 64) as usize).is_some_and(|word| word & 1 << (cluster % 64) != 0)
    }
}

impl Image {
    /// Gives clusters of the head back that nothing refers to; how many bytes were counted as in use and were not.
    /// Reads all tables of the head, 16 bytes for each cluster of it, and makes everything durable first.
    ///
    /// # Errors
    /// As for a flush; `Corrupt` when an entry names a cluster outside of the file, and then nothing is given back.
    pub fn reclaim_leaks(&self) -> Result<u64> {
        let mut writer = self.writer()?;
        self.flush_all(&mut writer)?;
        let referred = self.referred_clusters(&writer)?;
        let (head, bits) = (self.head(), self.head().geometry.cluster_bits);
        let per_block = writer.refcounts.per_block();
        let end = head.geometry.clusters(head.host.len()?);
        let mut reclaimed = 0;
        for index in 0..writer.refcounts.table.len() {
            let base = index as u64 * per_block;
            let counts = match writer.refcounts.table[index] {
                0 => vec![0; end.saturating_sub(base).min(per_block) as usize],
                _ => writer.refcounts.counts(&head.host, index)?.to_vec(),
            };
            // What nothing refers to, and how it is counted.
            let fate = |at: u64, count: u16| (count <= 1 && !referred.contains(base + at)).then_some(count);
            let fates: Vec<Option<u16>> = (0..).zip(counts).map(|(at, count)| fate(at, count)).collect();
            let mut at = base;
            for run in fates.chunk_by(|a, b| a == b) {
                let clusters = at..at + run.len() as u64;
                at = clusters.end;
                let Some(count) = run[0] else { continue };
                let bytes = (clusters.end.min(end).saturating_sub(clusters.start)) << bits;
                if bytes > 0 {
                    head.host.punch_hole(clusters.start << bits, bytes);
                }
                if count > 0 {
                    writer.refcounts.release(&head.host, clusters)?;
                    reclaimed += bytes;
                }
            }
        }
        writer.pending.unsynced |= reclaimed > 0;
        self.flush_all(&mut writer)?;
        Ok(reclaimed)
    }

    /// Everything in the head's file that has an owner. What was written is flushed.
    fn referred_clusters(&self, writer: &Writer) -> Result<Clusters> {
        let (head, geometry) = (self.head(), self.head().geometry);
        let mut referred = Clusters(Vec::new());
        writer.refcounts.metadata().for_each(|cluster| referred.insert(cluster));
        let end = geometry.clusters(head.host.len()?);
        let slices = geometry.cluster_size() / geometry.slice_bytes();
        for table in (0..).zip(head.l1()).filter(|(_, entry)| entry.table().is_some()).map(|(index, _)| index) {
            for number in table * slices..(table + 1) * slices {
                let Some(slice) = head.slice(number)? else { continue };
                for entry in slice.iter() {
                    entry.check(geometry).map_err(|fault| match fault {
                        Fault::Compressed => head.host.unsupported("compressed clusters"),
                        Fault::Contradiction => head.host.corrupt("an L2 entry contradicts itself"),
                    })?;
                    let Some(offset) = entry.host() else { continue };
                    let cluster = offset >> geometry.cluster_bits;
                    if cluster >= end {
                        return Err(head.host.corrupt(format!("the data cluster at {offset} lies outside the file")));
                    }
                    referred.insert(cluster);
                }
            }
        }
        Ok(referred)
    }
}
