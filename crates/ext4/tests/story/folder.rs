//! Large folders: the index is built and kept, for every hash, as deep as it has to be.

use std::collections::BTreeSet;
use std::sync::Arc;

use cairn_block::memory::MemoryDevice;
use cairn_ext4::{ErrorKind, Filesystem};

use crate::change::put;
use crate::common::{GIB, Image, MIB, assert_clean, attributes, is_nightly, new_volume, options, readable, writable};

fn names(fs: &Filesystem, path: &str) -> BTreeSet<Vec<u8>> {
    fs.read_dir(path.as_bytes()).expect("list").into_iter().map(|entry| entry.name).collect()
}

#[test]
fn twenty_thousand_files_in_one_folder_come_and_go() {
    let device = new_volume(200 * MIB);
    let fs = writable(&device);
    fs.begin_batch().expect("begin");
    fs.mkdir(b"d", &attributes(0o755)).expect("mkdir");
    let name = |index: u32| format!("d/ファイル number {index}");
    for index in 0..20_000 {
        put(&fs, &name(index), b"");
    }
    fs.commit().expect("commit");
    assert_clean(&device);
    assert_eq!(names(&fs, "d").len(), 20_000);
    for index in [0, 1, 9_999, 19_999] {
        assert!(fs.stat(name(index).as_bytes()).is_ok());
    }
    let missing = fs.stat(b"d/nothing of the kind").expect_err("missing");
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    fs.begin_batch().expect("begin");
    for index in (0..20_000).filter(|index| index % 3 > 0) {
        fs.remove(name(index).as_bytes()).expect("remove");
    }
    for index in 20_000..24_000 {
        put(&fs, &name(index), b"");
    }
    fs.commit().expect("commit");
    assert_clean(&device);
    let expected: BTreeSet<Vec<u8>> = (0..20_000)
        .filter(|index| index % 3 == 0)
        .chain(20_000..24_000)
        .map(|index| name(index).as_bytes()[2..].to_vec())
        .collect();
    assert_eq!(names(&readable(&device), "d"), expected);
    fs.remove_all(b"d").expect("remove all");
    assert_clean(&device);
    assert!(fs.statfs().used_bytes < MIB);
}

#[test]
fn long_names_make_a_deep_index_with_every_hash() {
    for (version, flags) in [(0, 1), (1, 1), (2, 1), (0, 2), (1, 2), (2, 2)] {
        let image = Image::mke2fs("64M", &["-b", "1024", "-N", "9000"]);
        image.debugfs_write(&format!("ssv def_hash_version {version}\nssv flags {flags}\n"));
        let device = image.device();
        let fs = writable(&device);
        fs.begin_batch().expect("begin");
        fs.mkdir(b"d", &attributes(0o755)).expect("mkdir");
        for index in 0..2500 {
            put(&fs, &format!("d/{}{index}", "長い名前".repeat(18)), b"");
        }
        fs.commit().expect("commit");
        assert_clean(&device);
        let dump = Image::of(&device).debugfs("htree_dump /d");
        assert!(dump.contains("Indirect levels: 1"), "{version} {flags}: {dump:.300}");
        assert_eq!(names(&fs, "d").len(), 2500);
        for index in 0..2500 {
            fs.remove(format!("d/{}{index}", "長い名前".repeat(18)).as_bytes()).expect("remove");
        }
        fs.remove(b"d").expect("it is empty");
        assert_clean(&device);
    }
}

#[test]
fn a_full_index_is_said_to_be_full() {
    let image = Image::mke2fs("128M", &["-b", "1024", "-N", "60000"]);
    let device = image.device();
    let fs = writable(&device);
    fs.begin_batch().expect("begin");
    let name = |index: u32| format!("{index:0>250}");
    let full = (0..60_000).find_map(|index| {
        let made = fs.create_file(name(index).as_bytes(), &attributes(0o644), &mut std::io::empty(), None);
        made.err().map(|error| (index, error))
    });
    let (count, error) = full.expect("it becomes full");
    assert_eq!(error.kind(), ErrorKind::NoSpace);
    assert!(error.to_string().contains("index"), "{error}");
    fs.commit().expect("commit");
    assert_clean(&device);
    assert_eq!(names(&fs, "").len(), count as usize + 1);
}

#[test]
fn more_folders_than_can_be_counted() {
    let device = new_volume(500 * MIB);
    let fs = writable(&device);
    fs.begin_batch().expect("begin");
    fs.mkdir(b"d", &attributes(0o755)).expect("mkdir");
    for index in 0..64_998 {
        fs.mkdir(format!("d/{index}").as_bytes(), &attributes(0o755)).expect("mkdir");
    }
    assert_eq!(fs.stat(b"d").expect("stat").links, 65_000);
    fs.mkdir(b"d/one more", &attributes(0o755)).expect("mkdir");
    assert_eq!(fs.stat(b"d").expect("stat").links, 1);
    fs.remove(b"d/one more").expect("remove");
    fs.commit().expect("commit");
    assert_clean(&device);
    fs.remove_all(b"d").expect("remove all");
    assert_clean(&device);
    assert!(fs.statfs().used_bytes < MIB);
}

#[test]
fn an_index_of_three_levels_is_built_and_kept() {
    // Names so long and blocks so short that two levels end at 50,000 of them.
    let image = Image::mke2fs("200M", &["-b", "1024", "-O", "large_dir", "-N", "80000"]);
    let device = image.device();
    let fs = writable(&device);
    let name = |index: u32| format!("d/{index}{}", "-".repeat(230));
    fs.begin_batch().expect("begin");
    fs.mkdir(b"d", &attributes(0o755)).expect("mkdir");
    put(&fs, "file", b"one file under all of the names");
    let mut original = String::from("file");
    for index in 0..60_000 {
        if index % 60_000 == 30_000 {
            put(&fs, "other", b"");
            original = "other".into();
        }
        fs.hard_link(original.as_bytes(), name(index).as_bytes()).expect("hard link");
    }
    fs.commit().expect("commit");
    assert_clean(&device);
    let image = Image::of(&device);
    assert!(image.debugfs("htree_dump d").contains("Indirect levels: 2"), "the root and two levels below it");
    assert_eq!(names(&readable(&device), "d").len(), 60_000);
    for index in [0, 29_999, 30_000, 59_999] {
        assert!(fs.stat(name(index).as_bytes()).is_ok());
    }
    fs.remove_all(b"d").expect("remove");
    assert_clean(&device);
    assert_eq!(fs.stat(b"file").expect("stat").links, 1);
}

#[test]
fn a_million_files_in_one_folder_come_and_go() {
    let count = if is_nightly() { 1_000_000 } else { 30_000 };
    let device = Arc::new(MemoryDevice::new(20 * GIB));
    cairn_ext4::format(&*device, &options()).expect("format");
    let fs = writable(&device);
    let empty = fs.statfs();
    fs.begin_batch().expect("begin");
    fs.mkdir(b"d", &attributes(0o755)).expect("mkdir");
    for index in 0..count {
        put(&fs, &format!("d/file {index}"), b"");
    }
    fs.commit().expect("commit");
    assert_clean(&device);
    assert_eq!(readable(&device).read_dir(b"d").expect("list").len(), count);
    fs.remove_all(b"d").expect("remove");
    assert_eq!(fs.statfs(), empty);
    assert_clean(&device);
}
