//! QEMU's jobs with the layers of a disk, found by their ids: what was begun by an earlier process is known as well.

use serde_json::{Value, json};
use tokio::time::{Duration, sleep};

use super::task::Owner;
use crate::disk::Serial;
use crate::error::{ErrorKind, Result};

/// How often a job is looked at that is to end now.
const LOOK: Duration = Duration::from_millis(20);

/// Where a job with a disk's layers stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobState {
    /// There is none.
    None,
    /// It goes on.
    Running {
        /// Bytes done.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// It has failed, for this reason; it is forgotten now. The chain is as before.
    Failed(String),
    /// It has succeeded and is forgotten now; layers that nothing stands on any more are closed.
    Done,
}

impl Owner {
    pub(super) async fn job_state(&mut self, serial: &Serial, job: &str) -> Result<JobState> {
        let jobs = self.qmp.execute("query-jobs", json!({})).await?;
        let Some(found) = jobs.as_array().and_then(|jobs| jobs.iter().find(|found| found["id"] == job)) else {
            // This process may have ended between the two steps below.
            self.close_unused(serial).await?;
            self.close_between(serial).await?;
            return Ok(JobState::None);
        };
        if found["status"] == "pending" {
            self.qmp.execute("job-finalize", json!({"id": job})).await?;
            return Box::pin(self.job_state(serial, job)).await;
        }
        if found["status"] != "concluded" {
            let bytes = |key: &str| found[key].as_u64().unwrap_or(0);
            return Ok(JobState::Running { done: bytes("current-progress"), total: bytes("total-progress") });
        }
        let error = found["error"].as_str().map(str::to_owned);
        // Until then the job holds its layers.
        self.qmp.execute("job-dismiss", json!({"id": job})).await?;
        self.close_unused(serial).await?;
        self.close_between(serial).await?;
        Ok(error.map_or(JobState::Done, JobState::Failed))
    }

    /// Ends it before its time. One that has just ended by itself may have done all.
    pub(super) async fn cancel_job(&mut self, serial: &Serial, job: &str) -> Result<()> {
        while let JobState::Running { .. } = self.job_state(serial, job).await? {
            match self.qmp.execute("job-cancel", json!({"id": job})).await {
                // It has just ended by itself, or is about to.
                Err(error) if error.kind() == ErrorKind::Refused => tracing::debug!(%error, "a job ends by itself"),
                result => drop(result?),
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// Ends whatever is being done with the layers of a disk, which stand among all these nodes.
    pub(super) async fn cancel_jobs(&mut self, serial: &Serial, nodes: &[Value]) -> Result<()> {
        let jobs = self.qmp.execute("query-jobs", json!({})).await?;
        let mut ours = vec![serial.commit_job(), serial.merge_job()];
        ours.retain(|job| jobs.as_array().is_some_and(|jobs| jobs.iter().any(|found| found["id"] == *job)));
        for job in &ours {
            self.cancel_job(serial, job).await?;
        }
        // A process may have ended after it had dismissed one.
        if ours.is_empty() { self.close_between_among(serial, nodes).await } else { self.close_between(serial).await }
    }

    /// Closes the layers that nothing stands on any more: QEMU refuses for the others.
    pub(super) async fn close_unused(&mut self, serial: &Serial) -> Result<()> {
        for node in self.nodes(serial).await? {
            match self.qmp.execute("blockdev-del", json!({"node-name": node.name})).await {
                Err(error) if error.kind() == ErrorKind::Refused => {}
                result => drop(result?),
            }
        }
        Ok(())
    }
}

/// Options for a job of ours, to which those of its kind are added.
pub(super) fn job(id: String, speed: u64, of_its_kind: Value) -> Value {
    // How it ended is to be known even when nobody was there.
    //
    // What it has changed is put in place when we say so, in a request of ours: QEMU answers no other meanwhile. When it
    // does that by itself, somebody who asks for its nodes may meet the job's filter without what it filtered, and QEMU
    // (10.0, `bdrv_refresh_filename`) ends with a segmentation fault, and the guest with it.
    //
    // Its filter has a name of ours, by which the layer below is found when a guest writes through it.
    let mut options = json!({
        "job-id": id,
        "filter-node-name": id,
        "speed": speed,
        "auto-finalize": false,
        "auto-dismiss": false,
    });
    if let (Some(options), Value::Object(more)) = (options.as_object_mut(), of_its_kind) {
        options.extend(more);
    }
    options
}
