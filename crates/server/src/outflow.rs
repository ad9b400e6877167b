//! Bytes on their way out: a file of a volume as a response body, raw or in base64, or an archive, at constant memory.

use std::io::{self, BufWriter, Write};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use cairn_api::ErrorCode;
use cairn_engine::{FileArchive, FileEntry, FileReader};
use futures::{Stream, StreamExt, stream};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::conditions::{Known, Wanted};
use crate::refusal::Refusal;

/// Bytes read at once: a multiple of three, so that base64 pieces join without padding.
const PIECE: u64 = 3 * 256 * 1024;
/// Bytes of an archive that are sent at once.
const ARCHIVE_PIECE: usize = 512 << 10;
/// Pieces read ahead of the client.
const AHEAD: usize = 2;

/// The file's bytes from `offset` to before `end`, read ahead by a little. An error in the middle breaks the connection off:
/// the client sees fewer bytes than it was promised, never a file that looks whole.
fn pieces(mut reader: FileReader, mut offset: u64, end: u64) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        while offset < end {
            let read = tokio::task::spawn_blocking(move || {
                let piece = read_piece(&reader, offset, PIECE.min(end - offset));
                (reader, piece)
            });
            let piece = match read.await {
                Ok((again, piece)) => {
                    reader = again;
                    piece
                }
                Err(defect) => {
                    let _ = sender.send(Err(io::Error::other(defect))).await;
                    return;
                }
            };
            if let Err(error) = &piece {
                tracing::error!(%error, offset, "a download broke off");
            }
            offset = offset.saturating_add(PIECE);
            let last = piece.is_err();
            if sender.send(piece).await.is_err() || last {
                return;
            }
        }
    });
    ReceiverStream::new(receiver)
}

fn read_piece(reader: &FileReader, offset: u64, length: u64) -> io::Result<Bytes> {
    let length = usize::try_from(length).map_err(io::Error::other)?;
    let mut buffer = vec![0; length];
    let mut filled = 0;
    while filled < length {
        let place = offset + filled as u64;
        match reader.read_at(&mut buffer[filled..], place).map_err(io::Error::other)? {
            0 => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, format!("the file ended at byte {place}"))),
            read => filled += read,
        }
    }
    Ok(buffer.into())
}

/// What the request's `headers` ask for of the file as it is, to be saved and never to be shown: a page in a volume must not
/// run as one of ours.
pub(crate) fn raw(reader: FileReader, method: &Method, headers: &HeaderMap) -> Response {
    let known = Known::of(&reader);
    let FileEntry { path, size, .. } = reader.entry().clone();
    let mut response = match known.wanted(headers, method == Method::GET) {
        Wanted::Whole => bytes_of(reader, 0, size),
        Wanted::Part(first, end) => {
            let mut part = bytes_of(reader, first, end);
            *part.status_mut() = StatusCode::PARTIAL_CONTENT;
            say_range(&mut part, &format!("{first}-{}/{size}", end - 1));
            part
        }
        Wanted::Beyond => {
            let mut refused = Refusal::invalid(format!("'{path}' has {size} bytes, and none of those in Range."))
                .hint("Ask for less, or for the whole file without Range.")
                .status(StatusCode::RANGE_NOT_SATISFIABLE)
                .into_response();
            say_range(&mut refused, &format!("*/{size}"));
            refused
        }
        Wanted::Nothing => StatusCode::NOT_MODIFIED.into_response(),
        Wanted::Another => {
            let sentence = format!("'{path}' is another than the one in If-Match or If-Unmodified-Since.");
            let refusal = Refusal::new(ErrorCode::Conflict, sentence).hint("Get it as it is now, without that header.");
            refusal.status(StatusCode::PRECONDITION_FAILED).into_response()
        }
    };
    known.tell(response.headers_mut());
    response
}

fn bytes_of(reader: FileReader, first: u64, end: u64) -> Response {
    let name = reader.entry().path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut response = saved(Body::from_stream(pieces(reader, first, end)), &name, "application/octet-stream");
    response.headers_mut().insert(header::CONTENT_LENGTH, (end - first).into());
    response
}

fn say_range(response: &mut Response, range: &str) {
    if let Ok(value) = HeaderValue::from_str(&format!("bytes {range}")) {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
}

fn saved(body: Body, name: &str, kind: &'static str) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    if let Ok(value) = HeaderValue::from_str(&attachment(name)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// RFC 6266 with RFC 8187's encoding of the name.
fn attachment(name: &str) -> String {
    let mut value = String::from("attachment; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            value.push_str(&format!("%{byte:02X}"));
        }
    }
    value
}

/// The end of a response body that an archive is written to. It refuses when the client has gone away.
struct BodyWriter(mpsc::Sender<io::Result<Bytes>>);

impl Write for BodyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the connection was closed");
        self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes))).map_err(gone)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The archive, written as fast as the client takes it. An error in the middle breaks the connection off, so that no
/// client takes a part for the whole.
pub(crate) fn archive(archive: FileArchive) -> Response {
    let name = format!("{}.tar", archive.name());
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut out = BufWriter::with_capacity(ARCHIVE_PIECE, BodyWriter(sender.clone()));
        if let Err(error) = archive.write_to(&mut out) {
            tracing::info!(%error, "an archive broke off");
            let _ = sender.blocking_send(Err(io::Error::other(error)));
        }
    });
    saved(Body::from_stream(ReceiverStream::new(receiver)), &name, "application/x-tar")
}

/// The file as the seed's client reads it: `{"path", "filename", "size", "content"}`, the content in base64.
pub(crate) fn in_json(reader: FileReader) -> Response {
    let entry = reader.entry();
    let size = entry.size;
    let mut head = serde_json::json!({
        "path": entry.path,
        "filename": entry.path.rsplit('/').next().unwrap_or_default(),
        "size": size,
    })
    .to_string();
    head.truncate(head.len() - 1);
    head.push_str(r#","content":""#);
    let tail = r#""}"#;
    let length = head.len() as u64 + size.div_ceil(3) * 4 + tail.len() as u64;

    let content = pieces(reader, 0, size).map(|piece| piece.map(|bytes| Bytes::from(STANDARD.encode(bytes))));
    let whole = stream::iter([Ok(Bytes::from(head))]).chain(content).chain(stream::iter([Ok(Bytes::from(tail))]));
    let mut response = Response::new(Body::from_stream(whole));
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_ascii_is_encoded() {
        assert_eq!(attachment("a b.txt"), "attachment; filename*=UTF-8''a%20b.txt");
        assert_eq!(attachment("日\".txt"), "attachment; filename*=UTF-8''%E6%97%A5%22.txt");
    }
}
