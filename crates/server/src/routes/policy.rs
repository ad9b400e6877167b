//! `/v1/volumes/{volume}/policy` and `/prune`: what Cairn does with a volume by itself, and which checkpoints stay.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use cairn_api::{Deletion, Policy, PolicyChange, Pruned};

use super::{all, one};
use crate::app::Shared;
use crate::extract::{Object, Path};
use crate::refusal::Answer;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/v1/volumes/{volume}/policy", get(look).patch(change))
        .route("/v1/volumes/{volume}/prune", get(plan).post(prune))
        .route("/v1/volumes/{volume}/prune-plan", get(whole_plan))
}

async fn look(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Policy> {
    Ok(one(app.engine.policy_get(&volume).await?))
}

async fn change(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(change): Object<PolicyChange>,
) -> Answer<Policy> {
    Ok(one(app.engine.policy_set(&volume, change.into()).await?))
}

/// What a `POST` would delete now.
async fn plan(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Vec<Pruned>> {
    Ok(all(app.engine.checkpoint_prune_plan(&volume).await?))
}

/// The same, with what merges and how much room comes back.
async fn whole_plan(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Deletion> {
    Ok(one(app.engine.checkpoint_prune_whole_plan(&volume).await?))
}

async fn prune(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Vec<Pruned>> {
    Ok(all(app.engine.checkpoint_prune(&volume).await?))
}
