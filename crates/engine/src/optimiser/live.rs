//! The chain of a volume that a machine writes: the machine is moved onto the base, and commits what has been frozen
//! since by itself. What the guest sees does not change; what QEMU stands on is true, whatever was recorded.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cairn_vm::{Commit, JobState, Machine};

use super::{GENTLE_SPEED, OptimiserState, Outcome, Pace, Work};
use crate::base::{Base, LONGEST};
use crate::convert::vm_error;
use crate::error::Result;
use crate::fault;
use crate::manifest::{Manifest, layer_file, layer_path};
use crate::sync;

/// How often a machine that commits is asked how far it is.
const LOOK: Duration = Duration::from_millis(50);

impl Work {
    pub(super) async fn shorten_live(&self, machine: &Machine) -> Result<Outcome> {
        let slot = &self.slot;
        if machine.is_domain() {
            if slot.manifest()?.files_in_chain() <= LONGEST {
                return Ok(Outcome::Short);
            }
            let message = "libvirt has the volume; its chain gets shorter when it is unmounted.";
            return Ok(Outcome::Waiting(message.into()));
        }
        loop {
            if self.await_commit(machine).await? == Outcome::Yielded {
                return Ok(Outcome::Yielded);
            }
            let manifest = slot.manifest()?;
            let Some(below) = self.named_below(machine, &manifest).await? else {
                return Ok(Outcome::Waiting("What the machine has of the volume is not clear.".into()));
            };
            let base = manifest.base.clone().filter(|base| below.last().is_some_and(|file| is(file, &base.file())));
            let outcome = match base {
                Some(base) => self.commit_into(machine, &manifest, base, &below).await?,
                None => self.move_onto_base(machine, &manifest).await?,
            };
            if let Some(outcome) = outcome {
                return Ok(outcome);
            }
        }
    }

    /// The files below the head that Cairn opened in the machine; `None` when it has something else than the head.
    async fn named_below(&self, machine: &Machine, manifest: &Manifest) -> Result<Option<Vec<PathBuf>>> {
        let disks = machine.disks().await.map_err(|e| vm_error("ask the machine for its disks", &e))?;
        let disk = disks.into_iter().find(|disk| disk.serial == self.slot.id.as_str());
        Ok(disk.filter(|disk| is(&disk.path, &layer_file(&manifest.head))).map(|disk| disk.below))
    }

    /// The machine stands on the base: what has been frozen above it is committed, when that is too much. Answers
    /// what that comes to, or nothing when it is to be looked at again.
    async fn commit_into(
        &self,
        machine: &Machine,
        manifest: &Manifest,
        base: Base,
        below: &[PathBuf],
    ) -> Result<Option<Outcome>> {
        let Some(newest) = manifest.below_head().cloned() else {
            return Ok(Some(Outcome::Short));
        };
        let above = below.len() - 1;
        if above == 0 {
            if base.equals != newest || base.towards.is_some() {
                fault::point("machine has committed");
                self.change(|manifest| manifest.base = Some(base.up_to_date(newest))).await?;
            }
            return Ok(Some(Outcome::Short));
        }
        if base.towards.is_none() && 1 + above + 1 + manifest.chain(&base.on).len() <= LONGEST {
            return Ok(Some(Outcome::Short));
        }
        if !below.first().is_some_and(|file| is(file, &layer_file(&newest))) {
            return Ok(Some(Outcome::Waiting("What the machine has of the volume is not clear.".into())));
        }
        let file = base.path(&self.slot.folder);
        let towards = Base { towards: Some(newest.clone()), done: 0, ..base };
        self.change(|manifest| manifest.base = Some(towards)).await?;
        fault::point("base on its way");
        let commit = Commit {
            serial: self.slot.id.to_string(),
            newest: layer_path(&self.slot.folder, &newest),
            base: file,
            backing_name: layer_file(&newest),
            speed: if self.pace == Pace::Gentle { GENTLE_SPEED } else { 0 },
        };
        machine.begin_commit(&commit).await.map_err(|e| vm_error("let the machine commit layers", &e))?;
        fault::point("machine commits");
        Ok(None)
    }

    /// The machine stands on the history: the base is made, and put there.
    async fn move_onto_base(&self, machine: &Machine, manifest: &Manifest) -> Result<Option<Outcome>> {
        if manifest.chain(&manifest.head).len() <= LONGEST {
            return Ok(Some(Outcome::Short));
        }
        let is_ready = |base: &&Base| base.towards.is_none() && Some(&base.equals) == manifest.below_head();
        let Some(base) = manifest.base.as_ref().filter(is_ready) else {
            let outcome = self.copy_to_newest().await?;
            return Ok((outcome != Outcome::Short).then_some(outcome));
        };
        let (head, base) = (layer_path(&self.slot.folder, &manifest.head), base.path(&self.slot.folder));
        let moved = machine.put_below(self.slot.id.as_str(), &head, &base).await;
        moved.map_err(|e| vm_error("put the volume's base below the machine", &e))?;
        fault::point("base below the machine");
        Ok(Some(Outcome::Short))
    }

    /// Waits for a commit that the machine is at, begun by this engine or an earlier one; ends it when somebody else
    /// wants the volume.
    async fn await_commit(&self, machine: &Machine) -> Result<Outcome> {
        let serial = self.slot.id.as_str();
        let failed = |e| vm_error("let the machine commit layers", &e);
        loop {
            match machine.commit_state(serial).await.map_err(failed)? {
                JobState::None | JobState::Done => return Ok(Outcome::Short),
                JobState::Failed(reason) => {
                    tracing::warn!(volume = %self.slot.id, reason, "the machine could not commit layers");
                    return Ok(Outcome::Short);
                }
                JobState::Running { done, total } => {
                    *sync::lock(&self.slot.optimiser) =
                        OptimiserState::Working { done_bytes: done, total_bytes: total };
                }
            }
            if tokio::time::timeout(LOOK, self.slot.structure.wanted()).await.is_ok() {
                machine.cancel_commit(serial).await.map_err(failed)?;
                return Ok(Outcome::Yielded);
            }
        }
    }
}

fn is(file: &Path, name: &str) -> bool {
    file.file_name().is_some_and(|file| *file == *name)
}
