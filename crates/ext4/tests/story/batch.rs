//! Many changes at once: durable together, taken back together, and nobody has to wait for a slow source.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use cairn_block::{
    BlockDevice,
    faulty::{Call, CrashDevice, FaultyDevice},
};
use cairn_ext4::{ErrorKind, Filesystem, Mode, RolledBack};

use crate::change::{get, put};
use crate::common::{MIB, assert_clean, attributes, new_volume, noise, readable, writable};

#[test]
fn a_batch_is_flushed_once_and_not_before() {
    let device = Arc::new(CrashDevice::new((*new_volume(64 * MIB)).clone()));
    let fs = Filesystem::open(Arc::clone(&device) as Arc<dyn BlockDevice>, Mode::ReadWrite).expect("open");
    let flushes = device.flushes();
    fs.begin_batch().expect("begin");
    for index in 0..1000 {
        put(&fs, &format!("file {index}"), &noise(3000, index));
    }
    assert_eq!(device.flushes(), flushes, "nothing is flushed in the middle of a small batch");
    fs.commit().expect("commit");
    assert!(device.flushes() - flushes <= 4);
    for (epoch, expected) in [(flushes, 0), (device.flushes(), 1000)] {
        let disk = Arc::new(device.cut_after(epoch, 0).expect("cut"));
        let found = readable(&disk).read_dir(b"").expect("list").len();
        assert_eq!(found, expected + 1, "and lost+found");
        drop(writable(&disk));
        assert_clean(&disk);
    }
}

#[test]
fn a_bulk_seed_is_never_flushed_by_the_file() {
    let device = Arc::new(FaultyDevice::new((*new_volume(128 * MIB)).clone()));
    let fs = Filesystem::open(Arc::clone(&device) as Arc<dyn BlockDevice>, Mode::ReadWrite).expect("open");
    let flushes = device.calls(Call::Flush);
    fs.begin_batch().expect("begin");
    for folder in 0..100 {
        fs.mkdir(format!("{folder}").as_bytes(), &attributes(0o755)).expect("mkdir");
        for file in 0..50 {
            put(&fs, &format!("{folder}/{file}"), &noise(1000 + 20 * file, file as u64));
        }
    }
    put(&fs, "large", &noise(20 << 20, 1));
    fs.commit().expect("commit");
    // One transaction has four at most, and the journal of this volume takes all of it at once.
    let flushes = device.calls(Call::Flush) - flushes;
    assert!(flushes <= 4, "{flushes} flushes for 5,001 files");
    assert_clean(device.inner());
}

#[test]
fn a_batch_larger_than_the_journal_is_split_between_changes() {
    // A journal of 1 MiB, and 3,000 files in 300 folders.
    let start = new_volume(31 * MIB);
    let fs = writable(&start);
    fs.begin_batch().expect("begin");
    for folder in 0..300 {
        fs.mkdir(format!("{folder}").as_bytes(), &attributes(0o755)).expect("mkdir");
        for file in 0..10 {
            put(&fs, &format!("{folder}/{file}"), &noise(700, file));
        }
    }
    fs.commit().expect("commit");
    drop(fs);

    let device = Arc::new(CrashDevice::new((*start).clone()));
    let fs = Filesystem::open(Arc::clone(&device) as Arc<dyn BlockDevice>, Mode::ReadWrite).expect("open");
    fs.begin_batch().expect("begin");
    for folder in 0..300 {
        for file in 0..10 {
            put(&fs, &format!("{folder}/{file}"), &noise(900, file));
        }
    }
    assert_eq!(fs.roll_back().expect("roll back"), RolledBack::Partly);
    let mut replaced = 0;
    for epoch in 0..device.flushes() {
        for seed in 0..3 {
            let disk = Arc::new(device.cut_by_seed(epoch, seed).expect("cut"));
            let fs = writable(&disk);
            let now = (0..3000).filter(|file| {
                let (path, number) = (format!("{}/{}", file / 10, file % 10), file % 10);
                let bytes = get(&fs, &path);
                assert!(bytes == noise(700, number) || bytes == noise(900, number), "{path}");
                bytes.len() == 900
            });
            replaced = now.count();
            assert_clean(&disk);
        }
    }
    assert!((1..3000).contains(&replaced), "{replaced} files were replaced");
    fs.begin_batch().expect("begin");
    for entry in fs.read_dir(b"").expect("list") {
        fs.remove_all(&entry.name).expect("remove everything");
    }
    fs.commit().expect("commit");
    assert_clean(&device.now());
}

#[test]
fn a_batch_is_taken_back_whole() {
    let device = new_volume(64 * MIB);
    let fs = writable(&device);
    put(&fs, "kept", b"kept");
    fs.mkdir(b"folder", &attributes(0o755)).expect("mkdir");
    let before = fs.statfs();
    fs.begin_batch().expect("begin");
    put(&fs, "kept", b"replaced");
    put(&fs, "large", &noise(3 << 20, 1));
    put(&fs, "folder/new", b"new");
    fs.remove_all(b"lost+found").expect("remove");
    fs.mkdir_all(b"x/y/z", &attributes(0o755)).expect("mkdir");
    let handle = fs.open_file(b"large").expect("open");
    assert_eq!(fs.roll_back().expect("roll back"), RolledBack::Whole);
    assert_eq!(fs.statfs(), before);
    assert_eq!(get(&fs, "kept"), b"kept");
    assert_eq!(fs.read_dir(b"").expect("list").len(), 3);
    assert_eq!(fs.read_dir(b"folder").expect("list").len(), 0);
    let gone = handle.read_at(&mut [0; 10], 0).expect_err("taken back");
    assert!(matches!(gone.kind(), ErrorKind::NotFound | ErrorKind::Corrupt), "{gone}");
    put(&fs, "afterwards", &noise(5 << 20, 2));
    assert_clean(&device);
}

#[test]
fn batches_overlap() {
    let device = new_volume(64 * MIB);
    let fs = writable(&device);
    fs.begin_batch().expect("begin");
    put(&fs, "first", b"1");
    fs.begin_batch().expect("begin another");
    put(&fs, "second", b"2");
    assert_eq!(fs.roll_back().expect("roll back"), RolledBack::Partly);
    fs.commit().expect("commit");
    assert_eq!(readable(&device).read_dir(b"").expect("list").len(), 3);
    assert_clean(&device);
}

/// A source that waits for each piece.
struct Slow(Receiver<Vec<u8>>, Vec<u8>);

impl Read for Slow {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.1.is_empty() {
            self.1 = self.0.recv().unwrap_or_default();
        }
        let len = buf.len().min(self.1.len());
        buf[..len].copy_from_slice(&self.1[..len]);
        self.1.drain(..len);
        Ok(len)
    }
}

#[test]
fn others_work_while_a_source_is_slow() {
    let device = new_volume(64 * MIB);
    let fs = Arc::new(writable(&device));
    let (send, receive) = channel();
    let uploading = Arc::clone(&fs);
    let upload = std::thread::spawn(move || {
        let mut source = Slow(receive, Vec::new());
        uploading.create_file(b"slow", &attributes(0o644), &mut source, Some(9 << 20))
    });
    send.send(noise(6 << 20, 1)).expect("send");
    for round in 0..20 {
        put(&fs, &format!("quick {round}"), &noise(300_000, round));
        assert_eq!(get(&fs, &format!("quick {round}")), noise(300_000, round));
        assert!(fs.stat(b"slow").is_err(), "it has no name before it is whole");
    }
    fs.remove(b"quick 3").expect("remove");
    send.send(noise(3 << 20, 2)).expect("send");
    drop(send);
    assert_eq!(upload.join().expect("joined").expect("stored"), 9 << 20);
    assert_eq!(get(&fs, "slow"), [noise(6 << 20, 1), noise(3 << 20, 2)].concat());
    assert_eq!(get(&fs, "quick 19"), noise(300_000, 19));
    assert_clean(&device);
}

#[test]
fn a_reader_never_gets_the_bytes_of_another_file() {
    let device = new_volume(32 * MIB);
    let fs = Arc::new(writable(&device));
    put(&fs, "f", &vec![1; 8 << 20]);
    let handle = fs.open_file(b"f").expect("open");
    let (reading, has_begun) = channel();
    let reader = std::thread::spawn(move || {
        let mut buf = vec![0; 1 << 20];
        for round in 0u64.. {
            match handle.read_at(&mut buf, (round % 8) << 20) {
                Ok(_) => {
                    assert!(buf.iter().all(|byte| *byte == 1), "another file's bytes");
                    let _ = reading.send(());
                }
                Err(error) => return error.kind(),
            }
        }
        unreachable!("the file is deleted")
    });
    has_begun.recv().expect("the reader has begun");
    fs.remove(b"f").expect("remove");
    for round in 2..5 {
        put(&fs, "g", &vec![round; 8 << 20]);
    }
    let kind = reader.join().expect("joined");
    assert!(matches!(kind, ErrorKind::NotFound | ErrorKind::Corrupt), "{kind:?}");
    assert_clean(&device);
}

#[test]
fn a_walk_may_use_the_filesystem_and_stop() {
    let device = new_volume(32 * MIB);
    let fs = writable(&device);
    fs.mkdir_all(b"a/b/c", &attributes(0o755)).expect("mkdir");
    put(&fs, "a/b/f", b"content");
    let mut seen = 0;
    fs.walk(b"a", &mut |path, _| {
        assert!(fs.stat(path).is_ok() && path.starts_with(b"a/"));
        seen += 1;
        if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .expect("walk");
    assert_eq!(seen, 2);
}
