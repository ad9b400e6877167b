//! `POST /v1/volumes/{volume}/files/upload`: a form as the seed's client sends it, `path`, `overwrite`, `file`.
//!
//! The file is streamed into the engine while it arrives. Whatever happens, the whole form is read: the seed's client
//! reads no answer while it is still sending.

use axum::Json;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::{HeaderMap, header};
use cairn_api::FileEntry;
use cairn_api::strings::FilePath;
use cairn_engine::WriteFile;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::{App, Shared};
use crate::extract::{Path, flag, throw_away};
use crate::pipe;
use crate::refusal::{Answer, Refusal};

/// The longest `path` or `overwrite`.
const LONGEST_FIELD: usize = 64 << 10;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(upload)).layer(DefaultBodyLimit::disable())
}

/// The form; read piece by piece, so this is only its description.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the form is streamed")]
struct UploadForm {
    /// Where it goes.
    #[schema(value_type = FilePath)]
    path: String,
    /// `true` or `false`: whether it takes the place of a file that is there.
    #[schema(required = false)]
    overwrite: bool,
    /// Its bytes.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Stores a file, as the seed's client sends it: a form with `path`, `overwrite` and `file`, in this order.
#[utoipa::path(
    post,
    path = "/v1/volumes/{volume}/files/upload",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = OK, body = FileEntry))
)]
async fn upload(State(app): State<Shared>, Path(volume): Path<String>, request: Request) -> Answer<FileEntry> {
    if !is_form(request.headers()) {
        let (parts, body) = request.into_parts();
        throw_away(&parts.headers, body, u64::MAX);
        return Err(Refusal::invalid("An upload is a form (multipart/form-data) with the fields path and file.")
            .hint("To send raw bytes, PUT them to /v1/volumes/{volume}/files/content?path=."));
    }
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| Refusal::invalid(format!("The form cannot be read: {}.", rejection.body_text())))?;
    let stored = receive(&app, &volume, &mut form).await;
    tokio::spawn(async move { while let Ok(Some(_)) = form.next_field().await {} });
    stored.map(|entry| Json(entry.into())).map_err(Refusal::of_upload)
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.to_ascii_lowercase().starts_with("multipart/form-data") && kind.contains("boundary=")
}

async fn receive(app: &App, volume: &str, form: &mut Multipart) -> Result<cairn_engine::FileEntry, Refusal> {
    let (mut path, mut overwrite) = (None, false);
    while let Some(mut field) = form.next_field().await.map_err(|error| broken(&error))? {
        match field.name() {
            Some("path") => path = Some(text(&mut field, "path").await?),
            Some("overwrite") => overwrite = flag("overwrite", &text(&mut field, "overwrite").await?)?,
            Some("file") => {
                let path = path.ok_or_else(|| {
                    Refusal::invalid("The form's field 'path' is missing, or comes after 'file'.")
                        .hint("Send path and overwrite before file.")
                })?;
                let options = WriteFile { overwrite, ..WriteFile::default() };
                return pipe::store(&app.engine, volume, &path, options, &mut field).await;
            }
            _ => {}
        }
    }
    Err(Refusal::invalid("The form's field 'file' is missing."))
}

async fn text(field: &mut Field<'_>, name: &str) -> Result<String, Refusal> {
    let mut whole = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|error| broken(&error))? {
        if whole.len() + piece.len() > LONGEST_FIELD {
            return Err(Refusal::invalid(format!("The form's field '{name}' is too long.")));
        }
        whole.extend_from_slice(&piece);
    }
    String::from_utf8(whole).map_err(|_| Refusal::invalid(format!("The form's field '{name}' is not UTF-8.")))
}

fn broken(error: &MultipartError) -> Refusal {
    Refusal::invalid(format!("The form cannot be read: {}.", error.body_text().trim_end_matches('.')))
}
