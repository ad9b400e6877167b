//! The staging folder of an upload: everything is written there first, then moved to its place.
//!
//! The folder stands below the root and mirrors it, so that what is at `<staging>/a/b` belongs at `a/b`.
//! Until everything is there, an upload is undone by removing the folder: what it would replace was never
//! touched. From then on it is finished by moving, which can be begun again at any point. Restored files take the
//! same way.

use cairn_ext4::FileKind;

use super::path::VolumePath;
use super::tree::Tree;
use crate::engine::Engine;
use crate::error::Result;
use crate::fault;
use crate::id::TransferId;
use crate::intent;
use crate::manifest::Intent;
use crate::model::NoticeLevel;
use crate::slot::Slot;

/// What every staging folder's name begins with.
const PREFIX: &str = ".cairn-upload-";

/// The staging folder of a transfer.
pub(super) fn folder_of(transfer: &TransferId) -> Result<VolumePath> {
    VolumePath::parse(&format!("{PREFIX}{transfer}"))
}

/// Whether a name in the root is that of a staging folder. Whatever else begins so is somebody's own.
pub(crate) fn is_staging(name: &[u8]) -> bool {
    let id = name.strip_prefix(PREFIX.as_bytes()).and_then(|id| std::str::from_utf8(id).ok());
    id.is_some_and(|id| id.parse::<TransferId>().is_ok())
}

impl Engine {
    /// Changes the head's files through the folder `staging`: `stage` makes it and fills it, `finish` adds what has
    /// to be done beside the moving. All of it is done, or nothing is.
    pub(super) fn through_staging(
        &self,
        slot: &Slot,
        tree: &Tree,
        staging: &VolumePath,
        stage: impl FnOnce() -> Result<()>,
        finish: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let begun = Intent::Upload { staging: staging.to_relative_string(), complete: false };
        intent::record(slot, &begun)?;
        match tree.in_batch(stage).and_then(|()| complete(slot, &begun)) {
            Ok(complete) => {
                let placed = tree.in_batch(|| place(tree, staging).and_then(|()| finish()));
                fault::point("upload placed");
                placed
                    .and_then(|()| clear(tree, staging))
                    .and_then(|()| slot.commit(|manifest| manifest.forget(&complete)).map(drop))
                    // Half of it may be in place: nobody uses the volume until the next start has finished the rest.
                    .inspect_err(|error| slot.give_up(error.clone()))
            }
            Err(error) => {
                self.undo(slot, tree, staging, &begun);
                Err(error)
            }
        }
    }

    fn undo(&self, slot: &Slot, tree: &Tree, staging: &VolumePath, begun: &Intent) {
        if let Err(error) = clear(tree, staging) {
            let sentence =
                format!("A copy into the volume '{}' could not be undone; the next start will.", slot.name());
            self.inner.events.notice(NoticeLevel::Error, format!("{sentence} {error}"));
            slot.give_up(error);
            return;
        }
        if let Err(error) = slot.commit(|manifest| manifest.forget(begun)) {
            // The next start will look for a staging folder, and find none.
            tracing::warn!(volume = %slot.id, %error, "the end of an upload could not be recorded");
        }
    }
}

/// The staging folder is complete and durable: what comes now is finished, come what may.
fn complete(slot: &Slot, begun: &Intent) -> Result<Intent> {
    let Intent::Upload { staging, .. } = begun else { return Ok(begun.clone()) };
    fault::point("upload staged");
    let complete = Intent::Upload { staging: staging.clone(), complete: true };
    slot.commit(|manifest| {
        manifest.forget(begun);
        manifest.intents.push(complete.clone());
    })?;
    Ok(complete)
}

/// Moves everything in the staging folder to its place. Folders that are there already are filled.
pub(crate) fn place(tree: &Tree, staging: &VolumePath) -> Result<()> {
    if tree.find(staging)?.is_none() {
        return Ok(());
    }
    let mut left = vec![VolumePath::default()];
    while let Some(folder) = left.pop() {
        for entry in tree.entries(&staging.join_path(&folder))? {
            let place = folder.join(&entry.name);
            let is_folder = entry.kind == FileKind::Directory;
            if is_folder && tree.is_folder(&place)? {
                left.push(place);
            } else {
                tree.rename(&staging.join_path(&place), &place)?;
            }
        }
    }
    Ok(())
}

/// Removes the staging folder with whatever is still in it.
pub(crate) fn clear(tree: &Tree, staging: &VolumePath) -> Result<()> {
    if tree.find(staging)?.is_some() {
        tree.remove_all(staging)?;
    }
    tree.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_of_transfers_are_staging_folders() {
        let folder = folder_of(&TransferId::random().unwrap()).unwrap();
        assert!(is_staging(folder.as_bytes()));
        for own in [&b".cairn-upload-"[..], b".cairn-upload-mine", b".cairn-uploads", b".cairn-upload-tr_\xff", b"a"] {
            assert!(!is_staging(own));
        }
    }
}
