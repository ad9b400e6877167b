//! Batches: many changes in few transactions, durable when the batch is committed.
//!
//! Changes that are made while a batch is open gather in memory and are committed together, in several
//! transactions when they grow too large; each of these ends between two changes. So after a crash in the
//! middle of a batch a first part of its changes is there, every one of them whole.

use std::sync::Arc;

use crate::filesystem::Filesystem;
use crate::state::Core;
use crate::{Error, Result};

impl Core {
    /// Ends an operation: finishes what it put off, and commits, unless a batch is open and there is room for
    /// more.
    pub(crate) fn settle(&mut self) -> Result<()> {
        self.finish_orphans()?;
        if self.open_batches == 0 || self.is_transaction_full() {
            self.commit()?;
        }
        Ok(())
    }
}

/// What became of a batch that was [rolled back](Filesystem::roll_back).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolledBack {
    /// Nothing of the batch is left.
    Whole,
    /// Some of it had been committed already, because it was large or somebody else committed, or may have
    /// been by a commit that failed. What it created has to be removed by name.
    Partly,
}

impl Filesystem {
    /// Opens a batch: from now on changes, whoever makes them, are durable only when
    /// [`commit`](Self::commit) or [`flush`](Self::flush) says so. Batches nest and overlap; every one ends
    /// with its own `commit` or [`roll_back`](Self::roll_back).
    ///
    /// # Errors
    /// [`ErrorKind::ReadOnly`](crate::ErrorKind::ReadOnly).
    pub fn begin_batch(&self) -> Result<()> {
        let mut core = self.lock()?;
        core.check_writable()?;
        if core.open_batches == 0 {
            // What came before is not part of the batch.
            core.commit()?;
            core.batch_start = core.commits;
            core.lost = None;
        }
        core.open_batches += 1;
        Ok(())
    }

    /// Ends a batch: everything that was changed up to here is durable when this returns.
    ///
    /// # Errors
    /// When the commit fails everything since the last commit is taken back. When that has happened already
    /// while the batch was open, this says so, too.
    pub fn commit(&self) -> Result<()> {
        let mut core = self.lock()?;
        core.open_batches = core.open_batches.saturating_sub(1);
        let lost = if core.open_batches == 0 { core.lost.take() } else { core.lost.clone() };
        core.commit()?;
        match lost {
            None => Ok(()),
            Some((kind, why)) => {
                let what = format!("an earlier write failed ({why}) and took changes of this batch back with it");
                Err(Error::new(kind, what))
            }
        }
    }

    /// Ends a batch and takes back what is not committed.
    ///
    /// When another batch is open, too, nothing can be taken back without it, and nothing is.
    ///
    /// # Errors
    /// Only when an earlier call stopped half-way.
    pub fn roll_back(&self) -> Result<RolledBack> {
        let mut core = self.lock()?;
        core.open_batches = core.open_batches.saturating_sub(1);
        if core.open_batches > 0 {
            return Ok(RolledBack::Partly);
        }
        if core.failed.is_none() {
            core.roll_back();
        }
        Ok(if core.failed.is_none() && core.commits == core.batch_start {
            RolledBack::Whole
        } else {
            RolledBack::Partly
        })
    }

    /// Makes everything that was changed durable and leaves the device clean: no journal to replay.
    ///
    /// # Errors
    /// Those of a commit.
    pub fn flush(&self) -> Result<()> {
        let mut core = self.lock()?;
        core.commit()?;
        let device = Arc::clone(&core.device);
        core.sync(&*device)
    }

    /// Runs one change, and commits it unless a batch is open.
    pub(crate) fn change<T>(&self, path: &[u8], operation: impl FnOnce(&mut Core) -> Result<T>) -> Result<T> {
        let mut core = self.lock()?;
        let value = core.operate(operation).map_err(|error: Error| error.at(path))?;
        core.settle()?;
        Ok(value)
    }
}
