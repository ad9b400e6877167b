//! Whether refcounts are true: as `qemu-img check` sees it, of the same images.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::FileExt,
    path::Path,
};

use cairn_block::{
    BlockDevice, ErrorKind,
    qcow2::{self, Access, CreateOptions, Image, References},
};

use crate::judge::*;

/// What `qemu-img check` finds: (leaks, corruptions).
fn by_qemu(image: &Path) -> (u64, u64) {
    let output = run("qemu-img", &["check", "--output=json", image.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = |key: &str| {
        let rest = text.split_once(&format!("\"{key}\":"));
        rest.map_or(0, |(_, rest)| rest.trim_start().split([',', '\n', '}']).next().unwrap().trim().parse().unwrap())
    };
    (number("leaks"), number("corruptions"))
}

fn counted(image: &Path) -> References {
    qcow2::count_references(image).unwrap()
}

/// Both agree on what leaks, and on whether anything is wrong.
#[track_caller]
fn agree(image: &Path) -> References {
    let (ours, (leaks, corruptions)) = (counted(image), by_qemu(image));
    assert_eq!(ours.leaked_clusters, leaks, "{ours:?}");
    assert_eq!(ours.faults > 0, corruptions > 0, "{ours:?}, and QEMU finds {corruptions}");
    ours
}

fn u64_at(file: &File, at: u64) -> u64 {
    let mut raw = [0; 8];
    file.read_exact_at(&mut raw, at).unwrap();
    u64::from_be_bytes(raw)
}

/// An image with some data, and its file.
fn image(folder: &Path) -> (std::path::PathBuf, File) {
    let path = folder.join("image.qcow2");
    qcow2::create(&path, &CreateOptions { virtual_size: 64 * MIB, ..CreateOptions::default() }).unwrap();
    let image = Image::open(&path, Access::ReadWrite).unwrap();
    for cluster in 0..20 {
        image.write_at(&[cluster as u8 + 1; 5000], cluster * 3 * 128 * 1024 + 777).unwrap();
    }
    image.discard(3 * 128 * 1024, 128 * 1024).unwrap();
    image.flush().unwrap();
    drop(image);
    let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    (path, file)
}

#[test]
fn sound_images_are_found_sound() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = image(folder.path());
    assert_eq!(agree(&path), References::default());
    for options in ["compat=1.1,cluster_size=4k", "compat=1.1,cluster_size=2M,extended_l2=on", LIKE_OURS] {
        let foreign = folder.path().join("foreign.qcow2");
        succeed(
            "qemu-img",
            &["convert", "-O", "qcow2", "-o", options, path.to_str().unwrap(), foreign.to_str().unwrap()],
        );
        assert_eq!(agree(&foreign), References::default(), "{options}");
    }
}

#[test]
fn what_is_wrong_is_found_as_qemu_finds_it_and_said_in_words() {
    const CLUSTER: u64 = 128 << 10;
    let offset = |entry: u64| entry & 0x00ff_ffff_ffff_fe00;
    type Damage = fn(&File, l2: u64, counts: u64);
    // (what, done to the L2 table and the refcount block, leaked clusters, a word of the sentence)
    let cases: [(&str, Damage, u64, &str); 8] = [
        ("an entry is lost", |file, l2, _| file.write_all_at(&[0; 16], l2).unwrap(), 1, ""),
        (
            "a count is too low",
            |file, _, counts| file.write_all_at(&[0, 0], counts + 2 * 7).unwrap(),
            0,
            "counted as free",
        ),
        (
            "a count is too high",
            |file, _, counts| file.write_all_at(&[0, 3], counts + 2 * 7).unwrap(),
            1,
            "wrong about",
        ),
        ("nothing has it", |file, _, counts| file.write_all_at(&[0, 1], counts + 2 * 6).unwrap(), 1, ""),
        (
            "two have the same cluster",
            |file, l2, _| {
                let first = u64_at(file, l2);
                file.write_all_at(&first.to_be_bytes(), l2 + 6 * 16).unwrap();
            },
            1,
            "used 2 times",
        ),
        (
            "a table's cluster is data, too",
            |file, l2, _| file.write_all_at(&(l2 | 1 << 63).to_be_bytes(), l2).unwrap(),
            1,
            "used 2 times",
        ),
        (
            "far behind the end",
            |file, l2, _| file.write_all_at(&(1u64 << 40 | 1 << 63).to_be_bytes(), l2).unwrap(),
            1,
            "inside the file",
        ),
        (
            "an entry does not know that it is alone",
            |file, l2, _| {
                let first = u64_at(file, l2);
                file.write_all_at(&(first & !(1 << 63)).to_be_bytes(), l2).unwrap();
            },
            0,
            "wrong about",
        ),
    ];
    for (what, damage, leaks, word) in cases {
        let folder = tempfile::tempdir().unwrap();
        let (path, file) = image(folder.path());
        let l2 = offset(u64_at(&file, u64_at(&file, 40)));
        let counts = u64_at(&file, u64_at(&file, 48));
        assert!(l2 > 0 && counts > 0 && l2.is_multiple_of(CLUSTER));
        damage(&file, l2, counts);
        let found = agree(&path);
        assert_eq!(found.leaked_clusters, leaks, "{what}: {found:?}");
        assert_eq!(found.leaked_bytes, leaks * CLUSTER);
        let said = found.first_faults.join("; ");
        assert!(said.contains(word) && said.is_empty() == word.is_empty(), "{what}: {said:?}");
    }
}

#[test]
fn what_cannot_be_counted_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = image(folder.path());
    let writing = Image::open(&path, Access::ReadWrite).unwrap();
    assert_eq!(qcow2::count_references(&path).unwrap_err().kind(), ErrorKind::Locked);
    drop(writing);
    let foreign = folder.path().join("foreign.qcow2");
    succeed("qemu-img", &["create", "-q", "-f", "qcow2", foreign.to_str().unwrap(), "1M"]);
    succeed("qemu-img", &["snapshot", "-c", "one", foreign.to_str().unwrap()]);
    assert_eq!(qcow2::count_references(&foreign).unwrap_err().kind(), ErrorKind::Unsupported);
    succeed("qemu-img", &["create", "-q", "-f", "qcow2", "-o", "refcount_bits=64", foreign.to_str().unwrap(), "1M"]);
    assert_eq!(qcow2::count_references(&foreign).unwrap_err().kind(), ErrorKind::Unsupported);
}
