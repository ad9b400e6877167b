//! Copies between the host's disk and a volume, done by the engine itself: start, watch, pause, retry, cancel, forget.

use axum::Json;
use axum::extract::State;
use cairn_api::{DownloadRequest, ExportRequest, FetchRequest, ImportRequest, Transfer, UnpackRequest, UploadRequest};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Listed, PageParams, one, paged, whole};
use crate::app::Shared;
use crate::extract::{Object, Params, Path};
use crate::refusal::{Answer, Refusal};

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(upload))
        .routes(routes!(download))
        .routes(routes!(export))
        .routes(routes!(fetch))
        .routes(routes!(unpack))
        .routes(routes!(import))
        .routes(routes!(list, forget))
        .routes(routes!(look, cancel))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(retry))
}

/// Begins a copy from this computer's disk into the volume.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/transfers/upload",
    request_body = UploadRequest,
    responses((status = OK, body = Transfer))
)]
async fn upload(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(request): Object<UploadRequest>,
) -> Answer<Transfer> {
    all_absolute(&request.sources)?;
    Ok(one(app.engine.upload(&volume, request.into()).await?))
}

/// Begins a copy from the volume to this computer's disk.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/transfers/download",
    request_body = DownloadRequest,
    responses((status = OK, body = Transfer))
)]
async fn download(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(request): Object<DownloadRequest>,
) -> Answer<Transfer> {
    all_absolute(std::slice::from_ref(&request.destination))?;
    Ok(one(app.engine.download(&volume, request.into()).await?))
}

/// Begins to write the volume, or a checkpoint of it, to a file of this computer.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/transfers/export",
    request_body = ExportRequest,
    responses((status = OK, body = Transfer))
)]
async fn export(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(request): Object<ExportRequest>,
) -> Answer<Transfer> {
    all_absolute(std::slice::from_ref(&request.destination))?;
    Ok(one(app.engine.volume_export(&volume, request.into()).await?))
}

/// Begins to copy a file of the web into the volume, or to unpack an archive of the web there.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/transfers/fetch",
    request_body = FetchRequest,
    responses((status = OK, body = Transfer))
)]
async fn fetch(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(request): Object<FetchRequest>,
) -> Answer<Transfer> {
    Ok(one(app.engine.files_fetch(&volume, request.into()).await?))
}

/// Begins to unpack an archive of this computer into a folder of the volume.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/transfers/unpack",
    request_body = UnpackRequest,
    responses((status = OK, body = Transfer))
)]
async fn unpack(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(request): Object<UnpackRequest>,
) -> Answer<Transfer> {
    all_absolute(std::slice::from_ref(&request.archive))?;
    Ok(one(app.engine.files_unpack(&volume, request.into()).await?))
}

/// Begins to make a volume of an image or archive of this computer.
#[utoipa::path(
    post,
    path = "/v1/transfers/import",
    request_body = ImportRequest,
    responses((status = OK, body = Transfer))
)]
async fn import(State(app): State<Shared>, Object(request): Object<ImportRequest>) -> Answer<Transfer> {
    all_absolute(std::slice::from_ref(&request.source))?;
    Ok(one(app.engine.volume_import(request.into()).await?))
}

/// A relative path would be taken relative to wherever the server was started.
fn all_absolute(paths: &[String]) -> Result<(), Refusal> {
    match paths.iter().find(|path| !std::path::Path::new(path).is_absolute()) {
        Some(path) => Err(Refusal::invalid(format!("'{path}' is not an absolute path on this machine."))),
        None => Ok(()),
    }
}

/// The copies under way, and those that have ended.
#[utoipa::path(
    get,
    path = "/v1/transfers",
    params(PageParams),
    responses((status = OK, body = Listed<Transfer>))
)]
async fn list(State(app): State<Shared>, params: Params) -> Answer<Listed<Transfer>> {
    Ok(match params.page_or_limit()? {
        Some(page) => paged(app.engine.transfer_page(&page)?),
        None => whole(app.engine.transfer_list()),
    })
}

/// One copy.
#[utoipa::path(get, path = "/v1/transfers/{transfer}", responses((status = OK, body = Transfer)))]
async fn look(State(app): State<Shared>, Path(transfer): Path<String>) -> Answer<Transfer> {
    Ok(Json(app.engine.transfer_get(&transfer)?.into()))
}

/// Cancels a copy; nothing half-written is left.
#[utoipa::path(delete, path = "/v1/transfers/{transfer}", responses((status = OK, body = Transfer)))]
async fn cancel(State(app): State<Shared>, Path(transfer): Path<String>) -> Answer<Transfer> {
    Ok(Json(app.engine.transfer_cancel(&transfer)?.into()))
}

/// Asks a copy to rest; it keeps its place, and what it has copied.
#[utoipa::path(post, path = "/v1/transfers/{transfer}/pause", responses((status = OK, body = Transfer)))]
async fn pause(State(app): State<Shared>, Path(transfer): Path<String>) -> Answer<Transfer> {
    Ok(one(app.engine.transfer_pause(&transfer)?))
}

/// Lets a paused copy go on, and takes up one that was interrupted.
#[utoipa::path(post, path = "/v1/transfers/{transfer}/resume", responses((status = OK, body = Transfer)))]
async fn resume(State(app): State<Shared>, Path(transfer): Path<String>) -> Answer<Transfer> {
    Ok(one(app.engine.transfer_resume(&transfer).await?))
}

/// Begins a copy again that has failed, was cancelled or was interrupted; it keeps its id.
#[utoipa::path(post, path = "/v1/transfers/{transfer}/retry", responses((status = OK, body = Transfer)))]
async fn retry(State(app): State<Shared>, Path(transfer): Path<String>) -> Answer<Transfer> {
    Ok(one(app.engine.transfer_retry(&transfer).await?))
}

/// Forgets the copies that have ended.
#[utoipa::path(delete, path = "/v1/transfers", responses((status = OK, body = Object)))]
async fn forget(State(app): State<Shared>) -> Json<Value> {
    app.engine.transfer_clear();
    Json(json!({ "deleted": true }))
}
