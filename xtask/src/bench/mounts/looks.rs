//! Looking at the files of a volume that a guest is writing all the time: how long its writers wait for that, and how
//! long the answer takes; in a machine of Cairn's and in one that libvirt runs.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::domain::{self, Domain};
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
const LOGGED_OF_DOMAINS: &str = "the guest was frozen milliseconds=";

/// Looks at a volume of a machine of Cairn's, and at one of a domain's.
pub(super) fn measure(bench: &Bench, demo: &Path) -> Result<String> {
    println!("# looks");
    run(&mut bench.cairn(&["vm", "demo", "--name", VM]))?;
    let mut table = String::from("| a look at a volume while its guest writes | median | longest |\n|---|---:|---:|\n");
    table.push_str(&looks(bench, VM, "", LOGGED)?);
    run(&mut bench.cairn(&["vm", "stop", VM]))?;
    let _domain = Domain::start(bench, demo)?;
    table.push_str(&looks(bench, domain::VM, ", as a domain of libvirt's", LOGGED_OF_DOMAINS)?);
    Ok(table)
}

/// The files of a volume are listed by REST while the guest writes.
fn looks(bench: &Bench, vm: &str, how: &str, logged: &str) -> Result<String> {
    let volume = format!("look-{vm}");
    run(&mut bench.cairn(&["volume", "create", &volume, "--quota", "1GiB"]))?;
    bench.mount(vm, &volume, "/look")?;
    run(&mut bench.cairn(&["vm", "exec", vm, "--", "/bin/sh", "-c", WRITER]))?;
    let mut answers = Vec::new();
    for _ in 0..LOOKS {
        std::thread::sleep(APART);
        answers.push(timed(|| bench.rest.ask("GET", &format!("/v1/volumes/{volume}/files"), None).map(drop))?);
    }
    run(&mut bench.cairn(&["vm", "exec", vm, "--", "/bin/sh", "-c", "kill $(cat /tmp/writer); sync"]))?;
    bench.unmount(vm, &volume, "/look")?;
    let mut rows = String::new();
    for (what, mut seconds) in [
        ("the guest's writers wait", frozen::seconds(&bench.folder.join("store"), logged, LOOKS)?),
        ("the answer takes", answers),
    ] {
        seconds.sort_by(f64::total_cmp);
        let at = |place: usize| seconds.get(place).copied().unwrap_or_default() * 1e3;
        let (median, longest) = (at(seconds.len() / 2), at(seconds.len().saturating_sub(1)));
        rows.push_str(&format!("| {what}{how} | **{median:.0} ms** | {longest:.0} ms |\n"));
    }
    Ok(rows)
}
