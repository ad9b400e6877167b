//! The power is cut at every moment: what is there afterwards is what was there before the change under way
//! or after it, and e2fsck is content.
//!
//! A failing case runs alone with `SEED=n cargo test -p cairn-ext4 crash`; `SEEDS=n` runs more of them.

use std::sync::Arc;

use cairn_block::{BlockDevice, faulty::CrashDevice, memory::MemoryDevice};
use cairn_ext4::{Filesystem, Mode};

use crate::common::{MIB, assert_clean, new_volume, options, readable, writable};
use crate::model::{Change, Dice, Model, change_both};

/// Changes made one after the other on a recording device; what is expected after each number of flushes.
struct Recording {
    device: Arc<CrashDevice>,
    /// The flushes that had returned when a change returned, and the model then. The first is the start.
    states: Vec<(usize, Model)>,
}

impl Recording {
    fn new(start: MemoryDevice, mut model: Model, changes: &[Change]) -> Self {
        let device = Arc::new(CrashDevice::new(start));
        let fs = Filesystem::open(Arc::clone(&device) as Arc<dyn BlockDevice>, Mode::ReadWrite).expect("open");
        let mut states = vec![(device.flushes(), model.clone())];
        for change in changes {
            change_both(&fs, &mut model, change);
            states.push((device.flushes(), model.clone()));
        }
        Self { device, states }
    }

    /// What may be found after a cut in `epoch`: every state from the last one that was acknowledged by
    /// then to the first that was acknowledged later.
    fn possible(&self, epoch: usize) -> Vec<&Model> {
        let last = self.states.iter().rposition(|state| state.0 <= epoch).unwrap_or(0);
        self.states[last..].iter().take(2).map(|state| &state.1).collect()
    }

    /// Judges one disk that a cut in `epoch` could have left.
    fn judge(&self, epoch: usize, disk: MemoryDevice, what: &str, thorough: bool) {
        let disk = Arc::new(disk);
        let possible = self.possible(epoch);
        let matches = |fs: &Filesystem| possible.iter().any(|model| model.matches(fs).is_ok());
        assert!(matches(&readable(&disk)), "{what}: replayed in memory it is neither before nor after");
        let fs = writable(&disk);
        assert!(matches(&fs), "{what}: replayed it is neither before nor after");
        if thorough {
            assert_clean(&disk);
            // And it goes on working.
            fs.mkdir(b"afterwards", &crate::common::attributes(0o755)).expect("mkdir");
            assert_clean(&disk);
        }
    }

    /// Cuts at every write, and at random in between; e2fsck looks at one disk in `share`.
    fn judge_all(&self, seed: u64, random: u64, share: u64) {
        let mut count = seed;
        for epoch in 0..=self.device.flushes() {
            for events in 0..=self.device.events(epoch) {
                let disk = self.device.cut_after(epoch, events).expect("cut");
                count += 1;
                let what = format!("SEED={seed}, epoch {epoch}, {events} writes");
                self.judge(epoch, disk, &what, count.is_multiple_of(share));
            }
            for cut in 0..random {
                let disk = self.device.cut_by_seed(epoch, seed << 16 | cut).expect("cut");
                count += 1;
                let what = format!("SEED={seed}, epoch {epoch}, cut {cut}");
                self.judge(epoch, disk, &what, count.is_multiple_of(share));
            }
        }
    }
}

#[test]
fn every_kind_of_change_is_whole_or_not_at_all() {
    let text = |s: &str| s.to_string();
    let changes = [
        Change::Put(text("small"), 1000, 1),
        Change::Put(text("large"), 600_000, 2),
        Change::Mkdir(text("folder")),
        Change::Put(text("folder/file"), 300_000, 3),
        Change::Link("x".repeat(300), text("folder/link")),
        Change::Put(text("large"), 500_000, 4),
        Change::Rename(text("small"), text("folder/small")),
        Change::Rename(text("folder/small"), text("large")),
        Change::Mkdir(text("other")),
        Change::Rename(text("folder"), text("other/moved")),
        Change::Remove(text("large")),
        Change::RemoveAll(text("other")),
    ];
    for size in [5 * MIB, 33 * MIB] {
        let start = MemoryDevice::new(size);
        cairn_ext4::format(&start, &options()).expect("format");
        Recording::new(start, Model::default(), &changes).judge_all(size / MIB, 12, 5);
    }
}

#[test]
fn random_changes_survive_a_cut() {
    let number = |name| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEEDS").unwrap_or(6),
    };
    for seed in seeds {
        println!("SEED={seed}");
        let start = new_volume([5, 34][seed as usize % 2] * MIB);
        let (mut dice, mut model) = (Dice(seed), Model::default());
        let fs = writable(&start);
        fs.begin_batch().expect("begin");
        for _ in 0..40 {
            let change = dice.change(&model, 300_000);
            if model.knows(&change) {
                change_both(&fs, &mut model, &change);
            }
        }
        fs.commit().expect("commit");
        drop(fs);
        let (mut changes, mut later) = (Vec::new(), model.clone());
        while changes.len() < 5 {
            let change = dice.change(&later, 300_000);
            if later.knows(&change) && later.apply(&change).is_ok() {
                changes.push(change);
            }
        }
        Recording::new((*start).clone(), model, &changes).judge_all(seed, 8, 7);
    }
}
