//! The judges: QEMU's tools, and a plain copy in memory of what an image should hold.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use cairn_block::{
    BlockDevice,
    memory::MemoryDevice,
    qcow2::{self, Access, CreateOptions, Image},
};

pub(crate) const MIB: u64 = 1 << 20;

/// The options with which QEMU makes images like ours.
pub(crate) const LIKE_OURS: &str = "compat=1.1,cluster_size=128k,extended_l2=on";

pub(crate) fn run(program: &str, args: &[&str]) -> Output {
    Command::new(program).args(args).output().unwrap_or_else(|e| panic!("could not run {program}: {e}"))
}

#[track_caller]
pub(crate) fn succeed(program: &str, args: &[&str]) -> String {
    let output = run(program, args);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?} failed: {text}{complaint}");
    text
}

/// QEMU finds neither a corruption nor a leak.
#[track_caller]
pub(crate) fn check(image: &Path) {
    succeed("qemu-img", &["check", "-q", image.to_str().unwrap()]);
}

/// QEMU reads the same bytes from `image` as `model` has.
#[track_caller]
pub(crate) fn same(image: &Path, model: &MemoryDevice) {
    let raw = tempfile::NamedTempFile::new().unwrap();
    model.save(raw.path()).unwrap();
    same_as_raw(image, raw.path());
}

/// QEMU reads just these bytes from `image`.
#[track_caller]
pub(crate) fn same_bytes(image: &Path, model: &[u8]) {
    let raw = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(raw.path(), model).unwrap();
    same_as_raw(image, raw.path());
    assert_eq!(qcow2::info(image).unwrap().virtual_size, model.len() as u64);
}

#[track_caller]
fn same_as_raw(image: &Path, raw: &Path) {
    let (image, raw) = (image.to_str().unwrap(), raw.to_str().unwrap());
    succeed("qemu-img", &["compare", "-q", "-f", "qcow2", "-F", "raw", image, raw]);
}

/// Runs a test for the seeds below `count`, or for the one in `CAIRN_SEED`, and says how to repeat a failure.
pub(crate) fn each_seed(count: u64, test: impl Fn(u64)) {
    let chosen = std::env::var("CAIRN_SEED").ok().map(|seed| seed.parse().expect("CAIRN_SEED is a number"));
    for seed in chosen.map_or(0..count, |seed: u64| seed..seed + 1) {
        // Shown only when the test fails.
        println!("seed {seed}: repeat with CAIRN_SEED={seed}");
        test(seed);
    }
}

/// Runs `qemu-io` commands on an image, such as `write -P 7 0 64k`.
#[track_caller]
pub(crate) fn qemu_io(image: &Path, commands: &[&str]) -> String {
    let mut args = vec!["-f", "qcow2"];
    for command in commands {
        args.extend(["-c", command]);
    }
    args.push(image.to_str().unwrap());
    let text = succeed("qemu-io", &args);
    assert!(!text.contains("Pattern verification failed"), "{text}");
    text
}

/// Lets QEMU make an image.
#[track_caller]
pub(crate) fn qemu_create(image: &Path, options: &str, backing: Option<&str>, size: u64) {
    let size = size.to_string();
    let mut args = vec!["create", "-q", "-f", "qcow2", "-o", options];
    if let Some(backing) = backing {
        args.extend(["-b", backing, "-F", "qcow2"]);
    }
    args.extend([image.to_str().unwrap(), &size]);
    succeed("qemu-img", &args);
}

/// A folder with images in it, gone when dropped.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Makes an image with our own code.
    pub(crate) fn create(&self, name: &str, size: u64) -> PathBuf {
        let path = self.path(name);
        qcow2::create(&path, &CreateOptions { virtual_size: size, backing_file: None }).unwrap();
        path
    }

    /// Makes an overlay with our own code.
    pub(crate) fn overlay(&self, name: &str, backing: &str, size: u64) -> PathBuf {
        let path = self.path(name);
        let options = CreateOptions { virtual_size: size, backing_file: Some(backing.to_owned()) };
        qcow2::create(&path, &options).unwrap();
        path
    }
}

pub(crate) fn open(path: &Path) -> Image {
    Image::open(path, Access::ReadWrite).unwrap()
}

pub(crate) fn open_to_read(path: &Path) -> Image {
    Image::open(path, Access::ReadOnly).unwrap()
}

pub(crate) fn bytes(device: &dyn BlockDevice, offset: u64, len: usize) -> Vec<u8> {
    let mut buf = vec![0xee; len];
    device.read_at(&mut buf, offset).unwrap();
    buf
}

/// Bytes that differ from place to place and from `seed` to `seed`, and are never zero.
pub(crate) fn pattern(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8 | 1
    };
    (0..len).map(|_| next()).collect()
}
