//! Tricks that have names: each is refused in words that say what is wrong.

use std::ops::ControlFlow;
use std::sync::Arc;

use cairn_block::{BlockDevice, memory::MemoryDevice};
use cairn_ext4::{ErrorKind, Filesystem};

use crate::alone;
use crate::anatomy::{Anatomy, Kind, Part, bytes, put};
use crate::common::{MIB, attributes, new_volume, readable, writable};
use crate::fields::records;

/// A volume with the folder `trap`, in it the file `file` and the folder `inner`.
fn trap() -> (Arc<MemoryDevice>, Anatomy) {
    let device = new_volume(8 * MIB);
    let fs = writable(&device);
    fs.mkdir_all(b"trap/inner", &attributes(0o755)).expect("mkdir");
    fs.create_file(b"trap/file", &attributes(0o644), &mut &b"content"[..], None).expect("create");
    drop(fs);
    let anatomy = Anatomy::of(&device);
    (device, anatomy)
}

/// Changes the bytes of a structure and makes its checksum right.
fn change(device: &MemoryDevice, anatomy: &Anatomy, part: &Part, how: impl FnOnce(&mut [u8])) {
    let mut raw = bytes(device, part.offset, part.len);
    how(&mut raw);
    device.write_at(&raw, part.offset).expect("write");
    anatomy.seal(device, part);
}

/// Changes the entry called `name`: `how` gets the block and where the entry starts in it.
fn change_entry(device: &MemoryDevice, anatomy: &Anatomy, name: &[u8], how: impl FnOnce(&mut [u8], usize)) {
    for part in &anatomy.parts[&Kind::Leaf] {
        let raw = bytes(device, part.offset, part.len);
        let at = records(&raw).into_iter().find(|at| raw[at + 8..].starts_with(name));
        if let Some(at) = at {
            return change(device, anatomy, part, |raw| how(raw, at));
        }
    }
    panic!("there is no such entry");
}

/// The inode of what stands at `path`.
fn inode(device: &Arc<MemoryDevice>, path: &[u8]) -> u32 {
    readable(device).stat(path).expect("stat").inode
}

/// The words in which a walk over the whole volume is refused.
fn refusal(fs: &Filesystem) -> String {
    let error = fs.walk(b"", &mut |_, _| ControlFlow::Continue(())).expect_err("the walk is refused");
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
    error.to_string()
}

/// What the check finds.
fn found(device: &Arc<MemoryDevice>) -> String {
    let verdict = cairn_ext4::verify(Arc::clone(device) as Arc<dyn BlockDevice>).expect("verify");
    assert!(!verdict.is_clean());
    verdict.findings.iter().map(|f| format!("{}: {}\n", f.place, f.message)).collect()
}

#[track_caller]
fn assert_says(text: &str, words: &str) {
    assert!(text.contains(words), "{words:?} is not in: {text}");
}

#[test]
fn names_that_cannot_be_are_refused() {
    let _alone = alone();
    for name in [b"a/le", b"..le", b"fi\0e"] {
        let (device, anatomy) = trap();
        change_entry(&device, &anatomy, b"file", |raw, at| {
            raw[at + 8..at + 12].copy_from_slice(name);
            raw[at + 6] = if name.starts_with(b"..") { 2 } else { 4 };
        });
        let expected = if name.starts_with(b"..") { None } else { Some("an entry whose name cannot be") };
        if let Some(expected) = expected {
            assert_says(&refusal(&readable(&device)), expected);
        } else {
            // A second `..` is not listed, and leads nowhere.
            assert_eq!(readable(&device).read_dir(b"trap").expect("list").len(), 1);
        }
        assert_says(&found(&device), "which cannot be a name");
    }
}

#[test]
fn a_folder_inside_itself_is_refused() {
    let _alone = alone();
    let (device, anatomy) = trap();
    let above = inode(&device, b"trap");
    change_entry(&device, &anatomy, b"inner", |raw, at| put(raw, at, 4, above.into()));
    assert_says(&refusal(&readable(&device)), "a folder can be reached in two ways");
    assert_says(&found(&device), "is the second one of a folder");
    assert!(writable(&device).remove_all(b"trap").is_err(), "what goes round in a circle is not deleted");
}

#[test]
fn an_entry_for_the_root_or_a_reserved_inode_is_refused() {
    let _alone = alone();
    for target in [2u64, 7, 8, 1_000_000] {
        let (device, anatomy) = trap();
        change_entry(&device, &anatomy, b"inner", |raw, at| put(raw, at, 4, target));
        refusal(&readable(&device));
        assert_says(&found(&device), "which it cannot");
    }
}

#[test]
fn extents_that_claim_tables_or_run_out_of_the_device_are_refused() {
    let _alone = alone();
    let (device, anatomy) = trap();
    let number = inode(&device, b"trap/file");
    let part = anatomy.parts[&Kind::Inode].iter().find(|part| part.owner == number).expect("its inode").clone();
    for (block, words) in [(anatomy.tables[5], "own tables"), (anatomy.blocks, "outside the filesystem")] {
        change(&device, &anatomy, &part, |raw| put(raw, 0x28 + 12 + 8, 4, block));
        let file = readable(&device).open_file(b"trap/file").expect("open");
        assert_eq!(file.read_at(&mut [0; 10], 0).expect_err("refused").kind(), ErrorKind::Corrupt);
        assert_says(&found(&device), words);
        assert!(writable(&device).remove(b"trap/file").is_err(), "a table is not given away");
    }
}

#[test]
fn a_tree_of_extents_that_points_at_itself_is_refused() {
    let _alone = alone();
    let (device, anatomy) = trap();
    let number = inode(&device, b"trap/file");
    let part = anatomy.parts[&Kind::Inode].iter().find(|part| part.owner == number).expect("its inode").clone();
    let content = bytes(&device, part.offset, part.len)[0x28 + 20..0x28 + 24].to_vec();
    let block = u64::from(u32::from_le_bytes(content.try_into().expect("four bytes")));
    change(&device, &anatomy, &part, |raw| {
        put(raw, 0x28 + 6, 2, 5);
        put(raw, 0x28 + 12, 4, 0);
        put(raw, 0x28 + 16, 4, block);
        put(raw, 0x28 + 20, 4, 0);
    });
    let file = readable(&device).open_file(b"trap/file").expect("open");
    assert_eq!(file.read_at(&mut [0; 10], 0).expect_err("refused").kind(), ErrorKind::Corrupt);
    found(&device);
}

#[test]
fn huge_counts_are_refused() {
    let _alone = alone();
    let (device, anatomy) = trap();
    let number = inode(&device, b"trap");
    let part = anatomy.parts[&Kind::Inode].iter().find(|part| part.owner == number).expect("its inode").clone();
    change(&device, &anatomy, &part, |raw| put(raw, 0x6C, 4, 1));
    assert_says(&refusal(&readable(&device)), "more blocks than the filesystem");
    for (offset, width) in [(0x00, 4), (0x04, 4), (0x20, 4), (0x28, 4), (0x58, 2), (0xFE, 2)] {
        let (device, anatomy) = trap();
        let part = anatomy.parts[&Kind::Superblock][0].clone();
        change(&device, &anatomy, &part, |raw| put(raw, offset, width, 0xFFFF_FFF0 & (!0 >> (64 - 8 * width))));
        let shared = Arc::clone(&device) as Arc<dyn BlockDevice>;
        assert!(Filesystem::open(shared, cairn_ext4::Mode::ReadOnly).is_err(), "{offset:#x}");
        assert_says(&found(&device), "superblock");
    }
}

#[test]
fn a_bitmap_that_gives_tables_away_is_not_believed() {
    let _alone = alone();
    let (device, anatomy) = trap();
    let part = anatomy.parts[&Kind::BlockBitmap][0].clone();
    change(&device, &anatomy, &part, |raw| raw.fill(0));
    assert_says(&found(&device), "is free, but it is in use");
    let bytes_in = vec![0xC5; 4 << 20];
    let fs = writable(&device);
    let _: Result<u64, _> = fs.create_file(b"large", &attributes(0o644), &mut &bytes_in[..], None);
    for block in &anatomy.tables {
        let content = bytes(&device, block * anatomy.block_size, anatomy.block_size as usize);
        assert!(content.iter().any(|byte| *byte != 0xC5), "block {block}");
    }
}
