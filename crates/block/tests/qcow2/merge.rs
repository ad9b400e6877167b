//! Merging layers: those that stay show the same bits as before, QEMU finds nothing wrong, and as much room comes back
//! as was announced.

use std::path::{Path, PathBuf};

use cairn_block::{
    BlockDevice,
    qcow2::{Access, Image, Merging, info, is_in_use},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::commit::Chain;
use crate::judge::{LIKE_OURS, MIB, check, each_seed, open, open_to_read, pattern, same_bytes};

fn content(layer: &Path) -> Vec<u8> {
    let image = open_to_read(layer);
    let mut shown = vec![0xee; image.len() as usize];
    image.read_at(&mut shown, 0).unwrap();
    shown
}

fn disk_bytes<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> u64 {
    files.into_iter().map(|file| info(file).unwrap().disk_bytes).sum()
}

/// Merges `group` (the uppermost first) into its file `keep`, in small steps, some of them twice; the uppermost shows
/// the same all the while.
fn merge(rng: &mut StdRng, group: &[PathBuf], keep: usize, model: &[u8]) {
    let (above, below) = (&group[..keep], &group[keep + 1..]);
    let mut steps = |step: &dyn Fn(u64, u64) -> cairn_block::qcow2::Committed, end: u64| {
        let mut at = 0;
        while at < end {
            let done = step(at, rng.random_range(1..3) * 300_000);
            assert!(done.until > at, "a step of merging goes on");
            if rng.random_bool(0.8) {
                at = done.until;
            }
            assert!(content(&group[0]) == model, "the uppermost layer shows something else");
        }
    };
    let backing = info(group.last().unwrap()).unwrap().backing_file;
    if !above.is_empty() {
        let end = open_to_read(&group[0]).len();
        steps(
            &|at, budget| Image::open_alone(above).unwrap().commit(keep, &open(&group[keep]), at, budget).unwrap(),
            end,
        );
    }
    if !below.is_empty() {
        let end = open_to_read(&group[keep]).len();
        steps(&|at, budget| open(&group[keep]).absorb(below.len(), at, budget).unwrap(), end);
        open(&group[keep]).rebase(backing.as_deref()).unwrap();
    }
    std::fs::rename(&group[keep], &group[0]).unwrap();
    for gone in group[1..].iter().filter(|file| **file != group[keep]) {
        std::fs::remove_file(gone).unwrap();
    }
}

fn work(seed: u64, shapes: &[Option<&str>], alike: bool) {
    let mut rng = StdRng::seed_from_u64(seed);
    let depth = rng.random_range(2..7);
    let chain = Chain::random(&mut rng, depth, shapes);
    let models: Vec<Vec<u8>> = chain.layers.iter().map(|layer| content(layer)).collect();
    let lowest = rng.random_range(0..depth - 1);
    let highest = rng.random_range(lowest + 1..depth);
    let group: Vec<PathBuf> = chain.layers[lowest..=highest].iter().rev().cloned().collect();
    let plan = Merging::plan(&group).unwrap();
    // Any of them may be kept.
    let keep = if alike { plan.keep } else { rng.random_range(0..group.len()) };
    let before = disk_bytes(&group);
    merge(&mut rng, &group, keep, &models[highest]);
    for (number, (layer, model)) in chain.layers.iter().zip(&models).enumerate() {
        if number < lowest || number >= highest {
            check(layer);
            same_bytes(layer, model);
        }
    }
    if alike {
        let freed = before.saturating_sub(disk_bytes([&group[0]]));
        let difference = freed.abs_diff(plan.freed_bytes);
        // A cluster for each border between data and zeros, and what tables take.
        assert!(difference <= 6 * 128 * 1024, "{freed} bytes came back, not {}", plan.freed_bytes);
    }
}

/// How many seeds: a part by day, many in the nightly run.
fn much(by_day: u64, by_night: u64) -> u64 {
    if std::env::var_os("CAIRN_NIGHTLY").is_some() { by_night } else { by_day }
}

#[test]
fn what_stays_shows_the_same_and_the_room_comes_back() {
    each_seed(much(12, 400), |seed| work(seed, &[None, Some(LIKE_OURS)], true));
}

#[test]
fn any_layer_can_be_kept_of_whatever_shape_it_is() {
    let shapes = [None, Some("compat=1.1"), Some("compat=1.1,cluster_size=4k"), Some("compat=1.1,cluster_size=512")];
    each_seed(much(12, 400), |seed| work(seed, &shapes, false));
}

#[test]
fn the_smaller_side_is_written() {
    let folder = crate::judge::Folder::new();
    let write = |image: &Path, offset: u64, len: u64| open(image).write_at(&pattern(1, len as usize), offset).unwrap();
    let lower = folder.create("lower", 16 * MIB);
    write(&lower, 0, 8 * MIB);
    let upper = folder.overlay("upper", "lower", 16 * MIB);
    write(&upper, MIB, 4096);
    let plan = Merging::plan(&[upper.clone(), lower.clone()]).unwrap();
    assert_eq!((plan.keep, plan.written_bytes), (1, 4096));
    write(&upper, 0, 15 * MIB);
    let plan = Merging::plan(&[upper.clone(), lower.clone()]).unwrap();
    assert_eq!((plan.keep, plan.written_bytes), (0, 0));
    assert!(plan.freed_bytes >= 8 * MIB, "{plan:?}");
    let held = Image::open(&upper, Access::ReadWrite).unwrap();
    assert_eq!(Merging::plan(&[upper.clone(), lower.clone()]).unwrap_err().kind(), cairn_block::ErrorKind::Locked);
    assert!(is_in_use(&upper).unwrap() && is_in_use(&lower).unwrap());
    drop(held);
    assert!(!is_in_use(&upper).unwrap() && !is_in_use(&lower).unwrap());
}

#[test]
fn what_a_qemu_writes_can_be_looked_at() {
    use std::io::Write as _;
    let folder = crate::judge::Folder::new();
    let lower = folder.create("lower", 16 * MIB);
    open(&lower).write_at(&pattern(1, 8 * MIB as usize), 0).unwrap();
    let upper = folder.overlay("upper", "lower", 16 * MIB);
    let files = [upper.clone(), lower];
    let mut qemu = std::process::Command::new("qemu-io");
    let mut qemu =
        qemu.arg(&upper).stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::null()).spawn().unwrap();
    qemu.stdin.as_mut().unwrap().write_all(b"write -P 7 0 6M\nflush\n").unwrap();
    let plan = loop {
        match Merging::plan(&files) {
            Err(_) => {
                let plan = Merging::estimate_into_uppermost(&files).unwrap();
                if plan.written_bytes < 8 * MIB {
                    break plan;
                }
            }
            Ok(plan) => assert_eq!(plan.keep, 1, "it has not been opened yet"),
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    };
    assert_eq!((plan.keep, plan.written_bytes), (0, 2 * MIB));
    assert!(plan.freed_bytes >= 5 * MIB, "{plan:?}");
    drop(qemu.stdin.take());
    assert!(qemu.wait().unwrap().success());
    let exact = Merging::plan_into_uppermost(&files).unwrap();
    assert_eq!((exact.keep, exact.written_bytes), (0, 2 * MIB));
}
