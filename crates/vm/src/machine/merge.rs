//! Layers of a disk that become one while the guest runs: what the others hold goes into the uppermost
//! (`block-stream`) or into the lowest (`block-commit`). What the guest sees never changes, nor what any layer shows
//! that stands above; the files that are not kept are closed when it is done.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::blocks::{Node, layer, layers, lower_layer};
use super::handle::Machine;
use super::job::{JobState, job};
use super::task::{Owner, ask};
use crate::disk::{Serial, file_node, path_for_qemu};
use crate::error::{Error, ErrorKind, Result};

/// Layers of a disk that are to become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The disk.
    pub serial: String,
    /// The uppermost of them.
    pub uppermost: PathBuf,
    /// The lowest of them.
    pub lowest: PathBuf,
    /// Those among them that the machine does not have open, because a base stands in for them: they are the lowest,
    /// and are opened meanwhile. The uppermost first.
    pub closed: Vec<PathBuf>,
    /// Which file takes the data of all.
    pub keep: Keep,
    /// Bytes per second; 0 for as fast as it goes.
    pub speed: u64,
}

/// Which file is kept of layers that become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The uppermost.
    Uppermost {
        /// What the machine has open below the lowest, or in the place of those that are closed; `None` for nothing.
        below: Option<PathBuf>,
        /// What the header of the uppermost then names as its backing file.
        name: Option<String>,
    },
    /// The lowest, which the header of the layer above the uppermost then names. Not when that is the disk's top.
    Lowest,
}

impl Machine {
    /// The files of all layers that the machine has open, those among them that QEMU opened by itself.
    ///
    /// # Errors
    /// `NotRunning`, `Timeout`.
    pub async fn open_layers(&self) -> Result<Vec<PathBuf>> {
        ask!(self, driver => driver.open_layers())
    }

    /// Begins to merge layers. What it has written shows nowhere, also when it fails or is cancelled.
    ///
    /// # Errors
    /// `Refused` when the machine has no such layers open, somebody else has one that is to be written, or something is
    /// being done with them; `ImageLocked`, `NotRunning`.
    pub async fn begin_merge(&self, merge: &Merge) -> Result<()> {
        let (serial, merge) = (Serial::parse(&merge.serial)?, merge.clone());
        self.link.run(move |owner| Box::pin(async move { owner.begin_merge(&serial, &merge).await })).await
    }

    /// Where it stands. Whether all of it was done is told by the header of the layer that then stands on another one.
    ///
    /// # Errors
    /// `NotRunning`, `Timeout`.
    pub async fn merge_state(&self, serial: &str) -> Result<JobState> {
        let serial = Serial::parse(serial)?;
        self.link.run(move |owner| Box::pin(async move { owner.job_state(&serial, &serial.merge_job()).await })).await
    }

    /// Ends it before its time, if it has not ended by itself. Fine when nothing is being merged.
    ///
    /// # Errors
    /// `NotRunning`, `Timeout`.
    pub async fn cancel_merge(&self, serial: &str) -> Result<()> {
        let serial = Serial::parse(serial)?;
        self.link.run(move |owner| Box::pin(async move { owner.cancel_job(&serial, &serial.merge_job()).await })).await
    }

    /// Has QEMU write to the file of a disk's top layer what it still holds of its tables. The top stands on the layer
    /// in the file `below`.
    ///
    /// # Errors
    /// `Refused` when the disk has something else; `NotRunning`, `Timeout`.
    pub async fn write_back_top(&self, serial: &str, below: Option<&Path>) -> Result<()> {
        let (serial, below) = (Serial::parse(serial)?, below.map(Path::to_owned));
        self.link.run(move |owner| Box::pin(async move { owner.write_back_top(&serial, below.as_deref()).await })).await
    }
}

impl Owner {
    async fn open_layers(&mut self) -> Result<Vec<PathBuf>> {
        Ok(layers(&self.all_nodes().await?).map(|(_, path)| path).collect())
    }

    async fn begin_merge(&mut self, serial: &Serial, merge: &Merge) -> Result<()> {
        let nodes = self.all_nodes().await?;
        if nodes.iter().any(|node| node["node-name"] == serial.look_node()) {
            return Err(Error::new(ErrorKind::Refused, "somebody looks at the disk"));
        }
        let uppermost = node_of(&nodes, &merge.uppermost)?;
        let (command, options) = match &merge.keep {
            Keep::Uppermost { below: None, .. } => ("block-stream", json!({"device": uppermost})),
            Keep::Uppermost { below: Some(below), name } => {
                let base = node_of(&nodes, below)?;
                let options = json!({"device": uppermost, "base-node": base, "backing-file": name});
                ("block-stream", options)
            }
            Keep::Lowest => {
                let (top, lowest) = (self.need_disk(serial).await?.top, node_of(&nodes, &merge.lowest)?);
                let name = plain_name(&merge.lowest)?;
                let options = json!({"device": top, "top-node": uppermost, "base-node": lowest, "backing-file": name});
                ("block-commit", options)
            }
        };
        let job = job(serial.merge_job(), merge.speed, options);
        let begun = match self.open_between(serial, &merge.closed).await {
            Ok(()) => self.qmp.execute(command, job).await.map(drop),
            Err(error) => Err(error),
        };
        if begun.is_err() {
            self.close_between(serial).await?;
        }
        begun.map_err(|error| error.within("could not merge layers"))
    }

    /// Opens layers that a base stands in for between it and the layer above it. They show the same there.
    async fn open_between(&mut self, serial: &Serial, closed: &[PathBuf]) -> Result<()> {
        if closed.is_empty() {
            return Ok(());
        }
        let [.., above, base] = &self.nodes(serial).await?[..] else {
            let message = format!("the disk {} does not stand on a base", serial.as_str());
            return Err(Error::new(ErrorKind::Refused, message));
        };
        let mut backing = base.name.clone();
        for (nth, file) in closed.iter().rev().enumerate() {
            let node = serial.node_between(nth);
            let options = lower_layer(&node, &path_for_qemu(file)?, Some(&backing));
            self.qmp.execute("blockdev-add", options).await?;
            backing = node;
        }
        self.put_on(above, &backing).await
    }

    /// Closes what was opened so; a layer that still stands on it gets back what it has stood on.
    pub(super) async fn close_between(&mut self, serial: &Serial) -> Result<()> {
        let nodes = self.all_nodes().await?;
        self.close_between_among(serial, &nodes).await
    }

    /// The same, of what stands among all these nodes.
    pub(super) async fn close_between_among(&mut self, serial: &Serial, nodes: &[Value]) -> Result<()> {
        let mut between: Vec<&str> = nodes.iter().filter_map(|node| node["node-name"].as_str()).collect();
        between.retain(|name| serial.is_between(name));
        // The uppermost has the largest number.
        between.sort_by_key(|name| std::cmp::Reverse((name.len(), *name)));
        let Some(uppermost) = between.first() else { return Ok(()) };
        match self.qmp.execute("blockdev-del", json!({"node-name": uppermost})).await {
            Ok(_) => drop(between.remove(0)),
            Err(error) if error.kind() == ErrorKind::Refused => {
                if let [.., above, base] = &self.nodes(serial).await?[..] {
                    self.put_on(above, &base.name).await?;
                }
            }
            Err(error) => return Err(error),
        }
        for node in between {
            self.try_delete_node(node).await?;
        }
        Ok(())
    }

    /// Lets a layer stand on another node that shows the same.
    pub(super) async fn put_on(&mut self, above: &Node, backing: &str) -> Result<()> {
        // Every option that is not named here goes back to its default.
        let mut options = layer(&above.name, "", above.read_only);
        options["file"] = file_node(&above.name).into();
        options["backing"] = backing.into();
        self.qmp.execute("blockdev-reopen", json!({"options": [options]})).await.map(drop)
    }

    async fn write_back_top(&mut self, serial: &Serial, below: Option<&Path>) -> Result<()> {
        let top = self.need_disk(serial).await?.top;
        let nodes = self.all_nodes().await?;
        // Opening anew with what it has begins with writing back. Every option that is not named goes to its default.
        let mut options = layer(&top, "", false);
        options["file"] = file_node(&top).into();
        options["backing"] = match below {
            Some(below) => node_of(&nodes, below)?.into(),
            None => Value::Null,
        };
        let reopened = self.qmp.execute("blockdev-reopen", json!({"options": [options]})).await;
        reopened.map(drop).map_err(|error| error.within("could not write a layer back"))
    }
}

/// The name of the node of the layer in this file.
fn node_of(nodes: &[Value], path: &Path) -> Result<String> {
    let wanted = path_for_qemu(path)?;
    let found = layers(nodes).find(|(_, path)| path.as_os_str() == wanted.as_str());
    found.map(|(name, _)| name.to_owned()).ok_or_else(|| {
        Error::new(ErrorKind::Refused, format!("the machine does not have the layer {} open", path.display()))
    })
}

/// What headers call a file: all are in one folder.
fn plain_name(path: &Path) -> Result<&str> {
    path.file_name().and_then(|name| name.to_str()).ok_or_else(|| {
        Error::new(ErrorKind::Invalid, format!("{} cannot be named in a layer's header", path.display()))
    })
}
