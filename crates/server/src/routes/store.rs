//! `/v1/check`, `/v1/repair`: whether everything in the store is as it should be, and putting it right.

use axum::extract::State;
use cairn_api::{RepairRequest, StoreCheck, StoreRepair};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::one;
use crate::app::Shared;
use crate::extract::{Object, Params};
use crate::refusal::Answer;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(check)).routes(routes!(repair))
}

/// Whether everything in the store is as it should be; changes nothing.
#[utoipa::path(
    get,
    path = "/v1/check",
    params(
        ("volume" = Option<String>, Query, description = "Only this volume"),
        ("deep" = Option<bool>, Query, description = "Also the filesystem of every checkpoint"),
    ),
    responses((status = OK, body = StoreCheck))
)]
async fn check(State(app): State<Shared>, params: Params) -> Answer<StoreCheck> {
    let deep = params.flag("deep", false)?;
    Ok(one(app.engine.store_check(params.filled("volume"), deep).await?))
}

/// Puts right what a check found; nothing is ever deleted.
#[utoipa::path(post, path = "/v1/repair", request_body = RepairRequest, responses((status = OK, body = StoreRepair)))]
async fn repair(State(app): State<Shared>, Object(request): Object<RepairRequest>) -> Answer<StoreRepair> {
    Ok(one(app.engine.store_repair(request.volume.as_deref()).await?))
}
