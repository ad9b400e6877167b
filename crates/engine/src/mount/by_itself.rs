//! What a guest does by itself, and what becomes of its mounts then.
//!
//! ```text
//!   restarted              Attached ──► Attaching ──its agent answers──► Attached, or Error with the guest's words
//!   its agent starts       plugged in, waiting for a person ───────────► Attached
//!   lets a disk go late    Error, Detaching ───────────────────────────► detached, the lease back
//! ```

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use cairn_vm::{AgentPort, Happenings, Machine};
use time::OffsetDateTime;

use super::by_hand;
use crate::convert::vm_error;
use crate::engine::Engine;
use crate::error::Result;
use crate::machine::MachineSlot;
use crate::manifest::MountRecord;
use crate::model::{MountState, NoticeLevel};
use crate::slot::Slot;

/// How long an agent that has opened its port may take to answer.
const GREETING: Duration = Duration::from_secs(10);
/// The same for the agent of a guest that is just booting, without KVM perhaps and on a computer that has much to do.
const BOOTING: Duration = Duration::from_secs(300);

impl Engine {
    /// From now until the machine or the engine ends, what its guest does by itself is followed.
    pub(crate) fn watch_guest(&self, slot: &Arc<MachineSlot>, machine: Machine) {
        let (inner, slot) = (Arc::downgrade(&self.inner), slot.clone());
        let (closing, exited) = (self.inner.closing.clone(), machine.exited());
        let mut seen = machine.happenings();
        tokio::spawn(closing.run_until_cancelled_owned(async move {
            let follow = async {
                loop {
                    let now = machine.happened_since(seen).await;
                    let Some(inner) = inner.upgrade() else { return };
                    Engine { inner }.follow_guest(&slot, &machine, seen, now).await;
                    seen = now;
                }
            };
            tokio::select! {
                () = exited => {}
                () = slot.forgotten() => {}
                () = follow => {}
            }
        }));
    }

    async fn follow_guest(&self, slot: &Arc<MachineSlot>, machine: &Machine, seen: Happenings, now: Happenings) {
        if now.unplugs != seen.unplugs {
            self.each_mount(slot, machine, Happened::Unplug).await;
        }
        if now.resets != seen.resets {
            self.each_mount(slot, machine, Happened::Restart).await;
        }
        if now.agents != seen.agents {
            self.mount_when_it_answers(slot, machine);
        }
    }

    /// Its agent has opened its port. Until it answers nobody is kept from doing something else with the machine; that it
    /// will, nobody announces again.
    pub(super) fn mount_when_it_answers(&self, slot: &Arc<MachineSlot>, machine: &Machine) {
        let (inner, closing) = (Arc::downgrade(&self.inner), self.inner.closing.clone());
        let (slot, machine) = (slot.clone(), machine.clone());
        tokio::spawn(closing.run_until_cancelled_owned(async move {
            let until = Instant::now() + BOOTING;
            while let Err(error) = machine.wait_for_agent(GREETING).await {
                let may_answer = error.kind() == cairn_vm::ErrorKind::NoAgent
                    && matches!(machine.agent_port().await, Ok(AgentPort::Open));
                if !may_answer || Instant::now() > until {
                    tracing::info!(vm = %slot.id, %error, "the agent has opened its port and does not answer");
                    return;
                }
            }
            let Some(inner) = inner.upgrade() else { return };
            let engine = Engine { inner };
            if slot.is_unseen.swap(false, Ordering::SeqCst) {
                engine.reconcile(&slot).await;
            }
            engine.each_mount(&slot, &machine, Happened::Agent).await;
        }));
    }

    /// A guest in which a person was to mount something has an agent now.
    pub(super) async fn mount_by_agent(&self, machine: &Machine, record: &MountRecord) {
        if let Ok(slot) = self.machine_slot(record.vm.as_str()) {
            self.each_mount(&slot, machine, Happened::Agent).await;
        }
    }

    /// Does what is to be done about each of the machine's mounts that it concerns, with the machine's turn.
    async fn each_mount(&self, slot: &Arc<MachineSlot>, machine: &Machine, what: Happened) {
        let record_in = |volume: &Slot| {
            let manifest = volume.manifest().ok()?;
            manifest.mounts.iter().find(|record| record.vm == slot.id && what.concerns(record)).cloned()
        };
        let volumes: Vec<Arc<Slot>> = self.slots().into_iter().filter(|volume| record_in(volume).is_some()).collect();
        if volumes.is_empty() {
            return;
        }
        // Who is just mounting or unmounting sees for himself how that ends.
        let _turn = slot.turn.lock().await;
        if what == Happened::Agent
            && let Err(error) = machine.wait_for_agent(GREETING).await
        {
            tracing::info!(vm = %slot.id, %error, "the agent has opened its port and does not answer");
            return;
        }
        for volume in volumes {
            let _structure = volume.structure.lock().await;
            let Some(record) = record_in(&volume) else { continue };
            let done = match what {
                Happened::Unplug => self.let_go_late(&volume, slot, machine, &record).await,
                Happened::Restart => self.note_restart(&volume, slot, machine, &record).await,
                Happened::Agent => self.mount_again(&volume, machine, &record).await,
            };
            if let Err(error) = done {
                tracing::error!(volume = %volume.id, vm = %slot.id, %error, "what the guest did could not be followed");
            }
            self.tell_of_mount(&volume, &slot.id);
        }
    }

    /// A disk that the guest would not let go of may have gone now.
    async fn let_go_late(
        &self,
        volume: &Arc<Slot>,
        slot: &MachineSlot,
        machine: &Machine,
        record: &MountRecord,
    ) -> Result<()> {
        let serial = volume.id.as_str();
        match machine.disks().await {
            Ok(disks) if disks.iter().any(|disk| disk.serial == serial) => return Ok(()),
            Err(_) => return Ok(()),
            Ok(_) => {}
        }
        self.stop_looking(volume).await;
        // What is left of it are its block nodes.
        if let Err(error) = machine.detach(serial).await {
            tracing::warn!(volume = serial, %error, "block nodes stay open");
            return Ok(());
        }
        self.drop_mount(volume, record).await?;
        let message = format!("The machine '{}' has let go of the volume '{}' now.", slot.name(), volume.name());
        self.inner.events.notice(NoticeLevel::Info, message);
        self.tidy_unmounted(volume).await
    }

    /// The guest has been restarted: it has the disk, and nothing mounted.
    async fn note_restart(
        &self,
        volume: &Arc<Slot>,
        slot: &MachineSlot,
        machine: &Machine,
        record: &MountRecord,
    ) -> Result<()> {
        tracing::info!(volume = %volume.id, vm = %slot.id, "the guest was restarted with the volume inside");
        if slot.has_agent() {
            return self.change_mount(volume, record, MountState::Attaching, None).await;
        }
        // Whether it will have an agent nobody knows; if it has, the agent mounts it.
        self.change_mount(volume, record, MountState::Attached, Some(by_hand::sentence(volume, record))).await?;
        self.notice_mount_by_hand(volume, machine, record, false);
        Ok(())
    }

    /// Mounts what is plugged in and not mounted, or notices that it is.
    pub(super) async fn mount_again(&self, volume: &Arc<Slot>, machine: &Machine, record: &MountRecord) -> Result<()> {
        match machine.mount_with(volume.id.as_str(), &record.path, &record.options()).await {
            Ok(()) => {
                let now = OffsetDateTime::now_utc();
                let mounted = move |mount: &mut MountRecord| {
                    (mount.state, mount.error, mount.since) = (MountState::Attached, None, now)
                };
                self.update_mount(volume, record, mounted).await
            }
            // Nobody could be asked; the next time that the agent starts it is asked again.
            Err(error) if super::attach::was_not_asked(&error) => Ok(()),
            Err(error) => {
                let error = vm_error(&format!("mount '{}' at {} again", volume.name(), record.path), &error);
                self.inner.events.notice(NoticeLevel::Error, error.to_string());
                self.change_mount(volume, record, MountState::Error, Some(error.to_string())).await
            }
        }
    }
}

/// Something that a guest has done by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Happened {
    Unplug,
    Restart,
    Agent,
}

impl Happened {
    /// Whether there is something to be done about a mount then.
    fn concerns(self, record: &MountRecord) -> bool {
        // Such a mount waits for a person in the guest.
        let waits = record.state == MountState::Attached && record.error.is_some();
        match self {
            Self::Unplug => matches!(record.state, MountState::Error | MountState::Detaching),
            Self::Restart => record.state == MountState::Attached && !waits,
            Self::Agent => record.state == MountState::Attaching || waits,
        }
    }
}
