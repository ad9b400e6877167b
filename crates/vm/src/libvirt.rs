//! libvirt's domains, reached through libvirt's own command `virsh`, so that what libvirt promises holds: its labels, its
//! locks, its own view of a domain. Nothing goes around it to QEMU's monitor.
//!
//! Only daemons of this computer: a layer's path means nothing to another one.

mod backup_xml;
mod device_xml;
mod domain_xml;
mod virsh;

use std::path::PathBuf;

pub(crate) use backup_xml::{backup_xml, kept_of_backup};
pub(crate) use device_xml::{disk_xml, snapshot_xml};
pub(crate) use domain_xml::{DomainXml, Plugged};
pub(crate) use virsh::Virsh;

use crate::error::{Error, ErrorKind, Result};
use crate::machine::{self, Machine};

/// What libvirt's users call their daemons.
const DAEMONS: [&str; 2] = ["qemu:///session", "qemu:///system"];

/// The URIs of the daemons of this computer: `qemu:///session`, `qemu:///system`, and before them the one that
/// `LIBVIRT_DEFAULT_URI` names, if it is another one.
#[must_use]
pub fn libvirt_daemons() -> Vec<String> {
    let chosen = std::env::var("LIBVIRT_DEFAULT_URI").ok().filter(|uri| check_libvirt_uri(uri).is_ok());
    let chosen = chosen.filter(|uri| !DAEMONS.contains(&uri.as_str()));
    chosen.into_iter().chain(DAEMONS.map(str::to_owned)).collect()
}

/// A virtual machine that libvirt runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibvirtDomain {
    /// The daemon's URI, such as `qemu:///session`.
    pub uri: String,
    /// The domain's identity, which stays when it is renamed.
    pub uuid: String,
    /// Its name there.
    pub name: String,
}

impl LibvirtDomain {
    /// Whether somebody who says `which` means this one: by its name, or its UUID.
    #[must_use]
    pub fn is(&self, which: &str) -> bool {
        self.name == which || self.uuid.eq_ignore_ascii_case(which)
    }
}

/// The domains that run in a daemon, by name.
///
/// # Errors
/// `Invalid` for a URI that is none of a daemon of this computer, `Missing` without `virsh`, `Unreachable` when the daemon
/// does not run or this user may not use it, `Timeout`.
pub async fn libvirt_domains(uri: &str) -> Result<Vec<LibvirtDomain>> {
    let virsh = Virsh::at(uri)?;
    let list = virsh.run(&["list", "--uuid", "--name"], virsh::QUICK).await?;
    let domain = |line: &str| {
        let (uuid, name) = line.trim().split_once(' ')?;
        Some(LibvirtDomain { uri: uri.to_owned(), uuid: uuid.to_owned(), name: name.trim().to_owned() })
    };
    let mut domains: Vec<LibvirtDomain> = list.lines().filter_map(domain).collect();
    domains.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(domains)
}

/// Connects to a domain that runs. Dropping the last handle leaves it as it is.
///
/// # Errors
/// As [`libvirt_domains`]; `NotRunning` when the domain does not run.
pub async fn connect_to_domain(domain: &LibvirtDomain) -> Result<Machine> {
    machine::open_domain(Virsh::at(&domain.uri)?, domain).await
}

/// Refuses what is no URI of a daemon of this computer: libvirt would start programs for some others.
///
/// # Errors
/// `Invalid`.
pub fn check_libvirt_uri(uri: &str) -> Result<()> {
    let refuse = |why: &str| {
        let message = format!("{uri:?} is no libvirt daemon of this computer: {why}");
        Err(Error::new(ErrorKind::Invalid, message))
    };
    let path = uri.strip_prefix("qemu://").or_else(|| uri.strip_prefix("qemu+unix://"));
    let Some(path) = path else { return refuse("it begins with neither qemu:/// nor qemu+unix:///") };
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if !matches!(path, "/session" | "/system") {
        return refuse("it names neither /session nor /system");
    }
    if uri.len() > 1024 || uri.chars().any(|letter| letter.is_control() || letter.is_whitespace() || letter == '#') {
        return refuse("it is too long, or has spaces in it");
    }
    let is_known = |pair: &str| ["socket=/", "mode="].iter().any(|known| pair.starts_with(known));
    match query.is_empty() || query.split('&').all(is_known) {
        true => Ok(()),
        false => refuse("of its parameters only socket=/PATH and mode= are known here"),
    }
}

/// Where `virsh` is.
fn find_virsh() -> Result<PathBuf> {
    crate::qemu::look_for("virsh", &std::env::var_os("PATH").unwrap_or_default()).ok_or_else(|| {
        let message = "libvirt's command virsh is missing. Install it; on Debian: sudo apt-get install \
                       --no-install-recommends libvirt-clients";
        Error::new(ErrorKind::Missing, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_daemons_of_this_computer_are_asked() {
        for good in [
            "qemu:///session",
            "qemu:///system",
            "qemu+unix:///session?socket=/run/user/1000/libvirt/virtqemud-sock",
            "qemu:///session?socket=/a&mode=direct",
        ] {
            check_libvirt_uri(good).expect(good);
        }
        for bad in [
            "",
            "session",
            "qemu:///",
            "qemu://host/system",
            "qemu+ssh://host/system",
            "qemu+ext:///system?command=/bin/sh",
            "qemu:///system?command=/bin/sh",
            "qemu:///session?socket=relative",
            "qemu:///session?socket=/a&netcat=/b",
            "qemu:///session?socket=/a b",
            "test:///default",
            "--help",
        ] {
            assert_eq!(check_libvirt_uri(bad).expect_err(bad).kind(), ErrorKind::Invalid);
        }
    }
}
