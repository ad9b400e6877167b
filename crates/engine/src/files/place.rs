//! A downloaded tree that waits beside its destination, and moving it there: all of it, or nothing.

use std::path::{Path, PathBuf};

use super::arrange::Arrangement;
use super::plan::Plan;
use crate::convert::io_error;
use crate::durable;
use crate::error::Result;

/// Where replaced files wait until everything is in place.
const REPLACED: &str = "replaced";
/// Where the new files wait.
const NEW: &str = "new";

/// What is staged, by the plan's own order.
pub(super) struct Staged<'a> {
    plan: &'a Plan,
    arrangement: &'a Arrangement<PathBuf>,
    /// A folder of its own on the destination's filesystem.
    pub(super) folder: PathBuf,
}

/// What has been moved, to be moved back.
struct Moved {
    place: PathBuf,
    staged: PathBuf,
    replaced: Option<PathBuf>,
}

impl<'a> Staged<'a> {
    pub(super) fn new(plan: &'a Plan, arrangement: &'a Arrangement<PathBuf>, folder: PathBuf) -> Self {
        Self { plan, arrangement, folder }
    }

    /// Where a node waits: what is moved by itself under its number, the rest below that.
    pub(super) fn path(&self, index: usize) -> Result<PathBuf> {
        let mut names = Vec::new();
        let mut at = index;
        while !self.arrangement.is_placed_itself(self.plan, at)
            && let Some(parent) = self.plan.nodes[at].parent
        {
            names.push(super::path::host_name(self.plan.name(at))?);
            at = parent as usize;
        }
        let mut path = self.folder.join(format!("{NEW}-{at}"));
        path.extend(names.into_iter().rev());
        Ok(path)
    }

    /// Moves everything to its place; when one thing cannot be moved, everything is moved back.
    pub(super) fn place_all(&self) -> Result<()> {
        let mut moved = Vec::new();
        let placed = (0..self.plan.nodes.len())
            .filter(|index| self.arrangement.is_placed_itself(self.plan, *index))
            .try_for_each(|index| {
                let place = self.arrangement.place(self.plan, index)?;
                moved.push(self.place(index, place)?);
                Ok(())
            });
        match placed {
            Ok(()) => self.sync_folders(&moved),
            Err(error) => {
                moved.iter().rev().for_each(move_back);
                Err(error)
            }
        }
    }

    fn place(&self, index: usize, place: PathBuf) -> Result<Moved> {
        let staged = self.path(index)?;
        let failed = |e| io_error("put what was downloaded in its place", &place, &e);
        let replaced = match std::fs::symlink_metadata(&place) {
            Ok(_) => {
                let replaced = self.folder.join(format!("{REPLACED}-{index}"));
                keep(&place, &replaced).map_err(failed)?;
                Some(replaced)
            }
            Err(_) => None,
        };
        std::fs::rename(&staged, &place).map_err(failed)?;
        Ok(Moved { place, staged, replaced })
    }

    fn sync_folders(&self, moved: &[Moved]) -> Result<()> {
        let mut folders: Vec<&Path> = moved.iter().filter_map(|moved| moved.place.parent()).collect();
        folders.sort_unstable();
        folders.dedup();
        folders.into_iter().try_for_each(|folder| {
            durable::sync_folder(folder).map_err(|e| io_error("write the download to the disk", folder, &e))
        })
    }
}

/// Gives a file that is about to be replaced a second name, so that it is never gone.
fn keep(place: &Path, replaced: &Path) -> std::io::Result<()> {
    // Not every filesystem has hard links, and some systems have none for symbolic links.
    std::fs::hard_link(place, replaced).or_else(|_| std::fs::rename(place, replaced))
}

fn move_back(moved: &Moved) {
    let back = std::fs::rename(&moved.place, &moved.staged)
        .and_then(|()| moved.replaced.as_ref().map_or(Ok(()), |replaced| std::fs::rename(replaced, &moved.place)));
    if let Err(error) = back {
        tracing::error!(place = %moved.place.display(), %error, "a file could not be moved back after a failed download");
    }
}
