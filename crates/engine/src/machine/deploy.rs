//! What a deployment does beside making a machine: volumes are filled before, and a checkpoint is taken after it went well.
//!
//! ```text
//!   volumes created ─► filled ─► machine created ─► started ─► checkpoints taken, older automatic ones pruned
//! ```
//!
//! Deploying the same again is fine: what is there already stays unless it is to be overwritten, and what a folder holds
//! goes to the same place as before.

use std::path::{Path, PathBuf};

use super::model::{AutoCheckpoint, NewVm, VolumeSeed};
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::files::VolumePath;
use crate::model::{Conflict, TransferState, Upload, Vm};
use crate::policy::{Keep, PolicyChange};

/// What automatic checkpoints of deployments are named after.
const AFTER: &str = "after deploying";

impl Engine {
    /// Goes on with a machine that was just created: starts it if that is wanted, and takes the checkpoints that are to be
    /// taken when all went well.
    ///
    /// # Errors
    /// As for [`vm_start`](Self::vm_start); as for [`checkpoint_create`](Self::checkpoint_create), while the machine
    /// runs already.
    #[tracing::instrument(skip(self, checkpoints), err(level = "info"))]
    pub async fn vm_deploy(&self, vm: &str, start: bool, checkpoints: Vec<AutoCheckpoint>) -> Result<Vm> {
        let deployed = if start { self.vm_start(vm).await.map_err(stays)? } else { self.vm_get(vm).await? };
        for wanted in checkpoints {
            self.checkpoint_after_deploying(wanted).await.map_err(|error| {
                let message =
                    format!("The machine '{}' is there, but a checkpoint was not taken: {error}", deployed.name);
                Error::new(error.kind(), message).with_hint("Take it with 'cairn checkpoint create'.")
            })?;
        }
        Ok(deployed)
    }

    async fn checkpoint_after_deploying(&self, wanted: AutoCheckpoint) -> Result<()> {
        if let Some(last) = wanted.retention {
            let keep = Keep { last, ..self.policy_get(&wanted.volume).await?.keep };
            self.policy_set(&wanted.volume, PolicyChange { keep: Some(keep), ..PolicyChange::default() }).await?;
        }
        let (engine, slot) = (self.clone(), self.slot(&wanted.volume)?);
        let taken = self.run(async move {
            let _structure = slot.structure.lock().await;
            engine.keep_present(&slot, AFTER).await.map(drop)
        });
        taken.await?;
        if wanted.retention.is_some() {
            self.checkpoint_prune(&wanted.volume).await?;
        }
        Ok(())
    }

    /// Refuses what cannot be filled in, before anything is made.
    pub(super) async fn check_seeds(&self, new: &NewVm) -> Result<()> {
        for seed in &new.seeds {
            VolumePath::parse(&seed.remote)?;
            let to_come = new.create_volumes.iter().any(|volume| volume.name == seed.volume);
            if !to_come {
                self.slot(&seed.volume)?;
            }
        }
        let sources: Vec<PathBuf> = new.seeds.iter().map(|seed| seed.local.clone()).collect();
        blocking(move || sources.iter().try_for_each(|source| is_folder(source).map(drop))).await
    }

    /// Fills the volumes, one after the other, each with one copy that is there whole or not at all.
    pub(super) async fn fill_volumes(&self, seeds: &[VolumeSeed]) -> Result<()> {
        for seed in seeds {
            let asked = seed.clone();
            let upload = blocking(move || upload_of(&asked)).await?;
            let begun = self.upload(&seed.volume, upload).await?;
            let ended = self.transfer_wait(begun.id.as_str()).await?;
            if ended.state != TransferState::Done {
                let why = ended.error.unwrap_or_else(|| "It was cancelled.".to_owned());
                let message =
                    format!("The volume '{}' was not filled with {}: {why}", seed.volume, seed.local.display());
                return Err(Error::new(ended.error_kind.unwrap_or(ErrorKind::Cancelled), message));
            }
        }
        Ok(())
    }
}

/// What a folder holds goes into the folder of that name, and a file becomes that file: however often.
fn upload_of(seed: &VolumeSeed) -> Result<Upload> {
    let (source, destination) = if is_folder(&seed.local)? {
        (seed.local.join("."), format!("{}/", seed.remote.trim_end_matches('/')))
    } else {
        (seed.local.clone(), seed.remote.clone())
    };
    let conflict = if seed.overwrite { Conflict::Replace } else { Conflict::Skip };
    Ok(Upload { sources: vec![source], destination, conflict })
}

/// A machine that did not start stays as it was created.
fn stays(error: Error) -> Error {
    if error.hint().is_some() {
        return error;
    }
    error.with_hint("The machine is there, stopped: change it and start it again, or delete it.")
}

fn is_folder(source: &Path) -> Result<bool> {
    if !source.is_absolute() {
        let message = format!("The path of what a volume is filled with must be absolute, not {}.", source.display());
        return Err(Error::new(ErrorKind::InvalidInput, message).with_hint("Begin it with a slash."));
    }
    std::fs::metadata(source).map(|found| found.is_dir()).map_err(|cause| {
        Error::new(ErrorKind::NotFound, format!("A volume cannot be filled with {}: {cause}.", source.display()))
            .with_hint("Look at how its path is written.")
    })
}
