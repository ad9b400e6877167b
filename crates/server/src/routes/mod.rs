//! The routes, one file per group; each handler is the engine's operation of the same name and little else.

mod about;
mod checkpoints;
mod content;
mod events;
mod files;
mod mounts;
mod sessions;
mod transfers;
mod upload;
mod vms;
mod volumes;

use axum::{Json, Router};
use cairn_api::ErrorCode;
use cairn_engine as engine;
use serde_json::{Value, json};
use tracing::Instrument;

use crate::app::Shared;
use crate::refusal::{Answer, Refusal};

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
        .merge(transfers::routes())
        .merge(events::routes())
        .merge(sessions::keyed())
}

/// The routes that do not.
pub(crate) fn open() -> Router<Shared> {
    Router::new().merge(about::open()).merge(sessions::open())
}

/// Carries `work` out to its end, also when the client hangs up meanwhile, and answers with its result.
async fn finish<T, W>(work: impl Future<Output = engine::Result<T>> + Send + 'static) -> Answer<W>
where
    T: Into<W> + Send + 'static,
{
    match tokio::spawn(work.in_current_span()).await {
        Ok(result) => Ok(Json(result?.into())),
        Err(error) => Err(defect("carrying out the request", &error)),
    }
}

/// Like [`finish`], for what deletes `what` and leaves nothing to answer with.
async fn finish_deletion(
    what: &str,
    id: String,
    work: impl Future<Output = engine::Result<()>> + Send + 'static,
) -> Answer<Value> {
    let done: Answer<()> = finish(work).await;
    done.map(|_| Json(json!({ what: id, "deleted": true })))
}

/// The wire's objects for the engine's.
fn all<T: Into<W>, W>(list: Vec<T>) -> Json<Vec<W>> {
    Json(list.into_iter().map(Into::into).collect())
}

/// A defect of ours, said without its entrails.
pub(crate) fn defect(doing: &str, error: &dyn std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a defect in Cairn while {doing}");
    Refusal::new(ErrorCode::Internal, format!("Something in Cairn broke while {doing}."))
        .hint("The store's log says more; please report it.")
}
