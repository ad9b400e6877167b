//! Checkpoints of several volumes at one moment: all of them are taken, or none.
//!
//! ```text
//!   intents of all ─► overlays of all ─► decided ─► one QMP transaction ─► each volume's manifest ─► forgotten
//!                                        run/grp_….group is there         (what no machine writes: under its gate)
//! ```
//!
//! After a crash a group that was not decided is dropped everywhere, and one that was is finished everywhere; unless
//! the machine says that it never wrote to the overlays: then the decision is taken back first. Two groups never wait
//! for each other, because volumes are locked in the order of their ids.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_vm::{Machine, Overlay};
use tokio::sync::OwnedMutexGuard;

use crate::checkpoint::{describe, is_taken, name_from_time, new_record};
use crate::convert::{io_error, vm_error};
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::fault;
use crate::gate::ReadPass;
use crate::id::{GroupId, LayerId, VmId, VolumeId};
use crate::intent;
use crate::lease;
use crate::manifest::{CheckpointRecord, Intent, LayerRecord, MountRecord, layer_path};
use crate::model::{Checkpoint, EventKind, MountMode, MountState, NewCheckpointGroup};
use crate::mount::live;
use crate::name;
use crate::optimiser::refuse_to_grow;
use crate::slot::Slot;
use crate::store::{Store, internal};
use crate::usage;

/// The extension of the file that says: this group is decided.
const DECIDED: &str = "group";

/// What one volume adds to a group.
#[derive(Clone)]
struct Part {
    slot: Arc<Slot>,
    intent: Intent,
    checkpoint: CheckpointRecord,
    overlay: LayerId,
    /// The machine's mount of it, when one writes it.
    mount: Option<MountRecord>,
}

/// The same, as long as the volume stays locked.
struct Member {
    part: Part,
    /// Nobody in this engine writes it, when no machine does.
    _quiet: Option<ReadPass>,
    _structure: OwnedMutexGuard<()>,
}

impl Engine {
    /// Takes a checkpoint of each of several volumes at one moment, under one name: all of them, or none. One machine
    /// may be writing some of them, and is frozen once for all.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a bad name or when there is nothing to take, [`ErrorKind::AlreadyExists`] when
    /// one of the volumes has a checkpoint of that name, [`ErrorKind::Conflict`] when two machines write them.
    #[tracing::instrument(skip_all, err(level = "info"))]
    pub async fn checkpoint_create_group(&self, new: NewCheckpointGroup) -> Result<Vec<Checkpoint>> {
        let name = new.name.as_deref().map(name::check_checkpoint).transpose()?;
        let slots = self.members_of(&new)?;
        let engine = self.clone();
        self.run(async move {
            let group = GroupId::random().map_err(|e| internal("make a group's id", &e))?;
            let members = engine.gather(slots, name, &group).await?;
            let taken = engine.take_group(&group, &members).await;
            for member in &members {
                engine.tell(EventKind::CheckpointsChanged { volume_id: member.part.slot.id.clone() });
            }
            taken?;
            tracing::info!(%group, volumes = members.len(), "checkpoints taken at one moment");
            members.iter().map(shown).collect()
        })
        .await
    }

    /// The volumes that are named, and those that the machine writes; in the order of their ids.
    fn members_of(&self, new: &NewCheckpointGroup) -> Result<BTreeMap<VolumeId, Arc<Slot>>> {
        let mut slots = BTreeMap::new();
        for volume in &new.volumes {
            let slot = self.slot(volume)?;
            slots.insert(slot.id.clone(), slot);
        }
        if let Some(vm) = &new.vm {
            let vm = self.machine_slot(vm)?;
            for mount in self.mounts_in(&vm.id).into_iter().filter(|mount| mount.mode == MountMode::Rw) {
                slots.insert(mount.volume_id.clone(), self.slot(mount.volume_id.as_str())?);
            }
        }
        if slots.is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "There is no volume to take a checkpoint of.")
                .with_hint("Name volumes, or a machine that has some mounted to write."));
        }
        Ok(slots)
    }

    /// Locks the volumes, and says what each of them adds.
    async fn gather(
        &self,
        slots: BTreeMap<VolumeId, Arc<Slot>>,
        name: Option<String>,
        group: &GroupId,
    ) -> Result<Vec<Member>> {
        let mut locked = Vec::new();
        for slot in slots.into_values() {
            let structure = slot.structure.lock().await;
            if let Ok((_, machine)) = self.writing_machine(&*slot.manifest()?) {
                self.finish_lost_checkpoint(&slot, &machine).await?;
            }
            locked.push((structure, slot.manifest()?, slot));
        }
        let name = match name {
            Some(name) => name,
            None => name_from_time(|name| locked.iter().any(|(_, manifest, _)| is_taken(manifest, name)), None)?,
        };
        let mut members = Vec::new();
        for (structure, manifest, slot) in locked {
            let mount = lease::writer(&manifest).cloned();
            let quiet = if mount.is_none() { Some(slot.gate.read(&manifest.name).await?) } else { None };
            let record = new_record(&manifest, Some(name.clone()), None)?;
            // Until the guest has been frozen, it is like after a power cut; so it stays when nobody lives to tell.
            let checkpoint = CheckpointRecord { crash_consistent: mount.is_some(), ..record };
            let overlay = LayerId::random().map_err(|e| internal("make a layer's id", &e))?;
            let intent = Intent::Checkpoint {
                checkpoint: checkpoint.clone(),
                overlay: overlay.clone(),
                group: Some(group.clone()),
            };
            let part = Part { slot, intent, checkpoint, overlay, mount };
            members.push(Member { part, _quiet: quiet, _structure: structure });
        }
        one_machine(&members)?;
        Ok(members)
    }

    async fn take_group(&self, group: &GroupId, members: &[Member]) -> Result<()> {
        let machine = match members.iter().find(|member| member.part.mount.is_some()) {
            Some(member) => Some(self.writing_machine(&*member.part.slot.manifest()?)?.1),
            None => None,
        };
        for member in members.iter().filter(|member| member.part.mount.is_some()) {
            if let Some(machine) = &machine {
                refuse_to_grow(&member.part.slot, machine).await?;
            }
        }
        let records = match self.prepare(group, members).await {
            Ok(records) => records,
            Err(error) => return self.give_up(group, members, error).await,
        };
        fault::point("group decided");
        let frozen = match machine {
            None => true,
            Some(machine) => {
                let outcome = machine.checkpoint(&on_top(members), self.inner.longest_freeze).await;
                fault::point("the machine writes elsewhere");
                match outcome {
                    Ok(taken) => taken.frozen_for.is_some(),
                    Err(error) => {
                        let error = vm_error("take checkpoints of what the machine writes", &error);
                        // An answer that was lost does not mean that nothing was done.
                        match writes_elsewhere(&machine, members).await {
                            Some(true) => false,
                            Some(false) => return self.give_up(group, members, error).await,
                            // Decided as it is, each volume asks before its next checkpoint.
                            None => return Err(error),
                        }
                    }
                }
            }
        };
        self.finish(group, members, records, frozen).await
    }

    /// Records all intents, makes all overlays, and then decides.
    async fn prepare(&self, group: &GroupId, members: &[Member]) -> Result<Vec<LayerRecord>> {
        let work = parts(members);
        let decision = decision(self.inner.store.run_folder(), group);
        blocking(move || {
            for part in &work {
                intent::record(&part.slot, &part.intent)?;
            }
            let mut records = Vec::new();
            for part in &work {
                let manifest = part.slot.manifest()?;
                records.push(intent::overlay_on(&part.slot, &manifest, &part.overlay, &part.checkpoint.layer)?);
            }
            let decided = durable::replace_file(&decision, b"");
            decided.map_err(|e| io_error("record that checkpoints are being taken", &decision, &e))?;
            for part in &work {
                if !part.slot.manifest()?.intents.contains(&part.intent) {
                    return Err(
                        Error::new(ErrorKind::Conflict, "The machine has ended meanwhile.").with_hint("Try again.")
                    );
                }
            }
            Ok(records)
        })
        .await
    }

    /// None of them is taken; answers with the reason.
    async fn give_up(&self, group: &GroupId, members: &[Member], reason: Error) -> Result<()> {
        let work = parts(members);
        let decision = decision(self.inner.store.run_folder(), group);
        let undone = blocking(move || {
            remove(&decision)?;
            for part in &work {
                if part.slot.manifest()?.intents.contains(&part.intent) {
                    intent::abandon(&part.slot, &part.intent)?;
                }
            }
            Ok(())
        });
        if let Err(error) = undone.await {
            tracing::warn!(%error, "checkpoints that were begun could not be undone; the next start will");
        }
        Err(reason)
    }

    /// Every volume learns of its checkpoint, also when one of them cannot.
    async fn finish(&self, group: &GroupId, members: &[Member], records: Vec<LayerRecord>, frozen: bool) -> Result<()> {
        let work: Vec<_> = parts(members).into_iter().zip(records).collect();
        let (engine, decision) = (self.clone(), decision(self.inner.store.run_folder(), group));
        blocking(move || {
            let mut outcome = Ok(());
            for (part, record) in work {
                let adopted = engine.adopt_part(&part, record, frozen);
                fault::point("volume has its part of the group");
                outcome = outcome.and(adopted);
            }
            outcome?;
            remove(&decision)
        })
        .await
    }

    fn adopt_part(&self, part: &Part, record: LayerRecord, frozen: bool) -> Result<()> {
        let (slot, index) = (&part.slot, &self.inner.index);
        if let Some(mount) = &part.mount {
            let crash_consistent = !(frozen && mount.state == MountState::Attached);
            let checkpoint = CheckpointRecord { crash_consistent, ..part.checkpoint.clone() };
            return intent::adopt_overlay(slot, &part.intent, &checkpoint, (&part.overlay, record));
        }
        usage::stays_known(slot, index, || {
            intent::adopt_overlay(slot, &part.intent, &part.checkpoint, (&part.overlay, record))
        })
    }
}

/// What is done where files may be touched.
fn parts(members: &[Member]) -> Vec<Part> {
    members.iter().map(|member| member.part.clone()).collect()
}

/// One transaction reaches one machine.
fn one_machine(members: &[Member]) -> Result<()> {
    let mut machines: Vec<&VmId> = members.iter().filter_map(|member| Some(&member.part.mount.as_ref()?.vm)).collect();
    machines.sort_unstable();
    machines.dedup();
    if machines.len() < 2 {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Conflict, "Different machines write these volumes, so there is no one moment for them.")
        .with_hint("Take the checkpoints of each machine's volumes for themselves."))
}

/// What the machine is to put on top.
fn on_top(members: &[Member]) -> Vec<Overlay> {
    let overlay = |member: &Member| {
        let mount = member.part.mount.as_ref()?;
        Some(Overlay {
            serial: member.part.slot.id.to_string(),
            path: layer_path(&member.part.slot.folder, &member.part.overlay),
            mount_path: (mount.state == MountState::Attached).then(|| mount.path.clone()),
        })
    };
    members.iter().filter_map(overlay).collect()
}

/// Whether the machine writes to the overlays: to all of them or none; `None` when it does not say.
async fn writes_elsewhere(machine: &Machine, members: &[Member]) -> Option<bool> {
    match members.iter().find(|member| member.part.mount.is_some()) {
        Some(member) => {
            let path = layer_path(&member.part.slot.folder, &member.part.overlay);
            live::writes_to(machine, &member.part.slot, &path).await
        }
        None => Some(false),
    }
}

fn shown(member: &Member) -> Result<Checkpoint> {
    let manifest = member.part.slot.manifest()?;
    let record = manifest.checkpoint(&member.part.checkpoint.id).ok_or_else(|| {
        Error::new(ErrorKind::Conflict, "A checkpoint was not taken, because the volume has changed meanwhile.")
            .with_hint("Try again.")
    })?;
    Ok(describe(&member.part.slot, &manifest, record))
}

fn decision(run_folder: PathBuf, group: &GroupId) -> PathBuf {
    run_folder.join(format!("{group}.{DECIDED}"))
}

/// Where the decision of a group lies, as seen from the folder of one of its volumes.
fn decision_beside(volume_folder: &Path, group: &GroupId) -> PathBuf {
    // <store>/volumes/<volume>
    let store = volume_folder.parent().and_then(Path::parent).unwrap_or(volume_folder);
    decision(store.join("run"), group)
}

/// Whether the group is to be finished, and not to be dropped.
pub(crate) fn is_decided(volume_folder: &Path, group: &GroupId) -> bool {
    decision_beside(volume_folder, group).exists()
}

/// Takes the decision back: the machine never wrote to the overlays.
pub(crate) fn call_off(volume_folder: &Path, group: &GroupId) -> Result<()> {
    remove(&decision_beside(volume_folder, group))
}

fn remove(decision: &Path) -> Result<()> {
    durable::remove_file(decision).map_err(|e| io_error("finish checkpoints", decision, &e))
}

/// Removes the decisions of which no volume has anything to do any more.
pub(crate) fn forget_finished(store: &Store, slots: &[Arc<Slot>]) {
    let Ok(entries) = std::fs::read_dir(store.run_folder()) else { return };
    let paths = entries.flatten().map(|entry| entry.path());
    let is_decision = |path: &PathBuf| {
        let id = path.file_stem().and_then(|name| name.to_str());
        id.is_some_and(|id| id.parse::<GroupId>().is_ok())
    };
    for path in paths.filter(is_decision) {
        let waits = |slot: &Arc<Slot>| match slot.manifest() {
            Ok(manifest) => manifest.intents.iter().any(|intent| match intent {
                Intent::Checkpoint { group: Some(group), .. } => {
                    path.file_stem().is_some_and(|name| name == group.as_str())
                }
                _ => false,
            }),
            // It may still be repaired, and then ask.
            Err(_) => true,
        };
        if !slots.iter().any(waits)
            && let Err(error) = remove(&path)
        {
            tracing::warn!(%error, "what is left of a group of checkpoints stays");
        }
    }
}
