//! What is running: `/v1/health`, `/v1/about`, `/v1/doctor`.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use cairn_api::{About, DoctorCheck};
use serde_json::{Value, json};

use crate::app::Shared;
use crate::refusal::Answer;

pub(super) fn keyed() -> Router<Shared> {
    Router::new().route("/v1/about", get(about)).route("/v1/doctor", get(doctor))
}

pub(super) fn open() -> Router<Shared> {
    Router::new().route("/v1/health", get(health))
}

/// Whether the server answers; the process id tells a finder that it is the one that `run/api.json` names.
async fn health() -> Json<Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION"), "pid": std::process::id() }))
}

async fn about(State(app): State<Shared>) -> Json<About> {
    Json(About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        store: app.engine.store().display().to_string(),
        url: Some(app.url.clone()),
    })
}

async fn doctor(State(app): State<Shared>) -> Answer<Vec<DoctorCheck>> {
    Ok(super::all(app.engine.doctor().await))
}
