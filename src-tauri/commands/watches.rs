//! Folders of the host that are kept in step into a volume.

use cairn_api::{NewWatch, Watch};
use tauri::command;

use super::{Held, wire};
use crate::refusal::Answer;

#[command]
pub(crate) async fn watch_list(shell: Held<'_>, volume: String) -> Answer<Vec<Watch>> {
    Ok(wire(shell.engine().await?.watch_list(Some(&volume)).await?))
}

#[command]
pub(crate) async fn watch_add(shell: Held<'_>, volume: String, new: NewWatch) -> Answer<Watch> {
    Ok(shell.engine().await?.watch_add(&volume, new.into()).await?.into())
}

#[command]
pub(crate) async fn watch_rm(shell: Held<'_>, volume: String, watch: String) -> Answer<Watch> {
    Ok(shell.engine().await?.watch_rm(&volume, &watch).await?.into())
}
