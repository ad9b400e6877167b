//! Snapshots: machines' own disks at points in time.

use cairn_api::Snapshot;
use tauri::command;

use super::{Held, wire};
use crate::refusal::Answer;

#[command]
pub(crate) async fn snapshot_list(shell: Held<'_>) -> Answer<Vec<Snapshot>> {
    Ok(wire(shell.engine().await?.snapshot_list().await?))
}

#[command]
pub(crate) async fn snapshot_create(shell: Held<'_>, vm: String, name: Option<String>) -> Answer<Snapshot> {
    Ok(shell.engine().await?.snapshot_create(&vm, name).await?.into())
}

#[command]
pub(crate) async fn snapshot_delete(shell: Held<'_>, snapshot: String) -> Answer<()> {
    Ok(shell.engine().await?.snapshot_delete(&snapshot).await?)
}
