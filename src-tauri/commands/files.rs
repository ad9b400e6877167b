//! Files in a volume.

use cairn_api::{FileEntry, FileVersion};
use cairn_engine::ListFiles;
use tauri::command;

use super::{Held, wire};
use crate::refusal::Answer;

#[command]
pub(crate) async fn file_list(
    shell: Held<'_>,
    volume: String,
    prefix: String,
    recursive: bool,
    limit: Option<usize>,
    at: Option<String>,
) -> Answer<Vec<FileEntry>> {
    let list = ListFiles { prefix, recursive, limit, at };
    Ok(wire(shell.engine().await?.file_list(&volume, list).await?))
}

#[command]
pub(crate) async fn file_stat(shell: Held<'_>, volume: String, path: String, at: Option<String>) -> Answer<FileEntry> {
    Ok(shell.engine().await?.file_stat(&volume, &path, at.as_deref()).await?.into())
}

#[command]
pub(crate) async fn file_history(shell: Held<'_>, volume: String, path: String) -> Answer<Vec<FileVersion>> {
    Ok(wire(shell.engine().await?.file_history(&volume, &path).await?))
}

#[command]
pub(crate) async fn files_delete(
    shell: Held<'_>,
    volume: String,
    paths: Vec<String>,
    recursive: bool,
) -> Answer<()> {
    Ok(shell.engine().await?.files_delete(&volume, &paths, recursive).await?)
}

#[command]
pub(crate) async fn file_mkdir(shell: Held<'_>, volume: String, path: String) -> Answer<FileEntry> {
    Ok(shell.engine().await?.file_mkdir(&volume, &path).await?.into())
}

#[command]
pub(crate) async fn file_rename(shell: Held<'_>, volume: String, from: String, to: String) -> Answer<FileEntry> {
    Ok(shell.engine().await?.file_rename(&volume, &from, &to).await?.into())
}
