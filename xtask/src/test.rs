//! `cargo xtask test`: everything that a landing must pass, in one command, ending with the runner's own summary.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::{command, run, shown};
use crate::{check, demo_vm, install, packages, ui};

/// Installs what the tests need and runs them all.
pub(crate) fn test(root: &Path) -> Result<()> {
    packages::install(&[packages::BUILD, packages::MACHINES, packages::DEMO_VM, packages::TESTS, packages::LIBVIRT])?;
    ui::install(root)?;
    ui::build(root)?;
    demo_vm::assemble(root)?;
    install::tool(root, &install::TAURI_DRIVER)?;
    check::check(root)?;
    ui::script(root, "test")?;
    // The stories run the real programs, which `cargo test` builds only for the packages that own them. All targets at
    // once: with another choice cargo would build half of the dependencies again, with other features.
    run(&mut command(root, "cargo", &["build", "--workspace", "--all-targets", "--locked"]))?;
    let mut tests = command(root, "cargo", &["test", "--workspace", "--locked", "--no-fail-fast"]);
    tests.env("CAIRN_DEMO_VM", root.join("target/demo-vm"));
    summed(&mut tests)
}

/// Runs cargo's tests, passing on what they print, and closes with the sum over all of its test programs.
pub(crate) fn summed(tests: &mut Command) -> Result<()> {
    println!("$ {}", shown(tests));
    let mut child = tests.stdout(Stdio::piped()).spawn().context("cargo could not be started")?;
    let (mut totals, mut failures) = (Totals::default(), Failures::default());
    for line in BufReader::new(child.stdout.take().context("cargo has no output")?).split(b'\n') {
        let line = line?;
        let text = String::from_utf8_lossy(&line);
        totals.add(&text);
        failures.add(&text);
        writeln!(std::io::stdout(), "{text}")?;
    }
    let status = child.wait()?;
    failures.shown.iter().for_each(|line| println!("{line}"));
    println!("\n{} passed, {} failed", totals.passed, totals.failed);
    if !status.success() {
        bail!("`{}` failed ({status})", shown(tests));
    }
    Ok(())
}

/// What failed tests have said, in short, so that it stands where people look: at the end.
#[derive(Default)]
struct Failures {
    shown: Vec<String>,
    /// How many lines of the one at hand are still of interest.
    left: usize,
}

impl Failures {
    /// So many lines of each panic, each so long.
    const LINES: usize = 6;
    const LONGEST: usize = 300;

    fn add(&mut self, line: &str) {
        let is_name = line.starts_with("---- ") && line.ends_with(" stdout ----");
        if is_name || line.contains("panicked at ") {
            self.left = Self::LINES;
        }
        if self.left > 0 && !line.trim().is_empty() {
            self.left -= 1;
            let is_of_interest = is_name || !line.starts_with("stack backtrace");
            let short = line.char_indices().nth(Self::LONGEST).map_or(line, |(end, _)| &line[..end]);
            self.shown.extend(is_of_interest.then(|| short.to_owned()));
        }
        if line.starts_with("stack backtrace") || line == "failures:" {
            self.left = 0;
        }
    }
}

/// What cargo's `test result:` lines add up to.
#[derive(Default)]
struct Totals {
    passed: u64,
    failed: u64,
}

impl Totals {
    fn add(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else {
            return;
        };
        for count in counts.split("; ") {
            match count.split_once(' ') {
                Some((number, "passed")) => self.passed += number.parse().unwrap_or(0),
                Some((number, "failed")) => self.failed += number.parse().unwrap_or(0),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Failures, Totals};

    #[test]
    fn the_summary_adds_up_all_test_programs() {
        let mut totals = Totals::default();
        totals.add("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        totals.add("test something ... ok");
        totals.add("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        assert_eq!((totals.passed, totals.failed), (15, 2));
    }

    #[test]
    fn what_failed_is_told_again_in_short() {
        let mut failures = Failures::default();
        let long = "x".repeat(1000);
        let printed = ["test a ... ok", "", "---- b::c stdout ----", "", "thread 'b::c' panicked at b.rs:1:1:", &long];
        let backtrace = ["stack backtrace:", "   0: begin_unwind", "", "failures:", "    b::c"];
        printed.iter().chain(&backtrace).for_each(|line| failures.add(line));
        let short = "x".repeat(Failures::LONGEST);
        assert_eq!(failures.shown, ["---- b::c stdout ----", "thread 'b::c' panicked at b.rs:1:1:", &short]);
    }
}
