//! `/v1/mounts/rates`: how much goes through each mount, told every second for as long as somebody listens.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use cairn_api::MountRate;
use futures::{StreamExt, future};
use tokio_stream::wrappers::BroadcastStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;

/// JSON objects, one a line.
const LINES: &str = "application/x-ndjson";

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(rates))
}

/// What goes through each mount, a line of JSON every second: a list of `MountRate`.
#[utoipa::path(
    get,
    path = "/v1/mounts/rates",
    responses((status = OK, body = Vec<MountRate>, content_type = "application/x-ndjson"))
)]
async fn rates(State(app): State<Shared>) -> Response {
    let stopping = app.stopping.clone();
    // Whoever was too slow has missed a second, and sees the next.
    let lines = BroadcastStream::new(app.engine.mount_rates())
        .filter_map(|rates| future::ready(rates.ok()))
        .map(|rates| {
            let rates: Vec<MountRate> = rates.iter().cloned().map(Into::into).collect();
            let mut line = serde_json::to_vec(&rates).unwrap_or_default();
            line.push(b'\n');
            Ok::<_, Infallible>(Bytes::from(line))
        })
        .take_until(stopping.cancelled_owned());
    let mut response = Response::new(Body::from_stream(lines));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(LINES));
    response
}
