//! What goes through mounts: limits, and how much it was.

use std::collections::BTreeMap;
use std::time::Duration;

use cairn_vm::Machine;
use tokio::time::timeout;

use crate::convert::vm_error;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::id::VmId;
use crate::model::{IoLimits, IoStats, Mount};
use crate::slot::Slot;
use crate::sync;

/// A list waits no longer for a machine that is busy with something else.
const PATIENCE: Duration = Duration::from_secs(1);

impl Engine {
    /// Sets what may go through a mount from now on: operations and bytes a second, read and written together. It holds
    /// until the volume is unmounted.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when nothing of Cairn's is mounted there; [`ErrorKind::InvalidInput`] for limits that
    /// would stop the guest.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn mount_limit(&self, vm: &str, mount_path: &str, limits: IoLimits) -> Result<Mount> {
        let path = super::mount_path(mount_path)?;
        check(limits)?;
        let (engine, vm) = (self.clone(), self.machine_slot(vm)?);
        self.run(async move {
            let _turn = vm.turn.lock().await;
            let Some((volume, record)) = engine.mounted_at(&vm, &path) else {
                return Err(super::not_mounted(&vm, &path));
            };
            let machine = vm.running()?;
            let what = format!("limit what goes through '{}' in '{}'", volume.name(), vm.name());
            set(&machine, &volume, limits).await.map_err(|e| vm_error(&what, &e))?;
            engine.update_mount(&volume, &record, move |mount| mount.limits = limits).await?;
            engine.tell_of_mount(&volume, &vm.id);
            engine.find_mount(&volume, &record)
        })
        .await
    }

    /// Adds to each mount what has gone through it, as far as its machine says so at once.
    pub(super) async fn add_io(&self, mounts: &mut [Mount]) {
        let machines: BTreeMap<VmId, Machine> = {
            let machines = sync::read(&self.inner.machines);
            let running =
                mounts.iter().filter_map(|mount| Some((mount.vm_id.clone(), machines.get(&mount.vm_id)?.machine()?)));
            running.collect()
        };
        let asked = machines.into_iter().map(|(vm, machine)| async move {
            match timeout(PATIENCE, machine.io_stats()).await {
                Ok(Ok(stats)) => Some((vm, stats)),
                _ => None,
            }
        });
        for (vm, stats) in futures::future::join_all(asked).await.into_iter().flatten() {
            for mount in mounts.iter_mut().filter(|mount| mount.vm_id == vm) {
                mount.io = stats.iter().find(|stats| stats.serial == mount.volume_id.as_str()).map(IoStats::from);
            }
        }
    }
}

async fn set(machine: &Machine, volume: &Slot, limits: IoLimits) -> cairn_vm::Result<()> {
    machine.set_io_limits(volume.id.as_str(), limits.into()).await
}

/// Refuses limits that make no sense.
pub(super) fn check(limits: IoLimits) -> Result<()> {
    cairn_vm::IoLimits::from(limits)
        .check()
        .map_err(|error| Error::new(ErrorKind::InvalidInput, format!("Could not limit the mount: {error}.")))
}

impl From<IoLimits> for cairn_vm::IoLimits {
    fn from(limits: IoLimits) -> Self {
        Self { iops: limits.iops, bytes_per_second: limits.bytes_per_second }
    }
}

impl From<&cairn_vm::IoStats> for IoStats {
    fn from(stats: &cairn_vm::IoStats) -> Self {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        Self {
            read_operations: stats.read.operations,
            read_bytes: stats.read.bytes,
            read_micros: micros(stats.read.time),
            written_operations: stats.written.operations,
            written_bytes: stats.written.bytes,
            written_micros: micros(stats.written.time),
            flushes: stats.flushed.operations,
            flush_micros: micros(stats.flushed.time),
        }
    }
}
