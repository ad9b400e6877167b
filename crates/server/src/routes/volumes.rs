//! `/v1/volumes`: create, list, look at, what it takes up, check, clone, rename and grow, delete.

use axum::extract::State;
use cairn_api::{NewBranch, NewVolume, Volume, VolumeChange, VolumeCheck, VolumeUsage};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Listed, PageParams, gone, one, paged, whole};
use crate::app::Shared;
use crate::extract::{Object, Params, Path};
use crate::refusal::Answer;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(look, change, delete))
        .routes(routes!(usage))
        .routes(routes!(clone))
        .routes(routes!(check))
}

/// The volumes, by name.
#[utoipa::path(
    get,
    path = "/v1/volumes",
    params(
        PageParams,
        ("refresh_usage" = Option<bool>, Query, description = "Changes nothing: usage is always fresh"),
    ),
    responses((status = OK, body = Listed<Volume>))
)]
async fn list(State(app): State<Shared>, params: Params) -> Answer<Listed<Volume>> {
    params.flag("refresh_usage", false)?;
    Ok(match params.page_or_limit()? {
        Some(page) => paged(app.engine.volume_page(&page).await?),
        None => whole(app.engine.volume_list().await?),
    })
}

/// Creates a volume.
#[utoipa::path(post, path = "/v1/volumes", request_body = NewVolume, responses((status = OK, body = Volume)))]
async fn create(State(app): State<Shared>, Object(new): Object<NewVolume>) -> Answer<Volume> {
    Ok(one(app.engine.volume_create(new.into()).await?))
}

/// One volume.
#[utoipa::path(
    get,
    path = "/v1/volumes/{volume}",
    params(
        ("refresh_usage" = Option<bool>, Query, description = "Changes nothing: usage is always fresh"),
    ),
    responses((status = OK, body = Volume))
)]
async fn look(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Answer<Volume> {
    params.flag("refresh_usage", false)?;
    Ok(one(app.engine.volume_get(&volume).await?))
}

/// What the volume takes up, and for what.
#[utoipa::path(get, path = "/v1/volumes/{volume}/usage", responses((status = OK, body = VolumeUsage)))]
async fn usage(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<VolumeUsage> {
    Ok(one(app.engine.volume_usage(&volume).await?))
}

/// Makes a volume of its own that starts from the present.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/clone",
    request_body = NewBranch,
    responses((status = OK, body = Volume))
)]
async fn clone(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(new): Object<NewBranch>,
) -> Answer<Volume> {
    Ok(one(app.engine.volume_clone(&volume, &new.name).await?))
}

/// Whether the filesystem of the volume is sound.
#[utoipa::path(
    get,
    path = "/v1/volumes/{volume}/check",
    params(("at" = Option<String>, Query, description = "A checkpoint; the present when absent")),
    responses((status = OK, body = VolumeCheck))
)]
async fn check(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Answer<VolumeCheck> {
    Ok(one(app.engine.volume_check(&volume, params.filled("at")).await?))
}

/// Renames the volume, or gives it a larger quota.
#[utoipa::path(
    patch,
    path = "/v1/volumes/{volume}",
    request_body = VolumeChange,
    responses((status = OK, body = Volume))
)]
async fn change(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(change): Object<VolumeChange>,
) -> Answer<Volume> {
    Ok(one(app.engine.volume_update(&volume, change.into()).await?))
}

/// Moves the volume to the trash.
#[utoipa::path(delete, path = "/v1/volumes/{volume}", responses((status = OK, body = Object)))]
async fn delete(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Value> {
    app.engine.volume_delete(&volume).await?;
    Ok(gone("volume_id", &volume))
}
