//! Checkpoints: taken at any moment, looked into, gone back to, deleted.

use cairn_engine::{Conflict, Download, ErrorKind, ListFiles};

use crate::common::*;

#[tokio::test]
async fn going_back_brings_the_first_state_back_bit_for_bit_and_keeps_the_present() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.write("data", "a/file", noise(3 * MIB as usize, 1)).await;
    let first = home.disk(&volume);
    let taken = home.checkpoint("data", "first").await;
    assert!(taken.current && !taken.automatic && !taken.crash_consistent && taken.parent.is_none());
    assert_eq!(home.disk(&volume), first, "taking a checkpoint changes nothing");

    home.write("data", "a/file", "changed").await;
    home.write("data", "b", noise(5 * MIB as usize, 2)).await;
    let second = home.disk(&volume);
    home.judge(&volume);
    home.engine.checkpoint_restore("data", "first").await.unwrap();
    assert_eq!(home.disk(&volume), first);
    home.judge(&volume);

    // Going back can itself be undone.
    let all = home.engine.checkpoint_list("data").await.unwrap();
    let names: Vec<bool> = all.iter().map(|checkpoint| checkpoint.automatic).collect();
    assert_eq!(names, [false, true]);
    assert_eq!(all[1].parent.as_ref(), Some(&all[0].id));
    assert!(all[0].current && !all[1].current);
    home.engine.checkpoint_restore("data", all[1].id.as_str()).await.unwrap();
    assert_eq!(home.disk(&volume), second);
    assert_eq!(home.engine.checkpoint_list("data").await.unwrap().len(), 2, "nothing had been written meanwhile");
    home.judge(&volume);
}

#[tokio::test]
async fn a_checkpoint_can_be_looked_into_while_the_present_goes_on() {
    let home = Home::new().await;
    home.volume("data").await;
    home.write("data", "folder/file", "then").await;
    home.checkpoint("data", "then").await;
    home.write("data", "folder/file", "now").await;
    home.write("data", "folder/new", "now").await;
    assert_eq!(home.read_at("data", "folder/file", Some("then")).await.unwrap(), b"then");
    assert_eq!(home.read_at("data", "folder/file", Some("latest")).await.unwrap(), b"then");
    assert_eq!(home.read("data", "folder/file").await, b"now");
    refused(home.read_at("data", "folder/new", Some("then")).await, ErrorKind::NotFound);
    refused(home.read_at("data", "folder/file", Some("never")).await, ErrorKind::NotFound);

    let list = ListFiles { recursive: true, at: Some("then".into()), ..ListFiles::default() };
    let paths: Vec<String> =
        home.engine.file_list("data", list).await.unwrap().into_iter().map(|entry| entry.path).collect();
    assert_eq!(paths, ["folder", "folder/file"]);

    let reader = home.engine.file_read("data", "folder/file", Some("then")).await.unwrap();
    home.write("data", "folder/file", "while somebody reads the past").await;
    assert_eq!(reader.entry().size, 4);
    let download = Download {
        paths: vec!["folder".into()],
        destination: home.host().join("back"),
        at: Some("then".into()),
        conflict: Conflict::Fail,
    };
    let transfer = home.engine.download("data", download).await.unwrap();
    done(&home.engine.transfer_wait(transfer.id.as_str()).await.unwrap());
    assert_eq!(std::fs::read(home.host().join("back/file")).unwrap(), b"then");
}

#[tokio::test]
async fn names_are_checked_unique_and_made_from_the_time_when_none_is_given() {
    let home = Home::new().await;
    home.volume("data").await;
    refused(home.read_at("data", "x", Some("latest")).await, ErrorKind::Conflict);
    for name in ["", "a/b", "..", "latest", "ckpt_aaaaaaaaaaaaaaaa"] {
        refused(home.engine.checkpoint_create("data", Some(name.into())).await, ErrorKind::InvalidInput);
    }
    home.checkpoint("data", "kept").await;
    refused(home.engine.checkpoint_create("data", Some("kept".into())).await, ErrorKind::AlreadyExists);
    let mut names = Vec::new();
    for _ in 0..3 {
        names.push(home.engine.checkpoint_create("data", None).await.unwrap().name);
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.iter().all(|name| name.starts_with("20") && name.as_bytes()[10] == b' '), "{names:?}");
    assert_eq!(home.engine.volume_get("data").await.unwrap().checkpoint_count, 4);
}

#[tokio::test]
async fn a_deleted_checkpoint_gives_its_layer_back_when_nothing_stands_on_it() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let folder = home.volume_folder(&volume);
    for name in ["one", "two", "three"] {
        home.write("data", name, noise(MIB as usize, 1)).await;
        home.checkpoint("data", name).await;
    }
    assert_eq!(layers(&folder).len(), 4);
    // In the middle: its layer is merged with the one that stands on it.
    home.engine.checkpoint_delete("data", "two").await.unwrap();
    refused(home.engine.checkpoint_delete("data", "two").await, ErrorKind::NotFound);
    assert_eq!(layers(&folder).len(), 3);
    assert_eq!(home.paths("data", "").await, ["one", "three", "two"]);

    // After going back nothing stands on `three` any more.
    home.engine.checkpoint_restore("data", "one").await.unwrap();
    assert_eq!(layers(&folder).len(), 3, "the empty head has gone, another has come");
    home.engine.checkpoint_delete("data", "three").await.unwrap();
    assert_eq!(layers(&folder).len(), 2);
    home.judge(&volume);
    assert_eq!(home.paths("data", "").await, ["one"]);
    home.engine.checkpoint_delete("data", "one").await.unwrap();
    assert_eq!(layers(&folder).len(), 1, "the present has taken it");
    let home = home.reopen_after(|_| {}).await;
    assert_eq!(home.read("data", "one").await, noise(MIB as usize, 1));
    home.judge(&volume);
}

#[tokio::test]
async fn many_checkpoints_keep_each_state() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    for number in 0..20 {
        home.write("data", "counter", number.to_string()).await;
        home.checkpoint("data", &format!("at {number}")).await;
    }
    for number in (0..20).step_by(7) {
        let content = home.read_at("data", "counter", Some(&format!("at {number}"))).await.unwrap();
        assert_eq!(content, number.to_string().as_bytes());
        home.engine.checkpoint_restore("data", &format!("at {number}")).await.unwrap();
        assert_eq!(home.read("data", "counter").await, number.to_string().as_bytes());
    }
    home.judge(&volume);
    let list = home.engine.checkpoint_list("data").await.unwrap();
    assert_eq!(list.len(), 20, "going back from an untouched present keeps nothing more");
    assert_eq!(list.iter().filter(|checkpoint| checkpoint.current).count(), 1);
}

#[tokio::test]
async fn going_back_keeps_a_present_whose_checkpoint_has_been_forgotten() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.checkpoint("data", "empty").await;
    home.write("data", "file", "text").await;
    home.checkpoint("data", "full").await;
    home.engine.checkpoint_delete("data", "full").await.unwrap();
    home.engine.checkpoint_restore("data", "empty").await.unwrap();
    let kept = home.engine.checkpoint_list("data").await.unwrap().pop().unwrap();
    assert!(kept.automatic);
    assert_eq!(home.read_at("data", "file", Some(kept.id.as_str())).await.unwrap(), b"text");
    home.judge(&volume);
}
