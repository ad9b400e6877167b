//! `cairn vm attach`, `detach` and `discover`: machines that somebody else starts.

use std::path::PathBuf;

use cairn_api::{AttachVm, FoundVm, Vm, VmDomain, VmReach};
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

QEMU serves one client at a socket, so give Cairn one of its own. A machine that libvirt runs is reached through \
libvirt:
  cairn vm attach web --domain web

'cairn vm discover' lists the QEMUs that run, 'cairn vm doctor web' says what works in this one and how to get the rest.";

/// Which machine, and how it is reached.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("by").required(true).args(["qmp", "domain"]))]
pub(crate) struct Attach {
    /// A name that no other machine has
    name: String,
    /// Where its QEMU listens for QMP
    #[arg(long, value_name = "SOCKET")]
    qmp: Option<PathBuf>,
    /// Where its guest's agent is reached [default: as its QEMU says]
    #[arg(long, value_name = "SOCKET", requires = "qmp")]
    agent: Option<PathBuf>,
    /// The domain of libvirt's that it is: its name or UUID
    #[arg(long)]
    domain: Option<String>,
    /// The libvirt daemon that has it, as virsh knows it [default: whichever of qemu:///session and qemu:///system has it]
    #[arg(long, value_name = "URI", requires = "domain")]
    connect: Option<String>,
}

/// Makes a machine known.
pub(super) async fn attach(command: Attach, context: &Context) -> Result<(), Failure> {
    let agent = command.agent.as_deref().map(absolute).transpose()?;
    let qmp = command.qmp.as_deref().map(absolute).transpose()?;
    let libvirt = command.domain.map(|domain| VmDomain { domain, uri: command.connect });
    let new = AttachVm { name: command.name, qmp, agent, libvirt };
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
pub(super) fn describe(reach: &VmReach) -> Vec<(&'static str, String)> {
    let mut lines: Vec<(&str, String)> = reach.qmp.iter().map(|qmp| ("QMP socket", qmp.clone())).collect();
    lines.extend(reach.agent.iter().map(|agent| ("Agent", agent.clone())));
    lines.extend(reach.libvirt.iter().map(|libvirt| ("Domain", of_daemon(libvirt))));
    lines
}

fn of_daemon(libvirt: &VmDomain) -> String {
    let uri = libvirt.uri.as_deref().unwrap_or("libvirt");
    format!("{} in {uri}", libvirt.domain)
}

fn list(out: &Output, found: &[FoundVm]) -> Result<(), Failure> {
    if found.is_empty() {
        out.note("No QEMU runs on this computer.");
        return Ok(());
    }
    for qemu in found {
        let name = qemu.name.as_deref().unwrap_or("without a name");
        let facts = [
            qemu.pid.map(|pid| format!("process {pid}")),
            qemu.machine_type.clone(),
            qemu.libvirt.as_ref().and_then(|libvirt| libvirt.uri.clone()),
        ];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        out.line(&printable(&format!("{name} ({}): {}", facts.join(", "), qemu.detail)))?;
        if let Some(line) = how_to_attach(qemu) {
            out.line(&printable(&line))?;
        }
    }
    Ok(())
}

fn how_to_attach(qemu: &FoundVm) -> Option<String> {
    let name = shell_word(qemu.name.as_deref().unwrap_or("NAME"));
    let by = match (&qemu.libvirt, &qemu.qmp) {
        (Some(VmDomain { domain, uri }), _) => {
            let uri = uri.as_deref().map(|uri| format!(" --connect {}", shell_word(uri))).unwrap_or_default();
            format!("--domain {}{uri}", shell_word(domain))
        }
        (None, Some(qmp)) => format!("--qmp {}", shell_word(qmp)),
        (None, None) => return None,
    };
    qemu.can_attach.then(|| format!("  cairn vm attach {name} {by}"))
}
