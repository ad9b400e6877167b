//! Snapshots: a machine's disk frozen as what others boot, while it runs and while it does not.

use cairn_engine::{BootSource, ErrorKind, SessionDisk, VmState};

use crate::common::*;

const OWN: &str = "mkdir -p /own && mount /dev/vda /own";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_machine_becomes_what_others_start_from() {
    let home = Home::new().await;
    let image = home.image("disk.qcow2", "qcow2");
    home.managed("origin", BootSource::Image(image.clone()), |vm| vm.disk_bytes = Some(96 * MIB)).await;
    home.engine.vm_start("origin").await.unwrap();
    home.shell("origin", &format!("{OWN} && echo installed > /own/name")).await;
    let writer = "(n=0; while :; do n=$((n + 1)); echo $n >> /own/log; done) > /dev/null 2>&1 &";
    home.shell("origin", writer).await;

    let golden = home.engine.snapshot_create("origin", Some("golden".into())).await.unwrap();
    assert!(!golden.crash_consistent, "the filesystem on the disk was frozen for it");
    assert_eq!((golden.size_bytes, golden.vm_name.as_str()), (96 * MIB, "origin"));
    assert_eq!(golden.image, Some(image.canonicalize().unwrap()));
    refused(home.engine.snapshot_create("origin", Some("golden".into())).await, ErrorKind::AlreadyExists);
    // The machine goes on, and so does its writer.
    let lines = async |vm: &str| home.shell(vm, "wc -l < /own/log").await.trim().parse::<u64>().unwrap();
    let before = lines("origin").await;
    while lines("origin").await == before {}
    home.shell("origin", "echo changed since > /own/name && sync").await;
    let later = home.engine.snapshot_create("origin", None).await.unwrap();
    assert_eq!(later.parent.as_ref(), Some(&golden.id));
    assert!(later.name.starts_with("origin 2"), "{}", later.name);

    // Nothing is written to a snapshot while others stand on it.
    let disk = home.store().join("snapshots").join(golden.id.as_str()).join("disk.qcow2");
    let frozen = std::fs::read(&disk).unwrap();
    let error = refused(home.engine.snapshot_delete("golden").await, ErrorKind::InUse);
    assert!(error.message().contains(&later.name), "{error}");
    for (name, source) in [("first", "golden"), ("second", later.id.as_str())] {
        let vm = home.managed(name, BootSource::Snapshot(source.into()), |vm| {
            // As the snapshot's machine had it.
            (vm.kernel, vm.initrd, vm.append, vm.memory_mib) = (None, None, None, None);
        });
        let vm = vm.await;
        assert_eq!((vm.memory_mib, vm.setup.unwrap().append.as_deref()), (256, Some("console=ttyS0 quiet")));
        home.engine.vm_start(name).await.unwrap();
    }
    assert_eq!(home.shell("first", &format!("{OWN} && cat /own/name && echo own > /own/name")).await, "installed\n");
    assert_eq!(home.shell("second", &format!("{OWN} && cat /own/name")).await, "changed since\n");
    assert_eq!(home.shell("first", "blockdev --getsize64 /dev/vda").await.trim(), (96 * MIB).to_string());
    assert!(std::fs::read(&disk).unwrap() == frozen);

    // The origin's session is over, and with it what stood on the snapshots.
    home.engine.vm_stop("origin", true).await.unwrap();
    home.engine.vm_stop("second", true).await.unwrap();
    home.engine.vm_start("origin").await.unwrap();
    assert_eq!(home.shell("origin", &format!("{OWN} && cat /own/name")).await, "image", "as its image is");
    for vm in ["origin", "first"] {
        home.engine.vm_stop(vm, true).await.unwrap();
    }
    let error = refused(home.engine.snapshot_delete(later.id.as_str()).await, ErrorKind::InUse);
    assert!(error.message().contains("'second'"), "{error}");
    home.engine.vm_delete("second").await.unwrap();
    home.engine.snapshot_delete(later.id.as_str()).await.unwrap();
    refused(home.engine.snapshot_delete("golden").await, ErrorKind::InUse);
    home.engine.vm_delete("first").await.unwrap();
    home.engine.snapshot_delete("golden").await.unwrap();
    refused(home.engine.snapshot_get("golden").await, ErrorKind::NotFound);
    assert_eq!(std::fs::read_dir(home.store().join("snapshots")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kept_disk_is_frozen_while_nobody_runs_it() {
    let home = Home::new().await;
    let image = home.image("disk.img", "raw");
    home.managed("kept", BootSource::Image(image), |vm| vm.session_disk = SessionDisk::Keep).await;
    home.engine.vm_start("kept").await.unwrap();
    home.shell("kept", &format!("{OWN} && echo mine > /own/name && umount /own")).await;
    home.engine.vm_stop("kept", false).await.unwrap();
    let snapshot = home.engine.snapshot_create("kept", Some("still".into())).await.unwrap();
    assert!(!snapshot.crash_consistent);
    assert_eq!(snapshot.used_by, ["the machine 'kept'"]);
    // Every tool can open what stands on what.
    let disk = home.store().join("snapshots").join(snapshot.id.as_str()).join("disk.qcow2");
    run(std::process::Command::new("qemu-img").args(["check", "-q"]).arg(&disk));
    let raw = home.host().join("judged.raw");
    run(std::process::Command::new("qemu-img").args(["convert", "-O", "raw"]).arg(&disk).arg(&raw));
    run(std::process::Command::new("e2fsck").arg("-fn").arg(&raw));
    let home = home.reopen_after(|_| {}).await;
    assert_eq!(home.engine.vm_start("kept").await.unwrap().state, VmState::Running);
    assert_eq!(home.shell("kept", &format!("{OWN} && cat /own/name")).await, "mine\n");
}
