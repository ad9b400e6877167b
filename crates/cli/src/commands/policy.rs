//! `cairn volume policy` and `cairn checkpoint prune`: what Cairn does with a volume by itself.

use cairn_api::{Deletion, Keep, Policy, PolicyChange, Pruned};
use clap::Args;

use super::{ago, count, deletion};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::printable;
use crate::watch::with_spinner;

/// Shows it, after changing what is named.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cairn volume policy data --before-mount true --keep-last 10 --keep-daily 7
  cairn volume policy data --every 15m
  cairn volume policy data --every day --at 03:30")]
pub(crate) struct Change {
    /// The volume's name or id
    volume: String,
    /// Take a checkpoint before a machine gets the volume to write
    #[arg(long, value_name = "true|false")]
    before_mount: Option<bool>,
    /// Take a checkpoint before more than one file is deleted
    #[arg(long, value_name = "true|false")]
    before_delete: Option<bool>,
    /// Take a checkpoint so often, if something was written: minutes as '15m', 'hour', 'day', 'week' or 'never'
    #[arg(long, value_name = "PERIOD", value_parser = minutes)]
    every: Option<u32>,
    /// When the periods begin, on this computer's clock
    #[arg(long, value_name = "HH:MM", value_parser = minute_of_day)]
    at: Option<u16>,
    /// Keep so many of the newest automatic checkpoints; all numbers 0 keep everything
    #[arg(long, value_name = "N")]
    keep_last: Option<u32>,
    /// Keep the newest of each of so many hours
    #[arg(long, value_name = "N")]
    keep_hourly: Option<u32>,
    /// Keep the newest of each of so many days
    #[arg(long, value_name = "N")]
    keep_daily: Option<u32>,
    /// Keep the newest of each of so many weeks
    #[arg(long, value_name = "N")]
    keep_weekly: Option<u32>,
    /// Keep the newest of each of so many months
    #[arg(long, value_name = "N")]
    keep_monthly: Option<u32>,
}

fn minutes(text: &str) -> Result<u32, String> {
    match text {
        "never" => Ok(0),
        "hour" => Ok(60),
        "day" => Ok(1440),
        "week" => Ok(7 * 1440),
        _ => text
            .strip_suffix('m')
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| "minutes such as '15m', or 'hour', 'day', 'week', 'never' are wanted".to_owned()),
    }
}

fn minute_of_day(text: &str) -> Result<u16, String> {
    let (hours, minutes) = text.split_once(':').unwrap_or((text, "0"));
    match (hours.parse::<u16>(), minutes.parse::<u16>()) {
        (Ok(hours @ 0..24), Ok(minutes @ 0..60)) => Ok(hours * 60 + minutes),
        _ => Err("a time of day such as 03:30 is wanted".to_owned()),
    }
}

/// Deletes the automatic checkpoints that the policy does not keep.
#[derive(Args)]
pub(crate) struct Prune {
    /// The volume's name or id
    volume: String,
    /// Only show what would be deleted
    #[arg(long)]
    plan: bool,
}

/// `cairn volume policy`.
pub(crate) async fn policy(command: Change, context: &Context) -> Result<(), Failure> {
    let path = ["volumes", command.volume.as_str(), "policy"];
    let mut policy: Policy = context.api.get(&path, &[]).await?;
    let now = &policy.keep;
    let keep = Keep {
        last: command.keep_last.unwrap_or(now.last),
        hourly: command.keep_hourly.unwrap_or(now.hourly),
        daily: command.keep_daily.unwrap_or(now.daily),
        weekly: command.keep_weekly.unwrap_or(now.weekly),
        monthly: command.keep_monthly.unwrap_or(now.monthly),
    };
    let keeps = [command.keep_last, command.keep_hourly, command.keep_daily, command.keep_weekly, command.keep_monthly];
    let is_kept_anew = keeps.iter().any(Option::is_some);
    let change = PolicyChange {
        before_mount: command.before_mount,
        before_delete: command.before_delete,
        every_minutes: command.every,
        at_minute: command.at,
        keep: is_kept_anew.then_some(keep),
    };
    let says_when = command.every.is_some() || command.at.is_some();
    if is_kept_anew || says_when || command.before_mount.is_some() || command.before_delete.is_some() {
        policy = context.api.patch(&path, &change).await?;
    }
    context.out.show(&policy, |out, policy| {
        let Policy { before_mount, before_delete, every_minutes, at_minute, keep } = policy;
        let yes = |on: bool| if on { "yes" } else { "no" };
        out.line(&format!("Checkpoint before mounting: {}", yes(*before_mount)))?;
        out.line(&format!("Checkpoint before deleting much: {}", yes(*before_delete)))?;
        let when = match every_minutes {
            0 => "never".to_owned(),
            every => {
                let every = count(u64::from(*every), "minute");
                format!("every {every}, counted from {:02}:{:02}", at_minute / 60, at_minute % 60)
            }
        };
        out.line(&format!("Checkpoint on schedule: {when}"))?;
        let Keep { last, hourly, daily, weekly, monthly } = keep;
        let kept = match [last, hourly, daily, weekly, monthly] {
            [0, 0, 0, 0, 0] => "all".to_owned(),
            _ => format!("last {last}, hourly {hourly}, daily {daily}, weekly {weekly}, monthly {monthly}"),
        };
        out.line(&format!("Automatic checkpoints kept: {kept}"))
    })
}

/// `cairn checkpoint prune`.
pub(crate) async fn prune(command: Prune, context: &Context) -> Result<(), Failure> {
    let path = ["volumes", command.volume.as_str(), "prune"];
    if command.plan {
        let plan: Deletion = context.api.get(&["volumes", &command.volume, "prune-plan"], &[]).await?;
        return context.out.show(&plan, deletion::show);
    }
    let nothing = serde_json::json!({});
    let pruned: Vec<Pruned> = with_spinner(context, "Deleting …", context.api.post(&path, &nothing)).await?;
    context.out.show(&pruned, |out, pruned| {
        for checkpoint in pruned {
            out.line(&printable(&format!("Deleted {} ({})", checkpoint.name, ago(&checkpoint.created_at))))?;
        }
        if pruned.is_empty() { out.line("There is nothing to prune.") } else { Ok(()) }
    })
}
