//! The device fails, or the host's disk is full: a clean error, nothing half-done, the room given back.

use std::sync::Arc;

use cairn_block::{
    BlockDevice,
    faulty::{Call, Fault, FaultyDevice},
    memory::MemoryDevice,
};
use cairn_ext4::{ErrorKind, Filesystem, Mode};

use crate::common::{MIB, assert_clean, new_volume, readable, writable};
use crate::model::{Change, Model, change_both};

fn start() -> (Arc<MemoryDevice>, Model) {
    let device = new_volume(8 * MIB);
    let (fs, mut model) = (writable(&device), Model::default());
    let text = |s: &str| s.to_string();
    for change in [
        Change::Mkdir(text("folder")),
        Change::Put(text("folder/old"), 700_000, 1),
        Change::Put(text("folder/small"), 10, 2),
        Change::Link("l".repeat(200), text("folder/link")),
    ] {
        assert!(change_both(&fs, &mut model, &change));
    }
    (device, model)
}

fn changes() -> Vec<Change> {
    let text = |s: &str| s.to_string();
    vec![
        Change::Put(text("new"), 900_000, 3),
        Change::Put(text("folder/old"), 5_000, 4),
        Change::Mkdir(text("folder/sub")),
        Change::Link("m".repeat(200), text("folder/second")),
        Change::Rename(text("folder"), text("moved")),
        Change::Remove(text("folder/small")),
        Change::RemoveAll(text("folder")),
    ]
}

/// Makes `change` while a fault is planned, and judges what is there afterwards.
fn judge(change: &Change, call: Call, nth: u64, fault: Fault, stays: bool) -> bool {
    let what = format!("{change:?}: {call:?} {nth} fails with {fault:?}, for good: {stays}");
    let (device, before) = start();
    let mut after = before.clone();
    after.apply(change).expect("the change can be made");
    let faulty = Arc::new(FaultyDevice::new((*device).clone()));
    let fs = Filesystem::open(Arc::clone(&faulty) as Arc<dyn BlockDevice>, Mode::ReadWrite).expect("open");
    let free = fs.statfs().free_bytes;
    if stays {
        faulty.fail_from(call, nth, fault);
    } else {
        faulty.fail_once(call, nth, fault);
    }
    let made = change.apply(&fs);
    let met = faulty.calls(call) > 0 && made.is_err();
    faulty.behave();
    let disk = Arc::new(faulty.inner().clone());
    match made {
        Ok(()) => after.matches(&fs).unwrap_or_else(|e| panic!("{what}: {e}")),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Device, "{what}: {error}");
            // Before the commit block the change is taken back and the filesystem goes on; afterwards it
            // asks to be opened again.
            match fs.mkdir(b"next", &crate::common::attributes(0o755)) {
                Ok(()) => {
                    fs.remove(b"next").expect("remove");
                    before.matches(&fs).unwrap_or_else(|e| panic!("{what}: {e}"));
                    assert_eq!(fs.statfs().free_bytes, free, "{what}: room was lost");
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::ReadOnly, "{what}: {error}"),
            }
        }
    }
    drop(fs);
    let is_one = |fs: &Filesystem| before.matches(fs).is_ok() || after.matches(fs).is_ok();
    assert!(is_one(&readable(&disk)), "{what}: neither before nor after");
    assert!(is_one(&writable(&disk)), "{what}: neither before nor after");
    assert_clean(&disk);
    met
}

#[test]
fn a_device_that_fails_at_any_call_leaves_a_clean_filesystem() {
    for change in changes() {
        for call in [Call::Read, Call::Write, Call::Flush] {
            for stays in [false, true] {
                let mut nth = 1;
                // Until the change needs no further call.
                while judge(&change, call, nth, Fault::Io, stays) {
                    nth += 1;
                }
                assert!(nth > 1 || call == Call::Read, "{change:?} makes no {call:?}");
            }
        }
    }
}

#[test]
fn a_full_host_leaves_a_clean_filesystem() {
    for change in changes() {
        let mut nth = 1;
        while judge(&change, Call::Write, nth, Fault::NoSpace, true) {
            nth += 1;
        }
    }
}

#[test]
fn a_discard_that_fails_harms_nothing() {
    for change in changes() {
        judge(&change, Call::Discard, 1, Fault::Io, true);
    }
}
