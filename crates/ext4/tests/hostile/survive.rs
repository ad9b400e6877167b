//! Every damaged image is answered, within bounds.
//!
//! A failing case runs alone with `SEED=n cargo test -p cairn-ext4 --test hostile survive`; `SEEDS=n` runs
//! more of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use cairn_block::BlockDevice;

use crate::anatomy::{Kind, bytes};
use crate::bounded::Bounded;
use crate::common::{is_nightly, number};
use crate::dice::Dice;
use crate::mutate::mutate;
use crate::session::{MARK, live};
use crate::victims::{Victim, victims};
use crate::{MEMORY, alone};

/// Memory that no image may make the engine exceed, the content of the device in memory included.
const MEMORY_LIMIT: usize = 64 << 20;
/// Calls of the device that may be made for each block of the image, over a whole session of reading,
/// checking, changing and reading again.
const CALLS_PER_BLOCK: u64 = 30;

/// What was seen, for people.
#[derive(Default)]
struct Seen {
    kinds: BTreeMap<Kind, u64>,
    opened: u64,
    written: u64,
    calls: u64,
    bytes: u64,
    memory: usize,
}

#[test]
fn no_damage_is_fatal() {
    let _alone = alone();
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEEDS").unwrap_or(if is_nightly() { 100_000 } else { 2000 }),
    };
    let victims = victims();
    let mut seen = Seen::default();
    for seed in seeds.clone() {
        survive(seed, &victims[seed as usize % victims.len()], &mut seen);
    }
    println!(
        "{} images: {} could be read, {} could be written to; at most {} calls, {} MiB moved and {} KiB of memory",
        seeds.end - seeds.start,
        seen.opened,
        seen.written,
        seen.calls,
        seen.bytes >> 20,
        seen.memory >> 10,
    );
    println!("changes: {:?}", seen.kinds);
}

fn survive(seed: u64, victim: &Victim, seen: &mut Seen) {
    println!("SEED={seed}");
    let mut dice = Dice(seed);
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let device = Arc::new(victim.device.clone());
    let mut tables_stand = true;
    for _ in 0..1 + dice.below(3) {
        let mutation = mutate(&device, &victim.anatomy, &mut dice);
        println!("{}: {}", victim.name, mutation.what);
        *seen.kinds.entry(mutation.kind).or_default() += 1;
        let moves = [Kind::Superblock, Kind::Descriptor, Kind::JournalDescriptor, Kind::JournalSuperblock];
        tables_stand &= !moves.contains(&mutation.kind) && !victim.dirty;
    }
    let blocks = device.len() / victim.anatomy.block_size;
    let bounded = Bounded::new(Arc::clone(&device), CALLS_PER_BLOCK * blocks);
    let shared = Arc::clone(&bounded) as Arc<dyn BlockDevice>;
    let (opened, written) = live(&shared, &mut dice);
    bounded.assert_kept(&format!("SEED={seed}"));
    let memory = MEMORY.peak_usage().saturating_sub(before);
    assert!(memory <= MEMORY_LIMIT, "SEED={seed}: {} MiB of memory were needed", memory >> 20);
    if tables_stand {
        // Whatever a bitmap or a map of blocks claims, no file was written over the filesystem's own tables.
        let size = victim.anatomy.block_size;
        for block in &victim.anatomy.tables {
            let content = bytes(&device, block * size, size as usize);
            assert!(content.iter().any(|byte| *byte != MARK), "SEED={seed}: table block {block} is a file's");
        }
    }
    seen.opened += u64::from(opened);
    seen.written += u64::from(written);
    seen.calls = seen.calls.max(bounded.calls());
    seen.bytes = seen.bytes.max(bounded.bytes());
    seen.memory = seen.memory.max(memory);
}
