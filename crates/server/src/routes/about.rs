//! What is running: `/v1/health`, `/v1/about`, `/v1/doctor`.

use axum::Json;
use axum::extract::State;
use cairn_api::{About, DoctorCheck};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;
use crate::refusal::Answer;

pub(super) fn keyed() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(about)).routes(routes!(doctor))
}

pub(super) fn open() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(health))
        // Where many look for it.
        .route("/health", axum::routing::get(health))
}

/// That the server answers.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok`.
    status: &'static str,
    /// Cairn's version.
    version: &'static str,
    /// The process that serves.
    pid: u32,
}

/// Whether the server answers.
///
/// The process id tells a finder that it is the one that `run/api.json` names. Asks for no key.
#[utoipa::path(get, path = "/v1/health", responses((status = OK, body = Health)))]
async fn health() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION"), pid: std::process::id() })
}

/// What is running: the version, the store and the address.
#[utoipa::path(get, path = "/v1/about", responses((status = OK, body = About)))]
async fn about(State(app): State<Shared>) -> Json<About> {
    Json(About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        store: app.engine.store().display().to_string(),
        url: Some(app.url.clone()),
    })
}

/// Whether everything that Cairn needs is there.
#[utoipa::path(get, path = "/v1/doctor", responses((status = OK, body = Vec<DoctorCheck>)))]
async fn doctor(State(app): State<Shared>) -> Answer<Vec<DoctorCheck>> {
    Ok(super::all(app.engine.doctor().await))
}
