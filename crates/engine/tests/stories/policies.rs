//! What Cairn does with a volume by itself, and a clock that goes back meanwhile.

use cairn_engine::{Keep, PolicyChange};

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
        home.engine.policy_set("data", PolicyChange { keep: Some(keep), before_mount: None }).await.unwrap();
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
    home.engine.policy_set("data", PolicyChange { keep, before_mount: None }).await.unwrap();
    home.engine.checkpoint_prune("data").await.unwrap();
    assert_eq!(kept(&home).await, ["2"], "the one that was taken last, whatever the clock said");
    home.judge(&volume);
}
