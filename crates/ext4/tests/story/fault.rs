//! The device fails, or the host's disk is full: a clean error, nothing half-done, the room given back, and a
//! filesystem that goes on or says that it has to be opened again.
//!
//! Every call that an operation makes is made to fail, for every operation of the alphabet. A failing case
//! runs alone with `LETTER=n cargo test -p cairn-ext4 fault`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cairn_block::{
    BlockDevice,
    faulty::{Call, Fault, FaultyDevice},
    memory::MemoryDevice,
};
use cairn_ext4::{ErrorKind, Filesystem, Mode};

use crate::common::{Image, MIB, assert_clean, attributes, is_nightly, new_volume, noise, number, readable, writable};
use crate::crash::alphabet::{Letter, Session, Start, alphabet};
use crate::crash::search::on_all_processors;
use crate::crash::snapshot::Snapshot;

/// What is made to fail.
#[derive(Clone, Copy, Debug)]
struct Plan {
    call: Call,
    fault: Fault,
    /// From the first on that is hit, or only that one.
    stays: bool,
}

const PLANS: [Plan; 8] = {
    const fn plan(call: Call, fault: Fault, stays: bool) -> Plan {
        Plan { call, fault, stays }
    }
    [
        plan(Call::Read, Fault::Io, false),
        plan(Call::Read, Fault::Io, true),
        plan(Call::Write, Fault::Io, false),
        plan(Call::Write, Fault::Io, true),
        plan(Call::Write, Fault::NoSpace, true),
        plan(Call::Flush, Fault::Io, false),
        plan(Call::Flush, Fault::Io, true),
        plan(Call::Discard, Fault::Io, true),
    ]
};

/// The operation on a volume while the `nth` call fails; whether it came so far.
fn judge(letter: &Letter, start: &Start, after: &Snapshot, plan: Plan, nth: u64) -> bool {
    let what = format!("{}: call {nth} with {plan:?}", letter.name);
    let faulty = Arc::new(FaultyDevice::new(start.device.clone()));
    let mut session = Session::new(Arc::clone(&faulty) as Arc<dyn BlockDevice>);
    let before = Snapshot::of(session.fs()).expect("read");
    let calls = faulty.calls(plan.call);
    if plan.stays {
        faulty.fail_from(plan.call, nth, plan.fault);
    } else {
        faulty.fail_once(plan.call, nth, plan.fault);
    }
    let made = letter.apply(&mut session);
    let met = faulty.calls(plan.call) >= calls + nth;
    faulty.behave();
    let disk = Arc::new(faulty.inner().clone());
    match &made {
        Err(error) if session.is_open() => {
            let honest =
                error.device_error().is_some() || matches!(error.kind(), ErrorKind::Device | ErrorKind::NoSpace);
            assert!(honest || !met, "{what}: {error:?}");
            let shown = Snapshot::of(session.fs()).expect("read");
            match session.fs().mkdir(b"next", &attributes(0o755)) {
                // It goes on, with nothing of the operation.
                Ok(()) => {
                    session.fs().remove(b"next").expect("remove");
                    assert!(shown == before, "{what}: {:?}", before.difference(&shown));
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::ReadOnly, "{what}: {error}");
                    assert!(error.to_string().contains("opened again"), "{what}: {error}");
                }
            }
        }
        _ => {}
    }
    drop(session);
    let replayed = Snapshot::of(&readable(&disk)).expect("read");
    // The times of an operation are those of its own run, so what it leads to is compared by its names.
    let is_after = replayed.names() == after.names();
    assert!(replayed == before || is_after, "{what}: neither before nor after: {:?}", before.difference(&replayed));
    assert!(made.is_err() || is_after, "{what}: it said that it was done");
    drop(writable(&disk));
    if let Some(said) = Image::of(&disk).complaint() {
        panic!("{what}: e2fsck is not content:\n{said}");
    }
    met
}

#[test]
fn a_device_that_fails_at_any_call_leaves_a_clean_filesystem() {
    let (letters, start, cases) = (alphabet(), Start::furnished(), AtomicU64::new(0));
    let wanted = number("LETTER");
    on_all_processors(0..letters.len() as u64, |number| {
        let letter = &letters[number as usize];
        let mut session = Session::new(Arc::new(start.device.clone()));
        if wanted.is_some_and(|wanted| wanted != number) || letter.apply(&mut session).is_err() {
            return;
        }
        let after = Snapshot::of(session.fs()).expect("read");
        for (index, plan) in PLANS.into_iter().enumerate() {
            // All of it in the nightly run, else an eighth, another one for each operation.
            if !is_nightly() && wanted.is_none() && !(number as usize + index).is_multiple_of(PLANS.len()) {
                continue;
            }
            let reached = (1..).take_while(|nth| judge(letter, &start, &after, plan, *nth)).count();
            cases.fetch_add(reached as u64, Ordering::Relaxed);
        }
    });
    println!("faults: {} calls failed, one at a time", cases.into_inner());
}

#[test]
fn a_batch_that_lost_a_change_says_so_when_it_is_committed() {
    let faulty = Arc::new(FaultyDevice::new((*new_volume(32 * MIB)).clone()));
    let fs = Filesystem::open(Arc::clone(&faulty) as Arc<dyn BlockDevice>, Mode::ReadWrite).expect("open");
    let put = |n: u64| {
        let name = format!("file {n}");
        fs.create_file(name.as_bytes(), &attributes(0o644), &mut &noise(200_000, n)[..], None)
    };
    fs.begin_batch().expect("begin");
    put(0).expect("gathered");
    faulty.fail_once(Call::Write, 1, Fault::Io);
    // What was gathered is written out for a later file, which fails and takes the gathered ones with it.
    assert!((1..60).any(|n| put(n).is_err()), "nothing was written");
    assert!(fs.stat(b"file 0").is_err());
    put(61).expect("it goes on");
    let lost = fs.commit().expect_err("the batch is not whole");
    assert!(lost.to_string().contains("changes of this batch"), "{lost}");
    fs.begin_batch().expect("the next batch");
    fs.commit().expect("is not blamed for it");
    assert_clean(faulty.inner());
}

#[test]
fn a_flush_that_fails_is_the_last_write() {
    let faulty = Arc::new(FaultyDevice::new((*new_volume(8 * MIB)).clone()));
    let fs = Filesystem::open(Arc::clone(&faulty) as Arc<dyn BlockDevice>, Mode::ReadWrite).expect("open");
    fs.mkdir(b"kept", &attributes(0o755)).expect("mkdir");
    faulty.fail_once(Call::Flush, 1, Fault::Io);
    fs.mkdir(b"lost", &attributes(0o755)).expect_err("not durable");
    let writes = faulty.calls(Call::Write);
    let refused = fs.mkdir(b"next", &attributes(0o755)).expect_err("refused");
    assert!(refused.kind() == ErrorKind::ReadOnly && refused.to_string().contains("opened again"), "{refused}");
    assert!(fs.stat(b"kept").is_ok() && fs.stat(b"lost").is_err());
    drop(fs);
    assert_eq!(faulty.calls(Call::Write), writes, "nothing was written after it");
    let disk: Arc<MemoryDevice> = Arc::new(faulty.inner().clone());
    assert!(writable(&disk).stat(b"kept").is_ok());
    assert_clean(&disk);
}

/// Work that writes far more than `SLACK` bytes of content.
type Work = fn(&Filesystem) -> cairn_ext4::Result<()>;

/// Bytes that a failed change may leave on the device: the journal's blocks, bitmaps, and chunks that are shared.
const SLACK: u64 = MIB / 2;

fn works() -> [(&'static str, Work); 6] {
    let create: Work = |fs| fs.create_file(b"large", &attributes(0o644), &mut &noise(5 << 20, 1)[..], None).map(drop);
    let replace: Work = |fs| fs.create_file(b"there", &attributes(0o644), &mut &noise(5 << 20, 2)[..], None).map(drop);
    let patch: Work = |fs| fs.write_at(b"there", 1001, &mut &noise(5 << 20, 3)[..], None).map(drop);
    let append: Work = |fs| fs.append(b"there", &mut &noise(5 << 20, 4)[..], None).map(drop);
    let batch: Work = |fs| {
        fs.begin_batch()?;
        let put = |n: u64| {
            let name = format!("folder/{n}");
            fs.create_file(name.as_bytes(), &attributes(0o644), &mut &noise(200_000, n)[..], None)
        };
        let all = fs.mkdir(b"folder", &attributes(0o755)).and_then(|()| (0..30).try_for_each(|n| put(n).map(drop)));
        match all {
            Ok(()) => fs.commit(),
            Err(error) => fs.roll_back().and(Err(error)),
        }
    };
    let source: Work = |fs| {
        struct Broken(usize);
        impl std::io::Read for Broken {
            fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
                let len = buf.len().min(self.0);
                buf[..len].copy_from_slice(&noise(len, 5));
                self.0 -= len;
                if len == 0 { Err(std::io::Error::other("the source fails")) } else { Ok(len) }
            }
        }
        fs.create_file(b"large", &attributes(0o644), &mut Broken(9 << 20), Some(12 << 20)).map(drop)
    };
    [
        ("create", create),
        ("replace", replace),
        ("patch", patch),
        ("append", append),
        ("batch", batch),
        ("a source that fails", source),
    ]
}

#[test]
fn what_a_failed_change_wrote_takes_no_room() {
    let start = new_volume(64 * MIB);
    let fs = writable(&start);
    fs.create_file(b"there", &attributes(0o644), &mut &noise(5 << 20, 9)[..], None).expect("create");
    drop(fs);
    let (mut failed, mut most) = (0, 0);
    for (name, work) in works() {
        for (fault, stays) in [(Fault::NoSpace, true), (Fault::NoSpace, false), (Fault::Io, true)] {
            for nth in 1.. {
                let faulty = Arc::new(FaultyDevice::new((*start).clone()));
                let fs = Filesystem::open(Arc::clone(&faulty) as Arc<dyn BlockDevice>, Mode::ReadWrite).expect("open");
                let (calls, before) = (faulty.calls(Call::Write), faulty.inner().memory_bytes());
                if stays {
                    faulty.fail_from(Call::Write, nth, fault);
                } else {
                    faulty.fail_once(Call::Write, nth, fault);
                }
                let made = work(&fs);
                let met = faulty.calls(Call::Write) >= calls + nth;
                faulty.behave();
                // Behind the commit nobody knows whether it holds.
                let goes_on = fs.mkdir(b"next", &attributes(0o755)).and_then(|()| fs.remove(b"next")).is_ok();
                if made.is_err() && goes_on {
                    let left = faulty.inner().memory_bytes().saturating_sub(before);
                    assert!(left < SLACK, "{name}: {left} bytes are left when write {nth} fails ({fault:?}, {stays})");
                    (failed, most) = (failed + 1, left.max(most));
                }
                drop(fs);
                let disk = Arc::new(faulty.inner().clone());
                drop(writable(&disk));
                assert_clean(&disk);
                if !met {
                    break;
                }
            }
        }
    }
    println!("space given back: {failed} failed changes, at most {most} bytes left");
    assert!(failed > 50);
}
