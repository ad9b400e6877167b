//! The trash: deleted volumes come back whole, stay for some days, and go for good when a person says so.

use cairn_engine::{ErrorKind, RestoreFiles, VolumeChange};

use crate::common::*;

#[tokio::test]
async fn a_deleted_volume_comes_back_as_it_was_also_after_a_restart() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.write("data", "a", "first").await;
    let one = home.engine.checkpoint_create("data", Some("one".into())).await.unwrap();
    home.write("data", "a", "second").await;
    let disk = home.disk(&volume);
    home.engine.volume_delete("data").await.unwrap();
    refused(home.engine.volume_undelete("other", None).await, ErrorKind::NotFound);

    let home = home.reopen_after(|_| ()).await;
    let trash = home.engine.trash_list().await.unwrap();
    let deleted = &trash.volumes[0];
    assert_eq!((trash.volumes.len(), trash.keep_days), (1, 7));
    assert_eq!((deleted.name.as_str(), deleted.quota_bytes, deleted.checkpoint_count), ("data", 64 * MIB, 1));
    assert_eq!(
        (deleted.id.clone(), deleted.expires_at - deleted.deleted_at),
        (volume.id.clone(), time::Duration::days(7))
    );
    assert!(deleted.disk_bytes > 0 && deleted.error.is_none(), "{deleted:?}");

    let back = home.engine.volume_undelete("data", None).await.unwrap();
    assert_eq!((&back.id, back.name.as_str(), back.checkpoint_count), (&volume.id, "data", 1));
    assert!(home.disk(&back) == disk, "the disk is the same bit for bit");
    assert_eq!(home.read("data", "a").await, b"second");
    assert!(home.engine.trash_list().await.unwrap().volumes.is_empty());
    home.engine.checkpoint_restore("data", one.id.as_str()).await.unwrap();
    assert_eq!(home.read("data", "a").await, b"first");
    home.judge(&back);
}

#[tokio::test]
async fn what_comes_back_takes_nobodys_name_and_the_last_deleted_comes_first() {
    let home = Home::new().await;
    let old = home.volume("data").await;
    home.engine.volume_delete("data").await.unwrap();
    let new = home.volume("data").await;
    refused(home.engine.volume_undelete("data", Some("data")).await, ErrorKind::AlreadyExists);
    refused(home.engine.volume_undelete("data", Some("a/b")).await, ErrorKind::InvalidInput);
    let back = home.engine.volume_undelete("data", None).await.unwrap();
    assert_eq!((&back.id, back.name.as_str()), (&old.id, "data (2)"));
    let renamed = VolumeChange { name: Some("data old".into()), quota_bytes: None };
    home.engine.volume_update(old.id.as_str(), renamed).await.unwrap();

    home.engine.volume_delete("data").await.unwrap();
    assert_eq!(home.engine.volume_undelete("data", Some("again")).await.unwrap().id, new.id);
    refused(home.engine.volume_undelete(new.id.as_str(), None).await, ErrorKind::NotFound);
    let home = home.reopen_after(|_| ()).await;
    assert_eq!(home.engine.volume_get("again").await.unwrap().id, new.id);
}

#[tokio::test]
async fn the_trash_is_emptied_at_once_one_by_one_or_when_the_days_are_over() {
    let home = Home::new().await;
    for name in ["a", "b", "c"] {
        home.volume(name).await;
        home.engine.volume_delete(name).await.unwrap();
    }
    home.engine.trash_remove("b").await.unwrap();
    refused(home.engine.volume_undelete("b", None).await, ErrorKind::NotFound);
    refused(home.engine.trash_remove("b").await, ErrorKind::NotFound);
    refused(home.engine.trash_keep(100_000).await, ErrorKind::InvalidInput);
    let kept = home.engine.trash_keep(30).await.unwrap();
    assert_eq!((kept.keep_days, kept.volumes.len()), (30, 2));

    // Twenty days ago is not long enough; forty are.
    let age = |store: &std::path::Path, name: &str, days: i64| {
        let trash = store.join("trash");
        let deleted = kept.volumes.iter().find(|deleted| deleted.name == name).unwrap();
        let at = deleted.deleted_at.unix_timestamp();
        let place = |seconds: i64| trash.join(format!("{}.{seconds}", deleted.id));
        std::fs::rename(place(at), place(at - days * 86_400)).unwrap();
    };
    let home = home.reopen_after(|store| age(store, "a", 40)).await;
    // What is old goes beside everything else after a start.
    home.engine.trash_keep(30).await.unwrap();
    let names = |trash: cairn_engine::Trash| trash.volumes.into_iter().map(|volume| volume.name).collect::<Vec<_>>();
    assert_eq!(names(home.engine.trash_list().await.unwrap()), ["c"]);
    assert_eq!(home.engine.trash_empty().await.unwrap(), 1);
    assert!(home.engine.trash_list().await.unwrap().volumes.is_empty());
}

#[tokio::test]
async fn deleted_files_come_back_from_the_checkpoint_that_was_kept_for_them() {
    let home = Home::new().await;
    home.volume("data").await;
    home.write("data", "letters/ada", "Dear Ada").await;
    home.write("data", "notes", "none").await;
    let gone = ["letters".to_owned()];
    refused(home.engine.files_delete_undoable("data", &["nothing".to_owned()], true).await, ErrorKind::NotFound);
    let kept = home.engine.files_delete_undoable("data", &gone, true).await.unwrap();
    assert_eq!(home.paths("data", "").await, ["notes"]);
    let back = RestoreFiles { from: kept.to_string(), paths: gone.into(), destination: None };
    let transfer = home.engine.checkpoint_restore_files("data", back).await.unwrap();
    home.engine.transfer_wait(transfer.id.as_str()).await.unwrap();
    assert_eq!(home.read("data", "letters/ada").await, b"Dear Ada");
    // One file of its own is kept just so.
    let kept = home.engine.files_delete_undoable("data", &["notes".to_owned()], false).await.unwrap();
    let checkpoints = home.engine.checkpoint_list("data").await.unwrap();
    assert!(checkpoints.iter().any(|checkpoint| checkpoint.id == kept && checkpoint.automatic));
}
