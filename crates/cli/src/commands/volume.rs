//! `cairn volume`: create, list, look at, check, clone, change, delete.

use cairn_api::{CheckSeverity, NewBranch, NewVolume, Volume, VolumeChange, VolumeCheck, VolumeStatus, VolumeUsage};
use clap::Subcommand;
use serde_json::Value;

use super::{chain, count, exchange, policy, trash, usage};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::size::{self, human};
use crate::table::{Column, Table};

/// What to do with volumes.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Create a volume
    #[command(after_help = "Example:\n  cairn volume create data --quota 10GiB")]
    Create {
        /// A name that no other volume has
        name: String,
        /// The size of its disk, for example 10GiB; it takes up only what is written
        #[arg(long, value_parser = size::parse, value_name = "SIZE", allow_hyphen_values = true)]
        quota: u64,
    },
    /// List the volumes
    #[command(visible_alias = "list")]
    Ls,
    /// Show one volume
    Get {
        /// Its name or id
        volume: String,
    },
    /// Check a volume's filesystem from end to end; nothing is changed
    ///
    /// Ends with exit code 1 when something is wrong.
    #[command(after_help = "Example:\n  cairn volume check data")]
    Check {
        /// Its name or id
        volume: String,
        /// Check what a checkpoint holds instead
        #[arg(long, value_name = "CHECKPOINT")]
        at: Option<String>,
    },
    /// Show what a volume takes up on this computer's disk, and what would come back for each checkpoint
    #[command(after_help = "Example:\n  cairn volume usage data")]
    Usage {
        /// Its name or id
        volume: String,
    },
    /// Show through how many files a volume is read, and what keeps them few
    Chain(chain::Look),
    /// Make the chain of files short through which a volume is read, now
    Optimise(chain::Optimise),
    /// Show or change what Cairn does with a volume by itself
    Policy(policy::Change),
    /// Make a new volume of what a volume holds now; both share what they have in common
    #[command(after_help = "Example:\n  cairn volume clone data experiment")]
    Clone {
        /// Its name or id
        volume: String,
        /// The new volume's name
        name: String,
    },
    /// Make a volume of a disk image or an archive
    #[command(after_help = exchange::IMPORT_EXAMPLES)]
    Import(exchange::Import),
    /// Write what a volume holds into one file: a disk image or an archive
    #[command(after_help = exchange::EXPORT_EXAMPLES)]
    Export(exchange::Export),
    /// Rename a volume, or let it grow
    #[command(after_help = "Example:\n  cairn volume update data --quota 20GiB")]
    Update {
        /// Its name or id
        volume: String,
        /// The new name
        #[arg(long, required_unless_present = "quota")]
        name: Option<String>,
        /// The new size, never smaller than the present one
        #[arg(long, value_parser = size::parse, value_name = "SIZE", allow_hyphen_values = true)]
        quota: Option<u64>,
    },
    /// Delete a volume with all of its files and checkpoints; for some days it can be brought back
    #[command(visible_alias = "delete")]
    Rm {
        /// Its name or id
        volume: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Bring a deleted volume back as it was
    #[command(after_help = "Example:\n  cairn volume undelete data")]
    Undelete {
        /// The name that it had, or its id
        volume: String,
        /// Another name for it
        #[arg(long)]
        name: Option<String>,
    },
}

/// Carries the command out.
pub(crate) async fn run(command: Command, context: &Context) -> Result<(), Failure> {
    let Context { api, out, .. } = context;
    match command {
        Command::Create { name, quota } => {
            let new = NewVolume { name, quota_bytes: quota };
            let volume: Volume = api.post(&["volumes"], &new).await?;
            out.did(&volume, |v| {
                format!("Created volume {} of {} ({}).", printable(&v.name), human(v.quota_bytes), v.id)
            })
        }
        Command::Ls => {
            let volumes: Vec<Volume> = api.get(&["volumes"], &[]).await?;
            out.show(&volumes, |out, volumes| list(out, volumes))
        }
        Command::Get { volume } => {
            let volume: Volume = api.get(&["volumes", &volume], &[]).await?;
            out.show(&volume, one)
        }
        Command::Clone { volume, name } => {
            let made: Volume = api.post(&["volumes", &volume, "clone"], &NewBranch { name }).await?;
            out.did(&made, |made| {
                format!("Created volume {} from {} ({}).", printable(&made.name), printable(&volume), made.id)
            })
        }
        Command::Check { volume, at } => {
            let query: Vec<(&str, &str)> = at.iter().map(|at| ("at", at.as_str())).collect();
            let check: VolumeCheck = api.get(&["volumes", &volume, "check"], &query).await?;
            out.show(&check, |out, check| findings(out, &volume, check))?;
            if check.clean { Ok(()) } else { Err(Failure::Exit(1)) }
        }
        Command::Usage { volume } => {
            let usage: VolumeUsage = api.get(&["volumes", &volume, "usage"], &[]).await?;
            out.show(&usage, usage::show)
        }
        Command::Import(command) => exchange::import(command, context).await,
        Command::Export(command) => exchange::export(command, context).await,
        Command::Chain(command) => chain::look(command, context).await,
        Command::Optimise(command) => chain::optimise(command, context).await,
        Command::Policy(command) => policy::policy(command, context).await,
        Command::Update { volume, name, quota } => {
            let change = VolumeChange { name, quota_bytes: quota };
            let volume: Volume = api.patch(&["volumes", &volume], &change).await?;
            out.did(&volume, |v| format!("Volume {} has {} now ({}).", printable(&v.name), human(v.quota_bytes), v.id))
        }
        Command::Rm { volume, yes } => delete(context, &volume, yes).await,
        Command::Undelete { volume, name } => trash::undelete(context, &volume, name).await,
    }
}

async fn delete(context: &Context, volume: &str, yes: bool) -> Result<(), Failure> {
    let found: Volume = context.api.get(&["volumes", volume], &[]).await?;
    let question = format!(
        "Delete volume {} with {} of files and {}?",
        found.name,
        human(found.used_bytes),
        count(found.checkpoint_count, "checkpoint")
    );
    context.confirm(&question, yes)?;
    // By id: what was shown is what is deleted.
    let answer: Value = context.api.delete(&["volumes", &found.id], &[]).await?;
    context.out.did(&answer, |_| {
        let undo = format!("'cairn volume undelete {}' brings it back.", found.id);
        format!("Deleted volume {}. {undo}", printable(&found.name))
    })
}

fn list(out: &Output, volumes: &[Volume]) -> Result<(), Failure> {
    let mut table = Table::new(&[
        ("NAME", Column::Name),
        ("USED", Column::Number),
        ("QUOTA", Column::Number),
        ("STATUS", Column::Word),
        ("CHECKPOINTS", Column::Number),
        ("MOUNTED", Column::Name),
        ("ID", Column::Id),
    ]);
    for volume in volumes {
        table.row([
            &volume.name,
            &human(volume.used_bytes),
            &human(volume.quota_bytes),
            status(volume.status),
            &volume.checkpoint_count.to_string(),
            &mounted(volume).join(", "),
            &volume.id,
        ]);
    }
    out.table(&table, "There are no volumes. Create one with 'cairn volume create NAME --quota 10GiB'.")
}

fn one(out: &Output, volume: &Volume) -> Result<(), Failure> {
    let mut lines = vec![
        ("Name", volume.name.clone()),
        ("Id", volume.id.clone()),
        ("Status", status(volume.status).to_owned()),
        ("Used", format!("{} of {}", human(volume.used_bytes), human(volume.quota_bytes))),
        ("On disk", human(volume.disk_bytes)),
        ("Checkpoints", volume.checkpoint_count.to_string()),
        ("Created", volume.created_at.clone()),
    ];
    lines.extend(mounted(volume).into_iter().map(|mount| ("Mounted", mount)));
    lines.extend(volume.error.clone().map(|error| ("Error", error)));
    for (what, value) in lines {
        out.line(&format!("{what:<12} {}", printable(&value)))?;
    }
    Ok(())
}

fn findings(out: &Output, volume: &str, check: &VolumeCheck) -> Result<(), Failure> {
    for finding in &check.findings {
        let how_bad = match finding.severity {
            CheckSeverity::Notice => "notice",
            CheckSeverity::Damage => "damage",
            CheckSeverity::Grave => "grave",
        };
        let path = finding.path.as_ref().map(|path| format!(" ({path})")).unwrap_or_default();
        out.line(&printable(&format!("{how_bad:<7} {}{path}: {}", finding.place, finding.message)))?;
    }
    let listed = check.findings.len() as u64;
    if check.total > listed {
        out.line(&format!("... and {} more", check.total - listed))?;
    }
    let files = check.inodes.saturating_sub(check.folders);
    let looked_at = format!("{} and {}", count(files, "file"), count(check.folders, "folder"));
    let said = match (check.clean, check.complete) {
        (true, _) => format!("The filesystem of {} is sound: {looked_at}.", printable(volume)),
        (false, true) => format!("The filesystem of {} is damaged.", printable(volume)),
        (false, false) => format!("The filesystem of {} is damaged so that it cannot be opened.", printable(volume)),
    };
    out.line(&said)
}

fn mounted(volume: &Volume) -> Vec<String> {
    volume.mounts.iter().map(|mount| format!("{}:{}", mount.vm_name, mount.mount_path)).collect()
}

fn status(status: VolumeStatus) -> &'static str {
    match status {
        VolumeStatus::Available => "available",
        VolumeStatus::InUse => "in-use",
        VolumeStatus::Error => "error",
    }
}
