//! Checkpoints of a volume that a machine is writing.
//!
//! The intent is durable first, then the overlay; QEMU is asked to write there from now on, with the guest's
//! filesystem frozen for that moment where the guest can do that. Whether QEMU does decides what is true.

use std::sync::Arc;

use cairn_vm::{Machine, Overlay};

use crate::convert::vm_error;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::id::LayerId;
use crate::intent;
use crate::lease;
use crate::manifest::{CheckpointRecord, Intent, LayerRecord, Manifest, MountRecord, layer_path};
use crate::model::MountState;
use crate::optimiser::refuse_to_grow;
use crate::slot::Slot;
use crate::store::internal;
use crate::sync;

impl Engine {
    /// Takes `checkpoint` of a volume that a machine has rw. The caller has the volume's structure.
    pub(crate) async fn checkpoint_live(&self, slot: &Arc<Slot>, checkpoint: CheckpointRecord) -> Result<()> {
        let manifest = slot.manifest()?;
        let (mount, machine) = self.writing_machine(&manifest)?;
        self.finish_lost_checkpoint(slot, &machine).await?;
        let manifest = slot.manifest()?;
        let checkpoint = CheckpointRecord { layer: manifest.head.clone(), ..checkpoint };
        refuse_to_grow(slot, &machine).await?;
        let what = format!("take a checkpoint of '{}'", manifest.name);
        // Until the guest has been frozen, it is like after a power cut; so it stays when nobody lives to tell.
        let begun = CheckpointRecord { crash_consistent: true, ..checkpoint };
        let overlay = LayerId::random().map_err(|e| internal("make a layer's id", &e))?;
        let intent = Intent::Checkpoint { checkpoint: begun.clone(), overlay: overlay.clone(), group: None };
        let record = {
            let (slot, intent, overlay, parent) = (slot.clone(), intent.clone(), overlay.clone(), begun.layer.clone());
            blocking(move || prepare(&slot, &intent, &overlay, &parent)).await?
        };
        let mount_path = (mount.state == MountState::Attached).then(|| mount.path.clone());
        let path = layer_path(&slot.folder, &overlay);
        let on_top = Overlay { serial: slot.id.to_string(), path: path.clone(), mount_path };
        fault::point("before the machine writes elsewhere");
        let outcome = machine.checkpoint(&[on_top], self.inner.longest_freeze).await;
        fault::point("the machine writes elsewhere");
        let taken = match &outcome {
            Ok(taken) => Some(CheckpointRecord { crash_consistent: taken.frozen_for.is_none(), ..begun }),
            // An answer that was lost does not mean that nothing was done.
            Err(error) => match writes_to(&machine, slot, &path).await {
                Some(writes) => writes.then_some(begun),
                None => return Err(vm_error(&what, error)),
            },
        };
        let finished = slot.clone();
        let settled = blocking(move || match taken {
            Some(checkpoint) => {
                intent::adopt_overlay(&finished, &intent, &checkpoint, (&overlay, record)).map(|()| true)
            }
            None => intent::abandon(&finished, &intent).map(|()| false),
        });
        match (settled.await?, outcome) {
            (false, Err(error)) => Err(vm_error(&what, &error)),
            _ => Ok(()),
        }
    }

    /// Finishes or drops a checkpoint of which nobody could say whether the machine had taken it: only on top of what the
    /// machine really writes may there be another.
    pub(crate) async fn finish_lost_checkpoint(&self, slot: &Arc<Slot>, machine: &Machine) -> Result<()> {
        let manifest = slot.manifest()?;
        if !manifest.intents.iter().any(|intent| matches!(intent, Intent::Checkpoint { .. })) {
            return Ok(());
        }
        let disks = machine.disks().await.map_err(|e| vm_error("ask the machine for its disks", &e))?;
        match disks.iter().find(|disk| disk.serial == slot.id.as_str()) {
            Some(disk) => self.finish_checkpoint(slot, &manifest, disk).await,
            None => Ok(()),
        }
    }

    /// The machine that writes the volume, and how it has it.
    pub(crate) fn writing_machine(&self, manifest: &Manifest) -> Result<(MountRecord, Machine)> {
        let gone = || {
            Error::new(ErrorKind::Conflict, format!("The machine that writes '{}' cannot be reached.", manifest.name))
                .with_hint("Look at the machine, then try again.")
        };
        let mount = lease::writer(manifest).ok_or_else(gone)?;
        let slot = sync::read(&self.inner.machines).get(&mount.vm).cloned().ok_or_else(gone)?;
        Ok((mount.clone(), slot.machine().ok_or_else(gone)?))
    }
}

/// Records the intent and makes the overlay; neither stays when one fails.
fn prepare(slot: &Slot, intent: &Intent, overlay: &LayerId, parent: &LayerId) -> Result<LayerRecord> {
    intent::record(slot, intent)?;
    let manifest = slot.manifest()?;
    intent::overlay_on(slot, &manifest, overlay, parent).inspect_err(|_| {
        if let Err(error) = intent::abandon(slot, intent) {
            tracing::warn!(volume = %slot.id, %error, "a checkpoint could not be undone; the next start will");
        }
    })
}

/// Whether the machine writes to the layer at `path`; `None` when it does not say. Then what was begun stays recorded:
/// it is asked before the next checkpoint, at the next start, or has ended.
pub(crate) async fn writes_to(machine: &Machine, slot: &Slot, path: &std::path::Path) -> Option<bool> {
    match machine.disks().await {
        Ok(disks) => {
            Some(disks.iter().any(|disk| disk.serial == slot.id.as_str() && disk.path.file_name() == path.file_name()))
        }
        // A machine that has gone writes nothing; an overlay that it may have written to is adopted.
        Err(error) if error.kind() == cairn_vm::ErrorKind::NotRunning => Some(true),
        Err(error) => {
            tracing::warn!(volume = %slot.id, %error, "the machine does not say whether it has taken a checkpoint");
            None
        }
    }
}
