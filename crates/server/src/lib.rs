//! REST and events, on loopback or over TLS: the engine's operations as routes, nothing more.
//!
//! Two clients are served by the same routes: the seed's own Python client, unchanged, and Cairn's own surfaces
//! (the command line and the window in a browser). Every refusal is an [`ErrorBody`](cairn_api::ErrorBody) with one
//! sentence; bad input never answers 5xx. This crate knows HTTP and the wire types; it holds no domain rule, opens
//! no image and prints nothing.
//!
//! ```text
//! lib        serve, Running             guard      Host, Origin and key checks
//! app        the router and its layers  idempotency  POST answers that are replayed
//! publish    run/api.json, run/api-key  extract, refusal  what comes in, what goes out when it is refused
//! connection sockets and TLS            bounds     what a client may take
//! audit      who changed what           metrics    what was counted
//! pipe, outflow  bytes in and out at constant memory
//! openapi, docs/ the description of the routes, and the page that shows it
//! routes/    one file per group of routes
//! ```

mod app;
mod audit;
mod bounds;
mod conditions;
mod connection;
mod extract;
mod fields;
mod guard;
mod idempotency;
mod key;
mod metrics;
mod openapi;
mod outflow;
mod pipe;
mod publish;
mod refusal;
mod routes;
mod tls;
mod ui;

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use cairn_engine::{Engine, Error, ErrorKind, Result};
use tokio::net::{TcpListener, UnixListener};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::connection::Door;
use crate::guard::OverSocket;
use crate::key::Key;
use crate::publish::Published;

pub use crate::bounds::Bounds;
pub use crate::publish::{ApiFile, api_file, key_file, socket_file};
pub use crate::tls::{Tls, fingerprint};

/// How long open requests may go on after [`Running::shut_down`].
const GRACE: Duration = Duration::from_secs(10);

/// How to serve.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// The address to listen on; port 0 takes a free one. One that other computers reach needs [`Self::tls`].
    pub listen: SocketAddr,
    /// Whether and with which certificate TLS is spoken.
    pub tls: Option<Tls>,
    /// The names by which other computers reach this one.
    pub names: Vec<String>,
    /// What clients may take.
    pub bounds: Bounds,
    /// The folder of the built web UI, served at `/`.
    pub ui: Option<PathBuf>,
    /// Whether others find this server: writes `run/api.json` and `run/api-key` into the store, both readable by
    /// their owner only, and listens at `run/api.sock`, which is its owner's only and asks for no key. The key stays
    /// from one run to the next; without this it is made up for this run.
    pub publish: bool,
}

impl Default for ServeOptions {
    /// A free port on 127.0.0.1, no UI, not published.
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            tls: None,
            names: Vec::new(),
            bounds: Bounds::default(),
            ui: None,
            publish: false,
        }
    }
}

/// A server that is running. Dropping it stops the server without waiting.
#[derive(Debug)]
pub struct Running {
    /// Where it answers, without a trailing slash.
    pub url: String,
    /// What requests carry as `X-API-Key`.
    pub key: String,
    /// The address that it listens on.
    pub addr: SocketAddr,
    /// The SHA-256 of the certificate that it shows, when it speaks TLS.
    pub fingerprint: Option<String>,
    stopping: CancellationToken,
    door: Door,
    published: Option<(Published, Option<Socket>)>,
}

/// The store's own socket; gone when dropped.
#[derive(Debug)]
struct Socket(PathBuf);

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Running {
    /// Takes no more requests, waits up to ten seconds for those that are open, and removes `run/api.json`.
    /// The engine goes on; closing it is its owner's business.
    pub async fn shut_down(mut self) {
        self.stopping.cancel();
        if tokio::time::timeout(GRACE, self.door.closed()).await.is_err() {
            tracing::warn!("requests were still open after {} seconds and were cut off", GRACE.as_secs());
            self.door.cut_off();
        }
        self.published.take();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

/// Serves `engine` until [`Running::shut_down`].
///
/// # Errors
/// `InvalidInput` when the address is not a loopback address and there is no TLS, or the certificate cannot be used,
/// `NotFound` when the UI's folder has no `index.html`,
/// `InUse` when the port is taken, `Io` when the address cannot be had or `run/` cannot be written.
pub async fn serve(engine: Engine, options: ServeOptions) -> Result<Running> {
    check(&options)?;
    let listener = TcpListener::bind(options.listen).await.map_err(|error| cannot_listen(options.listen, &error))?;
    let addr = listener.local_addr().map_err(|error| cannot_listen(options.listen, &error))?;
    let identity = options.tls.as_ref().map(|tls| tls::identity(tls, engine.store(), addr.ip(), &options.names));
    let (acceptor, fingerprint) = match identity.transpose()? {
        Some(identity) => (Some(identity.acceptor), Some(identity.fingerprint)),
        None => (None, None),
    };
    let url = format!("{}://{}", if acceptor.is_some() { "https" } else { "http" }, reached_at(addr));
    let key = if options.publish { publish::stored_key(engine.store())? } else { Key::random()? };
    let stopping = CancellationToken::new();
    let door = Door::new(options.bounds, stopping.clone());
    let store = engine.store().to_owned();
    let state = Arc::new(App::new(engine, key.clone(), url.clone(), &options, door.clone()));
    let router = app::router(state, options.ui);
    let published = match options.publish {
        true => Some((Published::write(&store, &url, fingerprint.clone())?, socket(&store, &door, &router))),
        false => None,
    };
    tokio::spawn(door.clone().tcp(listener, acceptor, router));
    tracing::info!(%url, "serving");
    Ok(Running { url, key: key.into_text(), addr, fingerprint, stopping, door, published })
}

/// Where this computer's own programs reach it.
fn reached_at(addr: SocketAddr) -> SocketAddr {
    match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => (Ipv4Addr::LOCALHOST, addr.port()).into(),
        IpAddr::V6(ip) if ip.is_unspecified() => (Ipv6Addr::LOCALHOST, addr.port()).into(),
        _ => addr,
    }
}

/// Answers at the store's own socket as well. Where there can be none (its path may be too long), TCP has to do.
fn socket(store: &Path, door: &Door, router: &Router) -> Option<Socket> {
    let path = socket_file(store);
    // One engine has the store: what is there was left by one that was killed.
    let _ = fs::remove_file(&path);
    let bound = UnixListener::bind(&path).and_then(|listener| {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        Ok(listener)
    });
    match bound {
        Ok(listener) => {
            tokio::spawn(door.clone().unix(listener, router.clone().layer(Extension(OverSocket))));
            Some(Socket(path))
        }
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "the store's own socket cannot be had");
            None
        }
    }
}

fn check(options: &ServeOptions) -> Result<()> {
    if !options.listen.ip().is_loopback() && options.tls.is_none() {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("Other computers are served over TLS only, and {} is not a loopback address.", options.listen.ip()),
        )
        .with_hint(
            "Add --tls for a certificate that Cairn generates, or --tls-cert and --tls-key for one of yours; or listen \
             on 127.0.0.1 and reach it through an SSH tunnel.",
        ));
    }
    match &options.ui {
        Some(folder) if !folder.join("index.html").is_file() => Err(Error::new(
            ErrorKind::NotFound,
            format!("There is no built web UI in '{}': it has no index.html.", folder.display()),
        )
        .with_hint("Build the UI first, or name another folder.")),
        _ => Ok(()),
    }
}

fn cannot_listen(addr: SocketAddr, error: &std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::AddrInUse {
        return Error::new(ErrorKind::InUse, format!("The address {addr} is in use by another program."))
            .with_hint("Choose another port, or port 0 for a free one.");
    }
    Error::new(ErrorKind::Io, format!("The address {addr} cannot be listened on: {error}."))
}
