//! Connections: over TCP, with TLS or without, and over the store's own socket. Each is a task within bounds.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::bounds::{Bounds, Steady};

/// The most headers of a request.
const HEADERS: usize = 100;
/// How long nothing is accepted after the operating system had no room for another connection.
const PAUSE: Duration = Duration::from_millis(100);

/// What all of a server's connections share.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    bounds: Bounds,
    places: Arc<Semaphore>,
    stopping: CancellationToken,
    /// Fires when nobody waits for what is still open any more.
    over: CancellationToken,
    open: TaskTracker,
}

impl Door {
    pub(crate) fn new(bounds: Bounds, stopping: CancellationToken) -> Self {
        let places = Arc::new(Semaphore::new(bounds.connections));
        Self { bounds, places, stopping, over: CancellationToken::new(), open: TaskTracker::new() }
    }

    /// Fires when the server is to end.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// How many connections there are.
    pub(crate) fn taken(&self) -> usize {
        self.bounds.connections - self.places.available_permits()
    }

    /// Ends when all connections have, after it was told to stop.
    pub(crate) async fn closed(&self) {
        self.open.close();
        self.open.wait().await;
    }

    /// Ends the connections that are still there.
    pub(crate) fn cut_off(&self) {
        self.over.cancel();
    }

    /// Answers what comes in over TCP until the server is to end.
    pub(crate) async fn tcp(self, listener: TcpListener, tls: Option<TlsAcceptor>, router: Router) {
        while let Some(accepted) = self.stopping.run_until_cancelled(listener.accept()).await {
            let Some((stream, place)) = self.admitted(accepted.map(|(stream, _)| stream)).await else { continue };
            // Answers are small and people wait for them.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY could not be set");
            }
            let (door, tls, router) = (self.clone(), tls.clone(), router.clone());
            self.open.spawn(self.over.clone().run_until_cancelled_owned(async move {
                match tls {
                    Some(tls) => door.converse_privately(stream, &tls, router, place).await,
                    None => door.converse(stream, router, place).await,
                }
            }));
        }
    }

    /// Answers what comes in over a socket of the store's owner until the server is to end.
    pub(crate) async fn unix(self, listener: UnixListener, router: Router) {
        while let Some(accepted) = self.stopping.run_until_cancelled(listener.accept()).await {
            let Some((stream, place)) = self.admitted(accepted.map(|(stream, _)| stream)).await else { continue };
            let (door, router) = (self.clone(), router.clone());
            self.open.spawn(self.over.clone().run_until_cancelled_owned(async move {
                door.converse(stream, router, place).await;
            }));
        }
    }

    /// The connection, when there is a place for it; else it is closed.
    async fn admitted<I>(&self, accepted: io::Result<I>) -> Option<(I, OwnedSemaphorePermit)> {
        match (accepted, self.places.clone().try_acquire_owned()) {
            (Ok(stream), Ok(place)) => return Some((stream, place)),
            (Ok(_), Err(_)) => tracing::warn!("a connection was closed: there are too many"),
            (Err(error), _) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(PAUSE).await;
            }
        }
        None
    }

    async fn converse_privately(
        self,
        stream: TcpStream,
        tls: &TlsAcceptor,
        router: Router,
        place: OwnedSemaphorePermit,
    ) {
        match timeout(self.bounds.head_time, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.converse(stream, router, place).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn converse<I>(self, stream: I, router: Router, _place: OwnedSemaphorePermit)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut server = http1::Builder::new();
        server
            .timer(TokioTimer::new())
            .header_read_timeout(self.bounds.head_time)
            .max_headers(HEADERS)
            .max_header_size(self.bounds.head_bytes);
        let stream = TokioIo::new(Steady::new(stream, self.bounds.answer_time));
        let connection = server.serve_connection(stream, TowerToHyperService::new(router));
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.stopping.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke");
        }
    }
}
