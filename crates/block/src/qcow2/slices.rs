//! The cache of L2 table slices of one image: what was read, and what was changed and is not written yet.
//!
//! A slice is a piece of an L2 table (16 KiB), so that one look-up in a cold, deep chain does not read a
//! whole table. Changed slices stay here until [`super::flush`] has written them; only unchanged ones make
//! room for others.

use std::{collections::HashMap, ops::Range, sync::Arc};

use super::{geometry::Geometry, l2::L2Entry};

/// The entries of one slice.
pub(crate) type Slice = Arc<[L2Entry]>;

struct Cached {
    entries: Slice,
    /// Entries that differ from the disk.
    changed: Range<usize>,
    last_use: u64,
}

/// Slices by number: the number of a slice is that of its first cluster over the entries in a slice.
pub(crate) struct Slices {
    cached: HashMap<u64, Cached>,
    changed: usize,
    limit: usize,
    clock: u64,
}

impl Slices {
    /// A cache that keeps about `limit` slices.
    pub(crate) fn new(limit: usize) -> Self {
        Self { cached: HashMap::new(), changed: 0, limit: limit.max(4), clock: 0 }
    }

    pub(crate) fn get(&mut self, number: u64) -> Option<Slice> {
        self.clock += 1;
        let cached = self.cached.get_mut(&number)?;
        cached.last_use = self.clock;
        Some(cached.entries.clone())
    }

    /// Keeps a slice that was read; one that is there already wins, since it may have been changed.
    pub(crate) fn insert(&mut self, number: u64, entries: Slice) -> Slice {
        self.clock += 1;
        if self.cached.len() >= self.limit {
            self.make_room();
        }
        let fresh = Cached { entries, changed: 0..0, last_use: self.clock };
        self.cached.entry(number).or_insert(fresh).entries.clone()
    }

    /// Changes an entry of a slice that is in the cache; does nothing where it is not.
    pub(crate) fn set(&mut self, number: u64, index: usize, entry: L2Entry) {
        let Some(cached) = self.cached.get_mut(&number) else { return };
        Arc::make_mut(&mut cached.entries)[index] = entry;
        if cached.changed.is_empty() {
            self.changed += 1;
            cached.changed = index..index + 1;
        } else {
            cached.changed = cached.changed.start.min(index)..cached.changed.end.max(index + 1);
        }
    }

    /// How many slices wait to be written.
    pub(crate) fn changed(&self) -> usize {
        self.changed
    }

    /// The slices that wait to be written, in order of their place on the virtual disk.
    pub(crate) fn to_write(&self) -> Vec<(u64, Slice, Range<usize>)> {
        let mut list: Vec<_> = self
            .cached
            .iter()
            .filter(|(_, cached)| !cached.changed.is_empty())
            .map(|(&number, cached)| (number, cached.entries.clone(), cached.changed.clone()))
            .collect();
        list.sort_unstable_by_key(|(number, ..)| *number);
        list
    }

    /// Remembers that all changes have been written.
    pub(crate) fn all_written(&mut self) {
        for cached in self.cached.values_mut() {
            cached.changed = 0..0;
        }
        self.changed = 0;
    }

    /// Drops the quarter of the unchanged slices that was not used for longest.
    fn make_room(&mut self) {
        let mut uses: Vec<u64> = self.cached.values().filter(|c| c.changed.is_empty()).map(|c| c.last_use).collect();
        if uses.is_empty() {
            return;
        }
        let quarter = uses.len() / 4;
        let (_, &mut oldest_kept, _) = uses.select_nth_unstable(quarter);
        self.cached.retain(|_, c| !c.changed.is_empty() || c.last_use > oldest_kept);
    }
}

/// Reads the entries of a slice from its bytes on disk.
pub(crate) fn decode(geometry: Geometry, raw: &[u8]) -> Slice {
    raw.chunks_exact(geometry.l2_entry_size() as usize).map(|raw| L2Entry::decode(geometry, raw)).collect()
}

/// The bytes on disk of some entries.
pub(crate) fn encode(geometry: Geometry, entries: &[L2Entry]) -> Vec<u8> {
    let size = geometry.l2_entry_size() as usize;
    let mut raw = vec![0; entries.len() * size];
    for (entry, raw) in entries.iter().zip(raw.chunks_exact_mut(size)) {
        entry.encode(geometry, raw);
    }
    raw
}
