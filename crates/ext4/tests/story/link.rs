//! One file under several names, and what the counts of names allow.

use cairn_ext4::{ErrorKind, FileKind};

use crate::change::{get, put};
use crate::common::{Image, MIB, assert_clean, attributes, new_volume, noise, readable, writable};

#[test]
fn a_file_has_several_names_and_goes_with_the_last() {
    let device = new_volume(16 * MIB);
    let fs = writable(&device);
    let empty = fs.statfs();
    put(&fs, "one", &noise(100_000, 1));
    let used = fs.statfs().used_bytes;
    fs.mkdir(b"folder", &attributes(0o755)).expect("mkdir");
    fs.hard_link(b"one", b"two").expect("hard link");
    fs.hard_link(b"two", b"folder/three").expect("hard link");
    let stat = fs.stat(b"folder/three").expect("stat");
    assert_eq!((stat.links, stat.inode, stat.kind), (3, fs.stat(b"one").expect("stat").inode, FileKind::File));
    assert_eq!(fs.statfs().used_bytes, used + 4096 / 4, "only the folder takes room");
    assert_clean(&device);
    assert!(Image::of(&device).debugfs("stat /two").contains("Links: 3"));

    fs.remove(b"one").expect("remove");
    assert_eq!(get(&fs, "two"), noise(100_000, 1));
    fs.rename(b"two", b"folder/three").expect("renaming one name over another of the same file does nothing");
    assert_eq!(fs.stat(b"two").expect("stat").links, 2);
    put(&fs, "two", b"its own now");
    assert_eq!(get(&fs, "folder/three"), noise(100_000, 1));
    assert_eq!(fs.stat(b"folder/three").expect("stat").links, 1);
    assert_clean(&device);
    fs.remove_all(b"folder").expect("remove");
    fs.remove(b"two").expect("remove");
    assert_eq!(fs.statfs(), empty);
    assert_clean(&device);
}

#[test]
fn second_names_are_refused_where_linux_refuses_them() {
    let device = new_volume(16 * MIB);
    let fs = writable(&device);
    fs.mkdir(b"folder", &attributes(0o755)).expect("mkdir");
    put(&fs, "file", b"x");
    fs.symlink(b"folder", b"link", &attributes(0o777)).expect("symlink");
    let kind = |result: Result<(), cairn_ext4::Error>| result.expect_err("refused").kind();
    assert_eq!(kind(fs.hard_link(b"folder", b"again")), ErrorKind::IsADirectory);
    assert_eq!(kind(fs.hard_link(b"file", b"folder")), ErrorKind::AlreadyExists);
    assert_eq!(kind(fs.hard_link(b"file", b"link")), ErrorKind::AlreadyExists);
    assert_eq!(kind(fs.hard_link(b"nothing", b"x")), ErrorKind::NotFound);
    assert_eq!(kind(fs.hard_link(b"file", b"no/x")), ErrorKind::NotFound);
    fs.hard_link(b"link", b"same link").expect("a link has names, too");
    assert_eq!(fs.read_link(b"same link").expect("read"), b"folder");
    assert_eq!(fs.stat(b"link").expect("stat").links, 2);
    assert_clean(&device);
}

#[test]
fn names_and_folders_are_counted_up_to_the_limit_and_beyond() {
    let device = new_volume(400 * MIB);
    let fs = writable(&device);
    fs.begin_batch().expect("begin");
    fs.mkdir(b"names", &attributes(0o755)).expect("mkdir");
    put(&fs, "names/0", b"x");
    for index in 1..65_000 {
        fs.hard_link(b"names/0", format!("names/{index}").as_bytes()).expect("hard link");
    }
    let refused = fs.hard_link(b"names/0", b"one too many").expect_err("refused");
    assert_eq!(refused.kind(), ErrorKind::TooManyLinks);
    fs.mkdir(b"folders", &attributes(0o755)).expect("mkdir");
    for index in 0..65_010 {
        fs.mkdir(format!("folders/{index}").as_bytes(), &attributes(0o755)).expect("more folders than can be counted");
    }
    fs.commit().expect("commit");
    assert_eq!(fs.stat(b"names/64999").expect("stat").links, 65_000);
    assert_eq!(fs.stat(b"folders").expect("stat").links, 1);
    assert_clean(&device);
    fs.remove_all(b"names").expect("remove");
    for index in 0..20 {
        fs.remove(format!("folders/{index}").as_bytes()).expect("remove");
    }
    assert_eq!(readable(&device).read_dir(b"folders").expect("list").len(), 64_990);
    assert_clean(&device);
}
