//! One qcow2 file as it is read: its L1 table, its cached L2 slices, and where each byte lies.
//!
//! A layer must not know the layers below it; what it does not have is `Unallocated`.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use super::{
    geometry::Geometry,
    header::Header,
    host::Host,
    l1::L1Entry,
    l2::{Fault, L2Entry, State},
    slices::{self, Slice, Slices},
};
use crate::Result;

/// Where a stretch of the virtual disk comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// From this offset in the file.
    Host(u64),
    /// From nowhere: it reads as zero.
    Zero,
    /// From the backing file; zero without one.
    Unallocated,
}

/// A stretch that comes from one place, contiguous there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) target: Target,
    pub(crate) len: u64,
}

impl Extent {
    /// Adds `len` bytes from `target`; false when they do not continue this extent.
    fn extend(&mut self, target: Target, len: u64) -> bool {
        let continues = match (self.target, target) {
            _ if self.len == 0 => true,
            (Target::Host(start), Target::Host(next)) => start + self.len == next,
            (a, b) => a == b,
        };
        if self.len == 0 {
            self.target = target;
        }
        if continues {
            self.len += len;
        }
        continues
    }
}

struct Tables {
    l1: Vec<L1Entry>,
    slices: Slices,
}

/// One open qcow2 file.
pub(crate) struct Layer {
    pub(crate) host: Host,
    pub(crate) header: Header,
    pub(crate) geometry: Geometry,
    size: AtomicU64,
    tables: Mutex<Tables>,
}

impl Layer {
    /// Reads header and L1 table of the image on `host`; up to `cached_slices` slices will be kept.
    pub(crate) fn open(host: Host, cached_slices: usize) -> Result<Self> {
        let header = Header::read(&host)?;
        header.check_readable(&host)?;
        let mut raw = vec![0; header.l1_entries as usize * 8];
        host.read("the L1 table", &mut raw, header.l1_offset)?;
        let entry = |raw: &[u8]| L1Entry(u64::from_be_bytes(std::array::from_fn(|i| raw[i])));
        let l1 = raw.chunks_exact(8).map(entry).collect();
        let tables = Mutex::new(Tables { l1, slices: Slices::new(cached_slices) });
        let (geometry, size) = (header.geometry(), AtomicU64::new(header.size));
        Ok(Self { host, header, geometry, size, tables })
    }

    /// Size of the virtual disk in bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size.load(Ordering::Acquire)
    }

    pub(crate) fn set_size(&self, size: u64) {
        self.size.store(size, Ordering::Release);
    }

    // Every change under this lock is a single step, so a poisoned one is still good.
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn l1_entry(&self, index: u64) -> L1Entry {
        self.tables().l1.get(index as usize).copied().unwrap_or_default()
    }

    pub(crate) fn set_l1_entry(&self, index: u64, entry: L1Entry) {
        if let Some(slot) = self.tables().l1.get_mut(index as usize) {
            *slot = entry;
        }
    }

    pub(crate) fn l1(&self) -> Vec<L1Entry> {
        self.tables().l1.clone()
    }

    pub(crate) fn extend_l1(&self, entries: usize) {
        self.tables().l1.resize(entries, L1Entry::default());
    }

    /// Runs `f` on the cache of slices.
    pub(crate) fn with_slices<R>(&self, f: impl FnOnce(&mut Slices) -> R) -> R {
        f(&mut self.tables().slices)
    }

    /// Offset in the file of a slice, if its L2 table exists.
    pub(crate) fn slice_offset(&self, number: u64) -> Result<Option<u64>> {
        let per_table = self.geometry.cluster_size() / self.geometry.slice_bytes();
        let Some(table) = self.l1_entry(number / per_table).table() else { return Ok(None) };
        if !self.geometry.is_aligned(table) {
            return Err(self.host.corrupt(format!("an L2 table at {table} is not aligned")));
        }
        Ok(Some(table + number % per_table * self.geometry.slice_bytes()))
    }

    /// A slice of an L2 table; none where there is no table.
    pub(crate) fn slice(&self, number: u64) -> Result<Option<Slice>> {
        if let Some(slice) = self.with_slices(|slices| slices.get(number)) {
            return Ok(Some(slice));
        }
        let Some(offset) = self.slice_offset(number)? else { return Ok(None) };
        let mut raw = vec![0; self.geometry.slice_bytes() as usize];
        self.host.read("an L2 table", &mut raw, offset)?;
        let slice = slices::decode(self.geometry, &raw);
        Ok(Some(self.with_slices(|slices| slices.insert(number, slice))))
    }

    /// The entry of a cluster of the virtual disk, checked; empty where there is no table.
    pub(crate) fn entry(&self, cluster: u64) -> Result<L2Entry> {
        let per_slice = self.geometry.slice_entries();
        let Some(slice) = self.slice(cluster / per_slice)? else { return Ok(L2Entry::default()) };
        let entry = slice[(cluster % per_slice) as usize];
        self.check(entry, cluster)?;
        Ok(entry)
    }

    /// Changes the entry of a cluster whose slice has been read.
    pub(crate) fn set_entry(&self, cluster: u64, entry: L2Entry) -> Result<()> {
        let per_slice = self.geometry.slice_entries();
        let number = cluster / per_slice;
        // It is in the cache but for the rare case that reading others has pushed it out again.
        if self.slice(number)?.is_none() {
            return Err(self.host.corrupt(format!("cluster {cluster} has no L2 table")));
        }
        self.with_slices(|slices| slices.set(number, (cluster % per_slice) as usize, entry));
        Ok(())
    }

    fn check(&self, entry: L2Entry, cluster: u64) -> Result<()> {
        match entry.check(self.geometry) {
            Ok(()) => Ok(()),
            Err(Fault::Compressed) => Err(self.host.unsupported("compressed clusters")),
            Err(Fault::Contradiction) => {
                Err(self.host.corrupt(format!("the L2 entry of cluster {cluster} contradicts itself")))
            }
        }
    }

    /// Where the bytes from `offset` come from, as far as they come from one place, at most `len` of them.
    /// The range must not be empty and must lie inside the virtual disk.
    pub(crate) fn map(&self, offset: u64, len: u64) -> Result<Extent> {
        let end = offset + len;
        let mut extent = Extent { target: Target::Unallocated, len: 0 };
        let slice_span = self.geometry.slice_entries() << self.geometry.cluster_bits;
        while offset + extent.len < end {
            let at = offset + extent.len;
            let goes_on = match self.slice(at / slice_span)? {
                Some(slice) => self.map_slice(&slice, at, end.min((at / slice_span + 1) * slice_span), &mut extent)?,
                None => {
                    let span = self.geometry.table_span();
                    extent.extend(Target::Unallocated, end.min((at / span + 1).saturating_mul(span)) - at)
                }
            };
            if !goes_on {
                break;
            }
        }
        Ok(extent)
    }

    /// Adds what a slice says of `from..to` (inside the slice); false when the extent ends there.
    fn map_slice(&self, slice: &[L2Entry], from: u64, to: u64, extent: &mut Extent) -> Result<bool> {
        let geometry = self.geometry;
        let mut at = from;
        while at < to {
            let cluster = at >> geometry.cluster_bits;
            let entry = slice[(cluster % geometry.slice_entries()) as usize];
            self.check(entry, cluster)?;
            let within = at % geometry.cluster_size();
            let first = (within / geometry.subcluster_size()) as u32;
            let (state, count) = entry.run(first, geometry.subclusters());
            let run_end = u64::from(first + count) * geometry.subcluster_size();
            let len = (run_end - within).min(to - at);
            let target = match state {
                State::Allocated => Target::Host(entry.host().unwrap_or_default() + within),
                State::Zero => Target::Zero,
                State::Unallocated => Target::Unallocated,
            };
            if !extent.extend(target, len) {
                return Ok(false);
            }
            at += len;
        }
        Ok(true)
    }
}
