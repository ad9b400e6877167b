//! What works in a machine, and how to get what does not.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use cairn_vm::{AgentPort, GuestAbilities, Machine};

use super::MachineSlot;
use super::record::Attached;
use crate::convert::vm_error;
use crate::doctor::check;
use crate::engine::Engine;
use crate::error::Result;
use crate::model::DoctorCheck;
use crate::shell::{quoted, shell_word};

/// What the machine is asked by.
const QMP: &str = "QMP";
const LIBVIRT: &str = "libvirt";
/// The first Linux whose virtio disks give deleted blocks back.
const LEAST_KERNEL: u32 = 5;

impl Engine {
    /// Looks at everything that Cairn needs of a machine: its slots, whether its QEMU may open the store, its guest's
    /// agent and what that can do. What can be pasted to get something that is missing stands beside it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such machine.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn vm_doctor(&self, vm: &str) -> Result<Vec<DoctorCheck>> {
        let slot = self.machine_slot(vm)?;
        let machine = match slot.running() {
            Ok(machine) => machine,
            Err(error) => {
                let name = if slot.record().attached().is_some_and(Attached::is_domain) { LIBVIRT } else { QMP };
                return Ok(vec![check(name, false, error.to_string())]);
            }
        };
        let mut checks = vec![look_at_qemu(&machine).await, look_at_slots(&slot, &machine).await];
        checks.extend(machine.pid().map(|pid| self.look_at_access(&machine, pid)));
        checks.extend(look_at_guest(&slot, &machine).await);
        Ok(checks)
    }

    /// Whether QEMU's process can open the files of volumes: its user may, and their paths are the same for it.
    fn look_at_access(&self, machine: &Machine, pid: u32) -> DoctorCheck {
        let root = self.inner.store.root();
        if let (Ok(process), Ok(ours)) = (fs::metadata(format!("/proc/{pid}")), fs::metadata(root))
            && process.uid() != ours.uid()
            && process.uid() != 0
        {
            let detail = format!(
                "QEMU runs as user {}, who may not open the files in {}: they belong to user {}. Run it as that user",
                process.uid(),
                root.display(),
                ours.uid()
            );
            if !machine.is_domain() {
                return check("Files", false, format!("{detail}."));
            }
            let label = format!(
                "<seclabel type='static' model='dac' relabel='yes'><label>+{}:+{}</label></seclabel>",
                ours.uid(),
                ours.gid()
            );
            let how = "add this to the domain (virsh edit), then shut it down and start it again:";
            return with_paste(check("Files", false, format!("{detail}: {how}")), label);
        }
        if finds_something_else(pid, root) {
            let detail = format!(
                "QEMU runs in a container: it may find something else at {}, or nothing. Show it that folder under \
                 the same path.",
                root.display()
            );
            return check("Files", false, detail);
        }
        check("Files", true, "QEMU may open the files of volumes.")
    }
}

/// Whether a process may find something else than we do at a path: its tree of files is another one, and has something else
/// there, or it cannot be told. libvirt gives each QEMU a tree of its own that differs in `/dev` alone.
fn finds_something_else(pid: u32, path: &Path) -> bool {
    let tree = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/mnt")).ok();
    let (Some(its), Some(ours)) = (tree(&pid.to_string()), tree("self")) else { return false };
    let there = Path::new(&format!("/proc/{pid}/root")).join(path.strip_prefix("/").unwrap_or(path));
    let what = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino())).ok();
    its != ours && what(&there).is_none_or(|there| Some(there) != what(path))
}

async fn look_at_qemu(machine: &Machine) -> DoctorCheck {
    let (name, whom) = if machine.is_domain() { (LIBVIRT, "libvirt") } else { (QMP, "its QEMU") };
    match machine.about().await {
        Ok(about) => {
            let how = if about.is_kvm { "on the processor itself" } else { "emulated" };
            let who = match machine.is_domain() {
                true => format!("libvirt answers, with QEMU {}", about.qemu),
                false => format!("QEMU {} answers", about.qemu),
            };
            check(name, true, format!("{who}; the machine is a {}, {how}.", about.machine_type))
        }
        Err(error) => check(name, false, vm_error(&format!("ask {whom}"), &error).to_string()),
    }
}

async fn look_at_slots(slot: &MachineSlot, machine: &Machine) -> DoctorCheck {
    let slots = match machine.slots().await {
        Ok(slots) => slots,
        Err(error) => return check("Slots", false, vm_error("ask for its slots", &error).to_string()),
    };
    if slots.free > 0 {
        return check("Slots", true, format!("{} of {} slots for volumes are free.", slots.free, slots.total));
    }
    let reason = format!("No volume can be mounted: {}.", slots.none.reason);
    let Some(attached) = slot.record().attached().cloned() else {
        return check("Slots", false, format!("{reason} Unmount one first."));
    };
    if let Some(add) = attached.virsh("attach-device") {
        let paste = format!("echo {} | {add} /dev/stdin --config", quoted(&slots.none.options));
        let detail = format!("{reason} Give it one more, then shut it down and start it again:");
        return with_paste(check("Slots", false, detail), paste);
    }
    with_paste(check("Slots", false, format!("{reason} Start its QEMU with more:")), slots.none.options)
}

/// The agent's port, whether somebody answers there, and what it can do.
async fn look_at_guest(slot: &MachineSlot, machine: &Machine) -> Vec<DoctorCheck> {
    let port = match machine.agent_port().await {
        Ok(port) => port,
        Err(error) => return vec![check("Agent", false, vm_error("ask for its agent", &error).to_string())],
    };
    let lead_in = "Volumes are plugged in, and mounted by whoever types the command that Cairn shows.";
    match port {
        AgentPort::Missing | AgentPort::NoSocket(_) if slot.is_attached() => {
            let why = match port {
                AgentPort::NoSocket(where_to) => format!("Its channel to a guest's agent leads to {where_to}."),
                _ => "It has no channel to a guest's agent.".to_owned(),
            };
            let (how, paste) = agent_channel(slot);
            let detail = format!("{why} {lead_in} {how}, and install qemu-guest-agent in the guest:");
            vec![with_paste(check("Agent", false, detail), paste)]
        }
        AgentPort::Closed | AgentPort::Missing | AgentPort::NoSocket(_) => {
            let detail = format!("Nobody in the guest serves its agent's channel. {lead_in} Type in a Debian guest:");
            let command = "apt install qemu-guest-agent && systemctl start qemu-guest-agent";
            vec![with_paste(check("Agent", false, detail), command)]
        }
        AgentPort::Open => match machine.guest_abilities().await {
            Ok(abilities) => judge_guest(&abilities),
            Err(error) => {
                let detail = format!("{} Type in the guest:", vm_error("ask its agent", &error));
                vec![with_paste(check("Agent", false, detail), "systemctl restart qemu-guest-agent")]
            }
        },
    }
}

fn judge_guest(guest: &GuestAbilities) -> Vec<DoctorCheck> {
    let allow = |commands: &str| {
        format!("Take {commands} out of block-rpcs in /etc/qemu/qemu-ga.conf of the guest, then type there:")
    };
    let restart = "systemctl restart qemu-guest-agent";
    let exec = match guest.exec {
        true => check("Programs", true, "Its agent runs programs, so volumes are mounted and unmounted by it."),
        false => {
            let why = "Its agent runs no programs, so it cannot mount or unmount.";
            with_paste(
                check("Programs", false, format!("{why} {}", allow("guest-exec and guest-exec-status"))),
                restart,
            )
        }
    };
    let freeze = match guest.freeze {
        true => check("Freeze", true, "Its filesystems are frozen for checkpoints."),
        false => {
            let why = "Its filesystems cannot be frozen; checkpoints are like after a power cut.";
            with_paste(check("Freeze", false, format!("{why} {}", allow("guest-fsfreeze-*"))), restart)
        }
    };
    let agent = check("Agent", true, format!("qemu-guest-agent {} answers.", guest.agent));
    vec![agent, exec, freeze, judge_kernel(guest.kernel.as_deref())]
}

fn judge_kernel(kernel: Option<&str>) -> DoctorCheck {
    let major = kernel.and_then(|kernel| kernel.split('.').next()?.parse::<u32>().ok());
    match (kernel, major) {
        (Some(kernel), Some(major)) if major < LEAST_KERNEL => check(
            "Discard",
            false,
            format!(
                "The room of what is deleted in a volume does not come back: that takes Linux {LEAST_KERNEL}.0, and \
                 the guest has {kernel}. Update it."
            ),
        ),
        (Some(kernel), Some(_)) => {
            check("Discard", true, format!("The room of what is deleted in a volume comes back (Linux {kernel})."))
        }
        _ => check("Discard", true, "The guest does not say which kernel it has; Linux 5.0 gives deleted room back."),
    }
}

/// How a machine gets a channel to its guest's agent, and what is to be pasted for it.
fn agent_channel(slot: &MachineSlot) -> (&'static str, String) {
    let attached = slot.record().attached().cloned();
    if let Some(add) = attached.as_ref().and_then(|attached| attached.virsh("attach-device")) {
        let channel = "<channel type=\"unix\"><target type=\"virtio\" name=\"org.qemu.guest_agent.0\"/></channel>";
        return ("Give it one", format!("echo {} | {add} /dev/stdin --live --config", quoted(channel)));
    }
    // A socket beside that for QMP.
    let socket = attached.and_then(|attached| Some(attached.qmp()?.with_extension("agent"))).unwrap_or_default();
    let socket = socket.display().to_string().replace(',', ",,");
    let chardev = format!("socket,id=cairn-agent,path={socket},server=on,wait=off");
    let options = format!(
        "-device virtio-serial -chardev {} -device virtserialport,chardev=cairn-agent,name=org.qemu.guest_agent.0",
        shell_word(&chardev)
    );
    ("Start its QEMU with one", options)
}

fn with_paste(check: DoctorCheck, paste: impl Into<String>) -> DoctorCheck {
    DoctorCheck { paste: Some(paste.into()), ..check }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_agent_may_not_do_is_named() {
        let guest =
            GuestAbilities { agent: "7.2".into(), freeze: false, exec: true, kernel: Some("4.19.0-27-amd64".into()) };
        let checks = judge_guest(&guest);
        let not_ok: Vec<&str> = checks.iter().filter(|check| !check.ok).map(|check| check.name.as_str()).collect();
        assert_eq!(not_ok, ["Freeze", "Discard"]);
        assert!(checks[2].detail.contains("guest-fsfreeze-*") && checks[2].paste.is_some());
        assert!(checks[3].detail.contains("4.19.0-27-amd64"));
        assert!(judge_kernel(Some("nonsense")).ok && judge_kernel(Some("6.1.0")).ok && judge_kernel(None).ok);
    }
}
