//! `cairn watch`: folders of this computer that are kept in step into a volume.

use std::path::PathBuf;

use cairn_api::{NewWatch, Watch, WatchState};
use clap::{Args, Subcommand};
use serde_json::Value;

use super::vm_create::absolute;
use super::{ago, count};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::table::{Column, Table};

pub(crate) const EXAMPLES: &str = "\
Examples:
  cairn watch add data ~/project /src                      what is in project, into src
  cairn watch add data ~/project /src --ignore 'target/' --delete
  cairn watch ls
  cairn watch rm data watch_abcdefghijklmnop

One way: this computer's files win. It goes on as long as a Cairn has the store open ('cairn serve', or the window), and
begins again with it. While a machine has the volume nothing is copied; it catches up when the volume is unmounted.
Rules in .gitignore files hold, and .git is left alone (--ignore '!.git' brings it in). Links stay links.";

/// What to do with watched folders.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Keep a folder in step into a folder of a volume, from now on
    Add(Add),
    /// List the watched folders of a volume, or of all
    #[command(visible_alias = "list")]
    Ls {
        /// The volume's name or id
        volume: Option<String>,
    },
    /// Keep a folder in step no longer; what has been copied stays
    #[command(visible_alias = "delete")]
    Rm {
        /// The volume's name or id
        volume: String,
        /// The watched folder's id
        watch: String,
    },
}

/// A folder to be watched.
#[derive(Args)]
pub(crate) struct Add {
    /// The volume's name or id
    volume: String,
    /// The folder of this computer
    folder: PathBuf,
    /// The folder of the volume, made when it is not there [default: the volume's root]
    #[arg(default_value = "", hide_default_value = true)]
    path: String,
    /// Leave alone what fits this, in the words of .gitignore; may be given several times
    #[arg(long, value_name = "PATTERN")]
    ignore: Vec<String>,
    /// Delete in the volume what it has brought and is deleted here
    #[arg(long)]
    delete: bool,
}

/// Carries the command out.
pub(crate) async fn run(command: Command, context: &Context) -> Result<(), Failure> {
    let Context { api, out, .. } = context;
    match command {
        Command::Add(Add { volume, folder, path, ignore, delete }) => {
            api.knows_our_paths()?;
            let new = NewWatch { host_path: absolute(&folder)?, path, ignore, delete };
            let watch: Watch = api.post(&["volumes", &volume, "watches"], &new).await?;
            out.did(&watch, |watch| {
                let (host_path, place) = (printable(&watch.host_path), place(watch));
                format!("{host_path} is kept in step into {place} of {} ({}).", printable(&volume), watch.id)
            })
        }
        Command::Ls { volume: Some(volume) } => {
            let watches: Vec<Watch> = api.get(&["volumes", &volume, "watches"], &[]).await?;
            out.show(&watches, list)
        }
        Command::Ls { volume: None } => {
            let watches: Vec<Watch> = api.get(&["watches"], &[]).await?;
            out.show(&watches, list)
        }
        Command::Rm { volume, watch } => {
            let answer: Value = api.delete(&["volumes", &volume, "watches", &watch], &[]).await?;
            out.did(&answer, |_| format!("{} is watched no more; what it has brought stays.", printable(&watch)))
        }
    }
}

fn list(out: &Output, watches: &Vec<Watch>) -> Result<(), Failure> {
    let mut table = Table::new(&[
        ("FOLDER", Column::Name),
        ("INTO", Column::Name),
        ("STATE", Column::Word),
        ("IN STEP", Column::Word),
        ("FILES", Column::Number),
        ("VOLUME", Column::Id),
        ("ID", Column::Id),
    ]);
    for watch in watches {
        table.row([
            &watch.host_path,
            &place(watch),
            word(watch.state),
            &watch.last_sync.as_deref().map_or_else(|| "-".to_owned(), ago),
            &watch.files.to_string(),
            &watch.volume_id,
            &watch.id,
        ]);
    }
    out.table(&table, "No folder is watched.")?;
    for watch in watches {
        if let Some(reason) = &watch.reason {
            out.note(&format!("{}: {}", printable(&watch.host_path), printable(reason)));
        }
    }
    let held = watches.iter().filter(|watch| watch.state == WatchState::Paused).count() as u64;
    if held > 0 {
        out.note(&format!("{} will catch up when the volume is unmounted.", count(held, "folder")));
    }
    Ok(())
}

fn place(watch: &Watch) -> String {
    format!("/{}", printable(&watch.path))
}

fn word(state: WatchState) -> &'static str {
    match state {
        WatchState::Watching => "watching",
        WatchState::Syncing => "syncing",
        WatchState::Paused => "paused",
        WatchState::Error => "error",
    }
}
