//! Who may ask.

use reqwest::Method;
use serde_json::json;

use crate::support::{Served, raw, said};

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_asked_for_everywhere_but_at_the_health() {
    let served = Served::new().await;
    let url = |path: &str| format!("{}{path}", served.running.url);
    let health = said(served.client.get(url("/v1/health"))).await.ok();
    assert_eq!((health["status"].as_str(), health["pid"].as_u64()), (Some("ok"), Some(std::process::id().into())));
    for (method, path) in [
        (Method::GET, "/v1/about"),
        (Method::GET, "/v1/doctor"),
        (Method::GET, "/v1/volumes"),
        (Method::POST, "/v1/volumes"),
        (Method::DELETE, "/v1/volumes/data"),
        (Method::POST, "/v1/volumes/data/files/upload"),
        (Method::PUT, "/v1/volumes/data/files/content"),
        (Method::GET, "/v1/events"),
        (Method::GET, "/v1/transfers"),
        (Method::GET, "/v1/vms"),
        (Method::POST, "/v1/vms/demo"),
        (Method::GET, "/v1/mounts"),
        (Method::GET, "/v1/users/me"),
    ] {
        for key in [None, Some(""), Some("wrong"), Some(&served.running.key[1..])] {
            let mut request = served.client.request(method.clone(), url(path));
            if let Some(key) = key {
                request = request.header("X-API-Key", key);
            }
            assert!(said(request).await.refused(401, "unauthorized").contains("run/api-key"), "{method} {path}");
        }
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_may_stand_in_the_query() {
    let served = Served::new().await;
    let url = format!("{}/v1/volumes?key={}", served.running.url, served.running.key);
    assert_eq!(said(served.client.get(url)).await.ok(), json!([]));
    let url = format!("{}/v1/volumes?key=wrong", served.running.url);
    said(served.client.get(url)).await.refused(401, "unauthorized");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_started_with_the_key_in_the_body() {
    let served = Served::new().await;
    let url = format!("{}/v1/sessions/session", served.running.url);
    let body = json!({ "api_key": served.running.key, "vm_lifetime_seconds": 300 });
    let session = said(served.client.post(&url).json(&body)).await.ok();
    assert!(session["session_id"].as_str().unwrap().starts_with("sess_"));
    said(served.client.post(&url).json(&json!({ "api_key": "wrong" }))).await.refused(401, "unauthorized");
    let me = served.get("/v1/users/me").await.ok();
    assert_eq!((me["id"].is_string(), me["is_verified"].as_bool()), (true, Some(true)));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_other_hosts_and_of_other_sites_pages_are_refused() {
    let served = Served::new().await;
    let key = &served.running.key;
    let ask = async |line: &str, headers: &str| {
        let request = format!("{line}\r\n{headers}X-API-Key: {key}\r\nConnection: close\r\n\r\n");
        raw(served.addr(), request.as_bytes()).await
    };
    for headers in ["Host: localhost\r\n", "Host: 127.0.0.1:1\r\n", "Host: [::1]\r\nOrigin: http://localhost:5173\r\n"]
    {
        let answer = ask("GET /v1/volumes HTTP/1.1", headers).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{headers} {answer}");
    }
    for headers in [
        "Host: evil.example\r\n",
        "Host: localhost.evil.example\r\n",
        "Host: localhost\r\nHost: evil.example\r\n",
        "Host: localhost\r\nOrigin: https://evil.example\r\n",
        "Host: localhost\r\nOrigin: null\r\n",
    ] {
        for path in ["/v1/volumes", "/v1/health", "/"] {
            let answer = ask(&format!("GET {path} HTTP/1.1"), headers).await;
            assert!(answer.starts_with("HTTP/1.1 403") || answer.starts_with("HTTP/1.1 400"), "{headers} {answer}");
            assert!(!answer.starts_with("HTTP/1.1 403") || answer.contains("\"detail\""), "{answer}");
        }
    }
    let answer = ask("GET http://evil.example/v1/volumes HTTP/1.1", "Host: localhost\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_without_a_key_still_reads_its_answer() {
    let served = Served::new().await;
    let url = format!("{}/v1/volumes/data/files/content?path=f", served.running.url);
    said(served.client.put(url).body(vec![0; 4 << 20])).await.refused(401, "unauthorized");
    served.end().await;
}
