//! What has come so far of files that are sent in parts: how much, and forgetting it. The parts are sent next door, to
//! `/files/content`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use cairn_api::StagedUpload;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{all, gone};
use crate::app::Shared;
use crate::extract::{Params, Path};
use crate::refusal::{Answer, Refusal};

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(staged, staged_discard)).routes(routes!(staged_list))
}

/// An unfinished upload as it is answered; where it goes on stands in a header too, for those who ask by HEAD.
pub(super) fn described(staged: cairn_engine::StagedUpload) -> (HeaderMap, Json<StagedUpload>) {
    let number = |number: u64| HeaderValue::from(number);
    let headers = [("upload-offset", number(staged.received)), ("upload-length", number(staged.size))];
    let headers = headers.into_iter().map(|(name, value)| (axum::http::HeaderName::from_static(name), value));
    (headers.collect(), Json(staged.into()))
}

/// How far the upload to `path` has come that is sent in parts.
///
/// HEAD answers the same in the headers `Upload-Offset` and `Upload-Length`.
#[utoipa::path(
    get,
    path = "/v1/volumes/{volume}/files/upload",
    params(("path" = String, Query, description = "Where the file goes")),
    responses((status = OK, body = StagedUpload,
        headers(("Upload-Offset" = u64, description = "Where the next part begins"),
            ("Upload-Length" = u64, description = "How many bytes the file has"))))
)]
async fn staged(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    params: Params,
) -> Result<(HeaderMap, Json<StagedUpload>), Refusal> {
    Ok(described(app.engine.file_upload(&volume, params.required("path")?).await?))
}

/// The uploads into the volume that are not finished.
#[utoipa::path(get, path = "/v1/volumes/{volume}/files/uploads", responses((status = OK, body = Vec<StagedUpload>)))]
async fn staged_list(State(app): State<Shared>, Path(volume): Path<String>) -> Answer<Vec<StagedUpload>> {
    Ok(all(app.engine.file_upload_list(&volume).await?))
}

/// Forgets what has come of the upload to `path`.
#[utoipa::path(
    delete,
    path = "/v1/volumes/{volume}/files/upload",
    params(("path" = String, Query, description = "Where the file goes")),
    responses((status = OK, body = Object))
)]
async fn staged_discard(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Answer<Value> {
    let path = params.required("path")?;
    app.engine.file_upload_discard(&volume, path).await?;
    Ok(gone("path", path))
}
