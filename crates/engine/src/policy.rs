//! What Cairn does with a volume by itself: a checkpoint before a machine writes, and which automatic ones are kept.
//!
//! Checkpoints that somebody asked for are never pruned. What counts as newer is the order in which they were
//! taken, so that a clock which has gone back prunes nothing by mistake. Knows no machines and no layers.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::id::CheckpointId;
use crate::manifest::{CheckpointRecord, Manifest};
use crate::model::{Deletion, EventKind};

/// The longest period of a schedule: a year.
const MOST_MINUTES: u32 = 366 * 1440;

/// What Cairn does with a volume by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// A checkpoint is taken before a machine gets the volume to write, unless nothing has changed since the last.
    pub before_mount: bool,
    /// A checkpoint is taken before more than one file is deleted, unless nothing has changed since the last:
    /// a folder that is not empty, several things at once, or the tenth of single ones within a minute.
    pub before_delete: bool,
    /// A checkpoint is taken once in each period of so many minutes, if something was written since the last; 0: never.
    pub every_minutes: u32,
    /// When periods begin: so many minutes after midnight on this computer's clock.
    pub at_minute: u16,
    /// Which automatic checkpoints a pruning keeps.
    pub keep: Keep,
}

/// Which automatic checkpoints a pruning keeps; all of them when every number is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Keep {
    /// So many of the newest.
    pub last: u32,
    /// The newest of each of so many hours.
    pub hourly: u32,
    /// The newest of each of so many days.
    pub daily: u32,
    /// The newest of each of so many weeks.
    pub weekly: u32,
    /// The newest of each of so many months.
    pub monthly: u32,
}

/// What of a policy is to be changed.
#[derive(Clone, Copy, Debug, Default)]
pub struct PolicyChange {
    /// Whether a checkpoint is taken before a machine gets the volume to write.
    pub before_mount: Option<bool>,
    /// Whether a checkpoint is taken before more than one file is deleted.
    pub before_delete: Option<bool>,
    /// How many minutes lie between checkpoints on schedule, at most a year of them; 0 for none.
    pub every_minutes: Option<u32>,
    /// How many minutes after midnight periods begin; below 1440.
    pub at_minute: Option<u16>,
    /// Which automatic checkpoints are kept.
    pub keep: Option<Keep>,
}

/// A checkpoint that a pruning deletes.
#[derive(Clone, Debug)]
pub struct Pruned {
    /// Which.
    pub id: CheckpointId,
    /// Its name.
    pub name: String,
    /// When it was taken.
    pub created_at: OffsetDateTime,
}

impl Engine {
    /// What Cairn does with a volume by itself.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such volume.
    pub async fn policy_get(&self, volume: &str) -> Result<Policy> {
        Ok(self.slot(volume)?.manifest()?.policy)
    }

    /// Changes what Cairn does with a volume by itself; what is not named stays.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such volume.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn policy_set(&self, volume: &str, change: PolicyChange) -> Result<Policy> {
        let slot = self.slot(volume)?;
        let wrong = change.every_minutes.is_some_and(|minutes| minutes > MOST_MINUTES)
            || change.at_minute.is_some_and(|minute| minute >= 1440);
        if wrong {
            return Err(Error::new(ErrorKind::InvalidInput, "There is no such schedule.").with_hint(
                "Periods have at most 527040 minutes (a year), and begin at a minute of the day below 1440.",
            ));
        }
        let engine = self.clone();
        self.run(async move {
            let _structure = slot.structure.lock().await;
            let changed = slot.clone();
            let manifest = blocking(move || {
                changed.commit(|manifest| {
                    let policy = &mut manifest.policy;
                    policy.before_mount = change.before_mount.unwrap_or(policy.before_mount);
                    policy.before_delete = change.before_delete.unwrap_or(policy.before_delete);
                    policy.every_minutes = change.every_minutes.unwrap_or(policy.every_minutes);
                    policy.at_minute = change.at_minute.unwrap_or(policy.at_minute);
                    policy.keep = change.keep.unwrap_or(policy.keep);
                })
            });
            let policy = manifest.await?.policy;
            engine.tell(EventKind::VolumeChanged { volume_id: slot.id.clone() });
            Ok(policy)
        })
        .await
    }

    /// Which checkpoints a pruning would delete now, oldest first.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such volume.
    pub async fn checkpoint_prune_plan(&self, volume: &str) -> Result<Vec<Pruned>> {
        let manifest = self.slot(volume)?.manifest()?;
        Ok(surplus(&manifest).into_iter().map(describe).collect())
    }

    /// The same, with what merges and how much room comes back.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such volume.
    pub async fn checkpoint_prune_whole_plan(&self, volume: &str) -> Result<Deletion> {
        let slot = self.slot(volume)?;
        let pruned: Vec<CheckpointRecord> = surplus(&*slot.manifest()?).into_iter().cloned().collect();
        self.deletion_plan(slot, pruned).await
    }

    /// Deletes the automatic checkpoints that the volume's policy does not keep. Answers which, oldest first.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such volume; as for
    /// [`checkpoint_delete`](Self::checkpoint_delete).
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn checkpoint_prune(&self, volume: &str) -> Result<Vec<Pruned>> {
        let (engine, slot) = (self.clone(), self.slot(volume)?);
        self.run(async move {
            let structure = slot.structure.lock().await;
            let pruned: Vec<CheckpointRecord> = surplus(&*slot.manifest()?).into_iter().cloned().collect();
            if pruned.is_empty() {
                return Ok(Vec::new());
            }
            Ok(engine.delete_checkpoints(&slot, structure, pruned).await?.checkpoints)
        })
        .await
    }
}

/// Numbers the hours, days, weeks or months.
type Period = fn(OffsetDateTime) -> i64;

/// The automatic checkpoints that the policy does not keep and no machine has, in the order in which they were taken.
fn surplus(manifest: &Manifest) -> Vec<&CheckpointRecord> {
    let keep = manifest.policy.keep;
    if keep == Keep::default() {
        return Vec::new();
    }
    let automatic: Vec<&CheckpointRecord> = manifest.checkpoints.iter().filter(|record| record.automatic).collect();
    let mut kept: HashSet<&CheckpointId> =
        automatic.iter().rev().take(keep.last as usize).map(|record| &record.id).collect();
    let periods: [(u32, Period); 4] = [
        (keep.hourly, |at| at.unix_timestamp().div_euclid(3600)),
        (keep.daily, |at| i64::from(at.to_julian_day())),
        // Julian day 0 was a Monday.
        (keep.weekly, |at| i64::from(at.to_julian_day()).div_euclid(7)),
        (keep.monthly, |at| i64::from(at.year()) * 12 + i64::from(u8::from(at.month()))),
    ];
    for (count, period) in periods {
        let mut seen = HashSet::new();
        for record in automatic.iter().rev() {
            if seen.len() < count as usize && seen.insert(period(record.created_at)) {
                kept.insert(&record.id);
            }
        }
    }
    let is_mounted = |id| manifest.mounts.iter().any(|mount| mount.checkpoint.as_ref() == Some(id));
    automatic.into_iter().filter(|record| !kept.contains(&record.id) && !is_mounted(&record.id)).collect()
}

pub(crate) fn describe(record: &CheckpointRecord) -> Pruned {
    Pruned { id: record.id.clone(), name: record.name.clone(), created_at: record.created_at }
}
