//! The event stream.

use std::time::Duration;

use futures::StreamExt;
use reqwest::{Method, Response};
use serde_json::Value;

use crate::support::Served;

/// Reads until an event of this type has come; answers with its id and data.
async fn until(stream: &mut Response, kind: &str) -> (u64, Value) {
    let mut text = String::new();
    loop {
        let piece = tokio::time::timeout(Duration::from_secs(60), stream.chunk()).await.expect("no event came");
        text.push_str(std::str::from_utf8(&piece.unwrap().expect("the stream ended")).unwrap());
        for event in text.split_inclusive("\n\n").filter(|event| event.ends_with("\n\n")) {
            let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            if field("event:") == Some(kind) {
                let data = serde_json::from_str(field("data:").unwrap()).unwrap();
                return (field("id:").unwrap().parse().unwrap(), data);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_to_whoever_listens() {
    let served = Served::new().await;
    // As a browser's EventSource asks: it cannot set headers.
    let url = format!("{}/v1/events?key={}", served.running.url, served.running.key);
    let mut stream = served.client.get(url).send().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let volume = served.volume("data").await;
    let (first, event) = until(&mut stream, "volume-changed").await;
    assert_eq!((&event["type"], &event["volume_id"]), (&Value::from("volume-changed"), &volume["id"]));
    assert_eq!(event["seq"].as_u64(), Some(first));
    served.put("/v1/volumes/data/files/content?path=f", "x").await.ok();
    let (second, event) = until(&mut stream, "files-changed").await;
    assert_eq!(event["volume_id"], volume["id"]);
    assert!(second > first);
    drop(stream);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_the_stream_goes_on_where_it_was() {
    let served = Served::new().await;
    let mut stream = served.ask(Method::GET, "/v1/events").send().await.unwrap();
    served.volume("one").await;
    let (seen, _) = until(&mut stream, "volume-changed").await;
    drop(stream);
    let two = served.volume("two").await;

    // As a browser says it, and as a script may.
    for request in [
        served.ask(Method::GET, "/v1/events").header("Last-Event-ID", seen),
        served.ask(Method::GET, &format!("/v1/events?after={seen}")),
    ] {
        let mut back = request.send().await.unwrap();
        let (number, event) = until(&mut back, "volume-changed").await;
        assert_eq!((number > seen, &event["volume_id"]), (true, &two["id"]), "what was missed, and nothing twice");
    }
    // What happened before the server began nobody knows.
    let mut late = served.ask(Method::GET, "/v1/events?after=17").send().await.unwrap();
    let first = late.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"event: missed\n") && !first.windows(3).any(|bytes| bytes == b"id:"), "{first:?}");
    served.get("/v1/events?after=yesterday").await.refused(422, "invalid-input");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_does_not_hold_the_server_up() {
    let served = Served::new().await;
    let stream = served.ask(Method::GET, "/v1/events").send().await.unwrap();
    served.end().await;
    // It ends, rather than breaks off.
    assert!(stream.bytes_stream().all(|piece| async move { piece.is_ok() }).await);
}
