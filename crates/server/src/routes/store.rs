//! `/v1/check`, `/v1/repair`: whether everything in the store is as it should be, and putting it right.

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use cairn_api::{RepairRequest, StoreCheck, StoreRepair};

use super::one;
use crate::app::Shared;
use crate::extract::{Object, Params};
use crate::refusal::Answer;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/v1/check", get(check)).route("/v1/repair", post(repair))
}

/// `volume` limits it to one volume; `deep` checks the filesystem of every checkpoint.
async fn check(State(app): State<Shared>, params: Params) -> Answer<StoreCheck> {
    let deep = params.flag("deep", false)?;
    Ok(one(app.engine.store_check(params.filled("volume"), deep).await?))
}

async fn repair(State(app): State<Shared>, Object(request): Object<RepairRequest>) -> Answer<StoreRepair> {
    Ok(one(app.engine.store_repair(request.volume.as_deref()).await?))
}
