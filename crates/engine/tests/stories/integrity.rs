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
            let other = if after.starts_with('a') { 'b' } else { 'a' };
            fs::write(path, format!("{before}\"head\": \"lay_{other}{}", &after[1..])).unwrap();
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
async fn checkpoints_are_recovered_in_their_order_though_a_clock_stood_still_or_went_back() {
    let (home, volume) = with_a_past().await;
    for number in 4..9 {
        home.checkpoint("data", &number.to_string()).await;
        home.write("data", "file", number.to_string()).await;
    }
    let folder = home.volume_folder(&volume);
    let home = home
        .reopen_after(|_| {
            let now = std::time::SystemTime::now();
            // As a busy computer's clock, which several files are written in one tick of; and the first one later.
            for layer in layers(&folder) {
                fs::File::options().write(true).open(layer).unwrap().set_modified(now).unwrap();
            }
            let first = manifest(&folder)["checkpoints"][0]["layer"].as_str().unwrap().to_owned();
            let first = fs::File::options().write(true).open(folder.join(format!("{first}.qcow2"))).unwrap();
            first.set_modified(now + std::time::Duration::from_secs(60)).unwrap();
            fs::remove_file(folder.join("manifest.json")).unwrap();
            fs::remove_file(folder.join("manifest.previous.json")).unwrap();
        })
        .await;
    assert!(home.engine.store_repair(None).await.unwrap().left.clean);
    assert_eq!(home.read("data", "file").await, b"8");
    for number in 1..=7 {
        let content = home.read_at("data", "file", Some(&format!("recovered {number}"))).await.unwrap();
        assert_eq!(content, number.to_string().as_bytes());
    }
}

#[tokio::test]
async fn tables_that_contradict_each_other_and_room_that_nothing_uses_are_told() {
    use std::os::unix::fs::FileExt as _;
    let (home, volume) = with_a_past().await;
    let head = head(&home.volume_folder(&volume));
    let file = fs::File::options().read(true).write(true).open(&head).unwrap();
    let number = |at: u64| {
        let mut raw = [0; 8];
        file.read_exact_at(&mut raw, at).unwrap();
        u64::from_be_bytes(raw)
    };
    let counts = number(number(48));
    let last = fs::metadata(&head).unwrap().len().div_ceil(128 << 10) - 1;
    // One cluster more than the file needs, counted; then one that is in use, counted as free.
    file.set_len((last + 2) * (128 << 10)).unwrap();
    file.write_all_at(&[0, 1], counts + (last + 1) * 2).unwrap();
    let check = home.engine.store_check(None, false).await.unwrap();
    assert!(check.clean && check.findings.len() == 1, "{check:?}");
    assert!(check.findings[0].message.starts_with("128 KiB in it are counted as in use"), "{check:?}");
    file.write_all_at(&[0, 0], counts + last * 2).unwrap();
    let check = home.engine.store_check(None, false).await.unwrap();
    let damage = check.findings.iter().find(|finding| finding.severity == CheckSeverity::Damage).unwrap();
    assert!(!check.clean && damage.message.contains("counted as free"), "{check:?}");
    assert!(head.ends_with(&damage.place));
}

#[tokio::test]
async fn a_base_that_shows_something_else_is_found_by_a_deep_check_and_dropped_by_a_repair() {
    let (home, volume) = with_a_past().await;
    for number in 3..9 {
        home.write("data", "file", noise(200_000, number)).await;
        home.checkpoint("data", &number.to_string()).await;
    }
    home.engine.volume_optimise("data").await.unwrap();
    let folder = home.volume_folder(&volume);
    let check = home.engine.store_check(None, true).await.unwrap();
    assert!(check.findings.is_empty(), "{check:?}");
    // A checkpoint whose layer is merged away leaves the base right below the layers that are there.
    home.engine.checkpoint_delete("data", "8").await.unwrap();
    home.engine.checkpoint_delete("data", "5").await.unwrap();
    let check = home.engine.store_check(None, true).await.unwrap();
    assert!(check.findings.is_empty(), "{check:?}");

    for number in 10..15 {
        home.write("data", "file", noise(200_000, number)).await;
        home.checkpoint("data", &number.to_string()).await;
    }
    home.engine.volume_optimise("data").await.unwrap();
    let base = folder.join(format!("{}.base.qcow2", manifest(&folder)["base"]["id"].as_str().unwrap()));
    let mut bytes = fs::read(&base).unwrap();
    let at = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[at] ^= 1;
    fs::write(&base, bytes).unwrap();
    assert!(home.engine.store_check(None, false).await.unwrap().clean, "its tables are whole");
    let check = home.engine.store_check(None, true).await.unwrap();
    assert!(check.findings[0].message.contains("shows something else") && check.findings[0].repairable, "{check:?}");
    let repair = home.engine.store_repair(None).await.unwrap();
    assert!(repair.done[0].what.contains("Dropped the base"), "{repair:?}");
    assert!(!base.exists());
    assert_eq!(home.read("data", "file").await, noise(200_000, 14));
    assert!(home.engine.store_check(None, true).await.unwrap().findings.is_empty());
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
