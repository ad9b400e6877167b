use std::fs;

use time::OffsetDateTime;

use super::*;
use crate::error::ErrorKind;

pub(crate) fn layer(parent: Option<&LayerId>) -> LayerRecord {
    LayerRecord { parent: parent.cloned(), created_at: OffsetDateTime::UNIX_EPOCH, empty_length: 0 }
}

fn checkpoint(name: &str, layer: &LayerId) -> CheckpointRecord {
    CheckpointRecord {
        id: CheckpointId::random().unwrap(),
        name: name.into(),
        layer: layer.clone(),
        created_at: OffsetDateTime::UNIX_EPOCH,
        automatic: false,
        crash_consistent: false,
    }
}

/// A volume with a chain of `depth` layers, the topmost the head.
pub(crate) fn volume(depth: usize) -> (Manifest, Vec<LayerId>) {
    let ids: Vec<LayerId> = (0..depth).map(|_| LayerId::random().unwrap()).collect();
    let layers = ids
        .iter()
        .enumerate()
        .map(|(at, id)| (id.clone(), layer(at.checked_sub(1).map(|below| &ids[below]))))
        .collect();
    let (id, head) = (VolumeId::random().unwrap(), ids[depth - 1].clone());
    let new = Manifest::of_new(id, "data", 16 << 20, (head, layer(None)));
    let manifest = Manifest { created_at: OffsetDateTime::UNIX_EPOCH, layers, ..new };
    (manifest, ids)
}

#[test]
fn a_saved_manifest_is_read_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (mut manifest, ids) = volume(3);
    manifest.checkpoints.push(checkpoint("日本", &ids[0]));
    manifest.intents.push(Intent::Grow { quota_bytes: 1 << 30 });
    save(folder.path(), &manifest).unwrap();
    let loaded = load(folder.path(), &manifest.id).unwrap();
    assert_eq!(loaded.manifest, manifest);
    assert!(loaded.notice.is_none());
}

#[test]
fn a_damaged_manifest_is_restored_from_the_generation_before_it_and_kept() {
    let damages: [fn(&std::path::Path); 4] = [
        |path| fs::write(path, &fs::read(path).unwrap()[..100]).unwrap(),
        |path| fs::write(path, fs::read_to_string(path).unwrap().replace("\"data 2\"", "\"data X\"")).unwrap(),
        |path| fs::write(path, vec![0x55; 4096]).unwrap(),
        |path| fs::remove_file(path).unwrap(),
    ];
    for damage in damages {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let (mut manifest, _) = volume(1);
        save(folder.path(), &manifest).unwrap();
        manifest.name = "data 2".into();
        manifest.generation = 2;
        save(folder.path(), &manifest).unwrap();
        damage(&path);
        let was_there = path.exists();

        let loaded = load(folder.path(), &manifest.id).unwrap();
        assert_eq!(loaded.manifest.name, "data");
        assert!(loaded.notice.unwrap().contains("restored"));
        let kept = fs::read_dir(folder.path())
            .unwrap()
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with("manifest.broken-"));
        assert_eq!(kept, was_there);
        assert!(load(folder.path(), &manifest.id).unwrap().notice.is_none(), "restored once, not every time");
    }
}

#[test]
fn two_damaged_generations_are_an_error_and_nothing_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, _) = volume(1);
    for name in [FILE_NAME, PREVIOUS_NAME] {
        fs::write(folder.path().join(name), "{").unwrap();
    }
    assert_eq!(load(folder.path(), &manifest.id).unwrap_err().kind(), ErrorKind::Corrupt);
    assert_eq!(fs::read_to_string(folder.path().join(FILE_NAME)).unwrap(), "{");
}

#[test]
fn a_manifest_of_a_newer_cairn_is_not_replaced_by_an_older_generation() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, _) = volume(1);
    save(folder.path(), &manifest).unwrap();
    save(folder.path(), &manifest).unwrap();
    fs::write(folder.path().join(FILE_NAME), r#"{"format": 7, "cbor": "…"}"#).unwrap();
    assert_eq!(load(folder.path(), &manifest.id).unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn a_manifest_that_contradicts_itself_is_damaged() {
    let (good, ids) = volume(2);
    assert_eq!(good.validate(), Ok(()));

    let mut no_head = good.clone();
    no_head.head = LayerId::random().unwrap();
    assert!(no_head.validate().is_err());

    let mut endless = good.clone();
    endless.layers.insert(ids[0].clone(), layer(Some(&ids[1])));
    assert!(endless.validate().is_err());

    let mut rootless = good.clone();
    rootless.layers.remove(&ids[0]);
    assert!(rootless.validate().is_err());
}

#[test]
fn pruning_takes_what_nothing_needs_and_stops_at_what_something_does() {
    // base ← named ← unnamed ← left, and the head on `named`.
    let (mut manifest, ids) = volume(4);
    let head = LayerId::random().unwrap();
    manifest.layers.insert(head.clone(), layer(Some(&ids[1])));
    manifest.head = head.clone();
    manifest.checkpoints.push(checkpoint("kept", &ids[1]));

    assert_eq!(manifest.prune_from(&ids[3]), vec![ids[3].clone(), ids[2].clone()]);
    assert!(manifest.prune_from(&ids[1]).is_empty(), "it has a name");
    manifest.checkpoints.clear();
    assert!(manifest.prune_from(&ids[1]).is_empty(), "the head stands on it");
    assert!(manifest.prune_from(&head).is_empty(), "it is the head");
    assert_eq!(manifest.validate(), Ok(()));
}
