//! Engines come and go, guests go on: what was recorded and what is true are brought together.

use std::path::Path;
use std::process::Command;

use cairn_engine::{ErrorKind, MountMode, MountState, VmState};

use crate::common::*;
use crate::crashes::put_manifest;
use crate::hotplug::Monitor;

/// Changes what a volume's manifest says of its only mount.
fn rewrite_mount(folder: &Path, change: impl FnOnce(&mut serde_json::Value)) {
    let mut manifest = manifest(folder);
    change(&mut manifest["mounts"]);
    put_manifest(folder, &manifest);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_goes_on_when_the_engine_dies_and_the_next_engine_sees_it() {
    let home = Home::new().await;
    let volume = home.volume_of("data", 256 * MIB).await;
    let folder = home.volume_folder(&volume);
    let before = home.machine("demo").await;
    home.mount("data", "demo", "/data", MountMode::Rw).await.unwrap();
    home.shell("demo", "(while true; do date >> /data/log; sync; done) >/dev/null 2>&1 </dev/null &").await;

    // Nothing was going on.
    let home = home.die_and_reopen_after(|_| {}).await;
    let after = home.engine.vm_get("demo").await.unwrap();
    assert_eq!((after.state, after.pid, after.accelerator), (VmState::Running, before.pid, before.accelerator));
    assert_eq!(after.mounts[0].state, MountState::Attached);
    refused(home.engine.volume_delete("data").await, ErrorKind::InUse);
    let lines = async |home: &Home| -> u64 { home.shell("demo", "wc -l < /data/log").await.trim().parse().unwrap() };
    let first = lines(&home).await;
    while lines(&home).await <= first {}

    // A mount was being made, and was.
    let home =
        home.die_and_reopen_after(|_| rewrite_mount(&folder, |mounts| mounts[0]["state"] = "attaching".into())).await;
    assert_eq!(home.engine.mount_list().await.unwrap()[0].state, MountState::Attached);

    // The manifest is a generation old, and does not know of the mount.
    let home = home.die_and_reopen_after(|_| rewrite_mount(&folder, |mounts| *mounts = serde_json::json!([]))).await;
    let found = home.engine.mount_list().await.unwrap();
    assert_eq!(
        (found[0].mount_path.as_str(), found[0].mode, found[0].state),
        ("/data", MountMode::Rw, MountState::Attached)
    );
    refused(home.engine.volume_delete("data").await, ErrorKind::InUse);

    // A checkpoint was being taken: QEMU writes to the overlay already, the manifest does not know.
    let old = manifest(&folder);
    home.checkpoint("data", "live").await;
    let new = manifest(&folder);
    let home = home
        .die_and_reopen_after(|_| {
            let mut begun = old.clone();
            begun["intents"] = serde_json::json!([{
                "what": "checkpoint", "checkpoint": new["checkpoints"][0], "overlay": new["head"],
            }]);
            put_manifest(&folder, &begun);
        })
        .await;
    let taken = home.engine.checkpoint_list("data").await.unwrap();
    assert_eq!((taken[0].name.as_str(), taken[0].current), ("live", true));
    assert_eq!(manifest(&folder)["mounts"][0]["layer"], new["head"]);

    // Another was begun, and QEMU never heard of it.
    let now = manifest(&folder);
    let home = home
        .die_and_reopen_after(|_| {
            let mut begun = now.clone();
            let mut record = now["checkpoints"][0].clone();
            record["id"] = "ckpt_aaaaaaaaaaaaaaaa".into();
            record["name"] = "never".into();
            record["layer"] = now["head"].clone();
            begun["intents"] = serde_json::json!([{
                "what": "checkpoint", "checkpoint": record, "overlay": "lay_aaaaaaaaaaaaaaaa",
            }]);
            put_manifest(&folder, &begun);
        })
        .await;
    assert_eq!(home.engine.checkpoint_list("data").await.unwrap().len(), 1);
    assert_eq!(manifest(&folder)["head"], now["head"]);

    // It was being unmounted.
    home.shell("demo", "for shell in $(pidof sh); do [ $shell = $$ ] || kill -9 $shell; done; true").await;
    let home =
        home.die_and_reopen_after(|_| rewrite_mount(&folder, |mounts| mounts[0]["state"] = "detaching".into())).await;
    assert!(home.engine.mount_list().await.unwrap().is_empty());
    assert!(!home.read("data", "log").await.is_empty());
    home.judge(&volume);

    // A lease was recorded, and nothing more was done.
    let home = home
        .die_and_reopen_after(|_| {
            rewrite_mount(&folder, |mounts| {
                *mounts = serde_json::json!([{
                    "vm": before.id.as_str(), "path": "/data", "mode": "rw", "layer": now["head"],
                    "checkpoint": null, "state": "attaching", "since": "2026-01-01T00:00:00Z",
                }]);
            });
        })
        .await;
    assert!(home.engine.mount_list().await.unwrap().is_empty());
    home.write("data", "ours", "again").await;

    // The guest restarts while no engine runs.
    home.mount("data", "demo", "/data", MountMode::Rw).await.unwrap();
    let machine = home.store().join("vms").join(before.id.as_str());
    home.shell("demo", "echo kept > /data/kept; sync; (sleep 1; reboot) >/dev/null 2>&1 </dev/null &").await;
    let home = home.die_and_reopen_after(|_| Monitor::at(&machine.join("qmp.sock")).hear("RESET")).await;
    // It is asked when it has booted.
    let has_mounted = async || home.engine.vm_exec("demo", vec!["cat".into(), "/data/kept".into()], None).await;
    while !has_mounted().await.is_ok_and(|output| output.stdout == b"kept\n") {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(home.engine.mount_list().await.unwrap()[0].state, MountState::Attached);

    // Somebody unmounts it inside.
    home.shell("demo", "umount /data").await;
    let home = home.die_and_reopen_after(|_| {}).await;
    let seen = &home.engine.mount_list().await.unwrap()[0];
    assert!(seen.state == MountState::Error && seen.error.is_some(), "{seen:?}");
    // Nothing there can be frozen, and the checkpoint says so.
    assert!(home.checkpoint("data", "like a power cut").await.crash_consistent);
    home.engine.unmount("demo", "/data").await.unwrap();
    home.judge(&volume);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mount_that_the_guest_refuses_leaves_nothing_behind() {
    let home = Home::new().await;
    let broken = home.volume("broken").await;
    let good = home.volume("good").await;
    run(Command::new("qemu-io").args(["-c", "write -P 85 0 1M"]).arg(head(&home.volume_folder(&broken))));
    home.machine("demo").await;
    let disks = "cat /sys/block/vd*/serial 2>/dev/null; true";
    refused(home.mount("broken", "demo", "/data", MountMode::Rw).await, ErrorKind::Guest);
    let error = refused(home.mount("good", "demo", "/proc", MountMode::Rw).await, ErrorKind::Guest);
    assert!(error.message().contains("/proc"), "{error}");
    // The engine looks before a reader is given something.
    refused(home.mount("broken", "demo", "/data", MountMode::Ro).await, ErrorKind::Corrupt);
    assert_eq!(home.shell("demo", disks).await, "");
    assert!(home.engine.mount_list().await.unwrap().is_empty());
    assert_eq!(manifest(&home.volume_folder(&broken))["mounts"], serde_json::json!([]));

    home.mount("good", "demo", "/data", MountMode::Rw).await.unwrap();
    assert_eq!(home.shell("demo", disks).await.trim(), good.id.as_str());
    // The guest shuts down by itself.
    let mut events = home.engine.subscribe();
    home.shell("demo", "echo kept > /data/file; (sleep 0.2; poweroff) >/dev/null 2>&1 </dev/null &").await;
    while home.engine.vm_get("demo").await.unwrap().state != VmState::Stopped {
        events.recv().await.unwrap();
    }
    assert_eq!(home.read("good", "file").await, b"kept\n");
    home.judge(&good);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_ended_while_no_engine_ran_has_nothing_any_more() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let vm = home.machine("demo").await;
    home.mount("data", "demo", "/data", MountMode::Rw).await.unwrap();
    home.shell("demo", "echo kept > /data/file && sync").await;
    let home = home.die_and_reopen_after(|_| kill(vm.pid.unwrap() as i32)).await;
    assert_eq!(home.engine.vm_get("demo").await.unwrap().state, VmState::Stopped);
    assert!(home.engine.mount_list().await.unwrap().is_empty());
    assert_eq!(home.read("data", "file").await, b"kept\n");
    home.write("data", "file", "new").await;
    home.judge(&volume);
}
