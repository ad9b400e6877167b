//! A table of attacks that were tried, and what each is answered; and clients that want more than their share.

use std::net::SocketAddr;
use std::time::Duration;

use cairn_server::{Bounds, ServeOptions};
use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Served, raw};

/// What is tried, its request line and headers and body, and the status that it is answered.
struct Attack(&'static str, String, u16);

fn attacks(key: &str) -> Vec<Attack> {
    let keyed = |line: &str, more: &str| {
        format!("{line} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\nConnection: close\r\n{more}")
    };
    let get = |path: &str| keyed(&format!("GET {path}"), "\r\n");
    let post = |path: &str, body: &str| {
        keyed(&format!("POST {path}"), &format!("Content-Length: {}\r\n\r\n{body}", body.len()))
    };
    let content = |path: &str| get(&format!("/v1/volumes/data/files/content?path={path}"));
    let put =
        |path: &str| keyed(&format!("PUT /v1/volumes/data/files/content?path={path}"), "Content-Length: 1\r\n\r\nx");
    let part = |path: &str, range: &str| {
        let more = format!("Content-Length: 1\r\nContent-Range: bytes {range}\r\n\r\nx");
        keyed(&format!("PUT /v1/volumes/data/files/content?path={path}"), &more)
    };
    vec![
        Attack("a path that climbs out of the volume", content("../../../../etc/passwd"), 422),
        Attack("the same, percent-encoded", content("%2e%2e%2f%2e%2e%2fetc%2fpasswd"), 422),
        Attack("the same, to write", put("../../escaped"), 422),
        Attack("the same, in the middle", put("a/../../escaped"), 422),
        Attack("the same, in parts", part("../../escaped", "0-0/2"), 422),
        Attack("a part of a file larger than any disk", part("part", "0-0/18446744073709551615"), 403),
        Attack("a part behind the end of its file", part("part", "2-2/2"), 422),
        Attack("a part that nobody began", part("part", "1-1/2"), 404),
        Attack("an absolute path is one in the volume", content("/etc/passwd"), 404),
        Attack("a path with a NUL byte", content("a%00b"), 422),
        Attack("a path of 100,000 bytes in a form", form(&keyed, &"x/".repeat(50_000)), 422),
        Attack("a volume's name that climbs", get("/v1/volumes/..%2f..%2fetc/files"), 404),
        Attack("a key that climbs", keyed("DELETE /v1/keys/..%2f..%2fstore.json", "\r\n"), 404),
        Attack(
            "a download to a relative path",
            post("/v1/volumes/data/transfers/download", r#"{"paths": ["a"], "destination": "../x"}"#),
            422,
        ),
        Attack("JSON that is nested a million deep", post("/v1/volumes", &"[".repeat(1_000_000)), 422),
        Attack("JSON that is larger than any", post("/v1/volumes", &" ".repeat(5 << 20)), 413),
        Attack("a number beyond all", post("/v1/volumes", r#"{"name": "x", "quota_bytes": 1e400}"#), 422),
        Attack(
            "a volume larger than any disk",
            post("/v1/volumes", &format!(r#"{{"name": "x", "quota_bytes": {}}}"#, u64::MAX)),
            422,
        ),
        Attack("bytes that are not UTF-8 in a name", get("/v1/volumes/%ff%fe"), 422),
        Attack("a line break in a name", post("/v1/volumes", r#"{"name": "a\nb", "quota_bytes": 67108864}"#), 422),
        Attack(
            "a head of a megabyte",
            keyed("GET /v1/volumes", &format!("X-Long: {}\r\n\r\n", "x".repeat(1 << 20))),
            431,
        ),
        Attack("a thousand headers", keyed("GET /v1/volumes", &("X-Many: x\r\n".repeat(1000) + "\r\n")), 431),
        Attack("two lengths", keyed("POST /v1/volumes", "Content-Length: 2\r\nContent-Length: 30\r\n\r\n{}"), 400),
        Attack("a length that is none", keyed("POST /v1/volumes", "Content-Length: -1\r\n\r\n{}"), 400),
        Attack(
            "a chunk that lies about its length",
            keyed(
                "PUT /v1/volumes/data/files/content?path=chunk",
                "Transfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n0\r\n\r\n",
            ),
            422,
        ),
        Attack(
            "a request behind a request",
            keyed(
                "POST /v1/volumes/data/files/mkdir",
                "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\nDELETE /v1/volumes/data HTTP/1.1\r\n\r\n",
            ),
            422,
        ),
        Attack("a header that folds", keyed("GET /v1/volumes", "X-Fold: a\r\n b\r\n\r\n"), 400),
        Attack("a method that tells the request back", keyed("TRACE /v1/volumes", "\r\n"), 405),
        Attack("a method that opens a tunnel", keyed("CONNECT evil.example:443", "\r\n"), 403),
        Attack(
            "a page of another site that asks first",
            keyed(
                "OPTIONS /v1/volumes",
                "Origin: https://evil.example\r\nAccess-Control-Request-Method: DELETE\r\n\r\n",
            ),
            403,
        ),
        Attack(
            "a key for idempotency that is a novel",
            keyed(
                "POST /v1/volumes",
                &format!("Idempotency-Key: {}\r\nContent-Length: 2\r\n\r\n{{}}", "x".repeat(5000)),
            ),
            422,
        ),
        Attack(
            "a form without an end",
            keyed(
                "POST /v1/volumes/data/files/upload",
                "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 5\r\n\r\n--x\r\n",
            ),
            422,
        ),
        Attack("a page of ours from outside its folder", keyed("GET /docs/..%2f..%2fCargo.toml", "\r\n"), 404),
        Attack("a console that would be a page", get("/v1/vms/%3Cscript%3E/console"), 404),
        Attack("no key", "GET /v1/volumes HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned(), 401),
        Attack(
            "a key that begins right",
            format!(
                "GET /v1/volumes HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {}\r\nConnection: close\r\n\r\n",
                &key[..60]
            ),
            401,
        ),
        Attack("nonsense", "\u{16}\u{3}\u{1}nonsense\r\n\r\n".to_owned(), 400),
    ]
}

fn form(keyed: &dyn Fn(&str, &str) -> String, path: &str) -> String {
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"path\"\r\n\r\n{path}\r\n--x\r\nContent-Disposition: form-data; \
         name=\"file\"; filename=\"f\"\r\n\r\ny\r\n--x--\r\n"
    );
    let head = format!("Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    keyed("POST /v1/volumes/data/files/upload", &head)
}

#[tokio::test(flavor = "multi_thread")]
async fn attacks_are_answered_with_a_sentence_and_change_nothing() {
    let served = Served::new().await;
    served.volume("data").await;
    served.put("/v1/volumes/data/files/content?path=a", "hello").await.ok();
    for Attack(what, request, status) in attacks(&served.running.key) {
        let answer = tried(served.addr(), &request).await;
        let said = answer.lines().next().unwrap_or_default().to_owned();
        assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{what}: {answer}");
        // What is no HTTP is refused before anybody could write a sentence.
        let is_said = answer.contains("\"detail\":\"") || matches!(status, 400 | 431);
        assert!(is_said, "{what}: {answer}");
        assert!(!answer.contains("root:"), "{what}: {answer}");
    }
    assert_eq!(served.paths("data").await, ["a"]);
    assert_eq!(served.get("/v1/volumes").await.ok().as_array().unwrap().len(), 1);
    let file = served.ask(Method::GET, "/v1/volumes/data/files/content?path=a").send().await.unwrap();
    assert_eq!(file.text().await.unwrap(), "hello");
    served.end().await;
}

/// The answer, as much of it as there is: a server that has refused need not take the rest.
async fn tried(addr: SocketAddr, request: &str) -> String {
    let (mut from, mut to) = TcpStream::connect(addr).await.unwrap().into_split();
    let request = request.as_bytes().to_vec();
    let sending = tokio::spawn(async move {
        let _ = to.write_all(&request).await;
        to
    });
    let mut answer = Vec::new();
    let _ = from.read_to_end(&mut answer).await;
    drop(sending.await);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Little patience, so that the stories are short.
fn impatient() -> ServeOptions {
    let soon = Duration::from_millis(400);
    let bounds = Bounds { head_time: soon, body_time: soon, answer_time: soon, ..Bounds::default() };
    ServeOptions { bounds, ..ServeOptions::default() }
}

fn head(served: &Served, line: &str, more: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {}\r\n{more}\r\n", served.running.key)
}

async fn put_once(served: &Served, path: &str) -> String {
    let line = format!("PUT /v1/volumes/data/files/content?path={path}");
    let request = head(served, &line, "Connection: close\r\nContent-Length: 1\r\n") + "x";
    raw(served.addr(), request.as_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_lose_their_connection_and_hold_no_volume() {
    let served = Served::with(impatient()).await;
    served.engine.volume_create(cairn_engine::NewVolume { name: "data".into(), quota_bytes: 128 << 20 }).await.unwrap();
    // Half a head, and none at all.
    for begun in ["GET /v1/volumes HTTP/1.1\r\nHost: loc", ""] {
        assert!(!raw(served.addr(), begun.as_bytes()).await.starts_with("HTTP/1.1 200"), "{begun}");
    }
    // Half a body, raw and as JSON.
    for line in ["PUT /v1/volumes/data/files/content?path=half", "POST /v1/volumes/data/checkpoints"] {
        let request = head(&served, line, "Connection: close\r\nContent-Length: 1000000\r\n") + "half";
        let answer = raw(served.addr(), request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("too slowly"), "{line}: {answer}");
    }
    assert!(put_once(&served, "after").await.starts_with("HTTP/1.1 200 "));
    // One that takes nothing of what it asked for: the volume can be written when it has lost its connection.
    let size = 64usize << 20;
    let line = head(
        &served,
        "PUT /v1/volumes/data/files/content?path=big",
        &format!("Connection: close\r\nContent-Length: {size}\r\n"),
    );
    let mut request = line.into_bytes();
    request.resize(request.len() + size, 7);
    assert!(raw(served.addr(), &request).await.starts_with("HTTP/1.1 200 "));
    let mut idle = TcpStream::connect(served.addr()).await.unwrap();
    idle.write_all(head(&served, "GET /v1/volumes/data/files/content?path=big", "").as_bytes()).await.unwrap();
    idle.read_exact(&mut [0; 12]).await.unwrap();
    assert!(put_once(&served, "then").await.starts_with("HTTP/1.1 200 "));
    let mut rest = Vec::new();
    let _ = idle.read_to_end(&mut rest).await;
    assert!(rest.len() < size, "the whole file was sent to a client that did not read");
    served.end().await;
}

/// However long it takes, and though it is never so slow that it loses its connection.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_upload_keeps_nobody_from_its_volume() {
    let served = Served::new().await;
    served.volume("data").await;
    let body = vec![7; 600 << 10];
    let line = "PUT /v1/volumes/data/files/content?path=slow";
    let head = head(&served, line, &format!("Connection: close\r\nContent-Length: {}\r\n", body.len()));
    let mut slow = TcpStream::connect(served.addr()).await.unwrap();
    slow.write_all(head.as_bytes()).await.unwrap();
    for (number, piece) in body.chunks(200 << 10).enumerate() {
        slow.write_all(piece).await.unwrap();
        // Longer than what comes at once may take.
        tokio::time::sleep(Duration::from_millis(600)).await;
        let path = format!("other-{number}");
        if number < 2 {
            assert!(put_once(&served, &path).await.starts_with("HTTP/1.1 200 "));
            assert!(served.paths("data").await.contains(&path));
        }
    }
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let read = served.ask(reqwest::Method::GET, "/v1/volumes/data/files/content?path=slow").send().await.unwrap();
    assert!(read.bytes().await.unwrap() == body, "it is not what was sent");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_connections_and_requests_than_there_are_places_for_are_turned_away() {
    let bounds = Bounds { connections: 3, requests: 1, ..Bounds::default() };
    let served = Served::with(ServeOptions { bounds, ..ServeOptions::default() }).await;
    served.engine.volume_create(cairn_engine::NewVolume { name: "data".into(), quota_bytes: 64 << 20 }).await.unwrap();
    // One that is being answered.
    let mut busy = TcpStream::connect(served.addr()).await.unwrap();
    let more = "Content-Length: 1\r\nExpect: 100-continue\r\nConnection: close\r\n";
    busy.write_all(head(&served, "PUT /v1/volumes/data/files/content?path=a", more).as_bytes()).await.unwrap();
    let mut go_on = [0; 12];
    busy.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100");
    let list = head(&served, "GET /v1/volumes", "Connection: close\r\n");
    let answer = raw(served.addr(), list.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 429 ") && answer.contains("retry-after: 1"), "{answer}");
    let idle = [connected(&served).await, connected(&served).await];
    // The server closes it before it reads, so that writing may fail as well.
    let mut answer = Vec::new();
    let mut fourth = TcpStream::connect(served.addr()).await.unwrap();
    let _ = fourth.write_all(list.as_bytes()).await;
    let _ = fourth.read_to_end(&mut answer).await;
    assert_eq!(answer, b"");
    drop(idle);
    busy.write_all(b"x").await.unwrap();
    let mut rest = String::new();
    busy.read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains("HTTP/1.1 200 "), "{rest}");
    while !tried(served.addr(), &list).await.starts_with("HTTP/1.1 200 ") {
        tokio::task::yield_now().await;
    }
    served.end().await;
}

/// A connection that the server has taken: it has answered there once.
async fn connected(served: &Served) -> TcpStream {
    let mut stream = TcpStream::connect(served.addr()).await.unwrap();
    stream.write_all(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    stream.read_exact(&mut [0; 12]).await.unwrap();
    stream
}
