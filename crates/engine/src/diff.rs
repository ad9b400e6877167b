//! What differs between two states of a volume: two checkpoints, or one and the present.
//!
//! The layers tell in which bytes the two may differ, the file engine what that means. Nothing else is read.

use std::sync::Arc;

use cairn_block::BlockDevice;
use cairn_block::qcow2::Access;
use cairn_ext4::{DifferenceKind, Filesystem, Mode, Version};

use crate::checkpoint;
use crate::convert::{block_error, ext4_error};
use crate::engine::{Engine, blocking};
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::Result;
use crate::files::is_hidden_name;
use crate::id::LayerId;
use crate::layer;
use crate::model::{Diff, DiffEntry, DiffKind, FileKind};
use crate::slot::Slot;

impl Engine {
    /// What differs between the checkpoint `from` and the checkpoint `to`, or the present: added, removed, changed
    /// and renamed files and folders in the order of their paths, at most `limit` of them, and how many there are
    /// in all.
    ///
    /// Takes the time that the changes need, not the whole volume.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a checkpoint that is not there; [`ErrorKind::InUse`] while a machine writes the
    /// present that is to be looked at.
    #[tracing::instrument(skip(self), err(level = "info"))]
    pub async fn checkpoint_diff(
        &self,
        volume: &str,
        from: &str,
        to: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Diff> {
        let slot = self.slot(volume)?;
        let manifest = slot.manifest()?;
        let before = checkpoint::resolve(&manifest, from)?.layer.clone();
        let after = to.map(|to| checkpoint::resolve(&manifest, to).map(|found| found.layer.clone())).transpose()?;
        let pass = self.pass(&slot, to).await?;
        let reading = Reading::default();
        let stop = reading.stop.clone();
        let diff = blocking(move || {
            let _pass = pass;
            // Only now is it certain which layer the present is.
            let after = after.map_or_else(|| slot.manifest().map(|manifest| manifest.head.clone()), Ok)?;
            let found = compare(&slot, &before, &after, &|| match stop.is_cancelled() {
                true => Err(cairn_ext4::Error::new(cairn_ext4::ErrorKind::Invalid, "nobody waits for it any more")),
                false => Ok(()),
            })?;
            Ok(summary(found, limit.unwrap_or(usize::MAX)))
        })
        .await;
        drop(reading);
        diff
    }
}

/// Somebody waits for a result; who goes away stops the work.
#[derive(Default)]
struct Reading {
    stop: tokio_util::sync::CancellationToken,
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Opens both layers and compares them. Blocks on the disk.
fn compare(
    slot: &Slot,
    before: &LayerId,
    after: &LayerId,
    go_on: &dyn Fn() -> cairn_ext4::Result<()>,
) -> Result<Vec<cairn_ext4::Difference>> {
    if before == after {
        return Ok(Vec::new());
    }
    let (before, after) = {
        let _opening = slot.opening();
        let manifest = slot.manifest()?;
        let open = |layer: &LayerId| layer::open_image(&slot.folder, &manifest, layer, Access::ReadOnly);
        (open(before)?, open(after)?)
    };
    let differ = before.may_differ(&after).map_err(|e| block_error("compare the layers", &e))?;
    let open = |image| {
        let image: Arc<dyn BlockDevice> = Arc::new(image);
        Filesystem::open(image, Mode::ReadOnly).map_err(|e| ext4_error("open the volume's filesystem", &e))
    };
    cairn_ext4::compare(&open(before)?, &open(after)?, &differ, go_on)
        .map_err(|e| ext4_error("compare the two states of the volume", &e))
}

fn summary(found: Vec<cairn_ext4::Difference>, limit: usize) -> Diff {
    let mut diff = Diff::default();
    for difference in found {
        let (path, before) = (path(difference.after.as_ref()), path(difference.before.as_ref()));
        if is_hidden_name(path.as_deref().or(before.as_deref()).unwrap_or_default()) {
            continue;
        }
        let kind = match difference.kind {
            DifferenceKind::Added => DiffKind::Added,
            DifferenceKind::Removed => DiffKind::Removed,
            DifferenceKind::Changed => DiffKind::Changed,
            DifferenceKind::Renamed => DiffKind::Renamed,
        };
        match kind {
            DiffKind::Added => diff.added += 1,
            DiffKind::Removed => diff.removed += 1,
            DiffKind::Changed => diff.changed += 1,
            DiffKind::Renamed => diff.renamed += 1,
        }
        if diff.entries.len() >= limit {
            diff.truncated = true;
            continue;
        }
        let is = difference.after.as_ref().or(difference.before.as_ref());
        diff.entries.push(DiffEntry {
            kind,
            file_kind: is.map_or(FileKind::Other, |version| version.metadata.kind.into()),
            from: before.clone().filter(|_| kind == DiffKind::Renamed),
            path: path.or(before).unwrap_or_default(),
            size_before: difference.before.map(|version| version.metadata.size),
            size_after: difference.after.map(|version| version.metadata.size),
            content: difference.content,
            metadata: difference.metadata,
        });
    }
    diff
}

fn path(version: Option<&Version>) -> Option<String> {
    version.map(|version| String::from_utf8_lossy(&version.path).into_owned())
}
