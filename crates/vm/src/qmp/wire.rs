//! Lines over a Unix socket, for QMP and for the guest agent.
//!
//! A line has a greatest length, since the other side may be a guest that means ill. Reading can be cancelled at any
//! await without losing bytes. Knows nothing of JSON commands.

use std::fs::File;
use std::io::{Error as IoError, ErrorKind as IoKind};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// Puts an end to what precedes it: the agent drops what it read so far, and marks the answer to a delimited sync.
pub(crate) const SENTINEL: u8 = 0xff;

const READ_STEP: usize = 64 * 1024;
/// Pauses between attempts to connect, and how many there are: 5 seconds.
const WAIT: Duration = Duration::from_millis(50);
const MOST_WAITS: u32 = 100;

/// What a Unix socket's path may have, in bytes; the address has one more for its end.
pub(crate) const LONGEST_SOCKET_PATH: usize = 107;

/// Connects to a socket, however deep it lies: QEMU may have made it by a relative path. Linux only, for long paths.
pub(crate) async fn connect(socket: &Path) -> Result<UnixStream, IoError> {
    if socket.as_os_str().len() <= LONGEST_SOCKET_PATH {
        return UnixStream::connect(socket).await;
    }
    let (Some(folder), Some(name)) = (socket.parent(), socket.file_name()) else {
        return Err(IoError::new(IoKind::InvalidInput, "this is no path of a socket"));
    };
    // Good as long as the folder is held open.
    let folder = File::open(folder)?;
    let short = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(name);
    UnixStream::connect(short).await
}

/// A connected socket that is read by lines.
pub(crate) struct Lines {
    stream: UnixStream,
    buffer: Vec<u8>,
    /// Bytes at the start of the buffer that were searched for a line's end already.
    searched: usize,
    longest: usize,
}

impl Lines {
    /// Connects to the socket; a line longer than `longest` bytes will be an error. Where clients queue before us
    /// (QEMU lets one wait, whether or not it still lives) this waits for a place, and fails after a while with
    /// `WouldBlock`. Where who listens is just ending, it waits for that: then nobody listens.
    pub(crate) async fn connect(socket: &Path, longest: usize) -> Result<Self, IoError> {
        let mut waits = 0;
        let stream = loop {
            match connect(socket).await {
                Err(error)
                    if matches!(error.kind(), IoKind::WouldBlock | IoKind::ConnectionReset) && waits < MOST_WAITS =>
                {
                    waits += 1;
                }
                result => break result?,
            }
            tokio::time::sleep(WAIT).await;
        };
        Ok(Self { stream, buffer: Vec::new(), searched: 0, longest })
    }

    /// Process id of the side that listens, where the system tells.
    pub(crate) fn peer_pid(&self) -> Option<u32> {
        let pid = self.stream.peer_cred().ok()?.pid()?;
        u32::try_from(pid).ok().filter(|pid| *pid > 0)
    }

    /// Sends bytes as they are.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<(), IoError> {
        self.stream.write_all(bytes).await
    }

    /// The next line without its end. `UnexpectedEof` when the other side has gone, `InvalidData` when the line is
    /// longer than allowed. Cancelling loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Vec<u8>, IoError> {
        loop {
            if let Some(end) = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n') {
                let rest = self.buffer.split_off(self.searched + end + 1);
                let mut line = std::mem::replace(&mut self.buffer, rest);
                self.searched = 0;
                line.pop();
                return Ok(line);
            }
            self.searched = self.buffer.len();
            if self.buffer.len() > self.longest {
                return Err(IoError::new(IoKind::InvalidData, "the other side sent a line that is too long"));
            }
            self.fill().await?;
        }
    }

    /// Drops everything up to and with the next [`SENTINEL`].
    pub(crate) async fn skip_past_sentinel(&mut self) -> Result<(), IoError> {
        loop {
            self.searched = 0;
            if let Some(at) = self.buffer.iter().position(|byte| *byte == SENTINEL) {
                self.buffer.drain(..=at);
                return Ok(());
            }
            self.buffer.clear();
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), IoError> {
        self.buffer.reserve(READ_STEP);
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err(IoError::new(IoKind::UnexpectedEof, "the other side closed the connection"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(longest: usize) -> (Lines, UnixStream) {
        let (near, far) = UnixStream::pair().expect("a pair of sockets");
        (Lines { stream: near, buffer: Vec::new(), searched: 0, longest }, far)
    }

    #[tokio::test]
    async fn lines_come_whole_however_they_were_cut() {
        let (mut lines, mut far) = pair(100);
        far.write_all(b"on").await.expect("write");
        let first = tokio::select! {
            biased;
            line = lines.next() => Some(line),
            () = tokio::task::yield_now() => None,
        };
        assert!(first.is_none(), "half a line is no line");
        far.write_all(b"e\ntwo\nthr").await.expect("write");
        assert_eq!(lines.next().await.expect("line"), b"one");
        assert_eq!(lines.next().await.expect("line"), b"two");
        drop(far);
        assert_eq!(lines.next().await.expect_err("gone").kind(), IoKind::UnexpectedEof);
    }

    #[tokio::test]
    async fn a_line_without_end_is_refused() {
        let (mut lines, mut far) = pair(1000);
        let flood = tokio::spawn(async move { while far.write_all(&[b'x'; 4096]).await.is_ok() {} });
        assert_eq!(lines.next().await.expect_err("too long").kind(), IoKind::InvalidData);
        drop(lines);
        flood.await.expect("the flood ends with the connection");
    }

    #[tokio::test]
    async fn what_precedes_the_sentinel_is_dropped() {
        let (mut lines, mut far) = pair(100);
        far.write_all(b"{\"stale\n\xff{\"return\": 7}\n").await.expect("write");
        lines.skip_past_sentinel().await.expect("sentinel");
        assert_eq!(lines.next().await.expect("line"), b"{\"return\": 7}");
    }
}
