//! `/v1/keys` and `/v1/audit`: who may ask, and who did what.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use cairn_api::{AuditEntry, CreatedKey, Key, NewKey};
use cairn_engine::{AuditQuery, NewApiKey};
use serde_json::Value;
use time::OffsetDateTime;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{CursorParam, Listed, all, gone, paged, whole};
use crate::app::Shared;
use crate::extract::{Object, Params, Path};
use crate::refusal::{Answer, Refusal};

/// How many entries are told when the client does not say, and at most.
const ENTRIES: usize = 100;
const MOST_ENTRIES: usize = 10_000;

/// After how many seconds a key expires at the latest: a hundred years.
const LONGEST: u64 = 3_155_760_000;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke)).routes(routes!(audit))
}

/// The keys, oldest first; never the store's own.
#[utoipa::path(get, path = "/v1/keys", responses((status = OK, body = Vec<Key>)))]
async fn list(State(app): State<Shared>) -> Answer<Vec<Key>> {
    Ok(all(app.engine.key_list().await?))
}

/// Creates a key; the answer is the only one that tells its secret.
#[utoipa::path(post, path = "/v1/keys", request_body = NewKey, responses((status = OK, body = CreatedKey)))]
async fn create(State(app): State<Shared>, Object(new): Object<NewKey>) -> Answer<CreatedKey> {
    let expires_at = new.expires_in_seconds.map(|seconds| {
        if seconds > LONGEST {
            return Err(Refusal::invalid("The field 'expires_in_seconds' is more than a hundred years away.")
                .hint("Leave it out: such a key never expires."));
        }
        Ok(OffsetDateTime::now_utc() + Duration::from_secs(seconds))
    });
    let new = NewApiKey { name: new.name, scope: new.scope.into(), expires_at: expires_at.transpose()? };
    let (key, secret) = app.engine.key_create(new).await?;
    Ok(Json(CreatedKey { key: key.into(), secret }))
}

/// Revokes a key: from the answer on nobody is let in by it.
#[utoipa::path(delete, path = "/v1/keys/{key}", responses((status = OK, body = Object)))]
async fn revoke(State(app): State<Shared>, Path(key): Path<String>) -> Answer<Value> {
    let revoked = app.engine.key_revoke(&key).await?;
    Ok(gone("key_id", revoked.id.as_str()))
}

/// Who changed what, newest first.
#[utoipa::path(
    get,
    path = "/v1/audit",
    params(
        ("limit" = Option<u32>, Query, description = "How many entries are told, at most 10000; 100 when absent"),
        CursorParam,
        ("who" = Option<String>, Query, description = "Only what the key of this name did; `owner` is the store's own"),
        ("volume" = Option<String>, Query, description = "Only what named this volume so"),
        ("vm" = Option<String>, Query, description = "Only what named this machine so"),
    ),
    responses((status = OK, body = Listed<AuditEntry>))
)]
async fn audit(State(app): State<Shared>, params: Params) -> Answer<Listed<AuditEntry>> {
    let text = |name: &str| params.filled(name).map(str::to_owned);
    let limit = params.number("limit")?.unwrap_or(ENTRIES).min(MOST_ENTRIES);
    let query = AuditQuery { limit, who: text("who"), volume: text("volume"), machine: text("vm") };
    Ok(match params.page()? {
        Some(page) => paged(app.engine.audit_page(query, &page).await?),
        None => whole(app.engine.audit_list(query).await?),
    })
}
