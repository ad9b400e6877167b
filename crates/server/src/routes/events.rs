//! `/v1/events`: what happens, as server-sent events (`id` the sequence number, `event` the type, `data` the event).
//!
//! A client that is too slow loses its connection. One that comes back says the last number that it has seen, as browsers
//! do by themselves, and gets what has happened since; or, when that is not known any more, `missed`, and looks at
//! everything again: events say what to look at, they are not a log.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use cairn_engine::{self as engine, EventsSince};
use futures::{Stream, StreamExt, future, stream};
use tokio_stream::wrappers::BroadcastStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;
use crate::extract::Params;
use crate::refusal::Refusal;

/// How often a silent stream shows that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// What a browser sends when it has lost the stream.
const LAST: &str = "Last-Event-ID";

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(events))
}

/// What happens, as server-sent events: `id` is the sequence number, `event` the type, `data` an `Event`.
///
/// From now on; or from behind the event that is named on. When it cannot be told what has happened since, the first
/// event is `missed`, without a number: look at everything again.
#[utoipa::path(
    get,
    path = "/v1/events",
    params(
        ("after" = Option<u64>, Query, description = "Begin behind the event of this number"),
        ("Last-Event-ID" = Option<u64>, Header, description = "The same, as browsers ask when they have lost the stream; this counts when both are there"),
    ),
    responses((status = OK, body = String, content_type = "text/event-stream"))
)]
async fn events(
    State(app): State<Shared>,
    params: Params,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let since = match after(&params, &headers)? {
        Some(after) => app.engine.subscribe_after(after),
        None => EventsSince { missed: false, past: Vec::new(), live: app.engine.subscribe() },
    };
    let missed = since.missed.then(|| Event::default().event("missed").data(r#"{"type":"missed"}"#));
    let past: Vec<Event> = missed.into_iter().chain(since.past.iter().filter_map(to_sse)).collect();
    let live = BroadcastStream::new(since.live)
        .take_while(|event| future::ready(event.is_ok()))
        .filter_map(|event| future::ready(event.ok().as_ref().and_then(to_sse)));
    let told = stream::iter(past).chain(live).map(Ok).take_until(app.stopping.clone().cancelled_owned());
    Ok(Sse::new(told).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// Behind which event it is to begin.
fn after(params: &Params, headers: &HeaderMap) -> Result<Option<u64>, Refusal> {
    let header = headers.get(LAST).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let Some(said) = header.as_deref().or_else(|| params.filled("after")).map(str::trim) else { return Ok(None) };
    said.parse().map(Some).map_err(|_| {
        Refusal::invalid(format!("Events are numbered, and '{said}' is no number."))
            .hint("Say the 'id' of the last event that you have seen, or leave it out.")
    })
}

fn to_sse(event: &engine::Event) -> Option<Event> {
    let value = serde_json::to_value(cairn_api::Event::from(event.clone())).ok()?;
    let kind = value.get("type")?.as_str()?;
    Some(Event::default().id(event.seq.to_string()).event(kind).data(value.to_string()))
}
