//! Whether the machine runs, and how it is asked to stop.

use std::time::Duration;

use serde_json::json;

use super::handle::RunState;
use super::task::Owner;
use crate::error::{ErrorKind, Result};

/// A guest that stops says nothing more, so this is how long it may take to say no.
const REFUSAL: Duration = Duration::from_secs(2);

impl Owner {
    pub(super) async fn status(&mut self) -> Result<RunState> {
        let status = self.qmp.execute("query-status", json!({})).await?;
        Ok(match status["status"].as_str().unwrap_or_default() {
            "running" => RunState::Running,
            "paused" | "suspended" => RunState::Paused,
            "io-error" => RunState::DiskError,
            "shutdown" => RunState::ShutDown,
            "guest-panicked" | "internal-error" => RunState::Crashed,
            other => RunState::Other(other.to_owned()),
        })
    }

    /// Lets a guest go on that was paused.
    pub(super) async fn resume(&mut self) -> Result<()> {
        self.qmp.execute("cont", json!({})).await.map(drop)
    }

    /// Asks the guest to stop: its agent, else the power button.
    pub(super) async fn ask_to_stop(&mut self) -> Result<()> {
        match self.ask_agent("guest-shutdown", json!({"mode": "powerdown"}), REFUSAL).await {
            // It answers only when it refuses.
            Ok(_) => Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::Timeout | ErrorKind::NotRunning) => Ok(()),
            Err(error) => {
                tracing::debug!(%error, "no stop through the agent, pressing the power button");
                self.qmp.execute("system_powerdown", json!({})).await.map(drop)
            }
        }
    }

    pub(super) async fn quit(&mut self) -> Result<()> {
        self.qmp.execute("quit", json!({})).await.map(drop)
    }
}
