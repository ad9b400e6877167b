//! Random changes, compared with a model in memory; e2fsck is content all the way.
//!
//! A failing seed runs alone with `SEED=n cargo test -p cairn-ext4 random`; `SEEDS=n` runs more of them.

use crate::common::{MIB, assert_clean, new_volume, readable, writable};
use crate::model::{Dice, Model, change_both, random_batch};

fn live(seed: u64) {
    let size = [5, 8, 24, 40][seed as usize % 4] * MIB;
    let device = new_volume(size);
    let mut fs = writable(&device);
    let (mut dice, mut model) = (Dice(seed), Model::default());
    for step in 0..150 {
        match dice.below(30) {
            0 => {
                drop(fs);
                fs = writable(&device);
            }
            1 => random_batch(&fs, &mut model, &mut dice, size / 4),
            _ => {
                let change = dice.change(&model, size / 4);
                if model.knows(&change) {
                    change_both(&fs, &mut model, &change);
                }
            }
        }
        if step % 50 == 49 {
            model.matches(&fs).unwrap_or_else(|e| panic!("step {step}: {e}"));
            model.matches(&readable(&device)).unwrap_or_else(|e| panic!("step {step}, read anew: {e}"));
            assert_clean(&device);
        }
    }
}

#[test]
fn whatever_is_done_the_filesystem_is_what_the_model_says() {
    let number = |name| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEEDS").unwrap_or(24),
    };
    for seed in seeds {
        println!("SEED={seed}");
        live(seed);
    }
}
