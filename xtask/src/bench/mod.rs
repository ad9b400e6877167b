//! `cargo xtask bench ext4`: the file engine and its peers, in turn, on the same data, in one run.
//!
//! Every measurement is a process of its own, started by a small program that asks the system what the process took
//! (`benches/ext4/src/bin/measured.rs`). What is measured stands in [`cases`]; this module goes through it.

mod api;
mod cases;
mod checkpoints;
mod data;
mod diff;
mod folder;
mod frozen;
mod mounts;
mod report;
mod scratch;
mod ui;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use cases::{Case, Contestant, Place};
use report::{Figures, Row, Table};
use scratch::Scratch;

use crate::packages;
use crate::process::{command, run};

/// A contestant that needs longer than this is measured once.
const PATIENCE_SECONDS: f64 = 4.0;

const USAGE: &str = "\
Usage: cargo xtask bench ext4 [--only CASE] [--rounds N] [--seed N] [--disk FOLDER]

  --only CASE     one of the cases; the others stay as they are in docs/benchmarks.md
  --rounds N      how often each contestant runs (5)
  --seed N        repeats the order of an earlier run
  --disk FOLDER   where the disk is that is measured beside memory (target/bench-disk)
";

/// What a person asked for.
struct Options {
    only: Option<String>,
    rounds: usize,
    seed: u64,
    disk: Option<String>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self> {
        let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_secs());
        let mut options = Self { only: None, rounds: 5, seed, disk: None };
        let mut words = arguments.iter().map(String::as_str);
        if words.next() != Some("ext4") {
            bail!("Name what to measure.\n{USAGE}");
        }
        while let Some(word) = words.next() {
            let value = words.next().with_context(|| format!("{word} needs a value.\n{USAGE}"))?;
            match word {
                "--only" => options.only = Some(value.to_owned()),
                "--rounds" => options.rounds = value.parse().context("--rounds needs a number")?,
                "--seed" => options.seed = value.parse().context("--seed needs a number")?,
                "--disk" => options.disk = Some(value.to_owned()),
                other => bail!("There is no option '{other}'.\n{USAGE}"),
            }
        }
        let known: Vec<&str> = cases::ALL.iter().map(|case| case.name).collect();
        match &options.only {
            Some(only) if !known.contains(&only.as_str()) => {
                bail!("There is no case '{only}'; there are {}.", known.join(", "))
            }
            _ => Ok(options),
        }
    }
}

/// Installs the peers, builds, measures, prints, and writes docs/benchmarks.md.
pub(crate) fn bench(root: &Path, arguments: &[String]) -> Result<()> {
    if arguments.first().is_some_and(|what| what == "diff") {
        return diff::bench(root);
    }
    if arguments.first().is_some_and(|what| what == "checkpoints") {
        return checkpoints::bench(root, &arguments[1..]);
    }
    if arguments.first().is_some_and(|what| what == "api") {
        return api::bench(root, &arguments[1..]);
    }
    if arguments.first().is_some_and(|what| what == "mount") {
        return mounts::bench(root, &arguments[1..]);
    }
    if arguments.first().is_some_and(|what| what == "ui") {
        return ui::bench(root);
    }
    let options = Options::parse(arguments)?;
    packages::install(&[packages::MACHINES, packages::PEERS])?;
    build(root)?;
    println!("Order shuffled with --seed {}.", options.seed);
    let mut dice = Dice(options.seed | 1);
    let asked = |case: &&Case| options.only.as_deref().is_none_or(|only| only == case.name);
    for case in cases::ALL.iter().filter(asked) {
        for place in case.places {
            let table = measure(root, case, *place, &options, &mut dice)?;
            println!("\n{table}");
            report::write(&root.join("docs/benchmarks.md"), &table)?;
        }
    }
    report::note_machine(&root.join("docs/benchmarks.md"), options.seed)
}

fn build(root: &Path) -> Result<()> {
    let target = root.join("target/benches");
    let mut runners = command(&root.join("benches/ext4"), "cargo", &["build", "--release", "--locked"]);
    run(runners.arg("--target-dir").arg(&target))?;
    run(&mut command(root, "cargo", &["build", "--release", "--locked", "--package", "cairn-cli"]))?;
    let mut compile = command(&root.join("benches/ext4"), "cc", &["-O2", "-Wall", "contiguous.c", "-o"]);
    run(compile.arg(target.join("contiguous")).args(["-lext2fs", "-lcom_err"]))
}

/// Measures one case in one place: everybody once a round, in another order each time.
fn measure(root: &Path, case: &Case, place: Place, options: &Options, dice: &mut Dice) -> Result<Table> {
    println!("\n# {} ({})", case.title, place.name());
    let scratch = Scratch::new(root, place, options.disk.as_deref())?;
    data::prepare(&scratch, case.needs)?;
    scratch.script(case.keep).with_context(|| format!("could not prepare the case '{}'", case.name))?;
    // The slow ones tell as much in memory alone.
    let runners = case.contestants.iter().filter(|one| one.is_ours || !one.once || place == Place::Memory);
    let mut rows: Vec<(&Contestant, Row)> = runners.map(|one| (one, Row::new(one.name, one.is_ours))).collect();
    for round in 0..options.rounds {
        dice.shuffle(&mut rows);
        for (contestant, row) in &mut rows {
            if row.is_over(PATIENCE_SECONDS) || (round > 0 && contestant.once) {
                continue;
            }
            match once(&scratch, case, contestant, round == 0) {
                Ok(figures) => row.add(figures),
                Err(error) if contestant.is_ours => return Err(error.context(contestant.name)),
                Err(error) => row.fail(&error),
            }
        }
    }
    let order = |row: &Row| case.contestants.iter().position(|one| one.name == row.name);
    let mut rows: Vec<Row> = rows.into_iter().map(|(_, row)| row).collect();
    rows.sort_by_key(order);
    Ok(Table { case: case.name, title: case.title, place: place.name(), rows })
}

/// One measurement, with what has to be there before it and what is looked at after it.
fn once(scratch: &Scratch, case: &Case, contestant: &Contestant, first: bool) -> Result<Figures> {
    scratch.clear_work()?;
    scratch.script(contestant.prepare)?;
    scratch.settle(case.warm)?;
    let figures = scratch.measured(contestant.run)?;
    println!("{:>9.1} ms  {}", figures.wall * 1000.0, contestant.name);
    if first {
        scratch.script(contestant.check).context("what was written is not in order")?;
    }
    scratch.clear_work()?;
    Ok(figures)
}

/// A small generator of numbers, for the order and for the data (xorshift64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }
}
