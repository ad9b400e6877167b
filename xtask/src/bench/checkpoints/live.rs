//! Checkpoints of a volume that a guest is writing: how long its writers wait, and how long the whole command takes.
//!
//! What writers notice is measured where they are: by a program in the guest that writes all the time and tells the
//! longest time between two of its writes. It shares the guest's processor with another that writes as much as it can,
//! so some of that time is the guest's own scheduling; how much, a measurement without a checkpoint shows.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::{Bench, median, milliseconds, quietly, time};
use crate::bench::frozen;
use crate::process::{command, run};

/// How many are taken, each within what the guest's program takes to measure.
const LIVE: usize = 20;
const MEASURED: &str = "1.5";
/// After the program has been started in the guest.
const BEGUN: Duration = Duration::from_millis(500);
/// The machine, which is emulated where KVM does not run guests.
const VM: &str = "bench";
/// Half a megabyte at a time, all the time.
const WRITER: &str = "(n=0; while :; do n=$((n+1)); dd if=/dev/urandom of=/data/live$((n % 40)) bs=64k count=8; done) \
                      > /dev/null 2>&1 & echo $! > /tmp/writer";
/// What the engine logs of each freeze, before the milliseconds that it took.
const LOGGED: &str = "the guest was frozen milliseconds=";

/// The program that measures, for a guest of this computer's kind.
pub(super) fn build(root: &Path) -> Result<()> {
    fs::create_dir_all(root.join("target/benches"))?;
    let compile = ["-O2", "-Wall", "-static", "gaps.c", "-o", "../../target/benches/gaps"];
    run(&mut command(&root.join("benches/guest"), "cc", &compile))
}

impl Bench {
    /// With the volume as it is then, on the chain that the machine is given.
    pub(super) fn live(&self, root: &Path, title: &str) -> Result<String> {
        println!("# live");
        quietly(&mut self.cairn(&["vm", "demo", "--name", VM]))?;
        quietly(&mut self.cairn(&["volume", "create", "tools", "--quota", "64MiB"]))?;
        quietly(self.cairn(&["files", "put", "tools"]).arg(root.join("target/benches/gaps")).arg("/"))?;
        let measured = self.take_live();
        quietly(&mut self.cairn(&["vm", "stop", VM, "--force"]))?;
        let mut text = format!("| {title} | median | at most |\n|---|---:|---:|\n");
        for (what, times) in measured? {
            let longest = times.iter().copied().fold(0.0, f64::max);
            text.push_str(&format!("| {what} | {} | {} |\n", milliseconds(median(&times)), milliseconds(longest)));
        }
        Ok(text)
    }

    fn take_live(&self) -> Result<[(&'static str, Vec<f64>); 4]> {
        quietly(&mut self.cairn(&["mount", "data", VM, "/data"]))?;
        quietly(&mut self.cairn(&["mount", "tools", VM, "/tools"]))?;
        self.guest(WRITER)?;
        let (mut still, mut waited, mut whole) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..LIVE {
            still.push(self.longest_wait(|| Ok(()))?);
            let name = format!("live {number}");
            waited.push(self.longest_wait(|| {
                whole.push(time(&mut self.cairn(&["checkpoint", "create", "data", "--name", &name]))?);
                Ok(())
            })?);
            let milliseconds = |times: &[f64]| milliseconds(times.last().copied().unwrap_or_default());
            println!("{}  {}  {}", milliseconds(&still), milliseconds(&waited), milliseconds(&whole));
        }
        self.guest("kill $(cat /tmp/writer); sync")?;
        let frozen = frozen::seconds(&self.folder.join("store"), LOGGED, LIVE)?;
        ensure!(frozen.len() >= LIVE, "the guest was not frozen each time");
        Ok([
            ("a writer in the guest waits, without a checkpoint", still),
            ("a writer in the guest waits, while one is taken", waited),
            ("from asking the guest to freeze to its answer that it goes on", frozen),
            ("the whole command", whole),
        ])
    }

    fn guest(&self, script: &str) -> Result<()> {
        quietly(&mut self.cairn(&["vm", "exec", VM, "--", "/bin/sh", "-c", script]))
    }

    /// The longest time in seconds between two writes in the guest, while something is done.
    fn longest_wait(&self, something: impl FnOnce() -> Result<()>) -> Result<f64> {
        let mut gaps = self.cairn(&["vm", "exec", VM, "--", "/tools/gaps", "/data/gaps", MEASURED]);
        let gaps = gaps.stdout(Stdio::piped()).spawn()?;
        std::thread::sleep(BEGUN);
        let done = something();
        let told = gaps.wait_with_output()?;
        done?;
        let microseconds = String::from_utf8_lossy(&told.stdout).trim().parse::<f64>();
        Ok(microseconds.context("the program in the guest told nothing")? / 1e6)
    }
}
