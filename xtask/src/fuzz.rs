//! `cargo xtask fuzz`: the coverage-guided fuzz targets in `fuzz/`, one after the other.
//!
//! What libFuzzer needs of a compiler is that it counts what is reached, which the stable one does, too: these are cargo-fuzz's
//! flags, but without a sanitizer. Sanitizers watch over unsafe code, and there is none in our rooms.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::packages;
use crate::process::{command, output, run};

/// How long each target runs when nobody says.
const SECONDS: &str = "300";
/// Counters of edges and what comparisons compare, as libFuzzer reads them.
const INSTRUMENTED: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";
/// An input that takes longer is a finding.
const LONGEST: &str = "-timeout=60";

/// Runs the targets that are named, or all of them, each for the seconds behind `--seconds`.
pub(crate) fn fuzz(root: &Path, arguments: &[String]) -> Result<()> {
    let known = targets(root)?;
    let (mut wanted, mut seconds) = (Vec::new(), SECONDS.to_owned());
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--seconds" {
            seconds = arguments.next().context("say how many seconds after --seconds")?.clone();
            ensure!(seconds.parse::<u32>().is_ok_and(|n| n > 0), "'{seconds}' is no number of seconds");
        } else if known.contains(argument) {
            wanted.push(argument.clone());
        } else {
            bail!("there is no fuzz target '{argument}'; there are {}", known.join(", "));
        }
    }
    if wanted.is_empty() {
        wanted = known;
    }
    packages::install(&[packages::BUILD])?;
    let programs = build(root, &wanted)?;
    wanted.iter().try_for_each(|target| search(root, &programs.join(target), target, &seconds))
}

/// The names of the targets.
fn targets(root: &Path) -> Result<Vec<String>> {
    let sources = std::fs::read_dir(root.join("fuzz/fuzz_targets")).context("the fuzz targets are not there")?;
    let name = |source: &Path| Some(source.file_stem()?.to_str()?.to_owned());
    let mut names: Vec<String> = sources.flatten().filter_map(|source| name(&source.path())).collect();
    names.sort();
    Ok(names)
}

/// Builds the targets; the folder in which their programs are.
fn build(root: &Path, wanted: &[String]) -> Result<PathBuf> {
    let host = output("rustc", &["-vV"]).context("rustc does not answer")?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc does not say its host")?;
    let folder = root.join("target/fuzz");
    // With a target's name the flags do not concern what runs while it is built.
    let mut build = command(&root.join("fuzz"), "cargo", &["build", "--locked", "--target", host]);
    for target in wanted {
        build.args(["--bin", target]);
    }
    run(build.env("RUSTFLAGS", INSTRUMENTED).env("CARGO_INCREMENTAL", "0").env("CARGO_TARGET_DIR", &folder))?;
    Ok(folder.join(host).join("debug"))
}

/// Lets libFuzzer search. What it finds worth keeping stays for the next time; what it finds wrong is kept beside it.
fn search(root: &Path, program: &Path, target: &str, seconds: &str) -> Result<()> {
    let (seeds, found) = (root.join("fuzz/seeds").join(target), root.join("target/fuzz/found").join(target));
    let corpus = root.join("target/fuzz/corpus").join(target);
    for folder in [&found, &corpus] {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let mut search = Command::new(program);
    search.current_dir(root).arg(&corpus);
    if seeds.is_dir() {
        search.arg(&seeds);
    } else {
        // A few changes to an image.
        search.arg("-max_len=256");
    }
    search.arg(format!("-max_total_time={seconds}")).arg(format!("-artifact_prefix={}/", found.display()));
    run(search.args([LONGEST, "-print_final_stats=1"]))
        .with_context(|| format!("what {target} found is in {}", found.display()))
}
