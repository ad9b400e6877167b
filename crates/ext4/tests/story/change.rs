//! Files come, change and go; after every step e2fsck is content and debugfs sees the same.

use std::io::{self, Read};

use cairn_ext4::{AttributeChanges, ErrorKind, FileKind, Filesystem, Timestamp};

use crate::common::{Image, MIB, assert_clean, attributes, new_volume, noise, readable, writable};

pub(crate) fn put(fs: &Filesystem, path: &str, bytes: &[u8]) {
    let stored = fs
        .create_file(path.as_bytes(), &attributes(0o644), &mut &bytes[..], Some(bytes.len() as u64))
        .unwrap_or_else(|e| panic!("{path}: {e}"));
    assert_eq!(stored, bytes.len() as u64);
}

pub(crate) fn get(fs: &Filesystem, path: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let file = fs.open_file(path.as_bytes()).unwrap_or_else(|e| panic!("{path}: {e}"));
    file.reader().read_to_end(&mut bytes).expect("read");
    bytes
}

fn names(fs: &Filesystem, path: &str) -> Vec<String> {
    let entries = fs.read_dir(path.as_bytes()).expect("list");
    let mut names: Vec<String> = entries.into_iter().map(|e| String::from_utf8_lossy(&e.name).into_owned()).collect();
    names.sort();
    names
}

#[test]
fn files_of_every_length_are_stored_and_come_back() {
    let device = new_volume(64 * MIB);
    let fs = writable(&device);
    let lengths = [0, 1, 4095, 4096, 4097, 65536, 262_144, 262_145, 5_000_000, 9 << 20];
    for (index, length) in lengths.into_iter().enumerate() {
        put(&fs, &format!("file {index}"), &noise(length, index as u64));
    }
    assert_clean(&device);
    let image = Image::of(&device);
    for (index, length) in lengths.into_iter().enumerate() {
        let name = format!("file {index}");
        assert_eq!(get(&fs, &name), noise(length, index as u64), "{name}");
        assert_eq!(image.dump(&format!("\"/{name}\"")), noise(length, index as u64), "{name}");
    }
    let again = readable(&device);
    assert_eq!(get(&again, "file 9"), noise(9 << 20, 9));
    let used = again.statfs().used_bytes;
    let content: usize = lengths.iter().sum();
    assert!(used as usize >= content && (used as usize) < content + 100_000, "{used} {content}");
}

#[test]
fn a_tree_is_made_moved_and_removed() {
    let device = new_volume(64 * MIB);
    let fs = writable(&device);
    let empty = fs.statfs();
    fs.mkdir(b"a", &attributes(0o755)).expect("mkdir");
    fs.mkdir_all(b"a/b/c/d", &attributes(0o700)).expect("mkdir_all");
    fs.mkdir_all(b"a/b/c/d", &attributes(0o700)).expect("mkdir_all again");
    put(&fs, "a/b/c/d/deep", b"deep");
    put(&fs, "a/日本.txt", "テスト".as_bytes());
    fs.symlink(b"b/c/d/deep", b"a/short", &attributes(0o777)).expect("symlink");
    let long = "./".repeat(200) + "b/c/d/deep";
    fs.symlink(long.as_bytes(), b"a/long", &attributes(0o777)).expect("symlink");
    assert_clean(&device);
    assert_eq!(get(&fs, "a/short"), b"deep");
    assert_eq!(get(&fs, "a/long"), b"deep");
    assert_eq!(fs.read_link(b"a/long").expect("read_link"), long.as_bytes());
    assert_eq!(names(&fs, "a"), ["b", "long", "short", "日本.txt"]);
    assert_eq!(fs.stat(b"a").expect("stat").links, 3);

    fs.rename(b"a/b/c", b"a/moved").expect("move a folder up");
    assert_clean(&device);
    assert_eq!(get(&fs, "a/moved/d/deep"), b"deep");
    assert_eq!(fs.stat(b"a").expect("stat").links, 4);
    assert_eq!(fs.stat(b"a/b").expect("stat").links, 2);
    put(&fs, "other", b"other");
    fs.rename(b"other", b"a/moved/d/deep").expect("over a file");
    assert_eq!(get(&fs, "a/moved/d/deep"), b"other");
    fs.rename(b"a/moved/d", b"a/b").expect("over an empty folder");
    assert_eq!(get(&fs, "a/b/deep"), b"other");
    fs.rename(b"a/b/deep", b"a/b/deep").expect("onto itself");
    assert_clean(&device);

    let kind = |result: Result<(), cairn_ext4::Error>| result.expect_err("refused").kind();
    assert_eq!(kind(fs.rename(b"a", b"a/b/inside")), ErrorKind::Invalid);
    assert_eq!(kind(fs.rename(b"a/b", "a/日本.txt".as_bytes())), ErrorKind::NotADirectory);
    assert_eq!(kind(fs.rename("a/日本.txt".as_bytes(), b"a/b")), ErrorKind::IsADirectory);
    assert_eq!(kind(fs.rename(b"a/moved", b"a/b")), ErrorKind::NotEmpty);
    assert_eq!(kind(fs.rename(b"nothing", b"x")), ErrorKind::NotFound);
    assert_eq!(kind(fs.remove(b"a")), ErrorKind::NotEmpty);
    assert_eq!(kind(fs.remove(b"nothing")), ErrorKind::NotFound);
    assert_eq!(kind(fs.remove(b"")), ErrorKind::Invalid);
    assert_eq!(kind(fs.mkdir(b"a", &attributes(0o755))), ErrorKind::AlreadyExists);
    assert_eq!(kind(fs.mkdir(b"x/y", &attributes(0o755))), ErrorKind::NotFound);
    assert_eq!(kind(fs.mkdir(b"../x", &attributes(0o755))), ErrorKind::InvalidName);
    assert_eq!(kind(fs.mkdir(&[b'n'; 256], &attributes(0o755))), ErrorKind::NameTooLong);
    assert_clean(&device);

    fs.remove(b"a/moved").expect("an empty folder");
    fs.remove_all(b"a").expect("the whole tree");
    assert_eq!(names(&fs, ""), ["lost+found"]);
    assert_eq!(fs.statfs(), empty);
    assert_clean(&device);
}

#[test]
fn attributes_are_kept_to_the_nanosecond() {
    let device = new_volume(16 * MIB);
    let fs = writable(&device);
    let mut given = attributes(0o4755);
    given.uid = 70_000;
    given.gid = 80_000;
    given.mtime = Timestamp { seconds: 4_300_000_000, nanoseconds: 999_999_999 };
    given.atime = Timestamp { seconds: -1, nanoseconds: 5 };
    fs.create_file(b"f", &given, &mut &b"x"[..], None).expect("create");
    let stat = fs.stat(b"f").expect("stat");
    assert_eq!((stat.mode, stat.uid, stat.gid), (0o4755, 70_000, 80_000));
    assert_eq!((stat.mtime, stat.atime), (given.mtime, given.atime));
    assert_eq!((stat.kind, stat.links), (FileKind::File, 1));
    let later = Timestamp { seconds: 15_032_385_535, nanoseconds: 1 };
    let changes = AttributeChanges { mode: Some(0o600), gid: Some(1), mtime: Some(later), ..Default::default() };
    fs.set_attributes(b"f", &changes).expect("set_attributes");
    drop(fs);
    let stat = readable(&device).stat(b"f").expect("stat");
    assert_eq!((stat.mode, stat.uid, stat.gid, stat.mtime), (0o600, 70_000, 1, later));
    assert_eq!(stat.atime, given.atime);
    assert_clean(&device);
}

#[test]
fn a_file_is_replaced_whole_and_gives_its_room_back() {
    let device = new_volume(32 * MIB);
    let fs = writable(&device);
    put(&fs, "f", &noise(6 << 20, 1));
    let used = fs.statfs().used_bytes;
    for seed in 2..12 {
        put(&fs, "f", &noise(6 << 20, seed));
        assert_eq!(fs.statfs().used_bytes, used);
    }
    assert_eq!(get(&fs, "f"), noise(6 << 20, 11));
    assert_eq!(names(&fs, ""), ["f", "lost+found"]);
    put(&fs, "f", b"short");
    assert_eq!(get(&fs, "f"), b"short");
    assert_clean(&device);
    fs.mkdir(b"d", &attributes(0o755)).expect("mkdir");
    let refused = fs.create_file(b"d", &attributes(0o644), &mut &b"x"[..], None);
    assert_eq!(refused.expect_err("refused").kind(), ErrorKind::IsADirectory);
    fs.symlink(b"f", b"link", &attributes(0o777)).expect("symlink");
    put(&fs, "link", b"a file now");
    assert_eq!(get(&fs, "f"), b"short");
    assert_eq!(fs.stat(b"link").expect("stat").kind, FileKind::File);
    assert_clean(&device);
}

#[test]
fn zeros_take_no_room() {
    let device = new_volume(64 * MIB);
    let fs = writable(&device);
    let before = fs.statfs().used_bytes;
    let size = 3 << 30;
    let mut source = io::repeat(0).take(size).chain(&b"end"[..]);
    let stored = fs.create_file(b"sparse", &attributes(0o644), &mut source, None).expect("create");
    assert_eq!(stored, size + 3);
    assert!(fs.statfs().used_bytes - before <= 4096);
    let file = fs.open_file(b"sparse").expect("open");
    let mut end = [1; 10];
    assert_eq!(file.read_at(&mut end, size - 7).expect("read"), 10);
    assert_eq!(&end, b"\0\0\0\0\0\0\0end");
    let mut mixed = vec![0; 1 << 20];
    mixed[300_000] = 7;
    put(&fs, "mixed", &mixed);
    assert_eq!(get(&fs, "mixed"), mixed);
    assert_eq!(fs.stat(b"mixed").expect("stat").blocks, 128);
    assert_clean(&device);
}

/// A source that fails in the middle.
struct Broken(usize);

impl Read for Broken {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::other("the cable is out"));
        }
        let len = buf.len().min(self.0);
        self.0 -= len;
        buf[..len].fill(b'x');
        Ok(len)
    }
}

#[test]
fn a_failed_upload_leaves_nothing_behind() {
    let device = new_volume(32 * MIB);
    let fs = writable(&device);
    put(&fs, "kept", b"kept");
    let before = fs.statfs();
    for (name, length) in [("new", 10_000), ("new", 9_000_000), ("kept", 9_000_000)] {
        let mut source = Broken(length);
        let failed = fs.create_file(name.as_bytes(), &attributes(0o644), &mut source, None);
        assert_eq!(failed.expect_err("failed").kind(), ErrorKind::Source);
    }
    let mut endless = io::repeat(7);
    let full = fs.create_file(b"new", &attributes(0o644), &mut endless, None).expect_err("full");
    assert_eq!(full.kind(), ErrorKind::NoSpace);
    let large = fs.create_file(b"new", &attributes(0o644), &mut io::empty(), Some(1 << 40));
    assert_eq!(large.expect_err("too large").kind(), ErrorKind::NoSpace);
    assert_eq!(fs.statfs(), before);
    assert_eq!(get(&fs, "kept"), b"kept");
    assert_clean(&device);
    let free = before.free_bytes as usize;
    put(&fs, "all of it", &noise(free - 2 * MIB as usize, 3));
    assert_clean(&device);
}

#[test]
fn a_volume_is_filled_with_small_files_and_emptied() {
    let device = new_volume(8 * MIB);
    let fs = writable(&device);
    let before = fs.statfs();
    fs.begin_batch().expect("begin");
    let mut count = 0;
    let full = loop {
        let name = format!("a file with a rather long name, number {count}");
        let bytes = noise(1500, count);
        match fs.create_file(name.as_bytes(), &attributes(0o644), &mut &bytes[..], None) {
            Ok(_) => count += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(full.kind(), ErrorKind::NoSpace);
    fs.commit().expect("commit");
    assert!(count > 1000, "{count}");
    assert_clean(&device);
    for index in 0..count {
        let name = format!("a file with a rather long name, number {index}");
        assert_eq!(get(&fs, &name), noise(1500, index));
        fs.remove(name.as_bytes()).expect("remove");
    }
    assert_clean(&device);
    assert_eq!(fs.statfs().free_inodes, before.free_inodes);
    put(&fs, "there is room again", &noise(4 << 20, 1));
    assert_clean(&device);
}

#[test]
fn what_a_guest_attached_to_a_file_survives_and_goes_with_it() {
    let device = new_volume(32 * MIB);
    let fs = writable(&device);
    put(&fs, "f", b"content");
    drop(fs);
    let image = Image::of(&device);
    let large = "v".repeat(2000);
    image.debugfs_write(&format!("ea_set f user.small some\nea_set f user.large {large}\n"));
    image.assert_clean();
    let device = image.device();
    let fs = writable(&device);
    let used = fs.statfs().used_bytes;
    let changes = AttributeChanges { mode: Some(0o640), ..Default::default() };
    fs.set_attributes(b"f", &changes).expect("set_attributes");
    fs.rename(b"f", b"g").expect("rename");
    let image = Image::of(&device);
    image.assert_clean();
    let listed = image.debugfs("ea_list g");
    assert!(listed.contains("user.small") && listed.contains("user.large (2000)"), "{listed}");
    fs.remove(b"g").expect("remove");
    assert_eq!(used - fs.statfs().used_bytes, 2 * 4096, "the content and the attributes");
    assert_clean(&device);
}
