//! One task for each watched folder: it compares, has what differs copied and deleted, and waits for the next change.
//!
//! ```text
//!            ┌──────────────── something has changed ◄───────────────┐
//!            ▼                                                       │
//! ──►  syncing ──── nothing differs any more ───────────────────► watching
//!        │  ▲  ▲
//!        │  │  └─ a machine lets the volume go ── paused ◄── a machine has it
//!        │  └──── something has changed, or after a while ── error
//!        └──────► paused, error
//! ```

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;

use super::WatchState;
use super::compare::{Comparison, Difference, compare};
use super::record::{Brought, Watched};
use super::rules::Rules;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::events::heard;
use crate::files::plan::Plan;
use crate::files::tree::Tree;
use crate::files::{VolumePath, file_name};
use crate::lease;
use crate::model::{Conflict, Direction, Event, EventKind, TransferState};
use crate::slot::Slot;
use crate::store::internal;
use crate::transfer::{Order, Request};

/// After a failure it is tried again after so long, then after twice that, up to the longest.
const FIRST_AGAIN: Duration = Duration::from_secs(1);
const LONGEST_AGAIN: Duration = Duration::from_secs(600);
/// A volume that somebody has is looked at so often, whatever is heard of it.
const LOOK: Duration = Duration::from_secs(60);

/// What a comparison, and the copying after it, came to.
enum Outcome {
    InStep,
    /// Somebody has the volume.
    Held(String),
    Failed(Error),
}

/// Begins with all that are known.
pub(crate) fn go_on_watching(engine: &Engine) {
    engine.inner.watches.all().into_iter().for_each(|watched| keep(engine, watched));
}

/// Keeps one in step until it is watched no more, or the engine closes.
pub(super) fn keep(engine: &Engine, watched: Arc<Watched>) {
    let (inner, events) = (Arc::downgrade(&engine.inner), engine.inner.events.clone());
    let (closing, stop) = (engine.inner.idle_work.clone(), watched.stop.clone());
    let keeping = async move {
        let mut again = FIRST_AGAIN;
        loop {
            // Heard from before the look, so that nothing happens unheard in between.
            let mut happening = events.overhear();
            let outcome = {
                let Some(inner) = inner.upgrade() else { return };
                Engine { inner }.keep_in_step(&watched).await
            };
            match outcome {
                Outcome::InStep => {
                    again = FIRST_AGAIN;
                    watched.signals.changed().await;
                }
                Outcome::Held(_) => free(&watched, &mut happening).await,
                // Somebody wanted it to stop.
                Outcome::Failed(error) if error.kind() == ErrorKind::Cancelled => watched.signals.changed().await,
                // The volume is in the trash, perhaps.
                Outcome::Failed(error) if error.kind() == ErrorKind::NotFound => tokio::select! {
                    () = watched.signals.changed() => {}
                    () = free(&watched, &mut happening) => {}
                },
                Outcome::Failed(_) => {
                    tokio::select! {
                        () = watched.signals.changed() => {}
                        () = tokio::time::sleep(again) => {}
                    }
                    again = (again * 2).min(LONGEST_AGAIN);
                }
            }
        }
    };
    tokio::spawn(closing.run_until_cancelled_owned(stop.run_until_cancelled_owned(keeping)));
}

/// Completes when the volume may have been let go.
async fn free(watched: &Watched, happening: &mut Receiver<Event>) {
    let volume = &watched.record.volume;
    let concerns = |event: &EventKind| match event {
        EventKind::MountChanged { volume_id, .. } | EventKind::VolumeChanged { volume_id } => volume_id == volume,
        EventKind::VmChanged { .. } | EventKind::VmDeleted { .. } => true,
        _ => false,
    };
    let _ = tokio::time::timeout(LOOK, heard(happening, concerns)).await;
}

impl Engine {
    /// Compares, copies, deletes, and tells how it stands.
    async fn keep_in_step(&self, watched: &Arc<Watched>) -> Outcome {
        let outcome = match self.try_to_keep_in_step(watched).await {
            Ok(()) => Outcome::InStep,
            Err(error) if error.kind() == ErrorKind::InUse => Outcome::Held(error.message().to_owned()),
            Err(error) => Outcome::Failed(error),
        };
        let is_news = match &outcome {
            Outcome::InStep => true,
            Outcome::Held(reason) => watched.stands(WatchState::Paused, Some(reason.clone())),
            Outcome::Failed(error) => {
                watched.signals.begin_anew();
                tracing::info!(watch = %watched.record.id, %error, "a watched folder is not in step");
                watched.stands(WatchState::Error, Some(error.to_string()))
            }
        };
        if is_news {
            self.tell_of_watches(watched);
        }
        outcome
    }

    fn tell_of_watches(&self, watched: &Watched) {
        self.tell(EventKind::WatchesChanged { volume_id: watched.record.volume.clone() });
    }

    async fn try_to_keep_in_step(&self, watched: &Arc<Watched>) -> Result<()> {
        let slot = self.slot(watched.record.volume.as_str())?;
        lease::may_write_head(&*slot.manifest()?, &self.vm_names())?;
        watched.signals.begin_look();
        let before = Arc::new(self.brought(watched).await?);
        let difference = self.compare_watched(&slot, watched, before.clone()).await?;
        let Difference { plan, files, there, in_the_way, gone } = difference;
        let differs = !(plan.nodes.is_empty() && in_the_way.is_empty() && gone.is_empty());
        if differs && watched.stands(WatchState::Syncing, None) {
            self.tell_of_watches(watched);
        }
        // What is about to be brought is known before it comes, so that it can go again whatever happens.
        let all: Brought = before.union(&there).cloned().collect();
        self.note_brought(watched, &before, all.clone()).await?;
        let replaced = self.delete_watched(&slot, &in_the_way).await?;
        let copied = plan.nodes.len() as u64;
        if copied > 0 {
            self.copy_watched(&slot, watched, plan).await?;
        }
        let deleted = self.delete_watched(&slot, &gone).await?;
        self.note_brought(watched, &all, there).await?;
        watched.in_step(files, copied, replaced + deleted, watched.signals.deaf());
        Ok(())
    }

    async fn compare_watched(
        &self,
        slot: &Arc<Slot>,
        watched: &Arc<Watched>,
        brought: Arc<Brought>,
    ) -> Result<Difference> {
        let (engine, slot, watched) = (self.clone(), slot.clone(), watched.clone());
        self.run(async move {
            let (looking, stop) = (watched.clone(), engine.inner.idle_work.clone());
            let work = move |tree: &Tree| {
                let record = &looking.record;
                let go_on = || match stop.is_cancelled() || looking.stop.is_cancelled() {
                    true => Err(Error::new(ErrorKind::Cancelled, "The folder is not watched any more.")),
                    false => Ok(()),
                };
                let comparison = Comparison {
                    root: &record.host_path,
                    place: VolumePath::parse(&record.path)?,
                    rules: Rules::of(&record.host_path, &record.ignore)?,
                    brought: record.delete.then_some(&*brought),
                    enter: &|folder: &Path| looking.signals.listen(folder),
                    go_on: &go_on,
                };
                compare(tree, &comparison)
            };
            engine.look(slot, None, work).await
        })
        .await
    }

    /// What a watch that deletes has brought; of others nothing need be known.
    async fn brought(&self, watched: &Arc<Watched>) -> Result<Brought> {
        if !watched.record.delete {
            return Ok(Brought::new());
        }
        let (inner, watched) = (self.inner.clone(), watched.clone());
        blocking(move || Ok(inner.watches.brought(&watched))).await
    }

    async fn note_brought(&self, watched: &Arc<Watched>, known: &Brought, now: Brought) -> Result<()> {
        if !watched.record.delete || *known == now {
            return Ok(());
        }
        let (inner, watched) = (self.inner.clone(), watched.clone());
        self.run(blocking(move || inner.watches.note_brought(&watched, &now))).await
    }

    /// Has what is planned copied, by a transfer.
    async fn copy_watched(&self, slot: &Arc<Slot>, watched: &Arc<Watched>, plan: Plan) -> Result<()> {
        let record = watched.record.clone();
        let order = Order::new(Request::Sync(record.id), Some(watched.transfer.clone()));
        let title = file_name(&record.host_path);
        self.refuse_when_closed()?;
        let job = self.inner.transfers.begin(&slot.id, Direction::Upload, title, order)?;
        let (engine, writing, worker) = (self.clone(), slot.clone(), job.clone());
        self.start_writing(slot, job.clone(), "kept in step", move || {
            engine.upload_planned(&writing, &plan, (&record.path, true, Conflict::Replace), &worker)
        });
        let ended = job.ended().await;
        match (ended.state, ended.error) {
            (TransferState::Done, _) => Ok(()),
            (_, Some(why)) => Err(Error::new(ended.error_kind.unwrap_or(ErrorKind::Io), why)),
            _ => Err(Error::new(ErrorKind::Cancelled, "Copying was cancelled.")
                .with_hint("It is begun again when something changes.")),
        }
    }

    /// Deletes in the volume; answers how many. What is in folders that go is counted with them, as one.
    async fn delete_watched(&self, slot: &Arc<Slot>, paths: &[VolumePath]) -> Result<u64> {
        // Others have no name that could be told.
        let told = paths.iter().filter_map(|path| std::str::from_utf8(path.as_bytes()).ok().map(str::to_owned));
        let told: Vec<String> = told.collect();
        if told.is_empty() {
            return Ok(0);
        }
        if told.iter().any(String::is_empty) {
            return Err(internal("keep a folder in step", &"the volume's root would be deleted"));
        }
        self.files_delete(slot.id.as_str(), &told, true).await?;
        Ok(told.len() as u64)
    }
}
