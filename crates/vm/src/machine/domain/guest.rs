//! A domain's guest: its agent, which libvirt talks to, and the programs that it runs.

use std::time::Duration;

use serde_json::{Value, json};

use super::Domain;
use crate::agent::{ExecOutput, QUICK};
use crate::error::{ErrorKind, Result};
use crate::machine::channel::ThroughAgent;
use crate::machine::port::AgentPort;

impl Domain {
    pub(in crate::machine) async fn agent_port(&mut self) -> Result<AgentPort> {
        Ok(match self.describe().await?.agent {
            None => AgentPort::Missing,
            Some(channel) if channel.kind != "unix" => AgentPort::NoSocket(channel.kind),
            Some(channel) if channel.is_open => AgentPort::Open,
            Some(_) => AgentPort::Closed,
        })
    }

    /// Makes sure that somebody in the guest can be asked.
    async fn need_agent(&mut self) -> Result<()> {
        self.need_guest_if_begun().await?;
        if self.is_thawed {
            return Ok(());
        }
        // An engine may have died between freeze and thaw; a frozen guest can do nothing.
        match self.agent.execute("guest-fsfreeze-status", json!({}), QUICK).await {
            Ok(status) if status == "frozen" => {
                tracing::warn!("the guest was left frozen by an earlier engine: thawing it");
                self.thaw().await?;
            }
            Ok(_) => {}
            // An agent that cannot freeze has nothing frozen.
            Err(error) if error.kind() == ErrorKind::Refused => {}
            Err(error) => return Err(error),
        }
        self.is_thawed = true;
        Ok(())
    }
}

impl ThroughAgent for Domain {
    async fn ask_agent(&mut self, command: &str, arguments: Value, within: Duration) -> Result<Value> {
        self.need_agent().await?;
        self.agent.execute(command, arguments, within).await
    }

    async fn start(&mut self, argv: &[String], stdin: Option<&[u8]>) -> Result<i64> {
        self.need_agent().await?;
        self.agent.start(argv, stdin).await
    }

    async fn outcome(&mut self, pid: i64) -> Result<Option<ExecOutput>> {
        self.agent.outcome(pid).await
    }
}
