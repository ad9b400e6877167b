//! `/v1/volumes/{volume}/files`: list, look at, delete, make folders, rename, copy. Contents are next door.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use cairn_api::{CopyFilesRequest, DeleteFilesRequest, FileEntry, FileVersion, FilesDeleted, Transfer};
use cairn_engine::ListFiles;
use serde::Deserialize;
use serde_json::Value;

use super::{all, gone, one};
use crate::app::Shared;
use crate::extract::{Object, Params, Path};
use crate::refusal::Answer;

/// How many entries are listed when the client does not say; the seed's client says the same.
const LIMIT: usize = 1000;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/v1/volumes/{volume}/files", get(list).delete(delete))
        .route("/v1/volumes/{volume}/files/delete", post(delete_many))
        .route("/v1/volumes/{volume}/files/stat", get(stat))
        .route("/v1/volumes/{volume}/files/history", get(history))
        .route("/v1/volumes/{volume}/files/mkdir", post(mkdir))
        .route("/v1/volumes/{volume}/files/rename", post(rename))
        .route("/v1/volumes/{volume}/files/copy", post(copy))
}

async fn list(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Answer<Vec<FileEntry>> {
    let list = ListFiles {
        prefix: params.get("prefix").unwrap_or_default().to_owned(),
        recursive: params.flag("recursive", true)?,
        limit: Some(params.number("limit", LIMIT)?),
        at: params.filled("at").map(str::to_owned),
    };
    Ok(all(app.engine.file_list(&volume, list).await?))
}

async fn stat(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Answer<FileEntry> {
    let path = params.required("path")?;
    Ok(one(app.engine.file_stat(&volume, path, params.filled("at")).await?))
}

async fn history(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Answer<Vec<FileVersion>> {
    Ok(all(app.engine.file_history(&volume, params.required("path")?).await?))
}

async fn delete(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Answer<Value> {
    let path = params.required("path")?;
    app.engine.file_delete(&volume, path, params.flag("recursive", false)?).await?;
    Ok(gone("path", path))
}

async fn delete_many(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(request): Object<DeleteFilesRequest>,
) -> Answer<FilesDeleted> {
    let DeleteFilesRequest { paths, recursive, undoable } = request;
    let mut checkpoint_id = None;
    if undoable {
        checkpoint_id = Some(app.engine.files_delete_undoable(&volume, &paths, recursive).await?.into());
    } else {
        app.engine.files_delete(&volume, &paths, recursive).await?;
    }
    Ok(Json(FilesDeleted { paths, deleted: true, checkpoint_id }))
}

#[derive(Deserialize)]
struct NewFolder {
    path: String,
}

async fn mkdir(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(new): Object<NewFolder>,
) -> Answer<FileEntry> {
    Ok(one(app.engine.file_mkdir(&volume, &new.path).await?))
}

#[derive(Deserialize)]
struct Rename {
    from: String,
    to: String,
}

async fn rename(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(rename): Object<Rename>,
) -> Answer<FileEntry> {
    Ok(one(app.engine.file_rename(&volume, &rename.from, &rename.to).await?))
}

async fn copy(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(request): Object<CopyFilesRequest>,
) -> Answer<Transfer> {
    Ok(one(app.engine.files_copy(&volume, request.into()).await?))
}
