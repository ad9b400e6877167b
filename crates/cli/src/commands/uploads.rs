//! `cairn files uploads`: what has come so far of files that are sent in parts, and forgetting it.

use cairn_api::StagedUpload;
use clap::Args;
use serde_json::Value;

use super::ago;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::printable;
use crate::size::human;
use crate::table::{Column, Table};

pub(crate) const EXAMPLES: &str = "\
Examples:
  cairn files uploads data
  cairn files uploads data --forget big.iso

An upload goes on where it was when the same 'cairn files put --url' is given again.";

/// Which uploads are meant.
#[derive(Args)]
pub(crate) struct Uploads {
    /// The volume's name or id
    volume: String,
    /// Forget what has come of the file that goes here
    #[arg(long, value_name = "PATH")]
    forget: Option<String>,
}

/// Carries the command out.
pub(crate) async fn run(command: Uploads, context: &Context) -> Result<(), Failure> {
    let Uploads { volume, forget } = command;
    if let Some(path) = forget {
        let query = [("path", path.as_str())];
        let answer: Value = context.api.delete(&["volumes", &volume, "files", "upload"], &query).await?;
        return context.out.did(&answer, |_| format!("Forgot what had come of {}.", printable(&path)));
    }
    let uploads: Vec<StagedUpload> = context.api.get(&["volumes", &volume, "files", "uploads"], &[]).await?;
    context.out.show(&uploads, |out, uploads| {
        let mut table = Table::new(&[
            ("RECEIVED", Column::Number),
            ("SIZE", Column::Number),
            ("CHANGED", Column::Word),
            ("PATH", Column::Name),
        ]);
        for upload in uploads {
            table.row([&human(upload.received_bytes), &human(upload.size), &ago(&upload.changed_at), &upload.path]);
        }
        out.table(&table, "There are no unfinished uploads.")
    })
}
