//! All sequences of up to three operations, each cut at every moment of its last one.
//!
//! The earlier operations of a sequence are cut where they are the last ones. A sequence in which an earlier
//! operation fails without a trace is the same as a shorter one and is passed over.
//!
//! A failing sequence runs alone with `SEQUENCE=n cargo test -p cairn-ext4 exhaust`. All of them take hours of two
//! processors: `SEQUENCES=k/n cargo xtask nightly exhaust` judges one part of n, k from 0 on.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use cairn_block::{BlockDevice, faulty::CrashDevice};

use super::alphabet::{Letter, Session, Start, alphabet};
use super::judge::{Cuts, Judge};
use super::search::on_all_processors;
use super::snapshot::Snapshot;
use crate::common::{is_nightly, number};
use crate::model::Dice;

/// One of the sequences.
struct Sequence<'a> {
    number: u64,
    start: &'a Start,
    letters: Vec<&'a Letter>,
}

impl fmt::Display for Sequence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.letters.iter().map(|letter| letter.name).collect();
        write!(f, "SEQUENCE={} ({}: {})", self.number, self.start.name, names.join("; "))
    }
}

impl<'a> Sequence<'a> {
    /// The sequences are numbered: all of one letter, of two, of three.
    fn numbered(number: u64, start: &'a Start, alphabet: &'a [Letter]) -> Self {
        let count = alphabet.len() as u64;
        let mut letters = Vec::new();
        let mut rest = number;
        loop {
            letters.push(&alphabet[(rest % count) as usize]);
            match (rest / count).checked_sub(1) {
                Some(more) => rest = more,
                None => break,
            }
        }
        Self { number, start, letters }
    }

    fn count(letters: u64) -> u64 {
        letters + letters.pow(2) + letters.pow(3)
    }

    /// Plays the sequence and judges the cuts of its last operation; whether there was anything to judge.
    fn judge(&self, judge: &Judge, cuts: Cuts) -> bool {
        let device = Arc::new(CrashDevice::new(self.start.device.clone()));
        let mut session = Session::new(Arc::clone(&device) as Arc<dyn BlockDevice>);
        let mut model = Some(self.start.model.clone());
        let (last, earlier) = self.letters.split_last().expect("a letter");
        for letter in earlier {
            let happened = (device.flushes(), device.events(device.flushes()));
            let done = letter.apply(&mut session).is_ok();
            if !done && happened == (device.flushes(), device.events(device.flushes())) {
                return false;
            }
            if done {
                model = model.and_then(|model| letter.model(&model));
            }
        }
        let before = Snapshot::of(session.fs()).expect("read");
        let first_epoch = device.flushes();
        if last.apply(&mut session).is_ok() {
            model = model.and_then(|model| last.model(&model));
        }
        let after = Snapshot::of(session.fs()).expect("read");
        if let Some(model) = &model {
            model.matches(session.fs()).unwrap_or_else(|why| panic!("{self}: not what the model says: {why}"));
        }
        let acknowledged = device.flushes();
        drop(session);
        judge.judge_cuts(&device, first_epoch, (&before, &after, acknowledged), cuts, self);
        true
    }
}

/// Judges the sequences of `start` that `choose` wants.
fn exhaust(start: &Start, judge: &Judge, cuts: Cuts, choose: &(dyn Fn(u64) -> bool + Sync)) {
    let alphabet = alphabet();
    let (began, sequences) = (Instant::now(), AtomicU64::new(0));
    on_all_processors(0..Sequence::count(alphabet.len() as u64), |number| {
        if choose(number) && Sequence::numbered(number, start, &alphabet).judge(judge, cuts) {
            sequences.fetch_add(1, Ordering::Relaxed);
        }
    });
    let judged = judge.judged.load(Ordering::Relaxed);
    let (distinct, seconds) = (judge.distinct(), began.elapsed().as_secs());
    let sequences = sequences.into_inner();
    println!("{}: {sequences} sequences, {judged} cuts, {distinct} distinct, {seconds} s", start.name);
}

/// Which part of all sequences is wanted, and of how many.
fn part() -> Option<(u64, u64)> {
    let wanted = std::env::var("SEQUENCES").ok()?;
    let (part, of) = wanted.split_once('/').expect("SEQUENCES is a part k/n");
    let (part, of) = (part.parse().expect("a number"), of.parse().expect("a number"));
    assert!(part < of, "SEQUENCES={wanted}: parts are counted from 0");
    Some((part, of))
}

#[test]
fn no_sequence_of_up_to_three_operations_is_lost_or_halved_by_a_cut() {
    let (wanted, letters) = (number("SEQUENCE"), alphabet().len() as u64);
    let (part, parts) = part().unwrap_or((0, 1));
    for start in [Start::empty(), Start::furnished()] {
        let (judge, cuts) = match is_nightly() || wanted.is_some() {
            true => (Judge::new(&start.device, 10), Cuts { whole: true, torn: 6, salt: 0 }),
            false => (Judge::new(&start.device, 5), Cuts { whole: true, torn: 3, salt: 0 }),
        };
        exhaust(&start, &judge, cuts, &|number| match wanted {
            Some(wanted) => number == wanted,
            None if is_nightly() => number % parts == part,
            // Each operation alone, and one in 400 of the longer sequences.
            None => number < letters || Dice(number).below(400) == 0,
        });
    }
}
