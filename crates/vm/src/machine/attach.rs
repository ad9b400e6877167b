//! The hot-plug manager: disks that come and go while the machine runs.
//!
//! A disk is its block nodes (`blocks`) and a virtio-blk device `cairn-SERIAL` in a free slot (`slots`).

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::blocks::{layer, lower_layer};
use super::slots::Slot;
use super::task::Owner;
use crate::disk::{Disk, LOWEST_NODE, Serial, path_for_qemu};
use crate::error::{Error, ErrorKind, Result};

/// Seconds to wait after each request to the guest to let a device go.
pub(super) const UNPLUG_WAITS: [u64; 5] = [1, 2, 4, 8, 15];

impl Owner {
    /// Opens the layer and plugs the disk in. Nothing stays when it fails; fine when it is there already.
    pub(super) async fn attach(&mut self, disk: &Disk) -> Result<()> {
        self.attach_beside(disk, None).await.map(drop)
    }

    /// The same, and begins a program in the guest that waits for the disk, so that it takes its first breath while QEMU
    /// plugs in. Answers the program's process id there; `None` when it was not begun, which is no failure.
    pub(super) async fn attach_beside(&mut self, disk: &Disk, program: Option<&[String]>) -> Result<Option<i64>> {
        let serial = Serial::parse(&disk.serial)?;
        let path = path_for_qemu(&disk.path)?;
        let (devices, nodes) = (self.devices().await?, self.all_nodes().await?);
        if let Some(found) = self.find_among(&serial, &devices, &nodes).await? {
            if found.path.as_os_str() == path.as_str() && found.read_only == disk.read_only {
                return Ok(None);
            }
            let message = format!("a disk {} is attached already, with {}", disk.serial, found.path.display());
            return Err(Error::new(ErrorKind::Refused, message));
        }
        // An attach or a detach may have been cut short by the end of this process.
        self.end_look_among(&serial, &nodes).await?;
        self.delete_nodes_among(&serial, &nodes).await?;
        let slot = self.free_slot(&devices).await?;
        self.need_guest_if_begun().await?;
        let doing = format!("could not attach {path}");
        match self.plug_in(&serial, disk, &path, &slot, program).await {
            Ok(begun) => Ok(begun),
            Err(error) => {
                if let Err(error) = self.delete_nodes(&serial).await {
                    tracing::warn!(%error, "block nodes stay open");
                }
                Err(error.within(&doing))
            }
        }
    }

    /// Opens the layers from the bottom up, and makes the device.
    async fn plug_in(
        &mut self,
        serial: &Serial,
        disk: &Disk,
        path: &str,
        slot: &Slot,
        program: Option<&[String]>,
    ) -> Result<Option<i64>> {
        let mut number = LOWEST_NODE;
        let mut backing = None;
        for file in disk.below.iter().rev() {
            let node = serial.node(number);
            let options = lower_layer(&node, &path_for_qemu(file)?, backing.as_deref());
            self.qmp.execute("blockdev-add", options).await?;
            (number, backing) = (number.saturating_add(1), Some(node));
        }
        let node = serial.node(number);
        let mut options = layer(&node, path, disk.read_only);
        if let Some(backing) = backing {
            options["backing"] = backing.into();
        }
        self.qmp.execute("blockdev-add", options).await?;
        let mut device = json!({
            "driver": "virtio-blk-pci",
            "id": serial.device_id(),
            "drive": node,
            "serial": serial.as_str(),
            // A guest that meets a full disk of the host waits; it does not see an error that would break its filesystem.
            "werror": "enospc",
            "bus": slot.bus,
        });
        if let Some(address) = &slot.address {
            device["addr"] = address.as_str().into();
        }
        self.add_device(device, program).await
    }

    /// Both requests are on their way at the same moment: a program that waits for a disk which does not come would else
    /// find the next one of that serial, whoever plugs it in and for whatever.
    async fn add_device(&mut self, device: Value, program: Option<&[String]>) -> Result<Option<i64>> {
        let is_there = self.agent_answered_just_now();
        let (Some(program), Some(agent)) = (program, self.agent.as_mut().filter(|_| is_there)) else {
            return self.qmp.execute("device_add", device).await.map(|_| None);
        };
        let (added, begun) = tokio::join!(self.qmp.execute("device_add", device), agent.start(program, None));
        match (added, self.drop_broken_agent(begun)) {
            (Ok(_), Ok(pid)) => Ok(Some(pid)),
            (Ok(_), Err(error)) => {
                tracing::debug!(%error, "the guest began nothing while the disk was plugged in");
                Ok(None)
            }
            (Err(error), Ok(pid)) => {
                self.end_program(pid).await;
                Err(error)
            }
            (Err(error), Err(_)) => Err(error),
        }
    }

    /// Unplugs the disk, waits until the guest has let it go, closes its layers. Fine when it is not there.
    pub(super) async fn detach(&mut self, serial: &Serial) -> Result<()> {
        let (devices, nodes) = (self.devices().await?, self.all_nodes().await?);
        let ours = serial.device_id();
        let device = if devices.iter().any(|entry| entry["name"] == ours) {
            Some(ours)
        } else {
            self.find_among(serial, &devices, &nodes).await?.map(|found| found.device)
        };
        self.end_look_among(serial, &nodes).await?;
        self.cancel_jobs(serial, &nodes).await?;
        if let Some(device) = device {
            self.unplug(serial, &device).await?;
        }
        self.delete_nodes(serial).await
    }

    async fn unplug(&mut self, serial: &Serial, device: &str) -> Result<()> {
        for seconds in UNPLUG_WAITS {
            match self.qmp.execute("device_del", json!({"id": device})).await {
                Err(error) if error.kind() == ErrorKind::Refused => {
                    if !self.has_device(device).await? {
                        return Ok(());
                    }
                    // Usually "already in the process of unplug": the guest has not answered yet.
                    tracing::debug!(%error, device, "unplug again");
                }
                result => drop(result?),
            }
            if self.has_been_deleted(device, Duration::from_secs(seconds)).await? {
                return Ok(());
            }
            // A guest that does not run lets nothing go, however long it is waited for.
            self.need_guest().await.map_err(|error| cannot_let_go(serial, error))?;
        }
        Err(not_let_go(serial))
    }

    /// Waits for the event that the device is gone; the truth is what QEMU has, not what it announced.
    async fn has_been_deleted(&mut self, device: &str, within: Duration) -> Result<bool> {
        let until = Instant::now() + within;
        while let Ok(event) = timeout_at(until, self.qmp.event()).await {
            let event = event?;
            self.heed(&event);
            if event.name == "DEVICE_DELETED" && event.data["device"] == device && !self.has_device(device).await? {
                return Ok(true);
            }
        }
        Ok(!self.has_device(device).await?)
    }

    async fn has_device(&mut self, device: &str) -> Result<bool> {
        Ok(self.devices().await?.iter().any(|entry| entry["name"] == device))
    }
}

/// A guest that was asked all those times, and has the disk still.
pub(super) fn not_let_go(serial: &Serial) -> Error {
    let message = format!(
        "the guest did not let go of the disk {} within {} seconds. While it boots it cannot; try again later, or restart \
         the guest",
        serial.as_str(),
        UNPLUG_WAITS.iter().sum::<u64>(),
    );
    Error::new(ErrorKind::Timeout, message)
}

/// A guest that does not run, for the reason that `error` tells.
pub(super) fn cannot_let_go(serial: &Serial, error: Error) -> Error {
    error.within(format!("the guest cannot let go of the disk {}", serial.as_str()))
}
