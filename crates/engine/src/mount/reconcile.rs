//! After a start: what was recorded of mounts is compared with what QEMU and the guest say, and they are right.
//!
//! | recorded | QEMU has the device | the guest has it mounted | what happens |
//! |---|---|---|---|
//! | anything | no | | the lease is taken back |
//! | Attaching | yes | yes | Attached |
//! | Attaching | yes | no | mounted now; unwound if that fails |
//! | Attached | yes | yes | nothing |
//! | Attached | yes | no | mounted now if it waited for an agent, or the guest was restarted since; else Error: somebody unmounted it in the guest |
//! | Detaching | yes | | unmounted and unplugged now |
//! | nothing | yes | | the lease is recorded again |
//!
//! A guest that is just booting is asked as soon as its agent answers.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cairn_vm::{AgentPort, AttachedDisk, GuestMount, Machine};
use time::OffsetDateTime;

use super::stand_in;
use crate::engine::{Engine, blocking};
use crate::error::Result;
use crate::group;
use crate::id::LayerId;
use crate::intent;
use crate::machine::MachineSlot;
use crate::manifest::{Intent, LayerRecord, Manifest, MountRecord, layer_file};
use crate::model::{IoLimits, MountMode, MountState, NoticeLevel};
use crate::slot::Slot;

/// By so much a guest's clock may differ.
const CLOCKS: Duration = Duration::from_secs(1);

impl Engine {
    /// Makes what is recorded of a machine's mounts true.
    pub(crate) async fn reconcile(&self, vm: &Arc<MachineSlot>) {
        let Some(machine) = vm.machine() else {
            self.release_all(vm).await;
            return;
        };
        let _turn = vm.turn.lock().await;
        // An engine that was killed may have left the machine showing what it writes.
        if let Err(error) = machine.end_all_looks().await {
            tracing::warn!(vm = %vm.id, %error, "the machine goes on showing what nobody reads");
        }
        let disks = match machine.disks().await {
            Ok(disks) => disks,
            Err(error) => {
                tracing::warn!(vm = %vm.id, %error, "the machine does not say what disks it has; its leases stay");
                return;
            }
        };
        self.unplug_transfers(vm, &machine, &disks).await;
        let seen = machine.guest_mounts().await;
        if let Err(error) = &seen {
            tracing::warn!(vm = %vm.id, %error, "the guest does not say what it has mounted");
            self.ask_later(vm, &machine, error).await;
        }
        let seen = seen.ok();
        for volume in self.slots() {
            let disk = disks.iter().find(|disk| disk.serial == volume.id.as_str());
            if let Err(error) = self.reconcile_volume(&volume, vm, &machine, disk, seen.as_deref()).await {
                let sentence = format!("What the machine '{}' has of '{}' is not clear.", vm.name(), volume.name());
                self.inner.events.notice(NoticeLevel::Error, format!("{sentence} {error}"));
            }
        }
    }

    /// A guest that boots has nothing mounted yet, and an agent soon.
    async fn ask_later(&self, vm: &Arc<MachineSlot>, machine: &Machine, error: &cairn_vm::Error) {
        if error.kind() != cairn_vm::ErrorKind::NoAgent {
            return;
        }
        vm.is_unseen.store(true, Ordering::SeqCst);
        // That it will answer nobody announces any more.
        if matches!(machine.agent_port().await, Ok(AgentPort::Open)) {
            self.mount_when_it_answers(vm, machine);
        }
    }

    /// The machine does not run: it has nothing. One that may run and cannot be reached keeps what it has.
    async fn release_all(&self, vm: &Arc<MachineSlot>) {
        if vm.may_run() {
            return;
        }
        for volume in self.slots() {
            let held = volume.manifest().is_ok_and(|manifest| manifest.mounts.iter().any(|mount| mount.vm == vm.id));
            if !held {
                continue;
            }
            tracing::info!(volume = %volume.id, vm = %vm.id, "the machine ended while Cairn was away; its lease is taken back");
            let (engine, released, id) = (self.clone(), volume.clone(), vm.id.clone());
            if let Err(error) = blocking(move || engine.release_leases(&released, &id)).await {
                tracing::error!(volume = %volume.id, %error, "the lease could not be taken back");
            }
        }
    }

    async fn reconcile_volume(
        &self,
        volume: &Arc<Slot>,
        vm: &MachineSlot,
        machine: &Machine,
        disk: Option<&AttachedDisk>,
        seen: Option<&[GuestMount]>,
    ) -> Result<()> {
        let Ok(manifest) = volume.manifest() else { return Ok(()) };
        let record = manifest.mounts.iter().find(|mount| mount.vm == vm.id).cloned();
        match (record, disk) {
            (None, None) => Ok(()),
            (Some(record), None) => self.drop_mount(volume, &record).await,
            (None, Some(disk)) => self.record_found(volume, vm, disk, seen).await,
            (Some(record), Some(disk)) => {
                self.finish_checkpoint(volume, &manifest, disk).await?;
                if record.is_writer() {
                    self.finish_live_merges(volume).await?;
                }
                self.reconcile_mount(volume, machine, &record, seen).await
            }
        }
    }

    async fn reconcile_mount(
        &self,
        volume: &Arc<Slot>,
        machine: &Machine,
        record: &MountRecord,
        seen: Option<&[GuestMount]>,
    ) -> Result<()> {
        // A guest that does not say leaves everything as it was recorded.
        let Some(seen) = seen else {
            if record.state == MountState::Attached && record.error.is_some() {
                self.notice_mount_by_hand(volume, machine, record, true);
            }
            return Ok(());
        };
        let is_here = |mount: &GuestMount| mount.serial == volume.id.as_str() && mount.mount_path == record.path;
        match (record.state, seen.iter().any(is_here)) {
            (MountState::Attached, true) if record.error.is_none() => Ok(()),
            (MountState::Attached | MountState::Attaching | MountState::Error, true) => {
                self.change_mount(volume, record, MountState::Attached, None).await
            }
            (MountState::Attaching, false) => {
                match machine.mount_with(volume.id.as_str(), &record.path, &record.options()).await {
                    Ok(()) => self.change_mount(volume, record, MountState::Attached, None).await,
                    Err(error) => {
                        tracing::info!(volume = %volume.id, %error, "an interrupted mount is unwound");
                        self.unwind(volume, machine, record, &error).await;
                        Ok(())
                    }
                }
            }
            // It waited for a person, and now there is an agent.
            (MountState::Attached, false) if record.error.is_some() => self.mount_again(volume, machine, record).await,
            (MountState::Attached, false) if was_restarted_since(machine, record).await => {
                tracing::info!(volume = %volume.id, "the guest was restarted meanwhile; the volume is mounted again");
                self.mount_again(volume, machine, record).await
            }
            (MountState::Attached, false) => {
                let sentence = format!("The guest has the disk, but nothing mounted at {}.", record.path);
                self.change_mount(volume, record, MountState::Error, Some(sentence)).await
            }
            (MountState::Detaching, _) => {
                let what = format!("finish unmounting '{}'", volume.name());
                self.detach(volume, machine, record, &what, false).await.map(drop)
            }
            (MountState::Error, false) => Ok(()),
        }
    }

    /// A machine has a volume of which nothing is recorded any more: the manifest is an earlier generation.
    async fn record_found(
        &self,
        volume: &Arc<Slot>,
        vm: &MachineSlot,
        disk: &AttachedDisk,
        seen: Option<&[GuestMount]>,
    ) -> Result<()> {
        let manifest = volume.manifest()?;
        let Some(layer) = layer_of(&manifest, disk) else { return Ok(()) };
        let mounted = seen.and_then(|seen| seen.iter().find(|mount| mount.serial == volume.id.as_str()));
        let record = MountRecord {
            vm: vm.id.clone(),
            path: mounted.map_or_else(|| "/".into(), |mount| mount.mount_path.clone()),
            mode: if disk.read_only { MountMode::Ro } else { MountMode::Rw },
            checkpoint: manifest.checkpoint_of(&layer).map(|checkpoint| checkpoint.id.clone()),
            layer,
            state: if mounted.is_some() { MountState::Attached } else { MountState::Error },
            error: mounted.is_none().then(|| "The guest has the disk, but nothing mounted from it.".into()),
            since: OffsetDateTime::now_utc(),
            options: None,
            limits: IoLimits::default(),
        };
        let message =
            format!("The machine '{}' has the volume '{}', which was not recorded.", vm.name(), manifest.name);
        self.inner.events.notice(NoticeLevel::Warning, message);
        let volume = volume.clone();
        blocking(move || volume.commit(|manifest| manifest.mounts.push(record)).map(drop)).await
    }

    /// A checkpoint was being taken of what the machine writes: it was taken if the machine writes the overlay.
    pub(super) async fn finish_checkpoint(
        &self,
        volume: &Arc<Slot>,
        manifest: &Manifest,
        disk: &AttachedDisk,
    ) -> Result<()> {
        for intent in manifest.intents.clone() {
            let Intent::Checkpoint { checkpoint, overlay, group } = &intent else { continue };
            let taken = disk.path.file_name().is_some_and(|name| *name == *layer_file(overlay));
            let (volume, group) = (volume.clone(), group.clone());
            let (checkpoint, overlay) = (checkpoint.clone(), overlay.clone());
            blocking(move || {
                if !taken {
                    if let Some(group) = &group {
                        group::call_off(&volume.folder, group)?;
                    }
                    return intent::abandon(&volume, &intent);
                }
                let record = crate::layer::record(&volume.folder, &overlay, Some(&checkpoint.layer))?;
                let record = LayerRecord { empty_length: 0, ..record };
                intent::adopt_overlay(&volume, &intent, &checkpoint, (&overlay, record))
            })
            .await?;
        }
        Ok(())
    }
}

/// Whether the guest was restarted after it had been given the volume. The clocks need not agree to the second.
async fn was_restarted_since(machine: &Machine, record: &MountRecord) -> bool {
    let Ok(up) = machine.guest_up().await else { return false };
    let mounted_for = OffsetDateTime::now_utc() - record.since;
    mounted_for > up + CLOCKS
}

/// The layer of the volume that a machine has on top.
fn layer_of(manifest: &Manifest, disk: &AttachedDisk) -> Option<LayerId> {
    let name = disk.path.file_name()?;
    if let Some(layer) = stand_in::shown_by(name) {
        return manifest.layers.contains_key(&layer).then_some(layer);
    }
    manifest.layers.keys().find(|layer| *name == *layer_file(layer)).cloned()
}
