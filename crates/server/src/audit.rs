//! The layer that tells the engine's audit log who changed what, and how that was answered.
//!
//! Reading is not told. What is told names the route, not the address, and of a body only which volume or machine it is
//! about: no path of a file, no command, no secret.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use cairn_api::ErrorCode;
use cairn_engine::{AuditEntry, Engine};
use serde_json::Value;
use time::OffsetDateTime;

use crate::app::Shared;
use crate::guard::{Caller, is_reading};

/// The status of a request whose client went away before the answer.
const CLIENT_GONE: u16 = 499;

/// What a request's body says of what it is about; filled in when it is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Note(Arc<Mutex<Named>>);

#[derive(Debug, Default)]
struct Named {
    volume: Option<String>,
    machine: Option<String>,
    name: Option<String>,
}

impl Note {
    /// Keeps what `body` names.
    pub(crate) fn read(&self, body: &Value) {
        let text = |field: &str| body.get(field).and_then(Value::as_str).map(str::to_owned);
        let mut named = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *named = Named { volume: text("volume_id"), machine: text("vm_id").or(text("session_id")), name: text("name") };
    }
}

/// An entry on its way into the log; one that is dropped before its answer is known says that the client went away.
struct Pending {
    engine: Engine,
    note: Note,
    entry: Option<AuditEntry>,
}

impl Pending {
    fn complete(&mut self, status: u16, error: Option<ErrorCode>) -> Option<AuditEntry> {
        let mut entry = self.entry.take()?;
        let named = std::mem::take(&mut *self.note.0.lock().unwrap_or_else(PoisonError::into_inner));
        entry.volume = entry.volume.or(named.volume);
        entry.machine = entry.machine.or(named.machine);
        // Only a name that the body gives to what is made, or asks for.
        match entry.what.as_str() {
            "POST /v1/volumes" => entry.volume = named.name,
            "POST /v1/vms" | "POST /v1/vms/{vm}" => entry.machine = named.name.or(entry.machine),
            _ => {}
        }
        entry.at = OffsetDateTime::now_utc();
        entry.status = status;
        entry.error = error.and_then(|code| Some(serde_json::to_value(code).ok()?.as_str()?.to_owned()));
        Some(entry)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(entry) = self.complete(CLIENT_GONE, None) {
            let engine = self.engine.clone();
            tokio::spawn(async move { engine.audit_record(entry).await });
        }
    }
}

/// The layer; it stands behind the one that knows who asks.
pub(crate) async fn record(
    State(app): State<Shared>,
    caller: Caller,
    path: MatchedPath,
    named: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Response {
    if is_reading(request.method(), path.as_str()) {
        return next.run(request).await;
    }
    // An address that is not UTF-8 is refused by the route itself.
    let of = |name: &str| {
        let mut all = named.iter().flat_map(RawPathParams::iter);
        all.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    };
    let entry = AuditEntry {
        at: OffsetDateTime::now_utc(),
        who: caller.name,
        what: format!("{} {}", request.method(), path.as_str()),
        volume: of("volume"),
        machine: of("vm"),
        status: 0,
        error: None,
    };
    let note = Note::default();
    request.extensions_mut().insert(note.clone());
    let mut pending = Pending { engine: app.engine.clone(), note, entry: Some(entry) };
    let response = next.run(request).await;
    let error = response.extensions().get::<ErrorCode>().copied();
    if let Some(entry) = pending.complete(response.status().as_u16(), error) {
        app.engine.audit_record(entry).await;
    }
    response
}
