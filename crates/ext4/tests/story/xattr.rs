//! Extended attributes that others set are read.

use cairn_ext4::ErrorKind;

use crate::change::put;
use crate::common::{Image, MIB, attributes, new_volume, noise, readable, writable};

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
