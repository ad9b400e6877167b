//! Watching running machines: adopting one, and what happens when its QEMU has gone.

use std::sync::Arc;
use std::time::Duration;

use super::MachineSlot;
use crate::convert::vm_error;
use crate::engine::{Engine, blocking};
use crate::error::Result;
use crate::files::{guest, live};
use crate::intent;
use crate::layer;
use crate::lease;
use crate::merge;
use crate::model::{EventKind, VmState};
use crate::mount::stand_in;
use crate::slot::Slot;
use crate::sync;

/// How long a machine that was found running may take to answer through its agent.
const GREETING: Duration = Duration::from_secs(5);

impl Engine {
    /// From now on this machine is known as running, and its end is noticed.
    pub(super) fn adopt(&self, slot: &Arc<MachineSlot>, machine: cairn_vm::Machine) {
        let exited = machine.exited();
        self.watch_for_full_disk(slot, machine.clone());
        self.watch_guest(slot, machine.clone());
        let is_attached = slot.is_attached();
        if !is_attached {
            self.keep_console_short(slot, machine.exited());
        }
        sync::lock(&slot.live).machine = Some(machine.clone());
        let (inner, slot) = (Arc::downgrade(&self.inner), slot.clone());
        let closing = self.inner.closing.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = exited => {}
                () = closing.cancelled() => return,
                () = slot.forgotten.cancelled() => return,
            }
            if let Some(inner) = inner.upgrade() {
                let engine = Engine { inner };
                if let Some(pid) = machine.pid().filter(|_| is_attached) {
                    engine.lose(&slot, pid);
                    return;
                }
                tracing::info!(vm = %slot.id, "the machine has ended");
                engine.machine_gone(&slot).await;
            }
        });
    }

    /// Looks for the machine's QEMU: one that was started by an earlier engine is still running.
    pub(crate) async fn find_running(&self, slot: &Arc<MachineSlot>) {
        if let Some(attached) = slot.record().attached() {
            self.keep_reaching(slot);
            let reached = attached.reach().await;
            return self.reached(slot, reached).await;
        }
        match cairn_vm::connect(&slot.folder).await {
            Ok(machine) => {
                tracing::info!(vm = %slot.id, pid = machine.pid(), "found the machine running");
                let (has_agent, _) = slot.agent();
                let answers = if has_agent { machine.wait_for_agent(GREETING).await } else { Ok(()) };
                self.adopt(slot, machine.clone());
                match answers {
                    Ok(()) => self.set_state(slot, VmState::Running, None),
                    Err(error) => {
                        let error = vm_error(&format!("ask the machine '{}'", slot.name()), &error);
                        self.set_state(slot, VmState::Starting, Some(&error));
                        self.wait_for_late_agent(slot, machine);
                    }
                }
            }
            Err(error) if error.kind() == cairn_vm::ErrorKind::NotRunning => {}
            Err(error) => {
                let error = vm_error(&format!("reach the machine '{}'", slot.name()), &error);
                self.set_state(slot, VmState::Error, Some(&error));
            }
        }
    }

    /// A guest that is still booting, or whose agent hangs, may answer later.
    fn wait_for_late_agent(&self, slot: &Arc<MachineSlot>, machine: cairn_vm::Machine) {
        let (inner, slot, closing) = (Arc::downgrade(&self.inner), slot.clone(), self.inner.closing.clone());
        let (_, boot) = slot.agent();
        tokio::spawn(async move {
            let answers = tokio::select! {
                answers = machine.wait_for_agent(boot) => answers.is_ok(),
                () = closing.cancelled() => false,
            };
            if let Some(inner) = inner.upgrade()
                && answers
                && slot.state() == VmState::Starting
            {
                let engine = Engine { inner };
                engine.set_state(&slot, VmState::Running, None);
                engine.reconcile(&slot).await;
            }
        });
    }

    /// The machine's QEMU is gone: it has no volume any more. Doing this twice is fine.
    pub(crate) async fn machine_gone(&self, slot: &Arc<MachineSlot>) {
        let _ending = slot.ending.lock().await;
        if sync::lock(&slot.live).machine.take().is_none() {
            return;
        }
        for volume in self.slots() {
            let has_it = |manifest: &crate::manifest::Manifest| manifest.mounts.iter().any(|mount| mount.vm == slot.id);
            if !volume.manifest().is_ok_and(|manifest| has_it(&manifest)) {
                continue;
            }
            volume.showing.lock().await.take();
            let (engine, vm, changed) = (self.clone(), slot.id.clone(), volume.clone());
            let released = blocking(move || {
                engine.release_leases(&changed, &vm)?;
                engine.count_usage(&changed);
                Ok(())
            });
            if let Err(error) = released.await {
                tracing::error!(volume = %volume.id, %error, "the lease of a machine that has ended could not be released");
            }
            self.merge_later(&volume);
            self.tell(EventKind::MountChanged { volume_id: volume.id.clone(), vm_id: slot.id.clone() });
            self.tell(EventKind::VolumeChanged { volume_id: volume.id.clone() });
        }
        self.tidy_session(slot).await;
        self.set_state(slot, VmState::Stopped, None);
    }

    /// The machine does not run: a snapshot that was being made is settled, then the session disk goes or stays.
    pub(crate) async fn tidy_session(&self, slot: &Arc<MachineSlot>) {
        self.settle_snapshot(slot).await;
        live::remove_kept(&slot.folder);
        guest::remove_disks(&slot.folder, |_| true);
        if let Err(error) = self.end_session(slot).await {
            tracing::error!(vm = %slot.id, %error, "the session disk of a machine that has ended stays");
        }
    }

    /// Takes a machine's leases on a volume back, and finishes what only waited for that.
    pub(crate) fn release_leases(&self, volume: &Slot, vm: &crate::id::VmId) -> Result<()> {
        let before = volume.manifest()?;
        let layers: Vec<_> =
            before.mounts.iter().filter(|mount| mount.vm == *vm).map(|mount| mount.layer.clone()).collect();
        // Before the lease goes, so that nobody looks at the head first.
        let was_written = lease::writer(&before).is_some();
        let alone = if was_written { volume.gate.try_write("it is being tidied up") } else { None };
        let now = volume.commit(|manifest| {
            manifest.mounts.retain(|mount| mount.vm != *vm);
            manifest.discard_unneeded(&layers);
        })?;
        merge::live::put_back_all(volume);
        // The machine may have ended in the middle of a write.
        if alone.is_some() && !now.is_mounted(&now.head) {
            layer::tidy_up(&volume.folder, &now, layer::Writer::Machine);
        }
        // Who changes the volume at this moment may just be about to use them; then a later unmount removes them.
        if let Some(_structure) = volume.structure.try_lock() {
            stand_in::remove_unused(&volume.folder, &now);
        }
        intent::settle(volume)
    }
}
