//! A guest that meets a full disk of this computer is paused by QEMU; it goes on when there is room again.
//!
//! ```text
//! running ──write without room──► paused by QEMU, people are told
//!    ▲                                   │ every few seconds: is there room?
//!    └──────────── resumed ◄─────────────┘
//! ```

use std::sync::Arc;
use std::time::Duration;

use cairn_vm::{Machine, RunState};

use super::MachineSlot;
use crate::convert::vm_error;
use crate::doctor::free_bytes;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::model::{NoticeLevel, VmState};
use crate::size::Bytes;

/// How much must be free before a guest goes on; with less it would stop again at once.
const ROOM: u64 = 16 << 20;
/// How often a waiting guest's disk is looked at.
const LOOK: Duration = Duration::from_secs(2);

impl Engine {
    /// From now until the machine or the engine ends, a guest that waits for room gets it.
    pub(super) fn watch_for_full_disk(&self, slot: &Arc<MachineSlot>, machine: Machine) {
        let (engine, slot) = (Arc::downgrade(&self.inner), slot.clone());
        let (closing, exited) = (self.inner.closing.clone(), machine.exited());
        tokio::spawn(closing.run_until_cancelled_owned(async move {
            let engine = || engine.upgrade().map(|inner| Engine { inner });
            tokio::select! {
                () = exited => {}
                () = slot.forgotten.cancelled() => {}
                _ = watch(engine, &slot, &machine) => {}
            }
        }));
    }

    /// Whether a machine has something on a disk that is full.
    fn lacks_room(&self, slot: &MachineSlot) -> bool {
        let free = free_bytes(self.inner.store.root()).unwrap_or(0);
        free < ROOM && !self.mounts_in(&slot.id).is_empty()
    }

    fn tell_of_full_disk(&self, slot: &Arc<MachineSlot>) {
        let sentence = format!("The machine '{}' waits, because this computer's disk is full.", slot.name());
        let hint = format!("It goes on by itself when {} are free.", Bytes(ROOM));
        let told = format!("{sentence} {hint}");
        self.set_state(slot, VmState::Running, Some(&Error::new(ErrorKind::NoSpace, sentence).with_hint(hint)));
        self.inner.events.notice(NoticeLevel::Error, told);
    }

    /// Whether the guest runs again; it is let go on when there is room.
    async fn has_gone_on(&self, slot: &Arc<MachineSlot>, machine: &Machine) -> bool {
        if !matches!(machine.status().await, Ok(RunState::DiskError)) {
            if slot.state() == VmState::Running {
                self.set_state(slot, VmState::Running, None);
            }
            return true;
        }
        // What is free cannot be known of a disk that does not answer; then there is no room.
        if free_bytes(self.inner.store.root()).unwrap_or(0) < ROOM {
            return false;
        }
        if let Err(error) = machine.resume().await {
            let error = vm_error(&format!("let the machine '{}' go on", slot.name()), &error);
            tracing::warn!(%error, "the machine stays paused");
            return false;
        }
        self.set_state(slot, VmState::Running, None);
        let message = format!("There is room again: the machine '{}' goes on.", slot.name());
        self.inner.events.notice(NoticeLevel::Info, message);
        true
    }
}

/// `None` when the engine has gone.
async fn watch(engine: impl Fn() -> Option<Engine>, slot: &Arc<MachineSlot>, machine: &Machine) -> Option<()> {
    loop {
        // Listened for before looking, so that nothing happens unseen in between.
        let changed = machine.halted_or_resumed();
        if !matches!(machine.status().await, Ok(RunState::DiskError)) {
            changed.await;
            continue;
        }
        // Why somebody else's machine waits is not ours to know, unless it is for room for what it has of ours.
        if slot.is_attached() && !engine()?.lacks_room(slot) {
            changed.await;
            continue;
        }
        engine()?.tell_of_full_disk(slot);
        loop {
            tokio::time::sleep(LOOK).await;
            if engine()?.has_gone_on(slot, machine).await {
                break;
            }
        }
    }
}
