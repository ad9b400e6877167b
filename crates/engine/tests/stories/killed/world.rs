//! What people see of a store: volumes, files, checkpoints; as it should be, and as an engine shows it.

use std::collections::BTreeMap;

use cairn_engine::FileKind;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::common::*;

/// A path → the digest of the content, or what is there instead of a file.
pub(crate) type Files = BTreeMap<String, String>;

/// All volumes, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) volumes: BTreeMap<String, VolumeState>,
    /// What was deleted and can come back.
    pub(crate) trash: BTreeMap<String, VolumeState>,
    /// A machine writes the files, so that nobody knows what is in them.
    pub(crate) has_machine: bool,
}

/// One volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct VolumeState {
    pub(crate) quota: u64,
    /// Of the present.
    pub(crate) files: Files,
    /// Of each checkpoint that was asked for, by its name.
    pub(crate) checkpoints: BTreeMap<String, Files>,
    /// What was present when somebody went back: some checkpoint must have it still.
    pub(crate) kept: Vec<Files>,
    /// It began with what another one held, and has some of that one's checkpoints.
    #[serde(default)]
    pub(crate) is_branch: bool,
    /// In the machine, which then decides what its files are.
    pub(crate) is_mounted: bool,
}

/// A file's content, made from a number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) length: u64,
    pub(crate) seed: u64,
}

impl Content {
    pub(crate) fn bytes(self) -> Vec<u8> {
        noise(self.length as usize, self.seed)
    }

    pub(crate) fn digest(self) -> String {
        digest(&self.bytes())
    }
}

impl World {
    /// What the engine shows.
    pub(crate) async fn seen(home: &Home, has_machine: bool) -> Self {
        let mut world = Self { has_machine, ..Self::default() };
        for volume in home.engine.volume_list().await.unwrap() {
            assert_eq!(volume.error, None, "{} can be used", volume.name);
            let mut state = VolumeState { quota: volume.quota_bytes, ..VolumeState::default() };
            state.is_mounted = is_mounted(home, &volume).await;
            if !has_machine {
                state.files = files(home, &volume.name, None).await;
            }
            for checkpoint in home.engine.checkpoint_list(&volume.name).await.unwrap() {
                let files = match has_machine {
                    true => Files::new(),
                    false => files(home, &volume.name, Some(checkpoint.id.as_str())).await,
                };
                if checkpoint.automatic {
                    state.kept.push(files);
                } else {
                    state.checkpoints.insert(checkpoint.name, files);
                }
            }
            world.volumes.insert(volume.name, state);
        }
        let deleted = home.engine.trash_list().await.unwrap().volumes;
        world.trash.extend(deleted.into_iter().map(|volume| (volume.name, VolumeState::default())));
        world
    }

    /// Where what is `seen` differs from this.
    pub(crate) fn difference(&self, seen: &Self) -> Option<String> {
        if self.volumes.keys().ne(seen.volumes.keys()) {
            return Some(format!("volumes {:?}, not {:?}", seen.volumes.keys(), self.volumes.keys()));
        }
        // What is in them is seen when they have come back.
        if self.trash.keys().ne(seen.trash.keys()) {
            return Some(format!("in the trash {:?}, not {:?}", seen.trash.keys(), self.trash.keys()));
        }
        self.volumes.iter().find_map(|(name, state)| {
            let what = state.difference(&seen.volumes[name])?;
            Some(format!("{name}: {what}"))
        })
    }
}

impl VolumeState {
    fn difference(&self, seen: &Self) -> Option<String> {
        if self.quota != seen.quota && !self.is_branch {
            return Some(format!("a quota of {}, not {}", seen.quota, self.quota));
        }
        if self.is_mounted != seen.is_mounted {
            return Some(format!("mounted: {}, not {}", seen.is_mounted, self.is_mounted));
        }
        if self.files != seen.files {
            return Some(format!("files {:?}, not {:?}", seen.files, self.files));
        }
        let is_own = |name: &String| !self.is_branch || self.checkpoints.contains_key(name);
        let own: BTreeMap<_, _> = seen.checkpoints.iter().filter(|(name, _)| is_own(name)).collect();
        if self.checkpoints.iter().ne(own) {
            return Some(format!("checkpoints {:?}, not {:?}", seen.checkpoints, self.checkpoints));
        }
        let is_held = |kept: &Files| seen.kept.iter().chain(seen.checkpoints.values()).any(|held| held == kept);
        let lost = self.kept.iter().find(|kept| **kept != seen.files && !is_held(kept))?;
        Some(format!("what was present before going back is lost: {lost:?}"))
    }
}

/// The machine has it, and everybody says so: the lease, the guest, and the machine's open files.
async fn is_mounted(home: &Home, volume: &cairn_engine::Volume) -> bool {
    let Some(mount) = volume.mounts.first() else { return false };
    assert_eq!((mount.state, &mount.error), (cairn_engine::MountState::Attached, &None));
    assert!(home.shell(&mount.vm_name, "cat /proc/mounts").await.contains(" /data "), "the guest has it");
    let pid = home.engine.vm_get(&mount.vm_name).await.unwrap().pid.unwrap();
    let open = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let head = head(&home.volume_folder(volume));
    let mut open = open.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok());
    assert!(open.any(|file| file.file_name() == head.file_name()), "the machine writes the head");
    true
}

async fn files(home: &Home, volume: &str, at: Option<&str>) -> Files {
    let list = cairn_engine::ListFiles { recursive: true, at: at.map(str::to_owned), ..Default::default() };
    let mut files = Files::new();
    for entry in home.engine.file_list(volume, list).await.unwrap() {
        let what = match entry.kind {
            FileKind::File => digest(&home.read_at(volume, &entry.path, at).await.unwrap()),
            FileKind::Directory => "folder".into(),
            other => format!("{other:?}"),
        };
        files.insert(entry.path, what);
    }
    files
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
