//! Bytes on their way in: from an asynchronous request body to the engine's blocking reader, at constant memory.
//!
//! A bounded channel of pieces. The end of the content is said explicitly: a client that vanishes in the middle is an
//! error for the reader, never an end of file, so that nothing half-written is taken for whole.

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use cairn_engine::{Engine, FileEntry, UploadPart, Uploaded, WriteFile};
use futures::{Stream, StreamExt};
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::extract::broken_off;
use crate::refusal::Refusal;

/// Pieces that may wait in the pipe; a piece is what the socket gave at once, at most some hundred KiB.
const PIECES: usize = 4;

enum Piece {
    Data(Bytes),
    Broken(String),
    End,
}

/// The end that the engine reads from, blocking.
struct PipeReader {
    pieces: Receiver<Piece>,
    current: Bytes,
    ended: bool,
}

impl Read for PipeReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            if self.ended || buffer.is_empty() {
                return Ok(0);
            }
            match self.pieces.blocking_recv() {
                Some(Piece::Data(data)) => self.current = data,
                Some(Piece::End) => self.ended = true,
                Some(Piece::Broken(why)) => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, why)),
                None => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the sender went away")),
            }
        }
        let length = self.current.len().min(buffer.len());
        self.current.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}

/// Passes `source` on until it ends, breaks, or the reader has enough; answers why it broke.
async fn feed<S, E>(source: &mut S, pieces: Sender<Piece>) -> Option<Refusal>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::error::Error + 'static,
{
    while let Some(next) = source.next().await {
        let (piece, broken) = match next {
            Ok(data) => (Piece::Data(data), None),
            Err(error) => (Piece::Broken(error.to_string()), Some(broken_off(&error))),
        };
        if pieces.send(piece).await.is_err() || broken.is_some() {
            return broken;
        }
    }
    // A reader that has gone away has its reason, which its own answer tells.
    let _ = pieces.send(Piece::End).await;
    None
}

/// Writes what `source` yields to `path`.
pub(crate) async fn store<S, E>(
    engine: &Engine,
    volume: &str,
    path: &str,
    options: WriteFile,
    source: &mut S,
) -> Result<FileEntry, Refusal>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::error::Error + 'static,
{
    through(source, |reader| engine.file_write(volume, path, reader, options)).await
}

/// Takes what `source` yields for a part of a file.
pub(crate) async fn store_part<S, E>(
    engine: &Engine,
    volume: &str,
    part: UploadPart,
    source: &mut S,
) -> Result<Uploaded, Refusal>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::error::Error + 'static,
{
    through(source, |reader| engine.file_upload_part(volume, part, reader)).await
}

/// Gives `work` a reader of what `source` yields. What the engine refuses is answered at once, however much is still to
/// come. When the client hangs up, this future is dropped, and the engine, which reads on, learns it from the pipe.
pub(crate) async fn through<S, E, T, F>(
    source: &mut S,
    work: impl FnOnce(Box<dyn Read + Send>) -> F,
) -> Result<T, Refusal>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::error::Error + 'static,
    F: Future<Output = cairn_engine::Result<T>>,
{
    let (sender, pieces) = mpsc::channel(PIECES);
    let reader = Box::new(PipeReader { pieces, current: Bytes::new(), ended: false });
    let write = work(reader);
    tokio::pin!(write);
    let early = tokio::select! {
        written = &mut write => Ok(written),
        broken = feed(source, sender) => Err(broken),
    };
    match early {
        Ok(written) => Ok(written?),
        Err(None) => Ok(write.await?),
        // What the engine makes of it is that its reader failed; the client is told why.
        Err(Some(refusal)) => write.await.map(Ok).unwrap_or(Err(refusal)),
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;

    use super::*;

    async fn through(source: Vec<Result<Bytes, io::Error>>) -> io::Result<Vec<u8>> {
        let (sender, pieces) = mpsc::channel(2);
        let mut reader = PipeReader { pieces, current: Bytes::new(), ended: false };
        let reading = tokio::task::spawn_blocking(move || {
            let mut all = Vec::new();
            reader.read_to_end(&mut all).map(|_| all)
        });
        feed(&mut stream::iter(source), sender).await;
        reading.await.unwrap()
    }

    #[tokio::test]
    async fn what_goes_in_comes_out() {
        let pieces = vec![Ok("one ".into()), Ok(Bytes::new()), Ok("two".into())];
        assert_eq!(through(pieces).await.unwrap(), b"one two");
        assert_eq!(through(vec![]).await.unwrap(), b"");
    }

    #[tokio::test]
    async fn a_source_that_breaks_is_no_end_of_file() {
        let broken = through(vec![Ok("half".into()), Err(io::Error::other("reset"))]).await.unwrap_err();
        assert_eq!(broken.to_string(), "reset");
    }

    #[tokio::test]
    async fn a_sender_that_vanishes_is_no_end_of_file() {
        let (sender, pieces) = mpsc::channel(2);
        let mut reader = PipeReader { pieces, current: Bytes::new(), ended: false };
        sender.send(Piece::Data("half".into())).await.ok().unwrap();
        drop(sender);
        let error = tokio::task::spawn_blocking(move || io::copy(&mut reader, &mut io::sink())).await.unwrap();
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
