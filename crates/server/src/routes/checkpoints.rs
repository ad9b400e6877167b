//! `/v1/volumes/{volume}/checkpoints`, and `/v1/checkpoints` for those of several volumes: take, list, restore, delete.

use axum::Json;
use axum::extract::State;
use cairn_api::{
    Checkpoint, Deletion, Diff, NewBranch, NewCheckpoint, NewCheckpointGroup, RestoreFilesRequest, Transfer, Volume,
};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Listed, PageParams, all, gone, one, paged, whole};
use crate::app::Shared;
use crate::extract::{Object, Params, Path};
use crate::refusal::Answer;

/// How many differences are told when the client does not say.
const DIFFERENCES: usize = 1000;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(create_group))
        .routes(routes!(branch))
        .routes(routes!(restore))
        .routes(routes!(diff))
        .routes(routes!(restore_files))
        .routes(routes!(delete_plan))
        .routes(routes!(delete))
}

/// The checkpoints of the volume, oldest first.
#[utoipa::path(
    get,
    path = "/v1/volumes/{volume}/checkpoints",
    params(PageParams),
    responses((status = OK, body = Listed<Checkpoint>))
)]
async fn list(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Answer<Listed<Checkpoint>> {
    Ok(match params.page_or_limit()? {
        Some(page) => paged(app.engine.checkpoint_page(&volume, &page).await?),
        None => whole(app.engine.checkpoint_list(&volume).await?),
    })
}

/// Takes a checkpoint.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/checkpoints",
    request_body = NewCheckpoint,
    responses((status = OK, body = Checkpoint))
)]
async fn create(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(new): Object<NewCheckpoint>,
) -> Answer<Checkpoint> {
    Ok(one(app.engine.checkpoint_create(&volume, new.name).await?))
}

/// Takes checkpoints of several volumes at one moment: all or none.
#[utoipa::path(
    post,
    path = "/v1/checkpoints",
    request_body = NewCheckpointGroup,
    responses((status = OK, body = Vec<Checkpoint>))
)]
async fn create_group(State(app): State<Shared>, Object(new): Object<NewCheckpointGroup>) -> Answer<Vec<Checkpoint>> {
    Ok(all(app.engine.checkpoint_create_group(new.into()).await?))
}

/// Makes a volume of its own that starts from the checkpoint.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/checkpoints/{checkpoint}/branch",
    request_body = NewBranch,
    responses((status = OK, body = Volume))
)]
async fn branch(
    State(app): State<Shared>,
    Path((volume, checkpoint)): Path<(String, String)>,
    Object(new): Object<NewBranch>,
) -> Answer<Volume> {
    Ok(one(app.engine.checkpoint_branch(&volume, &checkpoint, &new.name).await?))
}

/// Makes the checkpoint the present again; what was the present is kept as an automatic checkpoint.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/checkpoints/{checkpoint}/restore",
    responses((status = OK, body = Volume))
)]
async fn restore(State(app): State<Shared>, Path((volume, checkpoint)): Path<(String, String)>) -> Answer<Volume> {
    Ok(one(app.engine.checkpoint_restore(&volume, &checkpoint).await?))
}

/// What differs between the checkpoint and another, or the present.
#[utoipa::path(
    get,
    path = "/v1/volumes/{volume}/checkpoints/{checkpoint}/diff",
    params(
        ("to" = Option<String>, Query, description = "The other checkpoint; the present when absent"),
        ("limit" = Option<u32>, Query, description = "How many differences are told; 1000 when absent"),
    ),
    responses((status = OK, body = Diff))
)]
async fn diff(
    State(app): State<Shared>,
    Path((volume, checkpoint)): Path<(String, String)>,
    params: Params,
) -> Answer<Diff> {
    let limit = params.number("limit")?.unwrap_or(DIFFERENCES);
    Ok(one(app.engine.checkpoint_diff(&volume, &checkpoint, params.filled("to"), Some(limit)).await?))
}

/// Copies files of the checkpoint into the present, as a transfer.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/checkpoints/{checkpoint}/restore-files",
    request_body = RestoreFilesRequest,
    responses((status = OK, body = Transfer))
)]
async fn restore_files(
    State(app): State<Shared>,
    Path((volume, checkpoint)): Path<(String, String)>,
    Object(request): Object<RestoreFilesRequest>,
) -> Answer<Transfer> {
    Ok(one(app.engine.checkpoint_restore_files(&volume, request.into_engine(checkpoint)).await?))
}

/// What deleting the checkpoint would do now.
#[utoipa::path(
    get,
    path = "/v1/volumes/{volume}/checkpoints/{checkpoint}/delete-plan",
    responses((status = OK, body = Deletion))
)]
async fn delete_plan(
    State(app): State<Shared>,
    Path((volume, checkpoint)): Path<(String, String)>,
) -> Answer<Deletion> {
    Ok(one(app.engine.checkpoint_delete_plan(&volume, &checkpoint).await?))
}

/// Deletes the checkpoint; answers what was done beside what is no more.
#[utoipa::path(
    delete,
    path = "/v1/volumes/{volume}/checkpoints/{checkpoint}",
    responses((status = OK, body = Object))
)]
async fn delete(State(app): State<Shared>, Path((volume, checkpoint)): Path<(String, String)>) -> Answer<Value> {
    let done: Deletion = app.engine.checkpoint_delete(&volume, &checkpoint).await?.into();
    let Json(mut answer) = gone("checkpoint_id", &checkpoint);
    answer["deletion"] = serde_json::to_value(done).map_err(|error| super::defect("answering", &error))?;
    Ok(Json(answer))
}
