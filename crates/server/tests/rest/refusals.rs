//! Bad input is answered with a sentence in an object: never in plain text, never 5xx.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{QUOTA, Served, raw_and_no_more, said};

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_make_no_sense_are_refused() {
    let served = Served::new().await;
    served.volume("data").await;
    for (method, path, body) in [
        (Method::POST, "/v1/volumes", "{"),
        (Method::POST, "/v1/volumes", ""),
        (Method::POST, "/v1/volumes", "[]"),
        (Method::POST, "/v1/volumes", "null"),
        (Method::POST, "/v1/volumes", "\"data\""),
        (Method::POST, "/v1/volumes", "\u{0}\u{1}"),
        (Method::POST, "/v1/volumes", r#"["x", 67108864]"#),
        (Method::POST, "/v1/volumes", r#"{"name": "x"}"#),
        (Method::POST, "/v1/volumes", r#"{"name": ["x"], "quota_bytes": 67108864}"#),
        (Method::PATCH, "/v1/volumes/data", r#"{"quota_bytes": "big"}"#),
        (Method::PATCH, "/v1/volumes/data", r#"{"name": 7}"#),
        (Method::POST, "/v1/volumes/data/checkpoints", r#"{"name": {}}"#),
        (Method::POST, "/v1/volumes/data/files/download", "{}"),
        (Method::POST, "/v1/volumes/data/files/mkdir", r#"{"path": 1}"#),
        (Method::POST, "/v1/volumes/data/files/rename", r#"{"from": "a"}"#),
        (Method::POST, "/v1/volumes/data/transfers/upload", "{}"),
        (Method::POST, "/v1/volumes/data/transfers/download", "{}"),
        (Method::POST, "/v1/vms/none/volumes", "{}"),
        (Method::POST, "/v1/vms/none/exec", r#"{"argv": "ls"}"#),
        (Method::POST, "/v1/vms/none/stop", r#"{"force": "yes"}"#),
        (Method::POST, "/v1/sessions/session", "{}"),
    ] {
        let answer = said(served.ask(method.clone(), path).body(body)).await;
        assert_eq!(answer.status, 422, "{method} {path} {body} {answer:?}");
        answer.refused(422, "invalid-input");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quotas_and_names_that_make_no_sense_are_refused() {
    let served = Served::new().await;
    let huge: Value = serde_json::from_str("1e30").unwrap();
    for quota in [
        json!(0),
        json!(-1),
        json!(1),
        json!(1.5),
        json!(u64::MAX),
        json!(1u64 << 63),
        huge,
        json!("10GiB"),
        json!(null),
    ] {
        let answer = served.post("/v1/volumes", json!({ "name": "data", "quota_bytes": quota })).await;
        answer.refused(422, "invalid-input");
    }
    let long = "x".repeat(256);
    for name in ["", ".", "..", "../x", "a/b", "a\nb", "a\0b", &long] {
        let answer = served.post("/v1/volumes", json!({ "name": name, "quota_bytes": QUOTA })).await;
        answer.refused(422, "invalid-input");
    }
    assert_eq!(served.get("/v1/volumes").await.ok(), json!([]));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_that_leave_the_volume_are_refused() {
    let served = Served::new().await;
    served.volume("data").await;
    let secret = served.store.path().join("outside");
    std::fs::write(&secret, "secret").unwrap();
    for path in ["../outside", "a/../../outside", "..", "/../outside"] {
        let encoded = path.replace('/', "%2F").replace('.', "%2E");
        served.put(&format!("/v1/volumes/data/files/content?path={encoded}"), "x").await.refused(422, "invalid-input");
        let get = served.get(&format!("/v1/volumes/data/files/content?path={encoded}")).await;
        assert!(get.status.is_client_error(), "{path} {get:?}");
        let upload = served.upload("data", &[("path", path.as_bytes()), ("overwrite", b"true"), ("file", b"x")]).await;
        upload.refused(422, "invalid-input");
        let get = served.post("/v1/volumes/data/files/download", json!({ "path": path })).await;
        assert!(get.status.is_client_error(), "{path} {get:?}");
        let mkdir = served.post("/v1/volumes/data/files/mkdir", json!({ "path": path })).await;
        assert!(mkdir.status.is_client_error(), "{path} {mkdir:?}");
    }
    for path in ["", "/", "a%00b"] {
        served.put(&format!("/v1/volumes/data/files/content?path={path}"), "x").await.refused(422, "invalid-input");
    }
    assert!(served.paths("data").await.is_empty());
    assert_eq!(std::fs::read_to_string(secret).unwrap(), "secret");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_make_no_sense_are_refused() {
    let served = Served::new().await;
    served.volume("data").await;
    for path in [
        "/v1/volumes?refresh_usage=yes",
        "/v1/volumes/data?refresh_usage=1",
        "/v1/volumes/data/files?recursive=",
        "/v1/volumes/data/files?limit=-1",
        "/v1/volumes/data/files?limit=1e3",
        "/v1/volumes/data/files?limit=%2B1",
        "/v1/volumes/data/files?prefix=%FF",
        "/v1/volumes/data/files?limit=99999999999999999999999",
        "/v1/volumes/data/files/stat",
        "/v1/volumes/data/files/content",
    ] {
        served.get(path).await.refused(422, "invalid-input");
    }
    served.put("/v1/volumes/data/files/content?path=caf%E9", "x").await.refused(422, "invalid-input");
    assert!(served.paths("data").await.is_empty());
    served.put("/v1/volumes/data/files/content?path=%EF%BF%BD", "x").await.ok();
    served.delete("/v1/volumes/data/files").await.refused(422, "invalid-input");
    served.get("/v1/volumes/%FF").await.refused(422, "invalid-input");
    served.get("/v1/volumes/data/files?at=none").await.refused(404, "not-found");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_and_methods_that_are_not_there_answer_objects() {
    let served = Served::new().await;
    for path in ["/", "/v1", "/v1/", "/v2/volumes", "/v1/volumes/", "/v1/volume", "/v1/volumes/a/b", "/%2e%2e/x"] {
        served.get(path).await.refused(404, "not-found");
    }
    served.post("/v1/vms/other", json!({})).await.refused(404, "not-found");
    for (method, path) in [
        (Method::PUT, "/v1/volumes"),
        (Method::DELETE, "/v1/volumes"),
        (Method::POST, "/v1/volumes/data"),
        (Method::PATCH, "/v1/mounts"),
        (Method::GET, "/v1/volumes/data/files/delete"),
        (Method::POST, "/v1/health"),
        (Method::from_bytes(b"BREW").unwrap(), "/v1/volumes"),
    ] {
        let response = served.ask(method.clone(), path).send().await.unwrap();
        assert!(response.headers().contains_key("allow"), "{method} {path}");
        said(served.ask(method, path)).await.refused(405, "invalid-input");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused_and_the_answer_arrives() {
    let served = Served::new().await;
    let body = format!(r#"{{"name": "{}"}}"#, "x".repeat(6 << 20));
    let answer = said(served.ask(Method::POST, "/v1/volumes").body(body)).await;
    assert!(answer.refused(413, "invalid-input").contains("MiB"));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nested_json_does_not_exhaust_the_stack() {
    let served = Served::new().await;
    let body = format!(r#"{{"name": {}"#, "[".repeat(100_000));
    said(served.ask(Method::POST, "/v1/volumes").body(body)).await.refused(422, "invalid-input");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_http_end_the_connection_and_nothing_else() {
    let served = Served::new().await;
    for noise in [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"GET\r\n\r\n", b"\r\n\r\n\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"]
    {
        let answer = raw_and_no_more(served.addr(), noise).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer:?}");
    }
    served.get("/v1/health").await.ok();
    served.end().await;
}
