//! Leases: who may read or write which layer. Pure rules over a manifest.
//!
//! A mount record in the manifest is the lease, in whatever state it is: a mount that is being taken down,
//! or went wrong, still counts until it is gone.
//!
//! | wanted | refused when |
//! |---|---|
//! | the engine writes the head | any machine has the head |
//! | the engine reads the head | a machine has the head rw |
//! | the engine reads a checkpoint | never: a frozen layer does not change |
//! | a machine gets the head rw | any machine has the head |
//! | a machine gets the head ro | a machine has the head rw |
//! | a machine gets a checkpoint ro | never |

use crate::error::{Error, ErrorKind, Result};
use crate::id::VmId;
use crate::manifest::{CheckpointRecord, Manifest, MountRecord};
use crate::model::MountMode;

/// How a machine is called in a sentence.
pub(crate) type Names<'a> = &'a dyn Fn(&VmId) -> String;

/// The mount through which a machine writes the head.
pub(crate) fn writer(manifest: &Manifest) -> Option<&MountRecord> {
    on_head(manifest).find(|mount| mount.mode == MountMode::Rw)
}

/// Whether nobody writes the head, so that it may be read.
///
/// # Errors
/// [`ErrorKind::InUse`], with who writes it.
pub(crate) fn may_read_head(manifest: &Manifest, names: Names<'_>) -> Result<()> {
    match writer(manifest) {
        Some(mount) => Err(in_use(manifest, mount, names)
            .with_hint("Unmount it there first, or take a checkpoint and look into that.")),
        None => Ok(()),
    }
}

/// Whether nobody has the head, so that it may be written.
///
/// # Errors
/// [`ErrorKind::InUse`], with who has it.
pub(crate) fn may_write_head(manifest: &Manifest, names: Names<'_>) -> Result<()> {
    match on_head(manifest).next() {
        Some(mount) => Err(in_use(manifest, mount, names).with_hint("Unmount it there first.")),
        None => Ok(()),
    }
}

/// Whether no machine has anything of the volume.
///
/// # Errors
/// [`ErrorKind::InUse`], with who has it.
pub(crate) fn nobody_has(manifest: &Manifest, names: Names<'_>) -> Result<()> {
    match manifest.mounts.first() {
        Some(mount) => Err(in_use(manifest, mount, names).with_hint("Unmount it there first.")),
        None => Ok(()),
    }
}

/// Whether no machine has this checkpoint mounted.
///
/// # Errors
/// [`ErrorKind::InUse`], with who has it.
pub(crate) fn nobody_has_checkpoint(
    manifest: &Manifest,
    checkpoint: &CheckpointRecord,
    names: Names<'_>,
) -> Result<()> {
    match manifest.mounts.iter().find(|mount| mount.checkpoint.as_ref() == Some(&checkpoint.id)) {
        Some(mount) => {
            Err(in_use(manifest, mount, names).with_hint("It is this checkpoint that is mounted; unmount it first."))
        }
        None => Ok(()),
    }
}

fn on_head(manifest: &Manifest) -> impl Iterator<Item = &MountRecord> {
    manifest.mounts.iter().filter(|mount| mount.layer == manifest.head)
}

fn in_use(manifest: &Manifest, mount: &MountRecord, names: Names<'_>) -> Error {
    let how = match mount.mode {
        MountMode::Rw => "read-write",
        MountMode::Ro => "read-only",
    };
    Error::new(
        ErrorKind::InUse,
        format!(
            "The volume '{}' is mounted {how} at {} in the machine '{}'.",
            manifest.name,
            mount.path,
            names(&mount.vm)
        ),
    )
}
