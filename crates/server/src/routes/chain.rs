//! `/v1/volumes/{volume}/chain` and `/optimise`: through how many files a volume is read.

use axum::extract::State;
use cairn_api::{Chain, ChainChange};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::one;
use crate::app::Shared;
use crate::extract::{Object, Path};
use crate::refusal::Answer;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(look, change)).routes(routes!(optimise))
}

/// Through how many files the volume is read.
#[utoipa::path(get, path = "/v1/volumes/{volume}/chain", responses((status = OK, body = Chain)))]
async fn look(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Chain> {
    Ok(one(app.engine.volume_chain(&volume).await?))
}

/// Switches the optimiser of the volume on or off.
#[utoipa::path(
    patch,
    path = "/v1/volumes/{volume}/chain",
    request_body = ChainChange,
    responses((status = OK, body = Chain))
)]
async fn change(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(change): Object<ChainChange>,
) -> Answer<Chain> {
    Ok(one(app.engine.volume_optimiser_set(&volume, change.optimise).await?))
}

/// Makes the chain short now, and as fast as it goes; answers when it is done.
#[utoipa::path(post, path = "/v1/volumes/{volume}/optimise", responses((status = OK, body = Chain)))]
async fn optimise(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Chain> {
    Ok(one(app.engine.volume_optimise(&volume).await?))
}
