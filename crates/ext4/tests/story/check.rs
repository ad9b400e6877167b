//! Our own check of what is only read: content inside inodes, clusters, values in other inodes, the protection
//! against being mounted twice. What Linux filled is clean (see `features.rs`); what is damaged on purpose, e2fsck
//! and our check object to alike.

use cairn_ext4::Finding;

use crate::common::Image;

/// An image of a kind, filled by mke2fs with short and long files, and by debugfs with attributes.
fn image(arguments: &[&str]) -> Image {
    let host = tempfile::tempdir().expect("a folder");
    let folder = host.path().join("folder");
    std::fs::create_dir(&folder).expect("mkdir");
    std::fs::write(folder.join("short"), [7; 40]).expect("write");
    std::fs::write(folder.join("middling"), [7; 100]).expect("write");
    std::fs::write(folder.join("long"), vec![7; 50_000]).expect("write");
    let from = host.path().to_str().expect("UTF-8");
    let image = Image::mke2fs("48M", &[arguments, &["-d", from]].concat());
    if arguments.iter().any(|argument| argument.contains("ea_inode")) {
        let value = "v".repeat(5000);
        image.debugfs_write(&format!("ea_set folder/long user.a {value}\nea_set folder user.b {value}\n"));
        // debugfs does not charge the files for these.
        image.e2fsck("-y");
    }
    image.assert_clean();
    image
}

fn findings(image: &Image) -> Vec<Finding> {
    cairn_ext4::verify(image.device()).expect("verify").findings
}

/// Has debugfs damage the image: e2fsck objects, and so does our check, in these words.
#[track_caller]
fn damaged(arguments: &[&str], commands: &str, words: &str) {
    let image = image(arguments);
    let commands = match value_inode(&image) {
        Some(number) => commands.replace("VALUE", &format!("<{number}>")),
        None => commands.to_owned(),
    };
    image.debugfs_write(&format!("{commands}\n"));
    objected(&image, &commands, words);
}

#[track_caller]
fn objected(image: &Image, what: &str, words: &str) {
    assert!(image.complaint().is_some(), "{what}: e2fsck is content; we say {:#?}", findings(image));
    let found = findings(image);
    let said = found.iter().any(|finding| finding.message.contains(words));
    assert!(said, "{what}: {words:?} is not among {found:#?}\n{:?}", image.complaint());
}

/// An inode that holds a value of an attribute, where there is one.
fn value_inode(image: &Image) -> Option<u32> {
    (12..40).find(|number| image.debugfs(&format!("stat <{number}>")).contains("Flags: 0x280000"))
}

/// Writes `bytes` at `offset` of the image's block `block`, of 4 KiB.
fn overwrite(image: &Image, block: u64, offset: u64, bytes: &[u8]) {
    let file = std::fs::OpenOptions::new().write(true).open(&image.path).expect("open");
    std::os::unix::fs::FileExt::write_all_at(&file, bytes, block * 4096 + offset).expect("write");
}

/// The number of the block that debugfs names with a command, at the end of what it prints.
fn block_named(image: &Image, command: &str) -> u64 {
    let said = image.debugfs(command);
    let word = said.split_whitespace().next_back().expect("an answer");
    word.parse().unwrap_or_else(|_| panic!("{command}: {said}"))
}

#[test]
fn content_inside_an_inode_is_checked() {
    let made = &["-O", "inline_data", "-b", "4096"][..];
    // e2fsck does not look at the length of a file that is inside its inode; Linux cannot read it.
    let image = image(made);
    image.debugfs_write("sif folder/short size 500\n");
    let found = findings(&image);
    let words = "500 bytes does not fit the 60 bytes inside";
    assert!(found.iter().any(|finding| finding.message.contains(words)), "{found:#?}");
    damaged(made, "sif folder size 90", "does not fit the");
    damaged(made, "sif folder/short flags 0x10080000", "in the inode and in extents");
    damaged(made, "sif folder/short blocks 8", "it takes");
    damaged(made, "sif folder block[0] 1", "its parent");
    // The first record of the folder's entries is longer than its place.
    damaged(made, "sif folder block[2] 0x010500ff", "a directory entry cannot be");
}

#[test]
fn clusters_are_checked() {
    let made = &["-O", "bigalloc", "-C", "16384", "-b", "4096"][..];
    damaged(made, "sif folder/long blocks 8", "it takes");
    damaged(
        made,
        "ssv free_blocks_count 17\nset_bg 0 free_blocks_count 17\nset_bg 0 checksum calc",
        "clusters are free",
    );
    let image = image(made);
    let block = block_named(&image, "bmap folder/long 0");
    image.debugfs_write(&format!("freeb {block}\n"));
    objected(&image, "freeb", "the bitmap says that cluster");
    // Two files in one cluster, and a file whose blocks lie otherwise in a cluster than in the file.
    let other = block_named(&image, "bmap folder/middling 0");
    image.debugfs_write(&format!("setb {block}\nsif folder/middling block[5] {block}\nfreeb {other}\n"));
    objected(&image, "two files in one cluster", "belongs to something else");
    image.debugfs_write(&format!("sif folder/middling block[5] {}\nsetb {other}\n", other + 1));
    objected(&image, "out of line", "lie otherwise in their clusters");
}

#[test]
fn values_in_other_inodes_are_checked() {
    let made = &["-O", "ea_inode", "-b", "4096"][..];
    damaged(made, "sif VALUE atime 0x5f5e1000", "the hash of an attribute is not that of its value");
    damaged(made, "sif VALUE version 5", "5 attributes have its value");
    damaged(made, "sif VALUE size 4000", "does not hold the value");
    damaged(made, "sif VALUE flags 0x80000", "does not hold the value");
    damaged(made, "clri VALUE", "does not hold the value");
    let image = image(made);
    let number = value_inode(&image).expect("a value");
    let block = block_named(&image, &format!("bmap <{number}> 0"));
    overwrite(&image, block, 100, b"damaged");
    let found = findings(&image);
    assert!(found.iter().any(|f| f.message.contains("checksum of the value")), "{found:#?}");
    // e2fsck does not mind that it has a name; Linux does not open it.
    image.debugfs_write(&format!("ln <{number}> folder/name\n"));
    let found = findings(&image);
    assert!(found.iter().any(|f| f.message.contains("and has a name")), "{found:#?}");
}

#[test]
fn the_protection_against_being_mounted_twice_is_checked() {
    let made = &["-O", "mmp", "-b", "4096"][..];
    damaged(made, "ssv mmp_block 3", "cannot be its own");
    damaged(made, "ssv mmp_block 999999999", "cannot be its own");
    let block = |image: &Image| {
        let said = image.debugfs("show_super_stats -h");
        let line = said.lines().find(|line| line.starts_with("MMP block number")).expect("a block");
        line.rsplit(' ').next().and_then(|word| word.parse::<u64>().ok()).expect("a number")
    };
    let image = image(made);
    overwrite(&image, block(&image), 0, b"none");
    objected(&image, "magic", "multiple mount protection is none");
    let image = self::image(made);
    overwrite(&image, block(&image), 0x10, b"changed");
    let found = findings(&image);
    assert!(found.iter().any(|f| f.message.contains("checksum of the block of the multiple")), "{found:#?}");
}
