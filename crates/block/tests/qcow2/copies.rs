//! Copies that the host makes by itself, from its files into an image and back.

use std::{fs::File, io::Read};

use cairn_block::{BlockDevice, memory::MemoryDevice};

use crate::judge::{Folder, MIB, bytes, check, open, open_to_read, pattern, same};

#[test]
fn what_the_host_copies_in_is_what_qemu_reads_also_above_a_checkpoint() {
    let folder = Folder::new();
    let (below, above) = (folder.create("below.qcow2", 32 * MIB), folder.path("above.qcow2"));
    let model = MemoryDevice::new(32 * MIB);
    let content = pattern(1, 5 << 20);
    let source = folder.path("source");
    std::fs::write(&source, &content).unwrap();
    let source = File::open(&source).unwrap();

    let image = open(&below);
    image.write_at(&pattern(2, 3 << 20), 2 * MIB).unwrap();
    model.write_at(&pattern(2, 3 << 20), 2 * MIB).unwrap();
    drop(image);
    folder.overlay("above.qcow2", "below.qcow2", 32 * MIB);
    let image = open(&above);
    // Over what lies below, into what is new, and within a cluster of which nothing else is there.
    for (offset, from, len) in [(4096 * 700, 100, 2 << 20), (20 * MIB, 4096, 4 << 20), (30 * MIB + 8192, 7, 4096)] {
        assert!(image.write_from(offset, len, &source, from).unwrap());
        model.write_at(&content[from as usize..(from + len) as usize], offset).unwrap();
    }
    assert_eq!(bytes(&image, 4096 * 700, 2 << 20), content[100..100 + (2 << 20)]);
    drop(image);
    check(&above);
    same(&above, &model);
}

#[test]
fn a_source_that_ends_too_early_leaves_nothing_behind() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 16 * MIB);
    let source = folder.path("source");
    std::fs::write(&source, pattern(1, 10_000)).unwrap();
    let image = open(&path);
    assert!(!image.write_from(MIB, 64 << 10, &File::open(&source).unwrap(), 0).unwrap());
    assert!(!image.write_from(MIB + 1, 4096, &File::open(&source).unwrap(), 0).unwrap(), "part of a subcluster");
    assert_eq!(bytes(&image, 0, 2 << 20), vec![0; 2 << 20]);
    drop(image);
    check(&path);
}

#[test]
fn what_the_host_copies_out_is_what_the_image_has() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 16 * MIB);
    let image = open(&path);
    image.write_at(&pattern(3, 1 << 20), MIB + 4096).unwrap();
    image.write_at(&pattern(4, 100), 5 * MIB).unwrap();
    drop(image);
    let (image, target) = (open_to_read(&path), folder.path("target"));
    let file = File::create_new(&target).unwrap();
    assert!(image.read_into(MIB + 10, 5 << 20, &file, 3).unwrap());
    file.set_len(3 + (5 << 20)).unwrap();
    let mut copied = Vec::new();
    File::open(&target).unwrap().read_to_end(&mut copied).unwrap();
    assert_eq!(copied[3..], bytes(&image, MIB + 10, 5 << 20));
}
