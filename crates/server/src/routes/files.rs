//! `/v1/volumes/{volume}/files`: list, look at, delete, make folders, rename, copy. Contents are next door.

use axum::Json;
use axum::extract::State;
use cairn_api::strings::FilePath;
use cairn_api::{CopyFilesRequest, DeleteFilesRequest, FileEntry, FileVersion, FilesDeleted, Transfer};
use cairn_engine::ListFiles;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{CursorParam, Listed, all, gone, one, paged, whole};
use crate::app::Shared;
use crate::extract::{Object, Params, Path};
use crate::refusal::Answer;

/// How many entries are listed when the client does not say; the seed's client says the same.
const LIMIT: usize = 1000;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, delete))
        .routes(routes!(stat))
        .routes(routes!(history))
        .routes(routes!(delete_many))
        .routes(routes!(mkdir))
        .routes(routes!(rename))
        .routes(routes!(copy))
}

/// The files, folders and links of the volume.
#[utoipa::path(
    get,
    path = "/v1/volumes/{volume}/files",
    params(
        ("prefix" = Option<String>, Query, description = "Only what is in this folder; the root when absent"),
        ("recursive" = Option<bool>, Query, description = "Folders within folders as well; true when absent"),
        ("limit" = Option<u32>, Query, description = "How many are listed; 1000 when absent"),
        CursorParam,
        ("at" = Option<String>, Query, description = "A checkpoint; the present when absent"),
    ),
    responses((status = OK, body = Listed<FileEntry>))
)]
async fn list(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Answer<Listed<FileEntry>> {
    let list = ListFiles {
        prefix: params.get("prefix").unwrap_or_default().to_owned(),
        recursive: params.flag("recursive", true)?,
        limit: Some(params.number("limit")?.unwrap_or(LIMIT)),
        at: params.filled("at").map(str::to_owned),
    };
    Ok(match params.page()? {
        Some(page) => paged(app.engine.file_page(&volume, list, &page).await?),
        None => whole(app.engine.file_list(&volume, list).await?),
    })
}

/// What is at `path`.
#[utoipa::path(
    get,
    path = "/v1/volumes/{volume}/files/stat",
    params(
        ("path" = String, Query, description = "The file, folder or link"),
        ("at" = Option<String>, Query, description = "A checkpoint; the present when absent"),
    ),
    responses((status = OK, body = FileEntry))
)]
async fn stat(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Answer<FileEntry> {
    let path = params.required("path")?;
    Ok(one(app.engine.file_stat(&volume, path, params.filled("at")).await?))
}

/// The versions of the file at `path`, oldest first.
#[utoipa::path(
    get,
    path = "/v1/volumes/{volume}/files/history",
    params(("path" = String, Query, description = "The file")),
    responses((status = OK, body = Vec<FileVersion>))
)]
async fn history(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Answer<Vec<FileVersion>> {
    Ok(all(app.engine.file_history(&volume, params.required("path")?).await?))
}

/// Deletes what is at `path`.
#[utoipa::path(
    delete,
    path = "/v1/volumes/{volume}/files",
    params(
        ("path" = String, Query, description = "The file, folder or link"),
        ("recursive" = Option<bool>, Query, description = "Also a folder that is not empty"),
    ),
    responses((status = OK, body = Object))
)]
async fn delete(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Answer<Value> {
    let path = params.required("path")?;
    app.engine.file_delete(&volume, path, params.flag("recursive", false)?).await?;
    Ok(gone("path", path))
}

/// Deletes what is at several paths: all or nothing.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/files/delete",
    request_body = DeleteFilesRequest,
    responses((status = OK, body = FilesDeleted))
)]
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

/// `POST /v1/volumes/{id}/files/mkdir`.
#[derive(Deserialize, ToSchema)]
struct NewFolder {
    /// Its path.
    #[schema(value_type = FilePath)]
    path: String,
}

/// Makes a folder, and those above it.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/files/mkdir",
    request_body = NewFolder,
    responses((status = OK, body = FileEntry))
)]
async fn mkdir(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(new): Object<NewFolder>,
) -> Answer<FileEntry> {
    Ok(one(app.engine.file_mkdir(&volume, &new.path).await?))
}

/// `POST /v1/volumes/{id}/files/rename`.
#[derive(Deserialize, ToSchema)]
struct FileRename {
    /// The path that it has.
    #[schema(value_type = FilePath)]
    from: String,
    /// The path that it is to have.
    #[schema(value_type = FilePath)]
    to: String,
}

/// Gives a file, folder or link another path.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/files/rename",
    request_body = FileRename,
    responses((status = OK, body = FileEntry))
)]
async fn rename(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(rename): Object<FileRename>,
) -> Answer<FileEntry> {
    Ok(one(app.engine.file_rename(&volume, &rename.from, &rename.to).await?))
}

/// Begins a copy of files and folders within the volume.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/files/copy",
    request_body = CopyFilesRequest,
    responses((status = OK, body = Transfer))
)]
async fn copy(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(request): Object<CopyFilesRequest>,
) -> Answer<Transfer> {
    Ok(one(app.engine.files_copy(&volume, request.into()).await?))
}
