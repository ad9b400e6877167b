//! `/v1/volumes/{volume}/checkpoints`, and `/v1/checkpoints` for those of several volumes: take, list, restore, delete.

use axum::extract::State;
use axum::routing::{delete as on_delete, get, post};
use axum::{Json, Router};
use cairn_api::{
    Checkpoint, Deletion, Diff, NewBranch, NewCheckpoint, NewCheckpointGroup, RestoreFilesRequest, Transfer, Volume,
};
use serde_json::Value;

use super::{all, gone, one};
use crate::app::Shared;
use crate::extract::{Object, Params, Path};
use crate::refusal::Answer;

/// How many differences are told when the client does not say.
const DIFFERENCES: usize = 1000;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/v1/checkpoints", post(create_group))
        .route("/v1/volumes/{volume}/checkpoints", get(list).post(create))
        .route("/v1/volumes/{volume}/checkpoints/{checkpoint}", on_delete(delete))
        .route("/v1/volumes/{volume}/checkpoints/{checkpoint}/branch", post(branch))
        .route("/v1/volumes/{volume}/checkpoints/{checkpoint}/delete-plan", get(delete_plan))
        .route("/v1/volumes/{volume}/checkpoints/{checkpoint}/restore", post(restore))
        .route("/v1/volumes/{volume}/checkpoints/{checkpoint}/diff", get(diff))
        .route("/v1/volumes/{volume}/checkpoints/{checkpoint}/restore-files", post(restore_files))
}

async fn list(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Vec<Checkpoint>> {
    Ok(all(app.engine.checkpoint_list(&volume).await?))
}

async fn create(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(new): Object<NewCheckpoint>,
) -> Answer<Checkpoint> {
    Ok(one(app.engine.checkpoint_create(&volume, new.name).await?))
}

async fn create_group(State(app): State<Shared>, Object(new): Object<NewCheckpointGroup>) -> Answer<Vec<Checkpoint>> {
    Ok(all(app.engine.checkpoint_create_group(new.into()).await?))
}

async fn branch(
    State(app): State<Shared>,
    Path((volume, checkpoint)): Path<(String, String)>,
    Object(new): Object<NewBranch>,
) -> Answer<Volume> {
    Ok(one(app.engine.checkpoint_branch(&volume, &checkpoint, &new.name).await?))
}

async fn restore(State(app): State<Shared>, Path((volume, checkpoint)): Path<(String, String)>) -> Answer<Volume> {
    Ok(one(app.engine.checkpoint_restore(&volume, &checkpoint).await?))
}

async fn diff(
    State(app): State<Shared>,
    Path((volume, checkpoint)): Path<(String, String)>,
    params: Params,
) -> Answer<Diff> {
    let limit = params.number("limit", DIFFERENCES)?;
    Ok(one(app.engine.checkpoint_diff(&volume, &checkpoint, params.filled("to"), Some(limit)).await?))
}

async fn restore_files(
    State(app): State<Shared>,
    Path((volume, checkpoint)): Path<(String, String)>,
    Object(request): Object<RestoreFilesRequest>,
) -> Answer<Transfer> {
    Ok(one(app.engine.checkpoint_restore_files(&volume, request.into_engine(checkpoint)).await?))
}

/// What a `DELETE` would do now.
async fn delete_plan(
    State(app): State<Shared>,
    Path((volume, checkpoint)): Path<(String, String)>,
) -> Answer<Deletion> {
    Ok(one(app.engine.checkpoint_delete_plan(&volume, &checkpoint).await?))
}

/// Answers what was done, beside what is no more.
async fn delete(State(app): State<Shared>, Path((volume, checkpoint)): Path<(String, String)>) -> Answer<Value> {
    let done: Deletion = app.engine.checkpoint_delete(&volume, &checkpoint).await?.into();
    let Json(mut answer) = gone("checkpoint_id", &checkpoint);
    answer["deletion"] = serde_json::to_value(done).map_err(|error| super::defect("answering", &error))?;
    Ok(Json(answer))
}
