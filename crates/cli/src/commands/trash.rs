//! `cairn trash`: deleted volumes.

use cairn_api::{DeletedVolume, Trash, TrashChange, Undelete, Volume};
use clap::Subcommand;
use serde_json::Value;

use super::{ago, count};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::size::human;
use crate::table::{Column, Table};

pub(crate) const EXAMPLES: &str = "\
Examples:
  cairn trash ls
  cairn volume undelete data
  cairn trash keep 30";

/// What to do with deleted volumes.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// List the deleted volumes, the last one first
    #[command(visible_alias = "list")]
    Ls,
    /// Remove one deleted volume for good
    #[command(visible_alias = "delete")]
    Rm {
        /// Its name or id
        volume: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Remove all deleted volumes for good
    Empty {
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Keep deleted volumes for so many days
    Keep {
        /// How many; 0 removes them within the hour
        days: u32,
    },
}

/// Carries the command out.
pub(crate) async fn run(command: Command, context: &Context) -> Result<(), Failure> {
    let Context { api, out, .. } = context;
    match command {
        Command::Ls => {
            let trash: Trash = api.get(&["trash"], &[]).await?;
            out.show(&trash, list)
        }
        Command::Rm { volume, yes } => {
            let trash: Trash = api.get(&["trash"], &[]).await?;
            let found = trash.volumes.iter().find(|deleted| deleted.id == volume || deleted.name == volume);
            let (id, name) = found.map_or((&volume, &volume), |found| (&found.id, &found.name));
            context.confirm(&format!("Remove {name} for good? This cannot be undone."), yes)?;
            let answer: Value = api.delete(&["trash", id], &[]).await?;
            out.did(&answer, |_| format!("Removed {} for good.", printable(name)))
        }
        Command::Empty { yes } => {
            let trash: Trash = api.get(&["trash"], &[]).await?;
            let many = count(trash.volumes.len() as u64, "deleted volume");
            context.confirm(&format!("Remove {many} for good? This cannot be undone."), yes)?;
            let answer: Value = api.delete(&["trash"], &[]).await?;
            out.did(&answer, |answer| {
                format!("Removed {} for good.", count(answer["count"].as_u64().unwrap_or(0), "volume"))
            })
        }
        Command::Keep { days } => {
            let trash: Trash = api.patch(&["trash"], &TrashChange { keep_days: days }).await?;
            out.did(&trash, |trash| {
                format!("Deleted volumes are kept for {}.", count(u64::from(trash.keep_days), "day"))
            })
        }
    }
}

/// `cairn volume undelete`.
pub(crate) async fn undelete(context: &Context, volume: &str, name: Option<String>) -> Result<(), Failure> {
    let back: Volume = context.api.post(&["trash", volume, "undelete"], &Undelete { name }).await?;
    context.out.did(&back, |back| {
        format!("Brought back volume {} ({}), as it was when it was deleted.", printable(&back.name), back.id)
    })
}

fn list(out: &Output, trash: &Trash) -> Result<(), Failure> {
    let mut table = Table::new(&[
        ("NAME", Column::Name),
        ("DELETED", Column::Word),
        ("GOES", Column::Word),
        ("QUOTA", Column::Number),
        ("ON DISK", Column::Number),
        ("CHECKPOINTS", Column::Number),
        ("ID", Column::Id),
    ]);
    for deleted in &trash.volumes {
        table.row([
            &deleted.name,
            &ago(&deleted.deleted_at),
            day(deleted),
            &human(deleted.quota_bytes),
            &human(deleted.disk_bytes),
            &deleted.checkpoint_count.to_string(),
            &deleted.id,
        ]);
    }
    out.table(&table, "There are no deleted volumes.")?;
    if !trash.volumes.is_empty() {
        out.note("'cairn volume undelete NAME' brings one back.");
    }
    Ok(())
}

/// The day on which it goes.
fn day(deleted: &DeletedVolume) -> &str {
    deleted.expires_at.split('T').next().unwrap_or_default()
}
