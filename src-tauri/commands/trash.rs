//! Deleted volumes.

use cairn_api::{Trash, Volume};
use tauri::command;

use super::Held;
use crate::refusal::Answer;

#[command]
pub(crate) async fn volume_undelete(shell: Held<'_>, volume: String, name: Option<String>) -> Answer<Volume> {
    Ok(shell.engine().await?.volume_undelete(&volume, name.as_deref()).await?.into())
}

#[command]
pub(crate) async fn trash_list(shell: Held<'_>) -> Answer<Trash> {
    Ok(shell.engine().await?.trash_list().await?.into())
}

#[command]
pub(crate) async fn trash_remove(shell: Held<'_>, volume: String) -> Answer<()> {
    Ok(shell.engine().await?.trash_remove(&volume).await?)
}

#[command]
pub(crate) async fn trash_empty(shell: Held<'_>) -> Answer<usize> {
    Ok(shell.engine().await?.trash_empty().await?)
}

#[command]
pub(crate) async fn trash_keep(shell: Held<'_>, days: u32) -> Answer<Trash> {
    Ok(shell.engine().await?.trash_keep(days).await?.into())
}
