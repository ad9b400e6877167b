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
