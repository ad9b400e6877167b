//! A Debian guest with systemd, which has its own mind about mounts and devices: nothing is left of what was there.
//!
//! Told by night only: without KVM it boots for a minute. `cargo xtask debian-vm` assembles the guest.

use std::path::{Path, PathBuf};

use cairn_engine::{BootSource, BootVolume, ErrorKind, IoLimits, MountMode, MountState, VmState};

use crate::common::*;

/// What systemd knows of `/data` and of disks of ours, and what it says has failed.
const LEFT: &str = "systemctl list-units --all --no-legend --plain | grep -e '^data' -e 'dev-vd[b-z]' -e virtio.*vol_ \
                    -e 'block-vd[b-z]' ; systemctl list-units --failed --no-legend --plain; true";

fn debian_vm() -> PathBuf {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/debian-vm");
    std::env::var_os("CAIRN_DEBIAN_VM").map_or(built, PathBuf::from)
}

/// Waits until systemd has forgotten what is gone; it does that in its own time.
async fn until_nothing_is_left(home: &Home) {
    let begun = std::time::Instant::now();
    loop {
        let left = home.shell("debian", LEFT).await;
        if left.is_empty() {
            return;
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(120), "{left}");
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn systemd_keeps_nothing_of_a_volume_that_is_gone() {
    if std::env::var_os("CAIRN_NIGHTLY").is_none() {
        println!("told by night only: cargo xtask nightly systemd");
        return;
    }
    let home = Home::new().await;
    let data = home.volume("data").await;
    home.write("data", "file", "seeded").await;
    let debian = debian_vm();
    let boot = BootVolume {
        volume: "data".into(),
        path: "/data".into(),
        mode: MountMode::Rw,
        at: None,
        options: None,
        limits: IoLimits::default(),
    };
    home.managed("debian", BootSource::Image(debian.join("disk.qcow2")), |vm| {
        vm.kernel = Some(debian.join("vmlinuz"));
        vm.initrd = Some(debian.join("initrd.img"));
        vm.append = Some("root=/dev/vda rw console=ttyS0 quiet no_timer_check".into());
        vm.memory_mib = Some(1024);
        vm.volumes = vec![boot];
    })
    .await;
    assert_eq!(home.engine.vm_start("debian").await.unwrap().state, VmState::Running);
    assert_eq!(home.shell("debian", "cat /data/file; systemctl is-active data.mount").await, "seededactive\n");
    home.engine.unmount("debian", "/data").await.unwrap();
    until_nothing_is_left(&home).await;

    // Quickly again and again: what systemd hears late of the disk before does not touch the disk of now.
    for number in 0..5 {
        home.mount("data", "debian", "/data", MountMode::Rw).await.unwrap();
        home.shell("debian", &format!("echo {number} >> /data/log")).await;
        home.engine.unmount("debian", "/data").await.unwrap();
    }
    home.mount("data", "debian", "/data", MountMode::Rw).await.unwrap();
    home.shell("debian", "udevadm settle; systemctl daemon-reload; sleep 5; grep -q ' /data ' /proc/mounts").await;

    // By force, though a service works there.
    home.shell("debian", "systemd-run -q --unit busy --working-directory /data sleep 1000").await;
    let error = refused(home.engine.unmount("debian", "/data").await, ErrorKind::InUse);
    assert!(error.message().contains("sleep"), "{error}");
    home.engine.unmount_by_force("debian", "/data").await.unwrap();
    home.shell("debian", "systemctl stop busy").await;
    until_nothing_is_left(&home).await;

    // It restarts with the volume inside, and has it again.
    home.mount("data", "debian", "/data", MountMode::Rw).await.unwrap();
    home.shell("debian", "touch /run/first-boot; systemd-run -q --on-active=1 systemctl reboot").await;
    while home.engine.mount_list().await.unwrap()[0].state == MountState::Attached {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    while home.engine.mount_list().await.unwrap()[0].state != MountState::Attached {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(home.shell("debian", "ls /run/first-boot 2>/dev/null; cat /data/file").await, "seeded");
    home.engine.unmount("debian", "/data").await.unwrap();
    until_nothing_is_left(&home).await;
    assert_eq!(home.read("data", "log").await, b"0\n1\n2\n3\n4\n");
    home.judge(&data);
    home.engine.vm_stop("debian", true).await.unwrap();
}
