//! Checkpoints of a volume.

use cairn_api::{Checkpoint, RestoreFilesRequest, Transfer, Volume};
use tauri::command;

use super::{Held, wire};
use crate::refusal::Answer;

#[command]
pub(crate) async fn checkpoint_list(shell: Held<'_>, volume: String) -> Answer<Vec<Checkpoint>> {
    Ok(wire(shell.engine().await?.checkpoint_list(&volume).await?))
}

#[command]
pub(crate) async fn checkpoint_create(shell: Held<'_>, volume: String, name: Option<String>) -> Answer<Checkpoint> {
    Ok(shell.engine().await?.checkpoint_create(&volume, name).await?.into())
}

#[command]
pub(crate) async fn checkpoint_restore(shell: Held<'_>, volume: String, checkpoint: String) -> Answer<Volume> {
    Ok(shell.engine().await?.checkpoint_restore(&volume, &checkpoint).await?.into())
}

#[command]
pub(crate) async fn checkpoint_restore_files(
    shell: Held<'_>,
    volume: String,
    checkpoint: String,
    request: RestoreFilesRequest,
) -> Answer<Transfer> {
    let wanted = request.into_engine(checkpoint);
    Ok(shell.engine().await?.checkpoint_restore_files(&volume, wanted).await?.into())
}

#[command]
pub(crate) async fn checkpoint_branch(
    shell: Held<'_>,
    volume: String,
    checkpoint: String,
    name: String,
) -> Answer<Volume> {
    Ok(shell.engine().await?.checkpoint_branch(&volume, &checkpoint, &name).await?.into())
}

#[command]
pub(crate) async fn checkpoint_delete(shell: Held<'_>, volume: String, checkpoint: String) -> Answer<()> {
    Ok(shell.engine().await?.checkpoint_delete(&volume, &checkpoint).await.map(drop)?)
}
