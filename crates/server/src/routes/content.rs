//! A file's bytes: streamed raw in and out, many files as an archive, and in base64 as the seed's client downloads them.

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use cairn_api::strings::FilePath;
use cairn_api::{ErrorBody, ErrorCode, FileEntry, StagedUpload};
use cairn_engine::{UploadPart, Uploaded, WriteFile};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::staged;
use crate::app::Shared;
use crate::conditions::ToWrite;
use crate::extract::{Object, Params, Path, throw_away};
use crate::refusal::Refusal;
use crate::{fields, outflow, pipe};

/// The largest file that is answered in base64: clients hold it in memory twice.
const BASE64_LIMIT: u64 = 256 << 20;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(read, write)).routes(routes!(archive)).routes(routes!(download))
}

/// The bytes of a file, or of a part of it (`Range`), streamed.
///
/// `ETag` is another when the content is. So a download that broke off goes on with `Range` from where it was and `If-Range`
/// with the tag: when the file is another by then, all of it is answered. `If-None-Match`, `If-Match`, `If-Modified-Since` and
/// `If-Unmodified-Since` are heard, too (RFC 9110, 13). Of several ranges at once the whole file is answered.
#[utoipa::path(
    get,
    path = "/v1/volumes/{volume}/files/content",
    params(
        ("path" = String, Query, description = "The file"),
        ("at" = Option<String>, Query, description = "A checkpoint; the present when absent"),
        ("Range" = Option<String>, Header, description = "`bytes=FIRST-LAST`, `bytes=FIRST-`, or `bytes=-COUNT` for the end"),
        ("If-Range" = Option<String>, Header, description = "An `ETag`: a part is wanted only of that file"),
        ("If-None-Match" = Option<String>, Header, description = "An `ETag`: nothing is wanted of that file"),
    ),
    responses(
        (status = OK, body = Vec<u8>, content_type = "application/octet-stream",
            headers(("ETag" = String, description = "Which content it is"),
                ("Last-Modified" = String, description = "When the content last changed"))),
        (status = PARTIAL_CONTENT, body = Vec<u8>, content_type = "application/octet-stream",
            description = "The part of it that `Range` names.",
            headers(("ETag" = String, description = "Which content it is"),
                ("Content-Range" = String, description = "Which part, of how many bytes"))),
        (status = NOT_MODIFIED, description = "The client has it already."),
        (status = PRECONDITION_FAILED, body = ErrorBody, description = "It is another than the client means."),
        (status = RANGE_NOT_SATISFIABLE, body = ErrorBody, description = "It has no such part.",
            headers(("Content-Range" = String, description = "How many bytes it has"))),
    )
)]
async fn read(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    params: Params,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let reader = app.engine.file_read(&volume, params.required("path")?, params.filled("at")).await?;
    Ok(outflow::raw(reader, &method, &headers))
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

/// Makes the body the file at `path`, or a part of it (`Content-Range`).
///
/// Without `Content-Range`: whole or not at all; a client that vanishes leaves nothing.
///
/// With `Content-Range: bytes FIRST-LAST/SIZE` (RFC 9110, 14.4 and 14.5) the body is a part of a file of SIZE bytes. What
/// has come of it stays, also when the connection breaks or the server dies, until it is a day old; `GET
/// /v1/volumes/{volume}/files/upload` tells how much that is, and the next part begins there. A part that begins at byte 0
/// begins anew. With its last byte the file appears, whole. `Content-Range: bytes */SIZE` and no body puts a file into the
/// volume that is complete and was not taken before.
///
/// Checksums (RFC 9530, `sha-256=:BASE64:` only) are verified before the file appears: the header `Repr-Digest` is that of
/// the file, `Content-Digest` that of this body.
///
/// Nobody overwrites what they have not seen: with `If-Match` and the `ETag` that a download answered it is written only over
/// that very file, with `If-None-Match: *` only where none is; `If-Unmodified-Since` is heard, too. Else it is 412, and nothing
/// has changed.
#[utoipa::path(
    put,
    path = "/v1/volumes/{volume}/files/content",
    params(
        ("path" = String, Query, description = "Where it goes"),
        ("overwrite" = Option<bool>, Query, description = "Whether it takes the place of a file that is there; it does when absent"),
        ("If-Match" = Option<String>, Header, description = "An `ETag`: it is written only over that file"),
        ("If-None-Match" = Option<String>, Header, description = "`*`: it is written only when there is none"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = OK, body = FileEntry),
        (status = ACCEPTED, body = StagedUpload, description = "More of the file is to come.",
            headers(("Upload-Offset" = u64, description = "Where the next part begins"))),
        (status = PRECONDITION_FAILED, body = ErrorBody, description = "What is there is not what the client means."),
    )
)]
async fn write(
    State(app): State<Shared>,
    Path(volume): Path<String>,
    params: Params,
    request: Request,
) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let mut pieces = body.into_data_stream();
    let to_write = ToWrite::default();
    let written = match wanted(&params, &parts.headers, &to_write) {
        Ok(Wanted::Whole(path, options)) => pipe::store(&app.engine, &volume, &path, options, &mut pieces)
            .await
            .map(Uploaded::Whole)
            .map_err(Refusal::of_upload),
        Ok(Wanted::Part(part)) => pipe::store_part(&app.engine, &volume, part, &mut pieces).await,
        Err(refusal) => Err(refusal),
    };
    if written.is_err() {
        throw_away(&parts.headers, Body::from_stream(pieces), u64::MAX);
    }
    let written =
        written.map_err(|no| if to_write.is_missed() { no.status(StatusCode::PRECONDITION_FAILED) } else { no });
    Ok(match written? {
        Uploaded::Whole(entry) => Json(FileEntry::from(entry)).into_response(),
        Uploaded::Part(staged) => (StatusCode::ACCEPTED, staged::described(staged)).into_response(),
    })
}

/// What a body is to become.
enum Wanted {
    /// The file at this path.
    Whole(String, WriteFile),
    /// A part of a file.
    Part(UploadPart),
}

fn wanted(params: &Params, headers: &HeaderMap, to_write: &ToWrite) -> Result<Wanted, Refusal> {
    let path = params.required("path")?.to_owned();
    let overwrite = params.flag("overwrite", true)?;
    let of_file = fields::digest(headers, "repr-digest")?;
    let of_body = fields::digest(headers, "content-digest")?;
    let length = fields::length(headers);
    let condition = to_write.condition(headers);
    let Some(range) = fields::content_range(headers)? else {
        if of_file.is_some() && of_body.is_some() && of_file != of_body {
            return Err(Refusal::invalid("Repr-Digest and Content-Digest differ, and the body is the whole file."));
        }
        let sha256 = of_file.or(of_body);
        return Ok(Wanted::Whole(path, WriteFile { overwrite, size_hint: length, sha256, condition }));
    };
    if let Some(length) = length
        && length != range.length
    {
        let sentence = format!("The body has {length} bytes, and Content-Range says {}.", range.length);
        return Err(Refusal::invalid(sentence));
    }
    let fields::Range { offset, length, size } = range;
    let (sha256, part_sha256) = (of_file, of_body);
    Ok(Wanted::Part(UploadPart { path, offset, length, size, overwrite, sha256, part_sha256, condition }))
}

/// `POST /v1/volumes/{id}/files/download`.
#[derive(Deserialize, ToSchema)]
struct FileToDownload {
    /// The file.
    #[schema(value_type = FilePath)]
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
