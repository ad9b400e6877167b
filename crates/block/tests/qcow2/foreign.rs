//! Images that QEMU can make and Cairn does not: what is handled is handled, the rest is refused by name.

use std::{fs, os::unix::fs::FileExt, path::Path};

use cairn_block::{
    BlockDevice, ErrorKind,
    qcow2::{self, Access, Image},
};

use crate::judge::{Folder, LIKE_OURS, MIB, bytes, open, open_to_read, qemu_create, qemu_io, same_bytes, succeed};

#[track_caller]
fn refused(path: &Path, access: Access, kind: ErrorKind, word: &str) {
    let err = Image::open(path, access).unwrap_err();
    assert_eq!(err.kind(), kind, "{err}");
    assert!(err.to_string().contains(word), "{err} does not say {word}");
    assert!(err.path().is_some());
}

/// Sets bits of a byte of the header.
fn mark(path: &Path, at: u64, bits: u8) {
    let file = fs::File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] | bits], at).unwrap();
}

#[test]
fn zero_clusters_with_and_without_a_place_are_read_and_written() {
    let folder = Folder::new();
    for options in [LIKE_OURS, "compat=1.1"] {
        let path = folder.path("disk.qcow2");
        qemu_create(&path, options, None, 8 * MIB);
        qemu_io(&path, &["write -P 1 0 4M", "write -z 1M 1M", "write -z -u 2M 1M", "write -z 6M 512k"]);
        let image = open(&path);
        let mut model = vec![1; 4 << 20];
        model[1 << 20..3 << 20].fill(0);
        model.resize(8 << 20, 0);
        assert_eq!(bytes(&image, 0, 8 << 20), model);
        for offset in [MIB + 1000, 3 * MIB - 1000, 6 * MIB + 7] {
            image.write_at(&[9; 2000], offset).unwrap();
            model[offset as usize..][..2000].fill(9);
        }
        drop(image);
        same_bytes(&path, &model);
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn preallocated_images_are_read_and_written() {
    let folder = Folder::new();
    for mode in ["metadata", "falloc", "full"] {
        let path = folder.path(mode);
        qemu_create(&path, &format!("compat=1.1,preallocation={mode}"), None, 8 * MIB);
        let image = open(&path);
        assert!(bytes(&image, 0, 8 << 20).iter().all(|&b| b == 0));
        image.write_at(&[3; 100_000], 3 * MIB + 5).unwrap();
        drop(image);
        crate::judge::check(&path);
        qemu_io(&path, &[&format!("read -P 3 {} 100000", 3 * MIB + 5)]);
    }
}

#[test]
fn an_old_version_is_read_but_not_written() {
    let folder = Folder::new();
    let path = folder.path("old.qcow2");
    qemu_create(&path, "compat=0.10", None, 8 * MIB);
    qemu_io(&path, &["write -P 5 1M 1M"]);
    assert_eq!(bytes(&open_to_read(&path), MIB, 1 << 20), vec![5; 1 << 20]);
    refused(&path, Access::ReadWrite, ErrorKind::Unsupported, "version 2");
}

#[test]
fn other_refcount_widths_are_read_but_not_written() {
    let folder = Folder::new();
    let path = folder.path("narrow.qcow2");
    qemu_create(&path, "compat=1.1,refcount_bits=1", None, 8 * MIB);
    qemu_io(&path, &["write -P 5 1M 1M"]);
    assert_eq!(bytes(&open_to_read(&path), MIB, 1 << 20), vec![5; 1 << 20]);
    refused(&path, Access::ReadWrite, ErrorKind::Unsupported, "refcounts of 1 bits");
}

#[test]
fn internal_snapshots_and_bitmaps_are_read_past_but_not_written() {
    let folder = Folder::new();
    let path = folder.create("disk.qcow2", 8 * MIB);
    qemu_io(&path, &["write -P 5 1M 1M"]);
    let name = path.to_str().unwrap();
    succeed("qemu-img", &["bitmap", "--add", name, "changes"]);
    refused(&path, Access::ReadWrite, ErrorKind::Unsupported, "bitmaps");
    succeed("qemu-img", &["bitmap", "--remove", name, "changes"]);
    drop(open(&path));
    succeed("qemu-img", &["snapshot", "-c", "before", name]);
    qemu_io(&path, &["write -P 6 1M 64k"]);
    let seen = bytes(&open_to_read(&path), MIB, 1 << 20);
    assert!(seen[..64 << 10].iter().all(|&b| b == 6) && seen[64 << 10..].iter().all(|&b| b == 5));
    refused(&path, Access::ReadWrite, ErrorKind::Unsupported, "internal snapshots");
}

#[test]
fn compressed_clusters_are_named_when_they_are_met() {
    let folder = Folder::new();
    let plain = folder.create("plain.qcow2", 8 * MIB);
    qemu_io(&plain, &["write -P 5 1M 1M"]);
    for kind in ["zlib", "zstd"] {
        let packed = folder.path(kind);
        let option = format!("compression_type={kind}");
        let (from, to) = (plain.to_str().unwrap(), packed.to_str().unwrap());
        succeed("qemu-img", &["convert", "-c", "-O", "qcow2", "-o", &option, from, to]);
    }
    let image = open(&folder.path("zlib"));
    assert_eq!(bytes(&image, 4 * MIB, 512), [0; 512]);
    for result in [image.read_at(&mut [0; 512], MIB), image.write_at(&[0; 512], MIB), image.discard(MIB, MIB)] {
        let err = result.unwrap_err();
        assert!(err.kind() == ErrorKind::Unsupported && err.to_string().contains("compressed clusters"), "{err}");
    }
    refused(&folder.path("zstd"), Access::ReadOnly, ErrorKind::Unsupported, "compression type");
}

#[test]
fn encryption_and_external_data_are_refused() {
    let folder = Folder::new();
    let (secret, data) = (folder.path("secret.qcow2"), folder.path("data.qcow2"));
    let key = ["--object", "secret,id=k,data=password"];
    let options = "encrypt.format=luks,encrypt.key-secret=k,encrypt.iter-time=10";
    let path = secret.to_str().unwrap();
    succeed("qemu-img", &["create", "-q", key[0], key[1], "-f", "qcow2", "-o", options, path, "1M"]);
    refused(&secret, Access::ReadOnly, ErrorKind::Unsupported, "encryption");
    let external = format!("data_file={}", folder.path("raw").display());
    qemu_create(&data, &external, None, MIB);
    refused(&data, Access::ReadOnly, ErrorKind::Unsupported, "external data file");
}

#[test]
fn a_backing_file_of_another_format_is_refused() {
    let folder = Folder::new();
    fs::write(folder.path("base.raw"), vec![1; 1 << 20]).unwrap();
    let path = folder.path("head.qcow2");
    let args = ["create", "-q", "-f", "qcow2", "-b", "base.raw", "-F", "raw", path.to_str().unwrap()];
    succeed("qemu-img", &args);
    refused(&path, Access::ReadOnly, ErrorKind::Unsupported, "format raw");
}

#[test]
fn dirty_and_damaged_images_are_read_but_not_written() {
    let folder = Folder::new();
    for (bit, word) in [(1, "dirty"), (2, "corrupt")] {
        let path = folder.create(word, 8 * MIB);
        // The last byte of the incompatible features.
        mark(&path, 79, bit);
        refused(&path, Access::ReadWrite, ErrorKind::Corrupt, word);
        assert_eq!(bytes(&open_to_read(&path), 0, 512), [0; 512]);
        let info = qcow2::info(&path).unwrap();
        assert_eq!((info.dirty, info.corrupt), (bit == 1, bit == 2));
        succeed("qemu-img", &["check", "-q", "-r", "all", path.to_str().unwrap()]);
        drop(open(&path));
    }
}

#[test]
fn features_that_nobody_knows_are_refused() {
    let folder = Folder::new();
    let path = folder.create("future.qcow2", MIB);
    mark(&path, 72, 0x80);
    refused(&path, Access::ReadOnly, ErrorKind::Unsupported, "0x8000000000000000");
    let path = folder.create("cleared.qcow2", MIB);
    mark(&path, 88, 0x80);
    drop(open_to_read(&path));
    refused(&path, Access::ReadWrite, ErrorKind::Unsupported, "autoclear");
}
