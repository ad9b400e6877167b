//! The routes, one file per group; each handler is the engine's operation of the same name and little else.
//!
//! The engine carries an operation that changes something out to its end, also when the client hangs up and the
//! handler is dropped: so handlers just wait.

mod about;
mod chain;
mod checkpoints;
mod console;
mod content;
mod events;
mod files;
mod mounts;
mod policy;
pub(crate) mod sessions;
mod snapshots;
mod store;
mod transfers;
mod trash;
mod upload;
mod vms;
mod volumes;

use axum::{Json, Router};
use cairn_api::ErrorCode;
use serde_json::{Value, json};

use crate::app::Shared;
use crate::refusal::Refusal;

/// The routes that ask for the key.
pub(crate) fn keyed() -> Router<Shared> {
    Router::new()
        .merge(about::keyed())
        .merge(volumes::routes())
        .merge(files::routes())
        .merge(content::routes())
        .merge(upload::routes())
        .merge(checkpoints::routes())
        .merge(mounts::routes())
        .merge(vms::routes())
        .merge(snapshots::routes())
        .merge(console::routes())
        .merge(transfers::routes())
        .merge(trash::routes())
        .merge(events::routes())
        .merge(store::routes())
        .merge(chain::routes())
        .merge(policy::routes())
        .merge(sessions::keyed())
}

/// The routes that do not.
pub(crate) fn open() -> Router<Shared> {
    Router::new().merge(about::open()).merge(sessions::open())
}

/// The wire's object for the engine's.
fn one<T: Into<W>, W>(thing: T) -> Json<W> {
    Json(thing.into())
}

/// The wire's objects for the engine's.
fn all<T: Into<W>, W>(list: Vec<T>) -> Json<Vec<W>> {
    Json(list.into_iter().map(Into::into).collect())
}

/// What is answered when `what` is no more.
fn gone(what: &str, id: &str) -> Json<Value> {
    Json(json!({ what: id, "deleted": true }))
}

/// A defect of ours, said without its entrails.
pub(crate) fn defect(doing: &str, error: &dyn std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a defect in Cairn while {doing}");
    Refusal::new(ErrorCode::Internal, format!("Something in Cairn broke while {doing}."))
        .hint("The store's log says more; please report it.")
}
