//! Growing a volume that a machine writes: its disk, then the filesystem, by the guest's own tool.
//!
//! The intent is durable first. Where the guest cannot, it stays: then the filesystem takes its room as soon as the
//! machine has let the volume go, or when growing is asked for again.

use std::sync::Arc;

use crate::convert::vm_error;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::intent;
use crate::layer;
use crate::lease;
use crate::manifest::{Intent, Manifest};
use crate::model::MountState;
use crate::slot::Slot;

impl Engine {
    /// Grows a volume that a machine has rw. The caller has the volume's structure.
    pub(crate) async fn grow_live(&self, slot: &Arc<Slot>, manifest: &Manifest, quota_bytes: u64) -> Result<()> {
        let (mount, machine) = self.writing_machine(manifest)?;
        if mount.state != MountState::Attached {
            lease::may_write_head(manifest, &self.vm_names())?;
        }
        self.finish_lost_checkpoint(slot, &machine).await?;
        let what = format!("grow '{}'", manifest.name);
        let grow = Intent::Grow { quota_bytes };
        let (begun, intent) = (slot.clone(), grow.clone());
        blocking(move || {
            // A smaller growth that waits is part of this one.
            begun.commit(|manifest| manifest.intents.retain(|intent| !matches!(intent, Intent::Grow { .. })))?;
            intent::record(&begun, &intent)
        })
        .await?;
        self.stop_looking(slot).await;
        let bytes = layer::virtual_size(quota_bytes);
        if let Err(error) = machine.grow_disk(slot.id.as_str(), bytes).await {
            let (begun, intent) = (slot.clone(), grow.clone());
            // A disk that may have grown is no harm.
            blocking(move || begun.commit(|manifest| manifest.forget(&intent)).map(drop)).await?;
            return Err(vm_error(&what, &error));
        }
        fault::point("disk of a machine grown");
        match machine.grow_filesystem(slot.id.as_str(), bytes).await {
            Ok(()) => {
                let grown = slot.clone();
                blocking(move || {
                    grown.commit(|manifest| {
                        manifest.quota_bytes = manifest.quota_bytes.max(quota_bytes);
                        manifest.forget(&grow);
                    })
                })
                .await
                .map(drop)
            }
            Err(error) => Err(later(slot, &error)),
        }
    }
}

fn later(slot: &Slot, error: &cairn_vm::Error) -> Error {
    let sentence = format!(
        "The disk of '{}' has grown, and its filesystem could not while the machine has it: {error}.",
        slot.name()
    );
    Error::new(ErrorKind::Guest, sentence).with_hint(format!(
        "It takes its room when the volume is unmounted. To have it now, install e2fsprogs in the guest and grow the \
         volume again, or type in it: resize2fs /dev/disk/by-id/virtio-{}",
        slot.id
    ))
}
