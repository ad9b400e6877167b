//! Refcounts: which clusters of the file are in use.
//!
//! qcow2 specification, "Refcount table" and "Refcount block", for entries of 16 bits. Cairn shares no
//! clusters inside an image, so a count is only ever 0 or 1; anything else is refused before it is changed.
//! Counts may reach the disk at any time: too high is a leak, and they are lowered only after nothing on
//! disk refers to the cluster any more ([`super::flush`] sees to that).

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    ops::Range,
};

use super::{free::FreeRuns, geometry::Geometry, header::Header, host::Host};
use crate::{Result, range::pieces};

/// Blocks kept in memory, of a cluster each; one covers 8 GiB of file with clusters of 128 KiB.
const CACHED_BLOCKS: usize = 32;
const OFFSET_MASK: u64 = !0x1ff;

struct Block {
    counts: Vec<u16>,
    /// Entries that differ from the disk.
    changed: Range<usize>,
    last_use: u64,
}

/// The refcounts of an image that is written.
pub(crate) struct Refcounts {
    pub(super) geometry: Geometry,
    table_offset: u64,
    /// Offset of each block; zero where there is none.
    pub(super) table: Vec<u64>,
    table_changed: BTreeSet<usize>,
    blocks: HashMap<usize, Block>,
    clock: u64,
    /// Clusters that hold the image's own structures, which no data may ever be written to.
    metadata: HashSet<u64>,
    /// Free runs below the frontier; none before the first allocation has looked for them.
    pub(super) free: Option<FreeRuns>,
    /// From here on every cluster is free.
    pub(super) frontier: u64,
}

impl Refcounts {
    /// Reads the refcount table of the image on `host`.
    pub(crate) fn open(host: &Host, header: &Header) -> Result<Self> {
        let geometry = header.geometry();
        let bytes = u64::from(header.refcount_table_clusters) << header.cluster_bits;
        let mut raw = vec![0; bytes as usize];
        host.read("the refcount table", &mut raw, header.refcount_table_offset)?;
        let entry = |raw: &[u8]| u64::from_be_bytes(std::array::from_fn(|i| raw[i])) & OFFSET_MASK;
        let table: Vec<u64> = raw.chunks_exact(8).map(entry).collect();
        let mut refcounts = Self {
            geometry,
            table_offset: header.refcount_table_offset,
            table,
            table_changed: BTreeSet::new(),
            blocks: HashMap::new(),
            clock: 0,
            metadata: HashSet::new(),
            free: None,
            frontier: 0,
        };
        let file_len = host.len()?;
        refcounts.claim(host, 0, 1)?;
        refcounts.claim(host, header.l1_offset, u64::from(header.l1_entries) * 8)?;
        refcounts.claim(host, header.refcount_table_offset, bytes)?;
        for index in 0..refcounts.table.len() {
            let offset = refcounts.table[index];
            if offset == 0 {
                continue;
            }
            if !geometry.is_aligned(offset) || offset >= file_len {
                return Err(host.corrupt(format!("refcount block {index} at {offset} does not lie inside the file")));
            }
            refcounts.claim(host, offset, 1)?;
        }
        Ok(refcounts)
    }

    /// Remembers that `len` bytes at `offset` hold the image's own structures; two may not share a cluster.
    pub(crate) fn claim(&mut self, host: &Host, offset: u64, len: u64) -> Result<()> {
        let first = offset >> self.geometry.cluster_bits;
        for cluster in first..first + self.geometry.clusters(len) {
            if !self.metadata.insert(cluster) {
                return Err(host.corrupt(format!("two of its tables share the cluster at {offset}")));
            }
        }
        Ok(())
    }

    /// The opposite of [`claim`](Self::claim), before the clusters are released.
    pub(crate) fn disclaim(&mut self, clusters: Range<u64>) {
        for cluster in clusters {
            self.metadata.remove(&cluster);
        }
    }

    /// The clusters that hold the image's own structures.
    pub(super) fn metadata(&self) -> impl Iterator<Item = u64> + '_ {
        self.metadata.iter().copied()
    }

    /// Refuses a data cluster that is not in use exactly once, or holds the image's own structures.
    pub(crate) fn check_data(&mut self, host: &Host, offset: u64) -> Result<()> {
        if self.metadata.contains(&(offset >> self.geometry.cluster_bits)) {
            return Err(host.corrupt(format!("the data cluster at {offset} is one of its own tables")));
        }
        self.check_single(host, offset)
    }

    /// Refuses a cluster whose refcount is not one.
    pub(crate) fn check_single(&mut self, host: &Host, offset: u64) -> Result<()> {
        let cluster = offset >> self.geometry.cluster_bits;
        let (index, within) = self.place(cluster);
        let count = if self.table.get(index).is_some_and(|&block| block != 0) {
            self.block(host, index)?.counts[within]
        } else {
            0
        };
        if count != 1 {
            return Err(host.corrupt(format!("the cluster at {offset} is in use but has refcount {count}, not 1")));
        }
        Ok(())
    }

    /// Frees clusters that nothing refers to.
    pub(crate) fn release(&mut self, host: &Host, run: Range<u64>) -> Result<()> {
        self.set(host, run.clone(), 1, 0)?;
        if let Some(free) = &mut self.free {
            free.add(run);
        }
        Ok(())
    }

    /// Writes the changed blocks; whether there were any.
    pub(crate) fn write_blocks(&mut self, host: &Host) -> Result<bool> {
        let mut any = false;
        for (&index, block) in &mut self.blocks {
            any |= !block.changed.is_empty();
            write_block(host, self.table[index], block)?;
        }
        Ok(any)
    }

    /// Whether the table names blocks that the disk does not know yet.
    pub(crate) fn table_changed(&self) -> bool {
        !self.table_changed.is_empty()
    }

    /// Writes the changed entries of the table; the blocks that they name must be durable.
    pub(crate) fn write_table(&mut self, host: &Host) -> Result<()> {
        for &index in &self.table_changed {
            let raw = self.table[index].to_be_bytes();
            host.write("the refcount table", &raw, self.table_offset + index as u64 * 8)?;
        }
        self.table_changed.clear();
        Ok(())
    }

    pub(super) fn per_block(&self) -> u64 {
        self.geometry.cluster_size() / 2
    }

    /// The block of a cluster, and its entry there.
    pub(super) fn place(&self, cluster: u64) -> (usize, usize) {
        ((cluster / self.per_block()) as usize, (cluster % self.per_block()) as usize)
    }

    /// The block at `index` of the table, which must exist.
    fn block(&mut self, host: &Host, index: usize) -> Result<&mut Block> {
        self.clock += 1;
        if !self.blocks.contains_key(&index) {
            let mut raw = vec![0; self.geometry.cluster_size() as usize];
            host.read("a refcount block", &mut raw, self.table[index])?;
            let counts = raw.chunks_exact(2).map(|raw| u16::from_be_bytes([raw[0], raw[1]])).collect();
            self.keep(host, index, Block { counts, changed: 0..0, last_use: 0 })?;
        }
        let clock = self.clock;
        match self.blocks.get_mut(&index) {
            Some(block) => {
                block.last_use = clock;
                Ok(block)
            }
            None => Err(host.corrupt(format!("refcount block {index} is missing"))),
        }
    }

    /// The counts of the block at `index` of the table, which must exist.
    pub(super) fn counts(&mut self, host: &Host, index: usize) -> Result<&[u16]> {
        Ok(&self.block(host, index)?.counts)
    }

    /// Adds an empty block that lies in `cluster`.
    pub(super) fn add_block(&mut self, host: &Host, index: usize, cluster: u64) -> Result<()> {
        let offset = cluster << self.geometry.cluster_bits;
        let entries = self.per_block() as usize;
        self.keep(host, index, Block { counts: vec![0; entries], changed: 0..entries, last_use: self.clock })?;
        self.claim(host, offset, 1)?;
        self.table[index] = offset;
        self.table_changed.insert(index);
        Ok(())
    }

    fn keep(&mut self, host: &Host, index: usize, block: Block) -> Result<()> {
        if self.blocks.len() >= CACHED_BLOCKS {
            let oldest = self.blocks.iter().min_by_key(|(_, block)| block.last_use).map(|(&index, _)| index);
            if let Some((index, block)) = oldest.and_then(|index| Some((index, self.blocks.get_mut(&index)?))) {
                write_block(host, self.table[index], block)?;
                self.blocks.remove(&index);
            }
        }
        self.blocks.insert(index, block);
        Ok(())
    }

    /// Changes the counts of a run of clusters, whose blocks exist, all of them `from` one value `to` another.
    pub(super) fn set(&mut self, host: &Host, run: Range<u64>, from: u16, to: u16) -> Result<()> {
        let per_block = self.per_block();
        for (index, first, len) in pieces(run.start, run.end - run.start, per_block) {
            let block = self.block(host, index as usize)?;
            let counts = &mut block.counts[first..first + len];
            if let Some(other) = counts.iter().position(|&count| count != from) {
                let (cluster, count) = (index * per_block + (first + other) as u64, counts[other]);
                return Err(host.corrupt(format!("cluster {cluster} of the file has refcount {count}, not {from}")));
            }
            counts.fill(to);
            block.changed = if block.changed.is_empty() {
                first..first + len
            } else {
                block.changed.start.min(first)..block.changed.end.max(first + len)
            };
        }
        Ok(())
    }
}

fn write_block(host: &Host, offset: u64, block: &mut Block) -> Result<()> {
    if !block.changed.is_empty() {
        let raw: Vec<u8> = block.counts[block.changed.clone()].iter().flat_map(|count| count.to_be_bytes()).collect();
        host.write("a refcount block", &raw, offset + block.changed.start as u64 * 2)?;
        block.changed = 0..0;
    }
    Ok(())
}
