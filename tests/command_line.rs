//! The whole path once, told through the command line, with a real guest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::cairn::Cairn;
use crate::common::desktop::printed;
use crate::common::judge::everything_is_clean;
use crate::common::tree::{checksum_list, plant, sha256, survey};

#[test]
fn a_file_put_on_a_volume_is_read_at_its_path_in_a_running_machine() {
    let cairn = Cairn::new();
    let desk = cairn.desk();
    plant(&desk.join("tree"));
    let tree = survey(&desk.join("tree"));

    // A volume, seeded with no machine running.
    let volume = cairn.json(&["volume", "create", "work", "--quota", "2GiB"]);
    assert_eq!(volume["quota_bytes"], 2u64 << 30);
    everything_is_clean(&cairn.store());
    cairn.ok(&["files", "put", "work", "tree", "/"]);
    fs::write(desk.join("sums"), checksum_list(&tree, "/data/tree")).expect("the list of checksums");
    cairn.ok(&["files", "put", "work", "sums", "sums"]);
    everything_is_clean(&cairn.store());
    let listed = cairn.json(&["files", "ls", "work", "tree", "--recursive", "--limit", "1000"]);
    assert_eq!(listed.as_array().expect("a list").len(), tree.len());

    cairn.ok(&["checkpoint", "create", "work", "--name", "seeded"]);
    everything_is_clean(&cairn.store());

    // In a machine: every byte is there, and it can write.
    let machine = cairn.json(&["vm", "demo"]);
    assert_eq!(machine["status"], "active");
    cairn.ok(&["mount", "work", "demo", "/data", "--mode", "rw"]);
    let checked = cairn.in_guest("demo", "sha256sum -c /data/sums 2>&1 | grep -vc ': OK$' || true");
    assert_eq!(checked.trim(), "0", "the guest read other bytes");
    let link = cairn.in_guest("demo", "readlink /data/tree/link; readlink /data/tree/dangling");
    assert_eq!(link, "写真アルバム.txt\nnowhere/at/all\n");
    let written = cairn.in_guest(
        "demo",
        "dd if=/dev/urandom of=/data/made-inside bs=1M count=50 2>/dev/null && sha256sum </data/made-inside",
    );
    let written = written.split_whitespace().next().expect("a checksum").to_owned();

    // One writer, ever.
    cairn.ok(&["vm", "demo", "--name", "second"]);
    let sentence = cairn.refused(5, &["mount", "work", "second", "/data", "--mode", "rw"]);
    assert!(sentence.contains("work") && sentence.contains("demo"), "{sentence}");
    let sentence = cairn.refused(5, &["volume", "check", "work"]);
    assert!(sentence.contains("demo"), "{sentence}");
    // What is put there meanwhile goes through the guest that writes.
    cairn.ok(&["files", "put", "work", "sums", "again"]);
    assert_eq!(cairn.in_guest("demo", "cmp /data/sums /data/again && echo the same"), "the same\n");
    cairn.ok(&["volume", "check", "work", "--at", "seeded"]);

    cairn.ok(&["unmount", "demo", "/data"]);
    assert_eq!(cairn.json(&["mounts"]), serde_json::json!([]));
    everything_is_clean(&cairn.store());

    // What the guest wrote comes out; going back takes it away and leaves everything else as it was.
    cairn.ok(&["files", "get", "work", "made-inside", "made-inside"]);
    assert_eq!(sha256(&desk.join("made-inside")), written);
    assert_eq!(cairn.json(&["volume", "check", "work"])["findings"], serde_json::json!([]));
    cairn.ok(&["checkpoint", "restore", "work", "seeded"]);
    everything_is_clean(&cairn.store());
    cairn.refused(3, &["files", "get", "work", "made-inside", "gone"]);
    cairn.ok(&["files", "get", "work", "tree", "back"]);
    assert_eq!(survey(&desk.join("back")), tree);

    // Going back can itself be undone: the present before it is kept.
    let checkpoints = cairn.json(&["checkpoint", "ls", "work"]);
    let kept = checkpoints
        .as_array()
        .expect("a list")
        .iter()
        .find(|each| each["automatic"] == true)
        .expect("an automatic checkpoint");
    let kept = kept["id"].as_str().expect("its id");
    cairn.ok(&["files", "get", "work", "made-inside", "from-before", "--at", kept]);
    assert_eq!(sha256(&desk.join("from-before")), written);

    cairn.ok(&["vm", "stop", "demo"]);
    cairn.ok(&["vm", "stop", "second"]);
    cairn.ok(&["volume", "rm", "work", "--yes"]);
    assert_eq!(cairn.json(&["volume", "ls"]), serde_json::json!([]));
}

/// The layer that is written when the store's one volume is.
fn head_of_the_only_volume(store: &Path) -> PathBuf {
    let folders = fs::read_dir(store.join("volumes")).expect("the volumes");
    let folder = folders.map(|folder| folder.expect("a folder").path()).next().expect("a volume");
    let manifest = fs::read_to_string(folder.join("manifest.json")).expect("its manifest");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    folder.join(manifest["manifest"]["head"].as_str().expect("the head's id")).with_extension("qcow2")
}

#[test]
fn a_damaged_filesystem_is_told_in_words_and_an_older_state_is_still_sound() {
    let cairn = Cairn::new();
    cairn.ok(&["volume", "create", "work", "--quota", "64MiB"]);
    fs::write(cairn.desk().join("letter"), "Dear reader").expect("a file");
    cairn.ok(&["files", "put", "work", "letter", "letter"]);
    assert!(cairn.ok(&["volume", "check", "work"]).contains("sound: 1 file and "));
    cairn.ok(&["checkpoint", "create", "work", "--name", "sound"]);
    // The descriptors of the block groups, right behind the block of the superblock, become noise.
    let head = head_of_the_only_volume(&cairn.store());
    printed(Command::new("qemu-io").args(["-f", "qcow2", "-c", "write -P 0xa5 4096 512"]).arg(head));

    let output = cairn.run(&["--json", "volume", "check", "work"]);
    assert_eq!(output.status.code(), Some(1));
    let check: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(check["clean"], false);
    assert!(check["findings"].as_array().is_some_and(|all| !all.is_empty()), "{check}");
    let told = cairn.run(&["volume", "check", "work"]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("is damaged"));
    cairn.ok(&["volume", "check", "work", "--at", "sound"]);
    cairn.ok(&["checkpoint", "restore", "work", "sound"]);
    assert_eq!(cairn.ok(&["files", "get", "work", "letter", "-"]), "Dear reader");
}

#[test]
fn bad_input_is_answered_and_changes_nothing() {
    let cairn = Cairn::new();
    for quota in ["0", "-1", "9EiB", "99999999999999999999999", "much", ""] {
        cairn.refused(2, &["volume", "create", "bad", &format!("--quota={quota}")]);
    }
    let long = "x".repeat(256);
    for name in ["", "../x", "a/b", ".", "..", "new\nline", long.as_str()] {
        cairn.refused(2, &["volume", "create", "--quota", "64MiB", "--", name]);
    }
    assert_eq!(cairn.json(&["volume", "ls"]), serde_json::json!([]));

    cairn.ok(&["volume", "create", "small", "--quota", "64MiB"]);
    cairn.refused(4, &["volume", "create", "small", "--quota", "64MiB"]);
    let desk = cairn.desk();
    fs::write(desk.join("file"), "content").expect("a file");
    cairn.refused(2, &["files", "put", "small", "file", "../out"]);
    cairn.refused(2, &["files", "put", "small", "file", "a/../../out"]);
    cairn.refused(3, &["files", "put", "small", "not-there", "x"]);
    cairn.refused(3, &["files", "get", "small", "not-there", "x"]);
    cairn.refused(3, &["volume", "get", "nobody"]);

    // Larger than what is free: refused with both figures, nothing half-written remains.
    let large = fs::File::create(desk.join("large")).expect("a file");
    std::io::copy(&mut crate::common::tree::noise(7, 100_000_000), &mut &large).expect("its bytes");
    cairn.refused(6, &["files", "put", "small", "large", "large"]);
    cairn.refused(6, &["files", "put", "small", "file", "large", "both/"]);
    assert_eq!(cairn.json(&["files", "ls", "small"]), serde_json::json!([]));
    everything_is_clean(&cairn.store());

    cairn.refused(2, &["mount", "small", "nobody", "data"]);
    cairn.refused(3, &["mount", "small", "nobody", "/data"]);
}
