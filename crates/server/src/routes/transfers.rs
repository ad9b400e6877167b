//! Copies between the host's disk and a volume, done by the engine itself: start, watch, cancel, forget.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use cairn_api::{DownloadRequest, ExportRequest, FetchRequest, ImportRequest, Transfer, UploadRequest};
use serde_json::{Value, json};

use super::{all, one};
use crate::app::Shared;
use crate::extract::{Object, Path};
use crate::refusal::{Answer, Refusal};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/v1/volumes/{volume}/transfers/upload", post(upload))
        .route("/v1/volumes/{volume}/transfers/download", post(download))
        .route("/v1/volumes/{volume}/transfers/export", post(export))
        .route("/v1/volumes/{volume}/transfers/fetch", post(fetch))
        .route("/v1/transfers/import", post(import))
        .route("/v1/transfers", get(list).delete(forget))
        .route("/v1/transfers/{transfer}", get(look).delete(cancel))
}

async fn upload(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(request): Object<UploadRequest>,
) -> Answer<Transfer> {
    all_absolute(&request.sources)?;
    Ok(one(app.engine.upload(&volume, request.into()).await?))
}

async fn download(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(request): Object<DownloadRequest>,
) -> Answer<Transfer> {
    all_absolute(std::slice::from_ref(&request.destination))?;
    Ok(one(app.engine.download(&volume, request.into()).await?))
}

async fn export(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(request): Object<ExportRequest>,
) -> Answer<Transfer> {
    all_absolute(std::slice::from_ref(&request.destination))?;
    Ok(one(app.engine.volume_export(&volume, request.into()).await?))
}

async fn fetch(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(request): Object<FetchRequest>,
) -> Answer<Transfer> {
    Ok(one(app.engine.files_fetch(&volume, request.into()).await?))
}

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

async fn list(State(app): State<Shared>) -> Json<Vec<Transfer>> {
    all(app.engine.transfer_list())
}

async fn look(State(app): State<Shared>, Path(transfer): Path<String>) -> Answer<Transfer> {
    Ok(Json(app.engine.transfer_get(&transfer)?.into()))
}

async fn cancel(State(app): State<Shared>, Path(transfer): Path<String>) -> Answer<Transfer> {
    Ok(Json(app.engine.transfer_cancel(&transfer)?.into()))
}

/// Forgets those that have ended.
async fn forget(State(app): State<Shared>) -> Json<Value> {
    app.engine.transfer_clear();
    Json(json!({ "deleted": true }))
}
