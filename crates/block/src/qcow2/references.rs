//! Whether the refcounts of an image are true: everything in its tables that refers to a cluster of the file is
//! counted, and compared with what the refcount blocks say; what `qemu-img check` does.
//!
//! Only tables are read. Each is read once, however often it is referred to, so that a hostile image costs no more than
//! what is really in its file.

use std::{collections::HashSet, path::Path};

use super::{Access, chain, l2::Fault, layer::Layer, slices};
use crate::Result;

/// How many faults are put into words.
const WORDS: usize = 3;
const OFFSET_MASK: u64 = !0x1ff;

/// What counting the references inside an image has shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct References {
    /// Clusters that are counted more often than something refers to them: room that is lost, and no damage.
    pub leaked_clusters: u64,
    /// Bytes in them.
    pub leaked_bytes: u64,
    /// How often the tables contradict each other: a cluster used twice, or used and not counted, a table outside of
    /// the file. Writing to such an image may destroy what is in it.
    pub faults: u64,
    /// The first of these faults, each a sentence without its final stop.
    pub first_faults: Vec<String>,
}

impl References {
    fn fault(&mut self, sentence: impl FnOnce() -> String) {
        self.faults += 1;
        if self.first_faults.len() < WORDS {
            self.first_faults.push(sentence());
        }
    }
}

/// Counts the references inside the image at `path`, without those below it.
///
/// # Errors
/// `Locked` while somebody writes it; `Unsupported` for an image of a kind that Cairn does not make (internal snapshots,
/// bitmaps, compression, other refcounts); `NotQcow2`, `Corrupt` and `Io` when its tables cannot be read.
pub fn count_references(path: &Path) -> Result<References> {
    let layer = Layer::open(chain::open_host(path, Access::ReadOnly, &mut HashSet::new())?, 0)?;
    layer.header.check_countable(&layer.host)?;
    let mut count = Count {
        end: layer.geometry.clusters(layer.host.len()?),
        layer: &layer,
        uses: Vec::new(),
        found: References::default(),
    };
    count.header();
    let blocks = count.refcount_table()?;
    count.l1_table()?;
    count.uses.sort_unstable();
    count.compare(&blocks)?;
    Ok(count.found)
}

/// How a use of a cluster looks at its refcount.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Flag {
    /// It does not say.
    None,
    /// It says that the refcount is exactly one.
    Copied,
    /// It says that it is not.
    NotCopied,
}

struct Count<'a> {
    layer: &'a Layer,
    /// The first cluster behind the end of the file.
    end: u64,
    /// Every use of a cluster of the file.
    uses: Vec<(u64, Flag)>,
    found: References,
}

impl Count<'_> {
    /// One more use of the cluster at `offset`; whether it lies in the file.
    fn refer(&mut self, what: &str, offset: u64, flag: Flag) -> bool {
        let geometry = self.layer.geometry;
        let cluster = offset >> geometry.cluster_bits;
        let is_inside = geometry.is_aligned(offset) && cluster < self.end;
        if is_inside {
            self.uses.push((cluster, flag));
        } else {
            self.found.fault(|| format!("{what} at {offset} does not lie inside the file"));
        }
        is_inside
    }

    fn header(&mut self) {
        let (header, geometry) = (&self.layer.header, self.layer.geometry);
        let l1 = geometry.clusters(u64::from(header.l1_entries) * 8);
        let first = |offset: u64| offset >> geometry.cluster_bits;
        let l1 = first(header.l1_offset)..first(header.l1_offset) + l1;
        let table = first(header.refcount_table_offset);
        let table = table..table + u64::from(header.refcount_table_clusters);
        self.uses.extend((0..1).chain(l1).chain(table).map(|cluster| (cluster, Flag::None)));
    }

    /// The refcount blocks, each with the first cluster that it counts.
    fn refcount_table(&mut self) -> Result<Vec<(u64, u64)>> {
        let (header, geometry) = (&self.layer.header, self.layer.geometry);
        let mut raw = vec![0; (u64::from(header.refcount_table_clusters) << header.cluster_bits) as usize];
        self.layer.host.read("the refcount table", &mut raw, header.refcount_table_offset)?;
        let (mut blocks, mut seen) = (Vec::new(), HashSet::new());
        for (index, raw) in (0..).zip(raw.chunks_exact(8)) {
            let offset = u64::from_be_bytes(std::array::from_fn(|i| raw[i])) & OFFSET_MASK;
            // Twice the same block counts what it counts once.
            if offset != 0 && self.refer("a refcount block", offset, Flag::None) && seen.insert(offset) {
                blocks.push((index * (geometry.cluster_size() / 2), offset));
            }
        }
        Ok(blocks)
    }

    fn l1_table(&mut self) -> Result<()> {
        let mut seen = HashSet::new();
        for entry in self.layer.l1() {
            let Some(table) = entry.table() else { continue };
            if self.refer("an L2 table", table, flag(entry.is_copied())) && seen.insert(table) {
                self.l2_table(table)?;
            }
        }
        Ok(())
    }

    fn l2_table(&mut self, table: u64) -> Result<()> {
        let geometry = self.layer.geometry;
        let mut raw = vec![0; geometry.cluster_size() as usize];
        // The last cluster of a file may be cut short.
        self.layer.host.read_padded(&mut raw, table)?;
        for entry in slices::decode(geometry, &raw).iter() {
            match entry.check(geometry) {
                Ok(()) => {}
                Err(Fault::Compressed) => return Err(self.layer.host.unsupported("compressed clusters")),
                Err(Fault::Contradiction) => {
                    self.found.fault(|| format!("an entry of the L2 table at {table} contradicts itself"));
                    continue;
                }
            }
            if let Some(offset) = entry.host() {
                self.refer("a data cluster", offset, flag(entry.is_copied()));
            }
        }
        Ok(())
    }

    /// The refcounts against the uses, which are in order.
    fn compare(&mut self, blocks: &[(u64, u64)]) -> Result<()> {
        let uses = std::mem::take(&mut self.uses);
        let mut left = uses.as_slice();
        let mut raw = vec![0; self.layer.geometry.cluster_size() as usize];
        for (first, offset) in blocks {
            left = self.compare_run(left, *first, std::iter::empty());
            self.layer.host.read_padded(&mut raw, *offset)?;
            let counts = raw.chunks_exact(2).map(|raw| u16::from_be_bytes([raw[0], raw[1]]));
            left = self.compare_run(left, first + raw.len() as u64 / 2, (*first..self.end).zip(counts));
        }
        self.compare_run(left, u64::MAX, std::iter::empty());
        Ok(())
    }

    /// Compares the uses before the cluster `until` with the counts that there are for them; what is left.
    fn compare_run<'u>(
        &mut self,
        uses: &'u [(u64, Flag)],
        until: u64,
        counts: impl Iterator<Item = (u64, u16)>,
    ) -> &'u [(u64, Flag)] {
        let (mut now, later) = uses.split_at(uses.partition_point(|(cluster, _)| *cluster < until));
        for (cluster, counted) in counts {
            let (of_it, rest) = now.split_at(now.partition_point(|(other, _)| *other <= cluster));
            now = rest;
            self.judge(cluster, counted, of_it);
        }
        for of_it in now.chunk_by(|a, b| a.0 == b.0) {
            self.judge(of_it[0].0, 0, of_it);
        }
        later
    }

    fn judge(&mut self, cluster: u64, counted: u16, uses: &[(u64, Flag)]) {
        let at = cluster << self.layer.geometry.cluster_bits;
        match (uses.len(), counted) {
            (0, 0) | (1, 1) => {}
            (0 | 1, 1..) => {
                self.found.leaked_clusters += 1;
                self.found.leaked_bytes += self.layer.geometry.cluster_size();
            }
            (1, 0) => self.found.fault(|| format!("the cluster at {at} is in use and counted as free")),
            (times, _) => self.found.fault(|| format!("the cluster at {at} is used {times} times")),
        }
        let wrong = if counted == 1 { Flag::NotCopied } else { Flag::Copied };
        for _ in uses.iter().filter(|(_, flag)| *flag == wrong) {
            self.found.fault(|| format!("an entry is wrong about how often the cluster at {at} is used"));
        }
    }
}

fn flag(is_copied: bool) -> Flag {
    if is_copied { Flag::Copied } else { Flag::NotCopied }
}
