//! Changing a machine, and ending it for good.

use std::sync::Arc;

use super::create::check_size;
use super::model::{SessionDisk, VmChange};
use super::record::LastSnapshot;
use super::{MachineSlot, registry};
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{EventKind, Snapshot, Vm};
use crate::name;

impl Engine {
    /// Changes what a machine is; memory and processors hold from its next start on.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a size that QEMU would not start with or a bad name; [`ErrorKind::Conflict`] for
    /// a last snapshot of a machine that has no disk of its own.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn vm_update(&self, vm: &str, change: VmChange) -> Result<Vm> {
        let (engine, slot) = (self.clone(), self.machine_slot(vm)?);
        let snapshot_name = change.snapshot_name.as_deref().map(|name| name::check("snapshot", name)).transpose()?;
        self.run(async move {
            let _turn = slot.turn.lock().await;
            let record = slot.record();
            let memory_mib = change.memory_mib.unwrap_or(record.memory_mib);
            let cpus = change.cpus.unwrap_or(record.cpus);
            check_size(memory_mib, cpus)?;
            let had = record.managed().and_then(|managed| managed.last_snapshot.clone());
            let wanted = change.snapshot_on_terminate.unwrap_or(had.is_some());
            if wanted && record.managed().is_none_or(|managed| managed.base.is_none()) {
                let message = format!("The machine '{}' has no disk of its own to make a snapshot of.", record.name);
                return Err(Error::new(ErrorKind::Conflict, message).with_hint("Keep what matters on a volume."));
            }
            let name = snapshot_name.or(had.and_then(|had| had.name));
            let last = wanted.then_some(LastSnapshot { name });
            let changed = slot.clone();
            blocking(move || {
                registry::change_record(&changed, |record| {
                    (record.memory_mib, record.cpus) = (memory_mib, cpus);
                    if let Some(managed) = record.managed_mut() {
                        managed.last_snapshot = last;
                    }
                })
            })
            .await?;
            engine.tell(EventKind::VmChanged { vm_id: slot.id.clone() });
            Ok(engine.describe_vm(&slot))
        })
        .await
    }

    /// Ends a machine for good: its volumes are unmounted, its guest shuts down, its session disk becomes a snapshot if
    /// the machine was made so, and the machine is deleted. Answers that snapshot.
    ///
    /// When a step fails the machine stays, with its session disk.
    ///
    /// # Errors
    /// As [`vm_stop`](Self::vm_stop), [`snapshot_create`](Self::snapshot_create) and [`vm_delete`](Self::vm_delete).
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn vm_terminate(&self, vm: &str, force: bool) -> Result<Option<Snapshot>> {
        let (engine, slot) = (self.clone(), self.machine_slot(vm)?);
        self.run(async move {
            let last = slot.record().managed().and_then(|managed| managed.last_snapshot.clone());
            if last.is_some() {
                keep_session_disk(&slot).await?;
            }
            engine.stop(&slot, force).await?;
            let has_disk = slot.record().managed().is_some_and(|managed| managed.session.is_some());
            let snapshot = match last {
                Some(last) if has_disk => Some(engine.snapshot_create(slot.id.as_str(), last.name).await?),
                _ => None,
            };
            engine.vm_delete(slot.id.as_str()).await?;
            Ok(snapshot)
        })
        .await
    }
}

/// What is to become a snapshot does not go when the machine stops.
async fn keep_session_disk(slot: &Arc<MachineSlot>) -> Result<()> {
    let slot = slot.clone();
    blocking(move || registry::change(&slot, |managed| managed.session_disk = SessionDisk::Keep)).await
}
