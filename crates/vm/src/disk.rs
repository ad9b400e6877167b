//! A disk as a machine knows it: a serial and the path of its top layer. Knows no sockets.

use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};

/// What the ids of our devices in QEMU begin with.
const DEVICE: &str = "cairn-";
/// What a virtio-blk device can carry (`VIRTIO_BLK_ID_BYTES` of the virtio specification).
const LONGEST_SERIAL: usize = 20;

/// A disk to be attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Its serial in the guest, by which it is found again: 1 to 20 bytes, a letter, then letters, digits, `_`, `-`.
    pub serial: String,
    /// The top qcow2 layer.
    pub path: PathBuf,
    /// The files directly below it, the uppermost first, whatever the header of the top says. QEMU opens what the
    /// last one stands on, as that one's header says.
    pub below: Vec<PathBuf>,
    /// Whether the guest can only read it, at the level of blocks.
    pub read_only: bool,
}

/// A disk that a machine has, as QEMU says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedDisk {
    /// Its serial in the guest.
    pub serial: String,
    /// The top layer, as QEMU opened it.
    pub path: PathBuf,
    /// The layers below it that Cairn opened one by one, the uppermost first; those that QEMU opened by itself, as
    /// the last one's header says, are not among them.
    pub below: Vec<PathBuf>,
    /// Whether the guest can only read it.
    pub read_only: bool,
}

/// The number of the lowest node of a disk when it is attached; a base that comes below it later has a smaller one.
pub(crate) const LOWEST_NODE: u16 = 1000;

/// What the ids of the exports of disks that somebody looks at begin with.
pub(crate) const LOOK_EXPORT: &str = "look-";

/// A checked serial, from which the names that QEMU sees are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Serial(String);

impl Serial {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let good = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let begins_well = text.starts_with(|c: char| c.is_ascii_alphabetic());
        if text.len() <= LONGEST_SERIAL && begins_well && text.chars().all(good) {
            return Ok(Self(text.to_owned()));
        }
        let message = format!(
            "{text:?} cannot be a disk's serial: it must be a letter, then up to 19 letters, digits, '_' or '-'"
        );
        Err(Error::new(ErrorKind::Invalid, message))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Id of the device in QEMU.
    pub(crate) fn device_id(&self) -> String {
        format!("{DEVICE}{}", self.0)
    }

    /// The serial of the disk whose device has this id, when it is one of ours.
    pub(crate) fn of_device(id: &str) -> Option<&str> {
        id.strip_prefix(DEVICE)
    }

    /// Name of a block node: `SERIAL.N`, with a larger number than those that it stands on. Node names have at most
    /// 31 bytes.
    pub(crate) fn node(&self, nth: u16) -> String {
        format!("{}.{nth}", self.0)
    }

    /// Name of a node that is opened between others for a while.
    pub(crate) fn node_between(&self, nth: usize) -> String {
        format!("{}.m{nth}", self.0)
    }

    /// Whether [`Self::node_between`] made this name.
    pub(crate) fn is_between(&self, node: &str) -> bool {
        let nth = node.strip_prefix(&self.0).and_then(|rest| rest.strip_prefix(".m"));
        nth.is_some_and(|nth| nth.parse::<usize>().is_ok())
    }

    /// Name of the node through which the guest writes while somebody looks at the disk.
    pub(crate) fn look_node(&self) -> String {
        format!("{}.look", self.0)
    }

    /// Name of the node that shows the disk as it was when the look began.
    pub(crate) fn seen_node(&self) -> String {
        format!("{}.seen", self.0)
    }

    /// Name of the node that keeps what the guest has written over since.
    pub(crate) fn kept_node(&self) -> String {
        format!("{}.kept", self.0)
    }

    /// Id of the export of what is seen.
    pub(crate) fn look_export(&self) -> String {
        format!("{LOOK_EXPORT}{}", self.0)
    }

    /// Id of the job that commits layers of this disk.
    pub(crate) fn commit_job(&self) -> String {
        format!("commit-{}", self.0)
    }

    /// Id of the job that merges layers of this disk.
    pub(crate) fn merge_job(&self) -> String {
        format!("merge-{}", self.0)
    }

    /// The number in a name that [`Self::node`] made, `None` for other names.
    pub(crate) fn node_number(&self, node: &str) -> Option<u16> {
        node.strip_prefix(&self.0)?.strip_prefix('.')?.parse().ok()
    }
}

/// Name of the node of the file below a layer's node, which knows the plain path.
pub(crate) fn file_node(node: &str) -> String {
    format!("{node}.file")
}

/// A path as QEMU can be told it: absolute, and text.
pub(crate) fn path_for_qemu(path: &Path) -> Result<String> {
    let absolute = std::path::absolute(path).map_err(|error| Error::io(format!("find {}", path.display()), error))?;
    absolute.into_os_string().into_string().map_err(|path| {
        let message = format!("QEMU cannot be told a path that is not UTF-8: {}", path.display());
        Error::new(ErrorKind::Invalid, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_are_what_qemu_and_the_guest_can_carry() {
        for good in ["vol_0123456789abcdef", "a", "A-1"] {
            assert!(Serial::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "vol_0123456789abcdefg", "1a", "_a", "a b", "a.b", "a/b", "ä"] {
            assert_eq!(Serial::parse(bad).expect_err(bad).kind(), ErrorKind::Invalid);
        }
    }

    #[test]
    fn nodes_are_counted_per_serial() {
        let serial = Serial::parse("vol_0123456789abcdef").expect("serial");
        let name = serial.node(u16::MAX);
        assert!(file_node(&name).len() <= 31, "{name}");
        assert!(file_node(&serial.kept_node()).len() <= 31);
        assert_eq!(serial.node_number(&serial.look_node()), None);
        assert_eq!(serial.node_number(&name), Some(u16::MAX));
        assert_eq!(serial.node_number(&file_node(&name)), None);
        assert_eq!(serial.node_number("vol_0123456789abcdef"), None);
        assert_eq!(serial.node_number("vol_0.1"), None);
        assert_eq!(serial.node_number("#block123"), None);
    }
}
