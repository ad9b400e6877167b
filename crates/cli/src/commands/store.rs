//! `cairn check` and `cairn repair`: is everything in the store as it should be, and if not, what can be done?

use cairn_api::{CheckSeverity, RepairRequest, StoreCheck, StoreFinding, StoreRepair};
use clap::Args;

use super::count;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Output, printable};

/// Looks; nothing is changed.
#[derive(Args)]
pub(crate) struct Check {
    /// Only this volume, by name or id
    volume: Option<String>,
    /// Also check the filesystem of every checkpoint, not only of the present and the newest, and hash layers that were
    /// not hashed yet; without it, all manifests, headers, chains and known digests are checked
    #[arg(long)]
    deep: bool,
}

/// Puts right what can be put right.
#[derive(Args)]
#[command(after_help = "Rebuilds the index, writes damaged manifests anew, adopts layers that fit as checkpoints,\n\
                        and moves what has no place to the folder 'aside' of its volume.")]
pub(crate) struct Repair {
    /// Only this volume, by name or id
    volume: Option<String>,
}

/// `cairn check`.
pub(crate) async fn check(command: Check, context: &Context) -> Result<(), Failure> {
    let mut query: Vec<(&str, &str)> = command.volume.iter().map(|volume| ("volume", volume.as_str())).collect();
    if command.deep {
        query.push(("deep", "true"));
    }
    let check: StoreCheck = context.api.get(&["check"], &query).await?;
    context.out.show(&check, findings)?;
    if check.clean { Ok(()) } else { Err(Failure::Exit(1)) }
}

/// `cairn repair`.
pub(crate) async fn repair(command: Repair, context: &Context) -> Result<(), Failure> {
    let request = RepairRequest { volume: command.volume };
    let repair: StoreRepair = context.api.post(&["repair"], &request).await?;
    context.out.show(&repair, |out, repair| {
        if repair.done.is_empty() {
            out.line("There was nothing to repair.")?;
        }
        for step in &repair.done {
            out.line(&printable(&format!("{}{}", of(step.volume.as_ref()), step.what)))?;
        }
        findings(out, &repair.left)
    })?;
    if repair.left.clean { Ok(()) } else { Err(Failure::Exit(1)) }
}

fn findings(out: &Output, check: &StoreCheck) -> Result<(), Failure> {
    for StoreFinding { volume, place, severity, message, repairable } in &check.findings {
        let how_bad = match severity {
            CheckSeverity::Notice => "notice",
            CheckSeverity::Damage => "damage",
            CheckSeverity::Grave => "grave",
        };
        let hint = if *repairable { " ('cairn repair' can put it right.)" } else { "" };
        out.line(&printable(&format!("{how_bad:<7} {}{place}: {message}{hint}", of(volume.as_ref()))))?;
    }
    let looked_at = format!(
        "{}, {} ({} as when they were frozen), {}",
        count(check.volumes, "volume"),
        count(check.layers, "layer"),
        check.digests,
        count(check.filesystems, "sound filesystem")
    );
    out.line(&format!("{}: {looked_at}.", if check.clean { "Nothing is wrong" } else { "Something is wrong" }))
}

fn of(volume: Option<&String>) -> String {
    volume.map(|volume| format!("{volume}: ")).unwrap_or_default()
}
