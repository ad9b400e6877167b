//! What sixteen mounts cost while nobody uses them.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::{Bench, VM};
use crate::process::run;

/// How many: as many as a machine of Cairn's has slots.
const MOUNTS: usize = 16;
/// How long it is looked at.
const LOOK: Duration = Duration::from_secs(60);
/// After mounting, until the guest has written everything back, and the server waits no more for what else the client
/// may want.
const SETTLE: Duration = Duration::from_secs(40);

/// The processor's time that QEMU and the server take, with and without the mounts.
pub(super) fn measure(bench: &Bench) -> Result<String> {
    println!("# idle");
    run(&mut bench.cairn(&["vm", "demo", "--name", VM]))?;
    let vm = bench.vm(VM)?;
    let pids = [vm["pid"].as_u64().context("the machine does not run")?, bench.server.id().into()];
    let without = share(&pids)?;
    for number in 0..MOUNTS {
        let name = format!("idle{number}");
        run(&mut bench.cairn(&["volume", "create", &name, "--quota", "1GiB"]))?;
        bench.mount(VM, &name, &format!("/idle/{number}"))?;
    }
    let with = share(&pids)?;
    for number in 0..MOUNTS {
        bench.unmount(VM, &format!("idle{number}"), &format!("/idle/{number}"))?;
    }
    let mut table = String::from("| the processor's time while nobody does anything | QEMU | `cairn serve` |\n");
    table.push_str("|---|---:|---:|\n");
    for (what, [qemu, serve]) in [("with no mount", without), ("with 16 mounts", with)] {
        table.push_str(&format!("| {what} | {:.2} % | {:.2} % |\n", qemu * 100.0, serve * 100.0));
    }
    let cost: f64 = with.iter().sum::<f64>() - without.iter().sum::<f64>();
    table.push_str(&format!("| what 16 mounts cost | **{:.2} %** | |\n", cost * 100.0));
    Ok(table)
}

/// How much of one processor each of the processes takes.
fn share(pids: &[u64; 2]) -> Result<[f64; 2]> {
    std::thread::sleep(SETTLE);
    let (begun, before) = (Instant::now(), [used(pids[0])?, used(pids[1])?]);
    std::thread::sleep(LOOK);
    let (took, after) = (begun.elapsed().as_secs_f64(), [used(pids[0])?, used(pids[1])?]);
    Ok([0, 1].map(|at| (after[at] - before[at]) / took))
}

/// Seconds that the threads of a process have been on a processor until now, as the kernel's scheduler counts them: to
/// the nanosecond, where its other figure has hundredths of a second.
fn used(pid: u64) -> Result<f64> {
    let mut nanoseconds = 0.0;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // One may have ended meanwhile.
        let Ok(told) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        let told = told.split(' ').next().and_then(|number| number.parse::<f64>().ok());
        nanoseconds += told.context("the kernel does not say what a thread has used")?;
    }
    Ok(nanoseconds / 1e9)
}
