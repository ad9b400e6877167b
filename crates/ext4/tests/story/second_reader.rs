//! A reader that shares nothing with the engine, the crate `ext4-view`, finds what the engine wrote.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::ControlFlow;

use cairn_ext4::{FileKind, Filesystem};
use ext4_view::{Ext4, FileType, PathBuf};

use crate::change::put;
use crate::common::{Image, MIB, attributes, new_volume, noise, writable};
use crate::model::{Dice, Model, random_batch};

/// Kind, permissions, owner, time of the last change, content or target.
type Found = BTreeMap<Vec<u8>, (FileKind, u16, u32, u32, (i64, u32), Vec<u8>)>;

fn found_by_us(fs: &Filesystem) -> Found {
    let mut found = Found::new();
    fs.walk(b"", &mut |path, stat| {
        let mut content = Vec::new();
        match stat.kind {
            FileKind::Symlink => content = fs.read_link(path).expect("read"),
            FileKind::File => {
                fs.open_file(path).expect("open").reader().read_to_end(&mut content).expect("read");
            }
            _ => {}
        }
        let time = (stat.mtime.seconds, stat.mtime.nanoseconds);
        found.insert(path.to_vec(), (stat.kind, stat.mode, stat.uid, stat.gid, time, content));
        ControlFlow::Continue(())
    })
    .expect("walk");
    found
}

fn found_by_ext4_view(image: &Image) -> Found {
    let fs = Ext4::load_from_path(&image.path).expect("ext4-view opens it");
    let mut found = Found::new();
    let mut left = vec![PathBuf::new("/")];
    while let Some(folder) = left.pop() {
        for entry in fs.read_dir(&folder).expect("list") {
            let entry = entry.expect("an entry");
            let path = entry.path();
            if matches!(entry.file_name().as_ref(), b"." | b"..") {
                continue;
            }
            let stat = fs.symlink_metadata(&path).expect("stat");
            let (kind, content) = match stat.file_type() {
                FileType::Directory => {
                    left.push(path.clone());
                    (FileKind::Directory, Vec::new())
                }
                FileType::Symlink => (FileKind::Symlink, fs.read_link(&path).expect("read").as_ref().to_vec()),
                FileType::Regular => (FileKind::File, fs.read(&path).expect("read")),
                other => panic!("{other:?}"),
            };
            let time = (stat.modified().seconds(), stat.modified().nanoseconds());
            let name = path.as_ref().strip_prefix(b"/").expect("absolute").to_vec();
            found.insert(name, (kind, stat.mode() & 0xFFF, stat.uid(), stat.gid(), time, content));
        }
    }
    found
}

/// Both find the same in what `fs` left on `image`.
#[track_caller]
fn assert_found(fs: &Filesystem, image: &Image, about: &str) {
    let (ours, theirs) = (found_by_us(fs), found_by_ext4_view(image));
    assert!(!ours.is_empty(), "{about}");
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>(), "{about}");
    for ((name, ours), theirs) in ours.iter().zip(theirs.values()) {
        assert!(ours == theirs, "{about}: {} differs", String::from_utf8_lossy(name));
    }
}

#[test]
fn it_finds_what_random_changes_left() {
    for seed in 1..=4 {
        let device = new_volume(40 * MIB);
        let fs = writable(&device);
        let (mut model, mut dice) = (Model::default(), Dice(seed));
        for _ in 0..12 {
            random_batch(&fs, &mut model, &mut dice, 700_000);
        }
        put(&fs, "never empty", b"content");
        assert_found(&fs, &Image::of(&device), &format!("seed {seed}"));
    }
}

#[test]
fn it_finds_what_was_put_into_filesystems_of_others() {
    for made in [
        &[][..],
        &["-b", "1024"],
        &["-O", "^64bit,^metadata_csum"],
        &["-O", "^64bit,^metadata_csum,uninit_bg"],
        &["-O", "^dir_index"],
        &["-O", "sparse_super2"],
        &["-O", "metadata_csum_seed"],
    ] {
        let image = Image::mke2fs("64M", made);
        let device = image.device();
        let fs = writable(&device);
        fs.begin_batch().expect("begin");
        put(&fs, "large", &noise(6_000_000, 1));
        put(&fs, "sparse", &[noise(5000, 2), vec![0; 3_000_000], noise(5000, 3)].concat());
        fs.mkdir_all(b"a/b", &attributes(0o2751)).expect("mkdir");
        fs.symlink("t".repeat(200).as_bytes(), b"a/long", &attributes(0o777)).expect("symlink");
        fs.symlink(b"large", b"a/b/short", &attributes(0o777)).expect("symlink");
        fs.hard_link(b"sparse", b"a/b/second name").expect("link");
        fs.mkdir(b"many", &attributes(0o755)).expect("mkdir");
        for index in 0..2000 {
            put(&fs, &format!("many/a name of some length, number {index}"), format!("{index}").as_bytes());
        }
        fs.commit().expect("commit");
        device.save(&image.path).expect("save");
        image.assert_clean();
        assert_found(&fs, &image, &format!("{made:?}"));
    }
}
