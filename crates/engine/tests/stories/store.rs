//! The store: one engine, an index that may vanish, manifests that may be damaged.

use std::path::Path;

use cairn_engine::{Engine, ErrorKind, NoticeLevel, VolumeStatus};

use crate::common::*;

#[tokio::test]
async fn a_store_has_one_engine() {
    let home = Home::new().await;
    let second = Engine::open(cairn_engine::OpenOptions::new(home.store())).await;
    let error = refused(second, ErrorKind::InUse);
    assert!(error.message().contains(&std::process::id().to_string()), "{error}");
    let home = home.reopen_after(|_| {}).await;
    let clone = home.engine.clone();
    home.engine.clone().close().await.unwrap();
    refused(clone.volume_list().await, ErrorKind::Conflict);
}

#[tokio::test]
async fn a_store_that_cannot_be_written_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("store"), "a file").unwrap();
    refused(Engine::open(options(folder.path())).await, ErrorKind::Io);
}

/// Something done to a store that is closed.
type Damage = fn(&Path);

fn every_file_noise(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_file() {
            let length = entry.metadata().unwrap().len() as usize;
            std::fs::write(entry.path(), noise(length, 7)).unwrap();
        }
    }
}

#[tokio::test]
async fn the_index_can_be_lost_or_damaged_and_nothing_else_is() {
    let damages: [(Damage, bool); 3] = [
        (|store| std::fs::remove_dir_all(store.join("index")).unwrap(), false),
        (|store| every_file_noise(&store.join("index")), true),
        (
            |store| {
                std::fs::remove_dir_all(store.join("index")).unwrap();
                std::fs::write(store.join("index"), "not a folder").unwrap();
            },
            true,
        ),
    ];
    for (damage, is_told) in damages {
        let home = Home::new().await;
        let volume = home.volume("data").await;
        home.write("data", "a/b.txt", "text").await;
        home.checkpoint("data", "first").await;
        let before = home.engine.volume_get("data").await.unwrap();

        let home = home.reopen_after(damage).await;
        let notices = notices(&mut home.engine.subscribe());
        assert_eq!(notices.iter().any(|(_, message)| message.contains("index")), is_told, "{notices:?}");
        let after = home.engine.volume_get("data").await.unwrap();
        assert_eq!((after.id, after.used_bytes), (before.id, before.used_bytes));
        assert_eq!(home.read("data", "a/b.txt").await, b"text");
        assert_eq!(home.engine.checkpoint_list("data").await.unwrap().len(), 1);
        home.judge(&volume);
    }
}

#[tokio::test]
async fn a_truncated_manifest_is_restored_from_the_generation_before_it() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.write("data", "file", "text").await;
    home.checkpoint("data", "kept").await;
    let folder = home.volume_folder(&volume);
    let home = home
        .reopen_after(|_| {
            let path = folder.join("manifest.json");
            let bytes = std::fs::read(&path).unwrap();
            std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        })
        .await;
    let notices = notices(&mut home.engine.subscribe());
    assert!(
        notices.iter().any(|(level, text)| *level == NoticeLevel::Warning && text.contains("'data'")),
        "{notices:?}"
    );
    // The generation before had the intent, so that even the checkpoint is there.
    assert_eq!(home.engine.checkpoint_list("data").await.unwrap()[0].name, "kept");
    assert_eq!(home.read("data", "file").await, b"text");
    home.judge(&volume);
}

#[tokio::test]
async fn a_layer_that_no_manifest_knows_is_left_alone_and_told_of() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let folder = home.volume_folder(&volume);
    let home = home
        .reopen_after(|_| {
            std::fs::copy(head(&folder), folder.join("lay_aaaaaaaaaaaaaaaa.qcow2")).unwrap();
        })
        .await;
    let notices = notices(&mut home.engine.subscribe());
    assert!(notices.iter().any(|(_, message)| message.contains("lay_aaaaaaaaaaaaaaaa")), "{notices:?}");
    home.write("data", "file", "text").await;
    assert_eq!(layers(&folder).len(), 2);
}

#[tokio::test]
async fn a_volume_that_cannot_be_used_stays_visible_and_says_why() {
    let home = Home::new().await;
    let broken = home.volume("broken").await;
    let missing = home.volume("missing").await;
    home.volume("good").await;
    let (broken_folder, missing_folder) = (home.volume_folder(&broken), home.volume_folder(&missing));
    let home = home
        .reopen_after(|_| {
            for name in ["manifest.json", "manifest.previous.json"] {
                std::fs::write(broken_folder.join(name), "{").unwrap();
            }
            std::fs::remove_file(head(&missing_folder)).unwrap();
        })
        .await;
    let volumes = home.engine.volume_list().await.unwrap();
    let names: Vec<&str> = volumes.iter().map(|volume| volume.name.as_str()).collect();
    assert_eq!(names, ["broken", "good", "missing"], "the index still knows their names");
    for volume in &volumes {
        assert_eq!(volume.status == VolumeStatus::Error, volume.name != "good");
        assert_eq!(volume.error.is_some(), volume.name != "good");
    }
    refused(home.engine.file_stat(broken.id.as_str(), "x", None).await, ErrorKind::Corrupt);
    home.write("good", "file", "text").await;
    assert_eq!(layers(&broken_folder).len(), 1, "its layer is untouched");
    // It can be thrown away, and is still whole in the trash.
    home.engine.volume_delete(broken.id.as_str()).await.unwrap();
}

#[tokio::test]
async fn a_layer_that_somebody_else_has_open_is_refused_and_one_that_is_no_qcow2_is_named() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let head = head(&home.volume_folder(&volume));
    std::fs::write(&head, noise(4 * MIB as usize, 9)).unwrap();
    let seen = home.engine.volume_get("data").await.unwrap();
    assert_eq!(seen.status, VolumeStatus::Error);
    let error = refused(home.engine.file_stat("data", "x", None).await, ErrorKind::Corrupt);
    assert!(error.message().contains("qcow2"), "{error}");
}
