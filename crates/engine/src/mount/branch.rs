//! A checkpoint that is to be written: it is mounted as a branch, a volume of its own that begins with what the
//! checkpoint holds. A mount that fails leaves no branch behind.

use crate::checkpoint;
use crate::engine::{Engine, blocking};
use crate::error::Result;
use crate::model::{Mount, MountRequest, Volume};

impl Engine {
    /// Branches off the checkpoint `at` and mounts the branch read-write.
    ///
    /// # Errors
    /// As for [`mount`](Self::mount) and [`checkpoint_branch`](Self::checkpoint_branch).
    pub(super) async fn mount_branch(&self, request: MountRequest, at: String) -> Result<Mount> {
        let engine = self.clone();
        self.run(async move {
            // Nothing is made for a machine that does not run.
            engine.machine_slot(&request.vm)?.running()?;
            let branch = engine.branch_to_mount(&request.volume, &at).await?;
            let present = MountRequest { volume: branch.id.to_string(), at: None, ..request };
            let mounted = engine.mount_volume(present).await;
            if mounted.is_err()
                && let Err(error) = engine.take_back(&branch).await
            {
                tracing::warn!(branch = %branch.id, %error, "the branch that could not be mounted stays");
            }
            mounted
        })
        .await
    }

    async fn branch_to_mount(&self, volume: &str, at: &str) -> Result<Volume> {
        // One name means one volume for as long as it takes to choose and give it.
        let _naming = self.inner.naming.lock().await;
        let origin = self.slot(volume)?;
        let _structure = origin.structure.lock().await;
        let manifest = origin.manifest()?;
        let chosen = checkpoint::resolve(&manifest, at)?.clone();
        let name = self.free_volume_name(&format!("{} from {}", manifest.name, chosen.name)).map_err(|error| {
            error.with_hint("Make a branch of the checkpoint under a name of your own, and mount that.")
        })?;
        self.branch(&origin, chosen, name).await
    }

    /// Removes a branch that nobody has seen used, for good: there is nothing in it that its origin has not.
    async fn take_back(&self, branch: &Volume) -> Result<()> {
        let place = self.move_to_trash(branch.id.as_str()).await?;
        blocking(move || {
            // What stays goes with the rest of the trash.
            let _ = std::fs::remove_dir_all(place);
            Ok(())
        })
        .await
    }
}
