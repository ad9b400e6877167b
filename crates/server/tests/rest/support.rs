//! A server on a store of its own, and few words to talk to it.

use std::net::SocketAddr;

use cairn_engine::{Engine, OpenOptions};
use cairn_server::{Running, ServeOptions, serve};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The quota of volumes in these tests.
pub(crate) const QUOTA: u64 = 64 << 20;

/// A running server; the store goes when it is dropped.
pub(crate) struct Served {
    pub(crate) running: Running,
    pub(crate) engine: Engine,
    pub(crate) client: Client,
    pub(crate) store: TempDir,
}

fn client() -> Client {
    // reqwest is built without cryptography of its own; when another test was first, it is there already.
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

/// An answer: its status and its JSON.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Said {
    /// The body, of a success.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!(self.status.is_success(), "{self:?}");
        self.body
    }

    /// The sentence, of a refusal with this status and code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> String {
        assert_eq!((self.status.as_u16(), self.body["code"].as_str()), (status, Some(code)), "{self:?}");
        let message = self.body["message"].as_str().unwrap();
        let detail = self.body["detail"].as_str().unwrap();
        assert!(message.ends_with('.') && detail.starts_with(message), "{self:?}");
        detail.to_owned()
    }
}

impl Served {
    pub(crate) async fn new() -> Self {
        Self::with(ServeOptions::default()).await
    }

    pub(crate) async fn with(options: ServeOptions) -> Self {
        let store = tempfile::tempdir().unwrap();
        let engine = Engine::open(OpenOptions::new(store.path())).await.unwrap();
        let running = serve(engine.clone(), options).await.unwrap();
        Self { running, engine, client: client(), store }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.running.addr
    }

    /// A request with the key.
    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.running.url)).header("X-API-Key", &self.running.key)
    }

    pub(crate) async fn get(&self, path: &str) -> Said {
        said(self.ask(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Said {
        said(self.ask(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Said {
        said(self.ask(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Said {
        said(self.ask(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: impl Into<reqwest::Body>) -> Said {
        said(self.ask(Method::PUT, path).body(body)).await
    }

    /// A form as the seed's client sends it.
    pub(crate) async fn upload(&self, volume: &str, fields: &[(&str, &[u8])]) -> Said {
        let request = self.ask(Method::POST, &format!("/v1/volumes/{volume}/files/upload"));
        said(request.header("content-type", FORM).body(form(fields))).await
    }

    /// A volume with this name.
    pub(crate) async fn volume(&self, name: &str) -> Value {
        self.post("/v1/volumes", json!({ "name": name, "quota_bytes": QUOTA })).await.ok()
    }

    /// The paths that a volume holds, without what the filesystem itself puts there.
    pub(crate) async fn paths(&self, volume: &str) -> Vec<String> {
        let files = self.get(&format!("/v1/volumes/{volume}/files")).await.ok();
        let paths = files.as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().to_owned());
        paths.filter(|path| path != "lost+found").collect()
    }

    /// Ends the server and the engine as a program does.
    pub(crate) async fn end(self) {
        self.running.shut_down().await;
        self.engine.close().await.unwrap();
    }
}

/// Sends the request; the answer must be JSON.
pub(crate) async fn said(request: RequestBuilder) -> Said {
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} is not JSON: {text:?}"));
    Said { status, body }
}

pub(crate) const FORM: &str = "multipart/form-data; boundary=the-boundary";

/// The body of a form.
pub(crate) fn form(fields: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content) in fields {
        let file = if *name == "file" { "; filename=\"/any/name\"" } else { "" };
        let head = format!("--the-boundary\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--the-boundary--\r\n");
    body
}

/// Sends bytes as they are and reads until the server closes.
pub(crate) async fn raw(addr: SocketAddr, request: &[u8]) -> String {
    read_out(TcpStream::connect(addr).await.unwrap(), request, false).await
}

/// Like [`raw`], and says that nothing more will come.
pub(crate) async fn raw_and_no_more(addr: SocketAddr, request: &[u8]) -> String {
    read_out(TcpStream::connect(addr).await.unwrap(), request, true).await
}

async fn read_out(mut stream: TcpStream, request: &[u8], no_more: bool) -> String {
    stream.write_all(request).await.unwrap();
    if no_more {
        stream.shutdown().await.unwrap();
    }
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
