//! What a volume takes up, as a table.

use cairn_api::{CheckpointUsage, MergeTime, VolumeUsage};

use super::ago;
use crate::failure::Failure;
use crate::output::Output;
use crate::size::human;
use crate::table::{Column, Table};

/// The whole account.
pub(super) fn show(out: &Output, usage: &VolumeUsage) -> Result<(), Failure> {
    let shared = match usage.shared_bytes {
        0 => String::new(),
        bytes => format!(", {} of it shared with other volumes", human(bytes)),
    };
    out.line(&format!("Files take up {} of {}.", human(usage.used_bytes), human(usage.quota_bytes)))?;
    out.line(&format!("On disk {}{shared}:", human(usage.disk_bytes)))?;
    let mut table = Table::new(&[
        ("STATE", Column::Name),
        ("TAKEN", Column::Word),
        ("CHANGED", Column::Number),
        ("ON DISK", Column::Number),
        ("IF DELETED", Column::Number),
        ("NOTES", Column::Word),
    ]);
    for checkpoint in &usage.checkpoints {
        table.row([
            &checkpoint.name,
            &ago(&checkpoint.created_at),
            &human(checkpoint.data_bytes),
            &human(checkpoint.disk_bytes),
            &freed(checkpoint.freed_bytes),
            &notes(checkpoint),
        ]);
    }
    if usage.nameless_bytes > 0 {
        table.row(["(deleted)", "", "", &human(usage.nameless_bytes), "", "others stand on it"]);
    }
    if usage.base_bytes > 0 {
        table.row(["(the base)", "", "", &human(usage.base_bytes), "", "makes the present quick to read"]);
    }
    table.row(["(the present)", "now", "", &human(usage.present_bytes), "", ""]);
    out.table(&table, "")
}

/// What deleting would change of the space that is used.
fn freed(bytes: u64) -> String {
    match bytes {
        0 => "nothing".to_owned(),
        bytes => format!("-{}", human(bytes)),
    }
}

fn notes(checkpoint: &CheckpointUsage) -> String {
    let branching = checkpoint.standing_on_it > 1;
    let notes = [
        (checkpoint.is_shared, "shared with another volume".to_owned()),
        (branching, format!("{} others stand on it", checkpoint.standing_on_it)),
        (matches!(checkpoint.when, MergeTime::Later), "when a machine lets go".to_owned()),
    ];
    let notes: Vec<String> = notes.into_iter().filter(|(holds, _)| *holds).map(|(_, note)| note).collect();
    notes.join(", ")
}
