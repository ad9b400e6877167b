//! The engine dies in the middle: what was acknowledged is there, what was not is finished or gone.
//!
//! A store is brought into the state that a death at some moment leaves, by putting back the manifest and the
//! layers of that moment; then an engine opens it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::*;

/// Writes a manifest as the engine would, with its checksum.
pub(crate) fn put_manifest(folder: &Path, manifest: &serde_json::Value) {
    let content = serde_json::to_string_pretty(manifest).unwrap();
    let checksum: String =
        sha2::Digest::finalize(sha2::Digest::chain_update(<sha2::Sha256 as sha2::Digest>::new(), &content))
            .iter()
            .map(|byte: &u8| format!("{byte:02x}"))
            .collect();
    let text = format!("{{\"format\": 1, \"sha256\": \"{checksum}\", \"manifest\": {content}}}");
    fs::write(folder.join("manifest.json"), text).unwrap();
}

/// What the generation before the present one said: an operation's intent, when the operation has just ended.
fn intent_of(folder: &Path) -> serde_json::Value {
    let text = fs::read_to_string(folder.join("manifest.previous.json")).unwrap();
    let manifest = serde_json::from_str::<serde_json::Value>(&text).unwrap()["manifest"].take();
    assert!(manifest["intents"].is_array(), "there is an intent: {manifest}");
    manifest
}

#[tokio::test]
async fn a_checkpoint_that_was_begun_is_taken() {
    for overlay_was_made in [false, true] {
        let home = Home::new().await;
        let volume = home.volume("data").await;
        home.write("data", "file", "text").await;
        home.checkpoint("data", "begun").await;
        let folder = home.volume_folder(&volume);
        let home = home
            .reopen_after(|_| {
                let overlay = head(&folder);
                put_manifest(&folder, &intent_of(&folder));
                if !overlay_was_made {
                    // Half of one may be there, under a name that nobody believes.
                    fs::rename(&overlay, overlay.with_extension("unfinished")).unwrap();
                }
            })
            .await;
        let checkpoints = home.engine.checkpoint_list("data").await.unwrap();
        assert_eq!(checkpoints.len(), 1);
        assert!(checkpoints[0].current);
        assert_eq!(home.read("data", "file").await, b"text");
        assert_eq!(home.read_at("data", "file", Some("begun")).await.unwrap(), b"text");
        home.write("data", "file", "new").await;
        assert_eq!(home.read_at("data", "file", Some("begun")).await.unwrap(), b"text");
        assert!(manifest(&folder)["intents"].is_null());
        home.judge(&volume);
    }
}

#[tokio::test]
async fn going_back_that_was_begun_is_finished_and_keeps_what_was_there() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.write("data", "file", "then").await;
    home.checkpoint("data", "then").await;
    home.write("data", "file", "now").await;
    home.engine.checkpoint_restore("data", "then").await.unwrap();
    let folder = home.volume_folder(&volume);
    let home = home
        .reopen_after(|_| {
            let overlay = head(&folder);
            put_manifest(&folder, &intent_of(&folder));
            fs::remove_file(overlay).unwrap();
        })
        .await;
    assert_eq!(home.read("data", "file").await, b"then");
    let kept = home.engine.checkpoint_list("data").await.unwrap().pop().unwrap();
    assert!(kept.automatic);
    assert_eq!(home.read_at("data", "file", Some(kept.id.as_str())).await.unwrap(), b"now");
    home.judge(&volume);
}

#[tokio::test]
async fn growing_that_was_begun_is_finished() {
    for disk_has_grown in [false, true] {
        let home = Home::new().await;
        let volume = home.volume_of("data", 32 * MIB).await;
        home.write("data", "file", "text").await;
        let folder = home.volume_folder(&volume);
        let home = home
            .reopen_after(|_| {
                let mut manifest = manifest(&folder);
                manifest["intents"] = serde_json::json!([{ "what": "grow", "quota_bytes": 200 * MIB }]);
                put_manifest(&folder, &manifest);
                if disk_has_grown {
                    run(Command::new("qemu-img").arg("resize").arg("-q").arg(head(&folder)).arg("200M"));
                }
            })
            .await;
        assert_eq!(home.engine.volume_get("data").await.unwrap().quota_bytes, 200 * MIB);
        home.write("data", "large", noise(150 * MIB as usize, 1)).await;
        assert_eq!(home.read("data", "file").await, b"text");
        home.judge(&volume);
    }
}

#[tokio::test]
async fn layers_that_were_to_go_are_gone_after_the_next_start() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.checkpoint("data", "first").await;
    home.write("data", "file", "text").await;
    home.checkpoint("data", "second").await;
    home.engine.checkpoint_restore("data", "first").await.unwrap();
    let folder = home.volume_folder(&volume);
    let before: Vec<(PathBuf, Vec<u8>)> =
        layers(&folder).into_iter().map(|layer| (layer.clone(), fs::read(layer).unwrap())).collect();
    home.engine.checkpoint_delete("data", "second").await.unwrap();
    let left = layers(&folder);
    assert!(left.len() < before.len());
    let home = home
        .reopen_after(|_| {
            put_manifest(&folder, &intent_of(&folder));
            for (layer, content) in &before {
                fs::write(layer, content).unwrap();
            }
        })
        .await;
    assert_eq!(layers(&folder), left);
    assert_eq!(home.engine.checkpoint_list("data").await.unwrap().len(), 1);
    home.judge(&volume);
}

#[tokio::test]
async fn a_volume_that_was_never_finished_leaves_nothing() {
    let home = Home::new().await;
    let kept = home.volume("kept").await;
    let unfinished = home.store().join("volumes/.new-vol_aaaaaaaaaaaaaaaa");
    let home = home
        .reopen_after(|store| {
            fs::create_dir(&unfinished).unwrap();
            fs::write(unfinished.join("lay_aaaaaaaaaaaaaaaa.qcow2"), "half").unwrap();
            fs::create_dir(store.join("volumes/somebody's folder")).unwrap();
        })
        .await;
    assert!(!unfinished.exists());
    assert!(home.store().join("volumes/somebody's folder").exists(), "what is not ours is left alone");
    let volumes = home.engine.volume_list().await.unwrap();
    assert_eq!(volumes.len(), 1);
    assert_eq!(volumes[0].id, kept.id);
}

#[tokio::test]
async fn an_upload_that_was_under_way_is_undone_and_one_that_was_complete_is_finished() {
    for complete in [false, true] {
        let home = Home::new().await;
        let volume = home.volume("data").await;
        home.write("data", "folder/old", "old").await;
        home.write("data", "folder/kept", "kept").await;
        // What a dead engine leaves: the staged files, and the intent.
        home.write("data", ".cairn-upload-tr_aaaaaaaaaaaaaaaa/folder/old", "new").await;
        home.write("data", ".cairn-upload-tr_aaaaaaaaaaaaaaaa/folder/sub/new", "new").await;
        let folder = home.volume_folder(&volume);
        let home = home
            .reopen_after(|_| {
                let mut manifest = manifest(&folder);
                let staging = ".cairn-upload-tr_aaaaaaaaaaaaaaaa";
                manifest["intents"] =
                    serde_json::json!([{ "what": "upload", "staging": staging, "complete": complete }]);
                put_manifest(&folder, &manifest);
            })
            .await;
        let paths = home.paths("data", "").await;
        let old = home.read("data", "folder/old").await;
        if complete {
            assert_eq!(paths, ["folder", "folder/kept", "folder/old", "folder/sub", "folder/sub/new"]);
            assert_eq!(old, b"new");
        } else {
            assert_eq!(paths, ["folder", "folder/kept", "folder/old"]);
            assert_eq!(old, b"old");
        }
        home.judge(&volume);
    }
}

#[tokio::test]
async fn what_cannot_be_finished_makes_the_volume_say_so_and_touches_nothing() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let folder = home.volume_folder(&volume);
    let home = home
        .reopen_after(|_| {
            let mut manifest = manifest(&folder);
            manifest["intents"] = serde_json::json!([{ "what": "upload", "staging": "x", "complete": false }]);
            put_manifest(&folder, &manifest);
            fs::write(head(&folder), "damaged").unwrap();
        })
        .await;
    let seen = home.engine.volume_get(volume.id.as_str()).await.unwrap();
    assert!(seen.error.is_some(), "{seen:?}");
    assert_eq!(fs::read(head(&folder)).unwrap(), b"damaged");
}

/// The same binary, run once more, opens the store of its environment and is killed while it uploads.
#[test]
fn an_engine_killed_in_the_middle_of_uploads_loses_nothing_that_was_acknowledged() {
    const STORE: &str = "CAIRN_STORY_STORE";
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if let Some(folder) = std::env::var_os(STORE) {
        runtime.block_on(upload_for_ever(Path::new(&folder)));
    }
    let folder = tempfile::tempdir().unwrap();
    let host = folder.path().join("host");
    fs::create_dir(&host).unwrap();
    for number in 0..50 {
        fs::write(host.join(format!("{number}")), noise(200_000, number)).unwrap();
    }
    for round in 0..6u64 {
        let name = "crashes::an_engine_killed_in_the_middle_of_uploads_loses_nothing_that_was_acknowledged";
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture", "--test-threads=1"])
            .env(STORE, folder.path())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let acknowledged = folder.path().join("acknowledged");
        // It is killed at another point in each round, after it has acknowledged something.
        let enough = fs::read_to_string(&acknowledged).map_or(0, |text| text.lines().count()) + 1 + round as usize % 3;
        while fs::read_to_string(&acknowledged).map_or(0, |text| text.lines().count()) < enough {
            assert!(child.try_wait().unwrap().is_none(), "the engine ended by itself");
            std::thread::sleep(std::time::Duration::from_millis(7 + round));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        runtime.block_on(look_after_a_kill(folder.path(), &acknowledged));
    }
}

async fn upload_for_ever(folder: &Path) -> ! {
    let home = Home::at(folder).await;
    if home.engine.volume_list().await.unwrap().is_empty() {
        home.volume_of("data", 512 * MIB).await;
    }
    let mut number = home.paths("data", "").await.iter().filter(|path| !path.contains('/')).count();
    loop {
        let destination = format!("{number}");
        done(&home.upload("data", &[folder.join("host/.")], &destination).await);
        let mut line = fs::OpenOptions::new().append(true).create(true).open(folder.join("acknowledged")).unwrap();
        std::io::Write::write_all(&mut line, format!("{destination}\n").as_bytes()).unwrap();
        if number % 3 == 0 {
            home.engine.checkpoint_create("data", None).await.unwrap();
        }
        number += 1;
    }
}

async fn look_after_a_kill(folder: &Path, acknowledged: &Path) {
    let home = Home::at(folder).await;
    let volume = home.engine.volume_get("data").await.unwrap();
    assert_eq!(volume.error, None);
    home.judge(&volume);
    let paths = home.paths("data", "").await;
    assert!(!paths.iter().any(|path| path.contains("cairn-upload")), "nothing half-written is left");
    let tops: Vec<&String> = paths.iter().filter(|path| !path.contains('/')).collect();
    for line in fs::read_to_string(acknowledged).unwrap().lines() {
        assert!(tops.iter().any(|top| *top == line), "{line} was acknowledged: {tops:?}");
    }
    for top in tops {
        let count = paths.iter().filter(|path| path.starts_with(&format!("{top}/"))).count();
        assert_eq!(count, 50, "{top} is whole");
    }
    home.engine.close().await.unwrap();
}
