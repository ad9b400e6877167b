//! A volume becomes larger, and the filesystem with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cairn_block::{BlockDevice, memory::MemoryDevice};
use cairn_ext4::{ErrorKind, Filesystem, Mode};

use crate::change::{get, put};
use crate::common::{GIB, Image, MIB, assert_clean, noise, options};

/// A device of which only a first part is there yet.
struct Part {
    whole: MemoryDevice,
    len: AtomicU64,
}

impl Part {
    fn of(whole: MemoryDevice, len: u64) -> Arc<Self> {
        Arc::new(Self { whole, len: len.into() })
    }

    fn open(self: &Arc<Self>) -> Filesystem {
        let device = Arc::clone(self) as Arc<dyn BlockDevice>;
        Filesystem::open(device, Mode::ReadWrite).expect("open")
    }

    fn enlarge(&self, len: u64) {
        self.len.store(len, Ordering::Relaxed);
    }
}

impl BlockDevice for Part {
    fn len(&self) -> u64 {
        self.len.load(Ordering::Relaxed)
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> cairn_block::Result<()> {
        assert!(offset + buf.len() as u64 <= self.len());
        self.whole.read_at(buf, offset)
    }

    fn write_at(&self, buf: &[u8], offset: u64) -> cairn_block::Result<()> {
        assert!(offset + buf.len() as u64 <= self.len());
        self.whole.write_at(buf, offset)
    }

    fn discard(&self, offset: u64, len: u64) -> cairn_block::Result<()> {
        assert!(offset + len <= self.len());
        self.whole.discard(offset, len)
    }

    fn flush(&self) -> cairn_block::Result<()> {
        self.whole.flush()
    }
}

#[test]
fn it_grows_step_by_step_and_keeps_everything() {
    for start in [5 * MIB, 20 * MIB, 33 * MIB, 64 * MIB, 130 * MIB] {
        let device = Part::of(MemoryDevice::new(start * 301), start);
        cairn_ext4::format(&*device, &options()).expect("format");
        put(&device.open(), "f", &noise(MIB as usize, 7));
        for factor in [1, 2, 9, 70, 300] {
            let bytes = start * factor + factor * 4096 * 3;
            device.enlarge(bytes);
            let fs = device.open();
            let before = fs.statfs();
            fs.grow().unwrap_or_else(|e| panic!("{start} × {factor}: {e}"));
            let after = fs.statfs();
            assert_eq!(after.used_bytes, before.used_bytes);
            assert!(after.total_bytes > bytes * 8 / 10 - MIB, "{start} × {factor}: {after:?}");
            assert_eq!(get(&fs, "f"), noise(MIB as usize, 7));
            put(&fs, &format!("added {factor}"), &noise(1 << 20, factor));
            assert_clean(&device.whole);
            fs.grow().expect("nothing to do");
        }
    }
}

#[test]
fn filesystems_of_mke2fs_grow_too() {
    for arguments in [
        &["-b", "4096"][..],
        &["-b", "1024"],
        &["-O", "^flex_bg"],
        &["-O", "^metadata_csum"],
        &["-O", "^64bit"],
        &["-O", "metadata_csum_seed"],
    ] {
        let image = Image::mke2fs("100M", arguments);
        let size = 600 * MIB + 12345;
        image.enlarge(size);
        let device = Part::of(MemoryDevice::load(&image.path).expect("load"), 100 * MIB);
        let fs = device.open();
        put(&fs, "f", &noise(MIB as usize, 7));
        device.enlarge(size);
        fs.grow().unwrap_or_else(|e| panic!("{arguments:?}: {e}"));
        put(&fs, "g", &noise(20 << 20, 8));
        drop(fs);
        assert_clean(&device.whole);
    }
}

#[test]
fn a_small_one_grows_to_what_disks_have() {
    let device = Part::of(MemoryDevice::new(900 * GIB), 64 * MIB);
    cairn_ext4::format(&*device, &options()).expect("format");
    put(&device.open(), "f", &noise(MIB as usize, 7));
    device.enlarge(900 * GIB);
    device.open().grow().expect("grow");
    assert!(device.open().statfs().free_bytes > 850 * GIB);
    assert_clean(&device.whole);
}

#[test]
fn no_further_than_it_was_made_for() {
    // Its blocks are small.
    let device = Part::of(MemoryDevice::new(200 * GIB), 24 * MIB);
    cairn_ext4::format(&*device, &options()).expect("format");
    device.enlarge(200 * GIB);
    let refused = device.open().grow().expect_err("too far");
    assert_eq!(refused.kind(), ErrorKind::NoSpace);
    assert!(refused.to_string().contains("32 GiB"), "{refused}");
    assert_clean(&device.whole);
}
