//! Checkpoints of a volume.

use cairn_api::{Checkpoint, Deletion, Diff, NewCheckpointGroup, Pruned, RestoreFilesRequest, Transfer, Volume};
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
pub(crate) async fn checkpoint_create_group(shell: Held<'_>, group: NewCheckpointGroup) -> Answer<Vec<Checkpoint>> {
    Ok(wire(shell.engine().await?.checkpoint_create_group(group.into()).await?))
}

#[command]
pub(crate) async fn checkpoint_diff(
    shell: Held<'_>,
    volume: String,
    checkpoint: String,
    to: Option<String>,
    limit: Option<usize>,
) -> Answer<Diff> {
    Ok(shell.engine().await?.checkpoint_diff(&volume, &checkpoint, to.as_deref(), limit).await?.into())
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
pub(crate) async fn checkpoint_delete_plan(shell: Held<'_>, volume: String, checkpoint: String) -> Answer<Deletion> {
    Ok(shell.engine().await?.checkpoint_delete_plan(&volume, &checkpoint).await?.into())
}

#[command]
pub(crate) async fn checkpoint_delete(shell: Held<'_>, volume: String, checkpoint: String) -> Answer<Deletion> {
    Ok(shell.engine().await?.checkpoint_delete(&volume, &checkpoint).await?.into())
}

#[command]
pub(crate) async fn checkpoint_prune_whole_plan(shell: Held<'_>, volume: String) -> Answer<Deletion> {
    Ok(shell.engine().await?.checkpoint_prune_whole_plan(&volume).await?.into())
}

#[command]
pub(crate) async fn checkpoint_prune(shell: Held<'_>, volume: String) -> Answer<Vec<Pruned>> {
    Ok(wire(shell.engine().await?.checkpoint_prune(&volume).await?))
}
