//! What goes through a disk: how much of it is allowed, and how much it was.

use std::time::Duration;

use serde_json::{Value, json};

use super::blocks::PERIPHERAL;
use super::handle::Machine;
use super::task::{Owner, ask};
use crate::disk::Serial;
use crate::error::{Error, ErrorKind, Result};

/// Answers that nest deeper cannot be read; QEMU describes the layers of a chain inside each other.
const MOST_LAYERS: usize = 90;

/// How much may go through a disk. `None` is as much as it can.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IoLimits {
    /// Operations a second, read and written together.
    pub iops: Option<u64>,
    /// Bytes a second, read and written together.
    pub bytes_per_second: Option<u64>,
}

/// How much has gone through a disk since it was plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IoStats {
    /// The disk.
    pub serial: String,
    /// What was read.
    pub read: IoCount,
    /// What was written.
    pub written: IoCount,
    /// How often, and for how long, everything was brought to the disk.
    pub flushed: IoCount,
}

/// Operations of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IoCount {
    /// How many.
    pub operations: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// How long they took, one after the other.
    pub time: Duration,
}

impl Machine {
    /// Sets what may go through a disk from now on, also while the guest uses it.
    ///
    /// # Errors
    /// `Refused` when the machine has no such disk, or QEMU's reason; `NotRunning`, `Timeout`.
    pub async fn set_io_limits(&self, serial: &str, limits: IoLimits) -> Result<()> {
        let serial = Serial::parse(serial)?;
        ask!(self, driver => driver.set_io_limits(&serial, limits))
    }

    /// What has gone through each disk that Cairn has plugged in; empty when a disk has so many layers that QEMU's
    /// answer could not be read.
    ///
    /// # Errors
    /// `NotRunning`, `Timeout`.
    pub async fn io_stats(&self) -> Result<Vec<IoStats>> {
        ask!(self, driver => driver.io_stats())
    }
}

impl Owner {
    pub(super) async fn set_io_limits(&mut self, serial: &Serial, limits: IoLimits) -> Result<()> {
        let disk = self.need_disk(serial).await?;
        let throttle = json!({
            "id": format!("{PERIPHERAL}/{}/virtio-backend", disk.device),
            "bps": limits.bytes_per_second.unwrap_or(0),
            "bps_rd": 0,
            "bps_wr": 0,
            "iops": limits.iops.unwrap_or(0),
            "iops_rd": 0,
            "iops_wr": 0,
        });
        let set = self.qmp.execute("block_set_io_throttle", throttle).await;
        set.map(drop).map_err(|error| error.within("could not limit what goes through the disk"))
    }

    async fn io_stats(&mut self) -> Result<Vec<IoStats>> {
        let layers = self.all_nodes().await?.iter().filter(|node| node["drv"] == "qcow2").count();
        if layers > MOST_LAYERS {
            return Ok(Vec::new());
        }
        let list = self.qmp.execute("query-blockstats", json!({})).await?;
        Ok(list.as_array().into_iter().flatten().filter_map(stats).collect())
    }
}

fn stats(entry: &Value) -> Option<IoStats> {
    let device = entry["qdev"].as_str()?.strip_prefix(PERIPHERAL)?.strip_prefix('/')?;
    let serial = Serial::of_device(device.split('/').next()?)?.to_owned();
    let number = |key: String| entry["stats"][key].as_u64().unwrap_or(0);
    let count = |kind: &str| IoCount {
        operations: number(format!("{kind}_operations")),
        bytes: number(format!("{kind}_bytes")),
        time: Duration::from_nanos(number(format!("{kind}_total_time_ns"))),
    };
    Some(IoStats { serial, read: count("rd"), written: count("wr"), flushed: count("flush") })
}

impl IoLimits {
    /// Refuses limits that would stop a guest, or that QEMU does not take.
    ///
    /// # Errors
    /// `Invalid`.
    pub fn check(&self) -> Result<()> {
        let refuse = |message: &str| Err(Error::new(ErrorKind::Invalid, message));
        if self.iops.is_some_and(|iops| !(1..=1_000_000_000).contains(&iops)) {
            return refuse("operations are limited to between 1 and 1,000,000,000 a second");
        }
        if self.bytes_per_second.is_some_and(|bytes| !(4096..=1_000_000_000_000).contains(&bytes)) {
            return refuse("bytes are limited to between 4,096 and 1,000,000,000,000 a second");
        }
        Ok(())
    }
}
