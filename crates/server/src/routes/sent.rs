//! Files that a client sends to be made something of: an image or an archive that becomes a volume, an archive whose files
//! come into one. The body is streamed to this computer's disk, and is gone when the transfer that it begins has ended.

use std::io::Read;

use axum::body::Body;
use axum::extract::{Request, State};
use cairn_api::{Conflict, Transfer};
use cairn_engine::{ImportVolume, Unpack};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::one;
use crate::app::Shared;
use crate::extract::{Params, Path, throw_away};
use crate::refusal::{Answer, Refusal};
use crate::{fields, pipe};

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(import_sent)).routes(routes!(unpack_sent))
}

/// Makes a volume of the body, a disk image or an archive: answers when all of it has come, with the transfer that begins.
#[utoipa::path(
    put,
    path = "/v1/transfers/import",
    params(
        ("file" = String, Query, min_length = 1, description = "The name that the file has, without its folder"),
        ("name" = Option<String>, Query, description = "The new volume's name; the file's when absent"),
        ("partition" = Option<u32>, Query, description = "Which partition of an image, counted from 1"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = OK, body = Transfer))
)]
async fn import_sent(State(app): State<Shared>, params: Params, request: Request) -> Answer<Transfer> {
    taken_in(wanted_import(&params), request, |import, size, content| {
        app.engine.volume_import_sent(import, size, content)
    })
    .await
}

/// Unpacks the body, an archive, into a folder of the volume: answers when all of it has come, with the transfer that
/// begins.
#[utoipa::path(
    put,
    path = "/v1/volumes/{volume}/transfers/unpack",
    params(
        ("file" = String, Query, min_length = 1, description = "The name that the archive has, without its folder"),
        ("path" = Option<String>, Query, description = "The folder into which what is in it goes; the root when absent"),
        ("conflict" = Option<Conflict>, Query, description = "What to do about files that are there; `replace` when absent"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = OK, body = Transfer))
)]
async fn unpack_sent(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    params: Params,
    request: Request,
) -> Answer<Transfer> {
    taken_in(wanted_unpack(&params), request, |wanted, size, content| {
        app.engine.files_unpack_sent(&volume, wanted, size, content)
    })
    .await
}

/// Has the body made into what is `wanted`. Of one that is refused the rest is read, too, since clients read no answer while
/// they are sending.
async fn taken_in<W, F>(
    wanted: Result<W, Refusal>,
    request: Request,
    begin: impl FnOnce(W, Option<u64>, Box<dyn Read + Send>) -> F,
) -> Answer<Transfer>
where
    F: Future<Output = cairn_engine::Result<cairn_engine::Transfer>>,
{
    let (parts, body) = request.into_parts();
    let mut pieces = body.into_data_stream();
    let begun = match wanted {
        Ok(wanted) => {
            let size = fields::length(&parts.headers);
            pipe::through(&mut pieces, |content| begin(wanted, size, content)).await
        }
        Err(refusal) => Err(refusal),
    };
    if begun.is_err() {
        throw_away(&parts.headers, Body::from_stream(pieces), u64::MAX);
    }
    begun.map(one)
}

fn wanted_import(params: &Params) -> Result<ImportVolume, Refusal> {
    Ok(ImportVolume {
        source: file_name(params)?.into(),
        name: params.filled("name").map(str::to_owned),
        quota_bytes: None,
        partition: params.number("partition")?,
    })
}

fn wanted_unpack(params: &Params) -> Result<Unpack, Refusal> {
    let conflict: Conflict = params.word("conflict")?;
    let destination = params.filled("path").unwrap_or_default().to_owned();
    Ok(Unpack { archive: file_name(params)?.into(), destination, conflict: conflict.into() })
}

/// The name of what is sent, which says in sentences what it is about.
fn file_name(params: &Params) -> Result<&str, Refusal> {
    params.filled("file").ok_or_else(|| Refusal::invalid("The parameter 'file' is missing: the name of what is sent."))
}
