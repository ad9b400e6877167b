//! `cairn mounts --rates`: what goes through mounts, every second.

use cairn_api::{ErrorCode, MountRate};
use futures::StreamExt as _;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::printable;
use crate::size::human;

/// Tells until Ctrl-C, or until the server ends.
pub(crate) async fn follow(context: &Context) -> Result<(), Failure> {
    let told = context.api.stream(&["mounts", "rates"], &[]).await?;
    let (mut pieces, mut kept) = (told.bytes_stream(), Vec::new());
    while let Some(piece) = pieces.next().await {
        let piece =
            piece.map_err(|error| Failure::new(ErrorCode::Io, format!("The rates do not come any more: {error}.")))?;
        kept.extend_from_slice(&piece);
        while let Some(end) = kept.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = kept.drain(..=end).collect();
            let rates: Vec<MountRate> = serde_json::from_slice(&line).map_err(|error| {
                Failure::new(ErrorCode::Internal, format!("The server's answer makes no sense: {error}."))
            })?;
            context.out.show(&rates, |out, rates| rates.iter().try_for_each(|rate| out.line(&says(rate))))?;
        }
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
