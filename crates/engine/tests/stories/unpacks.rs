//! Archives that are unpacked into a volume that is there, and files that are sent to become something.

use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

use cairn_engine::{Conflict, Error, ErrorKind, ImportVolume, Transfer, TransferState, Unpack};

use crate::common::*;

fn wanted(archive: &Path, destination: &str, conflict: Conflict) -> Unpack {
    Unpack { archive: archive.to_owned(), destination: destination.to_owned(), conflict }
}

async fn ended(home: &Home, begun: Result<Transfer, Error>) -> Transfer {
    home.engine.transfer_wait(begun.unwrap().id.as_str()).await.unwrap()
}

async fn unpack(home: &Home, archive: &Path, destination: &str, conflict: Conflict) -> Transfer {
    ended(home, home.engine.files_unpack("data", wanted(archive, destination, conflict)).await).await
}

pub(crate) fn tar(home: &Home, folder: &Path, options: &[&str], name: &str, paths: &[&str]) -> PathBuf {
    let archive = home.host().join(name);
    run(Command::new("tar").args(options).arg(&archive).arg("-C").arg(folder).args(paths));
    archive
}

fn zip(home: &Home, folder: &Path, name: &str) -> PathBuf {
    let archive = home.host().join(name);
    let script = "import os, sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\n\
                  for d, _, names in sorted(os.walk(sys.argv[2])):\n for n in sorted(names):\n  \
                  p = os.path.join(d, n)\n  z.write(p, os.path.relpath(p, sys.argv[2]))\nz.close()\n";
    run(Command::new("python3").args(["-c", script]).arg(&archive).arg(folder));
    archive
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_unpacked_into_a_folder_or_not_at_all() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let from = home.host().join("from");
    fs::create_dir_all(from.join("photos/2026")).unwrap();
    fs::write(from.join("photos/2026/cat.jpg"), noise(300_000, 3)).unwrap();
    fs::write(from.join("läuft"), "new").unwrap();
    fs::hard_link(from.join("läuft"), from.join("twice")).unwrap();
    std::os::unix::fs::symlink("photos/2026", from.join("latest")).unwrap();
    run(Command::new("touch").args(["-d", "2020-02-02 02:02:02"]).arg(&from));
    home.write("data", "in/läuft", "old").await;
    home.write("data", "in/photos/mine", "mine").await;
    let packed = tar(&home, &from, &["--format=posix", "-czf"], "packed.tar.gz", &["."]);

    // Into a folder that is there, which is filled.
    let failing = unpack(&home, &packed, "in", Conflict::Fail).await;
    assert_eq!(failing.error_kind, Some(ErrorKind::AlreadyExists));
    assert!(failed(&failing).contains("in/läuft"));
    assert_eq!(home.paths("data", "").await, ["in", "in/läuft", "in/photos", "in/photos/mine"]);
    assert_eq!(unpack(&home, &packed, "in", Conflict::Skip).await.state, TransferState::Done);
    assert_eq!(home.read("data", "in/läuft").await, b"old");
    // The first name was left out, so that the second has nothing to be another name of.
    let filled = ["in/latest", "in/läuft", "in/photos", "in/photos/2026", "in/photos/2026/cat.jpg", "in/photos/mine"];
    let there: Vec<_> = home.paths("data", "in").await;
    assert!(filled.iter().all(|path| there.contains(&(*path).to_owned())), "{there:?}");
    done(&unpack(&home, &packed, "in", Conflict::Replace).await);
    assert_eq!(home.read("data", "in/läuft").await, b"new");
    assert_eq!(home.read("data", "in/photos/mine").await, b"mine");
    // Into a new one: all is as it was packed.
    done(&unpack(&home, &packed, "made/anew", Conflict::Fail).await);
    let back = home.host().join("back");
    done(&home.download("data", &["made/anew"], &back).await);
    assert_eq!(tree(&back), tree(&from));
    let twice = home.engine.file_stat("data", "in/twice", None).await.unwrap();
    assert_eq!(twice.size, 3);
    done(&unpack(&home, &zip(&home, &from, "packed.zip"), "", Conflict::Replace).await);
    assert!(home.read("data", "photos/2026/cat.jpg").await == fs::read(from.join("photos/2026/cat.jpg")).unwrap());
    home.judge(&volume);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_to_do_harm_changes_nothing() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let host = home.host();
    fs::create_dir_all(host.join("from/way/in")).unwrap();
    fs::write(host.join("from/way/in/file"), noise(200_000, 5)).unwrap();
    fs::write(host.join("from/plain"), "plain").unwrap();
    fs::create_dir_all(host.join("links")).unwrap();
    std::os::unix::fs::symlink("there", host.join("links/way")).unwrap();
    home.write("data", "there/kept", "kept").await;
    done(&home.upload("data", &[host.join("links/way")], "/").await);
    home.write("data", "plain/folder", "a folder").await;
    let before = home.disk(&volume);

    let outside = tar(&home, &host.join("from"), &["-P", "--transform=s,^,../,", "-cf"], "outside.tar", &["plain"]);
    let through = tar(&home, &host.join("from"), &["-cf"], "through.tar", &["way"]);
    let instead = tar(&home, &host.join("from"), &["-cf"], "instead.tar", &["plain"]);
    let whole = fs::read(&through).unwrap();
    let cut = host.join("cut.tar");
    fs::write(&cut, &whole[..100_000]).unwrap();
    let both = tar(&home, &host.join("links"), &["-cf"], "both.tar", &["way"]);
    run(Command::new("tar").args(["-rf"]).arg(&both).arg("-C").arg(host.join("from")).arg("way/in/file"));
    for (archive, destination, word) in [
        (&outside, "", "leads out"),
        (&through, "", "'way' would become a folder"),
        (&instead, "", "'plain' would become a file"),
        (&cut, "new", "damaged or not complete"),
        (&both, "new", "way"),
        (&through, "way/deeper", "is not a folder"),
    ] {
        let said = failed(&unpack(&home, archive, destination, Conflict::Replace).await);
        assert!(said.contains(word), "{}: {said}", archive.display());
    }
    home.write("data", "large", noise(40 * MIB as usize, 9)).await;
    fs::write(host.join("from/large"), noise(30 * MIB as usize, 8)).unwrap();
    let large = tar(&home, &host.join("from"), &["-cf"], "large.tar", &["large"]);
    let full = unpack(&home, &large, "new", Conflict::Fail).await;
    assert_eq!(full.error_kind, Some(ErrorKind::NoSpace), "{:?}", full.error);
    home.engine.file_delete("data", "large", false).await.unwrap();
    assert_eq!(home.paths("data", "").await, ["plain", "plain/folder", "there", "there/kept", "way"]);
    assert_eq!(home.disk(&volume).len(), before.len());
    home.judge(&volume);
    let letter = host.join("letter");
    fs::write(&letter, "Dear reader").unwrap();
    for (nothing, kind) in [
        (&letter, ErrorKind::InvalidInput),
        (&host, ErrorKind::InvalidInput),
        (&host.join("none"), ErrorKind::NotFound),
        (&letter.join("none"), ErrorKind::NotFound),
    ] {
        refused(home.engine.files_unpack("data", wanted(nothing, "", Conflict::Fail)).await, kind);
    }
}

/// What gathers in the store.
fn gathered(home: &Home) -> Vec<String> {
    let names = fs::read_dir(home.store().join("run")).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter_map(|name| name.into_string().ok()).filter(|name| name.ends_with(".fetch")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_sent_becomes_a_volume_or_is_unpacked_and_stays_nowhere() {
    let home = Home::new().await;
    home.volume("data").await;
    fs::create_dir_all(home.host().join("from")).unwrap();
    fs::write(home.host().join("from/letter"), "Dear reader").unwrap();
    let packed = fs::read(tar(&home, &home.host().join("from"), &["-czf"], "p.tar.gz", &["letter"])).unwrap();
    let import = |name: &str| ImportVolume { source: name.into(), name: None, quota_bytes: None, partition: None };
    let content = |bytes: &[u8]| -> Box<dyn Read + Send> { Box::new(Cursor::new(bytes.to_vec())) };
    let size = Some(packed.len() as u64);

    let sent = home.engine.volume_import_sent(import("letters.tar.gz"), size, content(&packed)).await;
    done(&ended(&home, sent).await);
    assert_eq!(home.read("letters", "letter").await, b"Dear reader");
    let image = fs::read(home.image("disk.qcow2", "qcow2")).unwrap();
    done(&ended(&home, home.engine.volume_import_sent(import("disk.qcow2"), None, content(&image)).await).await);
    assert_eq!(home.read("disk", "name").await, b"image");
    let into = wanted(Path::new("p.tar.gz"), "in", Conflict::Fail);
    done(&ended(&home, home.engine.files_unpack_sent("data", into.clone(), size, content(&packed)).await).await);
    assert_eq!(home.paths("data", "").await, ["in", "in/letter"]);
    assert!(gathered(&home).is_empty(), "{:?}", gathered(&home));

    // Whatever goes wrong, and whenever, nothing stays.
    let again = ended(&home, home.engine.files_unpack_sent("data", into.clone(), size, content(&packed)).await).await;
    assert_eq!(again.error_kind, Some(ErrorKind::AlreadyExists));
    let broken = ended(&home, home.engine.volume_import_sent(import("b.img"), None, content(&[0; 4096])).await).await;
    assert_eq!(broken.state, TransferState::Failed);
    let short = home.engine.volume_import_sent(import("s.tar"), Some(1 << 20), content(&packed)).await;
    refused(short, ErrorKind::Io);
    let huge = home.engine.volume_import_sent(import("h.tar"), Some(u64::MAX), content(&packed)).await;
    refused(huge, ErrorKind::NoSpace);
    refused(home.engine.files_unpack_sent("data", into, None, content(b"no archive")).await, ErrorKind::InvalidInput);
    for name in ["", "..", "a/b", "/etc/passwd"] {
        refused(home.engine.volume_import_sent(import(name), None, content(&packed)).await, ErrorKind::InvalidInput);
    }
    assert!(gathered(&home).is_empty(), "{:?}", gathered(&home));
    assert_eq!(home.engine.volume_list().await.unwrap().len(), 3);
}
