//! `cairn mounts --rates`: what goes through mounts, every second.

use cairn_api::MountRate;

use crate::context::Context;
use crate::failure::Failure;
use crate::lines::{self, Lines};
use crate::output::printable;
use crate::size::human;

/// Tells until Ctrl-C, or until the server ends.
pub(crate) async fn follow(context: &Context) -> Result<(), Failure> {
    let told = context.api.stream(&["mounts", "rates"], &[]).await?;
    let mut lines = Lines::of(told, "rates");
    while let Some(line) = lines.next().await? {
        let rates: Vec<MountRate> = lines::parse(&line)?;
        context.out.tell(&rates, |out, rates| rates.iter().try_for_each(|rate| out.line(&says(rate))))?;
    }
    Ok(())
}

fn says(rate: &MountRate) -> String {
    let way = |bytes, operations| format!("{}/s in {operations} operations", human(bytes));
    printable(&format!(
        "{} at {} in {}: reads {}, writes {}",
        rate.volume_name,
        rate.mount_path,
        rate.vm_name,
        way(rate.read_bytes, rate.read_operations),
        way(rate.written_bytes, rate.written_operations)
    ))
}
