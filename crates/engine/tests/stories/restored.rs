//! Files of a checkpoint come back into the present, as they were, and nothing else changes.

use std::fs;
use std::process::Command;

use cairn_engine::{ErrorKind, MountMode, RestoreFiles, Transfer, TransferState};

use crate::archives::{anatomy, archive, extract, make_difficult_tree, replace_head};
use crate::common::*;

async fn restore(home: &Home, from: &str, paths: &[&str], to: Option<&str>) -> Transfer {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    let wanted = RestoreFiles { from: from.into(), paths, destination: to.map(str::to_owned) };
    let transfer = home.engine.checkpoint_restore_files("data", wanted).await.unwrap();
    home.engine.transfer_wait(transfer.id.as_str()).await.unwrap()
}

#[tokio::test]
async fn a_folder_comes_back_with_all_that_linux_knew_of_it() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let made = home.host().join("made");
    make_difficult_tree(&made);
    // A file longer than the volume would have to fit; a pipe has no content to copy.
    fs::remove_file(made.join("deep/sparse")).unwrap();
    run(Command::new("touch").args(["-d", "1999-01-02 03:04:05"]).arg(made.join("deep")));
    replace_head(&home, &volume, &made);
    home.checkpoint("data", "then").await;
    home.engine.file_delete("data", "deep", true).await.unwrap();
    let mut events = home.engine.subscribe();
    done(&restore(&home, "then", &["deep"], None).await);
    assert!(notices(&mut events).iter().any(|(_, notice)| notice.contains("deep/pipe")));

    let out = home.host().join("out");
    let bytes = archive(&home, &["/"], None).await.unwrap();
    let note = b"SCHILY.xattr.user.note=hello\n";
    assert_eq!(bytes.windows(note.len()).filter(|window| window == note).count(), 1);
    extract(&bytes, &out);
    let mut expected = anatomy(&made);
    expected.remove(&b"deep/pipe"[..]).unwrap();
    let found = anatomy(&out);
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, expected) in expected {
        assert!(found[&name] == expected, "{} differs", String::from_utf8_lossy(&name));
    }
    home.judge(&volume);
}

#[tokio::test]
async fn files_go_back_to_their_places_or_elsewhere_and_what_came_since_stays() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.write("data", "a/one", "then").await;
    home.write("data", "a/two", "then").await;
    home.write("data", "b/three", "then").await;
    home.checkpoint("data", "then").await;
    home.write("data", "a/one", "now").await;
    home.write("data", "a/since", "now").await;
    home.engine.file_delete("data", "b", true).await.unwrap();

    done(&restore(&home, "latest", &["a/one"], Some("old/")).await);
    assert_eq!(home.read("data", "old/one").await, b"then");
    assert_eq!(home.read("data", "a/one").await, b"now");
    // One path lies in the other.
    done(&restore(&home, "then", &["b/three", "a", "a/two"], None).await);
    for (path, content) in [("a/one", "then"), ("a/two", "then"), ("b/three", "then"), ("a/since", "now")] {
        assert_eq!(home.read("data", path).await, content.as_bytes(), "{path}");
    }
    done(&restore(&home, "then", &["/"], Some("all")).await);
    assert_eq!(home.paths("data", "all").await, ["all/a", "all/a/one", "all/a/two", "all/b", "all/b/three"]);
    assert_eq!(home.read_at("data", "a/one", Some("then")).await.unwrap(), b"then");

    home.engine.file_delete("data", "b", true).await.unwrap();
    home.write("data", "b", "a file now").await;
    let before = home.paths("data", "").await;
    assert!(failed(&restore(&home, "then", &["b/three"], None).await).contains("'b' is not a folder"));
    assert!(failed(&restore(&home, "then", &["b"], None).await).contains("'b'"));
    assert!(failed(&restore(&home, "then", &["never"], None).await).contains("'never'"));
    assert_eq!(home.paths("data", "").await, before);
    let nowhere = RestoreFiles { from: "never".into(), paths: vec!["a".into()], destination: None };
    refused(home.engine.checkpoint_restore_files("data", nowhere).await, ErrorKind::NotFound);
    home.judge(&volume);
}

#[tokio::test]
async fn a_restore_that_is_cancelled_leaves_the_present_as_it_was() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.write("data", "big", noise(20 << 20, 1)).await;
    home.checkpoint("data", "then").await;
    home.write("data", "big", "now").await;
    let before = home.disk(&volume);
    // Whoever reads the present keeps the restore waiting.
    let reader = home.engine.file_read("data", "big", None).await.unwrap();
    let wanted = RestoreFiles { from: "then".into(), paths: vec!["big".into()], destination: None };
    let transfer = home.engine.checkpoint_restore_files("data", wanted).await.unwrap();
    home.engine.transfer_cancel(transfer.id.as_str()).unwrap();
    let ended = home.engine.transfer_wait(transfer.id.as_str()).await.unwrap();
    assert_eq!(ended.state, TransferState::Cancelled);
    drop(reader);
    assert!(home.disk(&volume) == before);
}

#[tokio::test]
async fn while_a_machine_has_the_present_nothing_is_restored_into_it() {
    let home = Home::new().await;
    home.volume("data").await;
    home.write("data", "one", "then").await;
    home.checkpoint("data", "then").await;
    home.machine("m").await;
    home.mount("data", "m", "/data", MountMode::Rw).await.unwrap();
    let wanted = RestoreFiles { from: "then".into(), paths: vec!["one".into()], destination: None };
    let error = refused(home.engine.checkpoint_restore_files("data", wanted).await, ErrorKind::InUse);
    assert!(error.message().contains("/data"), "{error}");
}
