//! One layer and chains of layers, written by us and read by QEMU, and the other way round.

use cairn_block::{BlockDevice, ErrorKind, memory::MemoryDevice, qcow2};

use crate::judge::{Folder, LIKE_OURS, MIB, bytes, check, open, open_to_read, pattern, qemu_create, qemu_io, same};

#[test]
fn a_new_image_is_small_and_clean_even_when_it_promises_16_tib() {
    let folder = Folder::new();
    let path = folder.create("huge.qcow2", 16 << 40);
    check(&path);
    let info = qcow2::info(&path).unwrap();
    assert_eq!((info.virtual_size, info.cluster_size, info.subcluster_size), (16 << 40, 128 << 10, 4096));
    assert!(info.disk_bytes < MIB, "{} bytes on the disk", info.disk_bytes);
    let image = open(&path);
    image.write_at(b"the last bytes", (16 << 40) - 14).unwrap();
    image.flush().unwrap();
    assert_eq!(bytes(&image, (16 << 40) - 14, 14), b"the last bytes");
    drop(image);
    check(&path);
    assert!(qcow2::info(&path).unwrap().disk_bytes < MIB);
}

#[test]
fn what_we_write_is_what_qemu_reads() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 64 * MIB + 512);
    let model = MemoryDevice::new(64 * MIB + 512);
    let image = open(&path);
    let writes = [(0, 1), (4095, 2), (10_000, 300_000), (MIB, 8 << 20), (MIB + 5, 4096), (64 * MIB - 100, 612)];
    for (n, (offset, len)) in writes.into_iter().enumerate() {
        let data = pattern(n as u64, len);
        image.write_at(&data, offset).unwrap();
        model.write_at(&data, offset).unwrap();
        assert_eq!(bytes(&image, offset, len), data);
    }
    image.flush().unwrap();
    drop(image);
    check(&path);
    same(&path, &model);
}

#[test]
fn what_qemu_writes_is_what_we_read() {
    let folder = Folder::new();
    let path = folder.path("disk.qcow2");
    qemu_create(&path, LIKE_OURS, None, 64 * MIB);
    qemu_io(&path, &["write -P 7 100k 300k", "write -P 9 33M 5M", "write -z 34M 1M", "discard 35M 1M"]);
    let image = open_to_read(&path);
    assert_eq!(bytes(&image, 0, 100 << 10), vec![0; 100 << 10]);
    assert_eq!(bytes(&image, 100 << 10, 300 << 10), vec![7; 300 << 10]);
    let tail = bytes(&image, 33 * MIB, 5 << 20);
    let of = |mib: usize| &tail[mib << 20..(mib + 1) << 20];
    assert!(of(0).iter().chain(of(3)).chain(of(4)).all(|&b| b == 9));
    assert!(of(1).iter().chain(of(2)).all(|&b| b == 0));
}

#[test]
fn we_and_qemu_take_turns_on_one_image() {
    let folder = Folder::new();
    let path = folder.path("disk.qcow2");
    qemu_create(&path, LIKE_OURS, None, 16 * MIB);
    for turn in 0..4u64 {
        qemu_io(&path, &[&format!("write -P {} {}k 70k", turn + 1, turn * 1000)]);
        let image = open(&path);
        assert_eq!(bytes(&image, (turn * 1000) << 10, 70 << 10), vec![turn as u8 + 1; 70 << 10]);
        image.write_at(&vec![turn as u8 + 101; 50 << 10], (turn * 1000 + 35) << 10).unwrap();
        image.flush().unwrap();
        drop(image);
        check(&path);
        let ours = format!("read -P {} {}k 50k", turn + 101, turn * 1000 + 35);
        qemu_io(&path, &[&ours, &format!("read -P {} {}k 35k", turn + 1, turn * 1000)]);
    }
}

#[test]
fn an_overlay_shows_its_backing_file_until_it_is_written() {
    let folder = Folder::new();
    let base_path = folder.create("base.qcow2", 8 * MIB);
    let model = MemoryDevice::new(16 * MIB);
    let base = open(&base_path);
    let old = pattern(1, 6 << 20);
    base.write_at(&old, MIB).unwrap();
    model.write_at(&old, MIB).unwrap();
    base.flush().unwrap();
    drop(base);

    let path = folder.overlay("head.qcow2", "base.qcow2", 16 * MIB);
    let image = open(&path);
    assert_eq!(image.layers(), [path.clone(), base_path.clone()]);
    assert_eq!(bytes(&image, MIB, 6 << 20), old);
    for (n, (offset, len)) in [(MIB + 100, 10), (2 * MIB + 4000, 5000), (7 * MIB - 7, 2 << 20)].into_iter().enumerate()
    {
        let data = pattern(n as u64 + 10, len);
        image.write_at(&data, offset).unwrap();
        model.write_at(&data, offset).unwrap();
    }
    image.flush().unwrap();
    drop(image);
    check(&path);
    check(&base_path);
    same(&path, &model);
    // Copy-on-write copies subclusters of 4 KiB, not clusters.
    assert!(qcow2::info(&path).unwrap().disk_bytes < 2 * MIB + MIB);
}

#[test]
fn an_overlay_smaller_than_its_backing_file_is_refused() {
    let folder = Folder::new();
    folder.create("base.qcow2", 8 * MIB);
    let options = qcow2::CreateOptions { virtual_size: 4 * MIB, backing_file: Some("base.qcow2".into()) };
    let err = qcow2::create(&folder.path("head.qcow2"), &options).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Invalid);
    assert!(!folder.path("head.qcow2").exists());
}

#[test]
fn a_file_that_is_there_is_never_overwritten() {
    let folder = Folder::new();
    let path = folder.path("disk.qcow2");
    std::fs::write(&path, "precious").unwrap();
    let err = qcow2::create(&path, &qcow2::CreateOptions { virtual_size: MIB, backing_file: None }).unwrap_err();
    assert_eq!(err.kind(), ErrorKind::Io);
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
}
