//! Copying files and folders within a volume, as `cp -a` does it in a guest: all of them or none.

use std::sync::Arc;

use super::arrange::Arrangement;
use super::path::VolumePath;
use super::plan::Plan;
use super::upload::{Shown, look, target, title_of};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::id::TransferId;
use crate::lease;
use crate::model::{CopyFiles, Direction, Transfer};
use crate::slot::Slot;
use crate::transfer::{Job, Order, Request};

impl Engine {
    /// Copies files and folders within the present of a volume; answers at once with the queued transfer.
    ///
    /// Destinations are understood as `cp -r` does. Permissions, owners, times, attributes, links and holes are kept;
    /// devices, sockets and pipes are left out with a notice. Nothing of a transfer that fails or is cancelled remains,
    /// and what it would have replaced is untouched.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a bad path, [`ErrorKind::InUse`] while a machine has the volume. A source that is
    /// not there, and a folder that would be copied into itself, let the transfer fail.
    #[tracing::instrument(skip_all, fields(volume, destination = %wanted.destination), err(level = "info"))]
    pub async fn files_copy(&self, volume: &str, wanted: CopyFiles) -> Result<Transfer> {
        self.copy_as(volume, wanted, None).await
    }

    pub(crate) async fn copy_as(&self, volume: &str, wanted: CopyFiles, again: Option<TransferId>) -> Result<Transfer> {
        let slot = self.slot(volume)?;
        if wanted.paths.is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "There is nothing to copy.")
                .with_hint("Name at least one file or folder."));
        }
        let paths = wanted.paths.iter().map(|path| VolumePath::parse(path)).collect::<Result<Vec<_>>>()?;
        VolumePath::parse(&wanted.destination)?;
        lease::may_write_head(&*slot.manifest()?, &self.vm_names())?;
        let order = Order::new(Request::Copy(wanted.clone()), again);
        let job = self.inner.transfers.begin(&slot.id, Direction::Upload, title_of(&paths), order)?;
        let (engine, worker) = (self.clone(), job.clone());
        self.start_writing(&slot.clone(), job.clone(), "copied", move || {
            engine.copy_now(&slot, &wanted, &paths, &worker)
        });
        Ok(job.snapshot())
    }

    fn copy_now(&self, slot: &Arc<Slot>, wanted: &CopyFiles, paths: &[VolumePath], job: &Job) -> Result<()> {
        let tree = Shown::open(slot)?;
        let contents = paths.iter().any(VolumePath::is_root);
        let target = target(&tree, &wanted.destination, contents)?;
        for path in paths {
            if path.contains(&target.place) && tree.is_folder(path)? {
                let message = format!("'{path}' cannot be copied into itself.");
                return Err(Error::new(ErrorKind::InvalidInput, message).with_hint("Name a place outside of it."));
            }
        }
        let plan = Plan::of_volume(&tree, paths, &|| job.go_on())?;
        let arrangement = Arrangement::make(&plan, &target, wanted.conflict, &|place| look(&tree, place))?;
        for (index, _) in arrangement.kept(&plan) {
            let (from, to) = (plan.volume_path(index), arrangement.place(&plan, index)?);
            if from == to && plan.nodes[index].parent.is_none() {
                let message = format!("'{from}' and where it is to go are the same.");
                return Err(Error::new(ErrorKind::InvalidInput, message).with_hint("Give the copy another name."));
            }
        }
        self.copy_arranged(slot, None, tree, (&plan, &arrangement, &target.place), job)
    }
}
