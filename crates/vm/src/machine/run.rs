//! Whether the machine runs, and how it is asked to stop.

use std::time::Duration;

use serde_json::json;

use super::channel::ThroughAgent as _;
use super::handle::RunState;
use super::task::Owner;
use crate::error::{Error, ErrorKind, Result};

/// A guest that stops says nothing more, so this is how long it may take to say no.
const REFUSAL: Duration = Duration::from_secs(2);

impl Owner {
    pub(super) async fn status(&mut self) -> Result<RunState> {
        let status = self.qmp.execute("query-status", json!({})).await?;
        Ok(match status["status"].as_str().unwrap_or_default() {
            "running" => RunState::Running,
            "prelaunch" => RunState::NotBegun,
            "paused" | "suspended" => RunState::Paused,
            "io-error" => RunState::DiskError,
            "shutdown" => RunState::ShutDown,
            "guest-panicked" | "internal-error" => RunState::Crashed,
            other => RunState::Other(other.to_owned()),
        })
    }

    /// Makes sure that the guest runs; else nobody in it can be asked, and it sees no disk come or go.
    ///
    /// # Errors
    /// `Halted`, which says what there is to do; `NotRunning`, `Timeout`.
    pub(super) async fn need_guest(&mut self) -> Result<()> {
        refuse_halted(self.status().await?)
    }

    /// The same, but fine for a guest that has not begun: it finds disks when it does, and has no agent's port open.
    ///
    /// # Errors
    /// As for [`need_guest`](Self::need_guest).
    pub(super) async fn need_guest_if_begun(&mut self) -> Result<()> {
        match self.status().await? {
            RunState::NotBegun => Ok(()),
            state => refuse_halted(state),
        }
    }

    /// Lets a guest go on that was paused.
    pub(super) async fn resume(&mut self) -> Result<()> {
        self.qmp.execute("cont", json!({})).await.map(drop)
    }

    /// Asks the guest to stop: its agent, else the power button.
    pub(super) async fn ask_to_stop(&mut self) -> Result<()> {
        let state = self.status().await?;
        if state == RunState::ShutDown {
            // Somebody has told QEMU to stay.
            return refuse_halted(state);
        }
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

pub(super) fn refuse_halted(state: RunState) -> Result<()> {
    let why = match state {
        RunState::Running => return Ok(()),
        RunState::NotBegun => "the machine waits to be told to begin. Let it, then try again".to_owned(),
        RunState::Paused => "the machine is paused. Let it go on, then try again".to_owned(),
        RunState::DiskError => {
            "the machine waits, because a disk of this computer failed or is full. Free some space, then try again"
                .to_owned()
        }
        RunState::ShutDown => "the guest has powered off. End its QEMU, or start the machine again".to_owned(),
        RunState::Crashed => "the guest has crashed. Stop the machine by force, then start it again".to_owned(),
        RunState::Other(state) => format!("the guest does not run: QEMU calls its state '{state}'"),
    };
    Err(Error::new(ErrorKind::Halted, why))
}
