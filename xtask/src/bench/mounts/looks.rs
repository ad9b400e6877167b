//! Looking at the files of a volume that a guest is writing all the time: how long its writers wait for that, and how
//! long the answer takes.

use std::time::Duration;

use anyhow::Result;

use super::{Bench, VM, timed};
use crate::bench::frozen;
use crate::process::run;

/// How often it is looked at, so far apart: a look that just ended is used again.
const LOOKS: usize = 20;
const APART: Duration = Duration::from_secs(2);
/// Half a megabyte at a time, all the time.
const WRITER: &str = "(n=0; while :; do n=$((n+1)); dd if=/dev/urandom of=/look/live$((n % 40)) bs=64k count=8; done) \
                      > /dev/null 2>&1 & echo $! > /tmp/writer";
/// What the engine logs of each look, before the milliseconds that writers waited.
const LOGGED: &str = "the guest was frozen for a look milliseconds=";

/// The files of the volume are listed by REST while the guest writes.
pub(super) fn measure(bench: &Bench) -> Result<String> {
    println!("# looks");
    run(&mut bench.cairn(&["vm", "demo", "--name", VM]))?;
    run(&mut bench.cairn(&["volume", "create", "look", "--quota", "1GiB"]))?;
    bench.mount(VM, "look", "/look")?;
    run(&mut bench.cairn(&["vm", "exec", VM, "--", "/bin/sh", "-c", WRITER]))?;
    let mut answers = Vec::new();
    for _ in 0..LOOKS {
        std::thread::sleep(APART);
        answers.push(timed(|| bench.rest.ask("GET", "/v1/volumes/look/files", None).map(drop))?);
    }
    run(&mut bench.cairn(&["vm", "exec", VM, "--", "/bin/sh", "-c", "kill $(cat /tmp/writer); sync"]))?;
    bench.unmount(VM, "look", "/look")?;
    let mut table = String::from("| a look at a volume while its guest writes | median | longest |\n|---|---:|---:|\n");
    for (what, mut seconds) in [
        ("the guest's writers wait", frozen::seconds(&bench.folder.join("store"), LOGGED, LOOKS)?),
        ("the answer takes", answers),
    ] {
        seconds.sort_by(f64::total_cmp);
        let at = |place: usize| seconds.get(place).copied().unwrap_or_default() * 1e3;
        let (median, longest) = (at(seconds.len() / 2), at(seconds.len().saturating_sub(1)));
        table.push_str(&format!("| {what} | **{median:.0} ms** | {longest:.0} ms |\n"));
    }
    Ok(table)
}
