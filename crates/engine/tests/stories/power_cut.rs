//! Checkpoints that are like after a power cut, and the guests that read them.

use cairn_engine::MountMode;

use crate::common::*;

/// What stands in for checkpoints in a volume's folder.
fn stand_ins(home: &Home, volume: &cairn_engine::Volume) -> usize {
    let names = std::fs::read_dir(home.volume_folder(volume)).unwrap();
    names.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("standin")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_consistent_checkpoint_is_mounted_by_many_with_its_journal_replayed() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.machine("one").await;
    home.machine("two").await;
    home.mount("data", "one", "/data", MountMode::Rw).await.unwrap();
    // What was synchronised is in the journal, and not in its places yet.
    home.shell("one", "for n in $(seq 9); do mkdir /data/$n; echo $n > /data/$n/file; done; sync").await;
    // It cannot be frozen, because its agent looks for it elsewhere: another mount lies above it.
    home.shell("one", "mkdir -p /proc/x 2> /dev/null; mount -t tmpfs none /data").await;
    let taken = home.checkpoint("data", "like a power cut").await;
    home.shell("one", "umount /data").await;
    assert!(taken.crash_consistent, "{taken:?}");
    let layer = manifest(&home.volume_folder(&volume))["checkpoints"][0]["layer"].as_str().unwrap().to_owned();
    let layer = home.volume_folder(&volume).join(format!("{layer}.qcow2"));
    let before = std::fs::read(&layer).unwrap();
    home.shell("one", "rm -r /data/1; sync").await;

    home.mount_at("data", "two", "/then", MountMode::Ro, Some("latest")).await.unwrap();
    assert_eq!(stand_ins(&home, &volume), 1, "the journal had something in it");
    let look = "cat /then/*/file | wc -l; mount | grep -c ' /then .*noload'; true";
    assert_eq!(home.shell("two", look).await, "9\n0\n");
    home.machine("three").await;
    home.mount_at("data", "three", "/then", MountMode::Ro, Some("latest")).await.unwrap();
    assert_eq!(home.shell("three", look).await, "9\n0\n");
    assert_eq!(stand_ins(&home, &volume), 1);
    assert!(std::fs::read(&layer).unwrap() == before, "the checkpoint itself is not written");

    // It goes with the last that has it, also when an engine dies in between.
    let home = home.die_and_reopen_after(|_| {}).await;
    home.engine.unmount("two", "/then").await.unwrap();
    assert_eq!(home.shell("three", look).await, "9\n0\n");
    assert_eq!(stand_ins(&home, &volume), 1);
    home.engine.unmount("three", "/then").await.unwrap();
    assert_eq!(stand_ins(&home, &volume), 0);
    home.engine.unmount("one", "/data").await.unwrap();
    home.judge(&volume);
}
