//! What Cairn does with a volume by itself.

use cairn_api::{Policy, PolicyChange};
use tauri::command;

use super::Held;
use crate::refusal::Answer;

#[command]
pub(crate) async fn policy_get(shell: Held<'_>, volume: String) -> Answer<Policy> {
    Ok(shell.engine().await?.policy_get(&volume).await?.into())
}

#[command]
pub(crate) async fn policy_set(shell: Held<'_>, volume: String, change: PolicyChange) -> Answer<Policy> {
    Ok(shell.engine().await?.policy_set(&volume, change.into()).await?.into())
}
