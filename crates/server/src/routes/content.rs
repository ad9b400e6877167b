//! A file's bytes: streamed raw in and out, many files as an archive, and in base64 as the seed's client downloads them.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use cairn_api::{ErrorCode, FileEntry};
use cairn_engine::WriteFile;
use serde::Deserialize;

use crate::app::Shared;
use crate::extract::{Object, Params, Path, throw_away};
use crate::refusal::{Answer, Refusal};
use crate::{outflow, pipe};

/// The largest file that is answered in base64: clients hold it in memory twice.
const BASE64_LIMIT: u64 = 256 << 20;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/v1/volumes/{volume}/files/content", get(read).put(write))
        .route("/v1/volumes/{volume}/files/download", post(download))
        .route("/v1/volumes/{volume}/files/archive", get(archive))
}

async fn read(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Result<Response, Refusal> {
    let reader = app.engine.file_read(&volume, params.required("path")?, params.filled("at")).await?;
    Ok(outflow::raw(reader))
}

/// Everything at each `path`, as one tar stream.
async fn archive(State(app): State<Shared>, Path(volume): Path<String>, params: Params) -> Result<Response, Refusal> {
    let paths = params.every("path");
    let archive = app.engine.file_archive(&volume, &paths, params.filled("at")).await?;
    Ok(outflow::archive(archive))
}

/// The body becomes the file at `path`. Whole or not at all: a client that vanishes leaves nothing.
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

#[derive(Deserialize)]
struct Wanted {
    path: String,
}

async fn download(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    Object(wanted): Object<Wanted>,
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
