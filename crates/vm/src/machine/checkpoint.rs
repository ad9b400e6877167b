//! Live checkpoints: a prepared overlay becomes the top layer of a disk, with the guest's filesystem quiet meanwhile.
//!
//! A frozen guest is always thawed: by the one who froze it, by the task when that takes too long, by the next
//! connection when this process died.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};

use super::blocks::layer;
use super::task::Owner;
use crate::disk::{Serial, path_for_qemu};
use crate::error::{Error, ErrorKind, Result};
use crate::mount_path::MountPath;

/// What the content of a new checkpoint is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consistency {
    /// The filesystem was frozen: everything that the guest wrote is in it, and nothing is half written.
    Filesystem,
    /// As after a power cut: what the guest had flushed is in it, and its journal has to be replayed.
    Crash,
}

/// How long freezing may take; it writes back what the guest has cached.
const FREEZE: Duration = Duration::from_secs(30);
const THAW: Duration = Duration::from_secs(10);
/// How long a guest stays frozen when nobody thaws it.
const LONGEST_FROST: Duration = Duration::from_secs(10);
const THAW_TRIES: u32 = 3;

impl Owner {
    /// Puts `overlay` on top of the disk while the filesystem at `quiet` is frozen, if that can be had.
    pub(super) async fn checkpoint(
        &mut self,
        serial: &Serial,
        quiet: Option<&MountPath>,
        overlay: &Path,
    ) -> Result<Consistency> {
        let Some(path) = quiet else {
            return self.put_on_top(serial, overlay).await.map(|()| Consistency::Crash);
        };
        let frozen = self.freeze(path).await;
        let result = self.put_on_top(serial, overlay).await;
        let consistency = match frozen {
            Ok(()) => {
                let thawed = self.thaw_now().await;
                if let Err(error) = thawed {
                    tracing::warn!(%error, "the guest may still be frozen");
                    self.agent = None;
                }
                Consistency::Filesystem
            }
            Err(error) => {
                tracing::warn!(%error, "the checkpoint is made without a frozen filesystem");
                Consistency::Crash
            }
        };
        result.map(|()| consistency)
    }

    /// Freezes the filesystem at `path`: everything is on the disk, and writers wait.
    pub(super) async fn freeze(&mut self, path: &MountPath) -> Result<()> {
        // Recorded first: a freeze whose answer is lost may have happened.
        self.thaw_at = Some(Instant::now() + FREEZE + LONGEST_FROST);
        let list = json!({"mountpoints": [path.as_str()]});
        match self.ask_agent("guest-fsfreeze-freeze-list", list, FREEZE).await {
            Ok(count) if count.as_i64().is_some_and(|count| count > 0) => {
                self.thaw_at = Some(Instant::now() + LONGEST_FROST);
                Ok(())
            }
            Ok(_) => {
                self.thaw_late().await;
                let message = format!("there is no filesystem at {path} in the guest that could be frozen");
                Err(Error::new(ErrorKind::Guest, message))
            }
            Err(error) => {
                self.thaw_late().await;
                Err(error.within(format!("could not freeze {path} in the guest")))
            }
        }
    }

    /// Thaws every filesystem of the guest. Fine when none is frozen.
    pub(super) async fn thaw_now(&mut self) -> Result<()> {
        let mut tries = 0;
        loop {
            tries += 1;
            // Not through `agent()`: this is also called while a connection is being made.
            let result = match &mut self.agent {
                Some(agent) => agent.execute("guest-fsfreeze-thaw", json!({}), THAW).await,
                None => Err(Error::not_running()),
            };
            match result {
                Ok(_) => {
                    self.thaw_at = None;
                    return Ok(());
                }
                Err(error) if tries == THAW_TRIES || error.kind() == ErrorKind::NotRunning => {
                    return Err(error.within("could not thaw the guest's filesystems"));
                }
                Err(error) => tracing::warn!(%error, "could not thaw the guest, trying again"),
            }
            sleep(Duration::from_millis(100 << tries)).await;
        }
    }

    /// Thaws because time is up or a freeze failed; there is nobody to tell.
    pub(super) async fn thaw_late(&mut self) {
        self.thaw_at = None;
        if self.agent.is_some()
            && let Err(error) = self.thaw_now().await
        {
            // The next connection to the agent looks whether the guest is frozen.
            tracing::warn!(%error, "the guest may still be frozen");
            self.agent = None;
        }
    }

    /// Puts `overlay`, a qcow2 file without a backing image opened yet, on top of the disk.
    pub(super) async fn put_on_top(&mut self, serial: &Serial, overlay: &Path) -> Result<()> {
        let Some(disk) = self.find_disk(serial).await? else {
            let message = format!("the machine has no disk {}", serial.as_str());
            return Err(Error::new(ErrorKind::Refused, message));
        };
        let nodes = self.nodes(serial).await?;
        let Some(top) = nodes.iter().find(|node| node.name == disk.top) else {
            let message = format!("the disk {} was not attached by Cairn", serial.as_str());
            return Err(Error::new(ErrorKind::Refused, message));
        };
        let Some(next) = nodes.first().and_then(|top| top.number.checked_add(1)) else {
            let message = format!("the disk {} has too many layers; detach and attach it", serial.as_str());
            return Err(Error::new(ErrorKind::Refused, message));
        };
        let node = serial.node(next);
        let path = path_for_qemu(overlay)?;
        let mut options = layer(&node, &path, false);
        options["backing"] = serde_json::Value::Null;
        self.qmp.execute("blockdev-add", options).await.map_err(|error| error.within("could not open the overlay"))?;
        let result = self.swap_top(serial, top.size, &disk.top, &node).await;
        if result.is_err() {
            self.delete_node(&node).await;
        }
        result
    }

    async fn swap_top(&mut self, serial: &Serial, size: u64, top: &str, node: &str) -> Result<()> {
        let added = self.nodes(serial).await?;
        let overlay_size = added.iter().find(|added| added.name == node).map_or(0, |added| added.size);
        if overlay_size < size {
            // QEMU would let the guest's disk shrink under it.
            let message = format!("the overlay ({overlay_size} bytes) is smaller than the disk ({size} bytes)");
            return Err(Error::new(ErrorKind::Refused, message));
        }
        self.qmp.execute("blockdev-snapshot", json!({"node": top, "overlay": node})).await?;
        Ok(())
    }
}
