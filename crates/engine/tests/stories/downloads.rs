//! Downloads: out of the volume, and nowhere else than where they were to go.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;

use cairn_engine::{Conflict, Download, ErrorKind};

use crate::common::*;

#[tokio::test]
async fn destinations_are_understood_as_cp_does() {
    let home = Home::new().await;
    home.volume("data").await;
    home.write("data", "file", "1").await;
    home.write("data", "folder/inside", "2").await;
    let host = home.host();
    fs::create_dir(host.join("there")).unwrap();
    done(&home.download("data", &["file"], &host.join("renamed")).await);
    done(&home.download("data", &["file", "folder"], &host.join("there")).await);
    done(&home.download("data", &["/folder/"], &host.join("as")).await);
    done(&home.download("data", &["file"], &PathBuf::from(format!("{}/new/er/", host.display()))).await);
    done(&home.download("data", &[""], &host.join("all")).await);
    let found: Vec<String> = tree(&host).into_keys().collect();
    let expected = [
        "",
        "all",
        "all/file",
        "all/folder",
        "all/folder/inside",
        "as",
        "as/inside",
        "new",
        "new/er",
        "new/er/file",
        "renamed",
        "there",
        "there/file",
        "there/folder",
        "there/folder/inside",
    ];
    assert_eq!(found, expected);

    let error = failed(&home.download("data", &["file", "folder"], &host.join("nowhere")).await);
    assert!(error.contains("not a folder"), "{error}");
    assert!(failed(&home.download("data", &["file"], &host.join("no/such/folder")).await).contains("not there"));
    assert!(failed(&home.download("data", &["nothing"], &host).await).contains("'nothing'"));
    assert!(!host.join("nowhere").exists() && !host.join("no").exists());
}

#[tokio::test]
async fn what_is_there_is_replaced_or_kept_or_stops_the_download_as_asked() {
    let home = Home::new().await;
    home.volume("data").await;
    home.write("data", "folder/both", "new").await;
    home.write("data", "folder/sub/fresh", "new").await;
    let host = home.host();
    let download = async |conflict| {
        let download = Download { paths: vec!["folder".into()], destination: host.clone(), at: None, conflict };
        let transfer = home.engine.download("data", download).await.unwrap();
        home.engine.transfer_wait(transfer.id.as_str()).await.unwrap()
    };
    fs::create_dir(host.join("folder")).unwrap();
    fs::write(host.join("folder/both"), "old").unwrap();
    let before = tree(&host);
    assert!(failed(&download(Conflict::Fail).await).contains("folder/both"));
    assert_eq!(tree(&host), before);
    done(&download(Conflict::Skip).await);
    assert_eq!(fs::read(host.join("folder/both")).unwrap(), b"old");
    assert_eq!(fs::read(host.join("folder/sub/fresh")).unwrap(), b"new");
    done(&download(Conflict::Replace).await);
    assert_eq!(fs::read(host.join("folder/both")).unwrap(), b"new");

    // A folder of the host that is only a link is not followed.
    let elsewhere = home.host().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::remove_dir_all(host.join("folder/sub")).unwrap();
    symlink(&elsewhere, host.join("folder/sub")).unwrap();
    assert!(failed(&download(Conflict::Replace).await).contains("folder/sub"));
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

#[tokio::test]
async fn links_of_a_volume_are_never_followed_on_the_host() {
    let home = Home::new().await;
    home.volume("data").await;
    let host = home.host();
    let secret = host.join("secret");
    fs::create_dir(&secret).unwrap();
    let trap = host.join("trap");
    fs::create_dir(&trap).unwrap();
    symlink(&secret, trap.join("folder")).unwrap();
    symlink("../../../../etc/passwd", trap.join("file")).unwrap();
    done(&home.upload("data", std::slice::from_ref(&trap), "").await);
    let back = host.join("back");
    done(&home.download("data", &["trap"], &back).await);
    assert_eq!(tree(&back), tree(&trap));
    // Again, over the links that are there now.
    done(&home.download("data", &["trap/folder", "trap/file"], &back).await);
    let links = |folder| tree(folder).into_iter().filter(|(_, (kind, _))| kind == "link").collect::<Vec<_>>();
    assert_eq!(links(&back), links(&trap));
    assert_eq!(tree(&back).len(), 3);
    assert_eq!(fs::read_dir(&secret).unwrap().count(), 0);
}

#[tokio::test]
async fn hostile_names_stay_in_the_volume() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    home.write("data", "folder/PLACEHOLDER-1", "evil").await;
    // Somebody edits the image: the name becomes one that leads out of any folder.
    let head = head(&home.volume_folder(&volume));
    let raw = home.host().join("raw");
    run(Command::new("qemu-img").args(["convert", "-O", "raw"]).arg(&head).arg(&raw));
    let mut bytes = fs::read(&raw).unwrap();
    let at = bytes.windows(13).position(|window| window == b"PLACEHOLDER-1").unwrap();
    bytes[at..at + 13].copy_from_slice(b"../../../evil");
    fs::write(&raw, bytes).unwrap();
    run(Command::new("qemu-img").args(["convert", "-O", "qcow2", "-o", "compat=1.1"]).arg(&raw).arg(&head));
    fs::remove_file(&raw).unwrap();

    let destination = home.host().join("a/b/c/d");
    fs::create_dir_all(&destination).unwrap();
    let error = failed(&home.download("data", &["folder"], &destination).await);
    assert!(!error.is_empty());
    assert_eq!(tree(&home.host()).into_keys().collect::<Vec<_>>(), ["", "a", "a/b", "a/b/c", "a/b/c/d"]);
}

#[tokio::test]
async fn a_download_keeps_modes_and_times_and_holes_but_lends_no_rights() {
    let home = Home::new().await;
    home.volume_of("data", 256 * MIB).await;
    let host = home.host();
    let source = host.join("source");
    fs::create_dir(&source).unwrap();
    fs::write(source.join("tool"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(source.join("tool"), fs::Permissions::from_mode(0o4755)).unwrap();
    let sparse = fs::File::create(source.join("sparse")).unwrap();
    sparse.set_len(100 * MIB).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&sparse, b"end", 100 * MIB - 3).unwrap();
    fs::set_permissions(&source, fs::Permissions::from_mode(0o555)).unwrap();
    done(&home.upload("data", std::slice::from_ref(&source), "").await);
    assert_eq!(home.engine.file_stat("data", "source/tool", None).await.unwrap().mode, 0o4755);
    let back = host.join("back");
    done(&home.download("data", &["source"], &back).await);
    let mode = |path: &str| fs::metadata(back.join(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("tool"), mode("")), (0o755, 0o555));
    assert!(std::os::unix::fs::MetadataExt::blocks(&fs::metadata(back.join("sparse")).unwrap()) * 512 < MIB);
    let (mut there, mut here) = (tree(&source), tree(&back));
    there.remove("tool");
    here.remove("tool");
    assert_eq!(here, there);
    // So that they can be cleaned up by an ordinary user.
    for folder in [&source, &back] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[tokio::test]
async fn bad_requests_are_refused_at_once() {
    let home = Home::new().await;
    home.volume("data").await;
    let download = |paths: &[&str], at: Option<&str>| Download {
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        destination: home.host(),
        at: at.map(str::to_owned),
        conflict: Conflict::Replace,
    };
    refused(home.engine.download("data", download(&[], None)).await, ErrorKind::InvalidInput);
    refused(home.engine.download("data", download(&["../x"], None)).await, ErrorKind::InvalidInput);
    refused(home.engine.download("other", download(&["x"], None)).await, ErrorKind::NotFound);
}
