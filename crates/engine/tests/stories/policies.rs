//! What Cairn does with a volume by itself, and a clock that goes back meanwhile.

use std::time::Duration;

use cairn_engine::{Clock, ErrorKind, Keep, MountMode, PolicyChange};

use crate::common::*;

/// Goes back often, so that there are automatic checkpoints; then the first of them are moved to other times.
async fn with_automatic(home: Home, times: &[&str]) -> (Home, cairn_engine::Volume) {
    let volume = home.volume("data").await;
    home.checkpoint("data", "asked for").await;
    for number in 0..times.len() {
        home.write("data", "file", format!("{number}")).await;
        home.engine.checkpoint_restore("data", "asked for").await.unwrap();
    }
    let folder = home.volume_folder(&volume);
    let home = home
        .reopen_after(|_| {
            let mut manifest = manifest(&folder);
            for (number, time) in times.iter().enumerate() {
                manifest["checkpoints"][number + 1]["created_at"] = (*time).into();
            }
            crate::crashes::put_manifest(&folder, &manifest);
        })
        .await;
    (home, volume)
}

async fn kept(home: &Home) -> Vec<String> {
    let mut kept = Vec::new();
    for checkpoint in home.engine.checkpoint_list("data").await.unwrap().into_iter().filter(|found| found.automatic) {
        let content = home.read_at("data", "file", Some(checkpoint.id.as_str())).await.unwrap();
        kept.push(String::from_utf8(content).unwrap());
    }
    kept
}

#[tokio::test]
async fn a_pruning_shows_its_plan_keeps_what_the_policy_says_and_all_that_was_asked_for() {
    let times = [
        "2024-01-31T23:10:00Z",
        "2024-02-01T00:10:00Z",
        "2024-02-05T10:10:00Z",
        "2024-02-05T10:20:00Z",
        "2024-02-05T11:10:00Z",
        "2024-02-06T11:10:00Z",
    ];
    let all = ["0", "1", "2", "3", "4", "5"];
    let cases = [
        (Keep::default(), &all[..]),
        (Keep { last: 1, ..Keep::default() }, &["5"]),
        (Keep { hourly: 3, ..Keep::default() }, &["3", "4", "5"]),
        (Keep { daily: 2, ..Keep::default() }, &["4", "5"]),
        (Keep { weekly: 2, ..Keep::default() }, &["1", "5"]),
        (Keep { monthly: 9, last: 2, ..Keep::default() }, &["0", "4", "5"]),
    ];
    for (keep, expected) in cases {
        let (home, volume) = with_automatic(Home::new().await, &times).await;
        home.engine.policy_set("data", PolicyChange { keep: Some(keep), ..PolicyChange::default() }).await.unwrap();
        let home = home.reopen_after(|_| {}).await;
        assert_eq!(home.engine.policy_get("data").await.unwrap().keep, keep);
        let plan = home.engine.checkpoint_prune_plan("data").await.unwrap();
        assert_eq!(kept(&home).await, all, "a plan deletes nothing");
        let pruned = home.engine.checkpoint_prune("data").await.unwrap();
        assert_eq!((plan.len(), pruned.len()), (all.len() - expected.len(), all.len() - expected.len()));
        assert_eq!(kept(&home).await, expected, "{keep:?}");
        assert_eq!(home.engine.checkpoint_list("data").await.unwrap()[0].name, "asked for");
        home.judge(&volume);
    }
}

#[tokio::test]
async fn a_clock_that_goes_back_changes_no_order_and_prunes_nothing_new() {
    let (home, volume) = with_automatic(Home::new().await, &["2190-01-01T00:00:00Z", "2180-01-01T00:00:00Z"]).await;
    home.write("data", "file", "2").await;
    home.engine.checkpoint_restore("data", "asked for").await.unwrap();
    assert_eq!(kept(&home).await, ["0", "1", "2"], "the order in which they were taken");
    home.write("data", "file", "latest").await;
    home.engine.checkpoint_create("data", None).await.unwrap();
    assert_eq!(home.read_at("data", "file", Some("latest")).await.unwrap(), b"latest");
    let keep = Some(Keep { last: 1, ..Keep::default() });
    home.engine.policy_set("data", PolicyChange { keep, ..PolicyChange::default() }).await.unwrap();
    home.engine.checkpoint_prune("data").await.unwrap();
    assert_eq!(kept(&home).await, ["2"], "the one that was taken last, whatever the clock said");
    home.judge(&volume);
}

#[tokio::test]
async fn a_folder_that_is_not_empty_is_kept_before_it_is_deleted() {
    let home = Home::new().await;
    home.volume("data").await;
    home.write("data", "folder/file", "dear").await;
    home.write("data", "single", "cheap").await;
    home.engine.file_mkdir("data", "empty").await.unwrap();
    let change = PolicyChange { before_delete: Some(true), ..PolicyChange::default() };
    assert!(home.engine.policy_set("data", change).await.unwrap().before_delete);
    for path in ["single", "empty"] {
        home.engine.file_delete("data", path, true).await.unwrap();
    }
    refused(home.engine.file_delete("data", "folder", false).await, ErrorKind::Conflict);
    assert!(home.engine.checkpoint_list("data").await.unwrap().is_empty());
    home.engine.file_delete("data", "folder", true).await.unwrap();
    let taken = home.engine.checkpoint_list("data").await.unwrap();
    assert!(taken.len() == 1 && taken[0].automatic && taken[0].name.contains("before deleting"), "{taken:?}");
    assert_eq!(home.read_at("data", "folder/file", Some("latest")).await.unwrap(), b"dear");
}

#[tokio::test]
async fn many_files_are_kept_before_they_are_deleted_at_once_or_one_by_one() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    for number in 0..30 {
        home.write("data", &format!("photos/{number}"), noise(3000, number)).await;
    }
    home.write("data", "letter", "dear").await;
    let change = PolicyChange { before_delete: Some(true), ..PolicyChange::default() };
    home.engine.policy_set("data", change).await.unwrap();
    let delete = async |paths: &[&str], recursive| {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        home.engine.files_delete("data", &paths, recursive).await
    };
    // All or none, and nothing is kept for what is refused.
    refused(delete(&["letter", "photos/0", "nowhere"], false).await, ErrorKind::NotFound);
    refused(delete(&["letter", "photos"], false).await, ErrorKind::Conflict);
    refused(delete(&[], false).await, ErrorKind::InvalidInput);
    assert_eq!(home.paths("data", "photos/").await.len(), 30);
    assert!(home.engine.checkpoint_list("data").await.unwrap().is_empty());

    delete(&["letter", "photos/29", "letter"], false).await.unwrap();
    let taken = home.engine.checkpoint_list("data").await.unwrap();
    assert!(taken.len() == 1 && taken[0].automatic, "{taken:?}");
    assert_eq!(home.read_at("data", "letter", Some("latest")).await.unwrap(), b"dear");
    assert_eq!(home.paths("data", "").await.len(), 30, "the folder and 29 photos are left");

    // One by one: nothing for the first few, one checkpoint before it becomes many, and no more of them.
    for number in 0..20 {
        home.engine.file_delete("data", &format!("photos/{number}"), false).await.unwrap();
        let taken = home.engine.checkpoint_list("data").await.unwrap().len();
        assert_eq!(taken, if number < 9 { 1 } else { 2 }, "photo {number}");
    }
    let kept = home.read_at("data", "photos/9", Some("latest")).await.unwrap();
    assert!(kept == noise(3000, 9), "the tenth is in it");
    // What lies in a folder that goes goes with it.
    delete(&["photos", "photos/20"], true).await.unwrap();
    assert!(home.paths("data", "").await.is_empty());
    home.judge(&volume);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_takes_one_checkpoint_in_each_period_in_which_something_was_written() {
    let home = Home::new().await;
    home.volume("data").await;
    home.volume("another").await;
    let now = home.checkpoint("data", "asked for").await.created_at;
    let hour = Duration::from_secs(3600);
    let at = |hours: u32, running: u32| Clock { wall: now + hour * hours, running: hour * running };
    let keep = Some(Keep { last: 2, ..Keep::default() });
    let change = PolicyChange { every_minutes: Some(60), keep, ..PolicyChange::default() };
    home.engine.policy_set("data", change).await.unwrap();
    assert_eq!(home.engine.run_schedules(at(0, 1)).await, 0, "one was taken in this hour");
    assert_eq!(home.engine.run_schedules(at(1, 2)).await, 0, "nothing was written");
    for hours in 2..6 {
        home.write("data", "file", format!("{hours}")).await;
        assert_eq!(home.engine.run_schedules(at(hours, hours + 1)).await, 1);
        assert_eq!(home.engine.run_schedules(at(hours, hours + 1)).await, 0);
    }
    // A month forward at once, then back: no more than one for each hour that has really gone by.
    home.write("data", "file", "later").await;
    assert_eq!(home.engine.run_schedules(at(720, 6)).await, 0);
    let back = Clock { wall: now - hour * 720, running: hour * 7 };
    assert_eq!(home.engine.run_schedules(back).await, 1);
    let taken = home.engine.checkpoint_list("data").await.unwrap();
    assert_eq!(taken.len(), 3, "two automatic ones are kept, and what was asked for: {taken:?}");
    assert!(taken[1..].iter().all(|taken| taken.automatic && taken.name.contains("on schedule")), "{taken:?}");
    for wrong in
        [PolicyChange { every_minutes: Some(u32::MAX), ..change }, PolicyChange { at_minute: Some(1440), ..change }]
    {
        refused(home.engine.policy_set("data", wrong).await, ErrorKind::InvalidInput);
    }

    // A machine that has it and writes nothing costs nothing.
    home.machine("demo").await;
    home.mount("data", "demo", "/data", MountMode::Rw).await.unwrap();
    home.shell("demo", "echo guest > /data/guest; sync").await;
    assert_eq!(home.engine.run_schedules(at(9, 9)).await, 1);
    assert_eq!(home.engine.run_schedules(at(11, 11)).await, 0, "nothing was written");
    home.shell("demo", "echo more > /data/guest; sync").await;
    assert_eq!(home.engine.run_schedules(at(12, 12)).await, 1);
}
