//! A sparse device in memory, for tests and for work that never reaches a disk.
//!
//! It must not know files: [`MemoryDevice::save`] and [`MemoryDevice::load`] only carry its content to
//! and from a raw file, so that outside tools can judge it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    ops::Range,
    os::unix::fs::FileExt,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{
    BlockDevice, Error, Result,
    range::{check_range, pieces},
};

/// Bytes kept together; a chunk that was never written takes no memory.
const CHUNK: u64 = 16 * 1024;
/// The unit in which two devices are compared.
const SECTOR: usize = 512;

type Chunks = BTreeMap<u64, Arc<[u8]>>;

/// A block device of any size in memory; only chunks that were written take space.
///
/// Cloning is cheap: the clones share their chunks until one of them writes.
#[derive(Debug)]
pub struct MemoryDevice {
    len: u64,
    chunks: RwLock<Chunks>,
}

impl Clone for MemoryDevice {
    fn clone(&self) -> Self {
        Self { len: self.len, chunks: RwLock::new(self.chunks().clone()) }
    }
}

impl MemoryDevice {
    /// A device of `len` bytes that reads as zero everywhere.
    #[must_use]
    pub fn new(len: u64) -> Self {
        Self { len, chunks: RwLock::default() }
    }

    /// A device with the content of the raw file at `path`; holes in the file stay holes.
    ///
    /// # Errors
    /// When the file cannot be opened or read.
    pub fn load(path: &Path) -> Result<Self> {
        let failed = |e| Error::io("read the raw file", e).at(path);
        let file = File::open(path).map_err(failed)?;
        let device = Self::new(file.metadata().map_err(failed)?.len());
        let mut buf = vec![0; CHUNK as usize];
        for (index, _, len) in pieces(0, device.len, CHUNK) {
            let piece = &mut buf[..len];
            file.read_exact_at(piece, index * CHUNK).map_err(failed)?;
            if piece.iter().any(|&b| b != 0) {
                device.write_at(piece, index * CHUNK)?;
            }
        }
        Ok(device)
    }

    /// Writes the content to a raw, sparse file at `path`, replacing what was there.
    ///
    /// # Errors
    /// When the file cannot be created or written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let failed = |e| Error::io("write the raw file", e).at(path);
        let file = File::create(path).map_err(failed)?;
        file.set_len(self.len).map_err(failed)?;
        for (index, chunk) in self.chunks().iter() {
            let start = index * CHUNK;
            let len = (self.len - start).min(CHUNK) as usize;
            file.write_all_at(&chunk[..len], start).map_err(failed)?;
        }
        Ok(())
    }

    /// Where this device differs from `other`, which is as long: ranges of whole sectors of 512 bytes, in
    /// order, neighbours joined. Chunks that the two share as clones cost nothing.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<Range<u64>> {
        let (ours, theirs) = (self.chunks().clone(), other.chunks().clone());
        let zeros = [0; CHUNK as usize];
        let mut found: Vec<Range<u64>> = Vec::new();
        let indices: BTreeSet<u64> = ours.keys().chain(theirs.keys()).copied().collect();
        for index in indices {
            let (ours, theirs) = (ours.get(&index), theirs.get(&index));
            if ours.zip(theirs).is_some_and(|(a, b)| Arc::ptr_eq(a, b)) {
                continue;
            }
            let [ours, theirs] = [ours, theirs].map(|chunk| chunk.map_or(&zeros[..], |chunk| chunk));
            for (sector, (a, b)) in ours.chunks(SECTOR).zip(theirs.chunks(SECTOR)).enumerate() {
                let start = index * CHUNK + (sector * SECTOR) as u64;
                let end = start + SECTOR as u64;
                match found.last_mut() {
                    _ if a == b => {}
                    Some(last) if last.end == start => last.end = end,
                    _ => found.push(start..end),
                }
            }
        }
        found
    }

    /// Bytes of memory that the content takes.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        self.chunks().len() as u64 * CHUNK
    }

    // A panic in another thread cannot leave the map half changed, so a poisoned lock is still good.
    fn chunks(&self) -> std::sync::RwLockReadGuard<'_, Chunks> {
        self.chunks.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn chunks_mut(&self) -> std::sync::RwLockWriteGuard<'_, Chunks> {
        self.chunks.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BlockDevice for MemoryDevice {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> Result<()> {
        check_range("read", offset, buf.len() as u64, self.len)?;
        let chunks = self.chunks();
        let mut rest = buf;
        for (index, within, len) in pieces(offset, rest.len() as u64, CHUNK) {
            let (piece, tail) = rest.split_at_mut(len);
            match chunks.get(&index) {
                Some(chunk) => piece.copy_from_slice(&chunk[within..within + len]),
                None => piece.fill(0),
            }
            rest = tail;
        }
        Ok(())
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> Result<()> {
        check_range("write", offset, buf.len() as u64, self.len)?;
        let mut chunks = self.chunks_mut();
        let mut rest = buf;
        for (index, within, len) in pieces(offset, rest.len() as u64, CHUNK) {
            let (piece, tail) = rest.split_at(len);
            let chunk = chunks.entry(index).or_insert_with(|| vec![0; CHUNK as usize].into());
            Arc::make_mut(chunk)[within..within + len].copy_from_slice(piece);
            rest = tail;
        }
        Ok(())
    }

    fn discard(&self, offset: u64, len: u64) -> Result<()> {
        check_range("discard", offset, len, self.len)?;
        let mut chunks = self.chunks_mut();
        // Only chunks that exist are visited: discarding 16 TiB of nothing costs nothing.
        let (first, last) = (offset / CHUNK, (offset + len).div_ceil(CHUNK));
        let touched: Vec<u64> = chunks.range(first..last).map(|(&index, _)| index).collect();
        for index in touched {
            let from = offset.saturating_sub(index * CHUNK) as usize;
            let to = (offset + len - index * CHUNK).min(CHUNK) as usize;
            if from == 0 && to == CHUNK as usize {
                chunks.remove(&index);
            } else if let Some(chunk) = chunks.get_mut(&index) {
                Arc::make_mut(chunk)[from..to].fill(0);
            }
        }
        Ok(())
    }

    fn flush(&self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn bytes_come_back_across_chunk_borders_and_the_rest_is_zero() {
        let device = MemoryDevice::new(100_001);
        let data: Vec<u8> = (0..40_000u32).map(|i| i as u8 | 1).collect();
        device.write_at(&data, 50_000).unwrap();
        let mut all = vec![7; 100_001];
        device.read_at(&mut all, 0).unwrap();
        assert!(all[..50_000].iter().all(|&b| b == 0));
        assert_eq!(all[50_000..90_000], data);
        assert!(all[90_000..].iter().all(|&b| b == 0));
    }

    #[test]
    fn a_discarded_range_reads_zero_and_gives_its_memory_back() {
        let device = MemoryDevice::new(16 << 40);
        device.write_at(&[1; 100_000], 1 << 40).unwrap();
        device.discard((1 << 40) + 10, 99_980).unwrap();
        let mut all = vec![7; 100_000];
        device.read_at(&mut all, 1 << 40).unwrap();
        assert_eq!(all.iter().filter(|&&b| b == 1).count(), 20);
        device.discard(0, 16 << 40).unwrap();
        assert_eq!(device.memory_bytes(), 0);
    }

    #[test]
    fn a_range_outside_the_device_is_refused_and_changes_nothing() {
        let device = MemoryDevice::new(1000);
        for (offset, len) in [(999, 2), (1001, 0), (u64::MAX, 2)] {
            let err = device.write_at(&vec![1; len], offset).unwrap_err();
            assert_eq!(err.kind(), ErrorKind::OutOfRange);
        }
        assert_eq!(device.discard(1, u64::MAX).unwrap_err().kind(), ErrorKind::OutOfRange);
        device.write_at(&[], 1000).unwrap();
        assert_eq!(device.memory_bytes(), 0);
    }

    #[test]
    fn a_clone_does_not_see_later_writes() {
        let device = MemoryDevice::new(1000);
        device.write_at(&[1; 10], 0).unwrap();
        let before = device.clone();
        device.write_at(&[2; 10], 0).unwrap();
        let mut buf = [0; 10];
        before.read_at(&mut buf, 0).unwrap();
        assert_eq!(buf, [1; 10]);
    }

    #[test]
    fn two_devices_differ_where_one_was_written() {
        let device = MemoryDevice::new(100_000);
        device.write_at(&[1; 5000], 20_000).unwrap();
        let before = device.clone();
        assert_eq!(device.differences(&before), []);
        device.write_at(&[2; 600], 20_000).unwrap();
        device.write_at(&[1; 600], 21_000).unwrap();
        device.write_at(&[0; 600], 90_000).unwrap();
        device.write_at(&[3], 32_767).unwrap();
        assert_eq!(device.differences(&before), [19_968..20_992, 32_256..32_768]);
        assert_eq!(before.differences(&device), [19_968..20_992, 32_256..32_768]);
    }

    #[test]
    fn a_raw_file_and_back_is_the_same_content() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("content.raw");
        let device = MemoryDevice::new(100_001);
        device.write_at(&[3; 30_000], 70_001).unwrap();
        device.save(&path).unwrap();
        let back = MemoryDevice::load(&path).unwrap();
        let (mut a, mut b) = (vec![0; 100_001], vec![1; 100_001]);
        device.read_at(&mut a, 0).unwrap();
        back.read_at(&mut b, 0).unwrap();
        assert_eq!(a, b);
    }
}
