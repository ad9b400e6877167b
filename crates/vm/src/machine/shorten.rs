//! Shortening the chain of a disk while the guest runs: other files below a layer that show the same, and layers
//! committed into one that lies below them. What the guest sees never changes.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::blocks::{Node, lower_layer};
use super::handle::Machine;
use super::job::{JobState, job};
use super::task::Owner;
use crate::disk::{Serial, path_for_qemu};
use crate::error::{Error, ErrorKind, Result};

/// Layers of a disk to be committed into one below them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The disk.
    pub serial: String,
    /// The uppermost of the layers, directly below the top of the disk.
    pub newest: PathBuf,
    /// The file that they are committed into; it stays below the top.
    pub base: PathBuf,
    /// What the header of the top goes on calling its backing file: a plain name in the same folder.
    pub backing_name: String,
    /// Bytes per second; 0 for as fast as it goes.
    pub speed: u64,
}

impl Machine {
    /// Puts `base` below the layer in the file `above`, in the place of what that stands on now. It must show the
    /// same; what it stands on its own header says. Fine when it is there already.
    ///
    /// # Errors
    /// `Refused` when the disk has no such layer that Cairn opened, `ImageLocked`, `NotRunning`.
    pub async fn put_below(&self, serial: &str, above: &Path, base: &Path) -> Result<()> {
        let (serial, above, base) = (Serial::parse(serial)?, above.to_owned(), base.to_owned());
        self.link.run(move |owner| Box::pin(async move { owner.put_below(&serial, &above, &base).await })).await
    }

    /// Begins to commit layers, with QEMU's job `block-commit`. What it has done is in the base even when it fails
    /// or is cancelled, and shows nowhere.
    ///
    /// # Errors
    /// `Refused` when the disk has no such layers that Cairn opened, or is being committed already; `NotRunning`.
    pub async fn begin_commit(&self, commit: &Commit) -> Result<()> {
        let (serial, commit) = (Serial::parse(&commit.serial)?, commit.clone());
        self.link.run(move |owner| Box::pin(async move { owner.begin_commit(&serial, &commit).await })).await
    }

    /// Where it stands.
    ///
    /// # Errors
    /// `NotRunning`, `Timeout`.
    pub async fn commit_state(&self, serial: &str) -> Result<JobState> {
        let serial = Serial::parse(serial)?;
        self.link.run(move |owner| Box::pin(async move { owner.job_state(&serial, &serial.commit_job()).await })).await
    }

    /// Ends it before its time; the chain stays as it was. Fine when nothing is being committed.
    ///
    /// # Errors
    /// `NotRunning`, `Timeout`.
    pub async fn cancel_commit(&self, serial: &str) -> Result<()> {
        let serial = Serial::parse(serial)?;
        self.link.run(move |owner| Box::pin(async move { owner.cancel_job(&serial, &serial.commit_job()).await })).await
    }
}

impl Owner {
    async fn node_of(&mut self, serial: &Serial, path: &Path) -> Result<Option<Node>> {
        let path = path_for_qemu(path)?;
        Ok(self.nodes(serial).await?.into_iter().find(|node| node.path.as_os_str() == path.as_str()))
    }

    async fn need_node(&mut self, serial: &Serial, path: &Path) -> Result<Node> {
        self.node_of(serial, path).await?.ok_or_else(|| {
            let message = format!("the disk {} does not have the layer {}", serial.as_str(), path.display());
            Error::new(ErrorKind::Refused, message)
        })
    }

    async fn put_below(&mut self, serial: &Serial, above: &Path, base: &Path) -> Result<()> {
        let above = self.need_node(serial, above).await?;
        if let Some(there) = self.node_of(serial, base).await? {
            // Opened and not put in place, when this was cut short; else QEMU does not let it go.
            let closed = self.qmp.execute("blockdev-del", json!({"node-name": there.name})).await;
            match closed {
                Err(error) if error.kind() == ErrorKind::Refused => return Ok(()),
                result => drop(result?),
            }
        }
        let lowest = self.nodes(serial).await?.last().map_or(above.number, |node| node.number);
        let Some(number) = lowest.checked_sub(1) else {
            let message = format!("the disk {} has had too many bases; detach and attach it", serial.as_str());
            return Err(Error::new(ErrorKind::Refused, message));
        };
        let node = serial.node(number);
        let options = lower_layer(&node, &path_for_qemu(base)?, None);
        let doing = "could not put a base below a layer";
        self.qmp.execute("blockdev-add", options).await.map_err(|error| error.within(doing))?;
        if let Err(error) = self.put_on(&above, &node).await {
            self.delete_node(&node).await;
            return Err(error.within(doing));
        }
        self.close_unused(serial).await
    }

    async fn begin_commit(&mut self, serial: &Serial, commit: &Commit) -> Result<()> {
        let disk = self.need_disk(serial).await?;
        let newest = self.need_node(serial, &commit.newest).await?;
        let base = self.need_node(serial, &commit.base).await?;
        let options = json!({
            "device": disk.top,
            "top-node": newest.name,
            "base-node": base.name,
            "backing-file": commit.backing_name,
        });
        let job = job(serial.commit_job(), commit.speed, options);
        self.qmp.execute("block-commit", job).await.map(drop).map_err(|error| error.within("could not commit layers"))
    }
}
