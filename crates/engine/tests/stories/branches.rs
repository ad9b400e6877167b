//! Branches and clones: volumes of their own that share what they have in common.

use std::os::unix::fs::MetadataExt;

use cairn_engine::{ErrorKind, MountMode, VolumeChange};

use crate::common::*;

#[tokio::test]
async fn a_branch_goes_its_own_way_from_a_checkpoint() {
    let home = Home::new().await;
    let origin = home.volume("data").await;
    home.write("data", "kept", noise(8 * MIB as usize, 1)).await;
    home.checkpoint("data", "first").await;
    home.write("data", "kept", "changed").await;
    home.checkpoint("data", "second").await;
    let before = home.disk(&origin);

    let branch = home.engine.checkpoint_branch("data", "first", "experiment").await.unwrap();
    assert_eq!(
        (branch.name.as_str(), branch.quota_bytes, branch.checkpoint_count),
        ("experiment", origin.quota_bytes, 1)
    );
    assert_eq!(home.read("experiment", "kept").await, noise(8 * MIB as usize, 1));
    home.write("experiment", "own", "of the branch").await;
    assert_eq!(home.disk(&origin), before, "the other volume stays as it is");
    assert_eq!(home.paths("data", "").await, ["kept"]);
    home.judge(&origin);
    home.judge(&branch);

    // The content is on the disk once, and each volume bears its half.
    let shared = layers(&home.volume_folder(&branch)).into_iter().filter(|l| l.metadata().unwrap().nlink() == 2);
    assert_eq!(shared.count(), 1);
    let takes = home.engine.volume_get("experiment").await.unwrap().disk_bytes;
    assert!(takes > 4 * MIB && takes < 7 * MIB, "{takes}");

    // One can go altogether.
    home.engine.volume_delete("data").await.unwrap();
    std::fs::remove_dir_all(home.store().join("trash")).unwrap();
    assert_eq!(home.read_at("experiment", "kept", Some("first")).await.unwrap(), noise(8 * MIB as usize, 1));
    home.engine.checkpoint_restore("experiment", "first").await.unwrap();
    assert_eq!(home.paths("experiment", "").await, ["kept"]);
    home.judge(&branch);
}

#[tokio::test]
async fn a_clone_begins_with_the_present_and_keeps_it_when_it_is_not_kept_yet() {
    let home = Home::new().await;
    let origin = home.volume_of("data", 64 * MIB).await;
    home.write("data", "file", "one").await;
    let first = home.engine.volume_clone("data", "copy").await.unwrap();
    let kept = home.engine.checkpoint_list("data").await.unwrap();
    assert!(kept.len() == 1 && kept[0].automatic && kept[0].name.ends_with("before cloning"), "{kept:?}");
    home.engine.volume_clone("data", "copy of the same").await.unwrap();
    assert_eq!(home.engine.checkpoint_list("data").await.unwrap().len(), 1, "nothing was written meanwhile");
    home.write("copy", "file", "two").await;
    assert_eq!(home.read("data", "file").await, b"one");
    assert_eq!(home.read("copy of the same", "file").await, b"one");

    // What was taken when the volume was smaller is as small, and can grow by itself.
    let larger = VolumeChange { quota_bytes: Some(200 * MIB), ..VolumeChange::default() };
    home.engine.volume_update("data", larger.clone()).await.unwrap();
    let small = home.engine.checkpoint_branch("data", &kept[0].name, "small").await.unwrap();
    assert_eq!(small.quota_bytes, 64 * MIB);
    home.engine.volume_update("small", larger).await.unwrap();
    home.write("small", "large", noise(100 * MIB as usize, 3)).await;
    for volume in [&origin, &first, &small] {
        home.judge(volume);
    }

    refused(home.engine.volume_clone("data", "copy").await, ErrorKind::AlreadyExists);
    refused(home.engine.volume_clone("data", "../x").await, ErrorKind::InvalidInput);
    refused(home.engine.checkpoint_branch("data", "never", "new").await, ErrorKind::NotFound);
    assert_eq!(home.engine.volume_list().await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_volume_that_a_machine_writes_is_cloned_as_it_is_at_that_moment() {
    let home = Home::new().await;
    home.volume("data").await;
    home.machine("vm").await;
    home.mount("data", "vm", "/data", MountMode::Rw).await.unwrap();
    home.shell("vm", "echo then > /data/file").await;
    let clone = home.engine.volume_clone("data", "clone").await.unwrap();
    home.shell("vm", "echo now > /data/file").await;
    assert_eq!(home.read("clone", "file").await, b"then\n");
    home.judge(&clone);
    // Both are in one machine, though their filesystems have one identity.
    home.mount("clone", "vm", "/clone", MountMode::Rw).await.unwrap();
    assert_eq!(home.shell("vm", "cat /data/file /clone/file").await, "now\nthen\n");
    home.shell("vm", "echo later > /clone/file").await;
    home.engine.unmount("vm", "/clone").await.unwrap();
    assert_eq!(home.read("clone", "file").await, b"later\n");
    home.judge(&clone);
}

#[tokio::test]
async fn a_checkpoint_that_a_machine_writes_becomes_a_branch() {
    let home = Home::new().await;
    let origin = home.volume("data").await;
    refused(home.mount_at("data", "none", "/then", MountMode::Rw, Some("latest")).await, ErrorKind::NotFound);
    home.machine("vm").await;
    refused(home.mount_at("data", "vm", "/then", MountMode::Rw, Some("latest")).await, ErrorKind::Conflict);
    home.write("data", "file", "then").await;
    home.checkpoint("data", "first").await;
    home.write("data", "file", "now").await;

    // While the volume itself is in the same machine.
    home.mount("data", "vm", "/data", MountMode::Rw).await.unwrap();
    let mount = home.mount_at("data", "vm", "/then", MountMode::Rw, Some("latest")).await.unwrap();
    assert_eq!((mount.volume_name.as_str(), mount.checkpoint_id), ("data from first", None));
    assert_ne!(mount.volume_id, origin.id);
    assert_eq!(home.shell("vm", "cat /data/file /then/file; echo changed > /then/file").await, "nowthen");

    // What cannot be mounted leaves nothing behind.
    let store = home.store();
    let entries = || ["volumes", "trash"].map(|folder| std::fs::read_dir(store.join(folder)).unwrap().count());
    let before = entries();
    let again = |path: &'static str| home.mount_at("data", "vm", path, MountMode::Rw, Some("first"));
    refused(again("/then").await, ErrorKind::AlreadyExists);
    refused(again("relative").await, ErrorKind::InvalidInput);
    refused(again("/proc/1/x").await, ErrorKind::Guest);
    assert_eq!(entries(), before);
    assert_eq!(again("/second").await.unwrap().volume_name, "data from first (2)");

    home.engine.vm_stop("vm", false).await.unwrap();
    assert_eq!(home.read("data from first", "file").await, b"changed\n");
    assert_eq!(home.read("data from first (2)", "file").await, b"then");
    assert_eq!(home.read("data", "file").await, b"now");
    assert_eq!(home.read_at("data", "file", Some("first")).await.unwrap(), b"then");
    for volume in home.engine.volume_list().await.unwrap() {
        home.judge(&volume);
    }
}
