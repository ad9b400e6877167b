//! `/v1/trash`: deleted volumes, bringing them back, letting them go for good.

use axum::Json;
use axum::extract::State;
use cairn_api::{Trash, TrashChange, Undelete, Volume};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{gone, one};
use crate::app::Shared;
use crate::extract::{Object, Path};
use crate::refusal::Answer;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, keep, empty)).routes(routes!(remove)).routes(routes!(undelete))
}

/// The deleted volumes that can come back.
#[utoipa::path(
    get,
    path = "/v1/trash",
    responses((status = OK, body = Trash))
)]
async fn list(State(app): State<Shared>) -> Answer<Trash> {
    Ok(one(app.engine.trash_list().await?))
}

/// Says for how many days deleted volumes are kept.
#[utoipa::path(
    patch,
    path = "/v1/trash",
    request_body = TrashChange,
    responses((status = OK, body = Trash))
)]
async fn keep(State(app): State<Shared>, Object(change): Object<TrashChange>) -> Answer<Trash> {
    Ok(one(app.engine.trash_keep(change.keep_days).await?))
}

/// Brings a deleted volume back.
#[utoipa::path(
    post,
    path = "/v1/trash/{volume}/undelete",
    request_body = Undelete,
    responses((status = OK, body = Volume))
)]
async fn undelete(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(wanted): Object<Undelete>,
) -> Answer<Volume> {
    Ok(one(app.engine.volume_undelete(&volume, wanted.name.as_deref()).await?))
}

/// Lets a deleted volume go for good.
#[utoipa::path(
    delete,
    path = "/v1/trash/{volume}",
    responses((status = OK, body = Object))
)]
async fn remove(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Value> {
    app.engine.trash_remove(&volume).await?;
    Ok(gone("volume_id", &volume))
}

/// Lets all deleted volumes go for good.
#[utoipa::path(
    delete,
    path = "/v1/trash",
    responses((status = OK, body = Object))
)]
async fn empty(State(app): State<Shared>) -> Answer<Value> {
    let count = app.engine.trash_empty().await?;
    Ok(Json(json!({ "count": count, "deleted": true })))
}
