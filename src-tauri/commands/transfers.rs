//! Copies in and out. Paths come in, never bytes: the engine reads and writes the host's files itself.

use cairn_api::{DownloadRequest, ExportRequest, FetchRequest, ImportRequest, Transfer, UnpackRequest, UploadRequest};
use tauri::command;

use super::{Held, wire};
use crate::refusal::Answer;

#[command]
pub(crate) async fn upload(shell: Held<'_>, volume: String, request: UploadRequest) -> Answer<Transfer> {
    Ok(shell.engine().await?.upload(&volume, request.into()).await?.into())
}

#[command]
pub(crate) async fn download(shell: Held<'_>, volume: String, request: DownloadRequest) -> Answer<Transfer> {
    Ok(shell.engine().await?.download(&volume, request.into()).await?.into())
}

#[command]
pub(crate) async fn files_fetch(shell: Held<'_>, volume: String, request: FetchRequest) -> Answer<Transfer> {
    Ok(shell.engine().await?.files_fetch(&volume, request.into()).await?.into())
}

#[command]
pub(crate) async fn files_unpack(shell: Held<'_>, volume: String, request: UnpackRequest) -> Answer<Transfer> {
    Ok(shell.engine().await?.files_unpack(&volume, request.into()).await?.into())
}

#[command]
pub(crate) async fn volume_import(shell: Held<'_>, request: ImportRequest) -> Answer<Transfer> {
    Ok(shell.engine().await?.volume_import(request.into()).await?.into())
}

#[command]
pub(crate) async fn volume_export(shell: Held<'_>, volume: String, request: ExportRequest) -> Answer<Transfer> {
    Ok(shell.engine().await?.volume_export(&volume, request.into()).await?.into())
}

#[command]
pub(crate) async fn transfer_list(shell: Held<'_>) -> Answer<Vec<Transfer>> {
    Ok(wire(shell.engine().await?.transfer_list()))
}

#[command]
pub(crate) async fn transfer_pause(shell: Held<'_>, id: String) -> Answer<Transfer> {
    Ok(shell.engine().await?.transfer_pause(&id)?.into())
}

#[command]
pub(crate) async fn transfer_resume(shell: Held<'_>, id: String) -> Answer<Transfer> {
    Ok(shell.engine().await?.transfer_resume(&id).await?.into())
}

#[command]
pub(crate) async fn transfer_retry(shell: Held<'_>, id: String) -> Answer<Transfer> {
    Ok(shell.engine().await?.transfer_retry(&id).await?.into())
}

#[command]
pub(crate) async fn transfer_cancel(shell: Held<'_>, id: String) -> Answer<Transfer> {
    Ok(shell.engine().await?.transfer_cancel(&id)?.into())
}

#[command]
pub(crate) async fn transfer_clear(shell: Held<'_>) -> Answer<()> {
    shell.engine().await?.transfer_clear();
    Ok(())
}
