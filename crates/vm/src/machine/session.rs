//! A machine's own disk: a live snapshot of it is a live checkpoint, with everything frozen that the guest has on it.

use std::path::PathBuf;
use std::time::Duration;

use super::channel::ThroughAgent as _;
use super::checkpoint::{Overlay, Taken};
use super::handle::Machine;
use super::task::Owner;
use crate::agent::QUICK;
use crate::disk::Serial;
use crate::error::{Error, ErrorKind, Result};
use crate::guest_script;
use crate::launch::SESSION_SERIAL;
use crate::mount_path::MountPath;

impl Machine {
    /// Puts a prepared overlay on top of the machine's own disk while the guest runs; what is below is not written any
    /// more. What the guest has mounted from that disk is frozen meanwhile, for at most `longest`; where that cannot
    /// be done it is done without, and the answer says so.
    ///
    /// # Errors
    /// As for [`checkpoint`](Self::checkpoint).
    pub async fn checkpoint_session_disk(&self, overlay: PathBuf, longest: Duration) -> Result<Taken> {
        let overlay = Overlay { serial: SESSION_SERIAL.to_owned(), path: overlay, mount_path: None };
        let mut prepared = overlay.prepare()?;
        let work = self.link.run(move |owner| {
            Box::pin(async move {
                prepared.quiet = owner.mounts_of_session_disk().await.unwrap_or_else(|error| {
                    tracing::info!(%error, "the guest does not say what it has on its own disk");
                    Vec::new()
                });
                owner.checkpoint(&[prepared], longest).await
            })
        });
        work.await
    }
}

impl Owner {
    /// Where the guest has filesystems of its own disk mounted that can be frozen.
    async fn mounts_of_session_disk(&mut self) -> Result<Vec<MountPath>> {
        let script = guest_script::mounts_of(&Serial::parse(SESSION_SERIAL)?);
        let output = self.run_script("could not look at the guest's own disk", &script, QUICK).await?;
        if output.exit_code != 0 {
            return Err(Error::new(ErrorKind::Guest, "the guest does not have its own disk"));
        }
        Ok(guest_script::places(&output))
    }
}
