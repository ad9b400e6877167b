//! Somebody damages a store: it is found, said in words, and put right as far as that can be done.

use std::fs;
use std::path::Path;
use std::process::Command;

use cairn_engine::{CheckSeverity, NoticeLevel, StoreCheck, VolumeStatus};

use crate::common::*;

/// Something done to a manifest's file.
type Damage = fn(&Path);

/// A volume with a past: "one" has 1, "two" has 2, the present has 3.
async fn with_a_past() -> (Home, cairn_engine::Volume) {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    for (number, name) in [("1", "one"), ("2", "two")] {
        home.write("data", "file", number).await;
        home.checkpoint("data", name).await;
    }
    home.write("data", "file", "3").await;
    (home, volume)
}

fn grave(check: &StoreCheck) -> String {
    assert!(!check.clean);
    let grave = check.findings.iter().filter(|finding| finding.severity == CheckSeverity::Grave);
    grave.map(|finding| format!("{}: {}\n", finding.place, finding.message)).collect()
}

#[tokio::test]
async fn a_sound_store_is_found_sound_and_a_repair_does_nothing() {
    let (home, _) = with_a_past().await;
    home.volume("other").await;
    let check = home.engine.store_check(None, true).await.unwrap();
    assert!(check.clean && check.findings.is_empty(), "{:?}", check.findings);
    assert_eq!((check.volumes, check.layers, check.filesystems), (2, 4, 4));
    let repair = home.engine.store_repair(None).await.unwrap();
    assert!(repair.done.is_empty(), "{:?}", repair.done);
    assert_eq!(repair.left.digests, 2, "the deep check has remembered what it has hashed");
}

#[tokio::test]
async fn a_manifest_damaged_in_any_way_is_restored_from_the_generation_before_it() {
    let damages: [(&str, Damage); 6] = [
        ("missing", |path| fs::remove_file(path).unwrap()),
        ("empty", |path| fs::write(path, "").unwrap()),
        ("cut off", |path| {
            let bytes = fs::read(path).unwrap();
            fs::write(path, &bytes[..bytes.len() - 40]).unwrap();
        }),
        ("noise", |path| fs::write(path, noise(700, 3)).unwrap()),
        ("another name in it", |path| {
            let text = fs::read_to_string(path).unwrap();
            fs::write(path, text.replace("\"data\"", "\"evil\"")).unwrap();
        }),
        ("another head in it", |path| {
            let text = fs::read_to_string(path).unwrap();
            let (before, after) = text.split_once("\"head\": \"lay_").unwrap();
            fs::write(path, format!("{before}\"head\": \"lay_a{}", &after[1..])).unwrap();
        }),
    ];
    for (damage, done) in damages {
        let (home, volume) = with_a_past().await;
        let folder = home.volume_folder(&volume);
        let home = home.reopen_after(|_| done(&folder.join("manifest.json"))).await;
        let told = notices(&mut home.engine.subscribe());
        assert!(told.iter().any(|(level, text)| *level == NoticeLevel::Warning && text.contains("'data'")), "{damage}");
        assert_eq!(home.read("data", "file").await, b"3", "{damage}");
        assert_eq!(home.engine.checkpoint_list("data").await.unwrap().len(), 2, "{damage}");
        let check = home.engine.store_check(None, false).await.unwrap();
        assert!(check.clean, "{damage}: {:?}", check.findings);
        home.judge(&volume);
    }
}

#[tokio::test]
async fn a_manifest_damaged_while_cairn_runs_is_found_and_written_anew() {
    let (home, volume) = with_a_past().await;
    let path = home.volume_folder(&volume).join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"one\"", "\"won\"")).unwrap();
    let check = home.engine.store_check(Some("data"), false).await.unwrap();
    assert!(!check.clean && check.findings[0].repairable, "{:?}", check.findings);
    let repair = home.engine.store_repair(Some("data")).await.unwrap();
    assert!(repair.left.clean && !repair.done.is_empty(), "{repair:?}");
    let home = home.reopen_after(|_| {}).await;
    assert_eq!(home.engine.checkpoint_list("data").await.unwrap()[0].name, "one");
}

#[tokio::test]
async fn a_volume_without_any_manifest_is_made_anew_from_its_layers() {
    let (home, volume) = with_a_past().await;
    let folder = home.volume_folder(&volume);
    let home = home
        .reopen_after(|_| {
            fs::remove_file(folder.join("manifest.json")).unwrap();
            fs::write(folder.join("manifest.previous.json"), "{").unwrap();
        })
        .await;
    assert_eq!(home.engine.volume_list().await.unwrap()[0].status, VolumeStatus::Error);
    let check = home.engine.store_check(None, false).await.unwrap();
    assert!(grave(&check).contains("damaged"), "{check:?}");
    let repair = home.engine.store_repair(None).await.unwrap();
    assert!(repair.left.clean, "{repair:?}");
    assert_eq!(home.read("data", "file").await, b"3");
    for (name, content) in [("recovered 1", b"1"), ("recovered 2", b"2")] {
        assert_eq!(home.read_at("data", "file", Some(name)).await.unwrap(), content);
    }
    home.write("data", "file", "4").await;
    home.judge(&volume);
}

#[tokio::test]
async fn a_frozen_layer_that_somebody_edited_or_removed_is_named_with_what_it_concerns() {
    let (home, volume) = with_a_past().await;
    let folder = home.volume_folder(&volume);
    home.engine.store_check(None, true).await.unwrap();
    let two = folder.join(format!("{}.qcow2", manifest(&folder)["checkpoints"][1]["layer"].as_str().unwrap()));
    // One bit of a file's content: neither the image nor the filesystem shows it.
    let mut bytes = fs::read(&two).unwrap();
    let whole = bytes.clone();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&two, &bytes).unwrap();
    let said = grave(&home.engine.store_check(None, false).await.unwrap());
    assert!(
        said.contains("changed since it was frozen") && said.contains("'two'") && !said.contains("'one'"),
        "{said}"
    );
    assert!(home.engine.store_repair(None).await.unwrap().done.is_empty(), "nothing is guessed");

    fs::remove_file(&two).unwrap();
    let said = grave(&home.engine.store_check(None, false).await.unwrap());
    assert!(said.contains("missing") && said.contains("the present"), "{said}");
    // What does not stand on it can be had; when it is put back, all is well.
    assert_eq!(home.read_at("data", "file", Some("one")).await.unwrap(), b"1");
    fs::write(&two, whole).unwrap();
    let home = home.reopen_after(|_| {}).await;
    assert!(home.engine.store_check(None, true).await.unwrap().clean);
    assert_eq!(home.read("data", "file").await, b"3");
}

#[tokio::test]
async fn found_layers_that_fit_are_adopted_and_strangers_are_moved_aside() {
    let (home, volume) = with_a_past().await;
    let folder = home.volume_folder(&volume);
    let one = format!("{}.qcow2", manifest(&folder)["checkpoints"][0]["layer"].as_str().unwrap());
    let found = folder.join("lay_aaaaaaaaaaaaaaaa.qcow2");
    fs::copy(head(&folder), &found).unwrap();
    run(Command::new("qemu-img")
        .args(["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", &one])
        .arg(folder.join("lay_bbbbbbbbbbbbbbbb.qcow2")));
    fs::write(folder.join("lay_cccccccccccccccc.qcow2"), "no image").unwrap();
    fs::write(folder.join("letter.txt"), "dear").unwrap();
    let check = home.engine.store_check(None, false).await.unwrap();
    assert_eq!(check.findings.len(), 4, "{check:?}");
    let repair = home.engine.store_repair(None).await.unwrap();
    assert!(repair.left.findings.is_empty(), "{repair:?}");
    assert_eq!(home.read_at("data", "file", Some("found lay_aaaaaaaaaaaaaaaa")).await.unwrap(), b"3");
    assert_eq!(home.read_at("data", "file", Some("found lay_bbbbbbbbbbbbbbbb")).await.unwrap(), b"1");
    assert_eq!(fs::read_to_string(folder.join("aside/letter.txt")).unwrap(), "dear");
    assert_eq!(fs::read_to_string(folder.join("aside/lay_cccccccccccccccc.qcow2")).unwrap(), "no image");
    assert_eq!(home.read("data", "file").await, b"3");
    home.judge(&volume);
}
