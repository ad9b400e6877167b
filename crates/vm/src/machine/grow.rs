//! Growing a disk while the guest uses it, and the filesystem on it.

use std::time::Duration;

use serde_json::json;

use super::handle::Machine;
use super::task::{Owner, ask};
use crate::disk::Serial;
use crate::error::{Error, ErrorKind, Result};
use crate::guest_script;

/// The script's exit code when the guest has no tool for it.
const NO_TOOL: i32 = 69;
/// Growing writes little; a loaded guest may take its time.
const WITHIN: Duration = Duration::from_secs(300);

impl Machine {
    /// Lets a disk have `bytes` from now on, which the guest sees at once. Fine when it has them already; it never
    /// gets smaller.
    ///
    /// # Errors
    /// `Refused` when the machine has no such disk, or QEMU's reason; `NotRunning`, `Timeout`.
    pub async fn grow_disk(&self, serial: &str, bytes: u64) -> Result<()> {
        let serial = Serial::parse(serial)?;
        ask!(self, driver => driver.grow_disk(&serial, bytes))
    }

    /// Has the guest let the mounted filesystem on a disk take all of its `bytes`, as soon as it sees them. Fine when it
    /// does already.
    ///
    /// # Errors
    /// `Missing` when the guest has no `resize2fs`, `Guest` with its words, `NoAgent`, `NotRunning`, `Timeout`.
    pub async fn grow_filesystem(&self, serial: &str, bytes: u64) -> Result<()> {
        let serial = Serial::parse(serial)?;
        let output = self.exec(&guest_script::grow(&serial, bytes), None, WITHIN).await?;
        match output.exit_code {
            0 => Ok(()),
            NO_TOOL => Err(Error::new(ErrorKind::Missing, "the guest has no program resize2fs")),
            _ => Err(guest_script::failure("the guest could not let its filesystem grow", &output)),
        }
    }
}

impl Owner {
    async fn grow_disk(&mut self, serial: &Serial, bytes: u64) -> Result<()> {
        // Its filter does not let anybody else change the size.
        let nodes = self.all_nodes().await?;
        self.end_look_among(serial, &nodes).await?;
        self.cancel_jobs(serial, &nodes).await?;
        let top = self.need_disk(serial).await?.top;
        let size = self.nodes(serial).await?.iter().find(|node| node.name == top).map_or(0, |node| node.size);
        if size >= bytes {
            return Ok(());
        }
        let grown = self.qmp.execute("block_resize", json!({"node-name": top, "size": bytes})).await;
        grown.map(drop).map_err(|error| error.within("could not let the disk grow"))
    }
}
