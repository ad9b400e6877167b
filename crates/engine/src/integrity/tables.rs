//! Whether each layer's own tables are true, and whether the base shows what it stands in for.

use std::path::PathBuf;

use cairn_block::ErrorKind;
use cairn_block::qcow2::{self, Access, Image};

use super::Look;
use crate::base::Base;
use crate::convert;
use crate::error::Result;
use crate::layer;
use crate::lease;
use crate::manifest::{Manifest, layer_file, layer_path};
use crate::model::CheckSeverity::{Damage, Grave, Notice};
use crate::size::Bytes;
use crate::slot::Slot;

impl Look<'_> {
    /// Counts the references in the layers and the base; of layers that are bit for bit what they were when they were
    /// frozen only when the check is `deep`.
    pub(super) fn references(&mut self, manifest: &Manifest, deep: bool) {
        let layers = manifest.layers.keys().filter(|layer| deep || !self.unchanged.contains(*layer));
        let mut files: Vec<String> = layers.map(layer_file).collect();
        files.extend(manifest.base.as_ref().map(Base::file));
        for file in files {
            let path = self.slot.folder.join(&file);
            // That it is missing has been said.
            if path.exists() {
                self.references_in(&file, &path);
            }
        }
    }

    fn references_in(&mut self, file: &str, path: &std::path::Path) {
        let found = match qcow2::count_references(path) {
            Ok(found) => found,
            // Somebody writes it, or it is of another kind than Cairn makes.
            Err(error) if matches!(error.kind(), ErrorKind::Locked | ErrorKind::Unsupported) => return,
            Err(error) => {
                if !self.check.findings.iter().any(|finding| finding.place == file && finding.severity == Grave) {
                    self.find(file, Damage, format!("Its tables cannot be read: {error}."), false);
                }
                return;
            }
        };
        if found.faults > 0 {
            let first = found.first_faults.join("; ");
            let sentence = format!(
                "Its tables contradict each other in {} places: {first}. Writing to it may destroy what is in it; copy \
                 the files out, or put it back from a backup.",
                found.faults
            );
            self.find(file, Damage, sentence, false);
        }
        if found.leaked_clusters > 0 {
            let sentence = format!(
                "{} in it are counted as in use, and nothing uses them: an interrupted write has left them behind. \
                 Nothing is lost but room.",
                Bytes(found.leaked_bytes)
            );
            self.find(file, Notice, sentence, false);
        }
    }

    /// The base against what it stands in for, bit for bit.
    pub(super) fn base(&mut self, manifest: &Manifest) {
        let Some(base) = &manifest.base else { return };
        if let Some(fault) = fault_of_base(self.slot, manifest) {
            let hint = match manifest.is_mounted(&manifest.head) {
                true => "A machine reads it: unmount the volume there, then repair it",
                false => "Nothing of the history is lost; a repair drops the base, and the optimiser makes another",
            };
            self.find(&base.file(), Damage, format!("{fault} {hint}."), true);
        }
    }
}

/// What is wrong with the volume's base; `None` as well when it cannot be looked at now.
pub(super) fn fault_of_base(slot: &Slot, manifest: &Manifest) -> Option<String> {
    match difference(slot, manifest) {
        Ok(at) => at.map(|at| {
            format!(
                "From byte {at} of the disk on, the base shows something else than the layers that it stands in for."
            )
        }),
        Err(error) => {
            tracing::info!(volume = %slot.id, %error, "the base could not be compared with the layers");
            None
        }
    }
}

/// The first byte of the disk that is read otherwise on the base than on the history. A base into which more is being
/// committed shows something else than any layer: there, and where it has taken over from a layer that was merged, what
/// stands on it is compared.
fn difference(slot: &Slot, manifest: &Manifest) -> Result<Option<u64>> {
    let Some(base) = &manifest.base else { return Ok(None) };
    let Some(mut above) = manifest.above(&base.equals) else { return Ok(None) };
    if lease::writer(manifest).is_some() && !above.is_empty() {
        above.remove(0);
    }
    let path = base.path(&slot.folder);
    let failed = |e| convert::block_error("read the volume's base", &e);
    let _opening = slot.opening();
    let (on_base, by_history) = if base.is_exact && base.towards.is_none() {
        let by_history = layer::open_image(&slot.folder, manifest, &base.equals, Access::ReadOnly)?;
        (Image::open(&path, Access::ReadOnly).map_err(failed)?, by_history)
    } else {
        let Some((top, rest)) = above.split_first() else { return Ok(None) };
        let below: Vec<PathBuf> = rest.iter().map(|layer| layer_path(&slot.folder, layer)).chain([path]).collect();
        let on_base = Image::open_on(&layer_path(&slot.folder, top), &below, Access::ReadOnly).map_err(failed)?;
        (on_base, layer::open_image(&slot.folder, manifest, top, Access::ReadOnly)?)
    };
    on_base.first_difference(&by_history).map_err(failed)
}
