//! Deleting files and folders, one or many at a time, and keeping the present before much of it goes.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cairn_block::qcow2::Access;
use cairn_ext4::FileKind;

use super::guest::Writer;
use super::path::VolumePath;
use super::tree::Tree;
use super::write::{folder_of, named};
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::id::CheckpointId;
use crate::lease;
use crate::model::EventKind;
use crate::slot::Slot;
use crate::store::internal;
use crate::sync;

/// So many single files deleted within that time are many.
const MANY: usize = 10;
const WITHIN: Duration = Duration::from_secs(60);

/// Files of one volume that are deleted one by one, each by a request of its own.
#[derive(Debug, Default)]
pub(crate) struct Deletes {
    /// When the last of them were; at most [`MANY`].
    recent: VecDeque<Instant>,
    /// Whether the present has been kept since they began.
    is_kept: bool,
}

impl Deletes {
    /// One more is about to be deleted: whether the present is to be kept before.
    fn is_one_too_many(&mut self, now: Instant) -> bool {
        while self.recent.front().is_some_and(|first| now.duration_since(*first) > WITHIN) {
            self.recent.pop_front();
        }
        // After a minute without any, what comes is another row of them.
        self.is_kept &= !self.recent.is_empty();
        self.recent.push_back(now);
        if self.recent.len() > MANY {
            self.recent.pop_front();
        }
        self.recent.len() == MANY && !self.is_kept
    }
}

impl Engine {
    /// Deletes the file, link or folder at `path`; a folder that is not empty only if `recursive`.
    ///
    /// # Errors
    /// As for [`files_delete`](Self::files_delete).
    pub async fn file_delete(&self, volume: &str, path: &str, recursive: bool) -> Result<()> {
        self.files_delete(volume, &[path.to_owned()], recursive).await
    }

    /// Deletes files, links and folders; folders that are not empty only if `recursive`. When one of them is not
    /// there, or must not be deleted, none is.
    ///
    /// Where the volume's policy says so (`before_delete`), the present is kept as an automatic checkpoint first: when
    /// this is more than one thing, or a folder that is not empty; and before the tenth of single files that are
    /// deleted within a minute.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when nothing is there; [`ErrorKind::Conflict`] for a folder that is not empty;
    /// [`ErrorKind::InUse`] while machines read the volume, or one writes it that cannot be asked;
    /// [`ErrorKind::InvalidInput`] when nothing is named.
    pub async fn files_delete(&self, volume: &str, paths: &[String], recursive: bool) -> Result<()> {
        self.delete_files(volume, paths, recursive, false).await.map(drop)
    }

    /// The same, so that it can be undone: the present is kept as an automatic checkpoint first, whatever the policy,
    /// unless nothing has changed since the last one. Answers with that checkpoint, from which
    /// [`checkpoint_restore_files`](Self::checkpoint_restore_files) brings back what has been deleted.
    ///
    /// # Errors
    /// As for [`files_delete`](Self::files_delete), and as for a checkpoint.
    pub async fn files_delete_undoable(&self, volume: &str, paths: &[String], recursive: bool) -> Result<CheckpointId> {
        let kept = self.delete_files(volume, paths, recursive, true).await?;
        kept.ok_or_else(|| internal("keep what was deleted", &"there is no checkpoint"))
    }

    #[tracing::instrument(skip_all, fields(volume = %volume, paths = paths.len(), undoable), err(level = "info"))]
    async fn delete_files(
        &self,
        volume: &str,
        paths: &[String],
        recursive: bool,
        undoable: bool,
    ) -> Result<Option<CheckpointId>> {
        let all: BTreeSet<VolumePath> = paths.iter().map(|path| named(path, "be deleted")).collect::<Result<_>>()?;
        // What is in a folder that goes goes with it.
        let is_inside = |path: &VolumePath| recursive && all.iter().any(|other| other != path && other.contains(path));
        let paths: Vec<VolumePath> = all.iter().filter(|path| !is_inside(path)).cloned().collect();
        let Some(first) = paths.first().cloned() else {
            return Err(Error::new(ErrorKind::InvalidInput, "There is nothing to delete.")
                .with_hint("Name files or folders in the volume."));
        };
        let slot = self.slot(volume)?;
        if let Some(writer) = self.writer_in_guest(&slot).await? {
            return self.delete_from_machine(&slot, writer, paths, recursive, undoable).await;
        }
        let kept = self.checkpoint_before_delete(&slot, paths.clone(), recursive, undoable).await?;
        let what = match paths.len() {
            1 => format!("'{first}' is being deleted"),
            many => format!("{many} files and folders are being deleted"),
        };
        let folders: BTreeSet<String> = paths.iter().map(folder_of).collect();
        self.change_files(&slot, what, &first, move |tree| {
            look(tree, &paths, recursive)?;
            match paths.as_slice() {
                [path] => delete(tree, path, recursive),
                paths => tree.in_batch(|| paths.iter().try_for_each(|path| delete(tree, path, recursive))),
            }
        })
        .await?;
        for path in folders.into_iter().filter(|folder| *folder != folder_of(&first)) {
            self.tell(EventKind::FilesChanged { volume_id: slot.id.clone(), path });
        }
        Ok(kept)
    }

    /// The same from a volume that a machine writes: looked at here, deleted by its guest.
    async fn delete_from_machine(
        &self,
        slot: &Arc<Slot>,
        writer: Writer,
        paths: Vec<VolumePath>,
        recursive: bool,
        undoable: bool,
    ) -> Result<Option<CheckpointId>> {
        let (engine, slot) = (self.clone(), slot.clone());
        self.run(async move {
            let looked = paths.clone();
            let is_bulk = engine.look(slot.clone(), None, move |tree| is_bulk(tree, &looked, recursive)).await?;
            let mut kept = None;
            if undoable || slot.manifest()?.policy.before_delete {
                let _structure = slot.structure.lock().await;
                kept = engine.keep_before_delete(&slot, is_bulk || undoable).await?;
            }
            engine.delete_in_guest(&writer, &paths, recursive).await?;
            for path in paths.iter().map(folder_of).collect::<BTreeSet<String>>() {
                engine.tell(EventKind::FilesChanged { volume_id: slot.id.clone(), path });
            }
            engine.tell(EventKind::VolumeChanged { volume_id: slot.id.clone() });
            Ok(kept)
        })
        .await
    }

    /// Takes the checkpoint that a policy or a person asks for, if enough goes. The caller has the volume's structure.
    async fn keep_before_delete(&self, slot: &Arc<Slot>, is_bulk: bool) -> Result<Option<CheckpointId>> {
        let mut kept = None;
        if is_bulk || sync::lock(&slot.deletes).is_one_too_many(Instant::now()) {
            kept = Some(self.keep_present(slot, "before deleting").await?.id);
        }
        if !is_bulk {
            let mut deletes = sync::lock(&slot.deletes);
            deletes.is_kept |= deletes.recent.len() == MANY;
        }
        Ok(kept)
    }

    /// Takes the automatic checkpoint that the policy asks for before much is deleted.
    async fn checkpoint_before_delete(
        &self,
        slot: &Arc<Slot>,
        paths: Vec<VolumePath>,
        recursive: bool,
        undoable: bool,
    ) -> Result<Option<CheckpointId>> {
        let slot = slot.clone();
        let manifest = slot.manifest()?;
        if !undoable && !manifest.policy.before_delete {
            return Ok(None);
        }
        lease::may_write_head(&manifest, &self.vm_names())?;
        let engine = self.clone();
        self.run(async move {
            let _structure = slot.structure.lock().await;
            let quiet = slot.gate.read(&slot.name()).await?;
            let looked = slot.clone();
            let is_bulk = blocking(move || {
                let _quiet = quiet;
                is_bulk(&Tree::open(&looked, &looked.manifest()?.head, Access::ReadOnly)?, &paths, recursive)
            });
            let is_bulk = is_bulk.await?;
            engine.keep_before_delete(&slot, is_bulk || undoable).await
        })
        .await
    }
}

/// Whether more goes than one file; everything that is named has to be there.
fn is_bulk(tree: &Tree, paths: &[VolumePath], recursive: bool) -> Result<bool> {
    look(tree, paths, recursive)?;
    match paths {
        [path] => Ok(tree.is_folder(path)? && !tree.entries(path)?.is_empty()),
        _ => Ok(true),
    }
}

/// Refuses what is not there or must not be deleted, before anything is.
fn look(tree: &Tree, paths: &[VolumePath], recursive: bool) -> Result<()> {
    for path in paths {
        let is_folder = tree.stat(path)?.kind == FileKind::Directory;
        if is_folder && !recursive && !tree.entries(path)?.is_empty() {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("Could not delete '{path}': the folder is not empty."),
            )
            .with_hint("Delete it with everything in it, if that is meant."));
        }
    }
    Ok(())
}

fn delete(tree: &Tree, path: &VolumePath, recursive: bool) -> Result<()> {
    if recursive && tree.is_folder(path)? { tree.remove_all(path) } else { tree.remove(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_of_single_deletes_is_kept_once() {
        let (mut deletes, begun) = (Deletes::default(), Instant::now());
        let mut kept = Vec::new();
        // One each second; then a pause; then one each ten seconds, which is never many.
        for second in (0..30).chain(100..120).chain((300..600).step_by(10)) {
            if deletes.is_one_too_many(begun + Duration::from_secs(second)) {
                deletes.is_kept = true;
                kept.push(second);
            }
        }
        assert_eq!(kept, [9, 109]);
    }
}
