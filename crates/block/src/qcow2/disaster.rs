//! Tests: power cuts and failing hosts below an image, judged by `qemu-img check`.
//!
//! They stand here and not in `tests/` because they put a device of their own in the place of the host's
//! file, which nobody outside can.

use std::{
    io,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use rand::{RngExt, SeedableRng, rngs::StdRng};

use super::{Access, CreateOptions, Image, chain, create, host::Host, host::HostFile, layer::Layer};
use crate::{
    BlockDevice, Error, ErrorKind, Result,
    faulty::{Call, CrashDevice, Fault, FaultyDevice},
    memory::MemoryDevice,
};

/// Longer than any file of these tests.
const ROOM: u64 = 1 << 30;
const SIZE: u64 = 3 << 20;

/// A host file that is a device, with a length of its own.
struct DeviceFile<D> {
    device: D,
    len: AtomicU64,
    /// The length at each sync, which the host keeps through a power cut.
    synced: Mutex<Vec<u64>>,
}

impl<D: BlockDevice> DeviceFile<D> {
    fn new(device: D, len: u64) -> Arc<Self> {
        Arc::new(Self { device, len: AtomicU64::new(len), synced: Mutex::new(vec![len]) })
    }
}

fn to_io(error: Error) -> io::Error {
    match error.kind() {
        ErrorKind::NoSpace => io::Error::from(io::ErrorKind::StorageFull),
        _ => io::Error::other(error),
    }
}

impl<D: BlockDevice> HostFile for Arc<DeviceFile<D>> {
    fn len(&self) -> io::Result<u64> {
        Ok(self.len.load(Ordering::Relaxed))
    }
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let len = self.len.load(Ordering::Relaxed).saturating_sub(offset).min(buf.len() as u64) as usize;
        self.device.read_at(&mut buf[..len], offset).map_err(to_io)?;
        Ok(len)
    }
    fn write_at(&self, buf: &[u8], offset: u64) -> io::Result<()> {
        self.device.write_at(buf, offset).map_err(to_io)?;
        self.len.fetch_max(offset + buf.len() as u64, Ordering::Relaxed);
        Ok(())
    }
    fn punch_hole(&self, offset: u64, len: u64) -> io::Result<()> {
        self.device.discard(offset, len).map_err(to_io)
    }
    fn sync(&self) -> io::Result<()> {
        self.device.flush().map_err(to_io)?;
        self.synced.lock().unwrap().push(self.len.load(Ordering::Relaxed));
        Ok(())
    }
}

/// A folder with a base full of data, and an overlay (or a fresh image) whose file is then a device.
struct Scene {
    folder: tempfile::TempDir,
    overlay: bool,
    model: Vec<u8>,
}

impl Scene {
    fn new(overlay: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut model = vec![0; SIZE as usize];
        let base = folder.path().join("base.qcow2");
        if overlay {
            create(&base, &CreateOptions { virtual_size: SIZE, backing_file: None }).unwrap();
            model.iter_mut().enumerate().for_each(|(n, byte)| *byte = (n >> 9) as u8 | 1);
            Image::open(&base, Access::ReadWrite).unwrap().write_at(&model, 0).unwrap();
        }
        let backing_file = overlay.then(|| "base.qcow2".to_owned());
        create(&folder.path().join("head.qcow2"), &CreateOptions { virtual_size: SIZE, backing_file }).unwrap();
        Self { folder, overlay, model }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The new head's bytes in a device, and its length.
    fn start(&self) -> (MemoryDevice, u64) {
        let raw = std::fs::read(self.path("head.qcow2")).unwrap();
        let device = MemoryDevice::new(ROOM);
        device.write_at(&raw, 0).unwrap();
        (device, raw.len() as u64)
    }

    fn open<D: BlockDevice + 'static>(&self, file: &Arc<DeviceFile<D>>) -> Result<Image> {
        let mut layers = vec![Layer::open(Host::new(Box::new(file.clone()), &self.path("head.qcow2")), 64)?];
        if self.overlay {
            layers.extend(chain::open(&self.path("base.qcow2"), &[], Access::ReadOnly)?);
        }
        Image::from_layers(layers, Access::ReadWrite)
    }

    /// Puts a disk that a cut left into the folder as a real file.
    fn put(&self, name: &str, disk: &MemoryDevice, len: u64) -> PathBuf {
        let path = self.path(name);
        disk.save(&path).unwrap();
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(len).unwrap();
        path
    }
}

/// QEMU finds no corruption; leaked clusters are allowed where `leaks` says so.
#[track_caller]
fn check(path: &Path, leaks: bool) {
    let output = Command::new("qemu-img").args(["check", "-f", "qcow2"]).arg(path).output().unwrap();
    let code = output.status.code();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(code == Some(0) || code == Some(3) && leaks, "qemu-img check: {code:?} {text}");
}

/// A write or discard, also done to the model.
fn change(image: &Image, model: &mut Vec<u8>, rng: &mut StdRng) -> Result<()> {
    let max = [5000, 400_000, 1 << 20][rng.random_range(0..3)];
    let len = rng.random_range(1..max);
    let mut offset = rng.random_range(0..=model.len() - len);
    if rng.random_bool(0.5) {
        offset -= offset % (128 << 10);
    }
    if rng.random_bool(0.7) {
        let data: Vec<u8> = (0..len).map(|_| rng.random::<u8>() | 1).collect();
        image.write_at(&data, offset as u64)?;
        model[offset..offset + len].copy_from_slice(&data);
    } else if rng.random_bool(0.9) {
        image.discard(offset as u64, len as u64)?;
        model[offset..offset + len].fill(0);
    } else {
        let more = rng.random_range(1..200) * 512;
        image.grow((model.len() + more) as u64)?;
        model.resize(model.len() + more, 0);
    }
    Ok(())
}

/// What an image held after each change, and how many host syncs had returned by then.
struct History {
    states: Vec<Vec<u8>>,
    /// (index of the state that was flushed, host syncs when the flush had returned)
    flushed: Vec<(usize, usize)>,
}

impl History {
    /// The states whose bytes may be seen after a cut in a host epoch.
    fn possible(&self, epoch: usize) -> &[Vec<u8>] {
        let durable = self.flushed.iter().rev().find(|(_, syncs)| *syncs <= epoch).map_or(0, |(state, _)| *state);
        let next = self.flushed.iter().find(|(_, syncs)| *syncs > epoch).map(|(state, _)| *state);
        &self.states[durable..=next.unwrap_or(self.states.len() - 1)]
    }

    /// Every byte is one that it had after the last durable flush.
    #[track_caller]
    fn judge(&self, epoch: usize, found: &[u8]) {
        let possible = self.possible(epoch);
        assert!(possible.iter().any(|state| state.len() == found.len()), "a size that it never had");
        for (at, &byte) in found.iter().enumerate() {
            let fine = possible.iter().any(|state| state.get(at).copied().unwrap_or_default() == byte);
            assert!(fine, "byte {at} is {byte} after a cut in epoch {epoch}, which it never was since the flush");
        }
    }
}

fn power_cuts(seed: u64, cuts_per_epoch: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let scene = Scene::new(!seed.is_multiple_of(3));
    let (start, len) = scene.start();
    let file = DeviceFile::new(CrashDevice::new(start), len);
    let image = scene.open(&file).unwrap();
    let mut model = scene.model.clone();
    let mut history = History { states: vec![model.clone()], flushed: vec![] };
    for _ in 0..rng.random_range(3..14) {
        change(&image, &mut model, &mut rng).unwrap();
        history.states.push(model.clone());
        if rng.random_bool(0.4) {
            image.flush().unwrap();
            history.flushed.push((history.states.len() - 1, file.device.flushes()));
        }
    }
    drop(image);
    let mut lengths = file.synced.lock().unwrap().clone();
    lengths.push(file.len().unwrap());
    for (epoch, lengths) in lengths.windows(2).enumerate() {
        for cut in 0..cuts_per_epoch {
            let disk = file.device.cut_by_seed(epoch, seed << 20 | cut).unwrap();
            // The host may have made the file longer since the last sync, or not yet.
            let path = scene.put("cut.qcow2", &disk, lengths[(cut % 2) as usize]);
            check(&path, true);
            let image = Image::open(&path, Access::ReadWrite).unwrap();
            let mut found = vec![0xee; image.len() as usize];
            image.read_at(&mut found, 0).unwrap();
            history.judge(epoch, &found);
            // And one can go on from there, with all of the room.
            change(&image, &mut found, &mut rng).unwrap();
            image.reclaim_leaks().unwrap();
            let mut after = vec![0xee; image.len() as usize];
            image.read_at(&mut after, 0).unwrap();
            assert!(after == found, "giving leaked clusters back changed what is in the image");
            drop(image);
            check(&path, false);
        }
    }
}

fn each_seed(count: u64, test: impl Fn(u64)) {
    let chosen = std::env::var("CAIRN_SEED").ok().map(|seed| seed.parse().expect("CAIRN_SEED is a number"));
    for seed in chosen.map_or(0..count, |seed: u64| seed..seed + 1) {
        println!("seed {seed}: repeat with CAIRN_SEED={seed}");
        test(seed);
    }
}

#[test]
fn no_power_cut_damages_an_image_or_loses_what_was_flushed() {
    each_seed(12, |seed| power_cuts(seed, 3));
}

/// Runs the same changes with the `nth` call of a kind failing; whether it was reached.
fn with_fault(overlay: bool, call: Call, fault: Fault, nth: u64) -> bool {
    let mut rng = StdRng::seed_from_u64(5);
    let scene = Scene::new(overlay);
    let (start, len) = scene.start();
    let file = DeviceFile::new(FaultyDevice::new(start), len);
    let image = scene.open(&file).unwrap();
    let mut model = scene.model.clone();
    let before = file.device.calls(call);
    file.device.fail_once(call, nth, fault);
    for step in 0..12 {
        let kept = model.clone();
        if let Err(error) = change(&image, &mut model, &mut rng) {
            let expected = if fault == Fault::NoSpace { ErrorKind::NoSpace } else { ErrorKind::Io };
            assert_eq!(error.kind(), expected, "{error}");
            // What the failed call was to change is unknown; take what is there, as any caller must.
            model = kept;
            image.read_at(&mut model, 0).unwrap();
        }
        if step % 3 == 2 {
            let _ = image.flush();
        }
    }
    let reached = file.device.calls(call) >= before + nth;
    let flushed = image.flush();
    drop(image);
    let path = scene.put("after.qcow2", file.device.inner(), file.len().unwrap());
    check(&path, true);
    if flushed.is_ok() {
        let mut found = vec![0xee; model.len()];
        Image::open(&path, Access::ReadOnly).unwrap().read_at(&mut found, 0).unwrap();
        assert!(found == model, "{call:?} {nth} failed, and then other bytes were wrong");
    }
    reached
}

#[test]
fn whichever_call_of_the_host_fails_the_image_stays_whole() {
    for (call, fault) in [(Call::Read, Fault::Io), (Call::Write, Fault::Io), (Call::Write, Fault::NoSpace)] {
        for overlay in [false, true] {
            let reached = (1..).take_while(|&nth| with_fault(overlay, call, fault, nth)).count();
            assert!(reached > 5 || call == Call::Read, "only {reached} calls of {call:?}");
        }
    }
}

#[test]
fn after_a_failed_sync_nothing_more_is_written() {
    let scene = Scene::new(true);
    let (start, len) = scene.start();
    let file = DeviceFile::new(FaultyDevice::new(start), len);
    let image = scene.open(&file).unwrap();
    image.write_at(&[1; 4096], 0).unwrap();
    file.device.fail_once(Call::Flush, 1, Fault::Io);
    assert!(image.flush().is_err());
    let writes = file.device.calls(Call::Write);
    for result in [image.write_at(&[2; 4096], 0), image.flush(), image.discard(0, 4096)] {
        assert!(result.unwrap_err().to_string().contains("open it again"));
    }
    let mut byte = [0];
    image.read_at(&mut byte, SIZE - 1).unwrap();
    drop(image);
    assert_eq!(file.device.calls(Call::Write), writes);
    check(&scene.put("after.qcow2", file.device.inner(), file.len().unwrap()), true);
}
