//! What libvirt says of a domain that runs: its description, as far as it concerns disks.

use std::collections::BTreeSet;
use std::path::PathBuf;

use roxmltree::{Document, Node, ParsingOptions};

use crate::command_line::AGENT_NAME;
use crate::error::{Error, ErrorKind, Result};

/// A description has a few thousand nodes; what has so many is none.
const MOST_NODES: u32 = 200_000;
/// Slot 0 belongs to the bus itself.
const SLOTS_OF_BUS: std::ops::RangeInclusive<u64> = 1..=31;

/// A domain's description, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DomainXml {
    pub(crate) machine_type: String,
    pub(crate) memory_mib: u32,
    pub(crate) cpus: u32,
    pub(crate) is_kvm: bool,
    pub(crate) disks: Vec<Plugged>,
    /// The channel to the guest's agent, if there is one.
    pub(crate) agent: Option<Channel>,
    /// Slots into which a disk can be plugged: those with nothing in them, and all.
    pub(crate) slots: (usize, usize),
}

/// The channel to a guest's agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Channel {
    /// What it leads to; libvirt itself reaches only `unix`.
    pub(crate) kind: String,
    /// Whether somebody in the guest has it open.
    pub(crate) is_open: bool,
}

/// A disk of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plugged {
    /// libvirt's name of it, such as `vdb`.
    pub(crate) target: String,
    pub(crate) alias: String,
    /// Empty when it has none.
    pub(crate) serial: String,
    /// Empty when it is no file.
    pub(crate) path: PathBuf,
    /// What it stands on, the uppermost first.
    pub(crate) below: Vec<PathBuf>,
    pub(crate) read_only: bool,
}

impl DomainXml {
    /// # Errors
    /// `Io` when it makes no sense.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let document = parsed(text)?;
        let root = document.root_element();
        if !root.has_tag_name("domain") {
            return Err(nonsense(&"it describes something else"));
        }
        let devices = child(root, "devices").ok_or_else(|| nonsense(&"it has no devices"))?;
        let machine_type = child(root, "os").and_then(|os| child(os, "type")).and_then(|it| it.attribute("machine"));
        let cpus = child(root, "vcpu").and_then(|vcpu| vcpu.attribute("current").or(vcpu.text()));
        Ok(Self {
            machine_type: machine_type.unwrap_or("unknown").to_owned(),
            memory_mib: child(root, "memory").map_or(0, mebibytes),
            cpus: cpus.and_then(|cpus| cpus.trim().parse().ok()).unwrap_or(1),
            is_kvm: root.attribute("type") == Some("kvm"),
            disks: children(devices, "disk").map(plugged).collect(),
            agent: children(devices, "channel").find_map(agent_channel),
            slots: slots(devices),
        })
    }

    /// The disk with this serial.
    pub(crate) fn disk(&self, serial: &str) -> Option<&Plugged> {
        self.disks.iter().find(|disk| disk.serial == serial)
    }

    /// A name that no virtio disk has.
    pub(crate) fn free_target(&self) -> String {
        let is_free = |name: &String| self.disks.iter().all(|disk| disk.target != *name);
        (0..).map(target_name).find(is_free).unwrap_or_default()
    }
}

/// A description of libvirt's.
pub(super) fn parsed(text: &str) -> Result<Document<'_>> {
    let options = ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| nonsense(&error))
}

fn nonsense(why: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Io, format!("libvirt's description of the domain makes no sense: {why}"))
}

/// `vda` … `vdz`, `vdaa` …
fn target_name(mut number: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'a' + u8::try_from(number % 26).unwrap_or_default()));
        if number < 26 {
            return format!("vd{}", letters.iter().rev().collect::<String>());
        }
        number = number / 26 - 1;
    }
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &'static str) -> Option<Node<'a, 'input>> {
    children(node, name).next()
}

fn children<'a, 'input>(node: Node<'a, 'input>, name: &'static str) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(move |child| child.has_tag_name(name))
}

fn text_of(node: Node<'_, '_>, name: &'static str) -> String {
    child(node, name).and_then(|child| child.text()).unwrap_or_default().to_owned()
}

fn attribute(node: Node<'_, '_>, name: &'static str, attribute: &str) -> String {
    child(node, name).and_then(|child| child.attribute(attribute)).unwrap_or_default().to_owned()
}

/// A size with its unit, which is KiB when nobody says.
fn mebibytes(node: Node<'_, '_>) -> u32 {
    let number: u64 = node.text().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    let mib = match node.attribute("unit").unwrap_or("KiB") {
        "b" | "bytes" => number >> 20,
        "MiB" | "M" => number,
        "GiB" | "G" => number << 10,
        _ => number >> 10,
    };
    u32::try_from(mib).unwrap_or(u32::MAX)
}

fn plugged(disk: Node<'_, '_>) -> Plugged {
    let file = |node: Node<'_, '_>| PathBuf::from(attribute(node, "source", "file"));
    let below = std::iter::successors(lower(disk), |node| lower(*node)).map(file).collect();
    Plugged {
        target: attribute(disk, "target", "dev"),
        alias: attribute(disk, "alias", "name"),
        serial: text_of(disk, "serial"),
        path: file(disk),
        below,
        read_only: child(disk, "readonly").is_some(),
    }
}

/// What a disk, or a layer of it, stands on.
fn lower<'a, 'input>(node: Node<'a, 'input>) -> Option<Node<'a, 'input>> {
    child(node, "backingStore").filter(|below| child(*below, "source").is_some())
}

fn agent_channel(channel: Node<'_, '_>) -> Option<Channel> {
    let target = child(channel, "target").filter(|target| target.attribute("name") == Some(AGENT_NAME))?;
    let kind = channel.attribute("type").unwrap_or("nothing").to_owned();
    Some(Channel { kind, is_open: target.attribute("state") == Some("connected") })
}

/// Ports with nothing on them, and buses of a `pc` with slots that are free.
fn slots(devices: Node<'_, '_>) -> (usize, usize) {
    let number = |text: Option<&str>| {
        let text = text.unwrap_or_default();
        let hexadecimal = text.strip_prefix("0x").and_then(|digits| u64::from_str_radix(digits, 16).ok());
        hexadecimal.or_else(|| text.parse().ok())
    };
    let addresses = devices.descendants().filter(|node| node.has_tag_name("address"));
    let addresses = addresses.filter(|address| address.attribute("type") == Some("pci"));
    let taken: BTreeSet<(u64, u64)> = addresses
        .filter_map(|address| Some((number(address.attribute("bus"))?, number(address.attribute("slot"))?)))
        .collect();
    let (mut free, mut total) = (0, 0);
    for controller in children(devices, "controller").filter(|it| it.attribute("type") == Some("pci")) {
        let Some(index) = number(controller.attribute("index")) else { continue };
        let switched_off = child(controller, "target").is_some_and(|it| it.attribute("hotplug") == Some("off"));
        match controller.attribute("model") {
            Some("pcie-root-port" | "pcie-switch-downstream-port") if !switched_off => {
                total += 1;
                free += usize::from(!taken.iter().any(|(bus, _)| *bus == index));
            }
            Some("pci-root" | "pci-bridge") if !switched_off => {
                total += SLOTS_OF_BUS.count();
                free += SLOTS_OF_BUS.filter(|slot| !taken.contains(&(index, *slot))).count();
            }
            _ => {}
        }
    }
    (free, total)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOMAIN: &str = "<domain type='qemu' id='1'><name>web</name>\
        <memory unit='KiB'>262144</memory><vcpu placement='static'>2</vcpu>\
        <os><type arch='x86_64' machine='pc-q35-10.0'>hvm</type></os><devices>\
        <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/s/a&amp;b' index='3'/>\
        <backingStore type='file'><format type='qcow2'/><source file='/s/one'/>\
        <backingStore type='file'><format type='qcow2'/><source file='/s/two'/><backingStore/></backingStore>\
        </backingStore><target dev='vda' bus='virtio'/><readonly/><serial>vol_1</serial><alias name='ua-cairn-vol_1'/>\
        <address type='pci' domain='0x0000' bus='0x0a' slot='0x00' function='0x0'/></disk>\
        <disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>\
        <controller type='pci' index='0' model='pcie-root'/>\
        <controller type='pci' index='10' model='pcie-root-port'/>\
        <controller type='pci' index='11' model='pcie-root-port'/>\
        <controller type='pci' index='12' model='pcie-root-port'><target hotplug='off'/></controller>\
        <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='connected'/></channel>\
        </devices></domain>";

    #[test]
    fn a_domain_is_read() {
        let domain = DomainXml::parse(DOMAIN).expect("it is one");
        assert_eq!((domain.memory_mib, domain.cpus, domain.is_kvm, domain.slots), (256, 2, false, (1, 2)));
        assert_eq!(domain.agent, Some(Channel { kind: "unix".to_owned(), is_open: true }));
        let disk = domain.disk("vol_1").expect("it is there");
        assert_eq!((disk.path.to_str(), disk.read_only), (Some("/s/a&b"), true));
        assert_eq!(disk.below, [PathBuf::from("/s/one"), PathBuf::from("/s/two")]);
        assert_eq!(domain.free_target(), "vdb");
        assert_eq!([target_name(25), target_name(26), target_name(702)], ["vdz", "vdaa", "vdaaa"]);
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        let bomb = "<!DOCTYPE d [<!ENTITY a 'aaaa'>]><domain>&a;</domain>";
        for text in ["", "<a", "<network/>", "<domain/>", bomb] {
            assert_eq!(DomainXml::parse(text).expect_err(text).kind(), ErrorKind::Io);
        }
    }
}
