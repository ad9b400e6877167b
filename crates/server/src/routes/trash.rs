//! `/v1/trash`: deleted volumes, bringing them back, letting them go for good.

use axum::extract::State;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use cairn_api::{Trash, TrashChange, Undelete, Volume};
use serde_json::{Value, json};

use super::{gone, one};
use crate::app::Shared;
use crate::extract::{Object, Path};
use crate::refusal::Answer;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/v1/trash", get(list).patch(keep).delete(empty))
        .route("/v1/trash/{volume}", delete(remove))
        .route("/v1/trash/{volume}/undelete", post(undelete))
}

async fn list(State(app): State<Shared>) -> Answer<Trash> {
    Ok(one(app.engine.trash_list().await?))
}

async fn keep(State(app): State<Shared>, Object(change): Object<TrashChange>) -> Answer<Trash> {
    Ok(one(app.engine.trash_keep(change.keep_days).await?))
}

async fn undelete(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(wanted): Object<Undelete>,
) -> Answer<Volume> {
    Ok(one(app.engine.volume_undelete(&volume, wanted.name.as_deref()).await?))
}

async fn remove(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Value> {
    app.engine.trash_remove(&volume).await?;
    Ok(gone("volume_id", &volume))
}

/// All of them, for good.
async fn empty(State(app): State<Shared>) -> Answer<Value> {
    let count = app.engine.trash_empty().await?;
    Ok(Json(json!({ "count": count, "deleted": true })))
}
