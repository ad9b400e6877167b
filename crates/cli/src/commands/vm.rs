//! `cairn vm`: machines.

use std::io::{self, Read, Write};

use cairn_api::{ExecOutput, ExecRequest, Vm, VmChange, VmStatus, VmTerminated};
use clap::Subcommand;
use serde_json::json;

use super::{console, doctor, mount, vm_attach, vm_create};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable, write};
use crate::size;
use crate::table::{Column, Table};
use crate::watch::with_spinner;

/// What to do with machines.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Start the demo machine; it is created the first time
    Demo {
        /// Its name
        #[arg(long)]
        name: Option<String>,
    },
    /// Create a machine from an image, an ISO image or a snapshot
    #[command(after_help = vm_create::EXAMPLES)]
    Create(Box<vm_create::Create>),
    /// Use a machine that somebody else has started
    #[command(after_help = vm_attach::EXAMPLES)]
    Attach(vm_attach::Attach),
    /// Forget a machine that somebody else has started; it goes on running
    Detach {
        /// Its name or id
        vm: String,
    },
    /// List the QEMUs that run on this computer, and whether they can be attached
    Discover,
    /// Look what works in a machine, and how to get what does not
    Doctor {
        /// Its name or id
        vm: String,
    },
    /// List the machines
    #[command(visible_alias = "list")]
    Ls,
    /// Show one machine
    #[command(visible_alias = "show")]
    Get {
        /// Its name or id
        vm: String,
    },
    /// Start a machine, wait until its guest answers, and mount its volumes
    Start {
        /// Its name or id
        vm: String,
    },
    /// Unmount a machine's volumes and stop it
    Stop {
        /// Its name or id
        vm: String,
        /// Switch it off, whatever it is doing
        #[arg(long)]
        force: bool,
    },
    /// Stop a machine and start it again
    Restart {
        /// Its name or id
        vm: String,
        /// Switch it off, whatever it is doing
        #[arg(long)]
        force: bool,
    },
    /// Limit what may go through a mount from now on; without limits, nothing is limited any more
    Limit(mount::Limit),
    /// Delete a machine that is stopped
    #[command(visible_alias = "delete")]
    Rm {
        /// Its name or id
        vm: String,
        /// Stop it first; its own disk becomes a snapshot if it was created with '--snapshot-on-terminate'
        #[arg(long)]
        stop: bool,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Change a machine; memory and processors hold from its next start on
    Update {
        /// Its name or id
        vm: String,
        /// Memory
        #[arg(long, value_name = "SIZE", value_parser = size::parse)]
        memory: Option<u64>,
        /// Processors
        #[arg(long, value_name = "N")]
        cpus: Option<u32>,
        /// Whether its own disk becomes a snapshot when it is deleted with '--stop' or by the seed's client
        #[arg(long, value_name = "BOOL")]
        snapshot_on_terminate: Option<bool>,
        /// The name of that snapshot
        #[arg(long, value_name = "NAME")]
        snapshot_name: Option<String>,
    },
    /// See and type on a machine's serial console
    #[command(after_help = console::EXAMPLES)]
    Console(console::Console),
    /// Run a command in a machine, and end with its exit code
    #[command(after_help = "Example:\n  cairn vm exec demo -- ls -l /data")]
    Exec {
        /// The machine's name or id
        vm: String,
        /// Pass our standard input on
        #[arg(long, short)]
        interactive: bool,
        /// The command and its arguments
        #[arg(last = true, required = true, value_name = "CMD")]
        command: Vec<String>,
    },
}

/// Carries the command out.
pub(crate) async fn run(command: Command, context: &Context) -> Result<(), Failure> {
    let Context { api, out, .. } = context;
    match command {
        Command::Demo { name } => {
            let body = json!({ "name": name });
            let vm: Vm =
                with_spinner(context, "Starting the demo machine …", api.post(&["vms", "demo"], &body)).await?;
            out.did(&vm, up)
        }
        Command::Create(create) => vm_create::run(*create, context).await,
        Command::Attach(attach) => vm_attach::attach(attach, context).await,
        Command::Detach { vm } => vm_attach::detach(&vm, context).await,
        Command::Discover => vm_attach::discover(context).await,
        Command::Doctor { vm } => doctor::show(context, &["vms", &vm, "doctor"]).await,
        Command::Console(command) => console::run(command, context).await,
        Command::Ls => {
            let vms = api.all_machines().await?;
            out.show(&vms, |out, vms| list(out, vms))
        }
        Command::Get { vm } => {
            let vm: Vm = api.get(&["vms", &vm], &[]).await?;
            out.show(&vm, one)
        }
        Command::Start { vm } => {
            let (path, body) = (["vms", &vm, "start"], json!({}));
            let vm: Vm = with_spinner(context, &format!("Starting {vm} …"), api.post(&path, &body)).await?;
            out.did(&vm, up)
        }
        Command::Stop { vm, force } => {
            let (path, body) = (["vms", &vm, "stop"], json!({ "force": force }));
            let vm: Vm = with_spinner(context, &format!("Stopping {vm} …"), api.post(&path, &body)).await?;
            out.did(&vm, |vm| format!("Machine {} is stopped.", printable(&vm.name)))
        }
        Command::Restart { vm, force } => {
            let (path, body) = (["vms", &vm, "restart"], json!({ "force": force }));
            let vm: Vm = with_spinner(context, &format!("Restarting {vm} …"), api.post(&path, &body)).await?;
            out.did(&vm, up)
        }
        Command::Limit(command) => mount::limit(command, context).await,
        Command::Rm { vm, stop, yes } => {
            let found: Vm = api.get(&["vms", &vm], &[]).await?;
            context.confirm(&format!("Delete machine {}?", found.name), yes)?;
            let stop = if stop { "true" } else { "false" };
            let answer: VmTerminated = api.delete(&["vms", &found.id], &[("stop", stop)]).await?;
            out.did(&answer, |answer| {
                let snapshot = answer.snapshot_id.as_ref();
                let kept = snapshot.map(|id| format!(" Its disk is the snapshot {id} now.")).unwrap_or_default();
                format!("Deleted machine {}.{kept}", printable(&found.name))
            })
        }
        Command::Update { vm, memory, cpus, snapshot_on_terminate, snapshot_name } => {
            let memory_mb = memory.map(size::mib);
            let change = VmChange { memory_mb, vcpu_count: cpus, snapshot_on_terminate, snapshot_name };
            let vm: Vm = api.patch(&["vms", &vm], &change).await?;
            out.did(&vm, |vm| format!("Changed machine {}.", printable(&vm.name)))
        }
        Command::Exec { vm, interactive, command } => exec(context, &vm, interactive, command).await,
    }
}

async fn exec(context: &Context, vm: &str, interactive: bool, argv: Vec<String>) -> Result<(), Failure> {
    let stdin = if interactive { Some(read_stdin().await?) } else { None };
    let output: ExecOutput = context.api.post(&["vms", vm, "exec"], &ExecRequest { argv, stdin }).await?;
    context.out.show(&output, |_, output| {
        write(output.stdout.as_bytes())?;
        // Nobody is left to tell when standard error is closed.
        let _ = io::stderr().write_all(output.stderr.as_bytes());
        Ok(())
    })?;
    match output.exit_code {
        0 => Ok(()),
        // As a shell has it: a code that does not fit is a failure all the same.
        code => Err(Failure::Exit(u8::try_from(code).unwrap_or(u8::MAX))),
    }
}

async fn read_stdin() -> Result<String, Failure> {
    let read = tokio::task::spawn_blocking(|| {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    });
    read.await
        .map_err(io::Error::other)
        .flatten()
        .map_err(|error| Failure::io("The standard input cannot be read", &error))
}

pub(super) fn up(vm: &Vm) -> String {
    format!("Machine {} is up{}.", printable(&vm.name), how(vm))
}

fn how(vm: &Vm) -> String {
    let accelerator = vm.accelerator.as_deref().map(|accelerator| format!(" ({accelerator})")).unwrap_or_default();
    // What it waits for, 'vm get' says.
    let waits = if vm.status == VmStatus::Active && vm.error.is_some() { ", waits" } else { "" };
    format!("{accelerator}{waits}")
}

fn list(out: &Output, vms: &[Vm]) -> Result<(), Failure> {
    let mut table = Table::new(&[
        ("NAME", Column::Name),
        ("STATUS", Column::Word),
        ("CPUS", Column::Number),
        ("MEMORY", Column::Number),
        ("VOLUMES", Column::Name),
        ("ID", Column::Id),
    ]);
    for vm in vms {
        table.row([
            &vm.name,
            &format!("{}{}", status(vm.status), how(vm)),
            &vm.vcpu_count.to_string(),
            &format!("{} MiB", vm.memory_mb),
            &mounted(vm).join(", "),
            &vm.id,
        ]);
    }
    out.table(
        &table,
        "There are no machines. Start the demo machine with 'cairn vm demo', or see 'cairn vm create --help'.",
    )
}

fn one(out: &Output, vm: &Vm) -> Result<(), Failure> {
    let mut lines = vec![
        ("Name", vm.name.clone()),
        ("Id", vm.id.clone()),
        ("Status", format!("{}{}", status(vm.status), how(vm))),
        ("CPUs", vm.vcpu_count.to_string()),
        ("Memory", format!("{} MiB", vm.memory_mb)),
        ("Created", vm.created_at.clone()),
    ];
    lines.extend(vm.pid.map(|pid| ("Process", pid.to_string())));
    lines.extend(vm.setup.iter().flat_map(vm_create::describe));
    lines.extend(vm.attached.iter().flat_map(vm_attach::describe));
    lines.extend(mounted(vm).into_iter().map(|mount| ("Volume", mount)));
    lines.extend(vm.error.clone().map(|error| ("Error", error)));
    for (what, value) in lines {
        out.line(&format!("{what:<12} {}", printable(&value)))?;
    }
    Ok(())
}

fn mounted(vm: &Vm) -> Vec<String> {
    vm.mounts.iter().map(|mount| format!("{}:{}", mount.volume_name, mount.mount_path)).collect()
}

fn status(status: VmStatus) -> &'static str {
    match status {
        VmStatus::Stopped => "stopped",
        VmStatus::Creating => "creating",
        VmStatus::Active => "active",
        VmStatus::Stopping => "stopping",
        VmStatus::Error => "error",
    }
}
