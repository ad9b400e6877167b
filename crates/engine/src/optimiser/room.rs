//! Bases give their room back when this computer's disk gets short: they only make volumes quick.
//!
//! ```text
//!   a base begins when `keep_free` stays free ─────► dropped when less than half of that is free
//!        ▲                                                       │ people are told
//!        └───────── made again when there is room ◄──────────────┘
//! ```
//!
//! The base that a machine stands on stays: QEMU would not let it go, and the guest would not read as before.

use std::path::Path;

use cairn_block::qcow2;

use super::{Outcome, Work};
use crate::doctor::free_bytes;
use crate::engine::Inner;
use crate::error::Result;
use crate::layer;
use crate::manifest::Manifest;
use crate::model::NoticeLevel;
use crate::size::Bytes;

/// Whether the disk with `folder` on it is so full that bases are to go. What cannot be known of a disk is no reason.
pub(super) fn is_short(folder: &Path, keep_free: u64) -> bool {
    free_bytes(folder).is_ok_and(|free| free < keep_free / 2)
}

/// The same of an engine's store, when it has a base to drop.
pub(super) fn is_wanted(inner: &Inner) -> bool {
    let has_base = |manifest: &Manifest| manifest.base.is_some();
    is_short(inner.store.root(), inner.keep_free)
        && crate::sync::read(&inner.volumes).values().any(|slot| slot.manifest().is_ok_and(|it| has_base(&it)))
}

impl Work {
    /// Drops the base when the disk is short and nobody stands on it. Answers what that comes to, or nothing when
    /// there is no reason to.
    pub(super) async fn give_room_back(&self) -> Result<Option<Outcome>> {
        let (slot, keep_free) = (self.slot.clone(), self.keep_free);
        let dropped = self.blocking(move || {
            let manifest = slot.manifest()?;
            let Some(base) = manifest.base.as_ref().filter(|_| is_short(&slot.folder, keep_free)) else {
                return Ok(None);
            };
            // Whoever it is that reads it, it is there; one that cannot be opened is not in use.
            let path = base.path(&slot.folder);
            if manifest.is_mounted(&manifest.head) || qcow2::is_in_use(&path).unwrap_or(false) {
                return Ok(None);
            }
            let bytes = layer::base_bytes(&slot.folder, &manifest);
            slot.commit(|manifest| manifest.base = None)?;
            tracing::info!(volume = %slot.id, bytes, "the disk is nearly full: the private base has been dropped");
            Ok(Some((manifest.name.clone(), bytes)))
        });
        let Some((name, bytes)) = dropped.await? else { return Ok(None) };
        let message = format!(
            "This computer's disk is nearly full: the base of the volume '{name}' has been dropped, which gives {} back. \
             Nothing is lost; the volume is read more slowly until there is room for another one.",
            Bytes(bytes)
        );
        self.events.notice(NoticeLevel::Warning, message);
        self.events.send(crate::model::EventKind::VolumeChanged { volume_id: self.slot.id.clone() });
        Ok(Some(Outcome::Waiting("This computer's disk is nearly full.".into())))
    }
}
