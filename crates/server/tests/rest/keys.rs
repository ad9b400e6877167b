//! Keys beside the store's own, what they allow, and the audit log.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Said, Served, said};

/// A request with this key.
async fn with(served: &Served, key: &str, method: Method, path: &str, body: Value) -> Said {
    let request = served.client.request(method, format!("{}{path}", served.running.url));
    said(request.header("X-API-Key", key).json(&body)).await
}

async fn created(served: &Served, new: Value) -> String {
    served.post("/v1/keys", new).await.ok()["secret"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_only_reads_reads_everything_and_changes_nothing() {
    let served = Served::new().await;
    served.volume("data").await;
    served.put("/v1/volumes/data/files/content?path=a", "hello").await.ok();
    let key = created(&served, json!({ "name": "backup", "scope": "read-only" })).await;

    for path in ["/v1/volumes", "/v1/volumes/data/files", "/v1/vms/", "/v1/transfers", "/v1/doctor"] {
        with(&served, &key, Method::GET, path, json!({})).await.ok();
    }
    let file = with(&served, &key, Method::POST, "/v1/volumes/data/files/download", json!({ "path": "a" })).await.ok();
    assert_eq!(file["content"], "aGVsbG8=");
    assert_eq!(with(&served, &key, Method::GET, "/v1/users/me", json!({})).await.ok()["name"], "backup");
    for (method, path) in [
        (Method::POST, "/v1/volumes"),
        (Method::PATCH, "/v1/volumes/data"),
        (Method::DELETE, "/v1/volumes/data"),
        (Method::PUT, "/v1/volumes/data/files/content?path=a"),
        (Method::POST, "/v1/volumes/data/files/upload"),
        (Method::DELETE, "/v1/volumes/data/files?path=a"),
        (Method::POST, "/v1/volumes/data/checkpoints"),
        (Method::POST, "/v1/vms/none/exec"),
        (Method::POST, "/v1/vms/none/console"),
        (Method::POST, "/execute"),
        (Method::POST, "/v1/keys"),
        (Method::GET, "/v1/keys"),
        (Method::GET, "/v1/audit"),
    ] {
        let refused = with(&served, &key, method.clone(), path, json!({ "name": "x", "quota_bytes": 1 << 26 })).await;
        assert!(refused.refused(403, "unauthorized").contains("'backup' may only read"), "{method} {path}");
    }
    assert_eq!(served.paths("data").await, ["a"]);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_listed_without_their_secret_and_let_nobody_in_once_revoked() {
    let served = Served::new().await;
    let key = created(&served, json!({ "name": "ci" })).await;
    let list = served.get("/v1/keys").await.ok();
    assert_eq!((list[0]["name"].as_str(), list[0]["scope"].as_str()), (Some("ci"), Some("full")));
    assert!(!list.to_string().contains(&key));
    let bearer = served.client.get(format!("{}/v1/volumes", served.running.url)).bearer_auth(&key);
    said(bearer).await.ok();
    served.post("/v1/keys", json!({ "name": "ci" })).await.refused(409, "already-exists");
    served.post("/v1/keys", json!({ "name": "a/b" })).await.refused(422, "invalid-input");
    served
        .post("/v1/keys", json!({ "name": "late", "expires_in_seconds": u64::MAX }))
        .await
        .refused(422, "invalid-input");
    served.post("/v1/keys", json!({ "name": "odd", "scope": "some" })).await.refused(422, "invalid-input");
    served.post("/v1/keys", json!({ "name": "over", "expires_in_seconds": 0 })).await.refused(422, "invalid-input");

    served.delete("/v1/keys/ci").await.ok();
    with(&served, &key, Method::GET, "/v1/volumes", json!({})).await.refused(401, "unauthorized");
    served.delete("/v1/keys/ci").await.refused(404, "not-found");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_says_who_did_what_to_which_volume_and_how_it_ended() {
    let served = Served::new().await;
    let key = created(&served, json!({ "name": "ci" })).await;
    with(&served, &key, Method::POST, "/v1/volumes", json!({ "name": "data", "quota_bytes": 64 << 20 })).await.ok();
    served.put("/v1/volumes/data/files/content?path=secret-plan", "x").await.ok();
    served.get("/v1/volumes/data").await.ok();
    let mount = json!({ "volume_id": "data", "mount_path": "/data" });
    with(&served, &key, Method::POST, "/v1/vms/none/volumes", mount).await.refused(404, "not-found");

    let log = served.get("/v1/audit").await.ok();
    let told = |entry: &Value| {
        let text = |field: &str| entry[field].as_str().unwrap_or("-").to_owned();
        format!(
            "{} {} {} {} {} {}",
            text("who"),
            text("what"),
            text("volume"),
            text("machine"),
            entry["status"],
            text("error")
        )
    };
    let told: Vec<String> = log.as_array().unwrap().iter().map(told).collect();
    assert_eq!(
        told,
        [
            "ci POST /v1/vms/{vm}/volumes data none 404 not-found",
            "owner PUT /v1/volumes/{volume}/files/content data - 200 -",
            "ci POST /v1/volumes data - 200 -",
            "owner POST /v1/keys - - 200 -",
        ]
    );
    assert!(!log.to_string().contains("secret-plan") && !log.to_string().contains(&key));
    let of_ci = served.get("/v1/audit?who=ci&limit=1").await.ok();
    assert_eq!((of_ci.as_array().unwrap().len(), &of_ci[0]["machine"]), (1, &json!("none")));
    served.end().await;
}
