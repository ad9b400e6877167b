//! `cairn serve` on a store of its own, and a volume for the file.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Address, Server};

/// Where the file is.
pub(in super::super) const FILE: &str = "/v1/volumes/bench/files/content?path=file";

/// Starts it.
pub(in super::super) fn start(program: &Path, store: &Path) -> Result<Server> {
    let mut serve = Command::new(program);
    serve.env_remove("RUST_LOG").arg("--store").arg(store).args(["serve", "--listen", "127.0.0.1:0"]);
    let run = store.join("run");
    Server::start(serve, || {
        let api: Value = serde_json::from_str(&fs::read_to_string(run.join("api.json")).ok()?).ok()?;
        let key = fs::read_to_string(run.join("api-key")).ok()?;
        let host = api["url"].as_str()?.trim_start_matches("http://").to_owned();
        Some(Address { host, headers: format!("X-API-Key: {}\r\nContent-Type: application/json\r\n", key.trim()) })
    })
}

/// A volume that has room for so many bytes.
pub(in super::super) fn make_volume(server: &Address, bytes: u64) -> Result<()> {
    let quota = bytes + bytes / 20 + (1 << 30);
    server.ask("POST", "/v1/volumes", &json!({ "name": "bench", "quota_bytes": quota }).to_string())
}

/// The volume goes, and from the trash too.
pub(in super::super) fn remove_volume(server: &Address) -> Result<()> {
    server.ask("DELETE", "/v1/volumes/bench", "")?;
    server.ask("DELETE", "/v1/trash", "")
}
