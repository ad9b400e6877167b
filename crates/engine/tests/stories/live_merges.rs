//! Deleting checkpoints of a volume that a guest writes: the machine merges the layers itself, the room comes back at
//! once, and nobody sees a difference.

use std::path::{Path, PathBuf};

use cairn_engine::{Deletion, MergeTime, MountMode, Volume};

use crate::common::*;
use crate::deletions::{digests, replace_thrice};

const VM: &str = "guest";

/// Writes a log and small files all the time; answers the writer's process in the guest.
async fn keep_writing(home: &Home) -> String {
    let writer = "(n=0; while :; do n=$((n+1)); echo $n >> /data/log; dd if=/dev/urandom of=/data/f$((n%20)) \
                  bs=4k count=3 2>/dev/null; sleep 0.02; done) >/dev/null 2>&1 & echo $!";
    home.shell(VM, writer).await.trim().to_owned()
}

/// The guest replaces a file.
async fn replace(home: &Home, file: &str, mebibytes: u64) {
    let command = format!("dd if=/dev/urandom of=/data/{file} bs=1M count={mebibytes} conv=notrunc 2>/dev/null; sync");
    home.shell(VM, &command).await;
}

/// The files of the volume that the machine has open.
async fn open_files(home: &Home, volume: &Volume) -> Vec<PathBuf> {
    let pid = home.engine.vm_get(VM).await.unwrap().pid.unwrap();
    let open = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let open = open.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok());
    let mut open: Vec<PathBuf> = open.filter(|file| file.starts_with(home.volume_folder(volume))).collect();
    open.sort();
    open.dedup();
    open
}

fn bytes(files: &[PathBuf]) -> u64 {
    let blocks = |file: &PathBuf| std::os::unix::fs::MetadataExt::blocks(&std::fs::metadata(file).unwrap());
    files.iter().map(|file| blocks(file) * 512).sum()
}

/// Deletes a checkpoint below a guest that writes: all others stay, and the machine has left open what is there.
async fn delete(home: &Home, volume: &Volume, name: &str) -> Deletion {
    let folder = home.volume_folder(volume);
    let (mut expected, before) = (digests(home, volume).await, layers(&folder));
    expected.remove(name);
    let plan = home.engine.checkpoint_delete_plan("data", name).await.unwrap();
    let size = bytes(&before);
    let done = home.engine.checkpoint_delete("data", name).await.unwrap();
    let after = layers(&folder);
    println!("{name}: {} of {size} bytes came back: {done:?}", size as i64 - bytes(&after) as i64);
    assert_eq!(digests(home, volume).await, expected, "without '{name}': {done:?}");
    assert_eq!(plan.merges.len(), done.merges.len());
    if done.merges.iter().all(|merge| merge.when == MergeTime::Now) {
        assert_eq!(plan.merges[0].when, MergeTime::Now, "it was planned: {plan:?}");
        assert_eq!(after.len(), before.len() - 1, "the layer is gone: {done:?}");
    }
    let on_base = !manifest(&folder)["base"].is_null();
    if !on_base {
        assert_eq!(open_files(home, volume).await, after, "the machine has nothing else open");
    }
    for layer in after.iter().filter(|layer| **layer != head(&folder)) {
        run(std::process::Command::new("qemu-img").args(["check", "-q"]).arg(layer));
    }
    done
}

/// The writer ends, and everything is right.
async fn end(home: &Home, volume: &Volume, writer: &str) {
    home.shell(VM, &format!("kill {writer}; sync")).await;
    let log = home.shell(VM, "cat /data/log").await;
    while let Err(error) = home.engine.unmount(VM, "/data").await {
        assert_eq!(error.kind(), cairn_engine::ErrorKind::InUse, "{error}");
    }
    let read = home.read("data", "log").await;
    assert!(read.starts_with(log.as_bytes()), "what the guest wrote is there");
    home.judge(volume);
    let check = home.engine.store_check(None, true).await.unwrap();
    assert!(check.clean, "{:?}", check.findings);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_machine_merges_what_it_has_open_while_its_guest_writes() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    replace_thrice(&home, 4 * MIB).await;
    home.machine(VM).await;
    home.mount("data", VM, "/data", MountMode::Rw).await.unwrap();
    let writer = keep_writing(&home).await;
    home.engine.volume_optimiser_set("data", false).await.unwrap();

    // Layers that QEMU has opened by itself; then some that it got while it ran.
    let done = delete(&home, &volume, "two").await;
    assert!(done.freed_bytes > 3 * MIB && done.later_bytes == 0, "{done:?}");
    for name in ["live one", "live two", "live three"] {
        replace(&home, "file", 4).await;
        home.checkpoint("data", name).await;
    }
    let done = delete(&home, &volume, "live two").await;
    assert!(done.freed_bytes > 3 * MIB && done.merges[0].when == MergeTime::Now, "{done:?}");
    // The present takes over what it hides already.
    replace(&home, "file", 4).await;
    let done = delete(&home, &volume, "live three").await;
    assert!(done.merges[0].is_present && done.freed_bytes > 3 * MIB, "{done:?}");

    // Much below little: that little goes down, and the checkpoint with it.
    replace(&home, "much", 8).await;
    home.checkpoint("data", "much").await;
    for name in ["little", "less"] {
        replace(&home, "small", 1).await;
        home.checkpoint("data", name).await;
    }
    let done = delete(&home, &volume, "much").await;
    assert!(done.merges[0].when == MergeTime::Now && done.written_bytes < 4 * MIB, "{done:?}");
    assert_eq!(done.merges[0].into.as_deref(), Some("little"));
    home.shell(VM, "cmp /data/much /data/much").await;
    // Into the present all of it would have to be written, for nearly nothing: that waits.
    delete(&home, &volume, "less").await;
    let done = delete(&home, &volume, "little").await;
    assert_eq!(done.merges[0].when, MergeTime::Later, "{done:?}");
    assert_eq!(done.written_bytes, 0, "{done:?}");
    end(&home, &volume, &writer).await;
    let names: Vec<String> = home.engine.checkpoint_list("data").await.unwrap().into_iter().map(|c| c.name).collect();
    assert_eq!(names, ["one", "three", "live one"]);
    assert_eq!(layers(&home.volume_folder(&volume)).len(), 4, "the rest was merged when the machine let go");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_on_a_private_base_merges_what_lies_above_it() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    for number in 0..8 {
        home.write("data", "file", noise(2 * MIB as usize, number)).await;
        home.checkpoint("data", &number.to_string()).await;
    }
    home.engine.volume_optimise("data").await.unwrap();
    home.machine(VM).await;
    home.mount("data", VM, "/data", MountMode::Rw).await.unwrap();
    let writer = keep_writing(&home).await;
    home.checkpoint("data", "live one").await;
    replace(&home, "file", 2).await;
    home.checkpoint("data", "live two").await;
    replace(&home, "file", 2).await;
    let is_open = |files: &[PathBuf]| files.iter().any(|file| is_base(file));
    assert!(is_open(&open_files(&home, &volume).await), "it stands on the base");
    // What the base stands in for nobody has open.
    delete(&home, &volume, "4").await;
    let done = delete(&home, &volume, "live two").await;
    assert!(done.merges[0].is_present && done.merges[0].when == MergeTime::Now, "{done:?}");
    replace(&home, "file", 2).await;
    home.checkpoint("data", "live three").await;
    delete(&home, &volume, "live one").await;
    assert!(home.engine.volume_optimise("data").await.unwrap().files <= 4);
    // What is below the base.
    delete(&home, &volume, "0").await;
    delete(&home, &volume, "7").await;
    let open: Vec<PathBuf> = open_files(&home, &volume).await;
    assert!(open.iter().all(|file| Path::exists(file)), "nothing stays open that has gone: {open:?}");
    end(&home, &volume, &writer).await;
    for number in [1, 2, 3, 5, 6] {
        let content = home.read_at("data", "file", Some(&number.to_string())).await.unwrap();
        assert!(content == noise(2 * MIB as usize, number), "{number}");
    }
    assert!(home.engine.volume_optimise("data").await.unwrap().files <= 4);
    home.judge(&volume);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_a_checkpoint_is_waited_for_and_who_comes_later_waits_not() {
    use std::io::Read as _;
    let home = Home::new().await;
    let volume = home.volume("data").await;
    replace_thrice(&home, 4 * MIB).await;
    home.machine(VM).await;
    home.mount("data", VM, "/data", MountMode::Rw).await.unwrap();
    let mut reader = home.engine.file_read("data", "file", Some("three")).await.unwrap();
    let done = home.engine.checkpoint_delete("data", "two").await.unwrap();
    assert_eq!(done.merges[0].when, MergeTime::Later, "QEMU is kept from writing: {done:?}");
    assert!(manifest(&home.volume_folder(&volume))["intents"].is_null(), "and that is forgotten");
    home.shell(VM, "echo on > /data/on; sync").await;
    let mut content = Vec::new();
    reader.read_to_end(&mut content).unwrap();
    assert!(content == noise(4 * MIB as usize, 2));
    drop(reader);
    // It is tried again by itself.
    while layers(&home.volume_folder(&volume)).len() > 3 {
        let content = home.read_at("data", "file", Some("three")).await.unwrap();
        assert!(content == noise(4 * MIB as usize, 2));
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    home.engine.unmount(VM, "/data").await.unwrap();
    assert_eq!(home.read("data", "on").await, b"on\n");
    home.judge(&volume);
}
