//! Long random sequences of operations, cut at random moments all along.
//!
//! A failing seed runs alone with `SEED=n cargo test -p cairn-ext4 long_sequences`; `SEEDS=n` runs more of them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use cairn_block::{BlockDevice, faulty::CrashDevice};

use super::alphabet::{Session, Start, alphabet};
use super::judge::{Cuts, Judge};
use super::search::on_all_processors;
use super::snapshot::Snapshot;
use crate::common::{is_nightly, number};
use crate::model::Dice;

/// Plays one sequence and judges cuts of each of its operations.
fn live(seed: u64, start: &Start, judge: &Judge) {
    let (letters, mut dice) = (alphabet(), Dice(seed));
    let device = Arc::new(CrashDevice::new(start.device.clone()));
    let mut session = Session::new(Arc::clone(&device) as Arc<dyn BlockDevice>);
    let mut model = Some(start.model.clone());
    let mut before = Snapshot::of(session.fs()).expect("read");
    let mut done = Vec::new();
    for _ in 0..4 + dice.below(9) {
        let first_epoch = device.flushes();
        let known = model.as_ref().filter(|_| dice.below(2) == 0);
        if let Some((now, change)) = known.map(|now| (now, dice.change(now, 300_000))) {
            if !now.knows(&change) {
                continue;
            }
            done.push(format!("{change:?}"));
            let mut later = now.clone();
            let expected = later.apply(&change);
            match (change.apply(session.fs()), expected) {
                (Ok(()), Ok(())) => model = Some(later),
                (Err(error), Err(kind)) if error.kind() == kind => {}
                (Err(error), _) if error.kind() == cairn_ext4::ErrorKind::NoSpace => {}
                (ours, theirs) => panic!("SEED={seed} {done:?}: the engine says {ours:?}, the model {theirs:?}"),
            }
        } else {
            let letter = &letters[dice.below(letters.len() as u64) as usize];
            done.push(letter.name.to_owned());
            if letter.apply(&mut session).is_ok() {
                model = model.and_then(|model| letter.model(&model));
            }
        }
        let after = Snapshot::of(session.fs()).expect("read");
        let what = format!("SEED={seed} ({}: {})", start.name, done.join("; "));
        if let Some(model) = &model {
            model.matches(session.fs()).unwrap_or_else(|why| panic!("{what}: not what the model says: {why}"));
        }
        let cuts = Cuts { whole: false, torn: 3, salt: seed };
        judge.judge_cuts(&device, first_epoch, (&before, &after, device.flushes()), cuts, &what);
        before = after;
    }
}

#[test]
fn long_sequences_survive_cuts_all_along() {
    let count = number("SEEDS").unwrap_or(if is_nightly() { 10_000 } else { 24 });
    let seeds = number("SEED").map_or(0..count, |seed| seed..seed + 1);
    let starts = [Start::empty(), Start::furnished(), Start::wide()];
    let judges = starts.each_ref().map(|start| Judge::new(&start.device, 20));
    let began = Instant::now();
    on_all_processors(seeds.clone(), |seed| {
        let which = seed as usize % starts.len();
        live(seed, &starts[which], &judges[which]);
    });
    let judged: u64 = judges.iter().map(|judge| judge.judged.load(Ordering::Relaxed)).sum();
    let distinct: usize = judges.iter().map(Judge::distinct).sum();
    let (seeds, seconds) = (seeds.count(), began.elapsed().as_secs());
    println!("random: {seeds} sequences, {judged} cuts, {distinct} distinct, {seconds} s");
}
