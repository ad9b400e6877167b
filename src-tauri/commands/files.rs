//! Files in a volume.

use cairn_api::{ErrorCode, FileEntry, FileVersion};
use cairn_engine::{FileReader, ListFiles, Page};
use tauri::command;
use tauri::ipc::Response;

use super::{Held, wire};
use crate::refusal::{Answer, Refusal};

/// The window looks at no more of a file, in bytes.
const MOST_LOOKED_AT: u64 = 16 << 20;

/// Which files are listed.
#[derive(serde::Deserialize)]
pub(crate) struct ListedFolder {
    prefix: String,
    recursive: bool,
    at: Option<String>,
}

/// A page of a list of files.
#[derive(serde::Serialize)]
pub(crate) struct FilePage {
    items: Vec<FileEntry>,
    next_cursor: Option<String>,
}

/// Page by page: what a folder of a hundred thousand files has would be in memory several times over if it came at once.
#[command]
pub(crate) async fn file_page(
    shell: Held<'_>,
    volume: String,
    list: ListedFolder,
    limit: usize,
    cursor: Option<String>,
) -> Answer<FilePage> {
    let ListedFolder { prefix, recursive, at } = list;
    let list = ListFiles { prefix, recursive, limit: None, at };
    let page = shell.engine().await?.file_page(&volume, list, &Page { limit, cursor }).await?;
    Ok(FilePage { items: wire(page.items), next_cursor: page.next_cursor })
}

#[command]
pub(crate) async fn file_stat(shell: Held<'_>, volume: String, path: String, at: Option<String>) -> Answer<FileEntry> {
    Ok(shell.engine().await?.file_stat(&volume, &path, at.as_deref()).await?.into())
}

/// The first bytes of a file, so that it can be looked at. Copies do not go this way: `download` never passes here.
#[command]
pub(crate) async fn file_read(
    shell: Held<'_>,
    volume: String,
    path: String,
    at: Option<String>,
    limit: u64,
) -> Answer<Response> {
    let reader = shell.engine().await?.file_read(&volume, &path, at.as_deref()).await?;
    let reading = tauri::async_runtime::spawn_blocking(move || first_bytes(&reader, limit.min(MOST_LOOKED_AT)));
    let bytes = reading.await.map_err(|error| {
        Refusal::new(ErrorCode::Internal, format!("'{path}' could not be read: {error}."), "Try again.")
    })??;
    Ok(Response::new(bytes))
}

fn first_bytes(reader: &FileReader, limit: u64) -> Answer<Vec<u8>> {
    let length = usize::try_from(reader.entry().size.min(limit)).unwrap_or(usize::MAX);
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while filled < length {
        match reader.read_at(&mut bytes[filled..], filled as u64)? {
            0 => break,
            read => filled += read,
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

#[command]
pub(crate) async fn file_history(shell: Held<'_>, volume: String, path: String) -> Answer<Vec<FileVersion>> {
    Ok(wire(shell.engine().await?.file_history(&volume, &path).await?))
}

/// Answers with the checkpoint from which they can be brought back.
#[command]
pub(crate) async fn files_delete_undoable(
    shell: Held<'_>,
    volume: String,
    paths: Vec<String>,
    recursive: bool,
) -> Answer<String> {
    Ok(shell.engine().await?.files_delete_undoable(&volume, &paths, recursive).await?.into())
}

#[command]
pub(crate) async fn file_mkdir(shell: Held<'_>, volume: String, path: String) -> Answer<FileEntry> {
    Ok(shell.engine().await?.file_mkdir(&volume, &path).await?.into())
}

#[command]
pub(crate) async fn file_rename(shell: Held<'_>, volume: String, from: String, to: String) -> Answer<FileEntry> {
    Ok(shell.engine().await?.file_rename(&volume, &from, &to).await?.into())
}
