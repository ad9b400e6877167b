//! Whether a store is whole: its manifests, chains, layers' files and filesystems, checked and said in words.
//!
//! Nothing is changed by a check. What can be put right, `repair` puts right; it deletes nothing.
//! Knows no machines but for who writes a head, and no operation's steps.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use cairn_block::qcow2::{self, Access, Info};

use crate::engine::{Engine, blocking};
use crate::error::{Error, Result};
use crate::id::LayerId;
use crate::layer;
use crate::lease;
use crate::manifest::{self, Manifest, layer_file, layer_path};
use crate::model::{CheckSeverity, StoreCheck, StoreFinding};
use crate::slot::Slot;

pub(crate) mod digest;
mod found;
mod rebuild;
mod repair;
mod tables;

use CheckSeverity::{Damage, Grave, Notice};

impl Engine {
    /// Checks the whole store, or one volume: manifests against their checksums, layers' headers against the
    /// manifest, frozen layers against the digests of when they were frozen, the tables of the other layers against
    /// their refcounts, every chain by opening it, and the filesystem of the present and of the newest checkpoint; with
    /// `deep`, the tables of every layer, the filesystem of every checkpoint, the base against what it stands in for,
    /// and layers that were not hashed yet are hashed now.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) when there is no such volume. Damage is not an error.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn store_check(&self, volume: Option<&str>, deep: bool) -> Result<StoreCheck> {
        let mut check = StoreCheck::default();
        for slot in self.chosen(volume)? {
            // Nobody changes what the volume consists of meanwhile; who writes its head is let finish first.
            let structure = slot.structure.lock().await;
            let pass = slot.gate.read(&slot.name()).await?;
            let looked = blocking(move || {
                let _hold = (structure, pass);
                let mut look = Look { slot: &slot, check: StoreCheck::default(), unchanged: BTreeSet::new() };
                look.volume(deep);
                Ok(look.check)
            });
            check.add(looked.await?);
        }
        if volume.is_none() && !self.inner.index.is_healthy() {
            check.findings.push(StoreFinding {
                volume: None,
                place: "index".into(),
                severity: Notice,
                message: "The index has failed and is not used; it is rebuilt when the store is opened next.".into(),
                repairable: false,
            });
        }
        check.clean = check.findings.iter().all(|finding| finding.severity == Notice);
        Ok(check)
    }

    fn chosen(&self, volume: Option<&str>) -> Result<Vec<Arc<Slot>>> {
        self.refuse_when_closed()?;
        volume.map_or_else(|| Ok(self.slots()), |volume| Ok(vec![self.slot(volume)?]))
    }
}

impl StoreCheck {
    fn add(&mut self, other: Self) {
        self.volumes += other.volumes;
        self.layers += other.layers;
        self.digests += other.digests;
        self.filesystems += other.filesystems;
        self.findings.extend(other.findings);
    }
}

/// A look at one volume.
struct Look<'a> {
    slot: &'a Slot,
    check: StoreCheck,
    /// Layers whose files are what they were when they were frozen.
    unchanged: BTreeSet<LayerId>,
}

impl Look<'_> {
    fn volume(&mut self, deep: bool) {
        self.check.volumes += 1;
        let manifest = match self.slot.manifest() {
            Ok(manifest) => manifest,
            Err(error) => {
                let repairable = rebuild::is_possible(self.slot);
                return self.find(manifest::FILE_NAME, Grave, error.message().to_owned(), repairable);
            }
        };
        self.manifests(&manifest);
        for layer in manifest.layers.keys() {
            self.layer(&manifest, layer);
        }
        self.digests(&manifest);
        if deep && let Err(error) = digest::hash_volume(self.slot, |_| true) {
            self.find(digest::FILE_NAME, Notice, error.message().to_owned(), false);
        }
        for (file, verdict) in found::look(&self.slot.folder, &manifest) {
            self.find(&file, Notice, verdict.sentence(&file), true);
        }
        self.chains(&manifest);
        self.references(&manifest, deep);
        if deep {
            self.base(&manifest);
        }
        let broken = self.check.findings.iter().any(|finding| finding.severity == Grave);
        if !broken {
            self.filesystems(&manifest, deep);
        }
    }

    fn manifests(&mut self, manifest: &Manifest) {
        match manifest::inspect(&self.slot.folder, manifest::FILE_NAME, &self.slot.id) {
            Ok(stored) if stored == *manifest => {}
            Ok(_) => {
                let sentence = "It is not the one that Cairn wrote: somebody has put another one there.";
                self.find(manifest::FILE_NAME, Damage, sentence.into(), true);
            }
            Err(damage) => self.find(manifest::FILE_NAME, Damage, format!("It is damaged: {damage}."), true),
        }
        if manifest.generation > 1
            && let Err(damage) = manifest::inspect(&self.slot.folder, manifest::PREVIOUS_NAME, &self.slot.id)
        {
            let sentence = format!("The generation before the present one is damaged: {damage}.");
            self.find(manifest::PREVIOUS_NAME, Notice, sentence, true);
        }
    }

    /// A layer's header against what the manifest says of it.
    fn layer(&mut self, manifest: &Manifest, layer: &LayerId) {
        self.check.layers += 1;
        let (file, path) = (layer_file(layer), layer_path(&self.slot.folder, layer));
        if !path.exists() {
            let sentence = format!("It is missing. {}", self.who_needs(manifest, layer));
            return self.find(&file, Grave, sentence, false);
        }
        let info = match qcow2::info(&path) {
            Ok(info) => info,
            Err(error) => return self.find(&file, Grave, format!("It cannot be read: {error}."), false),
        };
        let parent = manifest.layers.get(layer).and_then(|record| record.parent.as_ref());
        if info.backing_file != parent.map(layer_file) {
            let shown = |file: Option<&str>| file.map_or_else(|| "nothing".to_owned(), |file| format!("'{file}'"));
            let (found, known) = (shown(info.backing_file.as_deref()), shown(parent.map(layer_file).as_deref()));
            let sentence = format!("Its header says that it stands on {found}, and the manifest on {known}.");
            self.find(&file, Grave, sentence, false);
        }
        if info.corrupt {
            self.find(&file, Damage, "Its header says that it is damaged.".into(), false);
        }
        self.size(manifest, layer, &file, &info);
    }

    fn size(&mut self, manifest: &Manifest, layer: &LayerId, file: &str, info: &Info) {
        let is_small = *layer == manifest.head && info.virtual_size < layer::virtual_size(manifest.quota_bytes);
        if is_small {
            let sentence = format!("Its disk has {} bytes, fewer than the volume's quota.", info.virtual_size);
            self.find(file, Damage, sentence, false);
        }
    }

    fn digests(&mut self, manifest: &Manifest) {
        // What was begun may be in the middle of rewriting layers.
        if !manifest.intents.is_empty() {
            return;
        }
        for (layer, expected) in digest::known(&self.slot.folder, manifest) {
            match digest::of(&layer_path(&self.slot.folder, &layer)) {
                Ok(found) if found == expected => {
                    self.check.digests += 1;
                    self.unchanged.insert(layer);
                }
                Ok(_) => {
                    let needs = self.who_needs(manifest, &layer);
                    let sentence = format!("It has been changed since it was frozen. {needs}");
                    self.find(&layer_file(&layer), Grave, sentence, false);
                }
                // That it is missing or unreadable has been said.
                Err(_) => {}
            }
        }
    }

    /// Opens every chain of the tree, from each layer that nothing stands on: headers, tables and that they fit.
    fn chains(&mut self, manifest: &Manifest) {
        let is_written = lease::writer(manifest).is_some();
        let tops = manifest.layers.keys().filter(|layer| !manifest.has_children(layer));
        let tops: Vec<&LayerId> = tops.filter(|layer| !(is_written && **layer == manifest.head)).collect();
        for top in tops {
            if let Err(error) = layer::open_image(&self.slot.folder, manifest, top, Access::ReadOnly)
                && !self.check.findings.iter().any(|finding| finding.severity == Grave)
            {
                self.find(&layer_file(top), Grave, error.message().to_owned(), false);
            }
        }
    }

    /// Opens the chains, reads all of their tables, and checks the filesystems in them.
    fn filesystems(&mut self, manifest: &Manifest, deep: bool) {
        let mut tops: Vec<(String, &LayerId)> = Vec::new();
        if lease::writer(manifest).is_none() {
            tops.push(("the present".into(), &manifest.head));
        }
        let checkpoints = manifest.checkpoints.iter().rev().take(if deep { usize::MAX } else { 1 });
        tops.extend(checkpoints.map(|checkpoint| (format!("the checkpoint '{}'", checkpoint.name), &checkpoint.layer)));
        for (what, top) in tops {
            let verdict = layer::open_image(&self.slot.folder, manifest, top, Access::ReadOnly).and_then(|image| {
                cairn_ext4::verify(Arc::new(image)).map_err(|e| crate::convert::ext4_error("check the filesystem", &e))
            });
            match verdict {
                Ok(verdict) if verdict.is_clean() => self.check.filesystems += 1,
                Ok(verdict) => {
                    let first =
                        verdict.findings.first().map_or_else(String::new, |first| format!(": {}", first.message));
                    let sentence = format!("The filesystem of {what} has {} damages{first}.", verdict.total);
                    self.find(&layer_file(top), Damage, sentence, false);
                }
                Err(error) => {
                    self.find(&layer_file(top), Grave, format!("{} ({what})", error.message()), false);
                }
            }
        }
    }

    /// What cannot be used without a layer.
    fn who_needs(&self, manifest: &Manifest, layer: &LayerId) -> String {
        let needs = |top: &LayerId| manifest.chain(top).contains(layer);
        let mut who: Vec<String> = manifest
            .checkpoints
            .iter()
            .filter(|checkpoint| needs(&checkpoint.layer))
            .map(|checkpoint| format!("'{}'", checkpoint.name))
            .collect();
        if needs(&manifest.head) {
            who.insert(0, "the present".into());
        }
        format!("Concerned are: {}. Put the file back from a backup.", who.join(", "))
    }

    fn find(&mut self, place: &str, severity: CheckSeverity, message: String, repairable: bool) {
        let (volume, place) = (Some(self.slot.name()), place.to_owned());
        self.check.findings.push(StoreFinding { volume, place, severity, message, repairable });
    }
}

/// The name of a path, for a sentence.
fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Something that a repair cannot do, as an error.
fn cannot(sentence: String) -> Error {
    Error::new(crate::error::ErrorKind::Corrupt, sentence)
}
