//! `/v1/vms/{vm}/console`: a machine's serial console, raw bytes both ways.
//!
//! `GET` answers what the guest has printed since its start (`tail=` bytes of it), and with `follow=true` what it prints
//! from then on, until the machine stops. The body of a `POST` is typed as it comes in.

use std::io;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures::{StreamExt, stream};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;
use crate::extract::{Params, Path, throw_away};
use crate::refusal::{Answer, Refusal};

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(read, write))
}

/// What the guest has printed on its serial console since its start, as raw bytes.
#[utoipa::path(
    get,
    path = "/v1/vms/{vm}/console",
    params(
        ("follow" = Option<bool>, Query, description = "Go on with what it prints, until the machine stops"),
        ("tail" = Option<u64>, Query, description = "Begin so many bytes before the end"),
    ),
    responses((status = OK, body = Vec<u8>, content_type = "application/octet-stream"))
)]
async fn read(State(app): State<Shared>, Path(vm): Path<String>, params: Params) -> Result<Response, Refusal> {
    let follow = params.flag("follow", false)?;
    let tail = params.number::<u64>("tail")?;
    let log = app.engine.vm_console_log(&vm, tail).await?;
    let pieces = stream::try_unfold(log, move |mut log| async move {
        let piece = log.next(follow).await.map_err(io::Error::other)?;
        Ok::<_, io::Error>(piece.map(|piece| (Bytes::from(piece), log)))
    });
    let stopping = app.stopping.clone();
    let mut response = Response::new(Body::from_stream(pieces.take_until(stopping.cancelled_owned())));
    let headers = response.headers_mut();
    // What a guest prints must not run as a page of ours.
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    Ok(response)
}

/// What was typed.
#[derive(Serialize, ToSchema)]
struct Typed {
    /// In which machine.
    vm_id: String,
    /// How many bytes.
    typed: usize,
}

/// Types the body on the serial console, as it comes in.
#[utoipa::path(
    post,
    path = "/v1/vms/{vm}/console",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = OK, body = Typed))
)]
async fn write(State(app): State<Shared>, Path(vm): Path<String>, request: Request) -> Answer<Typed> {
    let (parts, body) = request.into_parts();
    let mut pieces = body.into_data_stream();
    let typed = async {
        let keys = app.engine.vm_console_keys(&vm).await?;
        let mut typed = 0;
        // A client that hangs up has typed what it has typed.
        while let Some(Ok(piece)) = pieces.next().await {
            keys.send(&piece).await?;
            typed += piece.len();
        }
        Ok::<usize, Refusal>(typed)
    };
    match typed.await {
        Ok(typed) => Ok(Json(Typed { vm_id: vm, typed })),
        Err(refusal) => {
            throw_away(&parts.headers, Body::from_stream(pieces), u64::MAX);
            Err(refusal)
        }
    }
}
