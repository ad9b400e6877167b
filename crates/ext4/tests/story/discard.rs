//! What is deleted gives its room back to the host, through a qcow2 layer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_block::BlockDevice;
use cairn_block::qcow2::{Access, CreateOptions, Image, create, info};
use cairn_ext4::{ErrorKind, Filesystem, Mode, RolledBack};

use crate::change::{get, put};
use crate::common::{MIB, attributes, noise, options};

fn on_disk(layer: &Path) -> u64 {
    info(layer).expect("look at the layer").disk_bytes
}

/// A layer of 300 MiB with a new filesystem, and how much it takes.
fn layer_in(folder: &Path) -> (PathBuf, u64) {
    let layer = folder.join("layer.qcow2");
    create(&layer, &CreateOptions { virtual_size: 300 * MIB, backing_file: None }).expect("create");
    cairn_ext4::format(&*open_layer(&layer), &options()).expect("format");
    let empty = on_disk(&layer);
    (layer, empty)
}

fn open_layer(layer: &Path) -> Arc<Image> {
    Arc::new(Image::open(layer, Access::ReadWrite).expect("open"))
}

fn open_writable(layer: &Path) -> Filesystem {
    Filesystem::open(open_layer(layer), Mode::ReadWrite).expect("open")
}

#[track_caller]
fn judge(layer: &Path) {
    let output = std::process::Command::new("qemu-img").args(["check", "-q"]).arg(layer).output();
    assert!(output.expect("qemu-img starts").status.success(), "qemu-img is not content with the layer");
    crate::common::assert_clean(&copy_of(layer));
}

fn copy_of(layer: &Path) -> cairn_block::memory::MemoryDevice {
    let image = Image::open(layer, Access::ReadOnly).expect("open");
    let copy = cairn_block::memory::MemoryDevice::new(image.len());
    let mut piece = vec![0; MIB as usize];
    for offset in (0..image.len()).step_by(MIB as usize) {
        image.read_at(&mut piece, offset).expect("read");
        if piece.iter().any(|byte| *byte != 0) {
            copy.write_at(&piece, offset).expect("write");
        }
    }
    copy
}

#[test]
fn a_layer_gets_smaller_when_files_go() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (layer, empty) = layer_in(folder.path());
    let fs = open_writable(&layer);
    put(&fs, "removed", &noise(40 << 20, 1));
    put(&fs, "kept", &noise(8 << 20, 2));
    fs.flush().expect("flush");
    assert!(on_disk(&layer) > empty + 48 * MIB);
    fs.remove(b"removed").expect("remove");
    fs.flush().expect("flush");
    assert!(on_disk(&layer) < empty + 12 * MIB, "{} of {empty}", on_disk(&layer));
    fs.truncate(b"kept", 1 << 20).expect("truncate");
    fs.flush().expect("flush");
    assert!(on_disk(&layer) < empty + 5 * MIB, "{} of {empty}", on_disk(&layer));
    assert!(get(&fs, "kept") == noise(8 << 20, 2)[..1 << 20]);
    drop(fs);
    judge(&layer);
}

#[test]
fn a_layer_is_as_small_as_before_when_a_file_does_not_fit() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (layer, _) = layer_in(folder.path());
    let fs = open_writable(&layer);
    put(&fs, "there", &noise(200 << 20, 1));
    fs.flush().expect("flush");
    let before = on_disk(&layer);
    let endless = || std::io::repeat(7);
    let error = fs.create_file(b"endless", &attributes(0o644), &mut endless(), None).expect_err("no room");
    assert_eq!(error.kind(), ErrorKind::NoSpace, "{error}");
    let error = fs.append(b"there", &mut endless(), None).expect_err("no room");
    assert_eq!(error.kind(), ErrorKind::NoSpace, "{error}");
    fs.begin_batch().expect("begin");
    let too_many = (0..900u64).try_for_each(|n| {
        let name = format!("file {n}");
        fs.create_file(name.as_bytes(), &attributes(0o644), &mut &noise(200_000, n)[..], None).map(drop)
    });
    assert_eq!(too_many.expect_err("no room").kind(), ErrorKind::NoSpace);
    assert_eq!(fs.roll_back().expect("roll back"), RolledBack::Whole);
    fs.flush().expect("flush");
    let after = on_disk(&layer);
    println!("the layer took {before} bytes, after three failures {after}");
    assert!(after < before + MIB, "{after} of {before}");
    drop(fs);
    judge(&layer);
}

#[test]
fn what_an_interrupted_writer_left_in_free_blocks_is_discarded() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (layer, empty) = layer_in(folder.path());
    let fs = open_writable(&layer);
    put(&fs, "kept", &noise(8 << 20, 1));
    fs.begin_batch().expect("begin");
    put(&fs, "never committed", &noise(40 << 20, 2));
    drop(fs);
    assert!(on_disk(&layer) > empty + 48 * MIB, "{} of {empty}", on_disk(&layer));
    let image = open_layer(&layer);
    let own = image.own_ranges().expect("ranges");
    let fs = Filesystem::open(image, Mode::ReadWrite).expect("open");
    assert_eq!(fs.discard_free(&[]).expect("nothing to discard"), 0);
    let discarded = fs.discard_free(&own).expect("discard");
    assert!((40 * MIB..42 * MIB).contains(&discarded), "{discarded}");
    fs.flush().expect("flush");
    assert!(on_disk(&layer) < empty + 10 * MIB, "{} of {empty}", on_disk(&layer));
    assert!(get(&fs, "kept") == noise(8 << 20, 1));
    drop(fs);
    judge(&layer);
}

#[test]
fn content_on_its_way_is_not_discarded() {
    struct InBetween<'a>(&'a Filesystem, u64);
    impl std::io::Read for InBetween<'_> {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            self.0.discard_free(&[(0, 300 * MIB)]).expect("discard");
            let len = buf.len().min(usize::try_from(20 * MIB - self.1).expect("short"));
            buf[..len].fill(9);
            self.1 += len as u64;
            Ok(len)
        }
    }
    let device = crate::common::new_volume(300 * MIB);
    let fs = crate::common::writable(&device);
    fs.begin_batch().expect("begin");
    put(&fs, "small", b"gathered");
    fs.create_file(b"under way", &attributes(0o644), &mut InBetween(&fs, 0), Some(20 * MIB)).expect("create");
    fs.commit().expect("commit");
    fs.discard_free(&[(0, 300 * MIB)]).expect("discard");
    assert!(get(&fs, "under way") == vec![9; 20 << 20] && get(&fs, "small") == b"gathered");
    drop(fs);
    crate::common::assert_clean(&device);
}
