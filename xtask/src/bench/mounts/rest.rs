//! The least client of the server that does: a connection for each request.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Where the server listens, and its key.
pub(super) struct Rest {
    address: String,
    key: String,
}

impl Rest {
    /// Of the server whose folder `run` this is.
    pub(super) fn of(run: &Path) -> Result<Self> {
        let api: Value = serde_json::from_str(&fs::read_to_string(run.join("api.json"))?)?;
        let url = api["url"].as_str().context("the server does not say where it listens")?;
        let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Ok(Self { address, key: fs::read_to_string(run.join("api-key"))?.trim().to_owned() })
    }

    /// The answer's JSON; an error unless the server is content.
    pub(super) fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut server = TcpStream::connect(&self.address)?;
        let (host, key, length) = (&self.address, &self.key, body.len());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nX-API-Key: {key}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        server.write_all(format!("{head}{body}").as_bytes())?;
        let mut answer = String::new();
        server.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("the server does not answer")?;
        if !head.split(' ').nth(1).is_some_and(|status| status.starts_with('2')) {
            bail!("{method} {path}: {} {body}", head.lines().next().unwrap_or_default());
        }
        // What the server does not know the length of comes in pieces, which nobody here asks for.
        Ok(serde_json::from_str(body).unwrap_or_default())
    }
}
