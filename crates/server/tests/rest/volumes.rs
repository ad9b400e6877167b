//! Volumes, as the seed's contract has them.

use serde_json::json;

use crate::support::{QUOTA, Served};

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_is_created_found_by_id_and_name_grown_renamed_and_deleted() {
    let served = Served::new().await;
    assert_eq!(served.get("/v1/volumes").await.ok(), json!([]));
    let made = served.volume("data").await;
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!((made["name"].as_str(), made["quota_bytes"].as_u64()), (Some("data"), Some(QUOTA)));

    let list = served.get("/v1/volumes?refresh_usage=true").await.ok();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["status"], "available");
    assert!(list[0]["used_bytes"].is_u64());
    for name in [id.as_str(), "data"] {
        assert_eq!(served.get(&format!("/v1/volumes/{name}?refresh_usage=false")).await.ok()["id"], made["id"]);
    }

    let changed = served.patch("/v1/volumes/data", json!({ "name": "more", "quota_bytes": 2 * QUOTA })).await.ok();
    assert_eq!((changed["name"].as_str(), changed["quota_bytes"].as_u64()), (Some("more"), Some(2 * QUOTA)));
    served.patch("/v1/volumes/more", json!({ "quota_bytes": QUOTA })).await.refused(422, "invalid-input");
    assert_eq!(changed["id"], made["id"]);
    served.get("/v1/volumes/data").await.refused(404, "not-found");

    assert!(served.delete("/v1/volumes/more").await.ok().is_object());
    served.get(&format!("/v1/volumes/{id}")).await.refused(404, "not-found");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_found_however_its_address_is_written() {
    let served = Served::new().await;
    served.volume("größe & more?").await;
    let address = "/v1/volumes/gr%C3%B6%C3%9Fe%20%26%20more%3F";
    assert_eq!(served.get(address).await.ok()["name"], "größe & more?");
    // The seed's client joins "http://host:port/" and "/v1/…".
    assert_eq!(served.get(&format!("/{address}")).await.ok()["name"], "größe & more?");
    assert_eq!(served.get("///v1/volumes?refresh_usage=true").await.ok().as_array().unwrap().len(), 1);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_and_parameters_are_ignored() {
    let served = Served::new().await;
    let body = json!({ "name": "data", "quota_bytes": QUOTA, "region": { "name": "moon" }, "tags": [1, null] });
    served.post("/v1/volumes", body).await.ok();
    served.get("/v1/volumes/data?colour=blue&colour=red").await.ok();
    served.patch("/v1/volumes/data/chain", json!({ "optimise": true, "longest": -1 })).await.ok();
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_taken_once() {
    let served = Served::new().await;
    served.volume("data").await;
    let again = served.post("/v1/volumes", json!({ "name": "data", "quota_bytes": QUOTA })).await;
    assert!(again.refused(409, "already-exists").contains("data"));
    served.end().await;
}
