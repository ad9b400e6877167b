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
/// The clock's ticks in a second.
const TICKS: f64 = 100.0;

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

/// Seconds that a process has been on a processor until now, threads that have ended included. The kernel rounds what its
/// scheduler has counted down to its clock's ticks; in the time that is looked at one is a sixtieth of a percent.
fn used(pid: u64) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is a name, in which anything may stand.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    Ok((field(11).context("the kernel does not say")? + field(12).context("the kernel does not say")?) / TICKS)
}
