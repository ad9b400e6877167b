//! `/v1/volumes/{volume}/watches`: folders of this computer that are kept in step into a volume.

use axum::Json;
use axum::extract::State;
use cairn_api::{NewWatch, Watch};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{all, gone, one};
use crate::app::Shared;
use crate::extract::{Object, Path};
use crate::refusal::{Answer, Refusal};

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(everywhere)).routes(routes!(list, add)).routes(routes!(remove))
}

/// The watched folders of all volumes.
#[utoipa::path(get, path = "/v1/watches", responses((status = OK, body = Vec<Watch>)))]
async fn everywhere(State(app): State<Shared>) -> Answer<Vec<Watch>> {
    Ok(all(app.engine.watch_list(None).await?))
}

/// The watched folders of the volume.
#[utoipa::path(get, path = "/v1/volumes/{volume}/watches", responses((status = OK, body = Vec<Watch>)))]
async fn list(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Vec<Watch>> {
    Ok(all(app.engine.watch_list(Some(&volume)).await?))
}

/// Keeps a folder of this computer in step into a folder of the volume, from now on, also after a restart.
///
/// One way: the host's files win. While a machine has the volume nothing is copied; afterwards it catches up. How it goes
/// the list tells, and the event `watches-changed` when to look at it.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/watches",
    request_body = NewWatch,
    responses((status = OK, body = Watch))
)]
async fn add(State(app): State<Shared>, Path(volume): Path<String>, Object(new): Object<NewWatch>) -> Answer<Watch> {
    if !std::path::Path::new(&new.host_path).is_absolute() {
        return Err(Refusal::invalid(format!("'{}' is not an absolute path on this machine.", new.host_path)));
    }
    Ok(one(app.engine.watch_add(&volume, new.into()).await?))
}

/// Keeps the folder in step no longer; what has been copied stays in the volume.
#[utoipa::path(delete, path = "/v1/volumes/{volume}/watches/{watch}", responses((status = OK, body = Object)))]
async fn remove(
    State(app): State<Shared>,
    Path((volume, watch)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let removed = app.engine.watch_rm(&volume, &watch).await?;
    Ok(gone("id", removed.id.as_str()))
}
