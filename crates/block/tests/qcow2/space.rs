//! Space: what discarding gives back, what is used again, and growing.

use cairn_block::{
    BlockDevice, ErrorKind,
    memory::MemoryDevice,
    qcow2::{self, Access, Image},
};

use crate::judge::{
    Folder, MIB, bytes, check, open, open_to_read, pattern, qemu_create, qemu_io, same, same_bytes, succeed,
};

#[test]
fn what_is_discarded_goes_back_to_the_host_and_reads_zero() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 64 * MIB);
    let image = open(&path);
    image.write_at(&pattern(1, 32 << 20), 0).unwrap();
    image.flush().unwrap();
    assert!(qcow2::info(&path).unwrap().disk_bytes >= 32 * MIB);
    image.discard(100, 30 * MIB).unwrap();
    image.flush().unwrap();
    assert!(bytes(&image, 100, 30 << 20).iter().all(|&b| b == 0));
    let kept = bytes(&image, 0, 100);
    drop(image);
    check(&path);
    assert!(qcow2::info(&path).unwrap().disk_bytes < 4 * MIB);
    assert_eq!(kept, pattern(1, 100));
}

#[test]
fn a_cluster_goes_back_when_its_last_subcluster_is_discarded() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 8 * MIB);
    let image = open(&path);
    image.write_at(&pattern(1, 4 << 20), 0).unwrap();
    image.flush().unwrap();
    for block in 0..1024 {
        image.discard(block * 4096, 4096).unwrap();
    }
    image.flush().unwrap();
    drop(image);
    check(&path);
    assert!(qcow2::info(&path).unwrap().disk_bytes < MIB);
}

#[test]
fn freed_clusters_are_used_again() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 64 * MIB);
    let image = open(&path);
    for round in 0..20 {
        image.write_at(&pattern(round, 8 << 20), (round % 4) * 16 * MIB).unwrap();
        image.flush().unwrap();
        image.discard((round % 4) * 16 * MIB, 8 * MIB).unwrap();
        image.flush().unwrap();
    }
    // And by the next who opens it.
    drop(image);
    let image = open(&path);
    image.write_at(&pattern(9, 8 << 20), 0).unwrap();
    image.flush().unwrap();
    drop(image);
    check(&path);
    let len = qcow2::info(&path).unwrap().file_bytes;
    assert!(len < 20 * MIB, "the file grew to {len} bytes");
}

#[test]
fn discarding_in_an_overlay_hides_what_lies_below() {
    let folder = Folder::new();
    let base = folder.create("base.qcow2", 4 * MIB);
    let old = pattern(1, 4 << 20);
    open(&base).write_at(&old, 0).unwrap();
    let path = folder.overlay("head.qcow2", "base.qcow2", 8 * MIB);
    let image = open(&path);
    image.discard(MIB + 1, 2 * MIB).unwrap();
    // Nothing lies below here, so nothing needs to be hidden.
    image.discard(5 * MIB, 3 * MIB).unwrap();
    image.flush().unwrap();
    drop(image);
    check(&path);
    let mut model = old.clone();
    model[(1 << 20) + 1..(3 << 20) + 1].fill(0);
    model.resize(8 << 20, 0);
    same_bytes(&path, &model);
    same_bytes(&base, &old);
    assert!(qcow2::info(&path).unwrap().disk_bytes < MIB);
}

#[test]
fn an_untouched_16_tib_disk_is_discarded_at_once() {
    let folder = Folder::new();
    folder.create("base.qcow2", 16 << 40);
    let path = folder.overlay("head.qcow2", "base.qcow2", 16 << 40);
    let image = open(&path);
    image.discard(0, 16 << 40).unwrap();
    image.flush().unwrap();
    drop(image);
    check(&path);
    assert!(qcow2::info(&path).unwrap().disk_bytes < MIB);
}

#[test]
fn a_disk_grows_in_place_and_beyond_its_l1_table() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 8 * MIB);
    let image = open(&path);
    let data = pattern(1, 1 << 20);
    image.write_at(&data, 7 * MIB).unwrap();
    // 16 TiB is what one cluster of L1 entries can map; the last step needs a longer table elsewhere.
    for size in [8 * MIB + 512, 9 * MIB, 5 << 30, 16 << 40, (16 << 40) + 512, 40 << 40] {
        image.grow(size).unwrap();
        assert_eq!(image.len(), size);
        image.write_at(&data[..512], size - 512).unwrap();
        assert_eq!(bytes(&image, 7 * MIB, 1 << 20), data);
    }
    drop(image);
    check(&path);
    let image = open_to_read(&path);
    assert_eq!((image.len(), bytes(&image, (40 << 40) - 512, 512)), (40 << 40, data[..512].to_vec()));
    drop(image);
    assert!(succeed("qemu-img", &["info", path.to_str().unwrap()]).contains("40 TiB"));
    qemu_io(&path, &["write -P 3 20T 64k"]);
}

#[test]
fn an_image_that_qemu_made_grows_too() {
    let folder = Folder::new();
    let path = folder.path("disk.qcow2");
    qemu_create(&path, "compat=1.1", None, MIB);
    qemu_io(&path, &["write -P 1 0 1M"]);
    let image = open(&path);
    image.grow(8 << 40).unwrap();
    image.write_at(&[2; 4096], (8 << 40) - 4096).unwrap();
    drop(image);
    check(&path);
    qemu_io(&path, &["read -P 1 0 1M", "read -P 0 1M 1M", &format!("read -P 2 {} 4096", (8u64 << 40) - 4096)]);
}

#[test]
fn sizes_that_make_no_sense_are_refused_with_a_sentence() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 8 * MIB);
    let image = open(&path);
    for size in [0, 4 * MIB, 8 * MIB + 1, 1 << 60, u64::MAX] {
        assert_eq!(image.grow(size).unwrap_err().kind(), ErrorKind::Invalid, "{size}");
    }
    for size in [0, 1, 1000, 1 << 60, u64::MAX] {
        let options = qcow2::CreateOptions { virtual_size: size, backing_file: None };
        let err = qcow2::create(&folder.path("other.qcow2"), &options).unwrap_err();
        assert_eq!(err.kind(), ErrorKind::Invalid, "{size}");
        assert!(!folder.path("other.qcow2").exists());
    }
    assert_eq!(image.len(), 8 * MIB);
}

#[test]
fn a_larger_backing_file_never_shows_through_by_growing() {
    let folder = Folder::new();
    let base = folder.create("base.qcow2", 8 * MIB);
    open(&base).write_at(&[7; 4096], 6 * MIB).unwrap();
    let path = folder.path("head.qcow2");
    qemu_create(&path, "compat=1.1", Some("base.qcow2"), 4 * MIB);
    let image = open(&path);
    assert_eq!(image.len(), 4 * MIB);
    assert_eq!(image.grow(8 * MIB).unwrap_err().kind(), ErrorKind::Invalid);
}

#[test]
fn ranges_outside_the_disk_and_writes_to_a_reader_are_refused() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", MIB);
    let image = open(&path);
    for (offset, len) in [(MIB, 1), (MIB - 1, 2), (u64::MAX, 1)] {
        let mut buf = vec![0; len as usize];
        for result in [image.read_at(&mut buf, offset), image.write_at(&buf, offset), image.discard(offset, len)] {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::OutOfRange);
        }
    }
    drop(image);
    let image = open_to_read(&path);
    assert!(image.is_read_only());
    for result in [image.write_at(&[1], 0), image.discard(0, 1), image.grow(2 * MIB)] {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::ReadOnly);
    }
    image.flush().unwrap();
}

#[test]
fn tables_that_do_not_fit_in_memory_at_once_are_written_and_read_again() {
    let folder = Folder::new();
    let path = folder.path("disk.qcow2");
    // Small clusters make many tables: 40 refcount blocks and 600 slices of L2 tables.
    qemu_create(&path, "compat=1.1,cluster_size=4k", None, 1200 * MIB);
    let image = open(&path);
    let model = MemoryDevice::new(1200 * MIB);
    let data = pattern(4, 9000);
    for n in 0..600 {
        for (device, offset) in [(&image as &dyn BlockDevice, n * 2 * MIB), (&model, n * 2 * MIB)] {
            device.write_at(&data, offset + n * 7).unwrap();
        }
    }
    let long = pattern(5, 64 << 20);
    for n in 0..5 {
        image.write_at(&long, n * 64 * MIB).unwrap();
        model.write_at(&long, n * 64 * MIB).unwrap();
    }
    for n in (0..600).rev() {
        let offset = n * 2 * MIB + n * 7;
        assert!(bytes(&image, offset, 9000) == bytes(&model, offset, 9000));
    }
    image.discard(100 * MIB, 100 * MIB).unwrap();
    model.discard(100 * MIB, 100 * MIB).unwrap();
    drop(image);
    check(&path);
    same(&path, &model);
}

#[test]
fn a_full_refcount_table_is_a_sentence_and_no_damage() {
    let folder = Folder::new();
    let path = folder.path("disk.qcow2");
    // Clusters of 512 bytes: one cluster of refcount table counts 8 MiB of file.
    qemu_create(&path, "compat=1.1,cluster_size=512", None, 32 * MIB);
    let image = open(&path);
    let err = image.write_at(&vec![1; 32 << 20], 0).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::NoSpace);
    assert!(err.to_string().contains("qemu-img convert"));
    drop(image);
    check(&path);
}

#[test]
fn several_threads_read_while_one_writes() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 32 * MIB);
    let image = open(&path);
    image.write_at(&[1; 8 << 20], 0).unwrap();
    std::thread::scope(|scope| {
        for reader in 0..3u64 {
            let image = &image;
            scope.spawn(move || {
                for n in 0..300u64 {
                    // The first 8 MiB are never touched; what lies behind has its whole old or new bytes.
                    let at = (n * 7919 + reader * 104_729) % (8 * MIB - 5000);
                    assert!(bytes(image, at, 5000).iter().all(|&b| b == 1));
                    let block = bytes(image, (8 + n % 24) * MIB, 512);
                    assert!(block.iter().all(|&b| b == 0 || b == 2));
                }
            });
        }
        for n in 0..60u64 {
            let at = (8 + n % 24) * MIB;
            image.write_at(&[2; 1 << 20], at).unwrap();
            image.flush().unwrap();
            if n % 3 == 0 {
                image.discard(at, MIB).unwrap();
            }
        }
    });
    drop(image);
    check(&path);
}

#[test]
fn dropping_without_a_flush_leaves_a_clean_image() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 8 * MIB);
    let image = Image::open(&path, Access::ReadWrite).unwrap();
    image.write_at(&pattern(1, 3 << 20), 12_345).unwrap();
    drop(image);
    check(&path);
    assert_eq!(bytes(&open_to_read(&path), 12_345, 3 << 20), pattern(1, 3 << 20));
}
