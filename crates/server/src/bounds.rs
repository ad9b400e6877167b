//! What a client may take: how many connections and requests at once, how large a head, how long it may be silent.
//!
//! A client that sends nothing, or too little, or reads nothing, loses its connection, so that it holds neither a place
//! nor a volume.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use cairn_api::ErrorCode;
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use crate::app::Shared;
use crate::refusal::Refusal;
use crate::routes::CONSOLE;

/// What clients may take of a server.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at once; one more is closed at once.
    pub connections: usize,
    /// Requests that are being answered at once; one more is answered 429.
    pub requests: usize,
    /// Bytes of a request's line and headers together.
    pub head_bytes: usize,
    /// How long a head, or a TLS handshake, may take; also how long a connection may be idle between requests.
    pub head_time: Duration,
    /// In each such time that is spent waiting for a body, [`Self::body_bytes`] must come in, or its end.
    pub body_time: Duration,
    /// See [`Self::body_time`].
    pub body_bytes: u64,
    /// How long a client may take nothing of its answer.
    pub answer_time: Duration,
}

impl Default for Bounds {
    /// More than a busy machine needs, and less than would hurt it.
    fn default() -> Self {
        Self {
            connections: 512,
            requests: 256,
            head_bytes: 64 << 10,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(30),
            body_bytes: 32 << 10,
            answer_time: Duration::from_secs(60),
        }
    }
}

/// The layer that refuses a request when too many are being answered.
pub(crate) async fn only_so_many(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let Ok(_place) = app.places.try_acquire() else {
        let refusal = Refusal::new(ErrorCode::InUse, "The server is answering as many requests as it takes at once.")
            .hint("Try again in a moment.")
            .status(StatusCode::TOO_MANY_REQUESTS);
        let mut response = refusal.into_response();
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        return response;
    };
    next.run(request).await
}

/// The layer that ends bodies which come in too slowly; what is typed at a console may be as slow as people are.
pub(crate) async fn no_dawdling(
    State(app): State<Shared>,
    path: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    if path.is_some_and(|path| path.as_str() == CONSOLE) {
        return next.run(request).await;
    }
    let (time, bytes) = (app.bounds.body_time, app.bounds.body_bytes);
    next.run(request.map(|body| paced(body, time, bytes))).await
}

/// A body that came in too slowly.
#[derive(Debug)]
pub(crate) struct TooSlow(Duration);

impl fmt::Display for TooSlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it came in too slowly for {} seconds", self.0.as_secs_f64())
    }
}

impl std::error::Error for TooSlow {}

/// Whether an error of a body, or what it came from, is that.
pub(crate) fn is_too_slow(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.any(|cause| cause.is::<TooSlow>())
}

fn paced(body: Body, time: Duration, bytes: u64) -> Body {
    // One that is there already is not waited for.
    if body.is_end_stream() {
        return body;
    }
    Body::new(Paced { body, time, bytes, waiting: None, left: time, received: 0 })
}

/// A body that ends with [`TooSlow`] when less than `bytes` came in while it was waited for during `time`. Only waiting
/// counts: whoever reads it may be as slow as the disk.
struct Paced {
    body: Body,
    time: Duration,
    bytes: u64,
    /// Since when it is waited for, and until when it may be.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
    /// How much longer it may be waited for until `bytes` are there.
    left: Duration,
    received: u64,
}

impl Paced {
    fn came(&mut self, length: usize) {
        if let Some((since, _)) = self.waiting.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        self.received += length as u64;
        if self.received >= self.bytes {
            (self.left, self.received) = (self.time, 0);
        }
    }
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            let length = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()).map_or(0, Bytes::len);
            this.came(length);
            return Poll::Ready(frame);
        }
        let left = this.left;
        let (_, end) = this.waiting.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
        ready!(end.as_mut().poll(cx));
        Poll::Ready(Some(Err(axum::Error::new(TooSlow(this.time)))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection that breaks when its client takes nothing for so long.
pub(crate) struct Steady<I> {
    io: I,
    time: Duration,
    stuck: Option<Pin<Box<Sleep>>>,
}

impl<I> Steady<I> {
    pub(crate) fn new(io: I, time: Duration) -> Self {
        Self { io, time, stuck: None }
    }

    fn unless_stuck<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stuck = None;
            return written;
        }
        let time = self.time;
        ready!(self.stuck.get_or_insert_with(|| Box::pin(sleep(time))).as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes nothing of its answer")))
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Steady<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Steady<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.unless_stuck(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, bytes);
        self.unless_stuck(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(cx);
        self.unless_stuck(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = Pin::new(&mut self.io).poll_shutdown(cx);
        self.unless_stuck(cx, ended)
    }
}
