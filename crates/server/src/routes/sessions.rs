//! What the seed's client asks for before it asks for anything else: a session, and who it is.
//!
//! A session here is a name and nothing more; nothing is booted for it.

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Shared;
use crate::extract::Object;
use crate::guard;
use crate::key::Key;
use crate::refusal::Answer;

/// The session's start carries the key in its body.
pub(super) fn open() -> Router<Shared> {
    Router::new().route("/v1/sessions/session", post(start))
}

pub(super) fn keyed() -> Router<Shared> {
    Router::new().route("/v1/users/me", get(me)).route("/v1/ssh-keys", get(ssh_keys))
}

#[derive(Deserialize)]
struct NewSession {
    api_key: String,
}

async fn start(State(app): State<Shared>, Object(new): Object<NewSession>) -> Answer<Value> {
    if !app.key.is(&new.api_key) {
        return Err(guard::wrong_key());
    }
    let random = Key::random()?;
    Ok(Json(json!({ "session_id": format!("sess_{}", &random.text()[..32]), "status": "active" })))
}

/// There is one user: whoever has the key.
async fn me() -> Json<Value> {
    Json(json!({ "id": "local", "email": "local@localhost", "name": "The user of this machine", "is_verified": true }))
}

/// None are needed: machines are reached by their agent. `instavm whoami` asks.
async fn ssh_keys() -> Json<Value> {
    Json(json!({ "keys": [] }))
}
