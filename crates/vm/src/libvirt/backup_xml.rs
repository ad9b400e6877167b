//! What libvirt is told, and says, of a backup that somebody fetches: a disk as it was when that began.

use std::fmt::Write;
use std::path::PathBuf;

use super::device_xml::escaped;
use super::domain_xml::parsed;
use crate::error::Result;

/// One disk as it is when this begins, exported at the Unix socket `socket` under its serial; the file `kept` keeps what
/// is written over meanwhile. Nothing is seen of `others`.
///
/// # Errors
/// `Invalid` for a path that XML cannot carry.
pub(crate) fn backup_xml(
    (serial, target): (&str, &str),
    kept: &str,
    socket: &str,
    others: &[String],
) -> Result<String> {
    let mut xml = String::from("<domainbackup mode='pull'>\n");
    // Writing to a string cannot fail.
    let _ = writeln!(xml, "<server transport='unix' socket='{}'/>\n<disks>", escaped(socket)?);
    let (target, serial) = (escaped(target)?, escaped(serial)?);
    let _ =
        writeln!(xml, "<disk name='{target}' backup='yes' type='file' exportname='{serial}'><driver type='qcow2'/>");
    let _ = writeln!(xml, "<scratch file='{}'/></disk>", escaped(kept)?);
    for target in others {
        let _ = writeln!(xml, "<disk name='{}' backup='no'/>", escaped(target)?);
    }
    xml.push_str("</disks>\n</domainbackup>\n");
    Ok(xml)
}

/// The files that keep what is written over, of a backup that libvirt describes.
///
/// # Errors
/// `Io` when it makes no sense.
pub(crate) fn kept_of_backup(xml: &str) -> Result<Vec<PathBuf>> {
    let document = parsed(xml)?;
    let kept = document.descendants().filter(|node| node.has_tag_name("scratch"));
    Ok(kept.filter_map(|node| node.attribute("file")).map(PathBuf::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn what_keeps_is_found_again() {
        let kept = "/a 'b' <c> & \"d\"/ü.look.qcow2";
        let xml = backup_xml(("vol_1", "vdb"), kept, "/a's.sock", &["vda".to_owned()]).expect("xml");
        assert_eq!(kept_of_backup(&xml).expect("it is XML"), [PathBuf::from(kept)]);
        let document = roxmltree::Document::parse(&xml).expect("it is XML");
        let disks = document.descendants().filter(|node| node.has_tag_name("disk"));
        assert_eq!(disks.filter_map(|node| node.attribute("backup")).collect::<Vec<_>>(), ["yes", "no"]);
        assert_eq!(kept_of_backup("no XML").expect_err("nonsense").kind(), ErrorKind::Io);
        assert_eq!(backup_xml(("v", "vda"), "/a\n", "/s", &[]).expect_err("a line's end").kind(), ErrorKind::Invalid);
    }
}
