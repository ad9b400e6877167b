//! `cairn mount`, `unmount`, `mounts`: volumes at paths in machines.

use cairn_api::{ErrorCode, Mount as Mounted, MountMode, MountRequest, MountState};
use clap::{Args, ValueEnum};
use serde_json::Value;

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
}

/// What to unmount.
#[derive(Args)]
pub(crate) struct Unmount {
    /// The machine's name or id
    vm: String,
    /// The path in the guest
    path: String,
}

/// Mounts a volume and waits until the guest has it.
pub(crate) async fn mount(command: Mount, context: &Context) -> Result<(), Failure> {
    let mode = match (command.mode, &command.at) {
        (Some(Mode::Rw), _) | (None, None) => MountMode::Rw,
        (Some(Mode::Ro), _) | (None, Some(_)) => MountMode::Ro,
    };
    let as_branch = matches!((mode, &command.at), (MountMode::Rw, Some(_)));
    let request = MountRequest { volume_id: command.volume, mount_path: command.path, mode, checkpoint_id: command.at };
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
    let there: Vec<Mounted> = context.api.get(&["vms", &command.vm, "volumes"], &[]).await?;
    let wanted = command.path.trim_end_matches('/');
    let Some(mount) = there.into_iter().find(|mount| mount.mount_path.trim_end_matches('/') == wanted) else {
        let message = format!("Nothing is mounted at '{}' in machine {}.", command.path, command.vm);
        return Err(Failure::new(ErrorCode::NotFound, message).hint("'cairn mounts' says what is mounted where."));
    };
    let query = [("mount_path", mount.mount_path.as_str())];
    let path = ["vms", &mount.vm_id, "volumes", &mount.volume_id];
    let answer: Value = with_spinner(context, "Unmounting …", context.api.delete(&path, &query)).await?;
    context.out.did(&answer, |_| {
        printable(&format!("Unmounted {} from {} in {}.", mount.volume_name, mount.mount_path, mount.vm_name))
    })
}

/// Lists all mounts.
pub(crate) async fn list(context: &Context) -> Result<(), Failure> {
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
        ("CHECKPOINT", Column::Id),
    ]);
    for mount in mounts {
        table.row([
            &mount.volume_name,
            &mount.vm_name,
            &mount.mount_path,
            mode_word(mount.mode),
            state(mount.status),
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
