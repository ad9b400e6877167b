//! Archives: GNU tar finds in them what the volume holds, everything of it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, FileTimes};
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use cairn_engine::{Error, ErrorKind};

use crate::common::*;

/// Mode, owner and group, time, content or target, and the first name of the same file.
pub(crate) type Kept = (u32, [u32; 2], [i64; 2], Vec<u8>, Vec<u8>);

/// Everything below a folder, with all that an archive keeps. Hard links are told by the first of their names.
pub(crate) fn anatomy(folder: &Path) -> BTreeMap<Vec<u8>, Kept> {
    let (mut found, mut left) = (BTreeMap::new(), vec![folder.to_owned()]);
    let mut paths = Vec::new();
    while let Some(path) = left.pop() {
        if path.symlink_metadata().unwrap().is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        paths.push(path);
    }
    paths.sort();
    let mut first = BTreeMap::new();
    for path in paths.iter().filter(|path| *path != folder) {
        let meta = path.symlink_metadata().unwrap();
        let name = path.strip_prefix(folder).unwrap().as_os_str().as_bytes().to_vec();
        let content = match (meta.is_file(), meta.is_symlink()) {
            (true, _) if meta.len() > 1 << 30 => {
                let mut parts = vec![0; 400_000];
                let file = File::open(path).unwrap();
                file.read_exact_at(&mut parts[..200_000], 1 << 20).unwrap();
                file.read_exact_at(&mut parts[200_000..], 20 << 20).unwrap();
                parts.extend(meta.len().to_le_bytes());
                parts
            }
            (true, _) => fs::read(path).unwrap(),
            (_, true) => fs::read_link(path).unwrap().into_os_string().into_vec(),
            _ => Vec::new(),
        };
        let same = match meta.is_dir() {
            true => Vec::new(),
            false => first.entry(meta.ino()).or_insert_with(|| name.clone()).clone(),
        };
        let time = if meta.is_symlink() { [0; 2] } else { [meta.mtime(), meta.mtime_nsec()] };
        found.insert(name, (meta.mode(), [meta.uid(), meta.gid()], time, content, same));
    }
    found
}

/// A tree with everything that is hard to keep.
pub(crate) fn make_difficult_tree(folder: &Path) {
    let deep = folder.join("deep");
    fs::create_dir_all(deep.join("empty")).unwrap();
    fs::write(deep.join("größe 日本語.txt"), "unicode").unwrap();
    fs::write(deep.join(OsStr::from_bytes(b"not\xffutf8")), "bytes").unwrap();
    let long = deep.join("x".repeat(120));
    fs::create_dir(&long).unwrap();
    fs::write(long.join("y".repeat(200)), noise(70_000, 1)).unwrap();
    fs::hard_link(long.join("y".repeat(200)), deep.join("second name")).unwrap();
    symlink("../target", deep.join("short")).unwrap();
    symlink("z".repeat(300), deep.join("long link")).unwrap();
    let sparse = File::create(deep.join("sparse")).unwrap();
    sparse.write_all_at(&noise(5000, 2), 1 << 20).unwrap();
    sparse.write_all_at(&noise(100_000, 3), 20 << 20).unwrap();
    sparse.set_len(4 << 30).unwrap();
    File::create(deep.join("hole only")).unwrap().set_len(1 << 20).unwrap();
    let ends = File::create(deep.join("ends with data")).unwrap();
    ends.write_all_at(b"end", 300_001).unwrap();
    fs::set_permissions(deep.join("second name"), fs::Permissions::from_mode(0o4751)).unwrap();
    run(Command::new("mkfifo").arg(deep.join("pipe")));
    // mke2fs keeps whole seconds only.
    for path in anatomy(folder).into_keys() {
        run(Command::new("touch").args(["-h", "-d", "1999-01-02 03:04:05"]).arg(folder.join(OsStr::from_bytes(&path))));
    }
    sparse.set_times(FileTimes::new().set_modified(UNIX_EPOCH - Duration::from_secs(7))).unwrap();
}

/// Puts a filesystem that Linux's own tool made of `tree` into the head of a volume of 64 MiB.
pub(crate) fn replace_head(home: &Home, volume: &cairn_engine::Volume, tree: &Path) {
    let raw = home.host().join("made.raw");
    File::create(&raw).unwrap().set_len(64 * MIB).unwrap();
    run(Command::new("mke2fs").args(["-q", "-t", "ext4", "-d"]).arg(tree).arg(&raw));
    run(Command::new("debugfs").args(["-w", "-R", "ea_set deep/short user.note hello"]).arg(&raw));
    run(Command::new("debugfs").args(["-w", "-R", "ea_set deep/pipe user.note hello"]).arg(&raw));
    run(Command::new("debugfs").args(["-w", "-R", "ea_set deep/empty user.note hello"]).arg(&raw));
    let head = head(&home.volume_folder(volume));
    run(Command::new("qemu-img").args(["convert", "-n", "-f", "raw", "-O", "qcow2"]).arg(&raw).arg(head));
    fs::remove_file(raw).unwrap();
}

pub(crate) async fn archive(home: &Home, paths: &[&str], at: Option<&str>) -> Result<Vec<u8>, Error> {
    let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    let archive = home.engine.file_archive("data", &paths, at).await?;
    let written = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        archive.write_to(&mut bytes).map(|()| bytes)
    });
    written.await.unwrap()
}

pub(crate) fn extract(bytes: &[u8], into: &Path) {
    fs::create_dir_all(into).unwrap();
    let mut tar = Command::new("tar").arg("xpf").arg("-").arg("-C").arg(into).stdin(Stdio::piped()).spawn().unwrap();
    tar.stdin.take().unwrap().write_all(bytes).unwrap();
    assert!(tar.wait().unwrap().success());
}

#[tokio::test]
async fn gnu_tar_extracts_what_the_volume_and_its_checkpoints_hold() {
    let home = Home::new().await;
    let volume = home.volume("data").await;
    let made = home.host().join("made");
    make_difficult_tree(&made);
    replace_head(&home, &volume, &made);
    home.checkpoint("data", "then").await;
    home.engine.file_delete("data", "deep", true).await.unwrap();

    let bytes = archive(&home, &["/"], Some("then")).await.unwrap();
    assert!(bytes.len() < 1 << 20, "{} bytes: holes were not kept", bytes.len());
    let note = b"SCHILY.xattr.user.note=hello\n";
    assert_eq!(bytes.windows(note.len()).filter(|window| window == note).count(), 3);
    let out = home.host().join("out");
    extract(&bytes, &out);
    let (expected, found) = (anatomy(&made), anatomy(&out));
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, expected) in expected {
        assert!(found[&name] == expected, "{} differs", String::from_utf8_lossy(&name));
    }
    assert!(fs::metadata(out.join("deep/sparse")).unwrap().blocks() < 1000);

    // The present, where all of that is gone; and a part of what was.
    let one = home.host().join("one");
    fs::write(&one, "1").unwrap();
    let time = UNIX_EPOCH - Duration::new(1, 500_000_007);
    File::open(&one).unwrap().set_times(FileTimes::new().set_modified(time)).unwrap();
    done(&home.upload("data", std::slice::from_ref(&one), "/").await);
    let bytes = archive(&home, &["one"], None).await.unwrap();
    extract(&bytes, &home.host().join("now"));
    assert_eq!(tree_names(&home.host().join("now")), ["", "one"]);
    assert_eq!(fs::metadata(home.host().join("now/one")).unwrap().modified().unwrap(), time);
    let bytes = archive(&home, &["deep/empty", "deep/pipe"], Some("then")).await.unwrap();
    extract(&bytes, &home.host().join("part"));
    assert_eq!(tree_names(&home.host().join("part")), ["", "empty", "pipe"]);
    home.judge(&volume);
}

fn tree_names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        anatomy(folder).into_keys().map(|name| String::from_utf8_lossy(&name).into_owned()).collect();
    names.insert(0, String::new());
    names
}

#[tokio::test]
async fn an_archive_of_what_is_not_there_or_twice_there_is_refused() {
    let home = Home::new().await;
    home.volume("data").await;
    home.write("data", "a/x", "1").await;
    home.write("data", "b/x", "2").await;
    refused(archive(&home, &[], None).await, ErrorKind::InvalidInput);
    refused(archive(&home, &["nothing"], None).await, ErrorKind::NotFound);
    refused(archive(&home, &["a/x", "b/x"], None).await, ErrorKind::InvalidInput);
    refused(archive(&home, &["a", "/"], None).await, ErrorKind::InvalidInput);
    refused(archive(&home, &["a"], Some("never")).await, ErrorKind::NotFound);
}

/// A receiver that goes away.
struct Gone(usize);

impl Write for Gone {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn an_archive_whose_receiver_goes_away_lets_the_volume_be_written_again() {
    let home = Home::new().await;
    home.volume("data").await;
    home.write("data", "big", noise(8 << 20, 5)).await;
    let archive = home.engine.file_archive("data", &["/".to_owned()], None).await.unwrap();
    let written = tokio::task::spawn_blocking(move || archive.write_to(&mut Gone(3 << 20)));
    refused(written.await.unwrap(), ErrorKind::Cancelled);
    home.write("data", "next", "x").await;
}
