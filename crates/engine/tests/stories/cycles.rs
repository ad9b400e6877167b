//! Mounting, writing, taking a checkpoint and unmounting again and again leaves nothing behind: no block node, device,
//! job, export or open file in QEMU, no open file in the engine, no lease, no file that nothing names.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use cairn_engine::MountMode;
use serde_json::json;

use crate::attached::Qemu;
use crate::common::*;
use crate::hotplug::Monitor;

/// In its long form as many as were asked for.
fn cycles() -> usize {
    if std::env::var_os("CAIRN_NIGHTLY").is_some() { 200 } else { 10 }
}

/// The same binary, run once more: then nobody else opens files in this process.
#[test]
fn what_is_mounted_again_and_again_leaves_nothing_behind() {
    const CHILD: &str = "CAIRN_STORY_CYCLES";
    if std::env::var_os(CHILD).is_none() {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "cycles::what_is_mounted_again_and_again_leaves_nothing_behind", "--nocapture"]);
        print!("{}", run(child.env(CHILD, "1")));
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(again_and_again());
}

async fn again_and_again() {
    let home = Home::new().await;
    let data = home.volume("data").await;
    let folder = home.host().join("web");
    let monitor = Monitor::options(&folder);
    let options: Vec<&str> =
        monitor.iter().map(String::as_str).chain(["-device", "pcie-root-port,id=p1,chassis=1"]).collect();
    let qemu = Qemu::demo(&folder, "q35", &options);
    let mut monitor = Monitor::connect(&folder);
    home.attach(&qemu).await.unwrap();
    home.wait_for_agent(true).await;
    // What is made once, such as threads and connections, is made by the first ones.
    for number in 0..3 {
        cycle(&home, number).await;
    }
    let before = settled(&home, &qemu, &mut monitor).await;
    let begun = Instant::now();
    for number in 3..3 + cycles() {
        cycle(&home, number).await;
        assert!(home.engine.mount_list().await.unwrap().is_empty());
    }
    let each = begun.elapsed() / u32::try_from(cycles()).unwrap();
    // What goes on in the background of the last one, such as merging, may still have files open; that the chain is made
    // short is not waited for, it is done now.
    home.engine.volume_optimise("data").await.unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    let mut after = count(&home, &qemu, &mut monitor).await;
    while after != before && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(100)).await;
        after = count(&home, &qemu, &mut monitor).await;
    }
    assert_eq!(after, before, "after {} cycles", cycles());
    assert_eq!(unnamed_files(&home.volume_folder(&data)), BTreeSet::new());
    assert_eq!(home.engine.checkpoint_list("data").await.unwrap().len(), 3 + cycles());
    assert_eq!(home.read("data", "log").await.split(|byte| *byte == b'\n').count(), 4 + cycles());
    home.judge(&data);
    println!("{} cycles, {each:?} each, left nothing behind: {after:?}", cycles());
}

/// What there is when nothing goes on in the background any more: three times in a row the same.
async fn settled(home: &Home, qemu: &Qemu, monitor: &mut Monitor) -> Vec<(&'static str, usize)> {
    let (mut last, mut same) = (count(home, qemu, monitor).await, 0);
    while same < 3 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let now = count(home, qemu, monitor).await;
        same = if now == last { same + 1 } else { 0 };
        last = now;
    }
    last
}

async fn cycle(home: &Home, number: usize) {
    home.mount("data", "web", "/data", MountMode::Rw).await.unwrap();
    home.shell("web", &format!("echo {number} >> /data/log; head -c 100000 /dev/urandom > /data/noise")).await;
    assert!(!home.checkpoint("data", &format!("number {number}")).await.crash_consistent);
    home.engine.unmount("web", "/data").await.unwrap();
}

/// What there is of everything, by name.
async fn count(home: &Home, qemu: &Qemu, monitor: &mut Monitor) -> Vec<(&'static str, usize)> {
    let files = |pid: &str| std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
    let mut ask = |command: &str, arguments| monitor.ask(command, arguments).as_array().map_or(0, Vec::len);
    let mut found = vec![
        ("block nodes", ask("query-named-block-nodes", json!({"flat": true}))),
        ("devices", ask("qom-list", json!({"path": "/machine/peripheral"}))),
        ("jobs", ask("query-jobs", json!({}))),
        ("exports", ask("query-block-exports", json!({}))),
        ("QEMU's open files", files(&qemu.child.id().to_string())),
        ("the engine's open files", files("self")),
    ];
    let inside = |text: String| text.trim().parse::<usize>().unwrap();
    found.push(("mounts in the guest", inside(home.shell("web", "grep -c . /proc/mounts").await)));
    found.push(("disks in the guest", inside(home.shell("web", "ls /sys/block | grep -c ^vd || true").await)));
    found.push(("the guest's temporary files", inside(home.shell("web", "ls -A /tmp | grep -c . || true").await)));
    let machines = std::fs::read_dir(home.store().join("vms")).unwrap();
    let folders = machines.map(|machine| std::fs::read_dir(machine.unwrap().path()).unwrap().count());
    found.push(("files of the machine", folders.sum()));
    found
}

/// What lies in a volume's folder that its manifest does not name.
fn unnamed_files(folder: &Path) -> BTreeSet<String> {
    let manifest = manifest(folder);
    assert_eq!(manifest["mounts"], json!([]));
    assert!(manifest.get("intents").is_none_or(|intents| *intents == json!([])), "{}", manifest["intents"]);
    let layers = manifest["layers"].as_object().unwrap().keys().map(|layer| format!("{layer}.qcow2"));
    let base = manifest["base"]["id"].as_str().map(|base| format!("{base}.base.qcow2"));
    let named: BTreeSet<String> = layers.chain(base).collect();
    let there = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    there.filter(|name| !named.contains(name) && !name.starts_with("manifest") && name != "digests.json").collect()
}
