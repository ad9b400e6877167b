//! What a machine is reached by that somebody else starts: the sockets of its QEMU, or libvirt.

use std::collections::BTreeSet;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;
use std::sync::Arc;

use cairn_vm::{
    AgentPort, LibvirtDomain, Machine, Sockets, check_libvirt_uri, connect_to, connect_to_domain, libvirt_domains,
};

use super::MachineSlot;
use super::attached::is_known;
use super::model::{VmDomain, VmReach};
use super::record::{Attached, By};
use crate::convert::vm_error;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::shell::shell_word;

/// Refuses what cannot be a way to a machine of this computer.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] for a bad path or URI, [`ErrorKind::NotFound`] when there is no such socket.
pub(super) fn check(by: &VmReach) -> Result<()> {
    match by {
        VmReach::Sockets { qmp, agent } => {
            check_socket("QMP socket", qmp)?;
            agent.as_deref().map_or(Ok(()), |agent| check_socket("socket of a guest's agent", agent))
        }
        VmReach::Libvirt(domain) => {
            let Some(uri) = &domain.uri else { return Ok(()) };
            check_libvirt_uri(uri)
                .map_err(|e| vm_error("use that daemon", &e).with_hint("Use qemu:///session or qemu:///system."))
        }
    }
}

impl Engine {
    /// Reaches a machine that is not known yet.
    pub(super) async fn reach_new(&self, by: &VmReach) -> Result<(Attached, Machine)> {
        match by {
            VmReach::Sockets { qmp, agent } => {
                if let Some(known) = self.machine_at(qmp) {
                    return Err(is_known(&known));
                }
                let by = By::Sockets { qmp: qmp.clone(), agent: agent.clone() };
                let attached = Attached { by, process: None };
                let machine = attached.reach_first().await?;
                if agent.is_some() {
                    refuse_without_port(&machine, &attached).await?;
                }
                Ok((attached, machine))
            }
            VmReach::Libvirt(wanted) => {
                let found = self.find_domain(wanted).await?;
                if let Some(known) = self.machine_of_domain(&found.uuid) {
                    return Err(is_known(&known));
                }
                let by = By::Libvirt { libvirt: found.uri, uuid: found.uuid, domain: found.name };
                let attached = Attached { by, process: None };
                let machine = attached.reach_first().await?;
                Ok((attached, machine))
            }
        }
    }

    /// The running domain that somebody means.
    async fn find_domain(&self, wanted: &VmDomain) -> Result<LibvirtDomain> {
        let what = format!("look for the domain '{}'", wanted.domain);
        let daemons = wanted.uri.as_ref().map_or_else(|| self.inner.libvirt.clone(), |uri| vec![uri.clone()]);
        let (mut found, mut failed) = (Vec::new(), None);
        for daemon in &daemons {
            match libvirt_domains(daemon).await {
                Ok(domains) => found.extend(domains.into_iter().filter(|it| it.is(&wanted.domain))),
                // A daemon that nobody has named need not be there.
                Err(error) => failed = Some(error),
            }
        }
        let mut known = BTreeSet::new();
        found.retain(|domain| known.insert(domain.uuid.clone()));
        match (found.len(), failed) {
            (1, _) => Ok(found.remove(0)),
            (0, Some(error)) => Err(vm_error(&what, &error)),
            (0, None) => {
                let message = format!("No domain '{}' runs in {}.", wanted.domain, daemons.join(" or "));
                Err(Error::new(ErrorKind::NotFound, message).with_hint("Start it; 'virsh list' shows which run."))
            }
            (_, _) => {
                let message = format!("Several of libvirt's daemons have a domain '{}'.", wanted.domain);
                Err(Error::new(ErrorKind::Conflict, message).with_hint("Say which, such as qemu:///session."))
            }
        }
    }

    /// The machine of the store that is reached by this socket.
    pub(super) fn machine_at(&self, qmp: &Path) -> Option<Arc<MachineSlot>> {
        let is_it = |slot: &Arc<MachineSlot>| match slot.record().attached().map(|attached| attached.by.clone()) {
            Some(By::Sockets { qmp: known, .. }) => is_same(&known, qmp),
            Some(By::Libvirt { .. }) => false,
            None => is_same(&slot.folder.join("qmp.sock"), qmp),
        };
        self.machine_slots().into_iter().find(is_it)
    }

    /// The machine of the store that is this domain of libvirt's.
    pub(super) fn machine_of_domain(&self, uuid: &str) -> Option<Arc<MachineSlot>> {
        let is_it = |slot: &Arc<MachineSlot>| match slot.record().attached().map(|attached| attached.by.clone()) {
            Some(By::Libvirt { uuid: known, .. }) => known == uuid,
            _ => false,
        };
        self.machine_slots().into_iter().find(is_it)
    }
}

impl Attached {
    /// How it is reached, for people.
    pub(super) fn way(&self) -> VmReach {
        match self.by.clone() {
            By::Sockets { qmp, agent } => VmReach::Sockets { qmp, agent },
            By::Libvirt { libvirt, domain, .. } => VmReach::Libvirt(VmDomain { domain, uri: Some(libvirt) }),
        }
    }

    /// Where it is reached, for a sentence.
    pub(super) fn place(&self) -> String {
        match &self.by {
            By::Sockets { qmp, .. } => qmp.display().to_string(),
            By::Libvirt { libvirt, domain, .. } => format!("{libvirt} ('{domain}')"),
        }
    }

    /// Whether libvirt runs it.
    pub(super) fn is_domain(&self) -> bool {
        matches!(self.by, By::Libvirt { .. })
    }

    /// Where its QEMU listens for QMP, unless libvirt has it.
    pub(super) fn qmp(&self) -> Option<&Path> {
        match &self.by {
            By::Sockets { qmp, .. } => Some(qmp),
            By::Libvirt { .. } => None,
        }
    }

    /// The beginning of a command line for people that does something about its domain, if libvirt has it.
    pub(super) fn virsh(&self, command: &str) -> Option<String> {
        match &self.by {
            By::Sockets { .. } => None,
            By::Libvirt { libvirt, domain, .. } => {
                Some(format!("virsh -c {} {command} {}", shell_word(libvirt), shell_word(domain)))
            }
        }
    }

    /// What whoever is to `start` or `end` it does.
    pub(super) fn hint(&self, what: &str) -> String {
        match (&self.by, what) {
            (By::Sockets { .. }, "end") => "Stop it without force, or end its QEMU yourself.".to_owned(),
            (By::Sockets { qmp, .. }, _) => {
                let qmp = qmp.display();
                format!("Start its QEMU with -qmp unix:{qmp},server=on,wait=off; Cairn then reaches it by itself.")
            }
            (By::Libvirt { .. }, "end") => {
                format!("Stop it without force, or: {}", self.virsh("destroy").unwrap_or_default())
            }
            (By::Libvirt { .. }, _) => {
                format!("Type: {}; Cairn then reaches it by itself.", self.virsh("start").unwrap_or_default())
            }
        }
    }

    /// Whether an error of reaching it says that it does not run, given that the process that it had does not. Where
    /// libvirt cannot be asked, that process is all that is known.
    pub(super) fn says_it_ended(&self, error: &cairn_vm::Error) -> bool {
        match error.kind() {
            cairn_vm::ErrorKind::NotRunning => true,
            cairn_vm::ErrorKind::Unreachable => self.process.is_some(),
            _ => false,
        }
    }

    pub(super) async fn reach(&self) -> cairn_vm::Result<Machine> {
        match self.by.clone() {
            By::Sockets { qmp, agent } => connect_to(&Sockets { qmp, agent }).await,
            By::Libvirt { libvirt, uuid, domain } => {
                connect_to_domain(&LibvirtDomain { uri: libvirt, uuid, name: domain }).await
            }
        }
    }

    /// The same, for whoever has just asked for it.
    async fn reach_first(&self) -> Result<Machine> {
        self.reach().await.map_err(|error| match error.kind() {
            cairn_vm::ErrorKind::NotRunning => {
                let message = format!("Nobody listens at {}: its QEMU has ended.", self.place());
                Error::new(ErrorKind::Conflict, message).with_hint("Start it, then attach it.")
            }
            _ => vm_error(&format!("attach the machine at {}", self.place()), &error),
        })
    }
}

async fn refuse_without_port(machine: &Machine, attached: &Attached) -> Result<()> {
    let port = machine.agent_port().await;
    if port.map_err(|e| vm_error(&format!("attach the machine at {}", attached.place()), &e))? != AgentPort::Missing {
        return Ok(());
    }
    let message = "The machine has no channel to a guest's agent, though a socket of one was given.";
    Err(Error::new(ErrorKind::InvalidInput, message)
        .with_hint("Leave that socket out, or look into its QEMU's command line."))
}

/// Whether two paths lead to the same socket.
fn is_same(one: &Path, other: &Path) -> bool {
    let (Ok(first), Ok(second)) = (one.metadata(), other.metadata()) else { return one == other };
    (first.dev(), first.ino()) == (second.dev(), second.ino())
}

/// A socket of this computer's that this user may open.
pub(super) fn check_socket(what: &str, path: &Path) -> Result<()> {
    if !path.is_absolute() {
        let message = format!("The path of the {what} must be absolute, not {}.", path.display());
        return Err(Error::new(ErrorKind::InvalidInput, message).with_hint("Begin it with a slash."));
    }
    let Ok(found) = path.metadata() else {
        return Err(Error::new(ErrorKind::NotFound, format!("There is no {what} {}.", path.display()))
            .with_hint("Start its QEMU with -qmp unix:PATH,server=on,wait=off."));
    };
    if !found.file_type().is_socket() {
        return Err(Error::new(ErrorKind::InvalidInput, format!("{} is no socket.", path.display()))
            .with_hint("Give the path that stands behind 'unix:' or 'path=' in QEMU's command line."));
    }
    if nix::unistd::access(path, nix::unistd::AccessFlags::W_OK).is_err() {
        let message =
            format!("This user may not open the {what} {}, which belongs to user {}.", path.display(), found.uid());
        return Err(Error::new(ErrorKind::Io, message).with_hint("Run that QEMU as the user who runs Cairn."));
    }
    Ok(())
}
