//! No machine gets a chain that QEMU does not survive, or that it would read very slowly: before a mount the head's
//! chain is made short, and a running machine's does not grow without bound.

use std::path::Path;
use std::sync::Arc;

use cairn_vm::{AttachedDisk, Machine};

use super::{Outcome, PATIENCE, Pace, SOON};
use crate::base::{self, LONGEST_ENDURED, LONGEST_MOUNTED};
use crate::convert::vm_error;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::layer;
use crate::manifest::{Manifest, layer_file};
use crate::slot::Slot;

const HINT: &str = "Switch the optimiser on for this volume (`cairn volume chain VOLUME --optimiser on`), or delete \
                    checkpoints.";

impl Engine {
    /// Waits until the head's chain is short enough for a machine, and makes it so. Where that cannot be, a chain that
    /// QEMU survives has to do.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when QEMU would not survive it, with what can be done about it.
    pub(crate) async fn shorten_to_mount(&self, slot: &Arc<Slot>) -> Result<()> {
        let checked = slot.clone();
        blocking(move || drop_unusable_base(&checked)).await?;
        let patience = tokio::time::Instant::now() + PATIENCE;
        loop {
            let manifest = slot.manifest()?;
            let files = manifest.files_in_chain();
            if files <= LONGEST_MOUNTED || manifest.optimiser_off {
                return refuse_to_mount(&manifest, files, "its optimiser is switched off");
            }
            let reason = match self.work(slot, Pace::Full).go().await {
                Ok(Outcome::Short) if slot.manifest()?.files_in_chain() <= LONGEST_MOUNTED => return Ok(()),
                Ok(Outcome::Short | Outcome::Yielded) => None,
                Ok(Outcome::Waiting(reason)) => Some(reason),
                Err(error) => Some(error.message().to_owned()),
            };
            if let Some(reason) = reason
                && (files <= LONGEST_ENDURED || tokio::time::Instant::now() > patience)
            {
                tracing::info!(volume = %slot.id, files, reason, "the chain is not made shorter for a machine");
                return refuse_to_mount(&manifest, files, &format!("it cannot be made shorter now: {reason}"));
            }
            tokio::time::sleep(SOON).await;
        }
    }
}

/// Refuses a chain of so many files that QEMU would crash.
fn refuse_to_mount(manifest: &Manifest, files: usize, why: &str) -> Result<()> {
    if files <= LONGEST_ENDURED {
        return Ok(());
    }
    let name = &manifest.name;
    let sentence = format!("The chain of the volume '{name}' has {files} files, too many for a machine, and {why}");
    Err(Error::new(ErrorKind::Conflict, format!("{}.", sentence.trim_end_matches('.'))).with_hint(HINT))
}

/// The same, asked once more when nobody can change the chain any longer.
pub(crate) fn refuse_too_long(manifest: &Manifest) -> Result<()> {
    refuse_to_mount(manifest, manifest.files_in_chain(), "it has grown just now; try again")
}

/// A base that a machine could not open is dropped: it is only a cache.
fn drop_unusable_base(slot: &Slot) -> Result<()> {
    let manifest = slot.manifest()?;
    if let Some(error) = layer::fault_of_base(&slot.folder, &manifest)
        && !manifest.is_mounted(&manifest.head)
    {
        tracing::warn!(volume = %slot.id, %error, "the private base cannot be used and is dropped");
        slot.commit(|next| {
            if next.base == manifest.base {
                next.base = None;
            }
        })?;
    }
    Ok(())
}

/// Refuses one more layer on what a machine writes when QEMU would not survive it.
///
/// # Errors
/// [`ErrorKind::Conflict`], with what can be done about it; when the machine does not answer.
pub(crate) async fn refuse_to_grow(slot: &Slot, machine: &Machine) -> Result<()> {
    let manifest = slot.manifest()?;
    if manifest.chain(&manifest.head).len() < LONGEST_ENDURED {
        return Ok(());
    }
    let disks = machine.disks().await.map_err(|e| vm_error("ask the machine for its disks", &e))?;
    let files = disks.iter().find(|disk| disk.serial == slot.id.as_str()).map_or(0, |disk| files(&manifest, disk));
    if files < LONGEST_ENDURED {
        return Ok(());
    }
    let sentence = format!(
        "The machine reads the volume '{}' through {files} files; it does not survive many more, so that no further \
         checkpoint is taken while it writes.",
        manifest.name
    );
    let hint = if manifest.optimiser_off { HINT } else { "The optimiser makes the chain shorter; try again soon." };
    Err(Error::new(ErrorKind::Conflict, sentence).with_hint(hint))
}

/// Through how many files the machine reads a disk: those that Cairn opened in it, and those that the last of them
/// stands on.
fn files(manifest: &Manifest, disk: &AttachedDisk) -> usize {
    let last = disk.below.last().unwrap_or(&disk.path);
    1 + disk.below.len() + below(manifest, last)
}

fn below(manifest: &Manifest, file: &Path) -> usize {
    let Some(name) = file.file_name().and_then(|name| name.to_str()) else { return 0 };
    match base::id_of_file(name) {
        Some(id) => {
            let base = manifest.base.as_ref().filter(|base| base.id == id);
            base.map_or(0, |base| manifest.chain(&base.on).len())
        }
        None => {
            let layer = manifest.layers.keys().find(|layer| layer_file(layer) == name);
            layer.map_or(0, |layer| manifest.chain(layer).len() - 1)
        }
    }
}
