//! A volume's private base: one file below its head that stands in for a long history, so that the head is read
//! through few files however many checkpoints there are.
//!
//! ```text
//! by the headers:   head ─► L7 ─► L6 ─► L5 ─► L4 ─► L3 ─► L2 ─► L1      what was; never touched
//! as it is opened:  head ─► L7 ─► base ───────────────────────► L1      on = L1, equals = L6
//! ```
//!
//! The base is an overlay on the layer `on` into which those above it, up to `equals`, have been committed: it shows
//! what `equals` shows. It is a cache and no layer of the tree. Whatever is wrong with it, the history is there, and
//! dropping it loses nothing. While more is being committed (`towards`) it is not used by anybody who opens the head
//! anew; a machine that stands on it goes on, because what is half committed lies above it as well.
//!
//! Knows manifests only, opens nothing.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::id::LayerId;
use crate::manifest::Manifest;

/// The longest chain through which a head is read when there is a base. QEMU's random reads become slower with every
/// layer: twice at 8, ten times at 32.
pub(crate) const LONGEST: usize = 4;
/// The longest chain that a machine gets without waiting for a shorter one: ten times as slow as one layer in the page
/// cache, and about twice on a disk. A head's is made shorter while the machine runs.
pub(crate) const LONGEST_MOUNTED: usize = 32;
/// The longest chain that a machine ever gets, with the optimiser switched off or without room for anything better.
/// QEMU calls itself once for each layer of a chain, and crashes at some 900.
pub(crate) const LONGEST_ENDURED: usize = 512;
/// What the names of base files end with.
pub(crate) const ENDING: &str = ".base.qcow2";

/// The private base of a volume's head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Base {
    /// Names its file.
    pub(crate) id: LayerId,
    /// The layer that it stands on.
    pub(crate) on: LayerId,
    /// What it stands in for: this layer, for those above it.
    pub(crate) equals: LayerId,
    /// Whether it shows the same as that layer for everybody else as well.
    pub(crate) is_exact: bool,
    /// The layer up to which more is being committed into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) towards: Option<LayerId>,
    /// Up to which byte of the disk that has been done durably.
    #[serde(default)]
    pub(crate) done: u64,
}

impl Base {
    /// Its file's name.
    pub(crate) fn file(&self) -> String {
        format!("{}{ENDING}", self.id)
    }

    /// Its file.
    pub(crate) fn path(&self, folder: &Path) -> PathBuf {
        folder.join(self.file())
    }

    /// The same, when everything up to `equals` has been committed into it.
    pub(crate) fn up_to_date(self, equals: LayerId) -> Self {
        Self { equals, is_exact: true, towards: None, done: 0, ..self }
    }
}

/// The base that a file is by its name, if it is one.
pub(crate) fn id_of_file(name: &str) -> Option<LayerId> {
    name.strip_suffix(ENDING)?.parse().ok()
}

impl Manifest {
    /// The base, if the head may be opened on it now, and the layers above it from the head down.
    pub(crate) fn base_in_use(&self) -> Option<(&Base, Vec<LayerId>)> {
        let base = self.base.as_ref().filter(|base| base.towards.is_none())?;
        Some((base, self.above(&base.equals)?))
    }

    /// The layers of the head's chain above `layer`, from the head down; `None` when it is not below the head.
    pub(crate) fn above(&self, layer: &LayerId) -> Option<Vec<LayerId>> {
        let mut chain = self.chain(&self.head);
        let at = chain.iter().position(|other| other == layer).filter(|at| *at > 0)?;
        chain.truncate(at);
        Some(chain)
    }

    /// Through how many files the head is read when it is opened anew.
    pub(crate) fn files_in_chain(&self) -> usize {
        match self.base_in_use() {
            Some((base, above)) => above.len() + 1 + self.chain(&base.on).len(),
            None => self.chain(&self.head).len(),
        }
    }
}

/// `before` with a change, and with a base that fits what it is then.
pub(crate) fn changed(before: &Manifest, change: impl FnOnce(&mut Manifest)) -> Manifest {
    let mut after = before.clone();
    change(&mut after);
    adapt(before, &mut after);
    after
}

/// Makes the base of `after` fit, which was that of `before`.
///
/// A layer that has vanished from the middle of the chain has had its data taken over by the one above it, which so
/// covers everything that the base has and the layer below has not; the base then stands in for that one, below the
/// layers that are there. It is dropped when the head stands elsewhere now.
fn adapt(before: &Manifest, after: &mut Manifest) {
    if after.base.is_none() || after.base != before.base || after.layers == before.layers && after.head == before.head {
        return;
    }
    after.base = after.base.take().and_then(|base| adapted(base, before, after));
}

fn adapted(base: Base, before: &Manifest, after: &Manifest) -> Option<Base> {
    let is_below_head = |layer: &LayerId| after.above(layer).is_some();
    if !is_below_head(&base.on) || base.towards.as_ref().is_some_and(|towards| !is_below_head(towards)) {
        return None;
    }
    if base.is_exact && is_below_head(&base.equals) {
        return Some(base);
    }
    // The lowest layer above the base that is still there has to be below the head, or be it.
    let above = before.above(&base.equals)?;
    let lowest = above.iter().rev().find(|layer| after.layers.contains_key(*layer))?;
    let equals = after.layers.get(lowest)?.parent.clone()?;
    let fits = (*lowest == after.head || is_below_head(lowest)) && is_below_head(&equals);
    fits.then_some(Base { equals, is_exact: false, ..base })
}

#[cfg(test)]
mod tests;
