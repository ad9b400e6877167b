//! `cairn transfers`: copies of a Cairn that runs, whoever started them, and those that nobody has finished.

use cairn_api::{Direction, Transfer, TransferState};
use clap::{Args, Subcommand};
use serde_json::Value;

use super::ago;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::size::human;
use crate::table::{Column, Table};
use crate::watch;

/// What to do with transfers; without a command they are listed.
#[derive(Args)]
pub(crate) struct Transfers {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// List the copies under way and those that have ended
    #[command(visible_alias = "list")]
    Ls,
    /// Let a copy rest; it keeps its place, and what it has copied
    Pause {
        /// Its id
        transfer: String,
    },
    /// Let a paused copy go on, or take up one that was interrupted
    Resume {
        /// Its id
        transfer: String,
    },
    /// Begin a copy again that has failed, was cancelled or was interrupted
    Retry {
        /// Its id
        transfer: String,
    },
    /// Cancel a copy; nothing half-written is left
    Cancel {
        /// Its id
        transfer: String,
    },
    /// Forget the copies that have ended
    Clear,
}

/// Carries the command out.
pub(crate) async fn run(transfers: Transfers, context: &Context) -> Result<(), Failure> {
    let Context { api, out, .. } = context;
    match transfers.command.unwrap_or(Command::Ls) {
        Command::Ls => {
            let transfers: Vec<Transfer> = api.get(&["transfers"], &[]).await?;
            out.show(&transfers, |out, transfers| list(out, transfers))
        }
        Command::Pause { transfer } => {
            let now = watch::pause(api, &transfer).await?;
            out.did(&now, |now| match now.state {
                TransferState::Paused => format!("Paused {}.", printable(&now.title)),
                _ => format!("{} had ended before.", printable(&now.title)),
            })
        }
        Command::Resume { transfer } => again(context, &transfer, "resume").await,
        Command::Retry { transfer } => again(context, &transfer, "retry").await,
        Command::Cancel { transfer } => {
            let ended = watch::cancel(api, &transfer).await?;
            out.did(&ended, |ended| match ended.state {
                TransferState::Cancelled => format!("Cancelled {}.", printable(&ended.title)),
                _ => format!("{} had ended before.", printable(&ended.title)),
            })
        }
        Command::Clear => {
            let answer: Value = api.delete(&["transfers"], &[]).await?;
            out.did(&answer, |_| "Forgot the copies that have ended.".to_owned())
        }
    }
}

/// Waits for its end: the engine may be this very command's.
async fn again(context: &Context, transfer: &str, how: &'static str) -> Result<(), Failure> {
    let begun = context.begin_at(&["transfers", transfer, how], serde_json::json!({})).await?;
    let done = watch::until_done(context, begun).await?;
    context.out.did(&done, |done| format!("Copied {} ({}).", printable(&done.title), human(done.bytes_done)))
}

fn list(out: &Output, transfers: &[Transfer]) -> Result<(), Failure> {
    let mut table = Table::new(&[
        ("WHAT", Column::Name),
        ("WAY", Column::Word),
        ("STATE", Column::Word),
        ("COPIED", Column::Number),
        ("STARTED", Column::Word),
        ("ID", Column::Id),
    ]);
    for transfer in transfers {
        table.row([
            &transfer.title,
            if transfer.direction == Direction::Upload { "upload" } else { "download" },
            state(transfer.state),
            &format!("{} of {}", human(transfer.bytes_done), human(transfer.bytes_total)),
            &ago(&transfer.started_at),
            &transfer.id,
        ]);
    }
    out.table(&table, "There are no copies under way.")
}

fn state(state: TransferState) -> &'static str {
    match state {
        TransferState::Queued => "queued",
        TransferState::Running => "running",
        TransferState::Paused => "paused",
        TransferState::Done => "done",
        TransferState::Failed => "failed",
        TransferState::Cancelled => "cancelled",
        TransferState::Interrupted => "interrupted",
    }
}
