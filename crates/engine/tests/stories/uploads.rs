//! Uploads: whole trees, all of them or nothing.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use cairn_engine::{Conflict, Direction, ErrorKind, EventKind, FileKind, TransferState, Upload};

use crate::common::*;

/// A tree with everything that a tree can have.
fn holiday(host: &Path) -> PathBuf {
    let top = host.join("holiday");
    fs::create_dir_all(top.join("2026/empty folder")).unwrap();
    fs::create_dir_all(top.join("2026/写真")).unwrap();
    for number in 0..40 {
        fs::write(top.join(format!("2026/写真/猫 {number}.jpg")), noise(1000 * number + 1, number as u64)).unwrap();
    }
    fs::write(top.join("film"), noise(9 * MIB as usize + 5, 99)).unwrap();
    fs::write(top.join("empty"), "").unwrap();
    fs::write(top.join("run.sh"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(top.join("run.sh"), fs::Permissions::from_mode(0o750)).unwrap();
    symlink("film", top.join("link")).unwrap();
    symlink("/nowhere/at/all", top.join("dangling")).unwrap();
    fs::set_permissions(top.join("2026"), fs::Permissions::from_mode(0o700)).unwrap();
    top
}

#[tokio::test]
async fn a_tree_goes_in_whole_and_comes_out_the_same() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let source = holiday(&home.host());
    let transfer = home.upload("data", std::slice::from_ref(&source), "").await;
    done(&transfer);
    assert_eq!((transfer.direction, transfer.title.as_str()), (Direction::Upload, "holiday"));
    assert_eq!(transfer.files_total, tree(&source).len() as u64);
    home.judge(&volume);

    let script = home.engine.file_stat("data", "holiday/run.sh", None).await.unwrap();
    let meta = fs::metadata(source.join("run.sh")).unwrap();
    assert_eq!((script.mode, script.uid, script.gid), (0o750, meta.uid(), meta.gid()));
    assert_eq!(script.modified.unix_timestamp(), meta.mtime());
    let link = home.engine.file_stat("data", "holiday/dangling", None).await.unwrap();
    assert_eq!((link.kind, link.target.as_deref()), (FileKind::Symlink, Some("/nowhere/at/all")));

    let back = home.host().join("back");
    fs::create_dir(&back).unwrap();
    done(&home.download("data", &["holiday"], &back).await);
    assert_eq!(tree(&back.join("holiday")), tree(&source));
}

#[tokio::test]
async fn destinations_are_understood_as_cp_does() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let host = home.host();
    fs::write(host.join("file"), "1").unwrap();
    fs::write(host.join("other"), "2").unwrap();
    fs::create_dir(host.join("folder")).unwrap();
    fs::write(host.join("folder/inside"), "3").unwrap();
    let (file, other, folder) = (host.join("file"), host.join("other"), host.join("folder"));
    let cases: [(&[&PathBuf], &str, &[&str]); 9] = [
        (&[&file], "renamed", &["renamed"]),
        (&[&file], "deep/er/", &["deep", "deep/er", "deep/er/file"]),
        (&[&file], "deep/er", &["deep/er/file"]),
        (&[&file, &other], "both/", &["both", "both/file", "both/other"]),
        (&[&file, &other], "/deep", &["deep/file", "deep/other"]),
        (&[&folder], "copy", &["copy", "copy/inside"]),
        (&[&folder], "copy", &["copy/folder", "copy/folder/inside"]),
        (&[&folder.join(".")], "contents", &["contents", "contents/inside"]),
        (&[&file], "new/parent/name", &["new", "new/parent", "new/parent/name"]),
    ];
    for (sources, destination, expected) in cases {
        let before = home.paths("data", "").await;
        let sources: Vec<PathBuf> = sources.iter().map(|path| (*path).clone()).collect();
        done(&home.upload("data", &sources, destination).await);
        let after = home.paths("data", "").await;
        let new: Vec<&String> = after.iter().filter(|path| !before.contains(path)).collect();
        assert!(new.iter().all(|path| expected.contains(&path.as_str())), "{destination}: {new:?}");
        assert!(expected.iter().all(|path| after.contains(&(*path).to_owned())), "{destination}: {after:?}");
    }
    let error = failed(&home.upload("data", &[file.clone(), other], "nowhere").await);
    assert!(error.contains("not a folder"), "{error}");
    let error = failed(&home.upload("data", &[file, host.join("folder/../file")], "both").await);
    assert!(error.contains("Two of the files"), "{error}");
    home.judge(&volume);
}

#[tokio::test]
async fn what_is_there_is_replaced_or_kept_or_stops_the_upload_as_asked() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let source = home.host().join("folder");
    fs::create_dir_all(source.join("sub")).unwrap();
    fs::write(source.join("both"), "new").unwrap();
    fs::write(source.join("sub/fresh"), "new").unwrap();
    let upload = async |conflict| {
        let upload = Upload { sources: vec![source.clone()], destination: String::new(), conflict };
        let transfer = home.engine.upload("data", upload).await.unwrap();
        home.engine.transfer_wait(transfer.id.as_str()).await.unwrap()
    };
    home.write("data", "folder/both", "old").await;
    home.write("data", "folder/only here", "old").await;

    assert!(failed(&upload(Conflict::Fail).await).contains("folder/both"));
    assert_eq!(home.paths("data", "").await, ["folder", "folder/both", "folder/only here"]);
    let skipped = upload(Conflict::Skip).await;
    done(&skipped);
    assert_eq!(skipped.files_total, 3, "the two folders and the one file that is not there");
    assert_eq!(home.read("data", "folder/both").await, b"old");
    assert_eq!(home.read("data", "folder/sub/fresh").await, b"new");
    done(&upload(Conflict::Replace).await);
    assert_eq!(home.read("data", "folder/both").await, b"new");
    assert_eq!(home.read("data", "folder/only here").await, b"old");

    home.engine.file_delete("data", "folder/sub", true).await.unwrap();
    home.write("data", "folder/sub", "a file where a folder is to go").await;
    assert!(failed(&upload(Conflict::Replace).await).contains("folder/sub"));
    home.judge(&volume);
}

#[tokio::test]
async fn an_upload_larger_than_what_is_free_writes_nothing() {
    let home = Home::new().await;
    let volume = home.volume_of("data", 32 * MIB).await;
    let source = home.host().join("large");
    fs::create_dir(&source).unwrap();
    for number in 0..8 {
        fs::write(source.join(number.to_string()), noise(5 * MIB as usize, number)).unwrap();
    }
    let length = |volume| fs::metadata(head(&home.volume_folder(volume))).unwrap().len();
    let before = length(&volume);
    let transfer = home.upload("data", std::slice::from_ref(&source), "").await;
    let error = failed(&transfer);
    assert!(error.contains("needs 40") && error.contains("free"), "{error}");
    assert_eq!((transfer.bytes_done, length(&volume)), (0, before));
    assert!(home.paths("data", "").await.is_empty());

    let many = home.host().join("many");
    fs::create_dir(&many).unwrap();
    for number in 0..33_000 {
        fs::write(many.join(number.to_string()), "").unwrap();
    }
    let error = failed(&home.upload("data", &[many], "").await);
    assert!(error.contains("33001 files"), "{error}");
    home.judge(&volume);
}

/// Waits for an event of the running transfer, then does something to the host's files.
async fn when_running(home: &Home, upload: Upload, something: impl FnOnce(&str)) -> cairn_engine::Transfer {
    let mut events = home.engine.subscribe();
    let transfer = home.engine.upload("data", upload).await.unwrap();
    let mut something = Some(something);
    loop {
        let EventKind::TransferChanged { transfer: seen } = events.recv().await.unwrap().kind else { continue };
        if seen.files_total > 0
            && let Some(something) = something.take()
        {
            something(seen.id.as_str());
        }
        if seen.ended_at.is_some() {
            return home.engine.transfer_wait(transfer.id.as_str()).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_vanishes_or_shrinks_undoes_the_whole_upload() {
    let vanish: fn(&Path) = |last| fs::remove_file(last).unwrap();
    let shrink: fn(&Path) = |last| fs::write(last, "short").unwrap();
    let turn_into_link: fn(&Path) = |last| {
        fs::remove_file(last).unwrap();
        symlink("/etc/hostname", last).unwrap();
    };
    for something in [vanish, shrink, turn_into_link] {
        let home = Home::new().await;
        let volume = home.volume_of("data", 512 * MIB).await;
        let source = home.host().join("folder");
        fs::create_dir(&source).unwrap();
        for number in 0..4 {
            fs::write(source.join(format!("{number}")), noise(40 * MIB as usize, number)).unwrap();
        }
        let last = source.join("zzz");
        fs::write(&last, noise(MIB as usize, 5)).unwrap();
        home.write("data", "folder/0", "old").await;
        let before = home.engine.volume_get("data").await.unwrap().used_bytes;
        let taken = home.head_bytes(&volume);

        let upload = Upload { sources: vec![source], destination: String::new(), conflict: Conflict::Replace };
        let transfer = when_running(&home, upload, |_| something(&last)).await;
        let error = failed(&transfer);
        assert!(error.contains(last.to_str().unwrap()), "{error}");
        assert_eq!(home.paths("data", "").await, ["folder", "folder/0"]);
        assert_eq!(home.read("data", "folder/0").await, b"old");
        assert_eq!(home.engine.volume_get("data").await.unwrap().used_bytes, before);
        assert!(home.head_bytes(&volume) < taken + 2 * MIB, "{} of {taken}", home.head_bytes(&volume));
        home.judge(&volume);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_upload_leaves_nothing_and_the_next_one_has_its_turn() {
    let home = Home::new().await;
    let volume = home.volume_of("data", 512 * MIB).await;
    let source = home.host().join("large");
    fs::write(&source, noise(150 * MIB as usize, 3)).unwrap();
    let small = home.host().join("small");
    fs::write(&small, "text").unwrap();
    let taken = home.head_bytes(&volume);
    let upload = |source: &Path| Upload {
        sources: vec![source.to_owned()],
        destination: String::new(),
        conflict: Conflict::Replace,
    };
    let engine = home.engine.clone();
    let mut queued = None;
    let transfer = when_running(&home, upload(&source), |id| {
        queued = Some(engine.upload("data", upload(&small)));
        engine.transfer_cancel(id).unwrap();
    })
    .await;
    assert_eq!(transfer.state, TransferState::Cancelled);
    assert!(transfer.bytes_done < transfer.bytes_total);
    let next = queued.unwrap().await.unwrap();
    done(&home.engine.transfer_wait(next.id.as_str()).await.unwrap());
    assert_eq!(home.paths("data", "").await, ["small"]);
    assert!(home.head_bytes(&volume) < taken + 2 * MIB, "{} of {taken}", home.head_bytes(&volume));
    home.judge(&volume);

    // The ends are remembered until nobody wants to know.
    assert_eq!(home.engine.transfer_list().len(), 2);
    assert_eq!(home.engine.transfer_cancel(next.id.as_str()).unwrap().state, TransferState::Done);
    home.engine.transfer_clear();
    refused(home.engine.transfer_get(next.id.as_str()), ErrorKind::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_an_upload_runs_the_files_that_are_there_can_be_looked_at() {
    let home = Home::new().await;
    home.volume_of("data", 512 * MIB).await;
    home.write("data", "old", "text").await;
    let source = home.host().join("large");
    fs::write(&source, noise(200 * MIB as usize, 3)).unwrap();
    let upload = Upload { sources: vec![source], destination: String::new(), conflict: Conflict::Replace };
    let id = home.engine.upload("data", upload).await.unwrap().id;
    let mut looks = 0;
    while home.engine.transfer_get(id.as_str()).unwrap().ended_at.is_none() {
        let paths = home.paths("data", "").await;
        assert!(paths == ["old"] || paths == ["large", "old"], "{paths:?}");
        assert_eq!(home.engine.file_stat("data", "old", None).await.unwrap().size, 4);
        looks += 1;
    }
    assert!(looks > 0);
    done(&home.engine.transfer_get(id.as_str()).unwrap());
    assert_eq!(home.paths("data", "").await, ["large", "old"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_waits_for_somebody_who_reads_and_can_be_cancelled_meanwhile() {
    let home = Home::new().await;
    home.volume("data").await;
    home.write("data", "read", "text").await;
    let source = home.host().join("file");
    fs::write(&source, "new").unwrap();
    let upload = Upload { sources: vec![source], destination: String::new(), conflict: Conflict::Replace };
    let reader = home.engine.file_read("data", "read", None).await.unwrap();
    let waiting = home.engine.upload("data", upload.clone()).await.unwrap().id;
    let second = home.engine.upload("data", upload).await.unwrap().id;
    assert_eq!(home.read("data", "read").await, b"text", "others still come in");
    assert_eq!(home.engine.transfer_get(waiting.as_str()).unwrap().state, TransferState::Queued);
    home.engine.transfer_cancel(waiting.as_str()).unwrap();
    assert_eq!(home.engine.transfer_wait(waiting.as_str()).await.unwrap().state, TransferState::Cancelled);
    drop(reader);
    done(&home.engine.transfer_wait(second.as_str()).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_of_one_volume_wait_for_each_other() {
    let home = Home::new().await;
    home.volume_of("data", 256 * MIB).await;
    let mut ids = Vec::new();
    for number in 0..4 {
        let source = home.host().join(format!("{number}"));
        fs::write(&source, noise(10 * MIB as usize, number)).unwrap();
        let upload = Upload { sources: vec![source], destination: "in/".into(), conflict: Conflict::Fail };
        ids.push(home.engine.upload("data", upload).await.unwrap().id);
    }
    for id in &ids {
        done(&home.engine.transfer_wait(id.as_str()).await.unwrap());
    }
    assert_eq!(home.paths("data", "in").await, ["in/0", "in/1", "in/2", "in/3"]);
}

#[tokio::test]
async fn what_is_no_file_is_left_out_with_a_notice() {
    let home = Home::new().await;
    home.volume("data").await;
    let source = home.host().join("folder");
    fs::create_dir(&source).unwrap();
    fs::write(source.join("file"), "text").unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(source.join("socket")).unwrap();
    let mut events = home.engine.subscribe();
    done(&home.upload("data", std::slice::from_ref(&source), "").await);
    assert_eq!(home.paths("data", "").await, ["folder", "folder/file"]);
    let notices = notices(&mut events);
    assert!(notices.iter().any(|(_, message)| message.contains("socket")), "{notices:?}");
}

#[tokio::test]
async fn sources_that_are_not_there_and_bad_destinations_are_named() {
    let home = Home::new().await;
    home.volume("data").await;
    let missing = home.host().join("missing");
    let error = failed(&home.upload("data", std::slice::from_ref(&missing), "").await);
    assert!(error.contains(missing.to_str().unwrap()), "{error}");
    let upload =
        |destination: &str, sources| Upload { sources, destination: destination.into(), conflict: Conflict::Replace };
    refused(home.engine.upload("data", upload("../x", vec![missing.clone()])).await, ErrorKind::InvalidInput);
    refused(home.engine.upload("data", upload("", vec![])).await, ErrorKind::InvalidInput);
    refused(home.engine.upload("other", upload("", vec![missing])).await, ErrorKind::NotFound);
    refused(home.engine.transfer_wait("tr_aaaaaaaaaaaaaaaa").await, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_link_in_the_volume_does_not_lead_an_upload_elsewhere() {
    let home = Home::new().await;
    home.volume("data").await;
    let host = home.host();
    fs::create_dir(host.join("folder")).unwrap();
    fs::write(host.join("folder/file"), "text").unwrap();
    symlink("real", host.join("link")).unwrap();
    home.engine.file_mkdir("data", "real").await.unwrap();
    done(&home.upload("data", &[host.join("link")], "").await);
    let error = failed(&home.upload("data", &[host.join("folder")], "link/below/").await);
    assert!(error.contains("'link' is not a folder"), "{error}");
    assert_eq!(home.paths("data", "").await, ["link", "real"]);
}
