//! Live checkpoints: a frozen layer that is consistent and never changes again, while the guest writes on.

use std::time::Duration;

use crate::common::{Guest, assert_clean, file_in, overlay_on, raw_copy, tool};
use cairn_vm::{Consistency, ErrorKind};

#[tokio::test]
async fn a_checkpoint_under_writing_is_consistent_and_never_changes_again() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    let disk = guest.disk("vol_live");
    machine.attach(&disk).await.unwrap();
    machine.mount(&disk.serial, "/data", false).await.unwrap();
    let writer = "(n=0; while :; do n=$((n+1)); echo $n >> /data/log; dd if=/dev/urandom of=/data/f$((n%50)) \
                  bs=4k count=9 2>/dev/null; done) >/dev/null 2>&1 & echo $!";
    let writer = guest.run(writer).await.trim().to_owned();
    guest.run("until [ $(wc -l < /data/log) -gt 20 ]; do usleep 10000; done").await;

    let small = overlay_on(&disk.path, "small", "32M");
    let error = machine.snapshot(&disk.serial, &small).await.expect_err("the guest's disk must not shrink");
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert_eq!(machine.snapshot("vol_nobody", &small).await.expect_err("no such disk").kind(), ErrorKind::Refused);

    let mut layers = vec![disk.path.clone()];
    for name in ["second", "third"] {
        let overlay = overlay_on(layers.last().unwrap(), name, "64M");
        let consistency = machine.checkpoint(&disk.serial, Some("/data"), &overlay).await.unwrap();
        assert_eq!(consistency, Consistency::Filesystem);
        assert_eq!(machine.disks().await.unwrap()[0].path, overlay);
        layers.push(overlay);
        let lines: u64 = guest.run("wc -l < /data/log").await.trim().parse().unwrap();
        guest.run(&format!("until [ $(wc -l < /data/log) -gt {} ]; do usleep 10000; done", lines + 5)).await;
    }
    // The frozen layers are read while the machine lives, and hold whole filesystems without a journal to replay.
    let frozen: Vec<Vec<u8>> = layers[..2].iter().map(|layer| std::fs::read(layer).unwrap()).collect();
    for layer in &layers[..2] {
        let raw = raw_copy(layer);
        tool("e2fsck", &["-fn", raw.to_str().unwrap()]);
        let header = tool("dumpe2fs", &["-h", raw.to_str().unwrap()]);
        assert!(!header.contains("needs_recovery"), "{header}");
    }
    // Without freezing it works too, and is called by its name.
    let overlay = overlay_on(&layers[2], "fourth", "64M");
    assert_eq!(machine.checkpoint(&disk.serial, None, &overlay).await.unwrap(), Consistency::Crash);
    layers.push(overlay);
    let overlay = overlay_on(&layers[3], "fifth", "64M");
    let consistency = machine.checkpoint(&disk.serial, Some("/not/mounted"), &overlay).await.unwrap();
    assert_eq!(consistency, Consistency::Crash, "what cannot be frozen is checkpointed all the same");
    layers.push(overlay);

    guest.run(&format!("kill {writer}; echo last > /data/last")).await;
    let log = guest.run("cat /data/log").await;
    machine.unmount(&disk.serial, "/data").await.unwrap();
    machine.detach(&disk.serial).await.unwrap();
    let top = layers.last().unwrap();
    assert_clean(top);
    assert_eq!(file_in(top, "/log"), log.as_bytes());
    assert_eq!(file_in(top, "/last"), b"last\n");
    for (layer, bytes) in layers.iter().zip(&frozen) {
        assert!(std::fs::read(layer).unwrap() == *bytes, "{} was written after its checkpoint", layer.display());
        assert!(log.as_bytes().starts_with(&file_in(layer, "/log")), "an earlier state of the same file");
    }
}

#[tokio::test]
async fn a_frozen_guest_is_thawed_even_if_nobody_asks() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    let disk = guest.disk("vol_frost");
    machine.attach(&disk).await.unwrap();
    machine.mount(&disk.serial, "/data", false).await.unwrap();
    assert_eq!(machine.freeze("/nothing").await.expect_err("nothing there").kind(), ErrorKind::Guest);
    guest.run("echo not frozen > /data/file").await;

    machine.freeze("/data").await.unwrap();
    let refused = machine.guest_mounts().await.expect_err("a frozen guest runs no programs");
    assert_eq!(refused.kind(), ErrorKind::Refused, "{refused}");
    machine.thaw().await.unwrap();
    machine.thaw().await.expect("thawing what is not frozen is fine");
    guest.run("echo thawed > /data/file").await;

    machine.freeze("/data").await.unwrap();
    while machine.guest_mounts().await.is_err() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    guest.run("echo thawed by itself > /data/file").await;
    machine.quit().await.unwrap();
}
