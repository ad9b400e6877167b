//! The trash, undoable deletes, imports, exports and fetches over REST.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Served, said};

/// The transfer when it has ended.
pub(crate) async fn ended(served: &Served, transfer: Value) -> Value {
    let address = format!("/v1/transfers/{}", transfer["id"].as_str().unwrap());
    loop {
        let now = served.get(&address).await.ok();
        if !matches!(now["state"].as_str(), Some("queued" | "running")) {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_volume_is_listed_brought_back_and_removed_for_good() {
    let served = Served::new().await;
    let id = served.volume("data").await["id"].as_str().unwrap().to_owned();
    served.put("/v1/volumes/data/files/content?path=a", "content").await.ok();
    served.delete("/v1/volumes/data").await.ok();
    let trash = served.get("/v1/trash").await.ok();
    assert_eq!((trash["keep_days"].as_u64(), trash["volumes"][0]["name"].as_str()), (Some(7), Some("data")));
    served.post("/v1/trash/nothing/undelete", json!({})).await.refused(404, "not-found");
    let back = served.post("/v1/trash/data/undelete", json!({ "name": "again" })).await.ok();
    assert_eq!((back["id"].as_str(), back["name"].as_str()), (Some(id.as_str()), Some("again")));
    assert_eq!(served.paths("again").await, ["a"]);

    let changed = said(served.ask(Method::PATCH, "/v1/trash").json(&json!({ "keep_days": 30 }))).await.ok();
    assert_eq!(changed["keep_days"], 30);
    served.patch("/v1/trash", json!({ "keep_days": 1_000_000 })).await.refused(422, "invalid-input");
    served.delete("/v1/volumes/again").await.ok();
    served.delete(&format!("/v1/trash/{id}")).await.ok();
    assert_eq!(served.delete("/v1/trash").await.ok()["count"], 0);
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deletes_can_be_undone_and_volumes_become_files_and_come_of_them() {
    let served = Served::new().await;
    served.volume("data").await;
    served.put("/v1/volumes/data/files/content?path=a", "content").await.ok();
    let deleted = served.post("/v1/volumes/data/files/delete", json!({ "paths": ["a"], "undoable": true })).await.ok();
    let checkpoint = deleted["checkpoint_id"].as_str().unwrap();
    let address = format!("/v1/volumes/data/checkpoints/{checkpoint}/restore-files");
    ended(&served, served.post(&address, json!({ "paths": ["a"] })).await.ok()).await;
    assert_eq!(served.paths("data").await, ["a"]);

    let file = served.store.path().join("data.tar");
    let export = json!({ "destination": file, "format": "tar" });
    let done = ended(&served, served.post("/v1/volumes/data/transfers/export", export).await.ok()).await;
    assert_eq!(done["state"], "done", "{done}");
    let relative = json!({ "destination": "data.tar" });
    served.post("/v1/volumes/data/transfers/export", relative).await.refused(422, "invalid-input");
    let import = json!({ "source": file, "name": "copy" });
    let done = ended(&served, served.post("/v1/transfers/import", import).await.ok()).await;
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(served.paths("copy").await, ["a"]);
    // The server fetches from itself, without the key.
    let fetch = json!({ "url": format!("{}/v1/health", served.running.url), "destination": "health.json" });
    let done = ended(&served, served.post("/v1/volumes/copy/transfers/fetch", fetch).await.ok()).await;
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(served.paths("copy").await, ["a", "health.json"]);
    served.end().await;
}
