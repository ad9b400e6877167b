//! `cairn vm attach`, `detach` and `discover`: machines that somebody else starts.

use std::path::PathBuf;

use cairn_api::{AttachVm, FoundVm, Vm, VmSockets};
use cairn_engine::shell_word;
use clap::Args;
use serde_json::{Value, json};

use super::vm::up;
use super::vm_create::absolute;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::watch::with_spinner;

pub(super) const EXAMPLES: &str = "\
Example:
  qemu-system-x86_64 … -qmp unix:/run/user/1000/web.qmp,server=on,wait=off
  cairn vm attach web --qmp /run/user/1000/web.qmp
  cairn mount data web /data

QEMU serves one client at a socket, so give Cairn one of its own. 'cairn vm discover' lists the QEMUs that run, \
'cairn vm doctor web' says what works in this one and how to get the rest.";

/// Which machine, and how it is reached.
#[derive(Args)]
pub(crate) struct Attach {
    /// A name that no other machine has
    name: String,
    /// Where its QEMU listens for QMP
    #[arg(long, value_name = "SOCKET")]
    qmp: PathBuf,
    /// Where its guest's agent is reached [default: as its QEMU says]
    #[arg(long, value_name = "SOCKET")]
    agent: Option<PathBuf>,
}

/// Makes a machine known.
pub(super) async fn attach(command: Attach, context: &Context) -> Result<(), Failure> {
    let agent = command.agent.as_deref().map(absolute).transpose()?;
    let new = AttachVm { name: command.name, qmp: absolute(&command.qmp)?, agent };
    let attached = context.api.post(&["vms", "attach"], &new);
    let vm: Vm = with_spinner(context, &format!("Attaching {} …", new.name), attached).await?;
    context.out.did(&vm, |vm| format!("Attached. {}", up(vm)))
}

/// Forgets one.
pub(super) async fn detach(vm: &str, context: &Context) -> Result<(), Failure> {
    let answer: Value = context.api.post(&["vms", vm, "detach"], &json!({})).await?;
    context.out.did(&answer, |_| format!("Detached machine {}; it goes on running.", printable(vm)))
}

/// Lists what runs on this computer.
pub(super) async fn discover(context: &Context) -> Result<(), Failure> {
    let looked = context.api.get(&["discover"], &[]);
    let found: Vec<FoundVm> = with_spinner(context, "Looking …", looked).await?;
    context.out.show(&found, |out, found| list(out, found))
}

/// What there is to say of one that is known.
pub(super) fn describe(sockets: &VmSockets) -> Vec<(&'static str, String)> {
    let mut lines = vec![("QMP socket", sockets.qmp.clone())];
    lines.extend(sockets.agent.clone().map(|agent| ("Agent", agent)));
    lines
}

fn list(out: &Output, found: &[FoundVm]) -> Result<(), Failure> {
    if found.is_empty() {
        out.note("No QEMU runs on this computer.");
        return Ok(());
    }
    for qemu in found {
        let name = qemu.name.as_deref().unwrap_or("without a name");
        let kind = qemu.machine_type.as_deref().map(|kind| format!(", {kind}")).unwrap_or_default();
        out.line(&format!(
            "{} (process {}{}): {}",
            printable(name),
            qemu.pid,
            printable(&kind),
            printable(&qemu.detail)
        ))?;
        if let Some(qmp) = qemu.qmp.as_deref().filter(|_| qemu.can_attach) {
            let name = qemu.name.as_deref().unwrap_or("NAME");
            out.line(&printable(&format!("  cairn vm attach {} --qmp {}", shell_word(name), shell_word(qmp))))?;
        }
    }
    Ok(())
}
