//! The port of the guest's agent: under a fixed name in a machine that was started here; in one that somebody else
//! started it is found by what guests know it by, whatever its chardev is called.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::handle::Machine;
use super::task::{Owner, ask};
use crate::command_line::{AGENT_CHARDEV, AGENT_NAME};
use crate::error::{Error, ErrorKind, Result};
use crate::sockets::Place;

/// Where QEMU keeps the devices that have an id, and those that have none.
const DEVICES: [&str; 2] = ["/machine/peripheral", "/machine/peripheral-anon"];

/// What a machine has for its guest's agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentPort {
    /// No port.
    Missing,
    /// A port that leads to something else than a socket at which somebody can connect, in QEMU's words.
    NoSocket(String),
    /// A port, which nobody in the guest has open.
    Closed,
    /// A port that somebody in the guest has open.
    Open,
}

impl Machine {
    /// What the machine has for its guest's agent. The guest is not asked.
    ///
    /// # Errors
    /// `NotRunning`, `Timeout`.
    pub async fn agent_port(&self) -> Result<AgentPort> {
        ask!(self, driver => driver.agent_port())
    }
}

impl Owner {
    async fn agent_port(&mut self) -> Result<AgentPort> {
        let chardev = match self.agent_chardev().await {
            Ok(chardev) => chardev,
            Err(error) if error.kind() == ErrorKind::NoAgent => return Ok(AgentPort::Missing),
            Err(error) => return Err(error),
        };
        if self.agent_socket(&chardev).is_err() {
            return Ok(AgentPort::NoSocket(chardev["filename"].as_str().unwrap_or("nothing").to_owned()));
        }
        Ok(if chardev["frontend-open"] == true { AgentPort::Open } else { AgentPort::Closed })
    }

    /// The chardev of the agent's port.
    ///
    /// # Errors
    /// `NoAgent` when the machine has no such port.
    pub(super) async fn agent_chardev(&mut self) -> Result<Value> {
        let list = self.qmp.execute("query-chardev", json!({})).await?;
        let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
        let known = match &self.place {
            Place::Own(_) => Some(AGENT_CHARDEV),
            Place::Foreign(_) => self.agent_label.as_deref(),
        };
        if let Some(chardev) = list.iter().find(|chardev| known.is_some_and(|label| chardev["label"] == label)) {
            return Ok(chardev.clone());
        }
        if let Place::Foreign(sockets) = &self.place {
            let told = sockets.agent.clone();
            let by_path = |chardev: &&Value| told.as_deref().is_some_and(|told| self.leads_to(chardev, told));
            let found = match list.iter().find(by_path) {
                Some(chardev) => Some(chardev),
                None => {
                    let label = self.label_of_named_port().await?;
                    list.iter().find(|chardev| label.as_deref().is_some_and(|label| chardev["label"] == label))
                }
            };
            if let Some(chardev) = found {
                self.agent_label = chardev["label"].as_str().map(str::to_owned);
                return Ok(chardev.clone());
            }
        }
        Err(Error::new(ErrorKind::NoAgent, "the machine has no channel to a guest's agent"))
    }

    /// The chardev of the port that guests know as the agent's.
    async fn label_of_named_port(&mut self) -> Result<Option<String>> {
        for folder in DEVICES {
            for entry in self.entries(folder).await? {
                let Some(name) = entry["name"].as_str().filter(|_| entry["type"] == "child<virtserialport>") else {
                    continue;
                };
                let port = format!("{folder}/{name}");
                if self.get(&port, "name").await? == AGENT_NAME {
                    let label = self.get(&port, "chardev").await?;
                    return Ok(label.as_str().filter(|label| !label.is_empty()).map(str::to_owned));
                }
            }
        }
        Ok(None)
    }

    /// Where to connect to the agent.
    ///
    /// # Errors
    /// `NoAgent` when its chardev is no socket at which QEMU listens.
    pub(super) fn agent_socket(&self, chardev: &Value) -> Result<PathBuf> {
        match &self.place {
            Place::Own(folder) => Ok(folder.join("agent.sock")),
            Place::Foreign(sockets) => match &sockets.agent {
                Some(told) => Ok(told.clone()),
                None => self.socket_of(chardev).filter(|path| path.exists()).ok_or_else(|| {
                    let message = "the agent's channel does not lead to a socket that can be found on this computer";
                    Error::new(ErrorKind::NoAgent, message)
                }),
            },
        }
    }

    /// The path at which a chardev listens, as far as it can be known.
    fn socket_of(&self, chardev: &Value) -> Option<PathBuf> {
        let name = chardev["filename"].as_str()?;
        let path = name.strip_prefix("disconnected:").unwrap_or(name).strip_prefix("unix:")?;
        let path = Path::new(path.strip_suffix(",server=on").or_else(|| path.strip_suffix(",server"))?);
        if path.is_absolute() {
            return Some(path.to_owned());
        }
        // As it was told to QEMU, which has not necessarily stayed in the folder where it was started.
        let folder = std::fs::read_link(format!("/proc/{}/cwd", self.qmp.peer_pid()?)).ok()?;
        Some(folder.join(path))
    }

    fn leads_to(&self, chardev: &Value, told: &Path) -> bool {
        let same = |path: &Path| {
            let (Ok(one), Ok(other)) = (path.metadata(), told.metadata()) else { return false };
            (one.dev(), one.ino()) == (other.dev(), other.ino())
        };
        self.socket_of(chardev).is_some_and(|path| same(&path))
    }
}
