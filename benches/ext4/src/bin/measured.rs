//! Runs one command and writes what the system counted for it, as a whole process with all that it started:
//! wall time, time in user and system mode (seconds), peak memory of the largest process (bytes).

use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, Result};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

fn main() -> Result<ExitCode> {
    let mut words = std::env::args().skip(1);
    let report = words.next().context("measured REPORT PROGRAM [ARGUMENT ...]")?;
    let program = words.next().context("which program?")?;
    let started = Instant::now();
    let output = Command::new(&program).args(words).stdin(Stdio::null()).output().with_context(|| program.clone())?;
    let wall = started.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: nix::sys::time::TimeVal| time.num_microseconds() as f64 / 1e6;
    let (user, system) = (seconds(usage.user_time()), seconds(usage.system_time()));
    std::fs::write(&report, format!("{wall} {user} {system} {}\n", usage.max_rss() * 1024))?;
    print!("{}", String::from_utf8_lossy(&output.stdout));
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    Ok(if output.status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
