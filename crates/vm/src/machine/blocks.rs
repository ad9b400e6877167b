//! What QEMU has: disks, and the block nodes that they consist of.
//!
//! The nodes of a disk are named `SERIAL.1000`, `SERIAL.1001` … from the lowest that was opened by name to the present
//! top, so that they are found again after a restart. Nodes further down, which QEMU opened by itself, go with them.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::task::Owner;
use crate::disk::{AttachedDisk, Serial, file_node};
use crate::error::{Error, ErrorKind, Result};

/// QEMU frees a device a moment after it said so.
const NODE_TRIES: u32 = 500;
const NODE_PAUSE: Duration = Duration::from_millis(2);
/// Where QEMU keeps the devices that have an id.
pub(super) const PERIPHERAL: &str = "/machine/peripheral";
/// Devices that are no disks and are often there, so that they need not be asked.
const NO_DISKS: [&str; 5] = [
    "child<pcie-root-port>",
    "child<pci-bridge>",
    "child<virtio-serial-pci>",
    "child<virtserialport>",
    "child<virtio-net-pci>",
];

/// A disk as QEMU describes it.
pub(super) struct Found {
    pub(super) serial: String,
    /// Id of its device.
    pub(super) device: String,
    /// Name of its top block node.
    pub(super) top: String,
    pub(super) path: PathBuf,
    pub(super) read_only: bool,
}

/// A block node of one of our disks.
pub(super) struct Node {
    pub(super) name: String,
    pub(super) number: u16,
    /// Size of the disk that it shows, in bytes.
    pub(super) size: u64,
    /// The file that it is in.
    pub(super) path: PathBuf,
    pub(super) read_only: bool,
}

/// `blockdev-add` options of a layer that others stand on, on top of the node `backing`, or of what the image says.
///
/// Its file takes over from it whether it may be written, so that a job which commits into it can change both.
pub(super) fn lower_layer(node: &str, path: &str, backing: Option<&str>) -> Value {
    let mut options = layer(node, path, true);
    if let Some(file) = options["file"].as_object_mut() {
        file.remove("read-only");
        file.remove("auto-read-only");
    }
    if let Some(backing) = backing {
        options["backing"] = backing.into();
    }
    options
}

/// `blockdev-add` options of a qcow2 layer; QEMU opens its backing layers by itself, as the image says.
pub(crate) fn layer(node: &str, path: &str, read_only: bool) -> Value {
    let options = json!({"read-only": read_only, "auto-read-only": false, "discard": "unmap"});
    let mut file = options.clone();
    file["driver"] = "file".into();
    file["node-name"] = file_node(node).into();
    file["filename"] = path.into();
    file["aio"] = "threads".into();
    let mut layer = options;
    layer["driver"] = "qcow2".into();
    layer["node-name"] = node.into();
    layer["detect-zeroes"] = "off".into();
    layer["cache"] = json!({"direct": false, "no-flush": false});
    layer["file"] = file;
    layer
}

impl Owner {
    /// Every disk with a serial.
    ///
    /// Devices and nodes are asked one by one: `query-block` describes the images of a whole chain inside each other,
    /// as deep as that is.
    pub(super) async fn all_disks(&mut self) -> Result<Vec<Found>> {
        let (devices, nodes) = (self.devices().await?, self.all_nodes().await?);
        self.disks_among(devices.iter(), &nodes).await
    }

    /// Every device that has an id.
    pub(super) async fn devices(&mut self) -> Result<Vec<Value>> {
        Ok(list(self.qmp.execute("qom-list", json!({"path": PERIPHERAL})).await?))
    }

    /// Those of these devices that are disks with a serial, which stand on these nodes.
    async fn disks_among(&mut self, devices: impl Iterator<Item = &Value>, nodes: &[Value]) -> Result<Vec<Found>> {
        let mut disks = Vec::new();
        for entry in devices {
            let (Some(device), Some(kind)) = (entry["name"].as_str(), entry["type"].as_str()) else { continue };
            if !kind.starts_with("child<") || NO_DISKS.contains(&kind) {
                continue;
            }
            // What has no drive is no disk; a drive that has a name of its own is none of ours.
            let top = self.property(device, "drive").await?;
            let serial = if top.is_empty() { String::new() } else { self.property(device, "serial").await? };
            if serial.is_empty() {
                continue;
            }
            let top = below_filter(nodes, &serial, top);
            let named = |name: &str| nodes.iter().find(|node| node["node-name"] == name).unwrap_or(&Value::Null);
            // A layer that got its backing node at run time has no plain file name, but its file has.
            let file = Some(named(&file_node(&top))).filter(|file| file.is_object()).unwrap_or(named(&top));
            disks.push(Found {
                serial,
                device: device.to_owned(),
                path: file["file"].as_str().unwrap_or_default().into(),
                read_only: named(&top)["ro"] == true,
                top,
            });
        }
        Ok(disks)
    }

    /// A text that a device says of itself, empty when it has no such property.
    async fn property(&mut self, device: &str, property: &str) -> Result<String> {
        let which = json!({"path": format!("{PERIPHERAL}/{device}"), "property": property});
        match self.qmp.execute("qom-get", which).await {
            Ok(value) => Ok(value.as_str().unwrap_or_default().to_owned()),
            Err(error) if error.kind() == ErrorKind::Refused => Ok(String::new()),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn find_disk(&mut self, serial: &Serial) -> Result<Option<Found>> {
        let (devices, nodes) = (self.devices().await?, self.all_nodes().await?);
        self.find_among(serial, &devices, &nodes).await
    }

    /// The disk among these devices: mostly the one that has its id from us.
    pub(super) async fn find_among(
        &mut self,
        serial: &Serial,
        devices: &[Value],
        nodes: &[Value],
    ) -> Result<Option<Found>> {
        let id = serial.device_id();
        let (ours, others): (Vec<&Value>, Vec<&Value>) = devices.iter().partition(|entry| entry["name"] == id);
        for devices in [ours, others] {
            let found = self.disks_among(devices.into_iter(), nodes).await?;
            if let Some(disk) = found.into_iter().find(|disk| disk.serial == serial.as_str()) {
                return Ok(Some(disk));
            }
        }
        Ok(None)
    }

    /// The disk, which has to be there.
    pub(super) async fn need_disk(&mut self, serial: &Serial) -> Result<Found> {
        self.find_disk(serial).await?.ok_or_else(|| {
            let message = format!("the machine has no disk {}", serial.as_str());
            Error::new(ErrorKind::Refused, message)
        })
    }

    pub(super) async fn disks(&mut self) -> Result<Vec<AttachedDisk>> {
        let nodes = self.all_nodes().await?;
        let found = self.all_disks().await?.into_iter();
        let describe = |disk: Found| {
            let below = Serial::parse(&disk.serial).map_or_else(|_| Vec::new(), |serial| named(&nodes, &serial));
            let below = below.into_iter().filter(|node| node.name != disk.top).map(|node| node.path).collect();
            AttachedDisk { serial: disk.serial, path: disk.path, below, read_only: disk.read_only }
        };
        Ok(found.map(describe).collect())
    }

    pub(super) async fn all_nodes(&mut self) -> Result<Vec<Value>> {
        // Without `flat` QEMU describes the chain below every node of a chain.
        Ok(list(self.qmp.execute("query-named-block-nodes", json!({"flat": true})).await?))
    }

    /// The block nodes of a disk, the top first.
    pub(super) async fn nodes(&mut self, serial: &Serial) -> Result<Vec<Node>> {
        Ok(named(&self.all_nodes().await?, serial))
    }

    /// Closes the layers of a disk that is not plugged in, from the top down.
    pub(super) async fn delete_nodes(&mut self, serial: &Serial) -> Result<()> {
        let nodes = self.all_nodes().await?;
        self.delete_nodes_among(serial, &nodes).await
    }

    /// The same, of what stands among all these nodes.
    pub(super) async fn delete_nodes_among(&mut self, serial: &Serial, nodes: &[Value]) -> Result<()> {
        for node in named(nodes, serial) {
            self.try_delete_node(&node.name).await?;
        }
        Ok(())
    }

    /// Closes a layer while something else failed; that failure is the one to tell.
    pub(super) async fn delete_node(&mut self, node: &str) {
        if let Err(error) = self.try_delete_node(node).await {
            tracing::warn!(%error, node, "a block node stays open");
        }
    }

    pub(super) async fn try_delete_node(&mut self, node: &str) -> Result<()> {
        let mut tries = 1;
        loop {
            match self.qmp.execute("blockdev-del", json!({"node-name": node})).await {
                Err(error) if error.kind() == ErrorKind::Refused && tries < NODE_TRIES => tries += 1,
                result => return result.map(drop).map_err(|error| error.within("could not close a layer")),
            }
            sleep(NODE_PAUSE).await;
        }
    }
}

/// What QEMU lists.
fn list(answer: Value) -> Vec<Value> {
    match answer {
        Value::Array(entries) => entries,
        _ => Vec::new(),
    }
}

/// The nodes of a disk among all nodes, the top first.
fn named(all: &[Value], serial: &Serial) -> Vec<Node> {
    let node = |entry: &Value| {
        let name = entry["node-name"].as_str()?;
        let number = serial.node_number(name)?;
        Some(Node {
            name: name.to_owned(),
            number,
            size: entry["image"]["virtual-size"].as_u64().unwrap_or(0),
            path: path_of(all, entry),
            read_only: entry["ro"] == true,
        })
    };
    let mut nodes: Vec<Node> = all.iter().filter_map(node).collect();
    nodes.sort_by_key(|node| std::cmp::Reverse(node.number));
    nodes
}

/// The top layer of a disk whose device has this node: while somebody looks at the disk, or a job reads into its top, that is
/// a filter above it.
fn below_filter(nodes: &[Value], serial: &str, top: String) -> String {
    let Ok(serial) = Serial::parse(serial) else { return top };
    if ![serial.look_node(), serial.merge_job(), serial.commit_job()].contains(&top) {
        return top;
    }
    let filter = nodes.iter().find(|node| node["node-name"] == top).unwrap_or(&Value::Null);
    let layers = || nodes.iter().filter_map(|node| Some((serial.node_number(node["node-name"].as_str()?)?, node)));
    // A filter is called by the file of what it filters. An overlay that was opened and not put on top has another one.
    let filtered = layers().filter(|(_, node)| node["file"] == filter["file"]).max_by_key(|(number, _)| *number);
    let uppermost = || layers().max_by_key(|(number, _)| *number);
    let found = filtered.or_else(uppermost).and_then(|(_, node)| node["node-name"].as_str());
    found.map_or(top, str::to_owned)
}

/// The layers among all nodes, also those that QEMU opened by itself: each with its file.
pub(super) fn layers(all: &[Value]) -> impl Iterator<Item = (&str, PathBuf)> {
    let layers = all.iter().filter(|entry| entry["drv"] == "qcow2");
    layers.filter_map(|entry| Some((entry["node-name"].as_str()?, path_of(all, entry))))
}

/// The file of a layer's node. QEMU tells it in words of its own when what the layer stands on is not what its header
/// says; then the node of the file knows it, if it is one of ours.
fn path_of(all: &[Value], entry: &Value) -> PathBuf {
    let name = entry["node-name"].as_str().unwrap_or_default();
    let file = all.iter().find(|other| other["node-name"] == file_node(name)).unwrap_or(entry);
    let told = file["file"].as_str().unwrap_or_default();
    let options = told.strip_prefix("json:").and_then(|json| serde_json::from_str::<Value>(json).ok());
    let named = options.as_ref().and_then(|options| options["file"]["filename"].as_str());
    named.unwrap_or(told).into()
}
