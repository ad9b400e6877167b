//! What the tray's menu says, worked out from volumes and machines alone: nothing here knows a toolkit.

use std::collections::BTreeMap;
use std::fmt;

use cairn_engine::{Checkpoint, Transfer, TransferState, Vm, VmState, Volume, VolumeId, VolumeStatus};

use crate::texts::Language;

/// So many volumes stand in the menu; the others are in the window.
pub(super) const VOLUMES_SHOWN: usize = 25;

/// So many checkpoints stand in a volume's submenu; the others are in the window.
const CHECKPOINTS_SHOWN: usize = 3;

/// So many transfers stand in the menu.
const TRANSFERS_SHOWN: usize = 10;

/// Where a volume is mounted from the tray, unless that path is taken.
const MOUNT_PATH: &str = "/data";

/// What an item of the menu does. As text it is the item's id, so that the menu itself holds no state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Shows the window.
    Open,
    /// Ends the program.
    Quit,
    /// Mounts a volume, for reading and writing.
    Mount { volume: String, vm: String, path: String },
    /// Unmounts what a machine has at a path.
    Unmount { vm: String, path: String },
    /// Takes a checkpoint of a volume.
    Checkpoint { volume: String },
    /// Shows a volume as it was, in the window.
    Look { volume: String, checkpoint: String },
    /// Lets all transfers rest.
    Pause,
    /// Lets all transfers go on.
    Resume,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("tray:open"),
            Self::Quit => f.write_str("tray:quit"),
            Self::Mount { volume, vm, path } => write!(f, "tray:mount:{volume}:{vm}:{path}"),
            Self::Unmount { vm, path } => write!(f, "tray:unmount:{vm}:{path}"),
            Self::Checkpoint { volume } => write!(f, "tray:checkpoint:{volume}"),
            Self::Look { volume, checkpoint } => write!(f, "tray:look:{volume}:{checkpoint}"),
            Self::Pause => f.write_str("tray:pause"),
            Self::Resume => f.write_str("tray:resume"),
        }
    }
}

impl Action {
    /// The action behind an item's id; `None` when the item is not the tray's.
    pub(crate) fn parse(id: &str) -> Option<Self> {
        let text = id.strip_prefix("tray:")?;
        // Ids hold no colon; a path may, and stands last.
        let (verb, rest) = text.split_once(':').unwrap_or((text, ""));
        match verb {
            "open" => Some(Self::Open),
            "quit" => Some(Self::Quit),
            "mount" => {
                let mut parts = rest.splitn(3, ':').map(str::to_owned);
                Some(Self::Mount { volume: parts.next()?, vm: parts.next()?, path: parts.next()? })
            }
            "unmount" => {
                let (vm, path) = rest.split_once(':')?;
                Some(Self::Unmount { vm: vm.to_owned(), path: path.to_owned() })
            }
            "pause" => Some(Self::Pause),
            "resume" => Some(Self::Resume),
            "look" => {
                let (volume, checkpoint) = rest.split_once(':')?;
                Some(Self::Look { volume: volume.to_owned(), checkpoint: checkpoint.to_owned() })
            }
            "checkpoint" => Some(Self::Checkpoint { volume: rest.to_owned() }),
            _ => None,
        }
    }
}

/// One line of a submenu; without an action it only says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) label: String,
    pub(crate) action: Option<Action>,
}

/// A volume's submenu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) label: String,
    pub(crate) lines: Vec<Line>,
}

/// The whole menu, but for the items that are always there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// How things stand.
    pub(crate) status: String,
    /// The volumes, those in use first.
    pub(crate) entries: Vec<Entry>,
    /// How many more there are.
    pub(crate) more: usize,
    /// What is being copied.
    pub(crate) transfers: Option<Entry>,
}

/// What the menu is made from.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) volumes: Vec<Volume>,
    pub(crate) vms: Vec<Vm>,
    /// Those of the volumes that are shown, oldest first.
    pub(crate) checkpoints: BTreeMap<VolumeId, Vec<Checkpoint>>,
    pub(crate) transfers: Vec<Transfer>,
}

/// The volumes in the order of the menu: those in use first.
pub(crate) fn in_order(volumes: &mut [Volume]) {
    volumes.sort_by_cached_key(|volume| (volume.mounts.is_empty(), volume.name.to_lowercase()));
}

impl Plan {
    /// A menu that only says something.
    pub(crate) fn saying(status: impl Into<String>) -> Self {
        Self { status: status.into(), ..Self::default() }
    }

    /// The menu for what there is.
    pub(crate) fn new(facts: Facts, language: Language) -> Self {
        let Facts { mut volumes, vms, checkpoints, transfers } = facts;
        in_order(&mut volumes);
        let running: Vec<&Vm> = vms.iter().filter(|vm| vm.state == VmState::Running).collect();
        let of = |volume: &Volume| checkpoints.get(&volume.id).map(Vec::as_slice).unwrap_or_default();
        let shown = volumes.iter().take(VOLUMES_SHOWN);
        Self {
            status: status(&volumes, &running, language),
            more: volumes.len().saturating_sub(VOLUMES_SHOWN),
            entries: shown.map(|volume| entry(volume, &running, of(volume), language)).collect(),
            transfers: under_way(&transfers, language),
        }
    }
}

/// The transfers that have not ended; `None` when there are none.
fn under_way(transfers: &[Transfer], language: Language) -> Option<Entry> {
    let under_way: Vec<&Transfer> = transfers.iter().filter(|transfer| transfer.ended_at.is_none()).collect();
    if under_way.is_empty() {
        return None;
    }
    let says = |transfer: &&Transfer| Line {
        label: language.transfer(&transfer.title, transfer.state == TransferState::Paused, tenths(transfer) * 10),
        action: Some(Action::Open),
    };
    let mut lines: Vec<Line> = under_way.iter().take(TRANSFERS_SHOWN).map(says).collect();
    if under_way.iter().any(|transfer| transfer.can_pause) {
        lines.push(Line { label: language.tray().pause.to_owned(), action: Some(Action::Pause) });
    }
    if under_way.iter().any(|transfer| transfer.state == TransferState::Paused) {
        lines.push(Line { label: language.tray().resume.to_owned(), action: Some(Action::Resume) });
    }
    Some(Entry { label: language.transfers(under_way.len()), lines })
}

/// How far a transfer is, in tenths.
pub(crate) fn tenths(transfer: &Transfer) -> u64 {
    transfer.bytes_done.saturating_mul(10).checked_div(transfer.bytes_total).unwrap_or(0).min(10)
}

fn status(volumes: &[Volume], running: &[&Vm], language: Language) -> String {
    let mounted = volumes.iter().filter(|volume| !volume.mounts.is_empty()).count();
    let running: Vec<&str> = running.iter().map(|vm| vm.name.as_str()).collect();
    language.status(volumes.len(), mounted, &running)
}

fn entry(volume: &Volume, running: &[&Vm], checkpoints: &[Checkpoint], language: Language) -> Entry {
    let mut lines: Vec<Line> = volume
        .mounts
        .iter()
        .map(|mount| Line {
            label: language.unmount(&mount.vm_name, &mount.mount_path),
            action: Some(Action::Unmount { vm: mount.vm_id.to_string(), path: mount.mount_path.clone() }),
        })
        .collect();
    if volume.status == VolumeStatus::Available {
        lines.extend(running.iter().map(|vm| mount_line(volume, vm, language)));
        if running.is_empty() {
            lines.push(Line { label: language.tray().nothing_runs.to_owned(), action: None });
        }
    }
    lines.push(Line {
        label: language.tray().checkpoint.to_owned(),
        action: Some(Action::Checkpoint { volume: volume.id.to_string() }),
    });
    lines.extend(checkpoints.iter().rev().take(CHECKPOINTS_SHOWN).map(|checkpoint| Line {
        label: language.look_at(&checkpoint.name),
        action: Some(Action::Look { volume: volume.id.to_string(), checkpoint: checkpoint.id.to_string() }),
    }));
    Entry { label: volume.name.clone(), lines }
}

fn mount_line(volume: &Volume, vm: &Vm, language: Language) -> Line {
    let taken = vm.mounts.iter().any(|mount| mount.mount_path == MOUNT_PATH);
    let path = if taken { format!("/mnt/{}", plain_name(volume)) } else { MOUNT_PATH.to_owned() };
    Line {
        label: language.mount(&vm.name, &path),
        action: Some(Action::Mount { volume: volume.id.to_string(), vm: vm.id.to_string(), path }),
    }
}

/// A name for the volume that needs no quoting in a guest's shell.
fn plain_name(volume: &Volume) -> &str {
    let plain = volume.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if plain { &volume.name } else { volume.id.as_str() }
}

#[cfg(test)]
mod tests;
