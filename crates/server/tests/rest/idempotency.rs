//! `Idempotency-Key`: sent twice, done once.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{FORM, QUOTA, Said, Served, form, said};

async fn post(served: &Served, path: &str, key: &str, body: Value) -> Said {
    said(served.ask(Method::POST, path).header("Idempotency-Key", key).json(&body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_post_is_carried_out_once() {
    let served = Served::new().await;
    let new = json!({ "name": "data", "quota_bytes": QUOTA });
    let first = post(&served, "/v1/volumes", "one", new.clone()).await.ok();
    assert_eq!(post(&served, "/v1/volumes", "one", new.clone()).await.ok(), first);
    // Another key is another request, and the name is taken.
    post(&served, "/v1/volumes", "two", new.clone()).await.refused(409, "already-exists");
    // The same key on another route is another request.
    let taken = post(&served, "/v1/volumes/data/checkpoints", "one", json!({})).await.ok();
    assert_eq!(post(&served, "/v1/volumes/data/checkpoints", "one", json!({})).await.ok(), taken);
    assert_eq!(served.get("/v1/volumes/data/checkpoints").await.ok().as_array().unwrap().len(), 1);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_not_lent_to_another_request() {
    let served = Served::new().await;
    post(&served, "/v1/volumes", "one", json!({ "name": "a", "quota_bytes": QUOTA })).await.ok();
    let other = post(&served, "/v1/volumes", "one", json!({ "name": "b", "quota_bytes": QUOTA })).await;
    assert!(other.refused(422, "invalid-input").contains("Idempotency-Key"));
    assert_eq!(served.get("/v1/volumes").await.ok().as_array().unwrap().len(), 1);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_may_be_tried_again() {
    let served = Served::new().await;
    post(&served, "/v1/volumes/data/checkpoints", "one", json!({})).await.refused(404, "not-found");
    served.volume("data").await;
    post(&served, "/v1/volumes/data/checkpoints", "one", json!({})).await.ok();
    let long = "x".repeat(256);
    post(&served, "/v1/volumes/data/checkpoints", &long, json!({})).await.refused(422, "invalid-input");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_are_carried_out_once() {
    let served = Served::new().await;
    served.volume("data").await;
    let posts = (0..8).map(|_| post(&served, "/v1/volumes/data/checkpoints", "one", json!({})));
    let answers = futures::future::join_all(posts).await;
    let ids: Vec<_> = answers.into_iter().map(|said| said.ok()["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(served.get("/v1/volumes/data/checkpoints").await.ok().as_array().unwrap().len(), 1);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_sent_again_is_answered_though_the_file_is_there() {
    let served = Served::new().await;
    served.volume("data").await;
    for _ in 0..2 {
        let request = served.ask(Method::POST, "/v1/volumes/data/files/upload").header("Idempotency-Key", "one");
        let body = form(&[("path", b"f"), ("overwrite", b"false"), ("file", b"content")]);
        assert_eq!(said(request.header("content-type", FORM).body(body)).await.ok()["size"], 7);
    }
    served.end().await;
}
