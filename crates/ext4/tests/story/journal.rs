//! Journals of every age, written by debugfs: copies, revocations, checksums of three kinds or none.

use cairn_ext4::{ErrorKind, Filesystem, Mode};

use crate::change::{get, put};
use crate::common::{Image, MIB, new_volume, noise, readable, writable};

/// A volume with three files of one block, and the blocks that they have.
fn volume() -> (Image, [u64; 3]) {
    let device = new_volume(40 * MIB);
    let fs = writable(&device);
    for (index, name) in ["a", "b", "c"].into_iter().enumerate() {
        put(&fs, name, &noise(4096, index as u64));
    }
    drop(fs);
    let image = Image::of(&device);
    let blocks = ["a", "b", "c"].map(|name| {
        let listed = image.debugfs(&format!("blocks {name}"));
        listed.split_whitespace().next().and_then(|block| block.parse().ok()).expect("a block")
    });
    (image, blocks)
}

#[test]
fn copies_are_replayed_and_revoked_ones_are_not() {
    // debugfs takes the journal's format from what it finds: none, 16 bits, 32 bits of checksum.
    for version in ["", "-c", "-c -v 2", "-c -v 3"] {
        let (image, [a, b, c]) = volume();
        let content = image.path.with_extension("content");
        // The second starts with the journal's own magic number, which has to be escaped.
        let magic = [&[0xC0, 0x3B, 0x39, 0x98][..], &noise(4092, 22)].concat();
        std::fs::write(&content, [noise(4096, 11), magic.clone(), noise(4096, 33)].concat()).expect("write");
        let content = content.to_str().expect("UTF-8");
        image.debugfs_write(&format!("jo {version}\njw -b {a},{b},{c} {content}\njw -r {c}\njc\n"));
        assert!(image.debugfs("features").contains("needs_recovery"), "{version}");

        let device = image.device();
        let judge = |fs: &Filesystem| {
            assert_eq!(get(fs, "a"), noise(4096, 11), "{version}");
            assert_eq!(get(fs, "b"), magic, "{version}");
            assert_eq!(get(fs, "c"), noise(4096, 2), "{version}: revoked");
        };
        judge(&readable(&device));
        let fs = writable(&device);
        judge(&fs);
        put(&fs, "d", &noise(100_000, 4));
        drop(fs);
        judge(&readable(&device));
        let after = Image::of(&device);
        after.assert_clean();
        assert!(!after.debugfs("features").contains("needs_recovery"));
    }
}

#[test]
fn a_copy_that_was_damaged_stops_the_replay() {
    let (image, [a, b, _]) = volume();
    let content = image.path.with_extension("content");
    std::fs::write(&content, noise(8192, 11)).expect("write");
    image.debugfs_write(&format!("jo -c -v 3\njw -b {a},{b} {}\njc\n", content.display()));
    let device = image.device();
    // The journal's second copy of noise: found by its first bytes.
    let mut whole = vec![0; 40 << 20];
    cairn_block::BlockDevice::read_at(&*device, &mut whole, 0).expect("read");
    let wanted = &noise(8192, 11)[4096..];
    let place = (0..whole.len() / 4096).find(|block| &whole[block * 4096..][..4096] == wanted).expect("a copy");
    cairn_block::BlockDevice::write_at(&*device, b"damaged", place as u64 * 4096 + 100).expect("write");
    for mode in [Mode::ReadOnly, Mode::ReadWrite] {
        let shared: std::sync::Arc<dyn cairn_block::BlockDevice> = device.clone();
        let refused = Filesystem::open(shared, mode).map(|_| ()).expect_err("refused");
        assert_eq!(refused.kind(), ErrorKind::Corrupt, "{refused}");
        assert!(refused.to_string().contains("journal"), "{refused}");
    }
}
