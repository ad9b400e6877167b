//! Volumes: create, list, rename, grow, delete.

use cairn_engine::{ErrorKind, NewVolume, VolumeChange, VolumeStatus};

use crate::common::*;

#[tokio::test]
async fn a_volume_is_created_empty_and_sound_and_found_by_name_and_id() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    assert_eq!((volume.name.as_str(), volume.quota_bytes), ("data", 64 * MIB));
    assert_eq!(volume.status, VolumeStatus::Available);
    assert_eq!(volume.checkpoint_count, 0);
    assert!(volume.disk_bytes < 8 * MIB, "an empty volume takes little: {}", volume.disk_bytes);
    assert!(home.paths("data", "").await.is_empty());
    home.judge(&volume);

    assert_eq!(home.engine.volume_get("data").await.unwrap().id, volume.id);
    assert_eq!(home.engine.volume_get(volume.id.as_str()).await.unwrap().name, "data");
    refused(home.engine.volume_get("other").await, ErrorKind::NotFound);
    refused(home.engine.volume_get("vol_aaaaaaaaaaaaaaaa").await, ErrorKind::NotFound);
}

#[tokio::test]
async fn bad_names_and_quotas_are_answered_with_a_sentence_and_leave_nothing() {
    let home = Home::new().await;
    let long = "x".repeat(256);
    for name in ["", "  ", ".", "..", "../x", "a/b", "a\nb", "vol_aaaaaaaaaaaaaaaa", &long] {
        let new = NewVolume { name: name.into(), quota_bytes: 64 * MIB };
        refused(home.engine.volume_create(new).await, ErrorKind::InvalidInput);
    }
    for quota_bytes in [0, 1, 16 * MIB - 1, (16 << 40) + 1, 1 << 63, u64::MAX] {
        let new = NewVolume { name: "data".into(), quota_bytes };
        refused(home.engine.volume_create(new).await, ErrorKind::InvalidInput);
    }
    assert_eq!(std::fs::read_dir(home.store().join("volumes")).unwrap().count(), 0);
}

#[tokio::test]
async fn the_smallest_and_the_largest_volume_can_be_made_and_odd_sizes_too() {
    let home = Home::new().await;
    for (name, quota_bytes) in [("small", 16 * MIB), ("odd", 100_000_001), ("large", 16 << 40)] {
        let volume = home.volume_of(name, quota_bytes).await;
        assert_eq!(volume.quota_bytes, quota_bytes);
        home.write(name, "hello.txt", "hello").await;
        assert_eq!(home.read(name, "hello.txt").await, b"hello");
        if quota_bytes < 1 << 40 {
            home.judge(&volume);
        }
    }
}

#[tokio::test]
async fn a_name_is_given_once_however_many_ask_for_it_together() {
    let home = Home::new().await;
    let asking = (0..8).map(|_| {
        let engine = home.engine.clone();
        tokio::spawn(
            async move { engine.volume_create(NewVolume { name: "data".into(), quota_bytes: 16 * MIB }).await },
        )
    });
    let mut created = 0;
    for answer in asking.collect::<Vec<_>>() {
        match answer.await.unwrap() {
            Ok(_) => created += 1,
            Err(error) => assert_eq!(error.kind(), ErrorKind::AlreadyExists),
        }
    }
    assert_eq!(created, 1);
    assert_eq!(home.engine.volume_list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_renamed_volume_is_found_under_its_new_name_only() {
    let home = Home::new().await;
    let volume = home.volume("old").await;
    home.volume("taken").await;
    let rename = |name: &str| VolumeChange { name: Some(name.into()), quota_bytes: None };
    refused(home.engine.volume_update("old", rename("taken")).await, ErrorKind::AlreadyExists);
    refused(home.engine.volume_update("old", rename("a/b")).await, ErrorKind::InvalidInput);
    assert_eq!(home.engine.volume_update("old", rename("new")).await.unwrap().name, "new");
    assert_eq!(home.engine.volume_update("new", rename("new")).await.unwrap().name, "new", "its own name is not taken");
    refused(home.engine.volume_get("old").await, ErrorKind::NotFound);

    let home = home.reopen_after(|_| {}).await;
    assert_eq!(home.engine.volume_get("new").await.unwrap().id, volume.id);
    let names: Vec<String> = home.engine.volume_list().await.unwrap().into_iter().map(|volume| volume.name).collect();
    assert_eq!(names, ["new", "taken"]);
}

#[tokio::test]
async fn what_files_take_up_is_counted_and_known_after_a_restart() {
    let home = Home::new().await;
    home.volume("data").await;
    let empty = home.engine.volume_get("data").await.unwrap();
    home.write("data", "noise", noise(5 * MIB as usize, 1)).await;
    let full = home.engine.volume_get("data").await.unwrap();
    assert!(full.used_bytes - empty.used_bytes >= 5 * MIB, "{} → {}", empty.used_bytes, full.used_bytes);
    assert!(full.disk_bytes - empty.disk_bytes >= 5 * MIB);
    let home = home.reopen_after(|store| std::fs::remove_dir_all(store.join("index")).unwrap()).await;
    assert_eq!(home.engine.volume_get("data").await.unwrap().used_bytes, full.used_bytes);
}

#[tokio::test]
async fn a_volume_grows_with_its_files_and_never_shrinks() {
    let home = Home::new().await;
    let volume = home.volume_of("data", 32 * MIB).await;
    home.write("data", "before", noise(20 * MIB as usize, 2)).await;
    let quota = |quota_bytes| VolumeChange { name: None, quota_bytes: Some(quota_bytes) };
    refused(home.engine.volume_update("data", quota(16 * MIB)).await, ErrorKind::InvalidInput);

    let grown = home.engine.volume_update("data", quota(256 * MIB)).await.unwrap();
    assert_eq!(grown.quota_bytes, 256 * MIB);
    home.judge(&volume);
    home.write("data", "after", noise(100 * MIB as usize, 3)).await;
    assert_eq!(home.read("data", "before").await, noise(20 * MIB as usize, 2));
    assert_eq!(home.read("data", "after").await, noise(100 * MIB as usize, 3));
    home.judge(&volume);
}

#[tokio::test]
async fn a_volume_that_cannot_grow_so_far_stays_as_it_is() {
    let home = Home::new().await;
    let volume = home.volume_of("data", 16 * MIB).await;
    home.write("data", "file", "text").await;
    let quota = |quota_bytes| VolumeChange { name: Some("renamed".into()), quota_bytes: Some(quota_bytes) };
    let error = refused(home.engine.volume_update("data", quota(16 << 40)).await, ErrorKind::InvalidInput);
    assert!(error.message().contains("16 TiB"), "{error}");
    assert_eq!(home.engine.volume_get("data").await.unwrap().quota_bytes, 16 * MIB);
    home.judge(&volume);
    home.write("data", "again", "text").await;
    home.checkpoint("data", "kept").await;
    home.engine.volume_update("data", quota(64 * MIB)).await.unwrap();
    home.write("renamed", "large", noise(30 * MIB as usize, 4)).await;
    home.judge(&volume);
}

#[tokio::test]
async fn going_back_to_before_it_grew_keeps_the_new_size() {
    let home = Home::new().await;
    let volume = home.volume_of("data", 32 * MIB).await;
    home.write("data", "a", "first").await;
    home.checkpoint("data", "small").await;
    let quota = VolumeChange { name: None, quota_bytes: Some(128 * MIB) };
    home.engine.volume_update("data", quota).await.unwrap();
    home.engine.checkpoint_restore("data", "small").await.unwrap();
    assert_eq!(home.engine.volume_get("data").await.unwrap().quota_bytes, 128 * MIB);
    home.write("data", "large", noise(64 * MIB as usize, 4)).await;
    assert_eq!(home.read("data", "a").await, b"first");
    home.judge(&volume);
}

#[tokio::test]
async fn a_deleted_volume_waits_in_the_trash() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.write("data", "precious", "text").await;
    home.engine.volume_delete("data").await.unwrap();
    refused(home.engine.volume_get("data").await, ErrorKind::NotFound);
    refused(home.engine.volume_get(volume.id.as_str()).await, ErrorKind::NotFound);

    let home = home.reopen_after(|_| {}).await;
    assert!(home.engine.volume_list().await.unwrap().is_empty());
    let trash = std::fs::read_dir(home.store().join("trash")).unwrap().next().unwrap().unwrap();
    assert!(trash.file_name().to_str().unwrap().starts_with(volume.id.as_str()));
    assert_eq!(layers(&trash.path()).len(), 1);
    // Its name is free again.
    home.volume("data").await;
}
