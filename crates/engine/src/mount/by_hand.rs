//! Mounts in a guest that has no agent: the disk is plugged in, a person mounts it, and what the person has done is
//! seen from outside as far as it can be.
//!
//! Mounting ext4 to write it writes at once. So a disk to which something was written since it was plugged in is, or
//! was, mounted; and one to which nothing was written is not, and can be taken away without asking. Of a disk that is
//! only read nothing can be told.

use std::sync::Arc;
use std::time::Duration;

use cairn_vm::{AgentPort, Machine};

use crate::engine::Engine;
use crate::machine::MachineSlot;
use crate::manifest::MountRecord;
use crate::model::{MountMode, MountState};
use crate::shell::quoted;
use crate::slot::Slot;

/// How often a disk is looked at that waits for a person.
const LOOK: Duration = Duration::from_secs(2);

/// Whether volumes are mounted by a person: nobody promised an agent, and none has its port open. One that is there
/// and does not answer hangs, which is something else.
pub(crate) async fn is_way(vm: &MachineSlot, machine: &Machine) -> bool {
    !vm.has_agent() && !matches!(machine.agent_port().await, Ok(AgentPort::Open))
}

/// What is to be typed in a guest that has no agent.
pub(super) fn sentence(volume: &Slot, record: &MountRecord) -> String {
    let (path, serial) = (quoted(&record.path), &volume.id);
    let options = record.options();
    format!(
        "The disk is in the machine, whose guest has no agent running to mount it. Type in it: \
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
    /// Waits until the guest uses a disk that a person was asked to mount, and takes the request back then; or until
    /// the guest has an agent after all, which mounts it. A guest that was restarted wrote to it before, so that tells
    /// nothing: `is_new` says whether it was just plugged in.
    pub(super) fn notice_mount_by_hand(
        &self,
        volume: &Arc<Slot>,
        machine: &Machine,
        record: &MountRecord,
        is_new: bool,
    ) {
        let (inner, closing) = (Arc::downgrade(&self.inner), self.inner.closing.clone());
        let (volume, machine, record) = (volume.clone(), machine.clone(), record.clone());
        let tells = is_new && record.mode == MountMode::Rw;
        tokio::spawn(closing.run_until_cancelled_owned(async move {
            while waits(&volume, &record) {
                tokio::time::sleep(LOOK).await;
                let is_used = match tells {
                    true => machine.has_written(volume.id.as_str()).await,
                    false => Ok(false),
                };
                let has_agent = matches!(machine.agent_port().await, Ok(AgentPort::Open));
                let Some(inner) = inner.upgrade().filter(|_| waits(&volume, &record)) else { return };
                let engine = Engine { inner };
                match is_used {
                    Ok(true) => engine.take_request_back(&volume, &record).await,
                    Ok(false) if has_agent => engine.mount_by_agent(&machine, &record).await,
                    Ok(false) => {}
                    Err(_) => return,
                }
            }
        }));
    }

    async fn take_request_back(&self, volume: &Arc<Slot>, record: &MountRecord) {
        if let Err(error) = self.change_mount(volume, record, MountState::Attached, None).await {
            tracing::warn!(volume = %volume.id, %error, "that a person has mounted it could not be recorded");
        }
        self.tell_of_mount(volume, &record.vm);
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
