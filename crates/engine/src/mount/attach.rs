//! A volume on its way into a machine: its lease, the disk plugged in and mounted, and all of that taken back.

use std::sync::Arc;

use cairn_block::qcow2::{Access, Image};
use cairn_vm::{Disk, Machine};
use time::OffsetDateTime;

use super::{by_hand, stand_in};
use crate::checkpoint;
use crate::convert::{block_error, vm_error};
use crate::engine::{Engine, blocking};
use crate::error::Result;
use crate::fault;
use crate::files::tree::Tree;
use crate::layer;
use crate::lease;
use crate::machine::MachineSlot;
use crate::manifest::{MountRecord, layer_path};
use crate::model::{MountMode, MountRequest, MountState};
use crate::optimiser::refuse_too_long;
use crate::slot::Slot;

impl Engine {
    /// Checks that the machine may have what is wanted, and records that it does. Nobody in this engine reads or
    /// writes meanwhile what it must not.
    pub(super) async fn take_lease(
        &self,
        volume: &Arc<Slot>,
        vm: &MachineSlot,
        request: &MountRequest,
        path: String,
    ) -> Result<MountRecord> {
        let manifest = volume.manifest()?;
        let checkpoint = request.at.as_deref().map(|at| checkpoint::resolve(&manifest, at)).transpose()?;
        let record = MountRecord {
            vm: vm.id.clone(),
            path,
            mode: request.mode,
            layer: checkpoint.map_or(&manifest.head, |checkpoint| &checkpoint.layer).clone(),
            checkpoint: checkpoint.map(|checkpoint| checkpoint.id.clone()),
            state: MountState::Attaching,
            error: None,
            since: OffsetDateTime::now_utc(),
            options: request.options.clone(),
            limits: request.limits,
        };
        let alone = match (request.mode, checkpoint) {
            (MountMode::Ro, Some(_)) => None,
            (MountMode::Ro, None) => {
                lease::may_read_head(&manifest, &self.vm_names())?;
                Some(volume.gate.write(&manifest.name, "it is being mounted").await?)
            }
            (MountMode::Rw, _) => {
                lease::may_write_head(&manifest, &self.vm_names())?;
                Some(volume.gate.write(&manifest.name, "it is being mounted").await?)
            }
        };
        let (volume, recorded) = (volume.clone(), record.clone());
        let (keep_free, stop) = (self.inner.keep_free, self.inner.idle_work.clone());
        blocking(move || {
            let _alone = alone;
            match recorded.checkpoint {
                // Made before; it may have gone with a reader in between.
                Some(_) => stand_in::prepare(&volume, &recorded.layer, keep_free, &stop)?,
                None => prepare_head(&volume, &recorded)?,
            }
            volume.commit(|manifest| manifest.mounts.push(recorded)).map(drop)
        })
        .await?;
        Ok(record)
    }

    /// Plugs the volume in and mounts it; unwinds when that fails.
    pub(super) async fn attach(
        &self,
        volume: &Arc<Slot>,
        vm: &MachineSlot,
        machine: &Machine,
        record: &MountRecord,
    ) -> Result<()> {
        let what = format!("mount '{}' at {} in '{}'", volume.name(), record.path, vm.name());
        let read_only = record.mode == MountMode::Ro;
        let below = layer::files_below(&volume.folder, &*volume.manifest()?, &record.layer);
        let path = match record.mode {
            MountMode::Rw => layer_path(&volume.folder, &record.layer),
            MountMode::Ro => stand_in::top(&volume.folder, &record.layer),
        };
        let disk = Disk { serial: volume.id.to_string(), path, below, read_only };
        fault::point("lease taken");
        let (limits, options) = (record.limits.into(), record.options());
        match machine.attach_and_mount(&disk, limits, &record.path, &options).await {
            Ok(()) => self.change_mount(volume, record, MountState::Attached, None).await,
            // Nobody can be asked to mount it: whoever uses the guest does.
            Err(error) if error.kind() == cairn_vm::ErrorKind::NoAgent && by_hand::is_way(vm, machine).await => {
                let sentence = by_hand::sentence(volume, record);
                self.change_mount(volume, record, MountState::Attached, Some(sentence)).await?;
                self.notice_mount_by_hand(volume, machine, record, true);
                Ok(())
            }
            Err(error) => {
                self.unwind(volume, machine, record, &error).await;
                Err(vm_error(&what, &error))
            }
        }
    }

    /// Takes a mount back that `failed`: the device out of the machine, then the lease.
    pub(super) async fn unwind(
        &self,
        volume: &Arc<Slot>,
        machine: &Machine,
        record: &MountRecord,
        failed: &cairn_vm::Error,
    ) {
        // The guest may have mounted it after all, too late for us; a busy one is told by the detach below.
        if !was_not_asked(failed)
            && let Err(error) = machine.unmount(volume.id.as_str(), &record.path).await
        {
            tracing::info!(%error, "the failed mount could not be unmounted");
        }
        let unwound = match machine.detach(volume.id.as_str()).await {
            Ok(()) => self.drop_mount(volume, record).await,
            Err(error) if error.kind() == cairn_vm::ErrorKind::NotRunning => self.drop_mount(volume, record).await,
            Err(error) => {
                let sentence = vm_error(&format!("take '{}' out of the machine again", volume.name()), &error);
                self.change_mount(volume, record, MountState::Error, Some(sentence.to_string())).await
            }
        };
        if let Err(error) = unwound {
            tracing::error!(volume = %volume.id, %error, "a failed mount could not be unwound; the next start will");
        }
    }
}

/// Whether nobody in the guest has heard of what was asked of it.
pub(super) fn was_not_asked(error: &cairn_vm::Error) -> bool {
    matches!(error.kind(), cairn_vm::ErrorKind::NoAgent | cairn_vm::ErrorKind::Halted)
}

/// Makes sure that nobody has the head open, and that a reader will find its journal replayed. Blocks on the disk.
fn prepare_head(volume: &Slot, record: &MountRecord) -> Result<()> {
    let manifest = volume.manifest()?;
    refuse_too_long(&manifest)?;
    if record.mode == MountMode::Rw {
        let path = layer_path(&volume.folder, &record.layer);
        let nobody_else = Image::open(&path, Access::ReadWrite);
        nobody_else.map(drop).map_err(|e| block_error(&format!("take the volume '{}'", manifest.name), &e))
    } else if !manifest.is_mounted(&record.layer) {
        // The guest cannot replay the journal of a device that it may not write.
        Tree::open_head(volume)?.flush()
    } else {
        Ok(())
    }
}
