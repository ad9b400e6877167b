//! A history so long that QEMU would crash in it: no machine ever gets such a chain, whatever it asks for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use cairn_engine::{ErrorKind, MountMode, Vm, Volume};

use crate::common::*;

/// Checkpoints `from..to` named by their number; before each, its number is written.
async fn live_on(home: &Home, from: usize, to: usize) {
    for number in from..to {
        home.write("data", "number", number.to_string()).await;
        if number % 50 == 0 {
            home.write("data", &format!("file{number}"), noise(300_000, number as u64)).await;
        }
        home.checkpoint("data", &number.to_string()).await;
    }
}

/// The files in a folder that a machine has open.
fn opened(home: &Home, vm: &Vm, folder: &Path) -> BTreeSet<PathBuf> {
    let pid = std::fs::read_to_string(home.store().join("vms").join(vm.id.as_str()).join("qemu.pid")).unwrap();
    let links = std::fs::read_dir(format!("/proc/{}/fd", pid.trim())).unwrap();
    let files = links.filter_map(|link| std::fs::read_link(link.unwrap().path()).ok());
    files.filter(|file| file.parent() == Some(folder)).collect()
}

fn stand_ins(folder: &Path) -> Vec<PathBuf> {
    layers(folder).into_iter().filter(|file| file.to_str().unwrap().ends_with(".standin.qcow2")).collect()
}

/// QEMU reads the same from what stands in for a checkpoint as from its layer.
fn judge_stand_in(stand_in: &Path) {
    let layer = PathBuf::from(stand_in.to_str().unwrap().replace(".standin", ""));
    run(Command::new("qemu-img").args(["check", "-q"]).arg(stand_in));
    run(Command::new("qemu-img").args(["compare", "-q"]).arg(stand_in).arg(layer));
}

async fn off(home: &Home, volume: &str) {
    home.engine.volume_optimiser_set(volume, false).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_machine_gets_of_a_long_history_it_reads_through_few_files() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    off(&home, "data").await;
    live_on(&home, 0, 330).await;
    let folder = home.volume_folder(&volume);
    let (one, two) = (home.machine("one").await, home.machine("two").await);

    // A checkpoint, by two machines: one file stands in for it, and goes with the last of them.
    for vm in ["one", "two"] {
        home.mount_at("data", vm, "/then", MountMode::Ro, Some("latest")).await.unwrap();
        assert_eq!(home.shell(vm, "cat /then/number").await, "329");
        assert_eq!(home.shell(vm, "ls -l /then/file* | wc -l").await, "7\n");
    }
    let made = stand_ins(&folder);
    assert_eq!(made.len(), 1);
    for vm in [&one, &two] {
        let files = opened(&home, vm, &folder);
        assert!((2..=3).contains(&files.len()) && files.contains(&made[0]), "{files:?}");
    }
    let sums = home.shell("two", "cd /then; md5sum file0 file150 file300").await;
    for (line, number) in sums.lines().zip([0, 150, 300]) {
        std::fs::write(home.host().join("same"), noise(300_000, number)).unwrap();
        let same = run(Command::new("md5sum").arg(home.host().join("same")));
        assert_eq!(line[..32], same[..32], "file{number}");
    }
    // It stays while an engine dies, and nothing is made of it.
    let home = home.die_and_reopen_after(|_| {}).await;
    assert_eq!(home.engine.checkpoint_list("data").await.unwrap().len(), 330);
    home.engine.unmount("one", "/then").await.unwrap();
    assert_eq!(stand_ins(&folder), made);
    judge_stand_in(&made[0]);
    home.engine.unmount("two", "/then").await.unwrap();
    assert_eq!(stand_ins(&folder).len(), 0);

    // One in the middle, to be written.
    let branch = home.mount_at("data", "one", "/branch", MountMode::Rw, Some("200")).await.unwrap();
    let branched = home.store().join("volumes").join(branch.volume_id.as_str());
    assert!(opened(&home, &one, &branched).len() > 200, "its optimiser is off, as that of its origin");
    home.engine.unmount("one", "/branch").await.unwrap();
    home.engine.volume_optimiser_set(branch.volume_id.as_str(), true).await.unwrap();
    let again = branch.volume_id.as_str();
    home.mount(again, "one", "/branch", MountMode::Rw).await.unwrap();
    let files = opened(&home, &one, &branched);
    assert!(files.len() <= 4 && files.iter().any(|file| is_base(file)), "{files:?}");
    assert_eq!(home.shell("one", "cat /branch/number; echo on > /branch/on; sync; ls /branch | wc -l").await, "2008\n");
    home.engine.unmount("one", "/branch").await.unwrap();
    assert_eq!(home.read(again, "on").await, b"on\n");

    // The present, which waits for the optimiser, and then is quick.
    home.engine.volume_optimiser_set("data", true).await.unwrap();
    home.mount("data", "one", "/data", MountMode::Rw).await.unwrap();
    assert!(opened(&home, &one, &folder).len() <= 4);
    assert_eq!(home.shell("one", "cat /data/number; echo 330 > /data/number; sync").await, "329");
    home.engine.unmount("one", "/data").await.unwrap();
    assert_eq!(home.read("data", "number").await, b"330\n");
    head_is_sound(&home, &volume);
}

/// `e2fsck` and `qemu-img check` on the head; the layers of a long history are judged elsewhere.
fn head_is_sound(home: &Home, volume: &Volume) {
    let head = head(&home.volume_folder(volume));
    run(Command::new("qemu-img").args(["check", "-q"]).arg(&head));
    let raw = home.host().join("judged.raw");
    std::fs::write(&raw, home.disk(volume)).unwrap();
    run(Command::new("e2fsck").arg("-fn").arg(&raw));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_that_qemu_would_not_survive_is_given_to_no_machine_and_never_grows_below_one() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    off(&home, "data").await;
    live_on(&home, 0, 508).await;
    let folder = home.volume_folder(&volume);
    let one = home.machine("one").await;
    // With the optimiser off, it is read as it is, as long as QEMU survives that.
    home.mount("data", "one", "/data", MountMode::Rw).await.unwrap();
    assert_eq!(home.shell("one", "cat /data/number").await, "507");
    let mut live = 0;
    let refusal = loop {
        home.shell("one", &format!("echo {live} > /data/live; sync")).await;
        match home.engine.checkpoint_create("data", Some(format!("live {live}"))).await {
            Ok(_) => live += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((live, refusal.kind()), (3, ErrorKind::Conflict), "{refusal}");
    assert!(refusal.message().contains("512 files") && refusal.to_string().contains("--optimiser on"), "{refusal}");
    let group = cairn_engine::NewCheckpointGroup { volumes: Vec::new(), vm: Some("one".into()), name: None };
    refused(home.engine.checkpoint_create_group(group).await, ErrorKind::Conflict);
    assert_eq!(home.shell("one", "cat /data/live; cat /data/number").await, "3\n507");
    // The optimiser makes it short while the machine runs; then there are checkpoints again.
    home.engine.volume_optimiser_set("data", true).await.unwrap();
    home.engine.volume_optimise("data").await.unwrap();
    home.checkpoint("data", "live again").await;
    assert!(opened(&home, &one, &folder).len() <= 4);
    home.engine.unmount("one", "/data").await.unwrap();

    off(&home, "data").await;
    live_on(&home, 508, 510).await;
    for mode in [MountMode::Rw, MountMode::Ro] {
        let error = refused(home.mount("data", "one", "/data", mode).await, ErrorKind::Conflict);
        assert!(error.message().contains("too many for a machine"), "{error}");
    }
    assert!(opened(&home, &one, &folder).is_empty());
    home.mount_at("data", "one", "/then", MountMode::Ro, Some("509")).await.unwrap();
    assert_eq!(home.shell("one", "cat /then/number").await, "509");
    assert!(opened(&home, &one, &folder).len() <= 3);
    home.engine.unmount("one", "/then").await.unwrap();
    home.engine.volume_optimiser_set("data", true).await.unwrap();
    home.mount("data", "one", "/data", MountMode::Rw).await.unwrap();
    assert_eq!(home.shell("one", "cat /data/number /data/live").await, "5093\n");
    home.engine.unmount("one", "/data").await.unwrap();
    head_is_sound(&home, &volume);
}
