//! Large files, clients that vanish in the middle, and refusals of what is still being sent.

use bytes::Bytes;
use futures::stream;
use reqwest::{Body, Method};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::{FORM, QUOTA, Served, form};

const MIB: usize = 1 << 20;

/// A MiB of bytes that tell where they belong.
fn mib(number: usize) -> Bytes {
    (0..MIB).map(|index| ((index >> 8) ^ index ^ number.wrapping_mul(31)) as u8).collect::<Vec<_>>().into()
}

fn source(mibs: usize) -> Body {
    Body::wrap_stream(stream::iter((0..mibs).map(|number| Ok::<_, std::io::Error>(mib(number)))))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_streamed_in_is_streamed_out() {
    let served = Served::new().await;
    served.volume("data").await;
    let entry = served.put("/v1/volumes/data/files/content?path=big", source(40)).await.ok();
    assert_eq!(entry["size"], 40 * MIB);
    let mut answer = served.ask(Method::GET, "/v1/volumes/data/files/content?path=big").send().await.unwrap();
    let mut got = Vec::new();
    let mut number = 0;
    while let Some(piece) = answer.chunk().await.unwrap() {
        got.extend_from_slice(&piece);
        while got.len() >= MIB {
            assert!(got[..MIB] == mib(number)[..], "MiB {number} differs");
            got.drain(..MIB);
            number += 1;
        }
    }
    assert_eq!((number, got.len()), (40, 0));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_larger_than_the_volume_is_refused_with_a_sentence_and_leaves_nothing() {
    let served = Served::new().await;
    served.volume("data").await;
    let mibs = 2 * usize::try_from(QUOTA).unwrap() / MIB;
    let put = served.put("/v1/volumes/data/files/content?path=big", source(mibs)).await;
    put.refused(403, "no-space");
    // The seed's client reads the answer only when it has sent everything.
    let content = vec![7; mibs * MIB];
    let upload = served.upload("data", &[("path", b"big"), ("overwrite", b"false"), ("file", &content)]).await;
    upload.refused(403, "no-space");
    assert!(served.paths("data").await.is_empty());
    served.put("/v1/volumes/data/files/content?path=small", "fits").await.ok();
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_to_nowhere_are_answered_though_much_is_still_to_come() {
    let served = Served::new().await;
    served.put("/v1/volumes/none/files/content?path=f", source(4)).await.refused(404, "not-found");
    let content = vec![7; 4 * MIB];
    served
        .upload("none", &[("path", b"f"), ("overwrite", b"true"), ("file", &content)])
        .await
        .refused(404, "not-found");
    served.end().await;
}

/// Sends the beginning of a request and hangs up.
async fn hang_up(served: &Served, head: &str, body: &[u8]) {
    let mut stream = TcpStream::connect(served.addr()).await.unwrap();
    let head = format!("{head}\r\nHost: localhost\r\nX-API-Key: {}\r\n\r\n", served.running.key);
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    stream.flush().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_vanishes_in_the_middle_leaves_nothing() {
    let served = Served::new().await;
    served.volume("data").await;
    served.put("/v1/volumes/data/files/content?path=old", "stays").await.ok();
    for path in ["new", "old"] {
        let put = format!("PUT /v1/volumes/data/files/content?path={path} HTTP/1.1\r\nContent-Length: 2000000");
        hang_up(&served, &put, &mib(1)).await;
        let chunked = format!("PUT /v1/volumes/data/files/content?path={path} HTTP/1.1\r\nTransfer-Encoding: chunked");
        hang_up(&served, &chunked, b"5\r\nhello\r\n").await;
        let whole = form(&[("path", path.as_bytes()), ("overwrite", b"true"), ("file", &mib(2))]);
        let upload = format!(
            "POST /v1/volumes/data/files/upload HTTP/1.1\r\nContent-Type: {FORM}\r\nContent-Length: {}",
            whole.len()
        );
        hang_up(&served, &upload, &whole[..whole.len() - 20]).await;
    }
    // The volume takes one writer at a time: once this is answered, the others are over.
    served.put("/v1/volumes/data/files/content?path=last", "x").await.ok();
    let mut paths = served.paths("data").await;
    paths.sort();
    assert_eq!(paths, ["last", "old"]);
    let old = served.ask(Method::GET, "/v1/volumes/data/files/content?path=old").send().await.unwrap();
    assert_eq!(old.text().await.unwrap(), "stays");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_streamed_as_an_archive_and_a_client_that_vanishes_ends_it() {
    let served = Served::new().await;
    served.volume("data").await;
    served.put("/v1/volumes/data/files/content?path=a/big", source(20)).await.ok();
    served.put("/v1/volumes/data/files/content?path=b", "small").await.ok();
    let answer = served.ask(Method::GET, "/v1/volumes/data/files/archive?path=a&path=b").send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/x-tar");
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename*=UTF-8''a.tar");
    let bytes = answer.bytes().await.unwrap();
    assert!(bytes.len() > 20 * MIB && bytes.len() % 512 == 0 && bytes.ends_with(&[0; 1024]));
    served.get("/v1/volumes/data/files/archive").await.refused(422, "invalid-input");
    served.get("/v1/volumes/data/files/archive?path=c").await.refused(404, "not-found");

    hang_up(&served, "GET /v1/volumes/data/files/archive?path=/ HTTP/1.1", b"").await;
    // The volume can be written once nobody reads it any more.
    served.put("/v1/volumes/data/files/content?path=last", "x").await.ok();
    served.end().await;
}
