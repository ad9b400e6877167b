//! A file's versions are found through all checkpoints, each once.

use cairn_engine::FileVersionKind::{Changed, Created, Deleted, Recreated};
use cairn_engine::{FileVersionKind, MountMode};

use crate::common::*;

async fn history(home: &Home, path: &str) -> Vec<(FileVersionKind, Option<String>, Option<u64>)> {
    let versions = home.engine.file_history("data", path).await.unwrap();
    let told =
        versions.into_iter().map(|version| (version.kind, version.checkpoint_name, version.file.map(|file| file.size)));
    told.collect()
}

fn at(name: &str) -> Option<String> {
    Some(name.to_owned())
}

#[tokio::test]
async fn a_file_is_followed_through_changes_deletion_and_return() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.checkpoint("data", "empty").await;
    home.write("data", "a/file", "1").await;
    home.checkpoint("data", "first").await;
    home.write("data", "other", "x").await;
    home.checkpoint("data", "same").await;
    home.write("data", "a/file", "22").await;
    home.checkpoint("data", "second").await;
    home.engine.file_delete("data", "a", true).await.unwrap();
    home.checkpoint("data", "gone").await;
    home.write("data", "other", "y").await;
    home.checkpoint("data", "still gone").await;
    home.write("data", "a/file", "333").await;
    home.checkpoint("data", "back").await;
    home.checkpoint("data", "nothing new").await;
    let expected = [
        (Created, at("first"), Some(1)),
        (Changed, at("second"), Some(2)),
        (Deleted, at("gone"), None),
        (Recreated, at("back"), Some(3)),
    ];
    assert_eq!(history(&home, "a/file").await, expected);
    home.write("data", "a/file", "4444").await;
    assert_eq!(history(&home, "a/file").await.last(), Some(&(Changed, None, Some(4))));
    assert_eq!(history(&home, "never").await, []);
    assert_eq!(history(&home, "other").await.len(), 2);

    // Going back takes nothing away, and what follows is told in the order in which it came.
    home.engine.checkpoint_restore("data", "first").await.unwrap();
    home.write("data", "a/file", "55555").await;
    let kept = home.engine.checkpoint_list("data").await.unwrap().pop().unwrap().name;
    home.checkpoint("data", "another line").await;
    home.engine.checkpoint_restore("data", "another line").await.unwrap();
    let versions = home.engine.file_history("data", "a/file").await.unwrap();
    let told: Vec<_> = versions.iter().map(|it| (it.elsewhere, it.kind, it.checkpoint_name.as_deref())).collect();
    let expected = [
        (false, Created, Some("first")),
        (true, Changed, Some("second")),
        (true, Deleted, Some("gone")),
        (true, Recreated, Some("back")),
        (true, Changed, Some(kept.as_str())),
        (false, Changed, Some("another line")),
    ];
    assert_eq!(told, expected);
    assert!(home.engine.file_history("data", "other").await.unwrap().iter().all(|version| version.elsewhere));
    home.judge(&volume);
}

#[tokio::test]
async fn many_checkpoints_are_no_hindrance() {
    let home = Home::new().await;
    home.volume("data").await;
    for number in 0..24 {
        let path = if number % 8 == 0 { "rare" } else { "often" };
        home.write("data", path, format!("{number}")).await;
        home.checkpoint("data", &format!("c{number}")).await;
    }
    let names: Vec<_> = history(&home, "rare").await.into_iter().map(|version| version.1.unwrap()).collect();
    assert_eq!(names, ["c0", "c8", "c16"]);
    assert_eq!(history(&home, "often").await.len(), 21);
}

#[tokio::test]
async fn what_a_guest_wrote_is_followed_while_it_writes() {
    let home = Home::new().await;
    home.volume("data").await;
    home.write("data", "file", "then").await;
    home.checkpoint("data", "before").await;
    home.machine("m").await;
    home.mount("data", "m", "/data", MountMode::Rw).await.unwrap();
    // The time is set back: only the bytes tell.
    home.shell("m", "touch -r /data/file /tmp/t; printf also > /data/file; touch -r /tmp/t /data/file; sync").await;
    home.checkpoint("data", "during").await;
    home.shell("m", "rm /data/file; sync").await;
    home.checkpoint("data", "after").await;
    let expected = [(Created, at("before"), Some(4)), (Changed, at("during"), Some(4)), (Deleted, at("after"), None)];
    assert_eq!(history(&home, "file").await, expected);
}

/// The same binary, run once more by a shell that allows it few open files.
#[tokio::test]
async fn more_checkpoints_than_files_may_be_open_are_listed_compared_followed_and_restored() {
    const CHILD: &str = "CAIRN_STORY_FEW_FILES";
    let by_night = std::env::var_os("CAIRN_NIGHTLY").is_some();
    let (count, limit) = if by_night { (1100, 256) } else { (80, 48) };
    if std::env::var_os(CHILD).is_none() {
        let name = "histories::more_checkpoints_than_files_may_be_open_are_listed_compared_followed_and_restored";
        let mut child = std::process::Command::new("sh");
        child.args(["-c", &format!("ulimit -S -n {limit}; exec \"$0\" --exact {name}")]);
        run(child.arg(std::env::current_exe().unwrap()).env(CHILD, "1"));
        return;
    }
    let home = Home::new().await;
    let volume = home.volume_of("data", 16 * MIB).await;
    for number in 0..count {
        if number % 40 == 0 {
            home.write("data", "file", format!("{number}")).await;
        }
        home.checkpoint("data", &format!("c{number}")).await;
    }
    assert_eq!(home.engine.checkpoint_list("data").await.unwrap().len(), count);
    assert_eq!(history(&home, "file").await.len(), count.div_ceil(40));
    let last = format!("c{}", count - 1);
    let diff = home.engine.checkpoint_diff("data", "c0", Some(&last), None).await.unwrap();
    assert_eq!((diff.changed, diff.added, diff.removed), (1, 0, 0));
    assert_eq!(home.read_at("data", "file", Some("c41")).await.unwrap(), b"40");
    home.engine.checkpoint_restore("data", "c1").await.unwrap();
    assert_eq!(home.read("data", "file").await, b"0");
    home.engine.checkpoint_restore("data", &last).await.unwrap();
    assert!(home.engine.store_check(None, false).await.unwrap().clean);
    let home = home.reopen_after(|_| {}).await;
    home.write("data", "file", "written on").await;
    home.judge(&volume);
}
