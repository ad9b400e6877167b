//! Which QEMUs run on this computer, and which of them can be attached.

use std::path::Path;

use cairn_vm::{FoundQemu, probe_qmp, running_qemus};
use futures::future::join_all;

use super::attached::check_socket;
use super::model::FoundVm;
use crate::convert::vm_error;
use crate::engine::{Engine, blocking};
use crate::error::Result;

impl Engine {
    /// Looks through the QEMUs that run on this computer. A socket that looks right is tried: whether somebody speaks
    /// QMP there, and to us.
    ///
    /// # Errors
    /// When the engine is closed.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn vm_discover(&self) -> Result<Vec<FoundVm>> {
        self.refuse_when_closed()?;
        let found = blocking(|| Ok(running_qemus())).await?;
        Ok(join_all(found.into_iter().map(|qemu| self.judge(qemu))).await)
    }

    async fn judge(&self, qemu: FoundQemu) -> FoundVm {
        let by_socket = || qemu.qmp.iter().find_map(|socket| self.machine_at(socket));
        let known = self.machine_of(qemu.pid).or_else(by_socket);
        let found = FoundVm {
            pid: qemu.pid,
            name: qemu.name,
            machine_type: qemu.machine_type,
            qmp: qemu.qmp.first().cloned(),
            agent: qemu.agent,
            vm_id: known.as_ref().map(|slot| slot.id.clone()),
            vm_name: known.as_ref().map(|slot| slot.name()),
            can_attach: false,
            detail: String::new(),
        };
        if let Some(slot) = known {
            let detail = if slot.is_attached() {
                format!("It is attached as '{}'.", slot.name())
            } else {
                format!("It is the machine '{}', which Cairn has started.", slot.name())
            };
            return FoundVm { detail, ..found };
        }
        let mut detail =
            "It has no QMP socket. Start it with -qmp unix:PATH,server=on,wait=off, PATH being absolute.".to_owned();
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

/// Whether somebody can be reached there, or else a sentence that says why not.
async fn try_socket(socket: &Path) -> Result<(), String> {
    if socket.is_relative() {
        return Err(format!("Its QMP socket {} lies in a folder that is not known.", socket.display()));
    }
    check_socket("QMP socket", socket).map_err(|error| error.to_string())?;
    let what = format!("reach it at {}", socket.display());
    probe_qmp(socket).await.map_err(|error| vm_error(&what, &error).to_string())
}
