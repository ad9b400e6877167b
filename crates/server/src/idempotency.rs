//! `Idempotency-Key`: a POST that is sent again is carried out once and answered alike.
//!
//! Kept in memory for [`LIFETIME`], at most [`KEPT`] answers and [`ROOM`] bytes; nobody sees those of another API key. Only successes are kept: what was refused changed
//! nothing and may be tried again. While the first is under way, a second waits for it. The work is finished even
//! when its client hangs up, so that a retry finds the answer.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use cairn_api::ErrorCode;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tracing::Instrument;

use crate::app::Shared;
use crate::extract::{broken_off, throw_away};
use crate::guard::Caller;
use crate::refusal::Refusal;

/// How many answers are kept.
const KEPT: usize = 1000;
/// How long an answer is kept.
const LIFETIME: Duration = Duration::from_secs(60 * 60);
/// The largest body that is compared, and the largest answer that is kept.
const SMALL: usize = 256 << 10;
/// How many bytes the answers that are kept have in all.
const ROOM: usize = 8 << 20;
/// The longest key.
const LONGEST_KEY: usize = 255;

/// A kept answer and the request's body that it belongs to.
#[derive(Debug)]
struct Reply {
    request: Option<u64>,
    status: StatusCode,
    content_type: Option<HeaderValue>,
    body: Bytes,
}

type Slot = Arc<AsyncMutex<Option<Reply>>>;

/// The answers that are kept.
#[derive(Debug, Default)]
pub(crate) struct Replies(Mutex<HashMap<String, Kept>>);

/// A place for an answer.
#[derive(Debug)]
struct Kept {
    since: Instant,
    slot: Slot,
    /// Bytes of the answer, once it is there.
    size: usize,
}

impl Replies {
    fn slot(&self, key: String, now: Instant) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|_, kept| in_use(&kept.slot) || now.duration_since(kept.since) < LIFETIME);
        if slots.len() >= KEPT && !slots.contains_key(&key) {
            forget_oldest(&mut slots);
        }
        slots.entry(key).or_insert_with(|| Kept { since: now, slot: Slot::default(), size: 0 }).slot.clone()
    }

    /// The answer to `key` has so many bytes; older ones go when there is no room for it.
    fn filled(&self, key: &str, size: usize) {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = slots.get_mut(key) {
            kept.size = size;
        }
        while slots.values().map(|kept| kept.size).sum::<usize>() > ROOM && forget_oldest(&mut slots) {}
    }
}

/// Forgets the oldest answer that nobody waits for, if there is one.
fn forget_oldest(slots: &mut HashMap<String, Kept>) -> bool {
    let idle = slots.iter().filter(|(_, kept)| !in_use(&kept.slot));
    let oldest = idle.min_by_key(|(_, kept)| kept.since).map(|(key, _)| key.clone());
    oldest.is_some_and(|oldest| slots.remove(&oldest).is_some())
}

fn in_use(slot: &Slot) -> bool {
    Arc::strong_count(slot) > 1
}

/// The layer: passes on what is not a POST with a key.
pub(crate) async fn replay(State(app): State<Shared>, caller: Caller, request: Request, next: Next) -> Response {
    let Some(key) = request.headers().get("idempotency-key").filter(|_| request.method() == Method::POST).cloned()
    else {
        return next.run(request).await;
    };
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Refusal::invalid(format!("An Idempotency-Key has 1 to {LONGEST_KEY} characters.")).into_response();
    }
    let text = String::from_utf8_lossy(key.as_bytes());
    let name = format!("{}\n{text}\n{}", caller.name, request.uri());
    let (request, fingerprint) = match fingerprint(request).await {
        Ok(both) => both,
        Err(refusal) => return refusal.into_response(),
    };
    let slot = app.replies.slot(name.clone(), Instant::now()).lock_owned().await;
    if let Some(reply) = &*slot {
        let answer = reply.answer(fingerprint);
        let (parts, body) = request.into_parts();
        throw_away(&parts.headers, body, u64::MAX);
        return answer;
    }
    // A task of its own, so that it is finished when the client hangs up.
    match tokio::spawn(carry_out(request, next, slot, fingerprint, Place { app, name }).in_current_span()).await {
        Ok(response) => response,
        Err(error) => crate::routes::defect("answering", &error).into_response(),
    }
}

/// Where an answer is kept.
struct Place {
    app: Shared,
    name: String,
}

async fn carry_out(
    request: Request,
    next: Next,
    mut slot: OwnedMutexGuard<Option<Reply>>,
    fingerprint: Option<u64>,
    place: Place,
) -> Response {
    let response = next.run(request).await;
    let small = response.body().size_hint().exact().is_some_and(|size| size <= SMALL as u64);
    if !response.status().is_success() || !small {
        return response;
    }
    let (parts, body) = response.into_parts();
    match to_bytes(body, SMALL).await {
        Ok(body) => {
            let content_type = parts.headers.get(header::CONTENT_TYPE).cloned();
            *slot = Some(Reply { request: fingerprint, status: parts.status, content_type, body: body.clone() });
            drop(slot);
            place.app.replies.filled(&place.name, body.len());
            Response::from_parts(parts, Body::from(body))
        }
        Err(error) => crate::routes::defect("answering", &error).into_response(),
    }
}

impl Reply {
    fn answer(&self, fingerprint: Option<u64>) -> Response {
        if self.request != fingerprint {
            return Refusal::new(ErrorCode::InvalidInput, "The Idempotency-Key was used for another request before.")
                .hint("Use a new key for each new request.")
                .into_response();
        }
        let mut headers = HeaderMap::new();
        if let Some(content_type) = &self.content_type {
            headers.insert(header::CONTENT_TYPE, content_type.clone());
        }
        headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
        (self.status, headers, self.body.clone()).into_response()
    }
}

/// The request with a digest of its body, when the body says that it is small. A form is not compared: the same
/// one has another boundary each time.
async fn fingerprint(request: Request) -> Result<(Request, Option<u64>), Refusal> {
    let form =
        request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/"));
    if form || request.body().size_hint().exact().is_none_or(|size| size > SMALL as u64) {
        return Ok((request, None));
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, SMALL).await.map_err(|error| broken_off(&error))?;
    let mut hasher = DefaultHasher::new();
    body.hash(&mut hasher);
    Ok((Request::from_parts(parts, Body::from(body)), Some(hasher.finish())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_of_answers_is_bounded_and_the_oldest_goes() {
        let replies = Replies::default();
        let start = Instant::now();
        for number in 0..KEPT + 10 {
            replies.slot(number.to_string(), start + Duration::from_millis(number as u64));
        }
        let slots = replies.0.lock().unwrap();
        assert_eq!(slots.len(), KEPT);
        assert!(!slots.contains_key("0") && slots.contains_key(&(KEPT + 9).to_string()));
    }

    #[test]
    fn large_answers_make_older_ones_go() {
        let replies = Replies::default();
        let start = Instant::now();
        let count = 2 * ROOM / SMALL;
        for number in 0..count {
            drop(replies.slot(number.to_string(), start + Duration::from_millis(number as u64)));
            replies.filled(&number.to_string(), SMALL);
        }
        let slots = replies.0.lock().unwrap();
        assert_eq!(slots.len(), ROOM / SMALL);
        assert!(slots.contains_key(&(count - 1).to_string()) && !slots.contains_key("0"));
    }

    #[test]
    fn an_answer_is_forgotten_after_its_time_unless_it_is_being_made() {
        let replies = Replies::default();
        let start = Instant::now();
        let busy = replies.slot("busy".into(), start);
        replies.slot("idle".into(), start);
        replies.slot("new".into(), start + LIFETIME);
        let slots = replies.0.lock().unwrap();
        assert!(slots.contains_key("busy") && !slots.contains_key("idle"));
        drop(busy);
    }
}
