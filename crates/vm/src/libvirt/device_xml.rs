//! The descriptions of devices that libvirt is handed.

use std::fmt::Write;

use crate::error::{Error, ErrorKind, Result};

/// A qcow2 layer with what it stands on, as a disk `target` of the guest's with this serial.
///
/// What the last of `below` stands on libvirt finds out by itself, as its header says.
///
/// # Errors
/// `Invalid` for a path that XML cannot carry.
pub(crate) fn disk_xml(
    (serial, alias, target): (&str, &str, &str),
    path: &str,
    below: &[String],
    read_only: bool,
) -> Result<String> {
    let mut xml = String::from("<disk type='file' device='disk'>\n");
    // A guest that meets a full disk of the host waits; it does not see an error that would break its filesystem.
    xml.push_str(
        "<driver name='qemu' type='qcow2' cache='writeback' io='threads' discard='unmap' detect_zeroes='off' \
         error_policy='enospace'/>\n",
    );
    // Writing to a string cannot fail.
    let _ = writeln!(xml, "<source file='{}'/>", escaped(path)?);
    for file in below {
        let _ = writeln!(xml, "<backingStore type='file'><format type='qcow2'/><source file='{}'/>", escaped(file)?);
    }
    xml.push_str(&"</backingStore>\n".repeat(below.len()));
    let _ = writeln!(xml, "<target dev='{}' bus='virtio'/>", escaped(target)?);
    let _ = writeln!(xml, "<serial>{}</serial>\n<alias name='{}'/>", escaped(serial)?, escaped(alias)?);
    xml.push_str(if read_only { "<readonly/>\n</disk>\n" } else { "</disk>\n" });
    Ok(xml)
}

/// Prepared overlays that become the top layers of disks, by target; `others` stay as they are.
///
/// # Errors
/// `Invalid` for a path that XML cannot carry.
pub(crate) fn snapshot_xml(overlays: &[(String, String)], others: &[String]) -> Result<String> {
    let mut xml = String::from("<domainsnapshot><disks>\n");
    for (target, path) in overlays {
        let (target, path) = (escaped(target)?, escaped(path)?);
        let _ = writeln!(
            xml,
            "<disk name='{target}' snapshot='external' type='file'><driver type='qcow2'/><source file='{path}'/></disk>"
        );
    }
    for target in others {
        let _ = writeln!(xml, "<disk name='{}' snapshot='no'/>", escaped(target)?);
    }
    xml.push_str("</disks></domainsnapshot>\n");
    Ok(xml)
}

/// Text as an attribute or an element can carry it.
pub(super) fn escaped(text: &str) -> Result<String> {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\'' => escaped.push_str("&apos;"),
            '"' => escaped.push_str("&quot;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {
                let message = format!("libvirt cannot be told {text:?}: it has a control character in it");
                return Err(Error::new(ErrorKind::Invalid, message));
            }
            letter => escaped.push(letter),
        }
    }
    Ok(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_libvirt_reads_as_it_was_meant() {
        let path = "/a 'b' <c> & \"d\"/ü.qcow2";
        let below = ["/one".to_owned(), "/two".to_owned()];
        let xml = disk_xml(("vol_1", "ua-cairn-vol_1", "vdb"), path, &below, true).expect("xml");
        let document = roxmltree::Document::parse(&xml).expect("it is XML");
        let sources = document.descendants().filter(|node| node.has_tag_name("source"));
        let files: Vec<&str> = sources.filter_map(|node| node.attribute("file")).collect();
        assert_eq!(files, [path, "/one", "/two"]);
        assert!(document.descendants().any(|node| node.has_tag_name("readonly")));
        let xml = snapshot_xml(&[("vdb".to_owned(), path.to_owned())], &["vda".to_owned()]).expect("xml");
        let document = roxmltree::Document::parse(&xml).expect("it is XML");
        let disks = document.descendants().filter(|node| node.has_tag_name("disk"));
        assert_eq!(disks.filter_map(|node| node.attribute("snapshot")).collect::<Vec<_>>(), ["external", "no"]);
        let error = disk_xml(("vol_1", "a", "vdb"), "/a\n", &[], false).expect_err("a control character");
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
}
