//! What differs between checkpoints and the present is told, whichever way it came about.

use cairn_engine::{Diff, DiffKind, ErrorKind, MountMode, VolumeChange};

use crate::common::*;

async fn diff(home: &Home, from: &str, to: Option<&str>) -> Vec<String> {
    said(&home.engine.checkpoint_diff("data", from, to, None).await.unwrap())
}

fn said(diff: &Diff) -> Vec<String> {
    let line = |entry: &cairn_engine::DiffEntry| {
        let what = match entry.kind {
            DiffKind::Added => "+",
            DiffKind::Removed => "-",
            DiffKind::Changed if entry.content => "~",
            DiffKind::Changed => "*",
            DiffKind::Renamed => ">",
        };
        let from = entry.from.as_ref().map(|from| format!("{from} ")).unwrap_or_default();
        format!("{what} {from}{}", entry.path)
    };
    diff.entries.iter().map(line).collect()
}

#[tokio::test]
async fn checkpoints_and_the_present_are_compared_along_and_across_the_tree() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.write("data", "docs/one", "1").await;
    home.write("data", "docs/two", "22").await;
    home.checkpoint("data", "first").await;
    assert!(diff(&home, "first", None).await.is_empty());
    home.write("data", "docs/one", "changed").await;
    home.engine.file_rename("data", "docs/two", "second").await.unwrap();
    home.checkpoint("data", "left").await;
    home.engine.file_delete("data", "second", false).await.unwrap();
    home.write("data", "new", "new").await;

    assert_eq!(diff(&home, "first", Some("left")).await, ["~ docs/one", "> docs/two second"]);
    assert_eq!(diff(&home, "left", Some("first")).await, ["~ docs/one", "> second docs/two"]);
    assert_eq!(diff(&home, "left", None).await, ["+ new", "- second"]);
    assert_eq!(diff(&home, "first", None).await, ["~ docs/one", "- docs/two", "+ new"]);
    assert!(diff(&home, "left", Some("left")).await.is_empty());

    // Another branch of the tree, and a volume that has grown.
    home.engine.checkpoint_restore("data", "first").await.unwrap();
    home.write("data", "docs/three", "3").await;
    let quota = VolumeChange { quota_bytes: Some(200 * MIB), ..VolumeChange::default() };
    home.engine.volume_update("data", quota).await.unwrap();
    home.write("data", "after", noise(80 << 20, 1)).await;
    assert_eq!(diff(&home, "left", None).await, ["+ after", "~ docs/one", "+ docs/three", "> second docs/two"]);
    let some = home.engine.checkpoint_diff("data", "left", None, Some(1)).await.unwrap();
    assert_eq!((some.added, some.removed, some.changed, some.renamed, some.truncated), (2, 0, 1, 1, true));
    assert_eq!(some.entries[0].size_after, Some(80 << 20));
    refused(home.engine.checkpoint_diff("data", "never", None, None).await, ErrorKind::NotFound);
    home.judge(&volume);
}

#[tokio::test]
async fn what_a_guest_writes_is_compared_by_checkpoints_while_it_writes() {
    let home = Home::new().await;
    home.volume("data").await;
    home.write("data", "old", "old").await;
    home.checkpoint("data", "before").await;
    home.machine("m").await;
    home.mount("data", "m", "/data", MountMode::Rw).await.unwrap();
    home.shell("m", "mkdir /data/d; echo new > /data/d/new; chmod 600 /data/old; sync").await;
    home.checkpoint("data", "during").await;
    home.shell("m", "mv /data/d /data/e; echo more >> /data/e/new").await;
    home.checkpoint("data", "later").await;
    assert_eq!(diff(&home, "before", Some("during")).await, ["+ d", "+ d/new", "* old"]);
    assert_eq!(diff(&home, "during", Some("later")).await, ["> d e", "~ e/new"]);
    refused(home.engine.checkpoint_diff("data", "before", None, None).await, ErrorKind::InUse);
}
