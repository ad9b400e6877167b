//! The description of the routes: true, whole, and the same as the checked-in copy.

use std::path::Path;

use reqwest::Method;
use serde_json::Value;

use crate::support::{Served, said};

#[tokio::test(flavor = "multi_thread")]
async fn the_checked_in_description_is_that_of_the_routes() {
    let served = Served::new().await;
    let answer = served.client.get(format!("{}/openapi.json", served.running.url)).send().await.unwrap();
    let generated = answer.text().await.unwrap();
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var_os("CAIRN_UPDATE").is_some() {
        std::fs::write(&committed, &generated).unwrap();
    }
    let present = std::fs::read_to_string(&committed).unwrap_or_default();
    assert!(present == generated, "docs/openapi.json is out of date: run `cargo xtask codegen`");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_described_route_is_there_and_refers_to_nothing_that_is_not_described() {
    let served = Served::new().await;
    let api = served.get("/openapi.json").await.ok();
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1."));
    let mut ids = std::collections::BTreeSet::new();
    for (path, methods) in api["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
            // Without the key no route does anything, but only those that are there ask for it.
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let url = format!("{}{}", served.running.url, path.replace(['{', '}'], ""));
            let answer = said(served.client.request(method.clone(), url)).await;
            if operation["security"].is_null() {
                answer.refused(401, "unauthorized");
            } else {
                assert!(answer.status != 404 && answer.status != 405, "{method} {path} {answer:?}");
            }
        }
    }
    assert!(ids.len() > 70, "{ids:?}");
    for reference in references(&api) {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(api.pointer(pointer).is_some(), "{reference}");
    }
    served.end().await;
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Value::Array(values) => values.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_that_shows_it_loads_from_here_only() {
    let served = Served::new().await;
    for (path, kind) in [("/docs", "text/html"), ("/docs/docs.js", "text/javascript"), ("/docs/docs.css", "text/css")] {
        let answer = served.client.get(format!("{}{path}", served.running.url)).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}");
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-type").starts_with(kind), "{path}");
        assert!(header("content-security-policy").starts_with("default-src 'none';"), "{path}");
        let text = answer.text().await.unwrap();
        assert!(!text.contains("http://") && !text.contains("https://"), "{path} names another site");
    }
    served.end().await;
}
