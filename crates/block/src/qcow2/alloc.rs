//! Allocation of free clusters: from runs that were freed before, else behind all that is in use.
//!
//! Long runs matter more than a short file: a hole that stays free costs the host nothing, while data in
//! one piece is read and written in one piece.

use std::ops::Range;

use super::{free::FreeRuns, host::Host, refcount::Refcounts};
use crate::{Error, ErrorKind, Result};

impl Refcounts {
    /// Takes up to `want` free clusters in a row (at least one).
    pub(crate) fn allocate(&mut self, host: &Host, want: u64) -> Result<Range<u64>> {
        if self.free.is_none() {
            self.find_free(host)?;
        }
        if let Some(run) = self.free.as_mut().and_then(|free| free.take(want)) {
            self.set(host, run.clone(), 0, 1)?;
            return Ok(run);
        }
        self.prepare_frontier(host)?;
        self.take_frontier(host, want)
    }

    /// Takes exactly `want` clusters in a row, behind all that is in use.
    pub(crate) fn allocate_exact(&mut self, host: &Host, want: u64) -> Result<Range<u64>> {
        if want >= self.per_block() {
            return Err(host.unsupported(format!("a table of {want} clusters")));
        }
        if self.free.is_none() {
            self.find_free(host)?;
        }
        loop {
            self.prepare_frontier(host)?;
            let left = self.left_in_block();
            if left >= want {
                return self.take_frontier(host, want);
            }
            let skipped = self.frontier..self.frontier + left;
            self.frontier = skipped.end;
            if let Some(free) = &mut self.free {
                free.add(skipped);
            }
        }
    }

    fn take_frontier(&mut self, host: &Host, want: u64) -> Result<Range<u64>> {
        let run = self.frontier..self.frontier + want.min(self.left_in_block());
        self.set(host, run.clone(), 0, 1)?;
        self.frontier = run.end;
        Ok(run)
    }

    /// Clusters from the frontier to the end of what its refcount block covers.
    fn left_in_block(&self) -> u64 {
        self.per_block() - self.frontier % self.per_block()
    }

    /// Sees to it that the cluster at the frontier has a refcount block. A new block lies in the first
    /// cluster that it counts, so it needs no other.
    fn prepare_frontier(&mut self, host: &Host) -> Result<()> {
        loop {
            let (index, _) = self.place(self.frontier);
            match self.table.get(index) {
                Some(0) => {
                    let cluster = self.frontier;
                    self.add_block(host, index, cluster)?;
                    self.set(host, cluster..cluster + 1, 0, 1)?;
                    self.frontier += 1;
                }
                Some(_) => return Ok(()),
                None => {
                    let message = "the image's refcount table is full; copy the image with qemu-img convert";
                    return Err(Error::new(ErrorKind::NoSpace, message).at(host.path()));
                }
            }
        }
    }

    /// Looks through all refcount blocks once for free runs and for the frontier.
    fn find_free(&mut self, host: &Host) -> Result<()> {
        let per_block = self.per_block();
        let mut free = FreeRuns::default();
        let mut frontier = self.geometry.clusters(host.len()?);
        for index in 0..self.table.len() {
            if self.table[index] == 0 {
                continue;
            }
            let base = index as u64 * per_block;
            let mut at = 0;
            for same in self.counts(host, index)?.chunk_by(|a, b| (*a == 0) == (*b == 0)) {
                let run = base + at..base + at + same.len() as u64;
                at += same.len() as u64;
                if same[0] == 0 {
                    free.add(run);
                } else {
                    frontier = frontier.max(run.end);
                }
            }
        }
        free.cut(frontier);
        self.frontier = frontier;
        self.free = Some(free);
        Ok(())
    }
}
