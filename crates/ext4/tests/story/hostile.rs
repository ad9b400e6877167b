//! Damaged and hostile images: refused or read as far as they make sense, never a panic, a hang, or an
//! access outside the device.
//!
//! A failing case runs alone with `SEED=n cargo test -p cairn-ext4 hostile`; `SEEDS=n` runs more of them.

use std::ops::ControlFlow;
use std::sync::Arc;

use cairn_block::{BlockDevice, faulty::CrashDevice, memory::MemoryDevice};
use cairn_ext4::{Error, ErrorKind, FileKind, Filesystem, Mode};

use crate::change::put;
use crate::common::{Image, MIB, attributes, new_volume, noise, writable};
use crate::model::Dice;

/// What fills files, so that their blocks are left alone.
const FILLING: u8 = 0xDA;

/// Puts a bit of everything into a filesystem.
fn fill(fs: &Filesystem, files: usize) {
    let filling = |len: usize| vec![FILLING; len];
    fs.begin_batch().expect("begin");
    fs.mkdir_all(b"a/b/c", &attributes(0o755)).expect("mkdir");
    for index in 0..files {
        put(fs, &format!("a/b/a file with a long name, number {index}"), &filling(index));
    }
    // In many pieces, so that its extents need a tree.
    for index in 0..60 {
        put(fs, &format!("a/piece {index}"), &filling(9000));
    }
    for index in (0..60).step_by(2) {
        fs.remove(format!("a/piece {index}").as_bytes()).expect("remove");
    }
    fs.commit().expect("commit");
    let mut holes = filling(3 << 20);
    for hole in holes.chunks_mut(256 << 10) {
        hole[..128 << 10].fill(0);
    }
    put(fs, "a/holes", &holes);
    fs.symlink(b"b/c", b"a/short", &attributes(0o777)).expect("symlink");
    fs.symlink("../a/".repeat(30).as_bytes(), b"a/long", &attributes(0o777)).expect("symlink");
}

/// Images to damage: with checksums, without, with a journal to replay, and with blocks of 1 KiB.
fn victims() -> Vec<MemoryDevice> {
    let mut victims = Vec::new();
    for size in [8 * MIB, 40 * MIB] {
        let device = new_volume(size);
        fill(&writable(&device), 700);
        victims.push((*device).clone());
    }
    for block in ["1024", "4096"] {
        let image = Image::mke2fs("24M", &["-b", block, "-O", "^metadata_csum,^64bit"]);
        let device = image.device();
        fill(&writable(&device), 700);
        victims.push((*device).clone());
        let crashing = Arc::new(CrashDevice::new((*device).clone()));
        let fs = Filesystem::open(Arc::clone(&crashing) as Arc<dyn BlockDevice>, Mode::ReadWrite).expect("open");
        fs.remove_all(b"a/b").expect("remove");
        // Committed, but not yet in its place.
        let committed = crashing.flushes() - 1;
        victims.push(crashing.cut_after(committed, 0).expect("cut"));
    }
    victims
}

/// The offsets of pieces of 512 bytes that hold metadata.
fn metadata(device: &MemoryDevice) -> Vec<u64> {
    let mut piece = [0; 512];
    (0..device.len() / 512)
        .map(|index| index * 512)
        .filter(|offset| {
            device.read_at(&mut piece, *offset).expect("read");
            piece.iter().any(|byte| *byte != 0 && *byte != FILLING)
        })
        .collect()
}

/// Damages a few fields.
fn damage(device: &MemoryDevice, places: &[u64], dice: &mut Dice) {
    for _ in 0..1 + dice.below(4) {
        let place = places[dice.below(places.len() as u64) as usize] + dice.below(128) * 4;
        let mut field = [0; 4];
        device.read_at(&mut field, place).expect("read");
        let old = u32::from_le_bytes(field);
        let small = dice.below(64) as u32;
        let new = match dice.below(9) {
            0 => 0,
            1 => u32::MAX,
            2 => old ^ 1 << dice.below(32),
            3 => old.wrapping_add(small),
            4 => old.wrapping_sub(small),
            5 => small,
            6 => old ^ (dice.below(256) as u32) << (8 * dice.below(4)),
            7 => old.swap_bytes(),
            _ => dice.below(1 << 32) as u32,
        };
        device.write_at(&new.to_le_bytes(), place).expect("write");
    }
}

/// Whether an error is an answer: anything but a device asked for what it does not have.
#[track_caller]
fn answered<T>(result: Result<T, Error>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            assert_ne!(error.kind(), ErrorKind::Device, "{error}: {:?}", error.device_error());
            None
        }
    }
}

fn read_everything(fs: &Filesystem) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    let walked = fs.walk(b"", &mut |path, stat| {
        paths.push(path.to_vec());
        answered(fs.stat(path));
        match stat.kind {
            FileKind::File => {
                if let Some(file) = answered(fs.open_file(path)) {
                    let mut buf = vec![0; 100_000];
                    for offset in [0, 5000, file.len().saturating_sub(50_000), file.len() / 2, u64::MAX] {
                        answered(file.read_at(&mut buf, offset));
                    }
                }
            }
            FileKind::Symlink => {
                answered(fs.read_link(path));
                answered(fs.open_file(path));
            }
            _ => {}
        }
        if paths.len() > 100_000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    answered(walked);
    assert!(paths.len() < 100_000, "a small image names endlessly many files");
    paths
}

fn change_everything(fs: &Filesystem, paths: &[Vec<u8>], dice: &mut Dice) {
    answered(fs.mkdir(b"a/new", &attributes(0o755)));
    let bytes = noise(600_000, 1);
    answered(fs.create_file(b"a/new/large", &attributes(0o644), &mut &bytes[..], None));
    for index in 0..30 {
        let path = format!("a/b/one more with a long name, number {index}");
        answered(fs.create_file(path.as_bytes(), &attributes(0o644), &mut &b"x"[..], None));
    }
    for _ in 0..20 {
        if paths.is_empty() {
            break;
        }
        let mut pick = || &paths[dice.below(paths.len() as u64) as usize][..];
        let (path, other) = (pick(), pick());
        answered(fs.rename(path, other));
        answered(fs.set_attributes(other, &Default::default()));
        answered(fs.remove(pick()));
    }
    answered(fs.remove_all(b"a"));
    answered(fs.remove_all(b"lost+found"));
    answered(fs.create_file(b"last", &attributes(0o644), &mut &bytes[..], Some(600_000)));
    answered(fs.grow());
    answered(fs.flush());
}

#[test]
fn a_damaged_image_is_never_fatal() {
    let number = |name| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEEDS").unwrap_or(1200),
    };
    let victims = victims();
    let places: Vec<Vec<u64>> = victims.iter().map(metadata).collect();
    for seed in seeds {
        println!("SEED={seed}");
        let mut dice = Dice(seed);
        let victim = seed as usize % victims.len();
        let device = Arc::new(victims[victim].clone());
        damage(&device, &places[victim], &mut dice);
        let shared = Arc::clone(&device) as Arc<dyn BlockDevice>;
        let reading = answered(Filesystem::open(Arc::clone(&shared), Mode::ReadOnly));
        let paths = reading.map(|fs| read_everything(&fs)).unwrap_or_default();
        if let Some(fs) = answered(Filesystem::open(shared, Mode::ReadWrite)) {
            change_everything(&fs, &paths, &mut dice);
            read_everything(&fs);
        }
    }
}
