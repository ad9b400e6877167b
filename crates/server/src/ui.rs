//! The built web UI's files at `/`, without a key: there is nothing secret in them.

use std::path::PathBuf;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use tower_http::services::ServeDir;

use crate::app::no_such_route;

/// What a page of ours may do: load and ask from here, nothing else, and nobody may frame it.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The files of `folder`; whatever is not there is answered like an unknown route.
pub(crate) fn files(folder: PathBuf) -> Router {
    Router::new().fallback(any(file)).with_state(ServeDir::new(folder))
}

async fn file(State(mut folder): State<ServeDir>, request: Request) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let readable = matches!(method, Method::GET | Method::HEAD) && !uri.path().starts_with("/v1/");
    if readable {
        match folder.try_call(request).await {
            Ok(found) if found.status() != StatusCode::NOT_FOUND => return with_policy(found.into_response()),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, path = uri.path(), "a file of the UI could not be read"),
        }
    }
    no_such_route(method, axum::extract::OriginalUri(uri)).await.into_response()
}

fn with_policy(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
