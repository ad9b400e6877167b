//! What the fuzz targets share: small base images, an input that says which bytes of them are changed, and what
//! is done with the result.
//!
//! The images carry no checksums, so that a change is not stopped at the first of them; what checksums guard is
//! the mutator's business in `crates/ext4/tests/hostile`, which makes them right again.

use std::ops::ControlFlow;
use std::sync::{Arc, LazyLock};

use cairn_block::faulty::CrashDevice;
use cairn_block::{BlockDevice, memory::MemoryDevice};
use cairn_ext4::{Attributes, ErrorKind, FileKind, Filesystem, FormatOptions, Mode, Timestamp};

/// The base images: whole, and with a journal that has to be replayed.
static BASES: LazyLock<[MemoryDevice; 2]> = LazyLock::new(|| [base(), unfinished()]);
/// Metadata of a base image, in pieces of this many bytes: only there an input changes something.
const PIECE: u64 = 256;
/// Where such pieces are, for each base.
static PLACES: LazyLock<[Vec<u64>; 2]> = LazyLock::new(|| [places(&BASES[0]), places(&BASES[1])]);
/// What files are filled with.
const FILLING: u8 = 0xDA;

/// Which base image is meant.
#[derive(Clone, Copy)]
pub enum Base {
    /// A whole one.
    Whole,
    /// One whose journal holds a transaction.
    Unfinished,
}

fn time() -> Timestamp {
    Timestamp { seconds: 1_700_000_000, nanoseconds: 0 }
}

/// A filesystem of 5 MiB with folders, an index, an extent tree and links, its checksums switched off.
fn base() -> MemoryDevice {
    let device = Arc::new(MemoryDevice::new(5 << 20));
    let options = FormatOptions { label: "fuzz".into(), uuid: [7; 16], hash_seed: [9; 16], now: time() };
    cairn_ext4::format(&*device, &options).expect("format");
    without_checksums(&device);
    let fs = Filesystem::open(Arc::clone(&device) as Arc<dyn BlockDevice>, Mode::ReadWrite).expect("open");
    fill(&fs);
    drop(fs);
    (*device).clone()
}

/// The same with a transaction that is in the journal, but not in its place.
fn unfinished() -> MemoryDevice {
    let crashing = Arc::new(CrashDevice::new(base()));
    let fs = Filesystem::open(Arc::clone(&crashing) as Arc<dyn BlockDevice>, Mode::ReadWrite).expect("open");
    fs.remove_all(b"many").expect("remove");
    let committed = crashing.flushes() - 1;
    crashing.cut_after(committed, 0).expect("cut")
}

/// Takes `metadata_csum` from a new filesystem; descriptors and bitmaps then count as they stand.
fn without_checksums(device: &MemoryDevice) {
    let mut flags = [0; 4];
    device.read_at(&mut flags, 1024 + 0x64).expect("read");
    let without = u32::from_le_bytes(flags) & !0x400;
    device.write_at(&without.to_le_bytes(), 1024 + 0x64).expect("write");
}

fn fill(fs: &Filesystem) {
    let attributes = Attributes::root(0o755, time());
    let put = |path: &str, len: usize| {
        let bytes = vec![FILLING; len];
        fs.create_file(path.as_bytes(), &attributes, &mut &bytes[..], Some(len as u64)).expect("create");
    };
    fs.mkdir_all(b"many/deeper", &attributes).expect("mkdir");
    for index in 0..90 {
        put(&format!("many/a file with a rather long name, number {index}"), index);
    }
    for index in 0..24 {
        put(&format!("piece {index}"), 5000);
    }
    for index in (0..24).step_by(2) {
        fs.remove(format!("piece {index}").as_bytes()).expect("remove");
    }
    let mut holes = vec![FILLING; 800 << 10];
    holes.chunks_mut(64 << 10).for_each(|hole| hole[..32 << 10].fill(0));
    fs.create_file(b"holes", &attributes, &mut &holes[..], None).expect("create");
    fs.symlink(b"many/deeper", b"short", &attributes).expect("symlink");
    fs.symlink("../x/".repeat(30).as_bytes(), b"long", &attributes).expect("symlink");
}

fn places(device: &MemoryDevice) -> Vec<u64> {
    let mut piece = [0; PIECE as usize];
    (0..device.len() / PIECE)
        .map(|index| index * PIECE)
        .filter(|offset| {
            device.read_at(&mut piece, *offset).expect("read");
            piece.iter().any(|byte| *byte != 0 && *byte != FILLING)
        })
        .collect()
}

/// A base image with the changes that `input` describes: five bytes each, a place, an offset in it, how many
/// bytes change, and the first of them; what more bytes there are follow.
pub fn image(which: Base, input: &[u8]) -> Arc<MemoryDevice> {
    let device = BASES[which as usize].clone();
    let places = &PLACES[which as usize];
    let mut rest = input;
    while let [place_low, place_high, offset, len, tail @ ..] = rest {
        let place = places[usize::from(u16::from_le_bytes([*place_low, *place_high])) % places.len()];
        let len = (usize::from(*len) % 16 + 1).min(tail.len()).min(PIECE as usize - usize::from(*offset));
        device.write_at(&tail[..len], place + u64::from(*offset)).expect("write");
        rest = &tail[len..];
    }
    Arc::new(device)
}

/// Whether an error is an answer: a device that is asked for what it does not have is a finding.
fn answered<T>(result: cairn_ext4::Result<T>) -> Option<T> {
    result.inspect_err(|error| assert!(error.kind() != ErrorKind::Device, "{error}: {:?}", error.device_error())).ok()
}

/// Opens for `mode`.
pub fn open(device: &Arc<MemoryDevice>, mode: Mode) -> Option<Filesystem> {
    answered(Filesystem::open(Arc::clone(device) as Arc<dyn BlockDevice>, mode))
}

/// Checks everything.
pub fn verify(device: &Arc<MemoryDevice>) {
    answered(cairn_ext4::verify(Arc::clone(device) as Arc<dyn BlockDevice>));
}

/// Lists, stats and reads everything; the paths.
pub fn walk(fs: &Filesystem) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    let mut buf = vec![0; 64 << 10];
    let walked = fs.walk(b"", &mut |path, stat| {
        paths.push(path.to_vec());
        answered(fs.stat(path));
        match stat.kind {
            FileKind::File => {
                if let Some(file) = answered(fs.open_file(path)) {
                    for offset in [0, 100_000, file.len() / 2, file.len().saturating_sub(5000), u64::MAX] {
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
        ControlFlow::Continue(())
    });
    answered(walked);
    paths
}

/// Creates, renames, removes and grows; `choice` decides what.
pub fn change(fs: &Filesystem, paths: &[Vec<u8>], choice: u8) {
    let attributes = Attributes::root(0o644, time());
    let bytes = vec![0xC5; 100_000];
    answered(fs.mkdir(b"many/new", &attributes));
    answered(fs.create_file(b"many/new/large", &attributes, &mut &bytes[..], None));
    let pick =
        |step: usize| paths.get((usize::from(choice) + step) % paths.len().max(1)).map_or(&b"x"[..], Vec::as_slice);
    answered(fs.rename(pick(0), pick(7)));
    answered(fs.remove(pick(3)));
    answered(fs.set_attributes(pick(5), &Default::default()));
    if answered(fs.begin_batch()).is_some() {
        for index in 0..4 {
            let path = format!("many/one more with a long name, number {index}");
            answered(fs.create_file(path.as_bytes(), &attributes, &mut &bytes[..9000], None));
        }
        answered(fs.remove_all(b"many/deeper"));
        answered(fs.commit());
    }
    answered(fs.remove_all(pick(11)));
    answered(fs.grow());
    answered(fs.remove_all(b"many"));
}
