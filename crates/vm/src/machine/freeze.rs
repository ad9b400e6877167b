//! A guest whose filesystems are frozen: what is the same however its agent is reached.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::agent::Agent;
use crate::error::{Error, ErrorKind, Result};
use crate::mount_path::MountPath;

/// How long a guest may take to thaw.
pub(super) const THAW_WITHIN: Duration = Duration::from_secs(10);
const THAW_TRIES: u32 = 3;
/// The longest pause before a guest is asked again to thaw.
const LATE_THAW_PAUSE: Duration = Duration::from_secs(30);

/// The agent's command that thaws.
pub(super) const THAW: &str = "guest-fsfreeze-thaw";
/// The agent's command that freezes.
pub(super) const FREEZE: &str = "guest-fsfreeze-freeze-list";

/// A freeze that nobody has ended yet.
pub(super) struct Frost {
    /// When the guest is thawed even if nobody asks.
    pub(super) thaw_at: Instant,
    /// How often that was tried in vain.
    tries: u32,
}

impl Frost {
    /// One that is to end then at the latest.
    pub(super) fn until(thaw_at: Instant) -> Self {
        Self { thaw_at, tries: 0 }
    }

    /// One that could not be ended, for this reason: it is tried again, each time a while later. `before` is what was
    /// known of it.
    pub(super) fn that_stays(before: Option<&Self>, why: &str) -> Self {
        tracing::warn!(error = why, "the guest may still be frozen; it is asked again");
        let tries = before.map_or(0, |frost| frost.tries);
        let pause = Duration::from_millis(500 << tries.min(16)).min(LATE_THAW_PAUSE);
        Self { thaw_at: Instant::now() + pause, tries: tries.saturating_add(1) }
    }
}

/// The arguments of [`FREEZE`] for the filesystems at `paths`.
pub(super) fn arguments(paths: &[&MountPath]) -> Value {
    let places: Vec<&str> = paths.iter().map(|path| path.as_str()).collect();
    json!({"mountpoints": places})
}

/// What the agent's answer to [`FREEZE`] means: all of the filesystems at `paths` are frozen, or not.
pub(super) fn judged(answer: Result<Value>, paths: &[&MountPath]) -> Result<()> {
    let all = i64::try_from(paths.len()).unwrap_or(i64::MAX);
    match answer {
        Ok(count) if count.as_i64().is_some_and(|count| count >= all) => Ok(()),
        Ok(_) => {
            let message = format!("there is no filesystem at {} in the guest that could be frozen", list(paths));
            Err(Error::new(ErrorKind::Guest, message))
        }
        Err(error) => Err(error.within(format!("could not freeze {} in the guest", list(paths)))),
    }
}

/// The paths as they stand in a sentence.
pub(super) fn list(paths: &[&MountPath]) -> String {
    paths.iter().map(|path| path.as_str()).collect::<Vec<_>>().join(", ")
}

/// Thaws every filesystem of the guest, by one request. Fine when none is frozen.
pub(super) async fn thaw_once(agent: &mut Agent) -> Result<()> {
    agent.execute(THAW, json!({}), THAW_WITHIN).await.map(drop)
}

/// The same, by as many requests as that takes, within reason.
pub(super) async fn thaw(agent: &mut Agent) -> Result<()> {
    let mut tries = 0;
    loop {
        tries += 1;
        match thaw_once(agent).await {
            Ok(()) => return Ok(()),
            Err(error) if tries == THAW_TRIES || error.kind() == ErrorKind::NotRunning => {
                return Err(error.within("could not thaw the guest's filesystems"));
            }
            Err(error) => tracing::warn!(%error, "could not thaw the guest, trying again"),
        }
        sleep(Duration::from_millis(100 << tries)).await;
    }
}
