//! Mounts in a guest that has no agent: the disk is plugged in, a person mounts it, and what the person has done is
//! seen from outside as far as it can be.
//!
//! Mounting ext4 to write it writes at once. So a disk to which something was written since it was plugged in is, or
//! was, mounted; and one to which nothing was written is not, and can be taken away without asking. Of a disk that is
//! only read nothing can be told.

use std::sync::Arc;
use std::time::Duration;

use cairn_vm::Machine;

use crate::engine::Engine;
use crate::manifest::MountRecord;
use crate::model::{MountMode, MountState};
use crate::shell::quoted;
use crate::slot::Slot;

/// How often a disk is looked at that waits for a person.
const LOOK: Duration = Duration::from_secs(2);

/// What is to be typed in a guest that has no agent.
pub(super) fn sentence(volume: &Slot, record: &MountRecord) -> String {
    let (path, serial) = (quoted(&record.path), &volume.id);
    let options = record.options();
    format!(
        "The disk is in the machine, which has no agent to mount it. Type in it: \
         mkdir -p {path} && mount -o {options} /dev/disk/by-id/virtio-{serial} {path}"
    )
}

/// What an unmount comes to when there is nobody in the guest to ask, as `error` says.
///
/// # Errors
/// `error`, with the command that unmounts it, unless it is certain that the guest does not write to it.
pub(super) async fn let_go(
    machine: &Machine,
    volume: &Slot,
    record: &MountRecord,
    error: cairn_vm::Error,
) -> Result<(), cairn_vm::Error> {
    if record.mode == MountMode::Rw && !machine.has_written(volume.id.as_str()).await? {
        return Ok(());
    }
    let path = quoted(&record.path);
    Err(error
        .and(format!("whether it is mounted there cannot be seen from outside. Type in the machine: umount {path}")))
}

impl Engine {
    /// Waits until the guest uses a disk that a person was asked to mount, and takes the request back then.
    pub(super) fn notice_mount_by_hand(&self, volume: &Arc<Slot>, machine: &Machine, record: &MountRecord) {
        if record.mode == MountMode::Ro {
            return;
        }
        let (inner, closing) = (Arc::downgrade(&self.inner), self.inner.closing.clone());
        let (volume, machine, record) = (volume.clone(), machine.clone(), record.clone());
        tokio::spawn(closing.run_until_cancelled_owned(async move {
            while waits(&volume, &record) {
                match machine.has_written(volume.id.as_str()).await {
                    Ok(false) => tokio::time::sleep(LOOK).await,
                    Ok(true) => break,
                    Err(_) => return,
                }
            }
            let Some(inner) = inner.upgrade().filter(|_| waits(&volume, &record)) else { return };
            let engine = Engine { inner };
            if let Err(error) = engine.change_mount(&volume, &record, MountState::Attached, None).await {
                tracing::warn!(volume = %volume.id, %error, "that a person has mounted it could not be recorded");
            }
            engine.tell_of_mount(&volume, &record.vm);
        }));
    }
}

/// Whether a person is still asked to mount it.
fn waits(volume: &Slot, record: &MountRecord) -> bool {
    let manifest = volume.manifest();
    manifest.is_ok_and(|manifest| {
        let mut mounts = manifest.mounts.iter();
        mounts.any(|mount| mount.is(record) && mount.state == MountState::Attached && mount.error.is_some())
    })
}
