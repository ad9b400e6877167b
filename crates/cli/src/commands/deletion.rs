//! What deleting checkpoints takes and gives, in words.

use cairn_api::{Deletion, LayerMerge, MergeTime};
use serde_json::Value;

use super::{ago, count};
use crate::failure::Failure;
use crate::output::{Output, printable};
use crate::size::human;

/// A plan.
pub(super) fn show(out: &Output, plan: &Deletion) -> Result<(), Failure> {
    if plan.checkpoints.is_empty() {
        return out.line("There is nothing to delete.");
    }
    for checkpoint in &plan.checkpoints {
        out.line(&printable(&format!("Would delete {} ({})", checkpoint.name, ago(&checkpoint.created_at))))?;
    }
    if plan.removed_layers > 0 {
        out.line(&format!("  {} would be removed, which nothing stands on", count(plan.removed_layers, "layer")))?;
    }
    for merge in &plan.merges {
        out.line(&printable(&format!("  {}", merged(merge))))?;
    }
    let later = match plan.later_bytes {
        0 => String::new(),
        bytes => format!("; {} more later", human(bytes)),
    };
    out.line(&format!(
        "{} to be written, {} would come back{later}",
        human(plan.written_bytes),
        human(plan.freed_bytes)
    ))
}

fn merged(merge: &LayerMerge) -> String {
    let into = match (&merge.into, merge.is_present) {
        (Some(name), _) => format!("that of {name}"),
        (None, true) => "the present".to_owned(),
        (None, false) => "one that others stand on".to_owned(),
    };
    let others = count(merge.layers - 1, "layer");
    match merge.when {
        MergeTime::Now => format!(
            "{others} would be merged into {into}: {} written, {} back",
            human(merge.written_bytes),
            human(merge.freed_bytes)
        ),
        MergeTime::Later => format!("{others} would be merged into {into} when nobody has it open any more"),
        MergeTime::Shared => format!("{others} below {into} would stay, because another volume shares it"),
    }
}

/// How much room has come back, as a sentence to be added; empty when none has.
pub(super) fn room(deletion: &Value) -> String {
    let bytes = |field: &str| deletion[field].as_u64().unwrap_or_default();
    match (bytes("freed_bytes"), bytes("later_bytes")) {
        (0, 0) => String::new(),
        (freed, 0) => format!(" {} came back.", human(freed)),
        (0, later) => format!(" {} come back when nobody has its layers open any more.", human(later)),
        (freed, later) => format!(" {} came back; {} more follow later.", human(freed), human(later)),
    }
}
