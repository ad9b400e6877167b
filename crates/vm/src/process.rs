//! QEMU's process as the operating system sees it: whether it lives, and how to end it. Linux only, through `/proc`.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A process that is not mistaken for a later one that was given the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    pid: u32,
    started: u64,
}

impl Process {
    /// The process that has this number now, unless it has ended already.
    pub(crate) fn find(pid: u32) -> Option<Self> {
        start_time(pid).map(|started| Self { pid, started })
    }

    /// Its number.
    #[must_use]
    pub fn pid(self) -> u32 {
        self.pid
    }

    /// Whether it still runs, and is a QEMU: what listens at a machine's socket may also be somebody in between.
    #[must_use]
    pub fn runs_qemu(self) -> bool {
        self.lives() && command_line(self.pid).first().is_some_and(|program| runs_qemu(program))
    }

    /// Whether it still runs; a process that only waits to be reaped does not.
    pub(crate) fn lives(self) -> bool {
        start_time(self.pid) == Some(self.started)
    }

    /// Waits until it has ended, at most `within`; answers whether it has.
    pub(crate) async fn ended(self, within: Duration) -> bool {
        let wait = async {
            while self.lives() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(within, wait).await.is_ok()
    }

    /// Ends it without asking (SIGKILL). Fine when it has ended already.
    pub(crate) fn kill(self) -> Result<()> {
        let Ok(pid) = i32::try_from(self.pid) else { return Ok(()) };
        if !self.lives() {
            return Ok(());
        }
        match kill(Pid::from_raw(pid), Signal::SIGKILL) {
            Ok(()) | Err(nix::errno::Errno::ESRCH) => Ok(()),
            Err(error) => Err(Error::io(format!("end QEMU's process {pid}"), error.into())),
        }
    }
}

/// What a process was started with: its program, then the arguments. Empty when it is gone.
pub(crate) fn command_line(pid: u32) -> Vec<Vec<u8>> {
    let text = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let text = text.strip_suffix(&[0]).unwrap_or(&text);
    if text.is_empty() { Vec::new() } else { text.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect() }
}

/// Whether a program is called as QEMU is by those who package it.
pub(crate) fn runs_qemu(program: &[u8]) -> bool {
    let name = program.rsplit(|byte| *byte == b'/').next().unwrap_or(program);
    name.starts_with(b"qemu-system-") || matches!(name, b"qemu-kvm" | b"kvm" | b"qemu")
}

/// When the process started, in clock ticks since boot; `None` for one that is gone or a zombie.
fn start_time(pid: u32) -> Option<u64> {
    let text = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let text = String::from_utf8_lossy(&text);
    // proc(5): the name, in parentheses, may hold anything; the state follows, and the start time is field 22.
    let mut fields = text.rsplit_once(") ")?.1.split(' ');
    let state = fields.next()?;
    let started = fields.nth(18)?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(started)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_is_seen_to_live_and_to_end() {
        let mut child = std::process::Command::new("sleep").arg("600").spawn().expect("sleep");
        let process = Process::find(child.id()).expect("it has just been started");
        assert!(process.lives());
        process.kill().expect("kill");
        assert!(process.ended(Duration::from_secs(30)).await, "a zombie counts as ended");
        child.wait().expect("wait");
        process.kill().expect("killing the dead is fine");
        assert_eq!(Process::find(child.id()), None);
    }
}
