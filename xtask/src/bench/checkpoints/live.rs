//! Checkpoints of a volume that a guest is writing: how long its writers wait, and how long the whole command takes.

use std::fs;
use std::time::Duration;

use anyhow::{Result, bail};

use super::{Bench, Table, median, milliseconds, quietly, time};

/// How many are taken, so far apart.
const LIVE: usize = 20;
const APART: Duration = Duration::from_millis(500);
/// The machine, which is emulated where KVM does not run guests.
const VM: &str = "bench";
/// Half a megabyte at a time, all the time.
const WRITER: &str = "(n=0; while :; do n=$((n+1)); dd if=/dev/urandom of=/data/live$((n % 40)) bs=64k count=8; done) \
                      > /dev/null 2>&1 & echo $! > /tmp/writer";
/// What the engine logs of each freeze, before the milliseconds that it took.
const LOGGED: &str = "the guest was frozen milliseconds=";

impl Bench {
    /// With the volume as it is then, on the chain that the machine is given.
    pub(super) fn live(&self, table: &mut Table) -> Result<()> {
        println!("# live");
        quietly(&mut self.cairn(&["vm", "demo", "--name", VM]))?;
        let measured = self.take_live(table);
        quietly(&mut self.cairn(&["vm", "stop", VM, "--force"]))?;
        measured
    }

    fn take_live(&self, table: &mut Table) -> Result<()> {
        quietly(&mut self.cairn(&["mount", "data", VM, "/data"]))?;
        self.guest(WRITER)?;
        let mut whole = Vec::new();
        for number in 0..LIVE {
            std::thread::sleep(APART);
            whole.push(time(&mut self.cairn(&["checkpoint", "create", "data", "--name", &format!("live {number}")]))?);
        }
        self.guest("kill $(cat /tmp/writer); sync")?;
        let frozen = self.frozen()?;
        for (what, times) in [("the guest's writers wait", &frozen), ("the whole command", &whole)] {
            let longest = times.iter().copied().fold(0.0, f64::max);
            println!("{:>9} {what}, at most {}", milliseconds(median(times)), milliseconds(longest));
            let value = format!("{}, at most {}", milliseconds(median(times)), milliseconds(longest));
            table.live(&format!("take a checkpoint while a guest writes: {what}"), value);
        }
        Ok(())
    }

    fn guest(&self, script: &str) -> Result<()> {
        quietly(&mut self.cairn(&["vm", "exec", VM, "--", "/bin/sh", "-c", script]))
    }

    /// Seconds for which the guest was frozen, each time, as the engine's log says.
    fn frozen(&self) -> Result<Vec<f64>> {
        for _ in 0..50 {
            let mut frozen = Vec::new();
            for file in fs::read_dir(self.folder.join("store/log"))?.flatten() {
                let log = fs::read_to_string(file.path())?;
                let said = log.lines().filter_map(|line| line.split_once(LOGGED)?.1.split(' ').next());
                frozen.extend(said.filter_map(|number| number.parse::<f64>().ok()).map(|number| number / 1000.0));
            }
            if frozen.len() >= LIVE {
                return Ok(frozen);
            }
            // The log is written a moment later.
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("the guest was not frozen each time")
    }
}
