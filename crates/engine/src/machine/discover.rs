//! Which QEMUs run on this computer, and which of them can be attached: by their sockets, or through libvirt.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use cairn_vm::{FoundQemu, LibvirtDomain, libvirt_domains, probe_qmp, running_qemus};
use futures::future::join_all;

use super::MachineSlot;
use super::model::{FoundVm, VmDomain};
use super::reach::check_socket;
use crate::convert::vm_error;
use crate::engine::{Engine, blocking};
use crate::error::Result;

impl Engine {
    /// Looks through the QEMUs that run on this computer, and the domains that libvirt runs. A socket that looks right
    /// is tried: whether somebody speaks QMP there, and to us.
    ///
    /// # Errors
    /// When the engine is closed.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn vm_discover(&self) -> Result<Vec<FoundVm>> {
        self.refuse_when_closed()?;
        let (qemus, looked) = tokio::join!(blocking(|| Ok(running_qemus())), self.look_into_libvirt());
        let (domains, failure) = looked;
        let (of_domains, qemus): (Vec<_>, Vec<_>) =
            qemus?.into_iter().partition(|qemu| domains.iter().any(|domain| is_it(qemu, domain)));
        let mut found: Vec<FoundVm> = domains
            .into_iter()
            .map(|domain| {
                let qemu = of_domains.iter().find(|qemu| is_it(qemu, &domain));
                self.judge_domain(domain, qemu)
            })
            .collect();
        found.extend(join_all(qemus.into_iter().map(|qemu| self.judge(qemu, failure.as_deref()))).await);
        Ok(found)
    }

    /// The domains that run, each once, and why not all of libvirt's daemons could be asked.
    async fn look_into_libvirt(&self) -> (Vec<LibvirtDomain>, Option<String>) {
        let looked = join_all(self.inner.libvirt.iter().map(|uri| libvirt_domains(uri))).await;
        let (mut domains, mut failure, mut known) = (Vec::new(), None, BTreeSet::new());
        for found in looked {
            match found {
                Ok(found) => domains.extend(found.into_iter().filter(|domain| known.insert(domain.uuid.clone()))),
                // Most computers have no libvirt, or one of its two daemons.
                Err(error) => failure = Some(vm_error("look into libvirt", &error).to_string()),
            }
        }
        (domains, failure)
    }

    fn judge_domain(&self, domain: LibvirtDomain, qemu: Option<&FoundQemu>) -> FoundVm {
        let known = self.machine_of_domain(&domain.uuid);
        let detail = known.as_ref().map_or_else(|| "It can be attached.".to_owned(), is_known);
        FoundVm {
            pid: qemu.map(|qemu| qemu.pid),
            name: Some(domain.name.clone()),
            machine_type: qemu.and_then(|qemu| qemu.machine_type.clone()),
            qmp: None,
            agent: None,
            libvirt: Some(VmDomain { domain: domain.name, uri: Some(domain.uri) }),
            can_attach: known.is_none(),
            vm_id: known.as_ref().map(|slot| slot.id.clone()),
            vm_name: known.map(|slot| slot.name()),
            detail,
        }
    }

    async fn judge(&self, qemu: FoundQemu, no_libvirt: Option<&str>) -> FoundVm {
        let by_socket = || qemu.qmp.iter().find_map(|socket| self.machine_at(socket));
        let known = self.machine_of(qemu.pid).or_else(by_socket);
        let found = FoundVm {
            pid: Some(qemu.pid),
            name: qemu.name,
            machine_type: qemu.machine_type,
            qmp: qemu.qmp.first().cloned(),
            agent: qemu.agent,
            libvirt: None,
            vm_id: known.as_ref().map(|slot| slot.id.clone()),
            vm_name: known.as_ref().map(|slot| slot.name()),
            can_attach: false,
            detail: String::new(),
        };
        if let Some(slot) = known {
            return FoundVm { detail: is_known(&slot), ..found };
        }
        let mut detail =
            "It has no QMP socket. Start it with -qmp unix:PATH,server=on,wait=off, PATH being absolute.".to_owned();
        // Only who keeps machines tells them who they are.
        if let (Some(_), Some(why)) = (qemu.uuid, no_libvirt) {
            detail = format!("It has no QMP socket of its own; perhaps libvirt runs it. {why}");
        }
        for socket in qemu.qmp {
            match try_socket(&socket).await {
                Ok(()) => {
                    let detail = "It can be attached.".to_owned();
                    return FoundVm { can_attach: true, qmp: Some(socket), detail, ..found };
                }
                Err(why) => detail = why,
            }
        }
        FoundVm { detail, ..found }
    }
}

fn is_it(qemu: &FoundQemu, domain: &LibvirtDomain) -> bool {
    qemu.uuid.as_deref() == Some(&domain.uuid)
}

fn is_known(slot: &Arc<MachineSlot>) -> String {
    match slot.is_attached() {
        true => format!("It is attached as '{}'.", slot.name()),
        false => format!("It is the machine '{}', which Cairn has started.", slot.name()),
    }
}

/// Whether somebody can be reached there, or else a sentence that says why not.
async fn try_socket(socket: &Path) -> Result<(), String> {
    if socket.is_relative() {
        return Err(format!("Its QMP socket {} lies in a folder that is not known.", socket.display()));
    }
    check_socket("QMP socket", socket).map_err(|error| error.to_string())?;
    let what = format!("reach it at {}", socket.display());
    probe_qmp(socket).await.map_err(|error| vm_error(&what, &error).to_string())
}
