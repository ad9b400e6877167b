//! `cairn checkpoint`: take, list, go back, branch, delete.

use cairn_api::{Checkpoint, Deletion, NewBranch, NewCheckpoint, NewCheckpointGroup, RestoreFilesRequest, Volume};
use clap::Subcommand;
use serde_json::{Value, json};

use super::{ago, count, deletion, diff, policy};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::size::human;
use crate::table::{Column, Table};
use crate::watch;

/// What to do with checkpoints.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Take a checkpoint of a volume as it is now, or of several at one moment
    #[command(after_help = CREATE_EXAMPLES)]
    Create {
        /// Names or ids of volumes; of several, all get the checkpoint or none
        #[arg(required_unless_present = "vm", value_name = "VOLUME")]
        volumes: Vec<String>,
        /// All volumes that this machine has mounted to write
        #[arg(long, value_name = "VM")]
        vm: Option<String>,
        /// A name that no other checkpoint of the volume has [default: made from the time]
        #[arg(long)]
        name: Option<String>,
    },
    /// List a volume's checkpoints, oldest first
    #[command(visible_alias = "list")]
    Ls {
        /// The volume's name or id
        volume: String,
    },
    /// Go back to a checkpoint; the present is kept as a checkpoint first
    Restore {
        /// The volume's name or id
        volume: String,
        /// The checkpoint's name or id, or 'latest'
        checkpoint: String,
    },
    /// Bring files or folders of a checkpoint back into the present; what came since stays beside them
    #[command(after_help = RESTORE_FILES_EXAMPLES)]
    RestoreFiles {
        /// The volume's name or id
        volume: String,
        /// The checkpoint's name or id, or 'latest'
        checkpoint: String,
        /// Files and folders in the checkpoint
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<String>,
        /// Where they go in the volume, as 'cp -r' has it [default: each to where it was]
        #[arg(long, value_name = "DEST")]
        to: Option<String>,
    },
    /// Show what differs between two checkpoints, or one and the present
    #[command(after_help = diff::EXAMPLES)]
    Diff(diff::Command),
    /// Make a new volume of what a checkpoint holds; both share what they have in common
    #[command(after_help = "Example:\n  cairn checkpoint branch data before-import experiment")]
    Branch {
        /// The volume's name or id
        volume: String,
        /// The checkpoint's name or id, or 'latest'
        checkpoint: String,
        /// The new volume's name
        name: String,
    },
    /// Delete a checkpoint; all others stay as they are, and the room that only this one needed comes back
    #[command(visible_alias = "delete")]
    Rm {
        /// The volume's name or id
        volume: String,
        /// The checkpoint's name or id
        checkpoint: String,
        /// Only show what would be done, and how much room would come back
        #[arg(long)]
        plan: bool,
    },
    /// Delete the automatic checkpoints that the volume's policy does not keep
    Prune(policy::Prune),
}

const CREATE_EXAMPLES: &str = "\
Examples:
  cairn checkpoint create data --name before-import
  cairn checkpoint create data index --name before-import
  cairn checkpoint create --vm demo";

const RESTORE_FILES_EXAMPLES: &str = "\
Examples:
  cairn checkpoint restore-files data before-import report.csv
  cairn checkpoint restore-files data latest photos --to photos-of-then";

/// Carries the command out.
pub(crate) async fn run(command: Command, context: &Context) -> Result<(), Failure> {
    let Context { api, out, .. } = context;
    match command {
        Command::Create { volumes, vm, name } => match volumes.as_slice() {
            [volume] if vm.is_none() => {
                let new = NewCheckpoint { name };
                let taken: Checkpoint = api.post(&["volumes", volume, "checkpoints"], &new).await?;
                out.did(&taken, |taken| format!("Took checkpoint {} ({}).", printable(&taken.name), taken.id))
            }
            _ => {
                let new = NewCheckpointGroup { volume_ids: volumes, vm_id: vm, name };
                let taken: Vec<Checkpoint> = api.post(&["checkpoints"], &new).await?;
                out.did(&taken, |taken| {
                    let name = taken.first().map_or("", |first| &first.name);
                    format!(
                        "Took checkpoint {} of {} at one moment.",
                        printable(name),
                        count(taken.len() as u64, "volume")
                    )
                })
            }
        },
        Command::Ls { volume } => {
            let checkpoints: Vec<Checkpoint> = api.get(&["volumes", &volume, "checkpoints"], &[]).await?;
            out.show(&checkpoints, |out, checkpoints| list(out, checkpoints))
        }
        Command::Restore { volume, checkpoint } => {
            let path = ["volumes", &volume, "checkpoints", &checkpoint, "restore"];
            let restored: Volume = api.post(&path, &json!({})).await?;
            out.did(&restored, |volume| {
                let name = printable(&volume.name);
                format!(
                    "Volume {name} is as it was at {}. What it was before is kept as a checkpoint.",
                    printable(&checkpoint)
                )
            })
        }
        Command::Diff(command) => diff::run(command, context).await,
        Command::RestoreFiles { volume, checkpoint, paths, to } => {
            let request = RestoreFilesRequest { paths, destination: to };
            let path = ["volumes", &volume, "checkpoints", &checkpoint, "restore-files"];
            let transfer = context.begin_at(&path, request).await?;
            let done = watch::until_done(context, transfer).await?;
            out.did(&done, |done| {
                let copied = count(done.files_done, "item");
                format!("Restored {copied} ({}) from {}.", human(done.bytes_done), printable(&checkpoint))
            })
        }
        Command::Prune(command) => policy::prune(command, context).await,
        Command::Branch { volume, checkpoint, name } => {
            let path = ["volumes", &volume, "checkpoints", &checkpoint, "branch"];
            let made: Volume = api.post(&path, &NewBranch { name }).await?;
            out.did(&made, |made| {
                let (name, of) = (printable(&made.name), printable(&checkpoint));
                format!("Created volume {name} from checkpoint {of} ({}).", made.id)
            })
        }
        Command::Rm { volume, checkpoint, plan: true } => {
            let path = ["volumes", &volume, "checkpoints", &checkpoint, "delete-plan"];
            let plan: Deletion = api.get(&path, &[]).await?;
            out.show(&plan, deletion::show)
        }
        Command::Rm { volume, checkpoint, plan: false } => {
            let path = ["volumes", &volume, "checkpoints", &checkpoint];
            let answer: Value = watch::with_spinner(context, "Deleting …", api.delete(&path, &[])).await?;
            out.did(&answer, |answer| {
                let room = deletion::room(&answer["deletion"]);
                format!("Deleted checkpoint {}.{room}", printable(&checkpoint))
            })
        }
    }
}

fn list(out: &Output, checkpoints: &[Checkpoint]) -> Result<(), Failure> {
    let mut table = Table::new(&[
        ("NAME", Column::Name),
        ("TAKEN", Column::Word),
        ("ON DISK", Column::Number),
        ("NOTES", Column::Word),
        ("ID", Column::Id),
    ]);
    for checkpoint in checkpoints {
        let notes = [
            (checkpoint.current, "current"),
            (checkpoint.automatic, "automatic"),
            (checkpoint.crash_consistent, "crash-consistent"),
        ];
        let notes: Vec<_> = notes.iter().filter(|(holds, _)| *holds).map(|(_, note)| *note).collect();
        table.row([
            &checkpoint.name,
            &ago(&checkpoint.created_at),
            &human(checkpoint.disk_bytes),
            &notes.join(", "),
            &checkpoint.id,
        ]);
    }
    out.table(&table, "There are no checkpoints. Take one with 'cairn checkpoint create VOLUME'.")
}
