//! Transfers between the host's disk and a volume.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::Served;

async fn ended(served: &Served, transfer: &Value) -> Value {
    let path = format!("/v1/transfers/{}", transfer["id"].as_str().unwrap());
    loop {
        let now = served.get(&path).await.ok();
        if !matches!(now["state"].as_str(), Some("queued" | "running")) {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_goes_in_and_comes_out_again() {
    let served = Served::new().await;
    served.volume("data").await;
    let host = tempfile::tempdir().unwrap();
    fs::create_dir_all(host.path().join("in/sub")).unwrap();
    fs::write(host.path().join("in/sub/f"), "content").unwrap();
    fs::write(host.path().join("in/empty"), "").unwrap();

    let up = json!({ "sources": [host.path().join("in")], "destination": "/" });
    let up = served.post("/v1/volumes/data/transfers/upload", up).await.ok();
    assert_eq!((up["direction"].as_str(), up["volume_id"].is_string()), (Some("upload"), true));
    let up = ended(&served, &up).await;
    assert_eq!((up["state"].as_str(), up["bytes_done"].as_u64()), (Some("done"), Some(7)), "{up}");
    assert_eq!(served.paths("data").await, ["in", "in/empty", "in/sub", "in/sub/f"]);

    let down = json!({ "paths": ["in"], "destination": host.path().join("out") });
    let down = served.post("/v1/volumes/data/transfers/download", down).await.ok();
    assert_eq!(ended(&served, &down).await["state"], "done");
    assert_eq!(fs::read_to_string(host.path().join("out/sub/f")).unwrap(), "content");

    assert_eq!(served.get("/v1/transfers").await.ok().as_array().unwrap().len(), 2);
    let id = up["id"].as_str().unwrap();
    for what in ["pause", "resume", "retry"] {
        served.post(&format!("/v1/transfers/{id}/{what}"), json!({})).await.refused(409, "conflict");
    }
    // One that failed is begun again when there is something to copy.
    let later = host.path().join("later");
    let late = json!({ "sources": [later], "destination": "/" });
    let late = served.post("/v1/volumes/data/transfers/upload", late).await.ok();
    let late = ended(&served, &late).await;
    assert_eq!((late["state"].as_str(), late["can_retry"].as_bool()), (Some("failed"), Some(true)), "{late}");
    fs::write(&later, "at last").unwrap();
    let again = format!("/v1/transfers/{}/retry", late["id"].as_str().unwrap());
    let again = served.post(&again, json!({})).await.ok();
    assert_eq!(again["id"], late["id"]);
    assert_eq!(ended(&served, &again).await["state"], "done");
    assert!(served.delete("/v1/transfers").await.ok().is_object());
    assert_eq!(served.get("/v1/transfers").await.ok(), json!([]));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_that_cannot_be_says_why() {
    let served = Served::new().await;
    served.volume("data").await;
    let upload = |sources: Value| json!({ "sources": sources, "destination": "/" });
    let path = "/v1/volumes/data/transfers/upload";
    served.post(path, upload(json!(["relative/path"]))).await.refused(422, "invalid-input");
    served.post(path, upload(json!([]))).await.refused(422, "invalid-input");
    served.post(path, upload(json!("/etc"))).await.refused(422, "invalid-input");
    let bad = json!({ "paths": ["x"], "destination": "relative" });
    served.post("/v1/volumes/data/transfers/download", bad).await.refused(422, "invalid-input");
    let odd = json!({ "sources": ["/etc/hostname"], "destination": "/", "conflict": "explode" });
    assert!(served.post(path, odd).await.refused(422, "invalid-input").contains("conflict"));
    // A file that cannot be read is not the server's failure.
    served.post("/v1/transfers/import", json!({ "source": "/proc/self/mem" })).await.refused(422, "invalid-input");
    served.get("/v1/transfers/tr_none").await.refused(404, "not-found");
    for what in ["pause", "resume", "retry"] {
        served.post(&format!("/v1/transfers/tr_none/{what}"), json!({})).await.refused(404, "not-found");
    }
    served.delete("/v1/transfers/tr_none").await.refused(404, "not-found");
    served.end().await;
}
