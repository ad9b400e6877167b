//! Files that are sent in parts: gone on with where they were, held against their checksums, whole or not there.

use base64::Engine as _;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::{QUOTA, Said, Served, said};

/// Of a MiB and a little, so that no boundary of ours is one of its own.
const SIZE: usize = (1 << 20) + 77;

fn content() -> Vec<u8> {
    (0..SIZE).map(|at| (at ^ (at >> 8) ^ (at >> 15)) as u8).collect()
}

fn field(bytes: &[u8]) -> String {
    format!("sha-256=:{}:", base64::prelude::BASE64_STANDARD.encode(Sha256::digest(bytes)))
}

fn part(served: &Served, path: &str, range: &str, bytes: &[u8]) -> RequestBuilder {
    let request = served.ask(Method::PUT, &format!("/v1/volumes/data/files/content?path={path}"));
    request.header("Content-Range", format!("bytes {range}")).body(bytes.to_vec())
}

async fn received(served: &Served, path: &str) -> Said {
    served.get(&format!("/v1/volumes/data/files/upload?path={path}")).await
}

async fn read(served: &Served, path: &str) -> Vec<u8> {
    let answer = served.ask(Method::GET, &format!("/v1/volumes/data/files/content?path={path}")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_parts_appears_with_its_last_byte_and_not_before() {
    let served = Served::new().await;
    served.volume("data").await;
    let whole = content();
    let sum = field(&whole);
    received(&served, "a/f").await.refused(404, "not-found");

    let first = part(&served, "a/f", &format!("0-999/{SIZE}"), &whole[..1000]).header("Repr-Digest", &sum);
    let answer = first.send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["upload-offset"].to_str().unwrap()), (202, "1000"));
    let staged: Value = answer.json().await.unwrap();
    assert_eq!((staged["path"].as_str(), staged["received_bytes"].as_u64()), (Some("a/f"), Some(1000)));
    assert!(served.paths("data").await.is_empty());
    let asked = served.ask(Method::HEAD, "/v1/volumes/data/files/upload?path=a/f").send().await.unwrap();
    assert_eq!(asked.headers()["upload-offset"], "1000");
    assert_eq!(asked.headers()["upload-length"], SIZE.to_string().as_str());

    // What does not follow, or is of another file, changes nothing.
    let refused = part(&served, "a/f", &format!("500-999/{SIZE}"), &whole[500..1000]);
    assert!(said(refused).await.refused(409, "conflict").contains("1000 of the"));
    let refused = part(&served, "a/f", &format!("2000-2999/{SIZE}"), &whole[2000..3000]);
    said(refused).await.refused(409, "conflict");
    said(part(&served, "a/f", "1000-1999/2000", &whole[1000..2000])).await.refused(409, "conflict");
    let other = part(&served, "a/f", &format!("1000-1999/{SIZE}"), &whole[1000..2000]);
    said(other.header("Repr-Digest", field(b"another"))).await.refused(409, "conflict");
    said(part(&served, "none", "5-9/10", b"56789")).await.refused(404, "not-found");

    let middle = part(&served, "a/f", &format!("1000-{}/{SIZE}", SIZE - 2), &whole[1000..SIZE - 1]);
    assert_eq!(said(middle).await.ok()["received_bytes"], SIZE - 1);
    let entry = said(part(&served, "a/f", &format!("{0}-{0}/{SIZE}", SIZE - 1), &whole[SIZE - 1..])).await.ok();
    assert_eq!((entry["path"].as_str(), entry["size"].as_u64()), (Some("a/f"), Some(SIZE as u64)));
    assert!(read(&served, "a/f").await == whole);
    received(&served, "a/f").await.refused(404, "not-found");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_vanishes_in_the_middle_goes_on_where_it_was() {
    let served = Served::new().await;
    served.volume("data").await;
    let whole = content();
    let mut stream = TcpStream::connect(served.addr()).await.unwrap();
    let head = format!(
        "PUT /v1/volumes/data/files/content?path=f HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {}\r\n\
         Content-Length: {SIZE}\r\nContent-Range: bytes 0-{}/{SIZE}\r\n\r\n",
        served.running.key,
        SIZE - 1
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&whole[..700_000]).await.unwrap();
    stream.shutdown().await.unwrap();
    drop(stream);
    let at = loop {
        let staged = received(&served, "f").await;
        match staged.body["received_bytes"].as_u64() {
            Some(at) if at > 0 => break usize::try_from(at).unwrap(),
            _ => tokio::task::yield_now().await,
        }
    };
    assert_eq!(at, 700_000, "what came is durable");
    assert!(served.paths("data").await.is_empty());
    let list = served.get("/v1/volumes/data/files/uploads").await.ok();
    assert_eq!(list[0]["path"], "f");
    said(part(&served, "f", &format!("{at}-{}/{SIZE}", SIZE - 1), &whole[at..])).await.ok();
    assert!(read(&served, "f").await == whole);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_as_its_checksum_says_changes_nothing() {
    let served = Served::new().await;
    served.volume("data").await;
    let put = |name: &str, sum: String| {
        let request = served.ask(Method::PUT, "/v1/volumes/data/files/content?path=f");
        said(request.header(name, sum).body("hello"))
    };
    for name in ["Repr-Digest", "Content-Digest"] {
        let sentence = put(name, field(b"hullo")).await.refused(422, "invalid-input");
        assert!(sentence.contains("is not what its checksum says"), "{sentence}");
        put(name, "sha-256=5".to_owned()).await.refused(422, "invalid-input");
        put(name, "md5=:AAAA:".to_owned()).await.refused(422, "unsupported");
    }
    assert!(served.paths("data").await.is_empty());
    put("Content-Digest", field(b"hello")).await.ok();

    // A part with a checksum of its own counts when it is right; the file with one appears when it is.
    let wrong = part(&served, "f", "0-4/10", b"01234").header("Content-Digest", field(b"x"));
    said(wrong).await.refused(422, "invalid-input");
    assert_eq!(received(&served, "f").await.ok()["received_bytes"], 0);
    let right = part(&served, "f", "0-4/10", b"01234").header("Content-Digest", field(b"01234"));
    said(right.header("Repr-Digest", field(b"0123456789"))).await.ok();
    said(part(&served, "f", "5-9/10", b"5678x")).await.refused(422, "invalid-input");
    received(&served, "f").await.refused(404, "not-found");
    assert_eq!(read(&served, "f").await, b"hello");
    // It may be said with any part.
    for (sum, status) in [(field(b"0123456789"), 200), (field(b"another"), 422)] {
        said(part(&served, "late", "0-4/10", b"01234")).await.ok();
        let last = said(part(&served, "late", "5-9/10", b"56789").header("Repr-Digest", sum)).await;
        assert_eq!(last.status, status, "{last:?}");
    }
    assert_eq!(read(&served, "late").await, b"0123456789");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_make_no_sense_are_refused_and_uploads_are_forgotten() {
    let served = Served::new().await;
    served.volume("data").await;
    for range in ["0-3/*", "3-0/8", "0-8/8", "x", "0-3"] {
        said(part(&served, "f", range, b"0123")).await.refused(422, "invalid-input");
    }
    said(part(&served, "f", "0-4/8", b"0123")).await.refused(422, "invalid-input");
    said(part(&served, "", "0-3/8", b"0123")).await.refused(422, "invalid-input");
    said(part(&served, "f", &format!("0-3/{}", QUOTA + 1), b"0123")).await.refused(403, "no-space");
    received(&served, "f").await.refused(404, "not-found");
    // An empty file has no bytes to name.
    assert_eq!(said(part(&served, "empty", "*/0", b"")).await.ok()["size"], 0);

    said(part(&served, "f", "0-3/8", b"0123")).await.ok();
    said(part(&served, "f", "*/8", b"")).await.refused(409, "conflict");
    served.delete("/v1/volumes/data/files/upload?path=f").await.ok();
    served.delete("/v1/volumes/data/files/upload?path=f").await.refused(404, "not-found");
    said(part(&served, "f", "0-3/8", b"0123")).await.ok();
    served.delete("/v1/volumes/data").await.ok();
    let left = std::fs::read_dir(served.store.path().join("uploads")).unwrap().count();
    assert_eq!(left, 0, "the uploads of a deleted volume are gone");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_goes_on_with_is_gone_after_a_day_and_the_rest_survives_a_restart() {
    let served = Served::new().await;
    served.volume("data").await;
    said(part(&served, "old", "0-3/8", b"0123")).await.ok();
    said(part(&served, "new", "0-3/8", b"0123")).await.ok();
    let uploads = served.store.path().join("uploads");
    let files = || walk(&uploads);
    assert_eq!(files().len(), 4);
    for record in files().iter().filter(|file| file.extension().is_some_and(|ending| ending == "json")) {
        let mut known: Value = serde_json::from_slice(&std::fs::read(record).unwrap()).unwrap();
        if known["path"] == "old" {
            known["changed"] = (known["changed"].as_i64().unwrap() - 86_401).into();
            std::fs::write(record, known.to_string()).unwrap();
        } else {
            // What a killed engine had written behind what it had flushed.
            let content = record.with_extension("part");
            std::fs::write(&content, [std::fs::read(&content).unwrap(), b"torn".to_vec()].concat()).unwrap();
        }
    }
    let Served { running, engine, client, store } = served;
    running.shut_down().await;
    engine.close().await.unwrap();
    let engine = cairn_engine::Engine::open(cairn_engine::OpenOptions::new(store.path())).await.unwrap();
    let running = cairn_server::serve(engine.clone(), cairn_server::ServeOptions::default()).await.unwrap();
    let served = Served { running, engine, client, store };
    while files().len() > 2 {
        tokio::task::yield_now().await;
    }
    received(&served, "old").await.refused(404, "not-found");
    said(part(&served, "new", "4-7/8", b"4567")).await.ok();
    assert_eq!(read(&served, "new").await, b"01234567");
    served.end().await;
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
