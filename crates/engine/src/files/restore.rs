//! Restoring files: out of a checkpoint and into the present of the same volume, all of them or none.
//!
//! The way of an upload (counted, compared with what is free, staged, moved), with a checkpoint for a source. What is
//! copied within the present goes the same way.

use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Arc;

use cairn_ext4::{AttributeChanges, Attributes, FileHandle, FileKind, Metadata, Next, Source, Timestamp};

use super::arrange::{Action, Arrangement};
use super::path::VolumePath;
use super::plan::{Kind, Plan};
use super::room::check_space;
use super::staging;
use super::tree::Tree;
use super::upload::{Shown, look, target, title_of};
use crate::checkpoint;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::id::TransferId;
use crate::lease;
use crate::model::{Conflict, Direction, RestoreFiles, Transfer};
use crate::slot::Slot;
use crate::transfer::{Job, Order, Request};

impl Engine {
    /// Copies files and folders of a checkpoint into the present; answers at once with the queued transfer.
    ///
    /// Files take the place of those that are there now; folders are filled, and get the permissions, owner, times
    /// and attributes that they had: what came into them since stays. Hard links between what is restored are
    /// kept; devices, sockets and pipes are left out with a notice. Nothing of a transfer that fails or is
    /// cancelled remains.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a bad path, [`ErrorKind::NotFound`] for a checkpoint that is not there,
    /// [`ErrorKind::InUse`] while a machine has the volume.
    #[tracing::instrument(skip_all, fields(volume, from = %wanted.from), err(level = "info"))]
    pub async fn checkpoint_restore_files(&self, volume: &str, wanted: RestoreFiles) -> Result<Transfer> {
        self.restore_as(volume, wanted, None).await
    }

    pub(crate) async fn restore_as(
        &self,
        volume: &str,
        wanted: RestoreFiles,
        again: Option<TransferId>,
    ) -> Result<Transfer> {
        let slot = self.slot(volume)?;
        if wanted.paths.is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "There is nothing to restore.")
                .with_hint("Name at least one file or folder."));
        }
        let paths = wanted.paths.iter().map(|path| VolumePath::parse(path)).collect::<Result<Vec<_>>>()?;
        wanted.destination.as_deref().map(VolumePath::parse).transpose()?;
        let manifest = slot.manifest()?;
        let from = checkpoint::resolve(&manifest, &wanted.from)?.name.clone();
        lease::may_write_head(&manifest, &self.vm_names())?;
        let title = format!("{} from {from}", title_of(&paths));
        let order = Order::new(Request::Restore(wanted.clone()), again);
        let job = self.inner.transfers.begin(&slot.id, Direction::Upload, title, order)?;
        let (engine, worker) = (self.clone(), job.clone());
        self.start_writing(&slot.clone(), job.clone(), "restored", move || {
            engine.restore_files_now(&slot, &wanted, paths, &worker)
        });
        Ok(job.snapshot())
    }

    fn restore_files_now(
        &self,
        slot: &Arc<Slot>,
        wanted: &RestoreFiles,
        mut paths: Vec<VolumePath>,
        job: &Job,
    ) -> Result<()> {
        let then = self.view(slot, Some(&wanted.from), None)?.tree;
        let tree = Shown::open(slot)?;
        if wanted.destination.is_none() {
            // What lies below something else that was named comes with it.
            paths.sort_unstable();
            paths.dedup_by(|path, before| before.contains(path));
        }
        let plan = Plan::of_volume(&then, &paths, &|| job.go_on())?;
        let look = |place: &VolumePath| look(&tree, place);
        let (arrangement, place) = match &wanted.destination {
            Some(destination) => {
                let contents = paths.iter().any(VolumePath::is_root);
                let target = target(&tree, destination, contents)?;
                (Arrangement::make(&plan, &target, Conflict::Replace, &look)?, target.place)
            }
            None => {
                for path in &paths {
                    // Refuses a place below what is no folder now.
                    target(&tree, &path.to_relative_string(), true)?;
                }
                let named = (0..plan.nodes.len()).filter(|index| plan.nodes[*index].parent.is_none());
                let roots = named.map(|index| (index, plan.volume_path(index))).collect();
                (Arrangement::of_roots(&plan, roots, Conflict::Replace, &look)?, paths[0].clone())
            }
        };
        self.copy_arranged(slot, Some(&then), tree, (&plan, &arrangement, &place), job)
    }

    /// Copies what is arranged out of `then`, or else out of the present itself, into the present.
    pub(super) fn copy_arranged(
        &self,
        slot: &Arc<Slot>,
        then: Option<&Tree>,
        tree: Shown<'_>,
        (plan, arrangement, place): (&Plan, &Arrangement<VolumePath>, &VolumePath),
        job: &Job,
    ) -> Result<()> {
        job.counted(arrangement.files(plan), arrangement.bytes(plan));
        check_space(plan, arrangement, &tree.space(), slot)?;
        let staging = staging::folder_of(job.id())?;
        let then = then.unwrap_or(&tree);
        let copy = Copy { then, tree: &tree, plan, arrangement, job, staging: staging.clone() };
        let outcome =
            self.through_staging(slot, &tree, &staging, || copy.stage(), || copy.finish_folders(Action::Merge));
        drop(tree);
        self.count_usage(slot);
        outcome?;
        self.tell_of_copy(slot, plan, place);
        Ok(())
    }
}

/// A copy within a volume at work.
struct Copy<'a> {
    then: &'a Tree,
    tree: &'a Tree,
    plan: &'a Plan,
    arrangement: &'a Arrangement<VolumePath>,
    job: &'a Job,
    staging: VolumePath,
}

impl Copy<'_> {
    /// Writes everything into the staging folder.
    fn stage(&self) -> Result<()> {
        self.tree.mkdir(&self.staging, &Attributes::root(0o700, Timestamp::now()))?;
        let mut names = HashMap::new();
        for (index, node) in self.arrangement.kept(self.plan) {
            self.job.go_on()?;
            let (from, place) = (self.plan.volume_path(index), self.arrangement.place(self.plan, index)?);
            let path = self.staging.join_path(&place);
            self.job.begin_file(|| place.to_string());
            if node.parent.is_none()
                && let Some(parent) = path.parent()
            {
                self.tree.mkdir_all(&parent, &Attributes::root(0o755, Timestamp::now()))?;
            }
            let found = self.then.stat(&from)?;
            match names.get(&found.inode).filter(|_| node.kind != Kind::Directory) {
                Some(first) => {
                    self.tree.hard_link(first, &path)?;
                    self.job.copied(if node.kind == Kind::File { node.size } else { 0 });
                }
                None => self.stage_one(node.kind, &from, &path, &found)?,
            }
            if found.links > 1 && found.kind != FileKind::Directory {
                names.entry(found.inode).or_insert(path);
            }
            self.job.end_file();
        }
        self.finish_folders(Action::Make)?;
        self.job.go_on()
    }

    fn stage_one(&self, kind: Kind, from: &VolumePath, path: &VolumePath, found: &Metadata) -> Result<()> {
        let attributes = attributes(found);
        match kind {
            // Its attributes are set when it has been filled.
            Kind::Directory => return self.tree.mkdir(path, &attributes),
            Kind::Symlink => self.tree.symlink(path, &self.then.read_link(from)?, &attributes)?,
            Kind::File => {
                let file = self.then.open_file(from)?;
                let len = file.len();
                let mut source = Version { file, at: 0, data_end: 0, job: self.job, failure: None };
                let written = self.tree.create_file_from(path, &attributes, &mut source, len);
                // The file engine only knows that the content could not be read; the source knows why.
                source.failure.map_or(written, Err)?;
            }
        }
        self.tree.set_xattrs(path, &self.then.xattrs(from)?)
    }

    /// Gives the folders that are new, in the staging folder, or those that are filled, in their places, what they
    /// had. From below, since a folder's time of change moves with each thing put into it.
    fn finish_folders(&self, action: Action) -> Result<()> {
        for (index, node) in self.plan.nodes.iter().enumerate().rev() {
            if node.kind != Kind::Directory || self.arrangement.action(index) != action {
                continue;
            }
            let place = self.arrangement.place(self.plan, index)?;
            let path = if action == Action::Make { self.staging.join_path(&place) } else { place };
            let from = self.plan.volume_path(index);
            let Attributes { mode, uid, gid, atime, mtime } = attributes(&self.then.stat(&from)?);
            self.tree.set_xattrs(&path, &self.then.xattrs(&from)?)?;
            let changes = AttributeChanges {
                mode: Some(mode),
                uid: Some(uid),
                gid: Some(gid),
                atime: Some(atime),
                mtime: Some(mtime),
            };
            self.tree.set_attributes(&path, &changes)?;
        }
        Ok(())
    }
}

fn attributes(found: &Metadata) -> Attributes {
    Attributes { mode: found.mode, uid: found.uid, gid: found.gid, atime: found.atime, mtime: found.mtime }
}

/// A file of the checkpoint on its way into the present; holes stay holes.
struct Version<'a> {
    file: FileHandle,
    at: u64,
    /// Up to where content is known to stand.
    data_end: u64,
    job: &'a Job,
    failure: Option<Error>,
}

impl Version<'_> {
    fn go_on(&mut self) -> io::Result<()> {
        self.job.go_on().map_err(|error| {
            let message = error.to_string();
            self.failure = Some(error);
            io::Error::other(message)
        })
    }

    fn take(&mut self, len: u64) {
        self.at += len;
        self.job.copied(len);
    }
}

impl Read for Version<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.go_on()?;
        let count = self.file.read_at(buf, self.at).map_err(io::Error::other)?;
        self.take(count as u64);
        Ok(count)
    }
}

impl Source for Version<'_> {
    fn next(&mut self) -> io::Result<Next<'_>> {
        if self.at < self.data_end || self.at >= self.file.len() {
            return Ok(Next::Unknown);
        }
        let data = self.file.next_data(self.at).map_err(io::Error::other)?;
        let (start, end) = data.unwrap_or((self.file.len(), self.file.len()));
        self.data_end = end;
        Ok(if start > self.at { Next::Zeros(start - self.at) } else { Next::Unknown })
    }

    fn skip(&mut self, len: u64) -> io::Result<()> {
        self.go_on()?;
        self.take(len);
        Ok(())
    }
}
