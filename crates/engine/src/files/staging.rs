//! The staging folder of an upload: everything is written there first, then moved to its place.
//!
//! The folder stands below the root and mirrors it, so that what is at `<staging>/a/b` belongs at `a/b`.
//! Until everything is there, an upload is undone by removing the folder: what it would replace was never
//! touched. From then on it is finished by moving, which can be begun again at any point.

use super::path::VolumePath;
use super::tree::Tree;
use crate::error::Result;

use cairn_ext4::FileKind;

/// What every staging folder's name begins with.
pub(crate) const PREFIX: &str = ".cairn-upload-";

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
