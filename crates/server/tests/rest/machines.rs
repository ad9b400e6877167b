//! Machines and mounts, as far as no machine is needed.

use serde_json::json;

use crate::support::Served;

#[tokio::test(flavor = "multi_thread")]
async fn without_machines_there_is_nothing_to_list() {
    let served = Served::new().await;
    for path in ["/v1/vms", "/v1/vms/", "/v1/mounts"] {
        assert_eq!(served.get(path).await.ok(), json!([]), "{path}");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_not_there_is_not_found_whatever_is_asked_of_it() {
    let served = Served::new().await;
    served.volume("data").await;
    let mount = json!({ "volume_id": "data", "mount_path": "/data", "mode": "rw" });
    for wait in ["true", "false"] {
        let path = format!("/v1/vms/none/volumes?wait={wait}");
        served.post(&path, mount.clone()).await.refused(404, "not-found");
        let path = format!("/v1/vms/none/volumes/data?mount_path=%2Fdata&wait={wait}");
        served.delete(&path).await.refused(404, "not-found");
    }
    served.get("/v1/vms/none").await.refused(404, "not-found");
    served.get("/v1/vms/none/volumes").await.refused(404, "not-found");
    served.delete("/v1/vms/none").await.refused(404, "not-found");
    served.post("/v1/vms/none/start", json!({})).await.refused(404, "not-found");
    served.post("/v1/vms/none/stop", json!({ "force": true })).await.refused(404, "not-found");
    served.post("/v1/vms/none/exec", json!({ "argv": ["true"] })).await.refused(404, "not-found");
    // A machine may be named like the route that starts the demo machine.
    served.get("/v1/vms/demo").await.refused(404, "not-found");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_mount_needs_is_named_when_it_is_missing() {
    let served = Served::new().await;
    let refused = async |path: &str, body| served.post(path, body).await.refused(422, "invalid-input");
    assert!(refused("/v1/vms/none/volumes", json!({ "mount_path": "/data" })).await.contains("volume_id"));
    assert!(refused("/v1/vms/none/volumes", json!({ "volume_id": "data" })).await.contains("mount_path"));
    let odd = json!({ "volume_id": "data", "mount_path": "/data", "mode": "wx" });
    assert!(refused("/v1/vms/none/volumes", odd).await.contains("mode"));
    let mount = json!({ "volume_id": "data", "mount_path": "/data" });
    assert!(refused("/v1/vms/none/volumes?wait=maybe", mount).await.contains("'wait' is true or false"));
    assert!(refused("/v1/vms/none/exec", json!({ "argv": [] })).await.contains("argv"));
    let unmount = served.delete("/v1/vms/none/volumes/data").await;
    assert!(unmount.refused(422, "invalid-input").contains("mount_path"));
    served.end().await;
}
