//! Filesystems of every age and kind, made by mke2fs, filled by Linux or by mke2fs: what is read is what
//! was put in, and what cannot be written to is named.

use cairn_ext4::{ErrorKind, Filesystem, Mode};

use crate::change::{get, put};
use crate::common::{Image, noise, readable, writable};
use crate::host::{Wishes, assert_alike, assert_same, fill, seen_by_linux, seen_by_us};
use crate::kernel::Mount;

/// A kind of filesystem: how it is called, how mke2fs makes it, what Linux puts into it, and the word by
/// which writing to it is refused, if it is.
struct Kind {
    name: &'static str,
    made: &'static [&'static str],
    wishes: Wishes,
    refused: Option<&'static str>,
}

const WISHES: Wishes =
    Wishes { root: true, far_times: true, long_xattr: 800, xattrs: true, names: 700, far: 5_000_000_000 };
/// Without the feature `extents` a map of 1 KiB blocks ends at 16 GiB.
const SHORT: Wishes = Wishes { far_times: false, ..WISHES };

const fn kind(name: &'static str, made: &'static [&'static str]) -> Kind {
    Kind { name, made, wishes: WISHES, refused: None }
}

const fn only_read(name: &'static str, made: &'static [&'static str], refused: &'static str) -> Kind {
    Kind { name, made, wishes: WISHES, refused: Some(refused) }
}

const KINDS: &[Kind] = &[
    kind("as it comes", &[]),
    kind("1 KiB", &["-b", "1024"]),
    kind("2 KiB, inodes of 512 bytes", &["-b", "2048", "-I", "512"]),
    Kind { wishes: SHORT, ..only_read("ext2", &["-t", "ext2", "-b", "1024", "-I", "128"], "no journal") },
    only_read("ext3", &["-t", "ext3", "-b", "4096"], "block maps"),
    Kind { wishes: SHORT, ..kind("short inodes", &["-I", "128"]) },
    kind("32 bits", &["-O", "^64bit"]),
    kind("uninit_bg", &["-O", "^metadata_csum,uninit_bg", "-b", "1024"]),
    kind("no sums", &["-O", "^metadata_csum,^uninit_bg"]),
    kind("seed and orphan file", &["-O", "metadata_csum_seed,orphan_file"]),
    only_read("inline data", &["-O", "inline_data"], "inline_data"),
    only_read("inline data, large inodes", &["-O", "inline_data", "-I", "1024"], "inline_data"),
    only_read("clusters", &["-O", "bigalloc", "-C", "65536"], "bigalloc"),
    only_read("clusters of short blocks", &["-O", "bigalloc", "-b", "1024", "-C", "16384"], "bigalloc"),
    kind("meta_bg", &["-O", "meta_bg,^resize_inode", "-b", "1024"]),
    kind("no flex_bg, every backup", &["-O", "^flex_bg,^sparse_super,^resize_inode"]),
    kind("two backups", &["-O", "sparse_super2", "-b", "1024"]),
    kind("no index", &["-O", "^dir_index"]),
    only_read("no types", &["-O", "^filetype"], "filetype"),
    Kind {
        wishes: Wishes { long_xattr: 20_000, ..WISHES },
        ..only_read("values in inodes", &["-O", "ea_inode", "-b", "1024"], "ea_inode")
    },
    kind("large folders", &["-O", "large_dir", "-b", "1024"]),
    kind("verity, encrypt, stable inodes", &["-O", "verity,encrypt,stable_inodes"]),
    only_read("mmp", &["-O", "mmp"], "mmp"),
    kind("fast commits", &["-O", "fast_commit"]),
    only_read("no journal", &["-O", "^has_journal"], "no journal"),
];

/// Which hash and which kind of characters a filesystem of the list uses, and the commands that say so.
const HASHES: [(&str, &str); 5] = [
    ("tea", "ssv def_hash_version tea\nssv flags 1\n"),
    ("legacy", "ssv def_hash_version legacy\nssv flags 1\n"),
    ("unsigned tea", "ssv def_hash_version tea\nssv flags 2\n"),
    ("unsigned half_md4", "ssv def_hash_version half_md4\nssv flags 2\n"),
    ("unsigned legacy", "ssv def_hash_version legacy\nssv flags 2\n"),
];

/// Has Linux fill the image, and compares what both see of it.
fn judge(image: &Image, name: &str, wishes: Wishes) -> bool {
    let Some(mount) = Mount::of(&image.path, "rw") else { return false };
    fill(&mount.place, wishes);
    drop(mount);
    image.assert_clean();
    // Without the times of the last access changing under our eyes.
    let mount = Mount::of(&image.path, "ro,noatime").expect("mounted before");
    let theirs = seen_by_linux(&mount.place);
    drop(mount);
    let device = image.device();
    let fs = Filesystem::open(device.clone(), Mode::ReadOnly).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_same(&seen_by_us(&fs), &theirs, name);
    true
}

#[test]
fn what_linux_puts_into_any_filesystem_is_read() {
    for kind in KINDS {
        let image = Image::mke2fs("160M", kind.made);
        if !judge(&image, kind.name, kind.wishes) {
            return;
        }
        write_to(&image, kind.name, kind.refused);
    }
}

/// Changes what Linux filled; or is refused, with the word for the reason.
fn write_to(image: &Image, name: &str, refused: Option<&str>) {
    let device = image.device();
    let fs = match (Filesystem::open(device.clone(), Mode::ReadWrite), refused) {
        (Ok(fs), None) => fs,
        (Ok(_), Some(word)) => panic!("{name}: {word} should have been refused"),
        (Err(error), Some(word)) => {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{name}: {error}");
            assert!(error.to_string().contains(word), "{name}: {error}");
            return;
        }
        (Err(error), None) => panic!("{name}: {error}"),
    };
    fs.begin_batch().expect("begin");
    for index in 0..500 {
        put(&fs, &format!("many/ours, number {index}"), b"ours");
        put(&fs, &format!("small folder/ours, number {index}"), b"ours");
    }
    put(&fs, "large", &noise(5_000_000, 77));
    for path in ["deep", "sparse", "holes", "reserved", "many", "middling", "pipe", "link of 1000"] {
        fs.remove_all(path.as_bytes()).unwrap_or_else(|e| panic!("{name}: {path}: {e}"));
    }
    fs.commit().expect("commit");
    fs.rename(b"small folder", b"renamed").expect("rename");
    drop(fs);
    device.save(&image.path).expect("save");
    image.assert_clean();
    let fs = readable(&image.device());
    assert_eq!(get(&fs, "a second name"), noise(3_000_001, 3), "{name}");
    assert_eq!(get(&fs, "large"), noise(5_000_000, 77), "{name}");
    assert_eq!(fs.read_dir(b"renamed").expect("list").len(), 503, "{name}");
}

#[test]
fn folders_by_every_hash_are_read() {
    for (name, commands) in HASHES {
        let image = Image::mke2fs("64M", &["-b", "1024"]);
        image.debugfs_write(commands);
        let wishes = Wishes { far: 400_000_000, ..WISHES };
        if !judge(&image, name, wishes) {
            return;
        }
    }
}

#[test]
fn what_mke2fs_puts_into_any_filesystem_is_read() {
    let host = tempfile::tempdir().expect("a folder");
    fill(host.path(), Wishes { root: false, far_times: false, xattrs: false, names: 300, far: 400_000_000, ..WISHES });
    let theirs = seen_by_linux(host.path());
    let from = host.path().to_str().expect("UTF-8");
    for (made, refused) in [
        (&["-b", "8192"][..], None),
        (&["-b", "16384"], None),
        (&["-b", "32768", "-O", "bigalloc", "-C", "131072"], Some("bigalloc")),
        (&["-b", "65536"], None),
        (&["-b", "65536", "-O", "^extents,^64bit"], Some("block maps")),
        (&["-b", "1024", "-O", "^extents,^64bit"], Some("block maps")),
        (&["-O", "quota,project"], Some("quota")),
        (&["-O", "casefold", "-E", "encoding=utf8"], None),
    ] {
        let image = Image::mke2fs("160M", &[made, &["-d", from]].concat());
        let fs = readable(&image.device());
        assert_alike(&seen_by_us(&fs), &theirs, &format!("{made:?}"));
        drop(fs);
        write_to(&image, &format!("{made:?}"), refused);
    }
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    for (commands, mode, word) in [
        ("feature dirdata", Mode::ReadOnly, "dirdata"),
        ("ssv feature_incompat 0x800002c2", Mode::ReadOnly, "0x80000000"),
        ("feature shared_blocks", Mode::ReadWrite, "shared_blocks"),
        ("ssv feature_ro_compat 0x40000000", Mode::ReadWrite, "0x40000000"),
        ("ssv journal_inum 0", Mode::ReadWrite, "a journal on another device"),
        ("ssv journal_inum 0\nfeature needs_recovery", Mode::ReadOnly, "a journal on another device"),
    ] {
        let image = Image::mke2fs("16M", &[]);
        image.debugfs_write(&format!("{commands}\n"));
        let refused = Filesystem::open(image.device(), mode).map(|_| ()).expect_err("refused");
        assert_eq!(refused.kind(), ErrorKind::Unsupported, "{commands}: {refused}");
        assert!(refused.to_string().contains(word), "{commands}: {refused}");
        if mode == Mode::ReadWrite {
            assert_eq!(readable(&image.device()).read_dir(b"").expect("list").len(), 1, "{commands}");
        }
    }
    for (made, word) in [("meta_bg,^resize_inode", "meta_bg"), ("sparse_super2", "sparse_super2")] {
        let image = Image::mke2fs("16M", &["-O", made]);
        image.enlarge(32 << 20);
        let refused = writable(&image.device()).grow().expect_err("refused");
        assert!(refused.to_string().contains(word), "{refused}");
    }
}
