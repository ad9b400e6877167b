//! A file's bytes: streamed raw in and out, many files as an archive, and in base64 as the seed's client downloads them.

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use cairn_api::{ErrorCode, FileEntry};
use cairn_engine::WriteFile;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shared;
use crate::extract::{Object, Params, Path, throw_away};
use crate::refusal::{Answer, Refusal};
use crate::{outflow, pipe};

/// The largest file that is answered in base64: clients hold it in memory twice.
const BASE64_LIMIT: u64 = 256 << 20;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(read, write)).routes(routes!(archive)).routes(routes!(download))
}

/// The bytes of a file, streamed.
#[utoipa::path(
    get,
    path = "/v1/volumes/{volume}/files/content",
    params(
        ("path" = String, Query, description = "The file"),
        ("at" = Option<String>, Query, description = "A checkpoint; the present when absent"),
    ),
    responses((status = OK, body = Vec<u8>, content_type = "application/octet-stream"))
)]
async fn read(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Result<Response, Refusal> {
    let reader = app.engine.file_read(&volume, params.required("path")?, params.filled("at")).await?;
    Ok(outflow::raw(reader))
}

/// Everything at each `path`, as one tar stream.
#[utoipa::path(
    get,
    path = "/v1/volumes/{volume}/files/archive",
    params(
        ("path" = Vec<String>, Query, description = "A file or folder; may be given several times"),
        ("at" = Option<String>, Query, description = "A checkpoint; the present when absent"),
    ),
    responses((status = OK, body = Vec<u8>, content_type = "application/x-tar"))
)]
async fn archive(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Result<Response, Refusal> {
    let paths = params.every("path");
    let archive = app.engine.file_archive(&volume, &paths, params.filled("at")).await?;
    Ok(outflow::archive(archive))
}

/// Makes the body the file at `path`.
///
/// Whole or not at all: a client that vanishes leaves nothing.
#[utoipa::path(
    put,
    path = "/v1/volumes/{volume}/files/content",
    params(
        ("path" = String, Query, description = "Where it goes"),
        ("overwrite" = Option<bool>, Query, description = "Whether it takes the place of a file that is there; it does when absent"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = OK, body = FileEntry))
)]
async fn write(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    params: Params,
    request: Request,
) -> Answer<FileEntry> {
    let (parts, body) = request.into_parts();
    let mut pieces = body.into_data_stream();
    let written = match wanted(&params, &parts.headers) {
        Ok((path, options)) => pipe::store(&app.engine, &volume, path, options, &mut pieces).await,
        Err(refusal) => Err(refusal),
    };
    if written.is_err() {
        throw_away(&parts.headers, Body::from_stream(pieces), u64::MAX);
    }
    written.map(|entry| Json(entry.into())).map_err(Refusal::of_upload)
}

fn wanted<'a>(params: &'a Params, headers: &HeaderMap) -> Result<(&'a str, WriteFile), Refusal> {
    if headers.contains_key(header::CONTENT_RANGE) {
        // RFC 9110, 14.4: a part must not be taken for the whole.
        return Err(Refusal::new(ErrorCode::Unsupported, "A part of a file (Content-Range) cannot be written.")
            .hint("Send the whole file."));
    }
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let options = WriteFile { overwrite: params.flag("overwrite", true)?, size_hint: length };
    Ok((params.required("path")?, options))
}

/// `POST /v1/volumes/{id}/files/download`.
#[derive(Deserialize, ToSchema)]
struct FileToDownload {
    /// The file.
    path: String,
}

/// A file's bytes in base64; written piece by piece, so this is only its description.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the answer is streamed")]
struct FileInBase64 {
    /// Its path from the root.
    path: String,
    /// The path's last part.
    filename: String,
    /// Length in bytes.
    size: u64,
    /// Its bytes in base64.
    content: String,
}

/// A file of at most 256 MiB in base64, as the seed's client downloads it.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/files/download",
    request_body = FileToDownload,
    responses((status = OK, body = FileInBase64))
)]
async fn download(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(wanted): Object<FileToDownload>,
) -> Result<Response, Refusal> {
    let reader = app.engine.file_read(&volume, &wanted.path, None).await?;
    let size = reader.entry().size;
    if size > BASE64_LIMIT {
        let message =
            format!("'{}' has {size} bytes, more than the {BASE64_LIMIT} that are answered at once.", wanted.path);
        return Err(Refusal::new(ErrorCode::Unsupported, message)
            .hint("Stream it with GET /v1/volumes/{volume}/files/content?path=, or use 'cairn files get'."));
    }
    Ok(outflow::in_json(reader).into_response())
}
