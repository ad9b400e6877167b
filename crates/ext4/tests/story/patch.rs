//! Files are changed in the middle, grow at their end, are cut off and made longer.

use std::io::{self, Read};

use cairn_ext4::{ErrorKind, Filesystem};

use crate::change::{get, put};
use crate::common::{Image, MIB, assert_clean, attributes, new_volume, noise, readable, writable};
use crate::model::Dice;

/// Writes in both: a filesystem's file and what it should be.
fn write_both(fs: &Filesystem, path: &str, expected: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let hint = offset.is_multiple_of(2).then_some(bytes.len() as u64);
    let written = fs.write_at(path.as_bytes(), offset as u64, &mut &bytes[..], hint).expect("write");
    assert_eq!(written, bytes.len() as u64);
    if !bytes.is_empty() {
        expected.resize(expected.len().max(offset + bytes.len()), 0);
        expected[offset..offset + bytes.len()].copy_from_slice(bytes);
    }
}

#[test]
fn any_part_of_a_file_can_be_overwritten() {
    for size in [24 * MIB, 40 * MIB] {
        let device = new_volume(size);
        let fs = writable(&device);
        let mut expected = noise(3_000_000, 1);
        put(&fs, "f", &expected);
        let places = [
            (0, 1),
            (1, 1),
            (4095, 2),
            (4096, 4096),
            (1000, 3000),
            (8192, 12_288),
            (5000, 100_000),
            (2_999_999, 1),
            (2_999_000, 5000),
            (3_500_000, 10),
            (3_500_010, 0),
            (70_000, 2_000_000),
            (4_000_001, 300_000),
        ];
        for (step, (offset, len)) in places.into_iter().enumerate() {
            write_both(&fs, "f", &mut expected, offset, &noise(len, step as u64 + 2));
            assert!(get(&fs, "f") == expected, "{len} bytes at {offset}");
        }
        assert_clean(&device);
        write_both(&fs, "f", &mut expected, 65_536, &vec![0; 1 << 20]);
        write_both(&fs, "f", &mut expected, 2_000_001, &vec![0; 300_000]);
        assert!(get(&fs, "f") == expected);
        assert!(fs.stat(b"f").expect("stat").blocks * 512 < 3_000_000, "zeros take no room");
        assert_clean(&device);
        assert!(Image::of(&device).dump("/f") == expected);
        fs.remove(b"f").expect("remove");
        assert_clean(&device);
    }
}

#[test]
fn a_file_grows_at_its_end() {
    let device = new_volume(40 * MIB);
    let fs = writable(&device);
    put(&fs, "log", b"");
    let mut expected = Vec::new();
    for (step, len) in [0, 1, 10, 4085, 1, 5000, 1 << 20, 8192, 3, 5 << 20, 7].into_iter().enumerate() {
        let line = noise(len, step as u64);
        assert_eq!(fs.append(b"log", &mut &line[..], None).expect("append"), len as u64);
        expected.extend_from_slice(&line);
        assert!(get(&fs, "log") == expected, "step {step}");
    }
    assert_clean(&device);
    fs.symlink(b"log", b"link", &attributes(0o777)).expect("symlink");
    fs.append(b"link", &mut &b"through a link"[..], None).expect("append");
    assert_eq!(fs.stat(b"log").expect("stat").size, expected.len() as u64 + 14);
    assert_clean(&device);
}

#[test]
fn a_file_is_cut_off_and_made_longer() {
    let device = new_volume(40 * MIB);
    let fs = writable(&device);
    let empty = fs.statfs();
    let mut expected = noise(9_000_000, 1);
    put(&fs, "f", &expected);
    for size in [9_000_000, 8_999_999, 8_000_000, 8_003_584, 4096, 4097, 1_000_000, 100, 5000, 0, 70_000, 0] {
        fs.truncate(b"f", size as u64).expect("truncate");
        expected.resize(size, 0);
        assert!(get(&fs, "f") == expected, "{size}");
        assert_eq!(fs.stat(b"f").expect("stat").size, size as u64);
        assert_clean(&device);
    }
    assert_eq!(fs.statfs().used_bytes, empty.used_bytes);
    fs.truncate(b"f", 1 << 42).expect("four terabytes of nothing");
    assert_eq!(fs.statfs().used_bytes, empty.used_bytes);
    let last = (1 << 42) - 5000;
    fs.write_at(b"f", last, &mut &b"here"[..], None).expect("write");
    let mut bytes = [1; 6];
    assert_eq!(readable(&device).open_file(b"f").expect("open").read_at(&mut bytes, last - 1).expect("read"), 6);
    assert_eq!(&bytes, b"\0here\0");
    assert_clean(&device);
}

#[test]
fn what_cannot_be_changed_is_refused_and_nothing_happens() {
    let device = new_volume(16 * MIB);
    let fs = writable(&device);
    fs.mkdir(b"folder", &attributes(0o755)).expect("mkdir");
    fs.symlink(b"nowhere", b"link", &attributes(0o777)).expect("symlink");
    put(&fs, "f", &noise(5_000_000, 1));
    let before = fs.statfs();
    let kind = |result: Result<u64, cairn_ext4::Error>| result.expect_err("refused").kind();
    let write = |path: &[u8], offset| fs.write_at(path, offset, &mut &b"x"[..], None);
    assert_eq!(kind(write(b"folder", 0)), ErrorKind::IsADirectory);
    assert_eq!(kind(write(b"link", 0)), ErrorKind::NotFound);
    assert_eq!(kind(write(b"no", 0)), ErrorKind::NotFound);
    assert_eq!(kind(write(b"f", u64::MAX)), ErrorKind::NoSpace);
    assert_eq!(kind(write(b"f", 1 << 45)), ErrorKind::NoSpace);
    assert_eq!(fs.truncate(b"f", 1 << 45).expect_err("refused").kind(), ErrorKind::NoSpace);
    let mut broken = noise(3_000_000, 2).leak().chain(Broken);
    assert_eq!(kind(fs.write_at(b"f", 1000, &mut broken, None)), ErrorKind::Source);
    assert_eq!(kind(fs.write_at(b"f", 1000, &mut io::repeat(7), None)), ErrorKind::NoSpace);
    assert_eq!(kind(fs.append(b"f", &mut io::repeat(7), Some(1 << 40))), ErrorKind::NoSpace);
    assert_eq!(fs.statfs(), before);
    assert!(get(&fs, "f") == noise(5_000_000, 1));
    assert_clean(&device);
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("the cable is out"))
    }
}

#[test]
fn trees_of_extents_grow_and_shrink_again() {
    // Every second block of a file is overwritten, in an order without any: its map falls into thousands of
    // pieces and comes together again.
    let device = new_volume(30 * MIB);
    let fs = writable(&device);
    fs.begin_batch().expect("begin");
    let empty = fs.statfs();
    let (block, count) = (1024, 6000u64);
    let mut dice = Dice(7);
    let mut order: Vec<u64> = (0..count).collect();
    for index in (1..order.len()).rev() {
        order.swap(index, dice.below(index as u64 + 1) as usize);
    }
    put(&fs, "f", b"");
    for (step, place) in order.iter().enumerate() {
        let bytes = noise(block, *place);
        fs.write_at(b"f", place * 2 * block as u64, &mut &bytes[..], None).expect("write");
        if step % 2000 == 1999 {
            fs.flush().expect("flush");
            assert_clean(&device);
        }
    }
    let file = fs.open_file(b"f").expect("open");
    let mut bytes = vec![0; block];
    for place in 0..count {
        assert_eq!(file.read_at(&mut bytes, place * 2 * block as u64).expect("read"), block);
        assert!(bytes == noise(block, place), "{place}");
    }
    // Windows full of pieces become holes, again in no order, but for three.
    let (window, mut left) = (64 << 10, order.clone());
    left.retain(|place| (place * 2 * block as u64).is_multiple_of(window) && *place > 96);
    for place in left {
        let mut zeros = io::repeat(0).take(window);
        fs.write_at(b"f", place * 2 * block as u64, &mut zeros, None).expect("write");
    }
    fs.flush().expect("flush");
    assert_clean(&device);
    let nodes = fs.stat(b"f").expect("stat").blocks / 2 - 4 * 32;
    assert!(nodes <= 6, "the tree shrinks with its content: {nodes} blocks for 128 extents");
    fs.truncate(b"f", 0).expect("truncate");
    fs.commit().expect("commit");
    assert_eq!(fs.statfs().used_bytes, empty.used_bytes);
    assert_clean(&device);
}
