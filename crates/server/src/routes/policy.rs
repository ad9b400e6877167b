//! `/v1/volumes/{volume}/policy` and `/prune`: what Cairn does with a volume by itself, and which checkpoints stay.

use axum::extract::State;
use cairn_api::{Deletion, Policy, PolicyChange, Pruned};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{all, one};
use crate::app::Shared;
use crate::extract::{Object, Path};
use crate::refusal::Answer;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(look, change)).routes(routes!(plan, prune)).routes(routes!(whole_plan))
}

/// What Cairn does with the volume by itself.
#[utoipa::path(get, path = "/v1/volumes/{volume}/policy", responses((status = OK, body = Policy)))]
async fn look(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Policy> {
    Ok(one(app.engine.policy_get(&volume).await?))
}

/// Changes what Cairn does with the volume by itself; what is not named stays.
#[utoipa::path(
    patch,
    path = "/v1/volumes/{volume}/policy",
    request_body = PolicyChange,
    responses((status = OK, body = Policy))
)]
async fn change(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(change): Object<PolicyChange>,
) -> Answer<Policy> {
    Ok(one(app.engine.policy_set(&volume, change.into()).await?))
}

/// The checkpoints that a pruning would delete now.
#[utoipa::path(get, path = "/v1/volumes/{volume}/prune", responses((status = OK, body = Vec<Pruned>)))]
async fn plan(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Vec<Pruned>> {
    Ok(all(app.engine.checkpoint_prune_plan(&volume).await?))
}

/// The same, with what merges and how much room comes back.
#[utoipa::path(get, path = "/v1/volumes/{volume}/prune-plan", responses((status = OK, body = Deletion)))]
async fn whole_plan(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Deletion> {
    Ok(one(app.engine.checkpoint_prune_whole_plan(&volume).await?))
}

/// Deletes the automatic checkpoints that the policy does not keep.
#[utoipa::path(post, path = "/v1/volumes/{volume}/prune", responses((status = OK, body = Vec<Pruned>)))]
async fn prune(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Vec<Pruned>> {
    Ok(all(app.engine.checkpoint_prune(&volume).await?))
}
