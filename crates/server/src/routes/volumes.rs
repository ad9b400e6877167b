//! `/v1/volumes`: create, list, look at, what it takes up, check, clone, rename and grow, delete.

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use cairn_api::{NewBranch, NewVolume, Volume, VolumeChange, VolumeCheck, VolumeUsage};
use serde_json::Value;

use super::{all, gone, one};
use crate::app::Shared;
use crate::extract::{Object, Params, Path};
use crate::refusal::Answer;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/v1/volumes", get(list).post(create))
        .route("/v1/volumes/{volume}", get(look).patch(change).delete(delete))
        .route("/v1/volumes/{volume}/check", get(check))
        .route("/v1/volumes/{volume}/clone", post(clone))
        .route("/v1/volumes/{volume}/usage", get(usage))
}

/// `refresh_usage` is accepted and changes nothing: usage is always fresh.
async fn list(State(app): State<Shared>, params: Params) -> Answer<Vec<Volume>> {
    params.flag("refresh_usage", false)?;
    Ok(all(app.engine.volume_list().await?))
}

async fn create(State(app): State<Shared>, Object(new): Object<NewVolume>) -> Answer<Volume> {
    Ok(one(app.engine.volume_create(new.into()).await?))
}

async fn look(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Answer<Volume> {
    params.flag("refresh_usage", false)?;
    Ok(one(app.engine.volume_get(&volume).await?))
}

async fn usage(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<VolumeUsage> {
    Ok(one(app.engine.volume_usage(&volume).await?))
}

async fn clone(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(new): Object<NewBranch>,
) -> Answer<Volume> {
    Ok(one(app.engine.volume_clone(&volume, &new.name).await?))
}

/// `at` names a checkpoint.
async fn check(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Answer<VolumeCheck> {
    Ok(one(app.engine.volume_check(&volume, params.filled("at")).await?))
}

async fn change(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(change): Object<VolumeChange>,
) -> Answer<Volume> {
    Ok(one(app.engine.volume_update(&volume, change.into()).await?))
}

async fn delete(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Value> {
    app.engine.volume_delete(&volume).await?;
    Ok(gone("volume_id", &volume))
}
