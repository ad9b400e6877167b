//! A volume's manifest: the truth about it, on disk.
//!
//! `manifest.json` is replaced whole (written beside, flushed, renamed, folder flushed), carries a checksum
//! over the exact text of its content, and its predecessor stays beside it as `manifest.previous.json`.
//! Every operation that touches several files records its [`Intent`] here first; `recover` finishes or
//! undoes it when the engine died in between. Knows no layers' content, no machines and no index.

use std::collections::BTreeMap;
use std::path::Path;

use cairn_vm::MountOptions;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::base::Base;
use crate::id::{CheckpointId, GroupId, LayerId, VmId, VolumeId};
use crate::model::{IoLimits, MountMode, MountState};
use crate::policy::Policy;

mod file;

pub(crate) use file::{inspect, load, put_aside, remove_unfinished, save};

/// The manifest's name in the volume's folder.
pub(crate) const FILE_NAME: &str = "manifest.json";
/// The name of the generation before it.
pub(crate) const PREVIOUS_NAME: &str = "manifest.previous.json";

/// Everything that is true of a volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// Grows by one each time that the manifest is replaced.
    pub(crate) generation: u64,
    /// The volume; also the name of its folder.
    pub(crate) id: VolumeId,
    /// Its name.
    pub(crate) name: String,
    /// What was asked for, in bytes. The head's virtual size is this, rounded up to whole clusters.
    pub(crate) quota_bytes: u64,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created_at: OffsetDateTime,
    /// The layer that is written to.
    pub(crate) head: LayerId,
    /// The tree of layers, each with the one below it.
    pub(crate) layers: BTreeMap<LayerId, LayerRecord>,
    /// The named layers, in the order in which they were taken.
    pub(crate) checkpoints: Vec<CheckpointRecord>,
    /// Which machines have which layer: each record is a lease.
    #[serde(default)]
    pub(crate) mounts: Vec<MountRecord>,
    /// What Cairn does with it by itself.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) policy: Policy,
    /// What stands in for a long history below the head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) base: Option<Base>,
    /// Whether the head is not to have one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) optimiser_off: bool,
    /// What was begun and is not finished, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) intents: Vec<Intent>,
}

pub(crate) fn is_unlimited(limits: &IoLimits) -> bool {
    *limits == IoLimits::default()
}

fn is_default(policy: &Policy) -> bool {
    *policy == Policy::default()
}

/// One qcow2 file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LayerRecord {
    /// The layer that it stands on.
    pub(crate) parent: Option<LayerId>,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created_at: OffsetDateTime,
    /// Length of its file when it was empty. A file that has not grown since has nothing written in it,
    /// because every first write takes a cluster.
    pub(crate) empty_length: u64,
}

/// A name for a frozen layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CheckpointRecord {
    /// Its identity.
    pub(crate) id: CheckpointId,
    /// Its name, unique in the volume.
    pub(crate) name: String,
    /// The layer.
    pub(crate) layer: LayerId,
    /// When it was taken.
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) created_at: OffsetDateTime,
    /// Taken by Cairn itself.
    pub(crate) automatic: bool,
    /// Taken while a machine was writing that could not be asked to pause.
    pub(crate) crash_consistent: bool,
}

/// A lease: a machine has a layer of this volume, or is about to, or was when something went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MountRecord {
    /// The machine.
    pub(crate) vm: VmId,
    /// The path in the guest.
    pub(crate) path: String,
    /// How.
    pub(crate) mode: MountMode,
    /// The layer on top of what the machine has: its own to write in mode `rw`.
    pub(crate) layer: LayerId,
    /// The checkpoint that was asked for, if it was not the present.
    pub(crate) checkpoint: Option<CheckpointId>,
    /// Where it stands.
    pub(crate) state: MountState,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// When it was asked for.
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) since: OffsetDateTime,
    /// The options that were asked for beside the usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) options: Option<String>,
    /// What may go through it.
    #[serde(default, skip_serializing_if = "is_unlimited")]
    pub(crate) limits: IoLimits,
}

/// What was begun. Written before the first file is touched, removed by the generation that finishes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum Intent {
    /// The head becomes `checkpoint`, and `overlay` on top of it the new head.
    Checkpoint {
        /// The checkpoint-to-be; its layer is the present head.
        checkpoint: CheckpointRecord,
        /// The new head.
        overlay: LayerId,
        /// The group that it is part of: all of them are taken, or none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<GroupId>,
    },
    /// `overlay` on the layer `onto` becomes the head in the place of `from`.
    Restore {
        /// The head when this was begun.
        from: LayerId,
        /// The layer to go back to.
        onto: LayerId,
        /// The new head.
        overlay: LayerId,
        /// The name under which the present head is kept; `None` when nothing was written to it.
        keep: Option<CheckpointRecord>,
    },
    /// The head and its filesystem grow to `quota_bytes`.
    Grow {
        /// The new quota.
        quota_bytes: u64,
    },
    /// Files are being copied into a folder of the filesystem that nobody sees, or from there to their places.
    Upload {
        /// The name of that folder, below the root.
        staging: String,
        /// Whether everything is there, so that a crash from now on ends in finishing it.
        complete: bool,
    },
    /// Layers that stand on each other become one, which takes the place and the name of the uppermost.
    Merge {
        /// Which, the uppermost first.
        layers: Vec<LayerId>,
        /// The one whose file takes all data.
        keep: LayerId,
        /// Whether it has all data, so that a crash from now on ends in finishing it.
        complete: bool,
    },
    /// The same inside the machine that has them open, where no file gets another name.
    MergeLive {
        /// Which, the uppermost first.
        layers: Vec<LayerId>,
        /// The one whose file takes all data: the uppermost, or the lowest, which then is what the uppermost was.
        keep: LayerId,
        /// Whether it has all data, so that a crash from now on ends in finishing it.
        complete: bool,
    },
    /// Layers that nothing needs any more; their files go.
    Discard {
        /// Which.
        layers: Vec<LayerId>,
    },
}

impl Manifest {
    /// The first generation of a new volume, which has one layer and no past.
    pub(crate) fn of_new(id: VolumeId, name: &str, quota_bytes: u64, (head, record): (LayerId, LayerRecord)) -> Self {
        Self {
            generation: 1,
            id,
            name: name.to_owned(),
            quota_bytes,
            created_at: OffsetDateTime::now_utc(),
            layers: [(head.clone(), record)].into(),
            head,
            checkpoints: Vec::new(),
            mounts: Vec::new(),
            policy: Policy::default(),
            base: None,
            optimiser_off: false,
            intents: Vec::new(),
        }
    }

    /// The layer of the checkpoint with this id.
    pub(crate) fn checkpoint(&self, id: &CheckpointId) -> Option<&CheckpointRecord> {
        self.checkpoints.iter().find(|checkpoint| checkpoint.id == *id)
    }

    /// The checkpoint that a layer carries.
    pub(crate) fn checkpoint_of(&self, layer: &LayerId) -> Option<&CheckpointRecord> {
        self.checkpoints.iter().find(|checkpoint| checkpoint.layer == *layer)
    }

    /// The nearest checkpoint at or below the layer that `layer` stands on.
    pub(crate) fn checkpoint_below(&self, layer: &LayerId) -> Option<&CheckpointRecord> {
        let mut below = self.layers.get(layer)?.parent.as_ref();
        while let Some(layer) = below {
            if let Some(checkpoint) = self.checkpoint_of(layer) {
                return Some(checkpoint);
            }
            below = self.layers.get(layer)?.parent.as_ref();
        }
        None
    }

    /// `layer` and those that it stands on, from the top down.
    pub(crate) fn chain(&self, layer: &LayerId) -> Vec<LayerId> {
        let mut chain = Vec::new();
        let mut next = Some(layer);
        while let Some(layer) = next
            && let Some(record) = self.layers.get(layer)
        {
            chain.push(layer.clone());
            next = record.parent.as_ref();
        }
        chain
    }

    /// The layer that the head stands on: the newest that is frozen.
    pub(crate) fn below_head(&self) -> Option<&LayerId> {
        self.layers.get(&self.head)?.parent.as_ref()
    }

    /// Whether another layer stands on this one.
    pub(crate) fn has_children(&self, layer: &LayerId) -> bool {
        self.layers.values().any(|other| other.parent.as_ref() == Some(layer))
    }

    /// Takes a finished or abandoned intent out.
    pub(crate) fn forget(&mut self, intent: &Intent) {
        self.intents.retain(|other| other != intent);
    }

    /// Whether a machine has `layer` on top of its chain.
    pub(crate) fn is_mounted(&self, layer: &LayerId) -> bool {
        self.mounts.iter().any(|mount| mount.layer == *layer)
    }

    /// Takes `layer`, and those below it, out of the tree, as far as nothing needs them: no name, no other
    /// layer, no machine, not the head. Answers what was taken out, from the top down.
    pub(crate) fn prune_from(&mut self, layer: &LayerId) -> Vec<LayerId> {
        let mut pruned = Vec::new();
        let mut next = Some(layer.clone());
        while let Some(layer) = next {
            let needed = layer == self.head
                || self.checkpoint_of(&layer).is_some()
                || self.has_children(&layer)
                || self.is_mounted(&layer);
            if needed {
                break;
            }
            let Some(record) = self.layers.remove(&layer) else { break };
            next = record.parent;
            pruned.push(layer);
        }
        pruned
    }

    /// Takes those of `layers` that nothing needs any more out of the tree, and records that their files are to go.
    pub(crate) fn discard_unneeded(&mut self, layers: &[LayerId]) {
        let unneeded: Vec<LayerId> = layers.iter().flat_map(|layer| self.prune_from(layer)).collect();
        if !unneeded.is_empty() {
            self.intents.push(Intent::Discard { layers: unneeded });
        }
    }

    /// Checks that the parts fit together.
    ///
    /// # Errors
    /// What does not, without a final stop.
    pub(crate) fn validate(&self) -> Result<(), String> {
        if !self.layers.contains_key(&self.head) {
            return Err(format!("its head {} is not among its layers", self.head));
        }
        for (id, layer) in &self.layers {
            if let Some(parent) = &layer.parent
                && !self.layers.contains_key(parent)
            {
                return Err(format!("layer {id} stands on {parent}, which is not among its layers"));
            }
            if self.depth(id).is_none() {
                return Err(format!("layer {id} stands on itself"));
            }
        }
        for checkpoint in &self.checkpoints {
            if !self.layers.contains_key(&checkpoint.layer) {
                return Err(format!("checkpoint '{}' has no layer", checkpoint.name));
            }
        }
        Ok(())
    }

    /// How many layers a chain has from `layer` downwards; `None` when it never ends.
    fn depth(&self, layer: &LayerId) -> Option<usize> {
        let mut depth = 1;
        let mut below = self.layers.get(layer)?.parent.as_ref();
        while let Some(layer) = below {
            depth += 1;
            if depth > self.layers.len() {
                return None;
            }
            below = self.layers.get(layer)?.parent.as_ref();
        }
        Some(depth)
    }
}

impl MountRecord {
    /// Whether it is the same mount, wherever it stands.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.vm == other.vm && self.path == other.path
    }

    /// The options with which it is mounted. What was recorded was checked before; what cannot be understood is left out.
    pub(crate) fn options(&self) -> MountOptions {
        let read_only = self.mode == MountMode::Ro;
        let asked = self.options.as_deref().and_then(|text| MountOptions::parse(text, read_only).ok());
        asked.unwrap_or_else(|| MountOptions::usual(read_only))
    }

    /// Whether the machine may write.
    pub(crate) fn is_writer(&self) -> bool {
        self.mode == MountMode::Rw
    }
}

/// The file name of a layer.
pub(crate) fn layer_file(layer: &LayerId) -> String {
    format!("{layer}.qcow2")
}

/// The path of a layer in a volume's folder.
pub(crate) fn layer_path(folder: &Path, layer: &LayerId) -> std::path::PathBuf {
    folder.join(layer_file(layer))
}

#[cfg(test)]
pub(crate) mod tests;
