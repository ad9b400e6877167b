//! What the server counts.

use reqwest::Method;

use crate::support::{Served, said};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_and_what_there_is_is_counted() {
    let served = Served::new().await;
    served.volume("da\"ta").await;
    served.get("/v1/volumes/none").await.refused(404, "not-found");
    served.get("/v1/volumes/other").await.refused(404, "not-found");
    served.get("/no/such/route").await.refused(404, "not-found");
    let made_up = Method::from_bytes(b"MADEUP").unwrap();
    said(served.ask(made_up, "/v1/volumes")).await.refused(405, "invalid-input");
    said(served.client.get(format!("{}/metrics", served.running.url))).await.refused(401, "unauthorized");

    let answer = served.ask(Method::GET, "/metrics").send().await.unwrap();
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    let text = answer.text().await.unwrap();
    for line in [
        r#"cairn_http_requests_total{method="GET",route="/v1/volumes/{volume}",status="404"} 2"#,
        r#"cairn_http_requests_total{method="POST",route="/v1/volumes",status="200"} 1"#,
        r#"cairn_http_requests_total{method="GET",route="/metrics",status="401"} 1"#,
        r#"cairn_http_requests_total{method="other",route="/v1/volumes",status="405"} 1"#,
        r#"cairn_http_request_duration_seconds_count{method="GET",route="/v1/volumes/{volume}"} 2"#,
        "cairn_volumes 1",
        r#"cairn_vms{status="active"} 0"#,
        "# TYPE cairn_http_request_duration_seconds histogram",
        "cairn_requests_in_flight 1",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}\n{text}");
    }
    assert!(text.contains(r#"volume="da\"ta"} 67108864"#), "{text}");
    assert!(!text.contains("none") && !text.contains("/no/such"), "{text}");
    served.end().await;
}
