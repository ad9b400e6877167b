//! Who may ask: requests for this machine's own names only, from no foreign page, with the key.
//!
//! A page that a browser shows can send requests to loopback, and a name that it controls can be made to point there
//! (DNS rebinding). So the `Host` must be a loopback name, and an `Origin`, when there is one, must be one too.

use std::net::IpAddr;

use axum::extract::{Query, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cairn_api::ErrorCode;

use crate::app::Shared;
use crate::extract::throw_away;
use crate::refusal::Refusal;

/// The header that carries the key.
const KEY_HEADER: &str = "x-api-key";
/// How much of a body is read whose sender has no key.
const STRANGERS_BODY: u64 = 8 << 20;

/// Refuses requests that were meant for another host, or sent by another host's page.
pub(crate) async fn only_this_machine(request: Request, next: Next) -> Response {
    let refusal = if !host_is_loopback(&request) {
        "This server answers requests for 'localhost' only; the request's Host header names another."
    } else if !origin_is_loopback(request.headers()) {
        "This server answers no requests of other sites' pages; the request's Origin header names one."
    } else {
        return next.run(request).await;
    };
    refuse(request, Refusal::new(ErrorCode::Unauthorized, refusal).status(StatusCode::FORBIDDEN))
}

/// Refuses requests without the key.
pub(crate) async fn only_with_key(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let offered = request.headers().get(KEY_HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    match offered.or_else(|| key_in_query(request.uri())) {
        Some(key) if app.key.is(&key) => next.run(request).await,
        Some(_) => refuse(request, wrong_key()),
        None => refuse(request, no_key()),
    }
}

/// The refusal of a key that is not ours.
pub(crate) fn wrong_key() -> Refusal {
    Refusal::new(ErrorCode::Unauthorized, "The API key is not this server's.").hint(KEY_HINT)
}

fn no_key() -> Refusal {
    Refusal::new(ErrorCode::Unauthorized, "The request carries no API key.").hint(KEY_HINT)
}

const KEY_HINT: &str = "Send the key that stands in the store's file run/api-key as X-API-Key.";

fn refuse(request: Request, refusal: Refusal) -> Response {
    let (parts, body) = request.into_parts();
    throw_away(&parts.headers, body, STRANGERS_BODY);
    refusal.into_response()
}

/// `?key=`, for what cannot set headers: links, and browsers' event streams.
fn key_in_query(uri: &Uri) -> Option<String> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    pairs.into_iter().find(|(name, _)| name == "key").map(|(_, value)| value)
}

fn host_is_loopback(request: &Request) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let header = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok().and_then(|host| host.parse().ok()),
        _ => None,
    };
    let absolute = request.uri().authority();
    header.is_some_and(|host: Authority| is_loopback(host.host()))
        && absolute.is_none_or(|authority| is_loopback(authority.host()))
}

fn origin_is_loopback(headers: &HeaderMap) -> bool {
    headers.get_all(header::ORIGIN).iter().all(|origin| {
        let uri = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
        uri.is_some_and(|uri| uri.host().is_some_and(is_loopback))
    })
}

/// Whether `host` is a name of this machine's loopback interface; a port does not matter (SSH tunnels change it).
fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request {
        let mut request = Request::new(Body::empty());
        for (name, value) in headers {
            let name: header::HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        request
    }

    #[test]
    fn only_loopback_names_are_hosts() {
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:8080", "127.3.2.1", "[::1]:9"] {
            assert!(host_is_loopback(&request(&[("host", host)])), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "10.0.0.1", "127.0.0.1.evil.example", "", "[::2]", "a b"]
        {
            assert!(!host_is_loopback(&request(&[("host", host)])), "{host}");
        }
        assert!(!host_is_loopback(&request(&[])));
        assert!(!host_is_loopback(&request(&[("host", "localhost"), ("host", "evil.example")])));
    }

    #[test]
    fn only_loopback_pages_may_ask() {
        assert!(origin_is_loopback(request(&[]).headers()));
        for origin in ["http://localhost:5173", "http://127.0.0.1:1"] {
            assert!(origin_is_loopback(request(&[("origin", origin)]).headers()), "{origin}");
        }
        for origin in ["null", "https://evil.example", "http://localhost.evil.example", ""] {
            assert!(!origin_is_loopback(request(&[("origin", origin)]).headers()), "{origin}");
        }
    }
}
