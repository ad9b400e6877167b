//! `cairn transfers`: copies of a Cairn that runs, whoever started them.

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
        TransferState::Done => "done",
        TransferState::Failed => "failed",
        TransferState::Cancelled => "cancelled",
    }
}
