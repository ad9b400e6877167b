//! Extended attributes that others set are read.

use cairn_ext4::ErrorKind;

use crate::change::put;
use crate::common::{Image, MIB, assert_clean, attributes, new_volume, noise, readable, writable};

#[test]
fn attributes_in_the_inode_and_in_a_block_are_read() {
    let device = new_volume(40 * MIB);
    let fs = writable(&device);
    put(&fs, "file", b"content");
    put(&fs, "plain", b"content");
    fs.mkdir(b"folder", &attributes(0o755)).expect("mkdir");
    drop(fs);
    let image = Image::of(&device);
    let long = image.path.with_extension("value");
    std::fs::write(&long, noise(3000, 1)).expect("write");
    image.debugfs_write(&format!(
        "ea_set file user.short here\nea_set -f {} file user.long\nea_set file security.label x\n\
         ea_set folder trusted.note y\n",
        long.display()
    ));
    image.assert_clean();
    let fs = readable(&image.device());
    let mut names = fs.list_xattrs(b"file").expect("list");
    names.sort();
    assert_eq!(names, [&b"security.label"[..], b"user.long", b"user.short"]);
    assert_eq!(fs.xattr(b"file", b"user.short").expect("get").as_deref(), Some(&b"here"[..]));
    assert_eq!(fs.xattr(b"file", b"user.long").expect("get"), Some(noise(3000, 1)));
    assert_eq!(fs.xattr(b"folder", b"trusted.note").expect("get").as_deref(), Some(&b"y"[..]));
    assert_eq!(fs.xattr(b"plain", b"user.short").expect("get"), None);
    assert!(fs.list_xattrs(b"plain").expect("list").is_empty());
    let refused = fs.xattr(b"file", b"nonsense").expect_err("no such kind of name");
    assert_eq!(refused.kind(), ErrorKind::Invalid);
}

#[test]
fn attributes_come_change_and_go() {
    for arguments in [&["-b", "4096"][..], &["-b", "1024"], &["-I", "128"], &["-O", "^metadata_csum"], &["-I", "1024"]]
    {
        let image = Image::mke2fs("40M", arguments);
        let device = image.device();
        let fs = writable(&device);
        put(&fs, "file", b"content");
        fs.mkdir(b"folder", &attributes(0o755)).expect("mkdir");
        fs.symlink(b"file", b"link", &attributes(0o777)).expect("symlink");
        let before = fs.statfs();
        let blocks = fs.stat(b"file").expect("stat").blocks;
        let mut expected = std::collections::BTreeMap::new();
        let steps = [
            ("user.a", 10),
            ("user.b", 0),
            ("security.label", 61),
            ("user.a", 200),
            ("trusted.x", 300),
            ("user.b", 3),
            ("user.longer name", 77),
            ("user.a", 5),
            ("security.label", 250),
        ];
        for (step, (name, len)) in steps.into_iter().enumerate() {
            let value = noise(len, step as u64);
            fs.set_xattr(b"file", name.as_bytes(), &value).expect("set");
            expected.insert(name.as_bytes().to_vec(), value);
            let mut names = fs.list_xattrs(b"file").expect("list");
            names.sort();
            assert_eq!(names, expected.keys().cloned().collect::<Vec<_>>());
            assert_clean(&device);
        }
        fs.set_xattr(b"folder", b"user.note", b"on a folder").expect("set");
        fs.set_xattr(b"link", b"trusted.note", b"on a link").expect("set");
        let again = readable(&device);
        for (name, value) in &expected {
            assert_eq!(again.xattr(b"file", name).expect("get").as_ref(), Some(value), "{arguments:?}");
        }
        assert_eq!(again.xattr(b"link", b"trusted.note").expect("get").as_deref(), Some(&b"on a link"[..]));
        let listed = Image::of(&device).debugfs("ea_list file");
        assert!(listed.contains("user.a (5)") && listed.contains("security.label (250)"), "{listed}");
        for name in expected.keys() {
            fs.remove_xattr(b"file", name).expect("remove");
            assert_clean(&device);
        }
        fs.remove_xattr(b"folder", b"user.note").expect("remove");
        fs.remove_xattr(b"link", b"trusted.note").expect("remove");
        assert_eq!(fs.statfs(), before);
        assert_eq!(fs.stat(b"file").expect("stat").blocks, blocks);
        assert_clean(&device);
    }
}

#[test]
fn attributes_are_refused_where_linux_refuses_them() {
    let device = new_volume(16 * MIB);
    let fs = writable(&device);
    put(&fs, "file", b"content");
    fs.symlink(b"file", b"link", &attributes(0o777)).expect("symlink");
    let before = fs.statfs();
    let refused = |path: &[u8], name: &[u8], value: &[u8]| fs.set_xattr(path, name, value).expect_err("refused").kind();
    assert_eq!(refused(b"file", b"other.name", b"x"), ErrorKind::Invalid);
    assert_eq!(refused(b"file", b"user.", b"x"), ErrorKind::Invalid);
    assert_eq!(refused(b"file", b"system.data", b"x"), ErrorKind::Invalid);
    assert_eq!(refused(b"file", &[b"user.", &[b'n'; 256][..]].concat(), b"x"), ErrorKind::Invalid);
    assert_eq!(refused(b"file", b"user.large", &noise(5000, 1)), ErrorKind::NoSpace);
    assert_eq!(refused(b"file", b"user.huge", &noise(70_000, 1)), ErrorKind::Invalid);
    assert_eq!(refused(b"link", b"user.name", b"x"), ErrorKind::Invalid);
    assert_eq!(refused(b"file", b"system.posix_acl_default", b"\x02\0\0\0"), ErrorKind::Invalid);
    assert_eq!(refused(b"file", b"system.posix_acl_access", b"nonsense"), ErrorKind::Invalid);
    assert_eq!(refused(b"nothing", b"user.name", b"x"), ErrorKind::NotFound);
    assert_eq!(fs.remove_xattr(b"file", b"user.name").expect_err("refused").kind(), ErrorKind::NotFound);
    assert_eq!(fs.statfs(), before);
    assert_clean(&device);
}

/// An access control list as Linux hands it out: (tag, permissions, id) each.
fn list(entries: &[(u16, u16, u32)]) -> Vec<u8> {
    let mut wire = vec![2, 0, 0, 0];
    for (tag, permissions, id) in entries {
        wire.extend(tag.to_le_bytes());
        wire.extend(permissions.to_le_bytes());
        wire.extend(id.to_le_bytes());
    }
    wire
}

#[test]
fn permissions_and_access_control_lists_follow_each_other() {
    let nobody = u32::MAX;
    let device = new_volume(40 * MIB);
    let fs = writable(&device);
    put(&fs, "file", b"content");
    fs.mkdir(b"folder", &attributes(0o755)).expect("mkdir");
    let (access, default) = (&b"system.posix_acl_access"[..], &b"system.posix_acl_default"[..]);
    let given = list(&[(1, 6, nobody), (2, 4, 1000), (4, 4, nobody), (0x10, 6, nobody), (0x20, 0, nobody)]);
    fs.set_xattr(b"file", access, &given).expect("set");
    fs.set_xattr(b"folder", default, &given).expect("set");
    assert_eq!(fs.xattr(b"file", access).expect("get"), Some(given));
    assert_eq!(fs.stat(b"file").expect("stat").mode, 0o660, "the group's bits are the mask");
    assert_eq!(fs.stat(b"folder").expect("stat").mode, 0o755, "what is inherited says nothing of the folder");
    let changes = cairn_ext4::AttributeChanges { mode: Some(0o755), ..Default::default() };
    fs.set_attributes(b"file", &changes).expect("chmod");
    let followed = list(&[(1, 7, nobody), (2, 4, 1000), (4, 4, nobody), (0x10, 5, nobody), (0x20, 5, nobody)]);
    assert_eq!(fs.xattr(b"file", access).expect("get"), Some(followed));
    assert_clean(&device);
    let plain = list(&[(1, 7, nobody), (4, 4, nobody), (0x20, 0, nobody)]);
    fs.set_xattr(b"file", access, &plain).expect("set");
    assert_eq!(fs.xattr(b"file", access).expect("get"), None, "it says no more than the permissions");
    assert_eq!(fs.stat(b"file").expect("stat").mode, 0o740);
    assert_clean(&device);
}

#[test]
fn a_block_of_attributes_that_files_share_is_left_to_the_others() {
    let image = Image::mke2fs("40M", &["-b", "4096", "-O", "^metadata_csum"]);
    let long = "v".repeat(900);
    std::fs::write(image.path.with_extension("empty"), b"").expect("write");
    let empty = image.path.with_extension("empty").display().to_string();
    image.debugfs_write(&format!("write {empty} one\nwrite {empty} two\nea_set one user.long {long}\n"));
    let stat = image.debugfs("stat one");
    let (_, rest) = stat.split_once("File ACL: ").expect("a block");
    let block: u64 = rest.split_whitespace().next().and_then(|word| word.parse().ok()).expect("a number");
    image.debugfs_write(&format!("sif two file_acl {block}\nsif two blocks 8\n"));
    let mut bytes = std::fs::read(&image.path).expect("read");
    let at = usize::try_from(block * 4096).expect("an offset");
    assert_eq!(bytes[at + 4..at + 8], [1, 0, 0, 0], "one file has it");
    bytes[at + 4] = 2;
    std::fs::write(&image.path, bytes).expect("write");
    image.assert_clean();

    let device = image.device();
    let fs = writable(&device);
    fs.set_xattr(b"two", b"user.long", b"short now").expect("set");
    assert_clean(&device);
    assert_eq!(fs.xattr(b"one", b"user.long").expect("get").as_deref(), Some(long.as_bytes()));
    assert_eq!(fs.xattr(b"two", b"user.long").expect("get").as_deref(), Some(&b"short now"[..]));
    fs.remove(b"one").expect("remove");
    fs.remove(b"two").expect("remove");
    assert_clean(&device);
}
