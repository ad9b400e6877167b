//! Looking at the files of a volume that a machine writes: as they were at one moment, while it goes on writing.
//!
//! ```text
//!   [ nobody looks ] ── somebody wants to ──► [ shown ] ── readers come and go; a younger one begins anew after
//!          ▲                                     │         FRESH, when nobody reads any more
//!          └──── FRESH is over, nobody reads ────┘
//! ```
//!
//! The machine shows the disk (see `cairn_vm::Machine::begin_look`), our own file engine reads it. Nothing of it is
//! written down: an engine that dies leaves it to the next one, which ends it before it does anything with the machine.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use cairn_block::NbdDevice;
use cairn_ext4::{Filesystem, Mode};
use cairn_vm::{KEPT_ENDING, Machine};

use super::tree::Tree;
use crate::convert::{block_error, ext4_error, vm_error};
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::Result;
use crate::fault;
use crate::gate::ReadPass;
use crate::lease;
use crate::model::MountState;
use crate::slot::Slot;

/// So long, what was seen is shown to others who ask.
const FRESH: Duration = Duration::from_secs(2);
/// How often it is looked whether somebody still reads.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// How long an engine that closes waits for those who read.
const LAST_READERS: Duration = Duration::from_secs(30);

/// What lets somebody look at the present, as long as it lives.
#[derive(Debug)]
pub(crate) enum Pass {
    /// Nobody writes the head.
    Quiet(#[expect(dead_code, reason = "held, not read")] ReadPass),
    /// A machine writes on, and shows what was at one moment.
    Live(Arc<Shown>),
}

/// A volume's disk as a machine had it at one moment.
#[derive(Debug)]
pub(crate) struct Shown {
    device: Arc<NbdDevice>,
    since: Instant,
    /// Whether the machine has changed files since, on our behalf.
    is_stale: AtomicBool,
    machine: Machine,
}

/// What is shown of a volume now.
pub(crate) type Showing = Arc<tokio::sync::Mutex<Option<Arc<Shown>>>>;

impl Shown {
    /// The files in it, as they were.
    pub(crate) fn tree(&self) -> Result<Tree> {
        let filesystem = Filesystem::open(self.device.clone(), Mode::ReadOnly);
        Ok(Tree::of(filesystem.map_err(|e| ext4_error("open the volume's filesystem", &e))?))
    }

    fn is_fresh(&self) -> bool {
        self.since.elapsed() < FRESH && !self.is_stale.load(Ordering::SeqCst)
    }
}

impl Engine {
    /// Waits until the present may be looked at. When a machine writes it, what is seen is at most some seconds old;
    /// as long as somebody goes on reading, others see the same.
    pub(crate) async fn pass_to_look(&self, slot: &Arc<Slot>) -> Result<Pass> {
        if lease::writer(&*slot.manifest()?).is_some() {
            return Ok(Pass::Live(self.look_live(slot).await?));
        }
        Ok(Pass::Quiet(slot.gate.read(&slot.name()).await?))
    }

    async fn look_live(&self, slot: &Arc<Slot>) -> Result<Arc<Shown>> {
        let mut showing = slot.showing.clone().lock_owned().await;
        if let Some(shown) = &*showing
            && (shown.is_fresh() || Arc::strong_count(shown) > 1)
            && !shown.device.is_broken()
        {
            return Ok(shown.clone());
        }
        *showing = None;
        let (mount, machine) = self.writing_machine(&*slot.manifest()?)?;
        let what = format!("look at the files of '{}' while the machine writes", slot.name());
        let kept = kept_file(&self.inner.store.vm(&mount.vm), slot);
        let quiet = (mount.state == MountState::Attached && mount.error.is_none()).then_some(mount.path.as_str());
        let look = machine.begin_look(slot.id.as_str(), &kept, quiet, self.inner.longest_freeze).await;
        let look = look.map_err(|e| vm_error(&what, &e))?;
        fault::point("machine shows a disk");
        let opened = blocking(move || {
            NbdDevice::open(look.stream, &look.export).map_err(|e| block_error("read what the machine shows", &e))
        });
        match opened.await {
            Ok(device) => {
                let (device, since) = (Arc::new(device), Instant::now());
                let shown = Arc::new(Shown { device, since, is_stale: AtomicBool::new(false), machine });
                *showing = Some(shown.clone());
                self.end_when_unused(slot, &shown);
                Ok(shown)
            }
            Err(error) => {
                end(slot, &machine).await;
                Err(error)
            }
        }
    }

    /// Ends it when it is not fresh any more and nobody reads.
    fn end_when_unused(&self, slot: &Arc<Slot>, shown: &Arc<Shown>) {
        let (slot, stop, since) = (slot.clone(), self.inner.idle_work.clone(), shown.since);
        let (shown, machine) = (Arc::downgrade(shown), shown.machine.clone());
        self.inner.tasks.spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(FRESH.saturating_sub(since.elapsed())) => {}
                () = stop.cancelled() => {}
            }
            let mut closing_since = None;
            loop {
                let mut showing = slot.showing.lock().await;
                if showing.as_ref().is_none_or(|now| !Weak::ptr_eq(&Arc::downgrade(now), &shown)) {
                    return;
                }
                if stop.is_cancelled() {
                    closing_since.get_or_insert_with(Instant::now);
                }
                let waited_enough = closing_since.is_some_and(|since: Instant| since.elapsed() > LAST_READERS);
                if shown.strong_count() <= 1 || waited_enough {
                    *showing = None;
                    return end(&slot, &machine).await;
                }
                drop(showing);
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        });
    }

    /// Whoever looks from now on shall see what has just been changed.
    pub(super) async fn see_anew(&self, slot: &Slot) {
        if let Some(shown) = &*slot.showing.lock().await {
            shown.is_stale.store(true, Ordering::SeqCst);
        }
    }

    /// Nobody looks at the volume any more, because the machine is to let it go: who reads gets an error.
    pub(crate) async fn stop_looking(&self, slot: &Slot) {
        if let Some(shown) = slot.showing.lock().await.take() {
            end(slot, &shown.machine).await;
        }
    }
}

async fn end(slot: &Slot, machine: &Machine) {
    match machine.end_look(slot.id.as_str()).await {
        Ok(()) => {}
        Err(error) if error.kind() == cairn_vm::ErrorKind::NotRunning => {}
        Err(error) => tracing::warn!(volume = %slot.id, %error, "the machine goes on showing what nobody reads"),
    }
}

fn kept_file(machine: &Path, slot: &Slot) -> PathBuf {
    machine.join(format!("{}{KEPT_ENDING}", slot.id))
}

/// Removes what is left of looks in the folder of a machine that does not run.
pub(crate) fn remove_kept(machine: &Path) {
    durable::remove_ending(machine, KEPT_ENDING, |_| true);
}
