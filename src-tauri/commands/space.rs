//! What a volume takes up, and through how many files it is read.

use cairn_api::{Chain, VolumeUsage};
use tauri::command;

use super::Held;
use crate::refusal::Answer;

#[command]
pub(crate) async fn volume_usage(shell: Held<'_>, volume: String) -> Answer<VolumeUsage> {
    Ok(shell.engine().await?.volume_usage(&volume).await?.into())
}

#[command]
pub(crate) async fn volume_chain(shell: Held<'_>, volume: String) -> Answer<Chain> {
    Ok(shell.engine().await?.volume_chain(&volume).await?.into())
}

#[command]
pub(crate) async fn volume_optimiser_set(shell: Held<'_>, volume: String, on: bool) -> Answer<Chain> {
    Ok(shell.engine().await?.volume_optimiser_set(&volume, on).await?.into())
}

#[command]
pub(crate) async fn volume_optimise(shell: Held<'_>, volume: String) -> Answer<Chain> {
    Ok(shell.engine().await?.volume_optimise(&volume).await?.into())
}
