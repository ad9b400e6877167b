//! Layers become one while the guest writes, and nobody sees a difference.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::checkpoint::checkpoint;
use crate::common::{Guest, assert_clean, file_in_journalled, overlay_on, tool};
use cairn_vm::{Disk, ErrorKind, JobState, Keep, Machine, Merge};

const SERIAL: &str = "vol_merge";

/// What somebody would read of a layer that a machine has open.
fn shown(layer: &Path) -> String {
    let raw = layer.with_extension("shown.raw");
    let (layer, raw) = (layer.to_str().unwrap(), raw.to_str().unwrap());
    tool("qemu-img", &["convert", "-U", "-O", "raw", layer, raw]);
    tool("sha256sum", &[raw]).split(' ').next().unwrap().to_owned()
}

/// What the header of a layer calls its backing file.
fn stands_on(layer: &Path) -> Option<String> {
    let said = tool("qemu-img", &["info", "-U", "--output=json", layer.to_str().unwrap()]);
    let at = said.find("\"backing-filename\": \"")? + 21;
    Some(said[at..].split('"').next().unwrap().to_owned())
}

/// The names of the layers that the machine has open.
async fn open(machine: &Machine) -> Vec<String> {
    let layers = machine.open_layers().await.unwrap().into_iter();
    let mut names: Vec<String> = layers.map(|layer| layer.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

async fn merged(machine: &Machine, merge: Merge) {
    machine.begin_merge(&merge).await.unwrap();
    loop {
        match machine.merge_state(SERIAL).await.unwrap() {
            JobState::Running { .. } => tokio::time::sleep(Duration::from_millis(20)).await,
            end => break assert_eq!(end, JobState::Done),
        }
    }
}

fn merge(uppermost: &Path, lowest: &Path, keep: Keep) -> Merge {
    let (uppermost, lowest) = (uppermost.to_owned(), lowest.to_owned());
    Merge { serial: SERIAL.to_owned(), uppermost, lowest, closed: Vec::new(), keep, speed: 0 }
}

fn into_uppermost_on(below: &Path) -> Keep {
    let name = below.file_name().unwrap().to_str().unwrap().to_owned();
    Keep::Uppermost { below: Some(below.to_owned()), name: Some(name) }
}

async fn write_more(guest: &Guest) {
    let lines: u64 = guest.run("cat /data/log | wc -l").await.trim().parse().unwrap();
    guest.run(&format!("until [ $(wc -l < /data/log) -gt {} ]; do usleep 10000; done", lines + 20)).await;
}

/// Checkpoints while the guest writes, the oldest first; each name is that of the new top.
async fn grow(guest: &Guest, mut top: PathBuf, names: &[&str]) -> Vec<PathBuf> {
    let mut layers = Vec::new();
    for name in names {
        write_more(guest).await;
        top = overlay_on(&top, name, "64M");
        checkpoint(&guest.machine, SERIAL, Some("/data"), &top).await.unwrap();
        layers.push(top.clone());
    }
    write_more(guest).await;
    layers
}

#[tokio::test]
async fn layers_become_one_while_the_guest_writes() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    let disk = guest.mounted(SERIAL).await;
    let writer = guest.keep_writing().await;
    let l = grow(&guest, disk.path.clone(), &["b", "c", "d", "e", "f", "g"]).await;
    let [b, c, d, e, f, g] = &l[..] else { unreachable!() };
    let before: Vec<String> = [&disk.path, c, d, f].map(|layer| shown(layer)).into();

    let strange = machine.begin_merge(&merge(c, &disk.path.with_file_name("x"), Keep::Lowest)).await;
    assert_eq!(strange.expect_err("no such layer").kind(), ErrorKind::Refused);
    // One that is slow is cancelled, and changes nothing.
    let slow = Merge { speed: 1, ..merge(c, b, into_uppermost_on(&disk.path)) };
    machine.begin_merge(&slow).await.unwrap();
    assert!(matches!(machine.merge_state(SERIAL).await.unwrap(), JobState::Running { .. }));
    machine.begin_merge(&slow).await.expect_err("it goes on already");
    machine.cancel_merge(SERIAL).await.unwrap();
    assert_eq!((machine.merge_state(SERIAL).await.unwrap(), stands_on(c)), (JobState::None, Some("b.qcow2".into())));
    assert_eq!(open(machine).await, ["b", "c", "d", "e", "f", "g", SERIAL]);

    merged(machine, merge(c, b, into_uppermost_on(&disk.path))).await;
    assert_eq!(stands_on(c), Some("vol_merge.qcow2".into()));
    merged(machine, merge(f, e, Keep::Lowest)).await;
    assert_eq!(stands_on(g), Some("e.qcow2".into()));
    assert_eq!(open(machine).await, ["c", "d", "e", "g", SERIAL], "what is not kept is closed");
    write_more(&guest).await;
    assert_eq!([&disk.path, c, d, e].map(|layer| shown(layer)).to_vec(), before, "nobody sees a difference");
    // Into what the guest writes.
    merged(machine, merge(g, e, into_uppermost_on(d))).await;
    machine.write_back_top(SERIAL, Some(d)).await.unwrap();
    assert_eq!((stands_on(g), open(machine).await.len()), (Some("d.qcow2".into()), 4));
    write_more(&guest).await;

    // Attached anew, QEMU opens by itself what lies below the top.
    guest.run(&format!("kill {writer}; sync")).await;
    machine.unmount(SERIAL, "/data").await.unwrap();
    machine.detach(SERIAL).await.unwrap();
    assert_clean(g);
    machine.attach(&Disk { path: g.clone(), ..disk.clone() }).await.unwrap();
    machine.mount(SERIAL, "/data", false).await.unwrap();
    guest.keep_writing().await;
    merged(machine, merge(d, c, into_uppermost_on(&disk.path))).await;
    assert_eq!(shown(d), before[2]);
    let h = &grow(&guest, g.clone(), &["h"]).await[0];
    let then = shown(g);
    merged(machine, merge(g, d, Keep::Lowest)).await;
    assert_eq!((stands_on(h), shown(d)), (Some("d.qcow2".into()), then));
    // All that there is, and then the power goes.
    merged(machine, merge(h, &disk.path, Keep::Uppermost { below: None, name: None })).await;
    guest.run("echo last > /data/last; sync").await;
    machine.write_back_top(SERIAL, None).await.unwrap();
    assert_eq!((stands_on(h), open(machine).await), (None, vec!["h".to_owned()]));
    let log = guest.run("cp /data/log /data/copy; sync; cat /data/copy").await;
    drop(guest.end);
    machine.exited().await;
    tool("qemu-img", &["check", "-q", "-r", "leaks", h.to_str().unwrap()]);
    assert_eq!(
        (file_in_journalled(h, "/copy"), file_in_journalled(h, "/last")),
        (log.into_bytes(), b"last\n".to_vec())
    );
    for layer in [d, &disk.path] {
        tool("qemu-img", &["check", "-q", layer.to_str().unwrap()]);
    }
}

#[tokio::test]
async fn a_machine_may_be_asked_what_it_has_at_any_moment_of_a_merge() {
    let guest = Guest::boot().await;
    let machine = &guest.machine;
    let disk = guest.mounted(SERIAL).await;
    guest.keep_writing().await;
    let mut top = overlay_on(&disk.path, "0", "64M");
    checkpoint(machine, SERIAL, Some("/data"), &top).await.unwrap();
    for round in 1..=20 {
        write_more(&guest).await;
        let next = overlay_on(&top, &round.to_string(), "64M");
        checkpoint(machine, SERIAL, Some("/data"), &next).await.unwrap();
        machine.begin_merge(&merge(&next, &top, into_uppermost_on(&disk.path))).await.unwrap();
        // Without a pause, so that QEMU is asked in the middle of ending the job, too.
        loop {
            assert_eq!(machine.disks().await.expect("QEMU answers")[0].path, next);
            match machine.merge_state(SERIAL).await.expect("QEMU answers") {
                JobState::Running { .. } => {}
                end => break assert_eq!(end, JobState::Done),
            }
        }
        top = next;
    }
    assert_eq!(open(machine).await, ["20", SERIAL]);
}
