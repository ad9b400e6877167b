//! `/v1/events`: what happens, as server-sent events (`id` the sequence number, `event` the type, `data` the event).
//!
//! A client that is too slow loses its connection, and one that reconnects looks at everything again: events say
//! what to look at, they are not a log.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use cairn_engine as engine;
use futures::{Stream, StreamExt, future};
use tokio_stream::wrappers::BroadcastStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;

/// How often a silent stream shows that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(events))
}

/// What happens from now on, as server-sent events: `id` is the sequence number, `event` the type, `data` an `Event`.
#[utoipa::path(get, path = "/v1/events", responses((status = OK, body = String, content_type = "text/event-stream")))]
async fn events(State(app): State<Shared>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let stopping = app.stopping.clone();
    let stream = BroadcastStream::new(app.engine.subscribe())
        .take_while(|event| future::ready(event.is_ok()))
        .filter_map(|event| future::ready(event.ok().as_ref().and_then(to_sse).map(Ok)))
        .take_until(stopping.cancelled_owned());
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

fn to_sse(event: &engine::Event) -> Option<Event> {
    let value = serde_json::to_value(cairn_api::Event::from(event.clone())).ok()?;
    let kind = value.get("type")?.as_str()?;
    Some(Event::default().id(event.seq.to_string()).event(kind).data(value.to_string()))
}
