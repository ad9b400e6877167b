//! Answers that go on: a line at a time, as it comes.

use cairn_api::ErrorCode;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use reqwest::Response;
use serde::de::DeserializeOwned;
use tokio_util::bytes::Bytes;

use crate::failure::Failure;

/// The lines of an answer that does not end by itself.
pub(crate) struct Lines {
    pieces: BoxStream<'static, reqwest::Result<Bytes>>,
    /// What has come of lines that are still to be told.
    kept: Vec<u8>,
    /// What they are about.
    what: &'static str,
}

impl Lines {
    pub(crate) fn of(answer: Response, what: &'static str) -> Self {
        Self { pieces: answer.bytes_stream().boxed(), kept: Vec::new(), what }
    }

    /// The next one, with its end; `None` when the server has ended.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        loop {
            if let Some(end) = self.kept.iter().position(|byte| *byte == b'\n') {
                return Ok(Some(self.kept.drain(..=end).collect()));
            }
            let Some(piece) = self.pieces.next().await else { return Ok(None) };
            let piece = piece.map_err(|error| {
                Failure::new(ErrorCode::Io, format!("The {} do not come any more: {error}.", self.what))
            })?;
            self.kept.extend_from_slice(&piece);
        }
    }
}

/// What stands in a line, as JSON.
pub(crate) fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(line)
        .map_err(|error| Failure::new(ErrorCode::Internal, format!("The server's answer makes no sense: {error}.")))
}
