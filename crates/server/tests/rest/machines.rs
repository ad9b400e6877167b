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
    served.post("/v1/vms/none/detach", json!({})).await.refused(404, "not-found");
    served.get("/v1/vms/none/doctor").await.refused(404, "not-found");
    served.post("/v1/vms/attach", json!({ "name": "web" })).await.refused(422, "invalid-input");
    served.post("/v1/vms/attach", json!({ "name": "web", "qmp": "relative" })).await.refused(422, "invalid-input");
    served.post("/v1/vms/attach", json!({ "name": "web", "qmp": "/nowhere" })).await.refused(404, "not-found");
    served.post("/v1/vms/none", json!({})).await.refused(404, "not-found");
    served.post("/v1/vms/none/exec", json!({ "argv": ["true"] })).await.refused(404, "not-found");
    // A machine may be named like the routes that start the demo machine or attach one.
    served.get("/v1/vms/attach").await.refused(404, "not-found");
    served.get("/v1/vms/demo").await.refused(404, "not-found");
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_described_kept_and_deleted_without_being_started() {
    let served = Served::new().await;
    served.volume("data").await;
    let host = tempfile::tempdir().unwrap();
    let kernel = host.path().join("vmlinuz");
    std::fs::write(&kernel, "no kernel").unwrap();
    let new = json!({
        "name": "web", "kernel": kernel, "append": "quiet", "memory_mb": 512, "vcpu_count": 2, "start": false,
        "forwards": [{ "host_port": 8080, "guest_port": 80 }, { "host_port": 2222, "guest_port": 22 }],
        "disk_bytes": 1 << 20, "session_disk": "keep",
        "volumes": [{ "volume_id": "data", "mount_path": "/data/", "mode": "ro" }],
    });
    let vm = served.post("/v1/vms", new.clone()).await.ok();
    assert_eq!((&vm["status"], &vm["memory_mb"], &vm["vcpu_count"]), (&json!("stopped"), &json!(512), &json!(2)));
    assert_eq!(vm["ssh_host"], "127.0.0.1:2222");
    let setup = &vm["setup"];
    assert_eq!(setup["forwards"][0], json!({ "host_port": 8080, "guest_port": 80 }));
    assert_eq!(
        (&setup["session_disk"], &setup["network"], &setup["firmware"]),
        (&json!("keep"), &json!("user"), &json!("bios"))
    );
    assert_eq!((&setup["volumes"][0]["mount_path"], &setup["agent"]), (&json!("/data"), &json!(true)));
    served.post("/v1/vms", new).await.refused(409, "already-exists");
    assert_eq!(served.get("/v1/vms").await.ok(), json!([]), "it does not live");
    served.post("/v1/vms", json!({ "name": "" })).await.refused(422, "invalid-input");
    served.post("/v1/vms", json!({ "session_id": "sess_x" })).await.refused(422, "invalid-input");
    let nowhere = json!({ "kernel": kernel, "volumes": [{ "mount_path": "/data" }] });
    served.post("/v1/vms", nowhere).await.refused(422, "invalid-input");
    served.post("/v1/vms", json!({ "name": "x", "image": "relative.img" })).await.refused(422, "invalid-input");
    served.post("/v1/vms", json!({ "name": "x", "image": "/nowhere.img" })).await.refused(404, "not-found");
    served.post("/v1/vms", json!({ "name": "x", "snapshot_id": "none" })).await.refused(404, "not-found");
    served
        .post("/v1/vms", json!({ "name": "x", "image": "/a", "snapshot_id": "b" }))
        .await
        .refused(422, "invalid-input");

    // Nothing has been printed, nothing can be typed, and there is no session disk to be frozen.
    let console = served.ask(reqwest::Method::GET, "/v1/vms/web/console").send().await.unwrap();
    assert_eq!(console.status(), 200);
    assert_eq!(console.text().await.unwrap(), "");
    served.post("/v1/vms/web/console", json!("x")).await.refused(409, "conflict");
    served.post("/v1/vms/web/snapshot", json!({})).await.refused(409, "conflict");
    assert_eq!(served.get("/v1/snapshots").await.ok(), json!([]));
    for path in ["/v1/snapshots/none", "/v1/vms/none/console"] {
        served.get(path).await.refused(404, "not-found");
    }
    served.delete("/v1/snapshots/none").await.refused(404, "not-found");
    let change = json!({ "memory_mb": 384, "snapshot_on_terminate": true, "snapshot_name": "last" });
    let vm = served.patch("/v1/vms/web", change).await.ok();
    assert_eq!((&vm["memory_mb"], &vm["setup"]["snapshot_name"]), (&json!(384), &json!("last")));
    served.patch("/v1/vms/web", json!({ "memory_mb": 1 })).await.refused(422, "invalid-input");
    let gone = served.delete("/v1/vms/web").await.ok();
    assert_eq!(
        (&gone["vm_id"], &gone["status"]),
        (&vm["vm_id"], &json!("terminated")),
        "nothing to make a snapshot of"
    );

    // A refused machine creates no volumes; a good one does.
    let mut volumes = json!([{ "name": "new", "create_if_missing": true, "size_gb": 1, "mount_path": "relative" }]);
    let with = |volumes: &serde_json::Value| json!({ "kernel": kernel, "volumes": volumes, "start": false });
    served.post("/v1/vms", with(&volumes)).await.refused(422, "invalid-input");
    served.get("/v1/volumes/new").await.refused(404, "not-found");
    volumes[0]["mount_path"] = json!("/data");
    let vm = served.post("/v1/vms", with(&volumes)).await.ok();
    let new = served.get("/v1/volumes/new").await.ok();
    assert_eq!((&new["quota_bytes"], &vm["setup"]["volumes"][0]["volume_id"]), (&json!(1 << 30), &new["id"]));

    // Of several who delete it at once one does.
    let address = format!("/v1/vms/{}?stop=false", vm["vm_id"].as_str().unwrap());
    let delete = || served.delete(&address);
    let (one, two, three, four) = tokio::join!(delete(), delete(), delete(), delete());
    let mut statuses = [one.status, two.status, three.status, four.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404, 404, 404]);
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
    assert!(refused("/v1/vms/none/exec", json!({ "argv": ["a\0b"] })).await.contains("NUL"));
    let unmount = served.delete("/v1/vms/none/volumes/data").await;
    assert!(unmount.refused(422, "invalid-input").contains("mount_path"));
    served.end().await;
}
