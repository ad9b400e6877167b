//! Our own check next to e2fsck: on what is whole both are content, on what is damaged both object.
//!
//! `SEED=n cargo test -p cairn-ext4 --test hostile compare -- --nocapture` shows what both say of one image.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;

use cairn_block::memory::MemoryDevice;
use cairn_ext4::{ErrorKind, Verdict};

use crate::alone;
use crate::anatomy::Kind;
use crate::common::{Image, is_nightly, number, tool};
use crate::dice::Dice;
use crate::mutate::mutate;
use crate::victims::victims;

/// How often both, one, or none of the two object.
#[derive(Clone, Copy, Debug, Default)]
struct Agreement {
    both_content: u64,
    both_object: u64,
    only_e2fsck: u64,
    only_verify: u64,
    refused: u64,
}

/// What e2fsck says of an image: whether it is content, and its words.
fn judge(device: &MemoryDevice, dirty: bool) -> (bool, String) {
    let image = Image::of(device);
    if dirty {
        let replay = ["-y", "-E", "journal_only"];
        Command::new(tool("e2fsck")).args(replay).arg(&image.path).output().expect("e2fsck starts");
    }
    let output = Command::new(tool("e2fsck")).args(["-f", "-n"]).arg(&image.path).output().expect("e2fsck starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said)
}

fn ours(device: &MemoryDevice) -> Option<Verdict> {
    match cairn_ext4::verify(Arc::new(device.clone())) {
        Ok(verdict) => Some(verdict),
        Err(error) if error.kind() == ErrorKind::Unsupported => None,
        Err(error) => panic!("verify failed: {error}"),
    }
}

#[test]
fn our_check_compares_with_e2fsck() {
    let _alone = alone();
    let victims = victims();
    let alone = number("SEED");
    let seeds = match alone {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEEDS").unwrap_or(if is_nightly() { 5000 } else { 100 }),
    };
    let mut table: BTreeMap<Kind, Agreement> = BTreeMap::new();
    let mut missed = Vec::new();
    for seed in seeds {
        let victim = &victims[seed as usize % victims.len()];
        let device = victim.device.clone();
        let mutation = mutate(&device, &victim.anatomy, &mut Dice(seed));
        let agreement = table.entry(mutation.kind).or_default();
        let Some(verdict) = ours(&device) else {
            agreement.refused += 1;
            continue;
        };
        let (content, said) = judge(&device, victim.dirty);
        match (content, verdict.is_clean()) {
            (true, true) => agreement.both_content += 1,
            (false, false) => agreement.both_object += 1,
            (false, true) => agreement.only_e2fsck += 1,
            (true, false) => agreement.only_verify += 1,
        }
        if content != verdict.is_clean() || alone.is_some() {
            println!("SEED={seed} {}: {}\n  e2fsck: {said}", victim.name, mutation.what);
            println!("  verify: {:#?}", verdict.findings.iter().take(5).collect::<Vec<_>>());
        }
        if !content && verdict.is_clean() {
            missed.push(seed);
        }
    }
    println!("{:<20} content object only-e2fsck only-verify refused", "");
    for (kind, a) in &table {
        println!(
            "{:<20} {:>7} {:>6} {:>11} {:>11} {:>7}",
            format!("{kind:?}"),
            a.both_content,
            a.both_object,
            a.only_e2fsck,
            a.only_verify,
            a.refused
        );
    }
    assert!(missed.len() <= table.values().map(|a| a.both_object as usize).sum::<usize>() / 100, "missed: {missed:?}");
}
