//! Who may ask: requests for this server's own names only, from no foreign page, with a key that allows it.
//!
//! A page that a browser shows can send requests to loopback, and a name that it controls can be made to point there
//! (DNS rebinding). So on loopback the `Host` must be a loopback name, and an `Origin`, when there is one, must be one
//! too. A server for other computers is asked by its address or one of its names, and by its own pages only.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, MatchedPath, Query, Request, State};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cairn_api::ErrorCode;
use cairn_engine::KeyScope;

use crate::app::{App, Shared};
use crate::extract::throw_away;
use crate::refusal::Refusal;

/// The header that carries the key.
const KEY_HEADER: &str = "x-api-key";
/// How much of a body is read whose sender has no key.
const STRANGERS_BODY: u64 = 8 << 20;
/// The one POST that only reads: the seed's client downloads with it.
const READING_POST: &str = "/v1/volumes/{volume}/files/download";
/// What the holder of a key that only reads has no business with.
const FOR_FULL_KEYS: [&str; 3] = ["/v1/keys", "/v1/audit", "/v1/log"];

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The key's name.
    pub(crate) name: String,
    /// What it may do.
    pub(crate) scope: KeyScope,
}

impl Caller {
    /// Whoever has the store's own key, or its socket.
    pub(crate) fn owner() -> Self {
        Self { name: "owner".to_owned(), scope: KeyScope::Full }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(no_key)
    }
}

/// A request that came over the store's own socket, which only its owner can open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OverSocket;

/// Refuses requests that were meant for another host, or sent by another host's page.
pub(crate) async fn only_this_server(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let names = app.is_open.then_some(app.names.as_slice());
    let refusal = if !host_is_ours(&request, names) {
        match names {
            None => "This server answers requests for 'localhost' only; the request's Host header names another.",
            Some(_) => "The request's Host header is neither an address nor a name that this server was told it has.",
        }
    } else if !origin_is_ours(request.headers(), names.is_some()) {
        "This server answers no requests of other sites' pages; the request's Origin header names one."
    } else {
        return next.run(request).await;
    };
    refuse(request, Refusal::new(ErrorCode::Unauthorized, refusal).status(StatusCode::FORBIDDEN))
}

/// Refuses requests without a key, and those that the key does not allow.
pub(crate) async fn only_with_key(
    State(app): State<Shared>,
    path: MatchedPath,
    mut request: Request,
    next: Next,
) -> Response {
    let caller = match caller(&app, &request) {
        Ok(caller) => caller,
        Err(refusal) => return refuse(request, refusal),
    };
    let path = path.as_str();
    let is_private = FOR_FULL_KEYS.iter().any(|prefix| path.starts_with(prefix));
    if caller.scope == KeyScope::ReadOnly && (is_private || !is_reading(request.method(), path)) {
        let message = format!("The key '{}' may only read.", caller.name);
        let refusal = Refusal::new(ErrorCode::Unauthorized, message)
            .hint("Use a key with the scope 'full', or have its owner create one.")
            .status(StatusCode::FORBIDDEN);
        return refuse(request, refusal);
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Whether a request for the route changes nothing.
pub(crate) fn is_reading(method: &Method, route: &str) -> bool {
    matches!(*method, Method::GET | Method::HEAD) || (*method == Method::POST && route == READING_POST)
}

fn caller(app: &App, request: &Request) -> Result<Caller, Refusal> {
    if request.extensions().get::<OverSocket>().is_some() {
        return Ok(Caller::owner());
    }
    match offered(request) {
        Some(key) => holder(app, &key),
        None => Err(no_key()),
    }
}

/// Who has the key that was offered.
pub(crate) fn holder(app: &App, offered: &str) -> Result<Caller, Refusal> {
    let known = app.engine.key_of(offered);
    if app.key.is(offered) {
        return Ok(Caller::owner());
    }
    match known {
        Some(key) if key.is_expired() => {
            Err(Refusal::new(ErrorCode::Unauthorized, format!("The time of the key '{}' is over.", key.name))
                .hint("Have its owner create a new one with 'cairn key create'."))
        }
        Some(key) => Ok(Caller { name: key.name, scope: key.scope }),
        None => Err(Refusal::new(ErrorCode::Unauthorized, "The API key is not this server's.").hint(KEY_HINT)),
    }
}

fn no_key() -> Refusal {
    Refusal::new(ErrorCode::Unauthorized, "The request carries no API key.").hint(KEY_HINT)
}

const KEY_HINT: &str =
    "Send the key that stands in the store's file run/api-key, or one of 'cairn key create', as X-API-Key.";

/// The key in the header of its own, as a bearer's token, or in the query.
fn offered(request: &Request) -> Option<String> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let bearer = || header("authorization")?.strip_prefix("Bearer ").map(str::trim);
    header(KEY_HEADER).or_else(bearer).map(str::to_owned).or_else(|| key_in_query(request.uri()))
}

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

/// `names` are those of a server for other computers.
fn host_is_ours(request: &Request, names: Option<&[String]>) -> bool {
    let is_ours = |host: &str| match names {
        None => is_loopback(host),
        // Nobody can have an address point elsewhere, as can be done with a name.
        Some(names) => {
            is_loopback(host) || is_address(host) || names.iter().any(|name| name.eq_ignore_ascii_case(host))
        }
    };
    let absolute = request.uri().authority();
    host(request.headers()).is_some_and(|host| is_ours(host.host()))
        && absolute.is_none_or(|authority| is_ours(authority.host()))
}

/// The one `Host` header.
fn host(headers: &HeaderMap) -> Option<Authority> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok()?.parse().ok(),
        _ => None,
    }
}

fn origin_is_ours(headers: &HeaderMap, is_open: bool) -> bool {
    headers.get_all(header::ORIGIN).iter().all(|origin| {
        let uri = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
        uri.is_some_and(|uri| match is_open {
            // A page on the client's own loopback is a stranger here.
            true => uri.scheme_str() == Some("https") && uri.authority() == host(headers).as_ref(),
            false => uri.host().is_some_and(is_loopback),
        })
    })
}

fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

fn is_address(host: &str) -> bool {
    bare(host).parse::<IpAddr>().is_ok()
}

/// Whether `host` is a name of this machine's loopback interface; a port does not matter (SSH tunnels change it).
fn is_loopback(host: &str) -> bool {
    let bare = bare(host);
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
            assert!(host_is_ours(&request(&[("host", host)]), None), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "10.0.0.1", "127.0.0.1.evil.example", "", "[::2]", "a b"]
        {
            assert!(!host_is_ours(&request(&[("host", host)]), None), "{host}");
        }
        assert!(!host_is_ours(&request(&[]), None));
        assert!(!host_is_ours(&request(&[("host", "localhost"), ("host", "evil.example")]), None));
    }

    #[test]
    fn only_loopback_pages_may_ask() {
        assert!(origin_is_ours(request(&[]).headers(), false));
        for origin in ["http://localhost:5173", "http://127.0.0.1:1"] {
            assert!(origin_is_ours(request(&[("origin", origin)]).headers(), false), "{origin}");
        }
        for origin in ["null", "https://evil.example", "http://localhost.evil.example", ""] {
            assert!(!origin_is_ours(request(&[("origin", origin)]).headers(), false), "{origin}");
        }
    }

    #[test]
    fn a_server_for_others_is_asked_by_its_address_or_name_and_by_its_own_pages() {
        let names = ["files.example".to_owned()];
        let ours = |host: &str| host_is_ours(&request(&[("host", host)]), Some(&names));
        assert!(ours("192.0.2.7:22476") && ours("[2001:db8::1]:1") && ours("FILES.example:443") && ours("localhost"));
        assert!(!ours("evil.example") && !ours("x.files.example") && !ours("192.0.2.7.evil.example"));
        let page =
            |origin: &str| origin_is_ours(request(&[("host", "files.example:1"), ("origin", origin)]).headers(), true);
        assert!(page("https://files.example:1"));
        for other in ["http://files.example:1", "https://files.example:2", "http://localhost", "null"] {
            assert!(!page(other), "{other}");
        }
    }

    #[test]
    fn what_reads_is_known() {
        assert!(is_reading(&Method::GET, "/v1/volumes") && is_reading(&Method::POST, READING_POST));
        assert!(!is_reading(&Method::POST, "/v1/volumes") && !is_reading(&Method::DELETE, READING_POST));
    }
}
