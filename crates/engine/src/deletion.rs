//! Deleting checkpoints: a plan that can be shown, then applied.
//!
//! The names go at once. Layers that nothing stands on go with them; a layer that only one other stands on is merged
//! with that one, so that every other checkpoint stays the same bit for bit and the room comes back. What a machine has
//! open it merges itself, or it is merged when the machine lets go. Knows layers by what [`merge`](crate::merge) says of
//! them, and no qcow2.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use crate::checkpoint;
use crate::engine::{Engine, blocking};
use crate::error::Result;
use crate::fault;
use crate::id::LayerId;
use crate::intent;
use crate::layer;
use crate::lease;
use crate::manifest::{CheckpointRecord, Manifest};
use crate::merge::{self, Forecast, Open, Outlook, Run, Turn, live};
use crate::model::{Deletion, EventKind, LayerMerge, MergeTime};
use crate::slot::Slot;

/// A volume's structure.
type Held = OwnedMutexGuard<()>;

/// How long a run that somebody reads is left alone before it is tried again.
const RETRY: Duration = Duration::from_secs(2);
/// How long at most, when it has been read for long.
const LONGEST_RETRY: Duration = Duration::from_secs(60);
/// What is merged in passing, when a volume is unmounted or opened, has at most so many bytes to write.
const IN_PASSING: u64 = 64 << 20;

impl Engine {
    /// What deleting a checkpoint takes and gives; nothing is changed.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such checkpoint,
    /// [`InUse`](crate::ErrorKind::InUse) while a machine has it mounted.
    pub async fn checkpoint_delete_plan(&self, volume: &str, checkpoint: &str) -> Result<Deletion> {
        let slot = self.slot(volume)?;
        let manifest = slot.manifest()?;
        let record = checkpoint::resolve(&manifest, checkpoint)?.clone();
        lease::nobody_has_checkpoint(&manifest, &record, &self.vm_names())?;
        self.deletion_plan(slot, vec![record]).await
    }

    /// What deleting checkpoints together takes and gives.
    pub(crate) async fn deletion_plan(&self, slot: Arc<Slot>, records: Vec<CheckpointRecord>) -> Result<Deletion> {
        let structure = slot.structure.lock().await;
        let open = self.open_in_machine(&slot).await;
        blocking(move || {
            let _structure = structure;
            Ok(plan(&slot, &*slot.manifest()?, &records, open.as_ref()).deletion)
        })
        .await
    }

    /// Deletes a checkpoint. All others stay the same bit for bit, and the room that only this one needed comes back:
    /// at once, or when the machine that has its layer open lets go. Answers what was done.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such checkpoint,
    /// [`InUse`](crate::ErrorKind::InUse) while a machine has it mounted.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn checkpoint_delete(&self, volume: &str, checkpoint: &str) -> Result<Deletion> {
        let slot = self.slot(volume)?;
        let (engine, checkpoint) = (self.clone(), checkpoint.to_owned());
        self.run(async move {
            let structure = slot.structure.lock().await;
            let record = checkpoint::resolve(&*slot.manifest()?, &checkpoint)?.clone();
            engine.delete_checkpoints(&slot, structure, vec![record]).await
        })
        .await
    }

    /// Deletes checkpoints together. The volume's structure is handed over, and given to others while much is merged.
    pub(crate) async fn delete_checkpoints(
        &self,
        slot: &Arc<Slot>,
        structure: Held,
        records: Vec<CheckpointRecord>,
    ) -> Result<Deletion> {
        let manifest = slot.manifest()?;
        for record in &records {
            lease::nobody_has_checkpoint(&manifest, record, &self.vm_names())?;
        }
        let (forgotten, open) = (slot.clone(), self.open_in_machine(slot).await);
        let mut planned = blocking(move || {
            let planned = plan(&forgotten, &manifest, &records, open.as_ref());
            forgotten.commit(|manifest| forget(manifest, &records))?;
            fault::point("names forgotten");
            intent::discard_unneeded(&forgotten)?;
            Ok(planned)
        })
        .await?;
        for checkpoint in &planned.deletion.checkpoints {
            tracing::info!(volume = %slot.id, checkpoint = %checkpoint.id, "checkpoint deleted");
        }
        self.tell(EventKind::CheckpointsChanged { volume_id: slot.id.clone() });
        // What was asked for is done: the names are gone. What could not be merged now is merged later.
        if self.merge_or_warn(slot, Some(structure), u64::MAX).await != Left::Nothing {
            self.merge_later(slot);
        }
        let left = slot.clone();
        planned.postpone(&blocking(move || Ok(unshared_runs(&left.folder, &*left.manifest()?))).await?);
        self.tell(EventKind::CheckpointsChanged { volume_id: slot.id.clone() });
        self.tell(EventKind::VolumeChanged { volume_id: slot.id.clone() });
        Ok(planned.deletion)
    }

    /// Merges what waited for a machine, or for another engine's end. The caller has the volume's structure.
    pub(crate) async fn merge_in_passing(&self, slot: &Arc<Slot>) {
        if has_runs(slot) && self.merge_or_warn(slot, None, IN_PASSING).await != Left::Nothing {
            self.merge_later(slot);
        }
    }

    /// Merges behind everything else, as soon as nobody has the layers open but a machine that merges them itself. That
    /// a machine lets go is waited for elsewhere.
    pub(crate) fn merge_later(&self, slot: &Arc<Slot>) {
        if !has_runs(slot) {
            return;
        }
        let (inner, closing, slot) = (Arc::downgrade(&self.inner), self.inner.closing.clone(), slot.clone());
        tokio::spawn(closing.run_until_cancelled_owned(async move {
            let mut pause = RETRY;
            loop {
                tokio::time::sleep(pause).await;
                pause = LONGEST_RETRY.min(pause * 2);
                let Some(inner) = inner.upgrade() else { return };
                let (engine, slot) = (Engine { inner }, slot.clone());
                let again = engine.clone();
                let merged = engine.run(async move {
                    let structure = slot.structure.lock().await;
                    let left = again.merge_or_warn(&slot, Some(structure), u64::MAX).await;
                    again.tell(EventKind::VolumeChanged { volume_id: slot.id.clone() });
                    Ok(left)
                });
                // When it is closed or the volume has gone, the next start goes on.
                if merged.await.unwrap_or(Left::Nothing) != Left::ForOthers {
                    return;
                }
            }
        }));
    }

    /// The same; what fails is left to another occasion.
    async fn merge_or_warn(&self, slot: &Arc<Slot>, structure: Option<Held>, most: u64) -> Left {
        self.merge_runs(slot, structure, most).await.unwrap_or_else(|error| {
            tracing::warn!(volume = %slot.id, %error, "layers could not be merged");
            Left::Nothing
        })
    }

    /// Merges what can be merged now and has at most `most` bytes to write; what is left. The caller has the volume's
    /// structure; one that is handed over is shared with others in between.
    async fn merge_runs(&self, slot: &Arc<Slot>, structure: Option<Held>, most: u64) -> Result<Left> {
        let open = self.open_in_machine(slot).await;
        let (engine, slot) = (self.clone(), slot.clone());
        let asked = self.clone();
        blocking(move || {
            let mut turn = Turn::new(&slot, structure, move || asked.refuse_when_closed().is_err());
            live::settle(&slot, open.as_ref())?;
            let before = slot.manifest()?.below_head().cloned();
            let mut runs = own_runs(&slot.folder, &*slot.manifest()?);
            // First what gives room without taking any: the disk may be full.
            runs.sort_by_cached_key(|run| merge::to_be_written(&slot.folder, run));
            // One that cannot be merged keeps no other from it.
            let merged: Vec<Result<Left>> =
                runs.iter().map(|run| merge_run(&mut turn, run, most, open.as_ref())).collect();
            // The head's file is another one now.
            if before.as_ref() != slot.manifest()?.below_head() {
                engine.count_usage(&slot);
            }
            merged.into_iter().try_fold(Left::Nothing, |all, left| Ok(all.max(left?)))
        })
        .await
    }
}

/// What is left of runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Left {
    /// Nothing that could be merged.
    Nothing,
    /// What waits until a machine lets go, which is heard of.
    ForMachine,
    /// What waits until others have read, or had their turn.
    ForOthers,
}

/// The runs of a tree, as far as no other volume shares them.
fn unshared_runs(folder: &Path, manifest: &Manifest) -> Vec<Run> {
    merge::runs(manifest).into_iter().filter_map(|run| merge::unshared(folder, &run)).collect()
}

/// Those that no machine may still be at.
fn own_runs(folder: &Path, manifest: &Manifest) -> Vec<Run> {
    let mut runs = unshared_runs(folder, manifest);
    runs.retain(|run| !live::concerns(manifest, run));
    runs
}

fn has_runs(slot: &Slot) -> bool {
    slot.manifest().is_ok_and(|manifest| !merge::runs(&manifest).is_empty())
}

/// Merges a run, or those parts of it that nobody has open or that the machine merges itself; what is left of it.
fn merge_run(turn: &mut Turn, run: &[LayerId], most: u64, open: Option<&Open>) -> Result<Left> {
    let slot = turn.slot().clone();
    let manifest = slot.manifest()?;
    let mut ways = Vec::new();
    for part in open.map(|open| live::parts(&manifest, run, open)).unwrap_or_default() {
        if live::way(&slot.folder, &manifest, &part)?.is_some() {
            ways.push(part);
        }
    }
    let mut closed = merge::not_in_use(&slot.folder, run)?;
    for part in &mut closed {
        part.retain(|layer| !ways.iter().any(|live| live.contains(layer)));
    }
    let is_whole = |part: &Run| part.len() == run.len();
    let mut left = match (closed.iter().chain(&ways).any(is_whole), open) {
        (true, _) => Left::Nothing,
        (false, Some(open)) if live::is_on_its_way(&manifest, open) => Left::ForOthers,
        (false, _) if manifest.mounts.is_empty() => Left::ForOthers,
        (false, _) => Left::ForMachine,
    };
    for part in closed.into_iter().filter(|part| part.len() > 1) {
        let merged = match merge::look(&slot.folder, &part)? {
            Outlook::Now(merging) if merging.written_bytes <= most => merge::perform(turn, &part)?,
            _ => false,
        };
        left = left.max(if merged { Left::Nothing } else { Left::ForOthers });
    }
    for (part, open) in ways.into_iter().zip(open.into_iter().cycle()) {
        left = left.max(merge_live(turn, &slot, part, most, open)?);
    }
    Ok(left)
}

/// Has the machine merge layers that it has open; what is left of them.
fn merge_live(turn: &Turn, slot: &Slot, mut part: Run, most: u64, open: &Open) -> Result<Left> {
    while part.len() > 1 {
        let Some(way) = live::way(&slot.folder, &*slot.manifest()?, &part)? else { return Ok(Left::ForMachine) };
        if way.merging.written_bytes > most || !live::perform(turn, open, &way)? {
            return Ok(Left::ForOthers);
        }
        part = way.left_of(&part);
    }
    Ok(Left::Nothing)
}

/// Takes the names away, and the layers that nothing needs any more out of the tree.
fn forget(manifest: &mut Manifest, records: &[CheckpointRecord]) {
    manifest.checkpoints.retain(|other| !records.iter().any(|record| record.id == other.id));
    let layers: Vec<LayerId> = records.iter().map(|record| record.layer.clone()).collect();
    manifest.discard_unneeded(&layers);
}

/// What is to be done, and what the runs that are to be merged stand in.
struct Planned {
    deletion: Deletion,
    /// The uppermost layer of each merge.
    tops: Vec<LayerId>,
}

impl Planned {
    /// What was to be merged at once, and is left over, is merged later.
    fn postpone(&mut self, left: &[Run]) {
        let deletion = &mut self.deletion;
        for (merge, top) in deletion.merges.iter_mut().zip(&self.tops) {
            if merge.when == MergeTime::Now && left.iter().any(|run| run.first() == Some(top)) {
                merge.when = MergeTime::Later;
                deletion.written_bytes -= merge.written_bytes;
                deletion.freed_bytes -= merge.freed_bytes;
                deletion.later_bytes += merge.freed_bytes;
            }
        }
    }
}

/// What deleting checkpoints takes and gives. Blocks on the disk.
fn plan(slot: &Slot, manifest: &Manifest, records: &[CheckpointRecord], open: Option<&Open>) -> Planned {
    let mut next = manifest.clone();
    forget(&mut next, records);
    let mut deletion = Deletion {
        checkpoints: records.iter().map(crate::policy::describe).collect(),
        removed_layers: manifest.layers.len() - next.layers.len(),
        ..Deletion::default()
    };
    let removed = manifest.layers.keys().filter(|layer| !next.layers.contains_key(*layer));
    deletion.freed_bytes = removed.map(|layer| layer::own_bytes(&slot.folder, layer)).sum();
    let mut tops = Vec::new();
    for run in merge::runs(&next) {
        let planned = plan_run(slot, &next, &run, open);
        match planned.when {
            MergeTime::Now => {
                deletion.written_bytes += planned.written_bytes;
                deletion.freed_bytes += planned.freed_bytes;
            }
            MergeTime::Later => deletion.later_bytes += planned.freed_bytes,
            MergeTime::Shared => {}
        }
        deletion.merges.push(planned);
        tops.extend(run.into_iter().next());
    }
    Planned { deletion, tops }
}

fn plan_run(slot: &Slot, manifest: &Manifest, run: &Run, open: Option<&Open>) -> LayerMerge {
    let top = run.first();
    let Forecast { when, layers, merging } = merge::forecast(&slot.folder, manifest, run, open);
    LayerMerge {
        into: top.and_then(|top| manifest.checkpoint_of(top)).map(|record| record.name.clone()),
        is_present: top == Some(&manifest.head),
        layers,
        written_bytes: merging.map_or(0, |merging| merging.written_bytes),
        freed_bytes: merging.map_or(0, |merging| merging.freed_bytes),
        when,
    }
}
