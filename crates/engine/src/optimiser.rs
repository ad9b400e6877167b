//! The optimiser: behind everything else, it gives heads with a long history a private [base](crate::base), keeps it
//! up to date, and moves running machines onto it. What it does can be cut short at any moment and goes on later.
//!
//! It holds a volume's structure while it works, and gives it back as soon as anybody else wants it.

use std::sync::{Arc, Weak};
use std::time::Duration;

use cairn_vm::Machine;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::base::LONGEST;
use crate::engine::{Engine, Inner, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::events::{self, Events};
use crate::id::VolumeId;
use crate::layer;
use crate::lease;
use crate::manifest::{Intent, Manifest};
use crate::model::EventKind;
use crate::slot::Slot;
use crate::sync;

mod bounds;
mod copy;
mod live;
mod room;

pub(crate) use bounds::{refuse_to_grow, refuse_too_long};

/// How long nothing has happened before it begins.
const QUIET: Duration = Duration::from_secs(2);
/// How long it leaves a volume alone that it has to wait for.
const LATER: Duration = Duration::from_secs(30);
/// When it looks again though nothing has happened.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The same for one that somebody else wanted.
const SOON: Duration = Duration::from_millis(100);
/// How long somebody who asks for it waits for others.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes per second that a machine may commit in the background.
const GENTLE_SPEED: u64 = 128 << 20;

/// Through how many files a volume is read, and what is being done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The volume.
    pub volume_id: VolumeId,
    /// Files through which its head is read when it is opened.
    pub files: u32,
    /// Layers that its history has, the head among them.
    pub history: u32,
    /// What stands in for the history.
    pub base: Option<ChainBase>,
    /// What is being done.
    pub optimiser: OptimiserState,
}

/// A private base: one file that stands in for many layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainBase {
    /// Bytes that it takes up on the host's disk.
    pub disk_bytes: u64,
    /// For how many layers it stands in.
    pub layers: u32,
}

/// What the optimiser does with a volume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OptimiserState {
    /// Nothing: it has been switched off for this volume.
    Off,
    /// Nothing: there is nothing to do.
    #[default]
    Idle,
    /// It waits.
    Waiting {
        /// For what: a sentence.
        reason: String,
    },
    /// It copies data into the base.
    Working {
        /// Bytes done.
        done_bytes: u64,
        /// Bytes in all.
        total_bytes: u64,
    },
}

/// How one go at a volume has ended.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// The chain is short.
    Short,
    /// Somebody else wanted the volume.
    Yielded,
    /// It cannot go on now, for this reason.
    Waiting(String),
}

/// How much of the computer it takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// Half of the time it leaves the disk to others.
    Gentle,
    /// Somebody waits for it.
    Full,
}

/// One go at a volume. It does not keep the engine alive.
struct Work {
    slot: Arc<Slot>,
    /// The machine that writes the volume.
    machine: Option<Machine>,
    pace: Pace,
    /// Bytes that a new base leaves free on the host's disk.
    keep_free: u64,
    events: Arc<Events>,
    /// Holds up the closing of the store while files are being changed.
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Engine {
    /// Through how many files the volume's present is read, and what is being done about it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such volume.
    pub async fn volume_chain(&self, volume: &str) -> Result<Chain> {
        let slot = self.slot(volume)?;
        blocking(move || describe(&slot)).await
    }

    /// Makes the chain of files short through which the volume's present is read, now and as fast as it goes.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such volume; [`ErrorKind::Conflict`] when it is switched off for the
    /// volume; [`ErrorKind::InUse`] or [`ErrorKind::NoSpace`] when it cannot be done now.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn volume_optimise(&self, volume: &str) -> Result<Chain> {
        let slot = self.slot(volume)?;
        let engine = self.clone();
        self.run(async move {
            if slot.manifest()?.optimiser_off {
                let sentence = format!("The optimiser is switched off for the volume '{}'.", slot.name());
                return Err(Error::new(ErrorKind::Conflict, sentence).with_hint("Switch it on for this volume first."));
            }
            let patience = tokio::time::Instant::now() + PATIENCE;
            loop {
                match engine.work(&slot, Pace::Full).go().await? {
                    Outcome::Short => break,
                    Outcome::Waiting(reason) if tokio::time::Instant::now() > patience => {
                        return Err(Error::new(ErrorKind::InUse, reason).with_hint("It goes on by itself later."));
                    }
                    Outcome::Yielded | Outcome::Waiting(_) => tokio::time::sleep(SOON).await,
                }
            }
            engine.tell(EventKind::VolumeChanged { volume_id: slot.id.clone() });
            blocking(move || describe(&slot)).await
        })
        .await
    }

    /// Switches the optimiser on or off for a volume. Off gives the room back that the base has taken, as soon as no
    /// machine stands on it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such volume.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn volume_optimiser_set(&self, volume: &str, on: bool) -> Result<Chain> {
        let slot = self.slot(volume)?;
        let engine = self.clone();
        self.run(async move {
            let _structure = slot.structure.lock().await;
            let changed = slot.clone();
            let chain = blocking(move || {
                changed.commit(|manifest| {
                    manifest.optimiser_off = !on;
                    if !on && !manifest.is_mounted(&manifest.head) {
                        manifest.base = None;
                    }
                })?;
                *sync::lock(&changed.optimiser) = OptimiserState::Idle;
                describe(&changed)
            });
            let chain = chain.await?;
            engine.tell(EventKind::VolumeChanged { volume_id: slot.id.clone() });
            Ok(chain)
        })
        .await
    }

    fn work(&self, slot: &Arc<Slot>, pace: Pace) -> Work {
        let manifest = slot.manifest();
        let machine =
            manifest.ok().and_then(|manifest| self.writing_machine(&manifest).ok()).map(|(_, machine)| machine);
        let (tasks, stop) = (self.inner.tasks.clone(), self.inner.idle_work.clone());
        let (keep_free, events) = (self.inner.keep_free, self.inner.events.clone());
        Work { slot: slot.clone(), machine, pace, keep_free, events, tasks, stop }
    }
}

/// Keeps chains short from now on, until the engine goes.
pub(crate) fn keep_chains_short(engine: &Engine) {
    let (inner, stop) = (Arc::downgrade(&engine.inner), engine.inner.idle_work.clone());
    let mut events = engine.inner.events.overhear();
    tokio::spawn(stop.run_until_cancelled_owned(async move {
        let concerns =
            |kind: &EventKind| matches!(kind, EventKind::CheckpointsChanged { .. } | EventKind::MountChanged { .. });
        loop {
            tokio::time::sleep(QUIET).await;
            let Some(waits) = look_at_all(&inner).await else { return };
            let again = tokio::time::Instant::now() + if waits { LATER } else { A_DAY };
            // Nobody tells that the disk is filling up.
            while tokio::time::timeout(LATER, events::heard(&mut events, concerns)).await.is_err() {
                let Some(inner) = inner.upgrade() else { return };
                if tokio::time::Instant::now() >= again || room::is_wanted(&inner) {
                    break;
                }
            }
        }
    }));
}

/// Whether something has to wait; `None` when the engine has gone.
async fn look_at_all(inner: &Weak<Inner>) -> Option<bool> {
    let slots = Engine { inner: inner.upgrade()? }.slots();
    let mut waits = false;
    for slot in slots {
        let before = look(&slot).await;
        loop {
            let work = Engine { inner: inner.upgrade()? }.work(&slot, Pace::Gentle);
            match work.go().await {
                Ok(Outcome::Short) => break,
                Ok(Outcome::Yielded) => tokio::time::sleep(SOON).await,
                Ok(Outcome::Waiting(reason)) => {
                    tracing::debug!(volume = %slot.id, reason, "the optimiser waits");
                    waits = true;
                    break;
                }
                Err(error) => {
                    tracing::info!(volume = %slot.id, %error, "the chain could not be made shorter; that is tried again");
                    waits = true;
                    break;
                }
            }
        }
        if look(&slot).await != before {
            // Nobody asked for it, and yet somebody may be looking at it.
            Engine { inner: inner.upgrade()? }.tell(EventKind::VolumeChanged { volume_id: slot.id.clone() });
        }
    }
    Some(waits)
}

/// How the chain of a volume is; `None` when its manifest cannot be read.
async fn look(slot: &Arc<Slot>) -> Option<Chain> {
    let slot = slot.clone();
    blocking(move || describe(&slot)).await.ok()
}

impl Work {
    /// Makes the chain short, as far as that can be done now.
    async fn go(&self) -> Result<Outcome> {
        let Ok(manifest) = self.slot.manifest() else { return Ok(Outcome::Short) };
        if manifest.optimiser_off || manifest.base.is_none() && manifest.chain(&manifest.head).len() <= LONGEST {
            return Ok(Outcome::Short);
        }
        let structure = match self.pace {
            Pace::Gentle => self.slot.structure.lock_for_long().await,
            Pace::Full => self.slot.structure.lock().await,
        };
        let outcome = match &self.machine {
            _ if is_changing(&*self.slot.manifest()?) => Ok(Outcome::Waiting("Its layers are being changed.".into())),
            Some(machine) => self.shorten_live(machine).await,
            None => match self.give_room_back().await {
                Ok(None) => self.shorten_offline().await,
                Ok(Some(outcome)) => Ok(outcome),
                Err(error) => Err(error),
            },
        };
        *sync::lock(&self.slot.optimiser) = match &outcome {
            Ok(Outcome::Waiting(reason)) => OptimiserState::Waiting { reason: reason.clone() },
            Err(error) => OptimiserState::Waiting { reason: error.to_string() },
            _ => OptimiserState::Idle,
        };
        drop(structure);
        outcome
    }

    /// No machine writes the volume.
    async fn shorten_offline(&self) -> Result<Outcome> {
        let manifest = self.slot.manifest()?;
        if lease::writer(&manifest).is_some() {
            return Ok(Outcome::Waiting("The machine that writes the volume cannot be reached.".into()));
        }
        if manifest.base.is_some()
            && manifest.chain(&manifest.head).len() <= LONGEST
            && !manifest.is_mounted(&manifest.head)
        {
            // The history has become short itself.
            self.change(|manifest| manifest.base = None).await?;
            return Ok(Outcome::Short);
        }
        // What an interrupted copy was about may not be the newest any more.
        while self.slot.manifest()?.files_in_chain() > LONGEST {
            let outcome = self.copy_to_newest().await?;
            if outcome != Outcome::Short {
                return Ok(outcome);
            }
        }
        Ok(Outcome::Short)
    }

    /// Changes the manifest, durably.
    async fn change(&self, change: impl FnOnce(&mut Manifest) + Send + 'static) -> Result<()> {
        let slot = self.slot.clone();
        self.blocking(move || slot.commit(change).map(drop)).await
    }

    /// Runs what touches files; the store is not closed meanwhile, and nothing begins when it has been.
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let (token, stop) = (self.tasks.token(), self.stop.clone());
        blocking(move || {
            let _token = token;
            if stop.is_cancelled() {
                return Err(closed());
            }
            work()
        })
        .await
    }
}

/// Why nothing is begun any more.
pub(crate) fn closed() -> Error {
    Error::new(ErrorKind::Conflict, "This engine has been closed.")
}

/// Whether something has been begun with the layers that is not finished.
fn is_changing(manifest: &Manifest) -> bool {
    use Intent::{Checkpoint, Merge, MergeLive, Restore};
    let changes =
        |intent: &Intent| matches!(intent, Checkpoint { .. } | Restore { .. } | Merge { .. } | MergeLive { .. });
    manifest.intents.iter().any(changes)
}

fn describe(slot: &Slot) -> Result<Chain> {
    let manifest = slot.manifest()?;
    let base = manifest.base.as_ref().map(|base| ChainBase {
        disk_bytes: layer::base_bytes(&slot.folder, &manifest),
        layers: manifest.chain(&base.equals).len().saturating_sub(manifest.chain(&base.on).len()) as u32,
    });
    // What stands in for a checkpoint is made in any case.
    let optimiser = match sync::lock(&slot.optimiser).clone() {
        state @ OptimiserState::Working { .. } => state,
        _ if manifest.optimiser_off => OptimiserState::Off,
        state => state,
    };
    Ok(Chain {
        volume_id: slot.id.clone(),
        files: manifest.files_in_chain() as u32,
        history: manifest.chain(&manifest.head).len() as u32,
        base,
        optimiser,
    })
}
