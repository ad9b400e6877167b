//! `/v1/volumes/{volume}/chain` and `/optimise`: through how many files a volume is read.

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use cairn_api::{Chain, ChainChange};

use super::one;
use crate::app::Shared;
use crate::extract::{Object, Path};
use crate::refusal::Answer;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/v1/volumes/{volume}/chain", get(look).patch(change))
        .route("/v1/volumes/{volume}/optimise", post(optimise))
}

async fn look(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Chain> {
    Ok(one(app.engine.volume_chain(&volume).await?))
}

async fn change(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(change): Object<ChainChange>,
) -> Answer<Chain> {
    Ok(one(app.engine.volume_optimiser_set(&volume, change.optimise).await?))
}

/// Now, and as fast as it goes; answers when it is done.
async fn optimise(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Chain> {
    Ok(one(app.engine.volume_optimise(&volume).await?))
}
