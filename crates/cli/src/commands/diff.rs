//! `cairn diff`: what differs between two checkpoints, or one and the present.

use cairn_api::{Diff, DiffEntry, DiffKind};
use clap::Args;

use super::count;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::size::human;

pub(crate) const EXAMPLES: &str = "\
Examples:
  cairn diff data before-import                 what has changed since then
  cairn diff data before-import after-import
  cairn diff data latest --limit 20

+ added, - removed, ~ content changed, * only permissions, owner, time or attributes changed, > renamed.";

/// What to compare.
#[derive(Args)]
pub(crate) struct Command {
    /// The volume's name or id
    volume: String,
    /// The checkpoint that was before, by name or id, or 'latest'
    from: String,
    /// The checkpoint that came after [default: the present]
    to: Option<String>,
    /// Show at most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

/// Carries the command out.
pub(crate) async fn run(command: Command, context: &Context) -> Result<(), Failure> {
    let limit = command.limit.unwrap_or(usize::MAX).to_string();
    let query = [("to", command.to.as_deref().unwrap_or_default()), ("limit", &limit)];
    let path = ["volumes", &command.volume, "checkpoints", &command.from, "diff"];
    let diff: Diff = context.api.get(&path, &query).await?;
    context.out.show(&diff, print)
}

fn print(out: &Output, diff: &Diff) -> Result<(), Failure> {
    for entry in &diff.entries {
        out.line(&line(entry))?;
    }
    let parts =
        [(diff.added, "added"), (diff.removed, "removed"), (diff.changed, "changed"), (diff.renamed, "renamed")];
    let parts: Vec<_> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    match parts.is_empty() {
        true => out.note("Nothing differs."),
        false => out.note(&format!("{}.", parts.join(", "))),
    }
    if diff.truncated {
        let shown = count(diff.entries.len() as u64, "difference");
        out.note(&format!("Only the first {shown} shown; a larger --limit shows more."));
    }
    Ok(())
}

fn line(entry: &DiffEntry) -> String {
    let size = match (entry.size_before, entry.size_after) {
        _ if entry.file_kind != cairn_api::FileKind::File => String::new(),
        (Some(before), Some(after)) if before != after => format!("  ({} -> {})", human(before), human(after)),
        (Some(size), _) | (_, Some(size)) => format!("  ({})", human(size)),
        (None, None) => String::new(),
    };
    let path = printable(&entry.path);
    match (entry.kind, &entry.from) {
        (DiffKind::Added, _) => format!("+ {path}{size}"),
        (DiffKind::Removed, _) => format!("- {path}{size}"),
        (DiffKind::Changed, _) if entry.content => format!("~ {path}{size}"),
        (DiffKind::Changed, _) => format!("* {path}{size}"),
        (DiffKind::Renamed, from) => {
            let changed = if entry.content { ", changed" } else { "" };
            format!("> {} -> {path}{size}{changed}", printable(from.as_deref().unwrap_or_default()))
        }
    }
}
