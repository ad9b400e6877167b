//! Where a disk can be plugged in while the machine runs, whoever has started it and on whatever bus.
//!
//! | machine | slots |
//! |---|---|
//! | `q35`, `virt` | one on each PCI Express port (`pcie-root-port` and the like) that has an id |
//! | `pc` | 31 on `pci.0`, and on each `pci-bridge` that has an id; through ACPI |
//! | `microvm` | none: virtio-mmio cannot be plugged in |

use serde_json::{Value, json};

use super::blocks::PERIPHERAL;
use super::handle::Machine;
use super::task::{Owner, ask};
use crate::error::{Error, ErrorKind, Result};
use crate::sockets::Place;

/// Ports of which each has one slot.
const PORTS: [&str; 3] = ["child<pcie-root-port>", "child<ioh3420>", "child<xio3130-downstream>"];
/// The host bridge of `pc`, which has the bus `pci.0`.
const PC_HOST: &str = "i440fx";
const ROOT_BUS: &str = "pci.0";
/// What tells that ACPI plugs into a bus.
const ACPI_BUS: &str = "acpi-pcihp-bsel";
/// Slot 0 belongs to the bus itself.
const SLOTS_OF_BUS: std::ops::RangeInclusive<u64> = 1..=31;

/// Where a disk goes.
pub(super) struct Slot {
    /// QEMU's name of the bus.
    pub(super) bus: String,
    /// Its address there, where a bus has many.
    pub(super) address: Option<String>,
}

/// How many disks can be plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slots {
    /// How many slots have nothing in them.
    pub free: usize,
    /// How many there are.
    pub total: usize,
    /// What a disk is told for which there is none.
    pub none: NoSlots,
}

/// Why there is no slot, and what helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSlots {
    /// The reason, without a stop.
    pub reason: String,
    /// Options for QEMU's command line that make slots.
    pub options: String,
}

impl Machine {
    /// How many disks can be plugged in.
    ///
    /// # Errors
    /// `NotRunning`, `Timeout`.
    pub async fn slots(&self) -> Result<Slots> {
        ask!(self, driver => driver.slots())
    }
}

/// A bus of `pc` with many slots.
struct Bus {
    name: String,
    path: String,
}

impl Owner {
    /// A slot with nothing in it, in a machine with these devices.
    ///
    /// # Errors
    /// `NoFreeSlot`, with what to add to QEMU's command line.
    pub(super) async fn free_slot(&mut self, devices: &[Value]) -> Result<Slot> {
        for port in ports(devices) {
            if self.is_free(port).await? {
                return Ok(Slot { bus: port.to_owned(), address: None });
            }
        }
        for bus in self.buses(devices).await? {
            if let Some(slot) = self.free_on(&bus).await?.first() {
                return Ok(Slot { bus: bus.name, address: Some(format!("{slot:x}")) });
            }
        }
        let slots = self.slots().await?;
        let NoSlots { reason, options } = slots.none;
        let message = match &self.place {
            // Nobody but Cairn writes its command line.
            Place::Own(_) => format!("{reason}. Unmount a volume from it first"),
            Place::Foreign(_) if slots.total > 0 => {
                format!("{reason}. Unmount a volume from it first, or start its QEMU with one more: {options}")
            }
            Place::Foreign(_) => format!("{reason}. Start its QEMU with: {options}"),
        };
        Err(Error::new(ErrorKind::NoFreeSlot, message))
    }

    async fn slots(&mut self) -> Result<Slots> {
        let devices = self.devices().await?;
        let (mut free, mut total) = (0, 0);
        for port in ports(&devices) {
            free += usize::from(self.is_free(port).await?);
            total += usize::from(self.can_plug(port).await?);
        }
        let buses = self.buses(&devices).await?;
        for bus in &buses {
            free += self.free_on(bus).await?.len();
            total += SLOTS_OF_BUS.count();
        }
        let none = self.no_slots(&devices, total, !buses.is_empty()).await?;
        Ok(Slots { free, total, none })
    }

    async fn no_slots(&mut self, devices: &[Value], total: usize, is_pc: bool) -> Result<NoSlots> {
        let machine_type = self.machine_type().await?;
        let taken = format!("all {total} slots of the machine are taken");
        let new = new_id(devices);
        if is_pc {
            let options = format!("-device pci-bridge,id=cairn{new},chassis_nr={new}");
            return Ok(NoSlots { reason: taken, options });
        }
        let mut chassis = 0;
        for port in ports(devices) {
            let path = format!("{PERIPHERAL}/{port}");
            chassis = chassis.max(self.get(&path, "chassis").await?.as_u64().unwrap_or(0));
        }
        let port = format!("-device pcie-root-port,id=cairn{new},chassis={}", chassis + 1);
        let (reason, options) = match machine_type.as_str() {
            _ if total > 0 => (taken, port),
            "microvm" => (
                "nothing can be plugged into a microvm while it runs: its disks sit on virtio-mmio".to_owned(),
                format!("-machine q35 {port}"),
            ),
            kind if kind.starts_with("pc-i440fx") => (
                "nothing can be plugged into the machine while it runs: its hot-plug through ACPI is switched off"
                    .to_owned(),
                "-machine pc,acpi=on -global PIIX4_PM.acpi-root-pci-hotplug=on".to_owned(),
            ),
            kind if kind.starts_with("pc-q35") || kind.starts_with("virt") => (
                format!(
                    "nothing can be plugged into the machine ({kind}) while it runs: it has no PCI Express port with \
                     an id, of which each disk needs one"
                ),
                port,
            ),
            kind => (
                format!(
                    "nothing can be plugged into the machine ({kind}) while it runs: Cairn knows none of its buses"
                ),
                format!("-machine q35 {port}"),
            ),
        };
        Ok(NoSlots { reason, options })
    }

    /// What QEMU calls the machine's type, such as `pc-q35-10.0`.
    pub(super) async fn machine_type(&mut self) -> Result<String> {
        let told = self.get("/machine", "type").await?;
        let told = told.as_str().unwrap_or("unknown");
        Ok(told.strip_suffix("-machine").unwrap_or(told).to_owned())
    }

    /// Whether something can be plugged into a port, now.
    async fn is_free(&mut self, port: &str) -> Result<bool> {
        // A port's only bus has the port's name.
        let bus = self.entries(&format!("{PERIPHERAL}/{port}/{port}")).await?;
        Ok(!bus.iter().any(is_on_it) && self.can_plug(port).await?)
    }

    /// Whether a port is for plugging at all; it is unless somebody has said otherwise.
    async fn can_plug(&mut self, port: &str) -> Result<bool> {
        Ok(self.get(&format!("{PERIPHERAL}/{port}"), "hotplug").await? != false)
    }

    /// The buses of a `pc` into which ACPI plugs.
    async fn buses(&mut self, devices: &[Value]) -> Result<Vec<Bus>> {
        if !self.entries("/machine").await?.iter().any(|entry| entry["name"] == PC_HOST) {
            return Ok(Vec::new());
        }
        let root = Bus { name: ROOT_BUS.to_owned(), path: format!("/machine/{PC_HOST}/{ROOT_BUS}") };
        let bridges = devices.iter().filter(|entry| entry["type"] == "child<pci-bridge>");
        let bridges = bridges.filter_map(|entry| entry["name"].as_str());
        let bridges = bridges.map(|id| Bus { name: id.to_owned(), path: format!("{PERIPHERAL}/{id}/{id}") });
        let mut buses = Vec::new();
        for bus in std::iter::once(root).chain(bridges) {
            if self.entries(&bus.path).await?.iter().any(|entry| entry["name"] == ACPI_BUS) {
                buses.push(bus);
            }
        }
        Ok(buses)
    }

    /// The slots of a bus that nothing is in.
    async fn free_on(&mut self, bus: &Bus) -> Result<Vec<u64>> {
        let mut free: Vec<u64> = SLOTS_OF_BUS.collect();
        for entry in self.entries(&bus.path).await?.iter().filter(|entry| is_on_it(entry)) {
            let link = self.get(&bus.path, entry["name"].as_str().unwrap_or_default()).await?;
            // Three bits of an address are the function within the slot.
            let address = self.get(link.as_str().unwrap_or_default(), "addr").await?;
            free.retain(|slot| address.as_u64().is_none_or(|address| address >> 3 != *slot));
        }
        Ok(free)
    }

    /// What QEMU has at a path; nothing when there is no such path.
    pub(super) async fn entries(&mut self, path: &str) -> Result<Vec<Value>> {
        match self.qmp.execute("qom-list", json!({"path": path})).await {
            Ok(Value::Array(entries)) => Ok(entries),
            Ok(_) => Ok(Vec::new()),
            Err(error) if error.kind() == ErrorKind::Refused => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// A property of what is at a path; `null` when there is no such property.
    pub(super) async fn get(&mut self, path: &str, property: &str) -> Result<Value> {
        match self.qmp.execute("qom-get", json!({"path": path, "property": property})).await {
            Err(error) if error.kind() == ErrorKind::Refused => Ok(Value::Null),
            result => result,
        }
    }
}

/// Whether an entry of a bus stands for a device on it.
fn is_on_it(entry: &Value) -> bool {
    entry["name"].as_str().is_some_and(|name| name.starts_with("child["))
}

/// The ports among the devices, in the order of their names.
fn ports(devices: &[Value]) -> Vec<&str> {
    let ports = devices.iter().filter(|entry| PORTS.iter().any(|port| entry["type"] == *port));
    let mut ports: Vec<&str> = ports.filter_map(|entry| entry["name"].as_str()).collect();
    ports.sort_unstable();
    ports
}

/// A number N for which no device is called `cairnN`.
fn new_id(devices: &[Value]) -> u32 {
    let taken = |number: &u32| devices.iter().any(|entry| entry["name"] == format!("cairn{number}").as_str());
    (1..).find(|number| !taken(number)).unwrap_or(1)
}
