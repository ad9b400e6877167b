//! `cairn snapshot`: machines' disks as boot images.

use cairn_api::{NewSnapshot, Snapshot};
use clap::Subcommand;
use serde_json::Value;

use super::ago;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::size::human;
use crate::table::{Column, Table};
use crate::watch::with_spinner;

/// What to do with snapshots.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Freeze a machine's own disk as it is now; the machine goes on
    #[command(
        after_help = "Example:\n  cairn snapshot create setup --name golden\n  cairn vm create worker --snapshot golden"
    )]
    Create {
        /// The machine's name or id
        vm: String,
        /// A name that no other snapshot has [default: made from the machine's and the time]
        #[arg(long)]
        name: Option<String>,
    },
    /// List the snapshots, oldest first
    #[command(visible_alias = "list")]
    Ls,
    /// Delete a snapshot that no machine and no other snapshot stands on
    #[command(visible_alias = "delete")]
    Rm {
        /// Its name or id
        snapshot: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

/// Carries the command out.
pub(crate) async fn run(command: Command, context: &Context) -> Result<(), Failure> {
    let Context { api, out, .. } = context;
    match command {
        Command::Create { vm, name } => {
            let path = ["vms", &vm, "snapshot"];
            let new = NewSnapshot { name };
            let taken = api.post(&path, &new);
            let taken: Snapshot = with_spinner(context, "Taking a snapshot …", taken).await?;
            out.did(&taken, |taken| {
                let how =
                    if taken.crash_consistent { ", like after a power cut: its guest was not paused" } else { "" };
                format!("Took snapshot {} ({}){how}.", printable(&taken.name), taken.id)
            })
        }
        Command::Ls => {
            let snapshots: Vec<Snapshot> = api.get(&["snapshots"], &[]).await?;
            out.show(&snapshots, |out, snapshots| list(out, snapshots))
        }
        Command::Rm { snapshot, yes } => {
            let found: Snapshot = api.get(&["snapshots", &snapshot], &[]).await?;
            context.confirm(&format!("Delete snapshot {}?", found.name), yes)?;
            let answer: Value = api.delete(&["snapshots", &found.id], &[]).await?;
            out.did(&answer, |_| format!("Deleted snapshot {}.", printable(&found.name)))
        }
    }
}

fn list(out: &Output, snapshots: &[Snapshot]) -> Result<(), Failure> {
    let mut table = Table::new(&[
        ("NAME", Column::Name),
        ("MACHINE", Column::Name),
        ("TAKEN", Column::Word),
        ("SIZE", Column::Number),
        ("ON DISK", Column::Number),
        ("USED BY", Column::Name),
        ("ID", Column::Id),
    ]);
    for snapshot in snapshots {
        table.row([
            &snapshot.name,
            &snapshot.vm_name,
            &ago(&snapshot.created_at),
            &human(snapshot.size_bytes),
            &human(snapshot.disk_bytes),
            &snapshot.used_by.join(", "),
            &snapshot.id,
        ]);
    }
    out.table(&table, "There are no snapshots. Take one of a running machine with 'cairn snapshot create'.")
}
