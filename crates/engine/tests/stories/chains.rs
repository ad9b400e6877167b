//! Any number of checkpoints at the speed of one: a head is read through few files, and what was is never touched.

use std::path::PathBuf;
use std::process::Command;

use cairn_engine::{Chain, ErrorKind, MountMode, OptimiserState, Volume};

use crate::common::*;

/// Checkpoints `from..to` named by their number, before each something is written.
async fn live_on(home: &Home, volume: &str, from: usize, to: usize) {
    for number in from..to {
        home.write(volume, &format!("file{}", number % 7), noise(50_000, number as u64)).await;
        if number % 3 == 0 {
            home.write(volume, "often", noise(9_000, number as u64)).await;
        }
        home.checkpoint(volume, &number.to_string()).await;
    }
}

fn base_file(home: &Home, volume: &Volume) -> Option<PathBuf> {
    let folder = home.volume_folder(volume);
    let id = manifest(&folder)["base"]["id"].as_str()?.to_owned();
    Some(folder.join(format!("{id}.base.qcow2")))
}

fn base_files(home: &Home, volume: &Volume) -> usize {
    let files = std::fs::read_dir(home.volume_folder(volume)).unwrap();
    files.filter(|file| is_base(&file.as_ref().unwrap().path())).count()
}

/// QEMU reads the same from the base as from the layer that it stands in for.
fn judge_base(home: &Home, volume: &Volume) {
    let folder = home.volume_folder(volume);
    let equals = folder.join(format!("{}.qcow2", manifest(&folder)["base"]["equals"].as_str().unwrap()));
    let base = base_file(home, volume).unwrap();
    run(Command::new("qemu-img").args(["check", "-q"]).arg(&base));
    run(Command::new("qemu-img").args(["compare", "-q"]).arg(base).arg(equals));
    home.judge(volume);
}

fn is_short(chain: &Chain, history: u32) {
    assert!(chain.files <= 4, "{chain:?}");
    assert_eq!(chain.history, history);
    assert_eq!(chain.optimiser, OptimiserState::Idle);
}

#[tokio::test]
async fn a_volume_with_many_checkpoints_is_read_through_few_files() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    live_on(&home, "data", 0, 3).await;
    let chain = home.engine.volume_optimise("data").await.unwrap();
    assert_eq!((chain.files, chain.history, &chain.base), (4, 4, &None), "there is nothing to make shorter");

    live_on(&home, "data", 3, 20).await;
    let folder = home.volume_folder(&volume);
    let before: Vec<(PathBuf, Vec<u8>)> =
        layers(&folder).into_iter().map(|layer| (layer.clone(), std::fs::read(&layer).unwrap())).collect();
    let chain = home.engine.volume_optimise("data").await.unwrap();
    is_short(&chain, 21);
    let base = chain.base.unwrap();
    assert!(base.disk_bytes > 0 && base.layers >= 18, "{base:?}");
    for (layer, bytes) in before {
        assert!(std::fs::read(&layer).unwrap() == bytes, "{} was touched", layer.display());
    }
    judge_base(&home, &volume);
    assert_eq!(home.read("data", "often").await, noise(9_000, 18));

    // It goes on: more is written and taken up, and every checkpoint is as it was.
    live_on(&home, "data", 20, 26).await;
    home.engine.file_delete("data", "file0", false).await.unwrap();
    is_short(&home.engine.volume_optimise("data").await.unwrap(), 27);
    assert_eq!(base_files(&home, &volume), 1);
    judge_base(&home, &volume);
    for number in (0..26).step_by(5) {
        let content = home.read_at("data", &format!("file{}", number % 7), Some(&number.to_string())).await.unwrap();
        assert!(content == noise(50_000, number as u64));
    }
    assert!(!home.paths("data", "").await.contains(&"file0".to_owned()));

    // The newest checkpoint stands on the same base, an old one does not.
    home.engine.checkpoint_restore("data", "25").await.unwrap();
    assert_eq!(base_files(&home, &volume), 1);
    assert!(home.engine.volume_chain("data").await.unwrap().files <= 4);
    assert_eq!(home.read("data", "file0").await, noise(50_000, 21));
    home.engine.checkpoint_restore("data", "12").await.unwrap();
    assert_eq!(base_files(&home, &volume), 0);
    assert_eq!(home.read("data", "file5").await, noise(50_000, 12));
    is_short(&home.engine.volume_optimise("data").await.unwrap(), 14);
    judge_base(&home, &volume);
}

#[tokio::test]
async fn a_base_is_only_a_cache() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    live_on(&home, "data", 0, 8).await;
    home.engine.volume_optimise("data").await.unwrap();
    let base = base_file(&home, &volume).unwrap();
    // Gone, damaged, half of it there: the history has everything.
    let home = home.reopen_after(|_| std::fs::remove_file(&base).unwrap()).await;
    assert_eq!(home.read("data", "file0").await, noise(50_000, 7));
    assert_eq!(home.engine.volume_chain("data").await.unwrap().history, 9);
    is_short(&home.engine.volume_optimise("data").await.unwrap(), 9);
    let base = base_file(&home, &volume).unwrap();
    let home = home.reopen_after(|_| std::fs::write(&base, noise(300_000, 1)).unwrap()).await;
    assert_eq!(home.read("data", "file0").await, noise(50_000, 7));
    home.write("data", "more", "more").await;
    live_on(&home, "data", 8, 14).await;
    is_short(&home.engine.volume_optimise("data").await.unwrap(), 15);
    judge_base(&home, &volume);
    // One that nobody knows is removed.
    let (base, stray) = (base_file(&home, &volume).unwrap(), another(&base_file(&home, &volume).unwrap()));
    let home = home.reopen_after(|_| assert!(std::fs::copy(&base, &stray).unwrap() > 0)).await;
    assert!(base.exists(), "{}", base.display());
    assert!(!stray.exists(), "{}", stray.display());

    // Switched off, it gives its room back; on, it comes again.
    let chain = home.engine.volume_optimiser_set("data", false).await.unwrap();
    assert_eq!((chain.base, chain.optimiser, chain.files), (None, OptimiserState::Off, 15));
    assert_eq!(base_files(&home, &volume), 0);
    refused(home.engine.volume_optimise("data").await, ErrorKind::Conflict);
    let home = home.reopen_after(|_| ()).await;
    assert_eq!(home.engine.volume_chain("data").await.unwrap().optimiser, OptimiserState::Off);
    home.engine.volume_optimiser_set("data", true).await.unwrap();
    is_short(&home.engine.volume_optimise("data").await.unwrap(), 15);
}

/// The same file under another base's name.
fn another(base: &std::path::Path) -> PathBuf {
    let name = base.file_name().unwrap().to_str().unwrap();
    let (id, ending) = name.split_once('.').unwrap();
    let last = if id.ends_with('a') { "b" } else { "a" };
    base.with_file_name(format!("{}{last}.{ending}", &id[..id.len() - 1]))
}

#[tokio::test]
async fn the_optimiser_works_by_itself_behind_everything_else() {
    let home = Home::new().await;
    home.volume("data").await;
    live_on(&home, "data", 0, 9).await;
    while home.engine.volume_chain("data").await.unwrap().files > 4 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(home.read("data", "file1").await, noise(50_000, 8));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_that_writes_is_moved_onto_the_base_and_stays_on_a_short_chain() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    live_on(&home, "data", 0, 10).await;
    home.engine.volume_optimiser_set("data", false).await.unwrap();
    home.machine("guest").await;
    home.mount("data", "guest", "/data", MountMode::Rw).await.unwrap();
    let writer = "(n=0; while :; do n=$((n+1)); echo $n >> /data/log; dd if=/dev/urandom of=/data/f$((n%20)) \
                  bs=4k count=9 2>/dev/null; done) >/dev/null 2>&1 & echo $!";
    let writer = home.shell("guest", writer).await.trim().to_owned();
    home.engine.volume_optimiser_set("data", true).await.unwrap();

    let chain = home.engine.volume_optimise("data").await.unwrap();
    is_short(&chain, 11);
    // Taken while the machine stands on its base, and committed by the machine.
    for number in 0..6 {
        home.shell("guest", "echo on >> /data/on; sync").await;
        home.checkpoint("data", &format!("live{number}")).await;
    }
    let chain = home.engine.volume_optimise("data").await.unwrap();
    is_short(&chain, 17);
    assert_eq!(base_files(&home, &volume), 1);
    home.shell("guest", &format!("kill {writer}; md5sum /data/log /data/file3; sync")).await;
    let log = home.shell("guest", "cat /data/log").await;
    // What was killed may not have ended yet.
    while let Err(error) = home.engine.unmount("guest", "/data").await {
        assert_eq!(error.kind(), ErrorKind::InUse, "{error}");
    }
    judge_base(&home, &volume);
    assert_eq!(home.read("data", "log").await, log.as_bytes());
    assert_eq!(home.read("data", "on").await, b"on\n".repeat(6));
    assert_eq!(home.read_at("data", "on", Some("live2")).await.unwrap(), b"on\n".repeat(3));

    // Mounted again it stands on the base from the beginning.
    home.mount("data", "guest", "/data", MountMode::Rw).await.unwrap();
    assert_eq!(home.shell("guest", "cat /data/on").await, "on\n".repeat(6));
    home.shell("guest", "echo again > /data/again; sync").await;
    home.engine.unmount("guest", "/data").await.unwrap();
    assert_eq!(home.read("data", "again").await, b"again\n");
    judge_base(&home, &volume);
    assert!(home.engine.volume_chain("data").await.unwrap().files <= 4);
}
