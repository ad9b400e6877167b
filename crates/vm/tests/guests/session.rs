//! A machine's own disk and its serial console.

use std::time::Duration;

use crate::common::{Guest, PATIENCE, assert_clean, file_in, format_disk, overlay_on, tool};
use cairn_vm::{DiskFormat, ErrorKind, SESSION_SERIAL, SessionDisk, create_overlay};

#[tokio::test]
async fn a_machine_writes_its_own_disk_and_never_what_is_below_it() {
    let place = tempfile::tempdir().unwrap();
    let image = format_disk(place.path(), "image");
    let raw = place.path().join("image.raw");
    tool("qemu-img", &["convert", "-O", "raw", image.to_str().unwrap(), raw.to_str().unwrap()]);
    let before = std::fs::read(&raw).unwrap();
    let session = place.path().join("session.qcow2");
    create_overlay(&session, Some((raw.to_str().unwrap(), DiskFormat::Raw)), 64 << 20).await.unwrap();
    let disk = SessionDisk { path: session.clone(), below: vec![(raw.clone(), DiskFormat::Raw)] };
    let guest = Guest::boot_with(|spec| spec.session_disk = Some(disk)).await;
    guest.run("mkdir /own && mount /dev/vda /own && echo first > /own/file && sync").await;

    // It is no volume: those are plugged in beside it.
    let volume = guest.mounted("vol_beside").await;
    guest.run("echo beside > /data/file").await;
    guest.run("(while :; do echo x >> /own/log; done) > /dev/null 2>&1 & echo $! > /writer").await;

    let next = overlay_on(&session, "next", "64M");
    let taken = guest.machine.checkpoint_session_disk(next.clone(), PATIENCE).await.unwrap();
    assert!(taken.frozen_for.is_some(), "the filesystem on it was frozen");
    guest.run("echo second > /own/file && sync").await;
    let top = guest.machine.disks().await.unwrap().into_iter().find(|disk| disk.serial == SESSION_SERIAL).unwrap();
    assert_eq!((top.path, top.below), (next.clone(), vec![session.clone(), raw.clone()]));
    guest.run("kill -9 $(cat /writer); sleep 0.2; umount /own").await;
    guest.machine.quit().await.unwrap();

    assert_clean(&session);
    assert_eq!(file_in(&session, "/file"), b"first\n");
    assert_clean(&next);
    assert_eq!(file_in(&next, "/file"), b"second\n");
    assert_eq!(std::fs::read(&raw).unwrap(), before, "the image below is as it was");
    drop(volume);
}

#[tokio::test]
async fn what_is_typed_on_the_console_is_answered_in_its_log() {
    let guest = Guest::boot().await;
    let log = guest.dir().join("console.log");
    let says = async |text: &str| {
        let look = async {
            while !std::fs::read_to_string(&log).is_ok_and(|log| log.contains(text)) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, look).await.unwrap_or_else(|_| panic!("the console never says {text}"));
    };
    // What is typed before the shell reads is thrown away by the terminal.
    says("root# ").await;
    let mut console = guest.machine.console().await.unwrap();
    console.send(b"\necho $((6 * 7)) is the answer\n").await.unwrap();
    says("42 is the answer").await;
    assert_eq!(guest.machine.console().await.expect_err("one at a time").kind(), ErrorKind::Held);
    drop(console);
    // Who goes away at once has still typed all of it.
    let mut console = guest.machine.console().await.unwrap();
    console
        .send(b"echo this is a long line, much longer than what a serial port keeps, $((6 * 9)) words\n")
        .await
        .unwrap();
    drop(console);
    says("54 words").await;
    // Much is printed while nobody reads, and while somebody does.
    let mut console = guest.machine.console().await.unwrap();
    console.send(b"seq 1 20000; echo $((20000 + 1)) is the end\n").await.unwrap();
    says("20001 is the end").await;
    guest.machine.quit().await.unwrap();
    assert_eq!(
        console.send(b"x").await.err().map(|error| error.kind()).unwrap_or(ErrorKind::NotRunning),
        ErrorKind::NotRunning
    );
}
