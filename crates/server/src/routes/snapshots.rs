//! `/v1/snapshots` and `/v1/vms/{vm}/snapshot`: machines' disks at points in time.

use axum::Json;
use axum::extract::State;
use cairn_api::{NewSnapshot, Snapshot};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{all, gone, one};
use crate::app::Shared;
use crate::extract::{Object, Params, Path};
use crate::refusal::Answer;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(look, delete)).routes(routes!(create))
}

/// The snapshots, oldest first.
#[utoipa::path(
    get,
    path = "/v1/snapshots",
    params(("type" = Option<String>, Query, description = "Only those of this type; all are `user`")),
    responses((status = OK, body = Vec<Snapshot>))
)]
async fn list(State(app): State<Shared>, params: Params) -> Answer<Vec<Snapshot>> {
    if params.filled("type").is_some_and(|kind| kind != "user") {
        return Ok(Json(Vec::new()));
    }
    Ok(all(app.engine.snapshot_list().await?))
}

/// One snapshot.
#[utoipa::path(get, path = "/v1/snapshots/{snapshot}", responses((status = OK, body = Snapshot)))]
async fn look(State(app): State<Shared>, Path(snapshot): Path<String>) -> Answer<Snapshot> {
    Ok(one(app.engine.snapshot_get(&snapshot).await?))
}

/// Freezes the machine's own disk as it is now; the machine goes on.
#[utoipa::path(
    post,
    path = "/v1/vms/{vm}/snapshot",
    params(("wait" = Option<bool>, Query, description = "Either way it is ready when it is answered: it takes a moment")),
    request_body = NewSnapshot,
    responses((status = OK, body = Snapshot))
)]
async fn create(
    State(app): State<Shared>,
    Path(vm): Path<String>,
    params: Params,
    Object(new): Object<NewSnapshot>,
) -> Answer<Snapshot> {
    params.flag("wait", true)?;
    Ok(one(app.engine.snapshot_create(&vm, new.name).await?))
}

/// Deletes a snapshot that nothing stands on.
#[utoipa::path(delete, path = "/v1/snapshots/{snapshot}", responses((status = OK, body = Object)))]
async fn delete(State(app): State<Shared>, Path(snapshot): Path<String>) -> Answer<Value> {
    app.engine.snapshot_delete(&snapshot).await?;
    Ok(gone("snapshot_id", &snapshot))
}
