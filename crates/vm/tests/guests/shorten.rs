//! A chain gets shorter while the guest writes: a base of its own below the top, layers committed into it.

use std::time::Duration;

use crate::checkpoint::checkpoint;
use crate::common::{Guest, assert_clean, file_in, overlay_on, tool};
use cairn_vm::{Commit, Disk, ErrorKind, JobState, Machine};

/// Waits until what is being committed is.
async fn committed(machine: &Machine, serial: &str) -> JobState {
    loop {
        match machine.commit_state(serial).await.unwrap() {
            JobState::Running { .. } => tokio::time::sleep(Duration::from_millis(20)).await,
            end => return end,
        }
    }
}

#[tokio::test]
async fn a_base_goes_below_the_top_and_takes_up_layers_while_the_guest_writes() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    let disk = guest.mounted("vol_short").await;
    let serial = "vol_short";
    let writer = guest.keep_writing().await;
    let more = async || {
        let lines: u64 = guest.run("cat /data/log | wc -l").await.trim().parse().unwrap();
        guest.run(&format!("until [ $(wc -l < /data/log) -gt {} ]; do usleep 10000; done", lines + 20)).await;
    };
    let second = overlay_on(&disk.path, "second", "64M");
    checkpoint(machine, serial, Some("/data"), &second).await.unwrap();
    more().await;

    // The base shows what the frozen layer shows; here it is a copy of it.
    let base = disk.path.with_file_name("base.qcow2");
    tool("cp", &[disk.path.to_str().unwrap(), base.to_str().unwrap()]);
    let wrong = machine.put_below(serial, &base, &base).await.expect_err("no layer of the disk");
    assert_eq!(wrong.kind(), ErrorKind::Refused, "{wrong}");
    assert_eq!(machine.commit_state(serial).await.unwrap(), JobState::None);
    machine.put_below(serial, &second, &base).await.unwrap();
    machine.put_below(serial, &second, &base).await.expect("it is there already");
    assert_eq!(machine.disks().await.unwrap()[0].below, std::slice::from_ref(&base), "the first layer is closed");
    more().await;

    // A disk that is attached on its base from the beginning.
    guest.run(&format!("kill {writer}; sync")).await;
    machine.unmount(serial, "/data").await.unwrap();
    machine.detach(serial).await.unwrap();
    let disk = Disk { path: second.clone(), below: vec![base.clone()], ..disk };
    machine.attach(&disk).await.unwrap();
    machine.mount(serial, "/data", false).await.unwrap();
    let attached = machine.disks().await.unwrap().remove(0);
    assert_eq!((attached.path, attached.below), (second.clone(), vec![base.clone()]));
    let writer = guest.keep_writing().await;
    let third = overlay_on(&second, "third", "64M");
    checkpoint(machine, serial, Some("/data"), &third).await.unwrap();
    more().await;
    let history = std::fs::read(&second).unwrap();
    let commit = |speed| Commit {
        serial: serial.to_owned(),
        newest: second.clone(),
        base: base.clone(),
        backing_name: "second.qcow2".to_owned(),
        speed,
    };
    // One that is slow is cancelled, and changes nothing.
    machine.begin_commit(&commit(1)).await.unwrap();
    assert!(matches!(machine.commit_state(serial).await.unwrap(), JobState::Running { .. }));
    machine.cancel_commit(serial).await.unwrap();
    assert_eq!(machine.disks().await.unwrap()[0].below, [second.clone(), base.clone()]);
    machine.begin_commit(&commit(0)).await.unwrap();
    assert_eq!(committed(machine, serial).await, JobState::Done);
    assert_eq!(machine.disks().await.unwrap()[0].below, std::slice::from_ref(&base));
    tool("qemu-img", &["compare", "-q", "-U", base.to_str().unwrap(), second.to_str().unwrap()]);
    more().await;
    assert!(std::fs::read(&second).unwrap() == history, "the history's own layer is not touched");

    guest.run(&format!("kill {writer}; echo last > /data/last; sync")).await;
    let log = guest.run("cat /data/log").await;
    // One that runs when the disk goes does not stand in the way.
    let fourth = overlay_on(&third, "fourth", "64M");
    checkpoint(machine, serial, Some("/data"), &fourth).await.unwrap();
    machine
        .begin_commit(&Commit { newest: third.clone(), backing_name: "third.qcow2".into(), ..commit(1) })
        .await
        .unwrap();
    machine.unmount(serial, "/data").await.unwrap();
    machine.detach(serial).await.unwrap();
    // By its header the top still stands on the history, and shows the same there.
    assert_clean(&fourth);
    assert_eq!(file_in(&fourth, "/log"), log.as_bytes());
    assert_eq!(file_in(&fourth, "/last"), b"last\n");
    tool("qemu-img", &["check", "-q", base.to_str().unwrap()]);
    machine.quit().await.unwrap();
}

#[tokio::test]
async fn a_base_is_put_below_a_disk_that_stands_on_a_long_history() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    let disk = guest.disk("vol_long");
    let mut layers = vec![disk.path.clone()];
    for number in 0..6 {
        layers.push(overlay_on(layers.last().unwrap(), &format!("layer{number}"), "64M"));
    }
    let (top, newest) = (layers[6].clone(), layers[5].clone());
    let disk = Disk { path: top.clone(), ..disk };
    machine.attach(&disk).await.unwrap();
    machine.mount(&disk.serial, "/data", false).await.unwrap();
    guest.run("dd if=/dev/urandom of=/data/before bs=64k count=20 2>/dev/null; sync").await;
    let base = top.with_file_name("base.qcow2");
    tool("qemu-img", &["convert", "-U", "-O", "qcow2", newest.to_str().unwrap(), base.to_str().unwrap()]);
    machine.put_below(&disk.serial, &top, &base).await.unwrap();
    machine.put_below(&disk.serial, &top, &base).await.expect("it is there already");
    assert_eq!(machine.disks().await.unwrap()[0].below, std::slice::from_ref(&base));
    let sum = guest.run("echo 3 > /proc/sys/vm/drop_caches; md5sum < /data/before; echo on > /data/after; sync; md5sum < /data/before").await;
    let sums: Vec<&str> = sum.lines().collect();
    assert_eq!(sums[0], sums[1]);
    machine.unmount(&disk.serial, "/data").await.unwrap();
    machine.detach(&disk.serial).await.unwrap();
    assert_clean(&top);
    assert_eq!(file_in(&top, "/after"), b"on\n");
    let info = tool("qemu-img", &["info", "--output=json", top.to_str().unwrap()]);
    assert!(info.contains("\"backing-filename\": \"layer4.qcow2\""), "the header tells the history: {info}");
    machine.quit().await.unwrap();
}
