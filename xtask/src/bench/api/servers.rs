//! The servers that are measured, and the least client that does for both.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::contents::Contents;

pub(super) mod cairn;
pub(super) mod nginx;

/// How long a server may take to answer first.
const SOON: Duration = Duration::from_secs(10);

/// A running server; ended when dropped.
pub(super) struct Server {
    child: Child,
    address: Address,
}

/// Where a server answers, and the headers that it wants.
#[derive(Clone)]
pub(super) struct Address {
    host: String,
    headers: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts a server, and waits until `address` says where it is and it answers there.
    fn start(mut command: Command, address: impl Fn() -> Option<Address>) -> Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut child = child.with_context(|| format!("{} could not be started", command.get_program().display()))?;
        let begun = Instant::now();
        while begun.elapsed() < SOON {
            match address() {
                Some(address) if TcpStream::connect(&address.host).is_ok() => return Ok(Self { child, address }),
                _ => std::thread::sleep(Duration::from_millis(20)),
            }
        }
        let _ = child.kill();
        let _ = child.wait();
        bail!("{} does not answer", command.get_program().display())
    }

    pub(super) fn clone_address(&self) -> Address {
        self.address.clone()
    }

    /// The most memory that it has had, in bytes.
    pub(super) fn peak(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
    }
}

impl Address {
    /// Stores the contents.
    pub(super) fn put(&self, path: &str, contents: &Contents) -> Result<()> {
        let mut stream = self.begin("PUT", path, &format!("Content-Length: {}\r\n", contents.bytes))?;
        contents.send(&mut stream)?;
        answer(&mut BufReader::new(stream)).map(drop)
    }

    /// Gets them back.
    pub(super) fn get(&self, path: &str, contents: &Contents) -> Result<()> {
        // No larger than what is compared at once, so that most bytes are not copied twice.
        let mut reader = BufReader::with_capacity(16 << 10, self.begin("GET", path, "")?);
        answer(&mut reader)?;
        contents.check(&mut reader)
    }

    /// Asks for something small.
    pub(super) fn ask(&self, method: &str, path: &str, body: &str) -> Result<()> {
        let mut stream = self.begin(method, path, &format!("Content-Length: {}\r\n", body.len()))?;
        stream.write_all(body.as_bytes())?;
        let mut reader = BufReader::new(stream);
        answer(&mut reader).with_context(|| format!("{method} {path}"))?;
        reader.read_to_end(&mut Vec::new())?;
        Ok(())
    }

    fn begin(&self, method: &str, path: &str, more: &str) -> Result<TcpStream> {
        let mut stream = TcpStream::connect(&self.host)?;
        let Self { host, headers } = self;
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}{more}\r\n");
        stream.write_all(head.as_bytes())?;
        Ok(stream)
    }
}

/// Reads the head of an answer; an error unless the server is content.
fn answer(reader: &mut impl BufRead) -> Result<()> {
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut line = first.clone();
    while line.trim_end() != "" {
        line.clear();
        reader.read_line(&mut line)?;
    }
    if !first.split(' ').nth(1).is_some_and(|status| status.starts_with('2')) {
        bail!("the server answers: {}", first.trim_end());
    }
    Ok(())
}
