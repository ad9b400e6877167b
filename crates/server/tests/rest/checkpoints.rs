//! Checkpoints: take, list, look into, go back, delete.

use reqwest::Method;
use serde_json::json;

use crate::support::Served;

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_is_taken_looked_into_restored_and_deleted() {
    let served = Served::new().await;
    served.volume("data").await;
    served.put("/v1/volumes/data/files/content?path=f", "before").await.ok();
    let first = served.post("/v1/volumes/data/checkpoints", json!({ "name": "first" })).await.ok();
    assert!(first["id"].as_str().unwrap().starts_with("ckpt_"));
    served.put("/v1/volumes/data/files/content?path=f", "after").await.ok();
    served.put("/v1/volumes/data/files/content?path=g", "new").await.ok();

    let list = served.get("/v1/volumes/data/checkpoints").await.ok();
    assert_eq!((list[0]["name"].as_str(), list[0]["status"].as_str()), (Some("first"), Some("ready")));
    for at in ["first", "latest", first["id"].as_str().unwrap()] {
        let path = format!("/v1/volumes/data/files/content?path=f&at={at}");
        assert_eq!(served.ask(Method::GET, &path).send().await.unwrap().text().await.unwrap(), "before", "{at}");
        served.get(&format!("/v1/volumes/data/files/stat?path=g&at={at}")).await.refused(404, "not-found");
        assert!(!served.get(&format!("/v1/volumes/data/files?at={at}")).await.ok().to_string().contains("\"g\""));
    }

    let restored = served.post("/v1/volumes/data/checkpoints/first/restore", json!({})).await.ok();
    assert_eq!(restored["name"], "data");
    assert_eq!(served.paths("data").await, ["f"]);
    // What was there before is kept: going back loses nothing.
    let list = served.get("/v1/volumes/data/checkpoints").await.ok();
    let kept = list.as_array().unwrap().iter().find(|checkpoint| checkpoint["automatic"] == true).unwrap();
    let path = format!("/v1/volumes/data/checkpoints/{}", kept["id"].as_str().unwrap());
    let plan = served.get(&format!("{path}/delete-plan")).await.ok();
    assert_eq!(
        (plan["removed_layers"].as_u64(), plan["checkpoints"][0]["id"].as_str()),
        (Some(1), kept["id"].as_str())
    );
    assert!(plan["freed_bytes"].as_u64().unwrap() > 0, "{plan}");
    let deleted = served.delete(&path).await.ok();
    assert_eq!((&deleted["deleted"], &deleted["deletion"]["checkpoints"]), (&json!(true), &plan["checkpoints"]));
    served.get(&format!("{path}/delete-plan")).await.refused(404, "not-found");
    let plan = served.get("/v1/volumes/data/checkpoints/first/delete-plan").await.ok();
    let merge = &plan["merges"][0];
    assert_eq!((&merge["when"], &merge["is_present"], &merge["layers"]), (&json!("now"), &json!(true), &json!(2)));
    assert_eq!(served.get("/v1/volumes/data/prune-plan").await.ok()["checkpoints"], json!([]));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_body_takes_a_checkpoint_with_a_name_of_its_own() {
    let served = Served::new().await;
    served.volume("data").await;
    let taken = crate::support::said(served.ask(Method::POST, "/v1/volumes/data/checkpoints")).await.ok();
    assert!(!taken["name"].as_str().unwrap().is_empty());
    served.post("/v1/volumes/data/checkpoints", json!({})).await.ok();
    served.post("/v1/volumes/data/checkpoints/none/restore", json!({})).await.refused(404, "not-found");
    served.delete("/v1/volumes/data/checkpoints/none").await.refused(404, "not-found");
    served.end().await;
}

#[tokio::test]
async fn several_volumes_get_a_checkpoint_at_one_moment() {
    let served = Served::new().await;
    for volume in ["one", "two"] {
        served.volume(volume).await;
    }
    let taken = served.post("/v1/checkpoints", json!({ "volume_ids": ["one", "two"], "name": "both" })).await.ok();
    assert_eq!(taken.as_array().unwrap().len(), 2);
    assert_eq!((&taken[0]["name"], &taken[1]["name"]), (&json!("both"), &json!("both")));
    let again = served.post("/v1/checkpoints", json!({ "volume_ids": ["one", "two"], "name": "both" })).await;
    again.refused(409, "already-exists");
    served.post("/v1/checkpoints", json!({})).await.refused(422, "invalid-input");
}
