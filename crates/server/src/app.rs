//! The router: which layers a request passes on its way to a route.
//!
//! ```text
//! request ─► one leading slash ─► span ─► counted ─► Host and Origin ─┬─► open: health, a session's start, the UI's files
//!                                                          └─► a place ─► key ─► audit ─► replayed POST ─► route
//! ```

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{OriginalUri, Request};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{from_fn_with_state, map_request};
use cairn_api::ErrorCode;
use cairn_engine::Engine;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use tracing::{Level, Span};

use crate::ServeOptions;
use crate::bounds::{self, Bounds};
use crate::connection::Door;
use crate::idempotency::{self, Replies};
use crate::key::Key;
use crate::metrics::{self, Metrics};
use crate::refusal::Refusal;
use crate::{audit, guard, openapi, routes, ui};

/// What every handler has.
pub(crate) type Shared = Arc<App>;

/// What a server is made of.
pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) key: Key,
    pub(crate) url: String,
    /// Whether it serves other computers, under which names beside its addresses.
    pub(crate) is_open: bool,
    pub(crate) names: Vec<String>,
    pub(crate) bounds: Bounds,
    /// One for each request that may be answered at once.
    pub(crate) places: Semaphore,
    pub(crate) door: Door,
    pub(crate) metrics: Metrics,
    pub(crate) began: Instant,
    pub(crate) replies: Replies,
    pub(crate) sessions: routes::sessions::Wishes,
    /// Fires when the server is to end; streams that never end by themselves end with it.
    pub(crate) stopping: CancellationToken,
}

impl App {
    pub(crate) fn new(engine: Engine, key: Key, url: String, options: &ServeOptions, door: Door) -> Self {
        Self {
            engine,
            key,
            url,
            is_open: !options.listen.ip().is_loopback(),
            names: options.names.clone(),
            bounds: options.bounds,
            places: Semaphore::new(options.bounds.requests),
            stopping: door.stopping(),
            door,
            metrics: Metrics::default(),
            began: Instant::now(),
            replies: Replies::default(),
            sessions: Default::default(),
        }
    }
}

/// All routes behind all layers.
pub(crate) fn router(app: Shared, ui: Option<PathBuf>) -> Router {
    let (keyed, _) = routes::keyed().split_for_parts();
    let (open, _) = routes::open().split_for_parts();
    let keyed = keyed
        .route_layer(from_fn_with_state(app.clone(), idempotency::replay))
        .route_layer(from_fn_with_state(app.clone(), audit::record))
        .route_layer(from_fn_with_state(app.clone(), guard::only_with_key))
        .route_layer(from_fn_with_state(app.clone(), bounds::only_so_many));
    let routes = keyed.merge(open).merge(openapi::pages());
    let routes = routes
        .route_layer(from_fn_with_state(app.clone(), bounds::no_dawdling))
        .method_not_allowed_fallback(not_with_this_method);
    let routes = match ui {
        Some(folder) => routes.fallback_service(ui::files(folder)),
        None => routes.fallback(no_such_route),
    };
    let routes = routes
        .layer(from_fn_with_state(app.clone(), guard::only_this_server))
        .layer(from_fn_with_state(app.clone(), metrics::measure))
        .layer(unless_set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(unless_set(header::CACHE_CONTROL, "no-store"))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .with_state(app);
    // A layer sees a request before its route is looked up only where no route matches: so the whole router is the
    // fallback of an empty one.
    Router::new().fallback_service(routes).layer(map_request(one_leading_slash))
}

fn unless_set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// The query is left out: it may carry the key.
fn span(request: &Request) -> Span {
    tracing::span!(Level::INFO, "request", method = %request.method(), path = request.uri().path())
}

/// The seed's client joins its base URL and the path as they are: `http://host/` and `/v1` make `//v1`.
async fn one_leading_slash(mut request: Request) -> Request {
    let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    if path.starts_with("//") {
        let mut parts = request.uri().clone().into_parts();
        let trimmed = format!("/{}", path.trim_start_matches('/'));
        parts.path_and_query = trimmed.parse().ok();
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}

pub(crate) async fn no_such_route(method: Method, OriginalUri(uri): OriginalUri) -> Refusal {
    Refusal::new(ErrorCode::NotFound, format!("There is no route {method} {}.", uri.path()))
        .hint("All routes begin with /v1/.")
}

async fn not_with_this_method(method: Method, OriginalUri(uri): OriginalUri) -> Refusal {
    Refusal::new(ErrorCode::InvalidInput, format!("The route {} does not take {method}.", uri.path()))
        .hint("The Allow header says what it takes.")
        .status(StatusCode::METHOD_NOT_ALLOWED)
}
