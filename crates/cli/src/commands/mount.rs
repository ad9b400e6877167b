//! `cairn mount`, `unmount`, `mounts`: volumes at paths in machines.

use cairn_api::{ErrorCode, Mount as Mounted, MountLimits, MountMode, MountRequest, MountState};
use clap::{Args, ValueEnum};
use serde_json::Value;

use super::rates;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::table::{Column, Table};
use crate::watch::with_spinner;

/// Whether the guest may write.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    /// Read and write
    Rw,
    /// Read only
    Ro,
}

/// What to mount where.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cairn mount data demo /data\n  cairn mount data demo /old --at before-import\n  cairn mount data demo /try --at latest --mode rw"
)]
pub(crate) struct Mount {
    /// The volume's name or id
    volume: String,
    /// The machine's name or id
    vm: String,
    /// The absolute path in the guest; made when it is not there
    path: String,
    /// Read and write, or read only [default: rw; ro with --at]
    #[arg(long)]
    mode: Option<Mode>,
    /// As it was at this checkpoint; with '--mode rw' as a branch, a new volume
    #[arg(long, value_name = "CHECKPOINT")]
    at: Option<String>,
    /// Mount options beside the usual ones (discard,nosuid,nodev), such as noatime,noexec
    #[arg(long, value_name = "OPTIONS")]
    options: Option<String>,
    #[command(flatten)]
    limits: Limits,
}

/// What may go through a mount.
#[derive(Args)]
pub(crate) struct Limits {
    /// At most so many operations a second
    #[arg(long, value_name = "N")]
    iops: Option<u64>,
    /// At most so many bytes a second, such as 20M
    #[arg(long, value_name = "SIZE", value_parser = crate::size::parse)]
    bps: Option<u64>,
}

/// How mounts are listed.
#[derive(Args)]
pub(crate) struct Mounts {
    /// Tell every second what goes through them, until Ctrl-C
    #[arg(long)]
    rates: bool,
}

/// What is to be limited.
#[derive(Args)]
pub(crate) struct Limit {
    /// The machine's name or id
    vm: String,
    /// The path in the guest
    path: String,
    #[command(flatten)]
    limits: Limits,
}

/// What to unmount.
#[derive(Args)]
pub(crate) struct Unmount {
    /// The machine's name or id
    vm: String,
    /// The path in the guest
    path: String,
    /// Take it away even if something in the guest uses it; what that has not written is lost
    #[arg(long)]
    force: bool,
}

/// Mounts a volume and waits until the guest has it.
pub(crate) async fn mount(command: Mount, context: &Context) -> Result<(), Failure> {
    let mode = match (command.mode, &command.at) {
        (Some(Mode::Rw), _) | (None, None) => MountMode::Rw,
        (Some(Mode::Ro), _) | (None, Some(_)) => MountMode::Ro,
    };
    let as_branch = matches!((mode, &command.at), (MountMode::Rw, Some(_)));
    let request = MountRequest {
        volume_id: command.volume,
        mount_path: command.path,
        mode,
        checkpoint_id: command.at,
        options: command.options,
        iops: command.limits.iops,
        bytes_per_second: command.limits.bps,
    };
    let path = ["vms", &command.vm, "volumes"];
    let mount: Mounted = with_spinner(context, "Mounting …", context.api.post(&path, &request)).await?;
    context.out.did(&mount, |mount| {
        let (volume, path, vm) = (&mount.volume_name, &mount.mount_path, &mount.vm_name);
        let what = if as_branch { "the new volume " } else { "" };
        printable(&match &mount.error {
            // Nobody in the guest could be asked.
            Some(error) => format!("Plugged {what}{volume} into {vm} ({}). {error}", mode_word(mount.mode)),
            None => format!("Mounted {what}{volume} at {path} in {vm} ({}).", mode_word(mount.mode)),
        })
    })
}

/// Unmounts what is at a path.
pub(crate) async fn unmount(command: Unmount, context: &Context) -> Result<(), Failure> {
    let mount = find(&command.vm, &command.path, context).await?;
    let force = if command.force { "true" } else { "false" };
    let query = [("mount_path", mount.mount_path.as_str()), ("force", force)];
    let path = ["vms", &mount.vm_id, "volumes", &mount.volume_id];
    let answer: Value = with_spinner(context, "Unmounting …", context.api.delete(&path, &query)).await?;
    context.out.did(&answer, |answer| {
        let done = format!("Unmounted {} from {} in {}.", mount.volume_name, mount.mount_path, mount.vm_name);
        let warning = answer["warning"].as_str().map_or_else(String::new, |warning| format!(" {warning}"));
        printable(&format!("{done}{warning}"))
    })
}

/// Limits what may go through a mount from now on.
pub(crate) async fn limit(command: Limit, context: &Context) -> Result<(), Failure> {
    let mount = find(&command.vm, &command.path, context).await?;
    let path = ["vms", &mount.vm_id, "volumes", &mount.volume_id];
    let limits = MountLimits { iops: command.limits.iops, bytes_per_second: command.limits.bps };
    let query = [("mount_path", mount.mount_path.as_str())];
    let limited: Mounted = context.api.patch_with(&path, &query, &limits).await?;
    context.out.did(&limited, |mount| {
        let operations = mount.iops.map_or_else(|| "any number of operations".into(), |n| format!("{n} operations"));
        let bytes = mount.bytes_per_second.map_or_else(|| "any number of bytes".into(), |n| format!("{n} bytes"));
        let (volume, path, vm) = (&mount.volume_name, &mount.mount_path, &mount.vm_name);
        printable(&format!("{volume} at {path} in {vm} may have {operations} and {bytes} a second."))
    })
}

/// What is mounted at a path.
async fn find(vm: &str, path: &str, context: &Context) -> Result<Mounted, Failure> {
    let there: Vec<Mounted> = context.api.get(&["vms", vm, "volumes"], &[]).await?;
    let wanted = path.trim_end_matches('/');
    there.into_iter().find(|mount| mount.mount_path.trim_end_matches('/') == wanted).ok_or_else(|| {
        let message = format!("Nothing is mounted at '{path}' in machine {vm}.");
        Failure::new(ErrorCode::NotFound, message).hint("'cairn mounts' says what is mounted where.")
    })
}

/// Lists all mounts.
pub(crate) async fn list(command: Mounts, context: &Context) -> Result<(), Failure> {
    if command.rates {
        return rates::follow(context).await;
    }
    let mounts: Vec<Mounted> = context.api.get(&["mounts"], &[]).await?;
    context.out.show(&mounts, |out, mounts| table(out, mounts))
}

fn table(out: &Output, mounts: &[Mounted]) -> Result<(), Failure> {
    let mut table = Table::new(&[
        ("VOLUME", Column::Name),
        ("MACHINE", Column::Name),
        ("PATH", Column::Name),
        ("MODE", Column::Word),
        ("STATUS", Column::Word),
        ("OPTIONS", Column::Name),
        ("CHECKPOINT", Column::Id),
    ]);
    for mount in mounts {
        table.row([
            &mount.volume_name,
            &mount.vm_name,
            &mount.mount_path,
            mode_word(mount.mode),
            state(mount.status),
            &mount.options,
            mount.checkpoint_id.as_deref().unwrap_or("-"),
        ]);
    }
    out.table(&table, "Nothing is mounted.")?;
    for (mount, error) in mounts.iter().filter_map(|mount| Some((mount, mount.error.as_ref()?))) {
        out.line(&printable(&format!("{} in {}: {error}", mount.mount_path, mount.vm_name)))?;
    }
    Ok(())
}

fn mode_word(mode: MountMode) -> &'static str {
    match mode {
        MountMode::Rw => "rw",
        MountMode::Ro => "ro",
    }
}

fn state(state: MountState) -> &'static str {
    match state {
        MountState::Attaching => "attaching",
        MountState::Attached => "attached",
        MountState::Detaching => "detaching",
        MountState::Error => "error",
    }
}
