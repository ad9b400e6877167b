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
mod keys;
mod log;
mod mounts;
mod policy;
mod rates;
mod sent;
pub(crate) mod sessions;
mod snapshots;
mod staged;
mod store;
mod transfers;
mod trash;
mod upload;
mod vms;
mod volumes;
mod watches;

use axum::Json;
use cairn_api::ErrorCode;
use cairn_engine::Paged;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;
use crate::refusal::Refusal;

/// Where people type, as slowly as people do.
pub(crate) const CONSOLE: &str = "/v1/vms/{vm}/console";

/// The routes that ask for the key.
pub(crate) fn keyed() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(group("about", about::keyed()))
        .merge(group("volumes", volumes::routes()))
        .merge(group("files", files::routes()))
        .merge(group("files", content::routes()))
        .merge(group("files", upload::routes()))
        .merge(group("files", staged::routes()))
        .merge(group("checkpoints", checkpoints::routes()))
        .merge(group("mounts", mounts::routes()))
        .merge(group("mounts", rates::routes()))
        .merge(group("vms", vms::routes()))
        .merge(group("snapshots", snapshots::routes()))
        .merge(group("console", console::routes()))
        .merge(group("transfers", transfers::routes()))
        .merge(group("transfers", sent::routes()))
        .merge(group("watches", watches::routes()))
        .merge(group("trash", trash::routes()))
        .merge(group("events", events::routes()))
        .merge(group("store", store::routes()))
        .merge(group("chain", chain::routes()))
        .merge(group("policy", policy::routes()))
        .merge(group("log", log::routes()))
        .merge(group("keys", keys::routes()))
        .merge(group("about", OpenApiRouter::new().routes(routes!(crate::metrics::metrics))))
        .merge(group("sessions", sessions::keyed()))
}

/// The routes that do not.
pub(crate) fn open() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().merge(group("about", about::open())).merge(group("sessions", sessions::open()))
}

/// Describes the routes as belonging together; the names of their handlers are unique with the group's before them.
fn group(name: &str, mut routes: OpenApiRouter<Shared>) -> OpenApiRouter<Shared> {
    for item in routes.get_openapi_mut().paths.paths.values_mut() {
        for operation in operations(item) {
            let own = operation.operation_id.take().unwrap_or_default();
            operation.operation_id = Some(format!("{name}_{own}"));
            operation.tags = Some(vec![name.to_owned()]);
        }
    }
    routes
}

/// What a path's methods do.
fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete].into_iter().flatten()
}

/// The wire's object for the engine's.
fn one<T: Into<W>, W>(thing: T) -> Json<W> {
    Json(thing.into())
}

/// The wire's objects for the engine's.
fn all<T: Into<W>, W>(list: Vec<T>) -> Json<Vec<W>> {
    Json(list.into_iter().map(Into::into).collect())
}

/// The parameters of a list that is whole without them; read by [`Params::page_or_limit`](crate::extract::Params).
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described")]
struct PageParams {
    /// A page is wanted of so many entries at most, 1000 when absent; the answer is then an object
    limit: Option<u32>,
    /// Pages are wanted: the `next_cursor` of the page before, empty for the first; the answer is then an object
    cursor: Option<String>,
}

/// The parameter of a list that has a `limit` of its own; read by [`Params::page`](crate::extract::Params).
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described")]
struct CursorParam {
    /// Pages are wanted: the `next_cursor` of the page before, empty for the first; the answer is then an object
    cursor: Option<String>,
}

/// A list: all of it, or a page when one was asked for.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Listed<T> {
    /// Bare, as long as no page is asked for.
    All(Vec<T>),
    /// A page.
    Page {
        /// What is on it.
        items: Vec<T>,
        /// The `cursor` of the next one; `null` behind the last.
        next_cursor: Option<String>,
    },
}

/// The wire's page for the engine's.
fn paged<T: Into<W>, W>(page: Paged<T>) -> Json<Listed<W>> {
    Json(Listed::Page { items: page.items.into_iter().map(Into::into).collect(), next_cursor: page.next_cursor })
}

/// The wire's objects for the engine's, where pages are known.
fn whole<T: Into<W>, W>(list: Vec<T>) -> Json<Listed<W>> {
    Json(Listed::All(list.into_iter().map(Into::into).collect()))
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
