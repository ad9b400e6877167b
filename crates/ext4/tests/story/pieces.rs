//! Files in many pieces: content that has to be put into small holes, and trees of extents for it.

use crate::change::{get, put};
use crate::common::{Image, MIB, assert_clean, attributes, new_volume, noise, readable, writable};

/// A volume whose only free room is holes of one block, about `holes` of them.
fn fragmented(size: u64, holes: usize) -> std::sync::Arc<cairn_block::memory::MemoryDevice> {
    let device = new_volume(size);
    let fs = writable(&device);
    fs.begin_batch().expect("begin");
    for folder in 0..holes / 500 {
        fs.mkdir(format!("{folder}").as_bytes(), &attributes(0o755)).expect("mkdir");
        for file in 0..1000 {
            put(&fs, &format!("{folder}/{file}"), b"one block");
        }
    }
    let rest = fs.statfs().free_bytes as usize;
    put(&fs, "rest", &noise(rest - 2 * MIB as usize, 1));
    fs.commit().expect("commit");
    fs.begin_batch().expect("begin");
    for folder in 0..holes / 500 {
        for file in (0..1000).step_by(2) {
            fs.remove(format!("{folder}/{file}").as_bytes()).expect("remove");
        }
    }
    fs.commit().expect("commit");
    device
}

#[test]
fn a_file_in_thousands_of_holes_is_whole() {
    let device = fragmented(130 * MIB, 8000);
    assert_clean(&device);
    let fs = writable(&device);
    let bytes = noise(7500 * 4096 - 100, 2);
    put(&fs, "pieces", &bytes);
    assert_clean(&device);
    let image = Image::of(&device);
    let extents = image.debugfs("ex pieces").lines().count();
    assert!(extents > 5000, "{extents} extents");
    assert_eq!(get(&readable(&device), "pieces"), bytes);
    assert_eq!(image.dump("pieces"), bytes);
    let used = fs.statfs().used_bytes;
    fs.remove(b"pieces").expect("remove");
    assert!(used - fs.statfs().used_bytes >= 7500 * 4096);
    assert_clean(&device);
}

#[test]
fn folders_grow_between_files() {
    // Blocks of 1 KiB: a node of an extent tree is soon full.
    let image = Image::mke2fs("100M", &["-b", "1024", "-N", "40000"]);
    let device = image.device();
    let fs = writable(&device);
    fs.begin_batch().expect("begin");
    for folder in 0..8 {
        fs.mkdir(format!("{folder}").as_bytes(), &attributes(0o755)).expect("mkdir");
    }
    // Eight folders grow in turn, so that no two blocks of one lie together.
    for file in 0..2000 {
        for folder in 0..8 {
            put(&fs, &format!("{folder}/{:0>200}", file), b"x");
        }
    }
    fs.commit().expect("commit");
    assert_clean(&device);
    let extents = Image::of(&device).debugfs("ex /3");
    assert!(extents.lines().count() > 350, "{extents:.500}");
    for folder in 0..8 {
        assert_eq!(fs.read_dir(format!("{folder}").as_bytes()).expect("list").len(), 2000);
        fs.remove_all(format!("{folder}").as_bytes()).expect("remove all");
    }
    assert_clean(&device);
}
