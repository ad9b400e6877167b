//! Live checkpoints: a frozen layer that is consistent and never changes again, while the guest writes on.

use std::path::Path;
use std::time::Duration;

use crate::common::{Guest, assert_clean, file_in, overlay_on, raw_copy, tool};
use cairn_vm::{ErrorKind, Machine, Overlay, Result, Taken};

/// How long guests may be frozen here; a loaded computer without KVM is slow.
const LONGEST: Duration = Duration::from_secs(60);

/// Puts an overlay on top of one disk.
pub(crate) async fn checkpoint(machine: &Machine, serial: &str, quiet: Option<&str>, path: &Path) -> Result<Taken> {
    let overlay = Overlay { serial: serial.to_owned(), path: path.to_owned(), mount_path: quiet.map(str::to_owned) };
    machine.checkpoint(&[overlay], LONGEST).await
}

#[tokio::test]
async fn a_checkpoint_under_writing_is_consistent_and_never_changes_again() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    let disk = guest.mounted("vol_live").await;
    let writer = guest.keep_writing().await;
    guest.run("until [ $(wc -l < /data/log) -gt 20 ]; do usleep 10000; done").await;

    let small = overlay_on(&disk.path, "small", "32M");
    let error = checkpoint(machine, &disk.serial, None, &small).await.expect_err("the guest's disk must not shrink");
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    assert_eq!(
        checkpoint(machine, "vol_nobody", None, &small).await.expect_err("no such disk").kind(),
        ErrorKind::Refused
    );

    let mut layers = vec![disk.path.clone()];
    for name in ["second", "third"] {
        let overlay = overlay_on(layers.last().unwrap(), name, "64M");
        let taken = checkpoint(machine, &disk.serial, Some("/data"), &overlay).await.unwrap();
        let frozen_for = taken.frozen_for.expect("the guest was frozen");
        println!("the guest was frozen for {frozen_for:?}");
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
    assert_eq!(checkpoint(machine, &disk.serial, None, &overlay).await.unwrap(), Taken { frozen_for: None });
    layers.push(overlay);
    let overlay = overlay_on(&layers[3], "fifth", "64M");
    let taken = checkpoint(machine, &disk.serial, Some("/not/mounted"), &overlay).await.unwrap();
    assert_eq!(taken, Taken { frozen_for: None }, "what cannot be frozen is checkpointed all the same");
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
    guest.mounted("vol_frost").await;
    assert_eq!(machine.freeze("/nothing", LONGEST).await.expect_err("nothing there").kind(), ErrorKind::Guest);
    guest.run("echo not frozen > /data/file").await;

    machine.freeze("/data", LONGEST).await.unwrap();
    let refused = machine.guest_mounts().await.expect_err("a frozen guest runs no programs");
    assert_eq!(refused.kind(), ErrorKind::Refused, "{refused}");
    machine.thaw().await.unwrap();
    machine.thaw().await.expect("thawing what is not frozen is fine");
    guest.run("echo thawed > /data/file").await;

    machine.freeze("/data", Duration::from_secs(3)).await.unwrap();
    while machine.guest_mounts().await.is_err() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    guest.run("echo thawed by itself > /data/file").await;
    machine.quit().await.unwrap();
}

/// The freeze comes when everybody has given up waiting for it, at one moment or another.
#[tokio::test]
async fn a_guest_that_freezes_too_late_is_thawed_too() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    let disk = guest.mounted("vol_late").await;
    guest.run("(while :; do date >> /data/log; usleep 10000; done) >/dev/null 2>&1 &").await;
    let mut top = disk.path.clone();
    for milliseconds in [0, 1, 3, 10, 30, 60] {
        let path = overlay_on(&top, &format!("after-{milliseconds}"), "64M");
        let overlay = Overlay { serial: disk.serial.clone(), path, mount_path: Some("/data".to_owned()) };
        top.clone_from(&overlay.path);
        let taken = machine.checkpoint(&[overlay], Duration::from_millis(milliseconds)).await.unwrap();
        assert!(milliseconds > 0 || taken.frozen_for.is_none(), "it is like after a power cut, and says so");
        while machine.guest_mounts().await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let lines: u64 = guest.run("wc -l < /data/log").await.trim().parse().unwrap();
        guest.run(&format!("until [ $(wc -l < /data/log) -gt {} ]; do usleep 10000; done", lines + 5)).await;
    }
    machine.quit().await.unwrap();
}

#[tokio::test]
async fn disks_get_their_layers_at_one_moment_or_none_of_them() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    let disks = [guest.disk("vol_a"), guest.disk("vol_b")];
    for (disk, place) in disks.iter().zip(["/a", "/b"]) {
        machine.attach(disk).await.unwrap();
        machine.mount(&disk.serial, place, false).await.unwrap();
    }
    // Only ever longer: a file that is written anew is empty for a moment.
    guest.run("(while :; do echo >> /a/n; echo >> /b/n; done) >/dev/null 2>&1 &").await;
    guest.run("until [ $(wc -l < /b/n) -gt 20 ]; do usleep 10000; done").await;
    let overlays = |size: &str| {
        let overlay = |(disk, place): (&cairn_vm::Disk, &str)| Overlay {
            serial: disk.serial.clone(),
            path: overlay_on(&disk.path, &format!("{}-{size}", disk.serial), if place == "/a" { "64M" } else { size }),
            mount_path: Some(place.to_owned()),
        };
        disks.iter().zip(["/a", "/b"]).map(overlay).collect::<Vec<_>>()
    };
    let error = machine.checkpoint(&overlays("32M"), LONGEST).await.expect_err("one of them cannot be");
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    for disk in machine.disks().await.unwrap() {
        assert!(disks.iter().any(|before| before.path == disk.path), "{disk:?} is as before");
    }
    let taken = machine.checkpoint(&overlays("64M"), LONGEST).await.unwrap();
    assert!(taken.frozen_for.is_some());
    let [a, b] = disks.map(|disk| file_in(&disk.path, "/n").len());
    assert!(b > 20 && (a == b || a == b + 1), "the two agree: {a} and {b}");
    machine.quit().await.unwrap();
}
