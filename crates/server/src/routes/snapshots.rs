//! `/v1/snapshots` and `/v1/vms/{vm}/snapshot`: machines' disks at points in time.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use cairn_api::{NewSnapshot, Snapshot};
use serde_json::Value;

use super::{all, gone, one};
use crate::app::Shared;
use crate::extract::{Object, Params, Path};
use crate::refusal::Answer;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/v1/snapshots", get(list))
        .route("/v1/snapshots/{snapshot}", get(look).delete(delete))
        .route("/v1/vms/{vm}/snapshot", post(create))
}

/// With `type`, only those of that type: all are the user's.
async fn list(State(app): State<Shared>, params: Params) -> Answer<Vec<Snapshot>> {
    if params.filled("type").is_some_and(|kind| kind != "user") {
        return Ok(Json(Vec::new()));
    }
    Ok(all(app.engine.snapshot_list().await?))
}

async fn look(State(app): State<Shared>, Path(snapshot): Path<String>) -> Answer<Snapshot> {
    Ok(one(app.engine.snapshot_get(&snapshot).await?))
}

async fn create(
    State(app): State<Shared>,
    Path(vm): Path<String>,
    Object(new): Object<NewSnapshot>,
) -> Answer<Snapshot> {
    Ok(one(app.engine.snapshot_create(&vm, new.name).await?))
}

async fn delete(State(app): State<Shared>, Path(snapshot): Path<String>) -> Answer<Value> {
    app.engine.snapshot_delete(&snapshot).await?;
    Ok(gone("snapshot_id", &snapshot))
}
