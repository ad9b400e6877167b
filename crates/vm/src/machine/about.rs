//! What a machine and its guest are and can do, asked once in a while for people.

use std::time::Duration;

use serde_json::json;

use super::channel::ThroughAgent;
use super::handle::Machine;
use super::task::{Owner, ask};
use crate::agent::QUICK;
use crate::disk::Serial;
use crate::error::{Error, ErrorKind, Result};

/// What the agent is asked for to look; it needs no program for that.
const LOOK: Duration = QUICK;

/// What a machine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// QEMU's version, such as `10.0.2`.
    pub qemu: String,
    /// What QEMU calls the machine's type, such as `pc-q35-10.0`.
    pub machine_type: String,
    /// Memory in MiB, with what was plugged in.
    pub memory_mib: u32,
    /// Processors.
    pub cpus: u32,
    /// Whether the processor itself runs the guest's code.
    pub is_kvm: bool,
}

/// What a guest can do, as its agent says; untrusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestAbilities {
    /// The agent's version.
    pub agent: String,
    /// Whether filesystems can be frozen.
    pub freeze: bool,
    /// Whether programs can be run.
    pub exec: bool,
    /// The guest's kernel, such as `6.1.0-32-amd64`, if it says.
    pub kernel: Option<String>,
}

impl Machine {
    /// What the machine is.
    ///
    /// # Errors
    /// `NotRunning`, `Timeout`.
    pub async fn about(&self) -> Result<About> {
        ask!(self, driver => driver.about())
    }

    /// What the guest can do.
    ///
    /// # Errors
    /// `NoAgent`, `Held`, `Timeout`, `NotRunning`.
    pub async fn guest_abilities(&self) -> Result<GuestAbilities> {
        ask!(self, driver => driver.guest_abilities())
    }

    /// How long the guest has been running since it was started, or restarted itself. It says so itself; untrusted.
    ///
    /// # Errors
    /// As [`exec`](Self::exec); `Guest` when what it says makes no sense.
    pub async fn guest_up(&self) -> Result<Duration> {
        let look = ["cat".to_owned(), "/proc/uptime".to_owned()];
        let told = self.exec(&look, None, LOOK).await?;
        // proc(5): seconds since the start, and seconds of idleness.
        let text = String::from_utf8_lossy(&told.stdout);
        let seconds = text.split_whitespace().next().and_then(|seconds| seconds.parse::<f64>().ok());
        let up = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        up.ok_or_else(|| Error::new(ErrorKind::Guest, "the guest does not say since when it has been running"))
    }

    /// Whether anything was written to an attached disk since it was plugged in. What the guest discards is not counted.
    ///
    /// # Errors
    /// `Invalid` for the serial, `NotRunning`, `Timeout`.
    pub async fn has_written(&self, serial: &str) -> Result<bool> {
        let serial = Serial::parse(serial)?;
        ask!(self, driver => driver.has_written(&serial))
    }
}

impl Owner {
    async fn about(&mut self) -> Result<About> {
        let version = self.qmp.execute("query-version", json!({})).await?;
        let part = |part: &str| version["qemu"][part].as_u64().unwrap_or(0);
        let qemu = format!("{}.{}.{}", part("major"), part("minor"), part("micro"));
        let memory = self.qmp.execute("query-memory-size-summary", json!({})).await?;
        let bytes = |part: &str| memory[part].as_u64().unwrap_or(0);
        let mib = bytes("base-memory").saturating_add(bytes("plugged-memory")) >> 20;
        let cpus = self.qmp.execute("query-cpus-fast", json!({})).await?;
        let kvm = self.qmp.execute("query-kvm", json!({})).await?;
        Ok(About {
            qemu,
            machine_type: self.machine_type().await?,
            memory_mib: u32::try_from(mib).unwrap_or(u32::MAX),
            cpus: u32::try_from(cpus.as_array().map_or(0, Vec::len)).unwrap_or(u32::MAX),
            is_kvm: kvm["enabled"] == true,
        })
    }

    async fn has_written(&mut self, serial: &Serial) -> Result<bool> {
        // By node: by device the answer nests as deep as a chain is.
        let stats = self.qmp.execute("query-blockstats", json!({"query-nodes": true})).await?;
        let is_ours = |node: &str| serial.node_number(node).is_some();
        let mut nodes = stats.as_array().into_iter().flatten();
        Ok(nodes.any(|node| {
            node["node-name"].as_str().is_some_and(is_ours)
                && node["stats"]["wr_highest_offset"].as_u64().unwrap_or(0) > 0
        }))
    }
}

impl<A: ThroughAgent> Abilities for A {}

/// What a guest's agent says of it.
pub(super) trait Abilities: ThroughAgent {
    async fn guest_abilities(&mut self) -> Result<GuestAbilities> {
        let info = self.ask_agent("guest-info", json!({}), LOOK).await?;
        let can = |command: &str| {
            let commands = info["supported_commands"].as_array();
            commands.is_some_and(|all| all.iter().any(|it| it["name"] == command && it["enabled"] == true))
        };
        let freeze = can("guest-fsfreeze-freeze") && can("guest-fsfreeze-thaw");
        let (exec, tells) = (can("guest-exec") && can("guest-exec-status"), can("guest-get-osinfo"));
        let agent = info["version"].as_str().unwrap_or("of unknown version").to_owned();
        let kernel = if tells { self.ask_agent("guest-get-osinfo", json!({}), LOOK).await.ok() } else { None };
        let kernel = kernel.and_then(|told| told["kernel-release"].as_str().map(str::to_owned));
        Ok(GuestAbilities { agent, freeze, exec, kernel })
    }
}
