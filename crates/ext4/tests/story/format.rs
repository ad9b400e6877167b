//! A volume is made: of any size, in no time, and everybody takes it for an ext4.

use std::sync::Arc;

use cairn_block::memory::MemoryDevice;
use cairn_ext4::{ErrorKind, format};

use crate::common::{GIB, Image, MIB, assert_clean, is_nightly, new_volume, options, readable};

#[test]
fn every_size_is_clean_and_holds_lost_and_found() {
    let odd = 123 * MIB + 4096 * 7 + 100;
    for size in [4 * MIB, 5 * MIB, 9 * MIB, 31 * MIB, 32 * MIB, 64 * MIB, odd, 200 * MIB, GIB, 5 * GIB] {
        let device = new_volume(size);
        assert_clean(&device);
        let fs = readable(&device);
        let root = fs.read_dir(b"/").expect("list the root");
        assert_eq!(root.len(), 1, "{size}");
        assert_eq!(root[0].name, b"lost+found");
        assert_eq!(root[0].metadata.mode, 0o700);
        let stat = fs.statfs();
        assert!(stat.total_bytes <= size && stat.total_bytes > size / 2, "{size}: {stat:?}");
        assert!(stat.used_bytes < MIB, "{size}: {stat:?}");
    }
}

#[test]
fn terabytes_are_made_sparse() {
    for size in [100 * GIB, 1024 * GIB, 16 * 1024 * GIB - GIB, 16 * 1024 * GIB] {
        let device = MemoryDevice::new(size);
        format(&device, &options()).expect("format");
        // e2fsck takes its time over the larger ones, and not every host can have a file of 16 TiB.
        if size <= 1024 * GIB || (is_nightly() && size < 16 * 1024 * GIB) {
            assert_clean(&device);
        }
        let stat = readable(&Arc::new(device)).statfs();
        assert!(stat.total_bytes > size / 100 * 97, "{stat:?}");
    }
}

#[test]
fn it_has_what_mke2fs_gives() {
    let image = Image::of(&new_volume(64 * MIB));
    let ours = image.debugfs("features");
    let theirs = Image::mke2fs("64M", &["-b", "4096"]).debugfs("features");
    assert_eq!(ours, theirs);
    let stats = image.debugfs("stats");
    for line in ["Filesystem volume name:   story", "Filesystem state:         clean"] {
        assert!(stats.contains(line), "{stats}");
    }
}

#[test]
fn sizes_and_labels_that_cannot_be_are_refused() {
    for size in [0, 1024, 4 * MIB - 1, 17 * 1024 * GIB] {
        let refused = format(&MemoryDevice::new(size), &options()).expect_err("refused");
        assert_eq!(refused.kind(), ErrorKind::Invalid);
    }
    let mut long = options();
    long.label = "more than sixteen bytes".into();
    let refused = format(&MemoryDevice::new(4 * MIB), &long).expect_err("refused");
    assert_eq!(refused.kind(), ErrorKind::Invalid);
}
