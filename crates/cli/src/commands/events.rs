//! `cairn events`: what happens, as it happens.

use clap::Args;
use serde_json::Value;

use crate::context::Context;
use crate::failure::Failure;
use crate::lines::{self, Lines};
use crate::output::{Output, printable};

pub(crate) const EXAMPLES: &str = "\
Examples:
  cairn events
  cairn events --json | jq -r 'select(.type == \"notice\").message'
  cairn events --after 1764331200000000      what has happened since that event, as far as it is known";

/// From where on, and how many.
#[derive(Args)]
pub(crate) struct Events {
    /// Begin behind the event of this number
    #[arg(long, value_name = "NUMBER")]
    after: Option<u64>,
    /// End after so many
    #[arg(long, short = 'n', value_name = "COUNT")]
    limit: Option<u64>,
}

/// Tells until Ctrl-C, or until the server ends.
pub(crate) async fn follow(command: Events, context: &Context) -> Result<(), Failure> {
    let after = command.after.map(|after| after.to_string());
    let query: Vec<(&str, &str)> = after.iter().map(|after| ("after", after.as_str())).collect();
    let told = context.api.stream(&["events"], &query).await?;
    let (mut lines, mut shown) = (Lines::of(told, "events"), 0);
    while command.limit.is_none_or(|limit| shown < limit)
        && let Some(line) = lines.next().await?
    {
        if let Some(data) = line.strip_prefix(b"data:") {
            shown += u64::from(show(&context.out, data)?);
        }
    }
    Ok(())
}

/// Whether it was an event.
fn show(out: &Output, data: &[u8]) -> Result<bool, Failure> {
    let event: Value = lines::parse(data)?;
    let is_event = event["type"] != "missed";
    out.tell(&event, |out, event| {
        if is_event {
            return out.line(&says(event));
        }
        out.note("Some events are not known any more: look at everything again.");
        Ok(())
    })?;
    Ok(is_event)
}

fn says(event: &Value) -> String {
    let word = |field: &str| event[field].as_str();
    let mut about: Vec<&str> =
        ["volume_id", "vm_id", "path", "level", "message"].into_iter().filter_map(word).collect();
    about.extend(["id", "state"].into_iter().filter_map(|field| event["transfer"][field].as_str()));
    let (number, at, kind) = (&event["seq"], word("at").unwrap_or_default(), word("type").unwrap_or_default());
    printable(&format!("{number}  {at}  {kind:<19}  {}", about.join("  ")))
}
