//! Developer tasks, run as `cargo xtask TASK`. Each task installs what it needs first.

mod bench;
mod check;
mod debian_vm;
mod demo_vm;
mod fuzz;
mod install;
mod nightly;
mod packages;
mod pictures;
mod process;
mod run;
mod test;
mod ui;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
Usage: cargo xtask TASK

  run [-- ARGS]   installs what is missing, builds, and opens the window; without a display it
                  serves the same UI on loopback and prints the address and key
  test            installs what the tests need and runs them all
  nightly [ARGS]  runs the long form of the tests of block, ext4, engine, server and cli: whole searches in place of a
                  stated part; ARGS are as for `cargo test`, so `cargo xtask nightly crash` runs some of them
  fuzz [TARGET …] [--seconds N]
                  runs the coverage-guided fuzz targets of fuzz/, each for 300 seconds
  bench ext4 [--only CASE] [--rounds N]
                  measures the file engine and its peers in turn and writes docs/benchmarks.md
  bench checkpoints  measures a volume with 1, 100 and 1,000 checkpoints, and writes docs/benchmarks.md
  bench mount     measures mounting and unmounting, what a guest reads and writes through a volume, and what idle
                  mounts cost, and writes docs/benchmarks.md
  bench api [--bytes N] [--rounds N]
                  measures a large file into the server and out of it, beside nginx, and writes docs/benchmarks.md
  bench ui        measures how soon the window is there and answers, and what it takes in memory, and writes
                  docs/benchmarks.md
  bench diff      measures what has changed in a volume with a million files, and writes docs/benchmarks.md
  check           formatting, lints, documentation, licences and generated types; no tests
  codegen         writes the UI's TypeScript types, docs/openapi.json and the Python package's shapes anew
  pictures        takes the pictures of docs/images anew: one walk through the window with a real machine
  demo-vm         assembles the demo VM from Debian packages into target/demo-vm
  debian-vm       assembles a Debian guest with systemd from Debian packages into target/debian-vm
  install         installs the system packages for building, running and testing
";

/// The workspace's root, where Cargo.lock stands.
fn workspace_root() -> Result<PathBuf> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(manifest.parent().context("xtask lies inside the workspace")?.to_owned())
}

fn dispatch(task: Option<&str>, arguments: &[String]) -> Result<()> {
    let root = workspace_root()?;
    match task {
        Some("run") => run::run(&root, arguments),
        Some("test") => test::test(&root),
        Some("fuzz") => fuzz::fuzz(&root, arguments),
        Some("nightly") => nightly::nightly(&root, arguments),
        Some("bench") => bench::bench(&root, arguments),
        Some("check") => check::prepare_and_check(&root),
        Some("codegen") => check::write_types(&root),
        Some("pictures") => pictures::take(&root),
        Some("demo-vm") => {
            packages::install(&[packages::DEMO_VM])?;
            demo_vm::assemble(&root).map(|folder| println!("The demo VM stands in {}.", folder.display()))
        }
        Some("debian-vm") => {
            debian_vm::assemble(&root).map(|folder| println!("The Debian guest stands in {}.", folder.display()))
        }
        Some("install") => packages::install(&[
            packages::BUILD,
            packages::MACHINES,
            packages::DEMO_VM,
            packages::TESTS,
            packages::LIBVIRT,
        ]),
        Some("help" | "--help" | "-h") => {
            print!("{USAGE}");
            Ok(())
        }
        Some(other) => bail!("There is no task '{other}'.\n{USAGE}"),
        None => bail!("Name a task.\n{USAGE}"),
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(arguments.first().map(String::as_str), arguments.get(1..).unwrap_or_default()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
