//! REST and events on loopback: the engine's operations as routes, nothing more.
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
//! pipe, outflow  bytes in and out at constant memory
//! routes/    one file per group of routes
//! ```

mod app;
mod extract;
mod guard;
mod idempotency;
mod key;
mod outflow;
mod pipe;
mod publish;
mod refusal;
mod routes;
mod ui;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use cairn_engine::{Engine, Error, ErrorKind, Result};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::key::Key;
use crate::publish::Published;

pub use crate::publish::{ApiFile, api_file, key_file};

/// How long open requests may go on after [`Running::shut_down`].
const GRACE: Duration = Duration::from_secs(10);

/// How to serve.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// The address to listen on; port 0 takes a free one. Only loopback addresses are accepted.
    pub listen: SocketAddr,
    /// The folder of the built web UI, served at `/`.
    pub ui: Option<PathBuf>,
    /// Whether others find this server: writes `run/api.json` and `run/api-key` into the store, both readable by
    /// their owner only. The key stays there from one run to the next; without this it is made up for this run.
    pub publish: bool,
}

impl Default for ServeOptions {
    /// A free port on 127.0.0.1, no UI, not published.
    fn default() -> Self {
        Self { listen: (Ipv4Addr::LOCALHOST, 0).into(), ui: None, publish: false }
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
    stopping: CancellationToken,
    task: JoinHandle<()>,
    published: Option<Published>,
}

impl Running {
    /// Takes no more requests, waits up to ten seconds for those that are open, and removes `run/api.json`.
    /// The engine goes on; closing it is its owner's business.
    pub async fn shut_down(mut self) {
        self.stopping.cancel();
        if tokio::time::timeout(GRACE, &mut self.task).await.is_err() {
            tracing::warn!("requests were still open after {} seconds and were cut off", GRACE.as_secs());
            self.task.abort();
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
/// `InvalidInput` when the address is not a loopback address, `NotFound` when the UI's folder has no `index.html`,
/// `InUse` when the port is taken, `Io` when the address cannot be had or `run/` cannot be written.
pub async fn serve(engine: Engine, options: ServeOptions) -> Result<Running> {
    check(&options)?;
    let listener = TcpListener::bind(options.listen).await.map_err(|error| cannot_listen(options.listen, &error))?;
    let addr = listener.local_addr().map_err(|error| cannot_listen(options.listen, &error))?;
    let url = format!("http://{addr}");
    let key = if options.publish { publish::stored_key(engine.store())? } else { Key::random()? };
    let stopping = CancellationToken::new();
    let published = options.publish.then(|| Published::write(engine.store(), &url)).transpose()?;

    let state = Arc::new(App::new(engine, key.clone(), url.clone(), stopping.clone()));
    let router = app::router(state, options.ui);
    // Answers are small and people wait for them.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let served = axum::serve(listener, router).with_graceful_shutdown(stopping.clone().cancelled_owned());
    let task = tokio::spawn(async move {
        if let Err(error) = served.await {
            tracing::error!(%error, "the server ended");
        }
    });
    tracing::info!(%url, "serving");
    Ok(Running { url, key: key.into_text(), addr, stopping, task, published })
}

fn check(options: &ServeOptions) -> Result<()> {
    if !options.listen.ip().is_loopback() {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("Cairn listens on this machine only, and {} is not a loopback address.", options.listen.ip()),
        )
        .with_hint("Listen on 127.0.0.1 or [::1]; reach it from elsewhere through an SSH tunnel."));
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
