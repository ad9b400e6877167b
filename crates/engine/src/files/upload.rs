//! Uploads: files and folders of the host into a volume, all of them or none.
//!
//! Counted first, then compared with what is free, then written into a staging folder, then moved to their
//! places (see `staging`). Whatever goes wrong before the moving leaves the volume as it was.

use std::fs::{Metadata, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use cairn_ext4::{AttributeChanges, Attributes, FileKind, Timestamp};
use nix::libc::{O_NOFOLLOW, O_NONBLOCK};

use super::arrange::{Action, Arrangement, Target, There};
use super::guest::Writer;
use super::host_file::HostFile;
use super::live::Pass;
use super::path::VolumePath;
use super::plan::{self, Kind, Plan};
use super::room::check_space;
use super::staging;
use super::tree::Tree;
use crate::convert::io_error;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::id::TransferId;
use crate::lease;
use crate::model::{Conflict, Direction, EventKind, NoticeLevel, Transfer, Upload};
use crate::slot::Slot;
use crate::sync;
use crate::transfer::{Job, Order, Request};

impl Engine {
    /// Copies files and folders of the host into a volume; answers at once with the queued transfer.
    ///
    /// Destinations are understood as `cp -r` does. Links stay links; permissions, owners and times are kept;
    /// devices, sockets and pipes are left out with a notice. Nothing of a transfer that fails or is
    /// cancelled remains, and what it would have replaced is untouched.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a bad destination, [`ErrorKind::InUse`] while machines read the volume, or one
    /// writes it that cannot be asked to take the files; one that can is asked.
    #[tracing::instrument(skip_all, fields(volume, destination = %upload.destination), err(level = "info"))]
    pub async fn upload(&self, volume: &str, upload: Upload) -> Result<Transfer> {
        self.upload_as(volume, upload, None).await
    }

    pub(crate) async fn upload_as(&self, volume: &str, upload: Upload, again: Option<TransferId>) -> Result<Transfer> {
        let slot = self.slot(volume)?;
        if upload.sources.is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "There is nothing to upload.")
                .with_hint("Name at least one file or folder."));
        }
        VolumePath::parse(&upload.destination)?;
        self.may_upload(&slot).await?;
        let title = title(upload.sources.iter().map(|source| file_name(source)));
        let order = Order::new(Request::Upload(upload.clone()), again);
        let job = self.inner.transfers.begin(&slot.id, Direction::Upload, title, order)?;
        if let Err(error) = self.start_upload(&slot, upload, job.clone()).await {
            job.end(&Err(error.clone()));
            return Err(error);
        }
        Ok(job.snapshot())
    }

    /// Whether the volume takes files now, by itself or through the guest that has it.
    ///
    /// # Errors
    /// [`ErrorKind::InUse`], with who has it.
    pub(super) async fn may_upload(&self, slot: &Arc<Slot>) -> Result<()> {
        match self.writer_in_guest(slot).await? {
            Some(_) => Ok(()),
            None => lease::may_write_head(&*slot.manifest()?, &self.vm_names()),
        }
    }

    /// Has an upload done when its turn has come.
    ///
    /// # Errors
    /// As for [`may_upload`](Self::may_upload).
    pub(super) async fn start_upload(&self, slot: &Arc<Slot>, upload: Upload, job: Arc<Job>) -> Result<()> {
        let (slot, writer) = (slot.clone(), self.writer_in_guest(slot).await?);
        let (engine, worker) = (self.clone(), job.clone());
        if let Some(writer) = writer {
            let (looking, door) = (self.clone(), slot.clone());
            let let_in = async move { looking.pass_to_look(&door).await };
            self.start_transfer(&slot.clone(), job, let_in, move |pass: Result<Pass>| {
                engine.upload_to_guest(&slot, &writer, &upload, &worker, pass?)
            });
            return Ok(());
        }
        self.start_writing(&slot.clone(), job, "uploaded", move || engine.upload_now(&slot, &upload, &worker));
        Ok(())
    }

    /// Has `work` write the present when nobody else does and the transfer's turn has come.
    pub(crate) fn start_writing(
        &self,
        slot: &Arc<Slot>,
        job: Arc<Job>,
        done: &str,
        work: impl FnOnce() -> Result<()> + Send + 'static,
    ) {
        let (engine, door) = (self.clone(), slot.clone());
        let what = format!("'{}' is being {done}", job.snapshot().title);
        let (looked, let_in) = (slot.clone(), async move { door.gate.write_patiently(&what).await });
        self.start_transfer(slot, job, let_in, move |_alone| {
            lease::may_write_head(&*looked.manifest()?, &engine.vm_names())?;
            work()
        });
    }

    fn upload_now(&self, slot: &Arc<Slot>, upload: &Upload, job: &Job) -> Result<()> {
        let plan = Plan::of_host(&upload.sources, &|| job.go_on())?;
        let contents = upload.sources.iter().any(|source| plan::is_contents(source));
        self.upload_planned(slot, &plan, (&upload.destination, contents, upload.conflict), job)
    }

    /// Writes what is planned of the host into the present, where nobody else writes; into the destination in any case
    /// when it is the `contents` of a folder. Blocks.
    pub(crate) fn upload_planned(
        &self,
        slot: &Arc<Slot>,
        plan: &Plan,
        (destination, contents, conflict): (&str, bool, Conflict),
        job: &Job,
    ) -> Result<()> {
        let tree = Shown::open(slot)?;
        let target = target(&tree, destination, contents)?;
        let arrangement = Arrangement::make(plan, &target, conflict, &|place| look(&tree, place))?;
        job.counted(arrangement.files(plan), arrangement.bytes(plan));
        check_space(plan, &arrangement, &tree.space(), slot)?;

        let staging = staging::folder_of(job.id())?;
        let copy = Copy { tree: &tree, plan, arrangement: &arrangement, job, staging: staging.clone() };
        let outcome = self.through_staging(slot, &tree, &staging, || copy.stage(), || Ok(()));
        drop(tree);
        self.count_usage(slot);
        outcome?;
        self.tell_of_copy(slot, plan, &target.place);
        Ok(())
    }

    /// The same into a volume that a machine writes: planned by what is seen of it, carried out by its guest.
    fn upload_to_guest(&self, slot: &Arc<Slot>, writer: &Writer, upload: &Upload, job: &Job, pass: Pass) -> Result<()> {
        let tree = self.view(slot, None, Some(pass))?;
        let plan = Plan::of_host(&upload.sources, &|| job.go_on())?;
        let contents = upload.sources.iter().any(|source| plan::is_contents(source));
        let target = target(&tree.tree, &upload.destination, contents)?;
        let arrangement = Arrangement::make(&plan, &target, upload.conflict, &|place| look(&tree.tree, place))?;
        job.counted(arrangement.files(&plan), arrangement.bytes(&plan));
        check_space(&plan, &arrangement, &tree.tree.space(), slot)?;
        drop(tree);
        self.put_in_guest(writer, job.id(), |tree, staging| {
            Copy { tree, plan: &plan, arrangement: &arrangement, job, staging: staging.clone() }.stage()
        })?;
        self.tell_of_copy(slot, &plan, &target.place);
        Ok(())
    }

    /// Tells everybody what has changed, and what was left out.
    pub(super) fn tell_of_copy(&self, slot: &Slot, plan: &Plan, place: &VolumePath) {
        self.tell_of_files(slot, left_out(plan), place);
    }

    /// The same when it is known what was left out.
    pub(super) fn tell_of_files(&self, slot: &Slot, left_out: Option<String>, place: &VolumePath) {
        if let Some(notice) = left_out {
            self.inner.events.notice(NoticeLevel::Warning, notice);
        }
        let folder = place.parent().unwrap_or_default();
        self.tell(EventKind::FilesChanged { volume_id: slot.id.clone(), path: folder.to_relative_string() });
        self.tell(EventKind::FilesChanged { volume_id: slot.id.clone(), path: place.to_relative_string() });
        self.tell(EventKind::VolumeChanged { volume_id: slot.id.clone() });
    }
}

/// Where an upload goes, as `cp -r` has it; into a folder in any case when it is the `contents` of one. The folders above must be folders, as far as they are there: a link on
/// the way would lead the files to another place than the one that was named.
pub(super) fn target(tree: &Tree, destination: &str, contents: bool) -> Result<Target<VolumePath>> {
    let place = VolumePath::parse(destination)?;
    let mut above = place.parent();
    while let Some(path) = above {
        if look(tree, &path)? == There::File {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("'{path}' is not a folder, so nothing can go below it."),
            )
            .with_hint("Nothing was copied; choose another destination."));
        }
        above = path.parent();
    }
    let is_folder = place.is_root() || destination.ends_with('/') || look(tree, &place)? == There::Folder || contents;
    Ok(Target { place, is_folder })
}

pub(super) fn look(tree: &Tree, place: &VolumePath) -> Result<There> {
    Ok(match tree.find(place)? {
        None => There::Nothing,
        Some(found) if found.kind == FileKind::Directory => There::Folder,
        Some(_) => There::File,
    })
}

/// What was left out of a transfer, as a sentence.
pub(super) fn left_out(plan: &Plan) -> Option<String> {
    let (count, first) = (plan.skipped.len(), plan.skipped.first()?);
    let what = if count == 1 {
        "1 device, socket or pipe was".into()
    } else {
        format!("{count} devices, sockets or pipes were")
    };
    Some(format!(
        "{what} left out, because they have no content to copy: {first}{}.",
        if count > 1 { " and others" } else { "" }
    ))
}

/// The head, open for writing; others may look at it meanwhile.
pub(super) struct Shown<'a> {
    slot: &'a Slot,
    tree: Arc<Tree>,
}

impl<'a> Shown<'a> {
    pub(super) fn open(slot: &'a Slot) -> Result<Self> {
        let tree = Arc::new(Tree::open_head(slot)?);
        *sync::write(&slot.shown) = Some(tree.clone());
        Ok(Self { slot, tree })
    }
}

impl std::ops::Deref for Shown<'_> {
    type Target = Tree;
    fn deref(&self) -> &Tree {
        &self.tree
    }
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        // Waits for those who are looking, so that the image is closed when its writer has ended.
        *sync::write(&self.slot.shown) = None;
    }
}

/// An upload at work.
struct Copy<'a> {
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
        for (index, node) in self.arrangement.kept(self.plan) {
            self.job.go_on()?;
            let place = self.arrangement.place(self.plan, index)?;
            let path = self.staging.join_path(&place);
            let host = self.plan.host_path(index);
            self.job.begin_file(|| place.to_string());
            if node.parent.is_none() {
                self.make_parents(&path)?;
            }
            match node.kind {
                Kind::Directory => self.stage_folder(&host, &path)?,
                Kind::Symlink => self.stage_link(&host, &path)?,
                Kind::File => self.stage_file(&host, &path, node.size)?,
            }
            self.job.end_file();
        }
        self.restore_folder_times()?;
        self.job.go_on()
    }

    fn stage_folder(&self, host: &Path, path: &VolumePath) -> Result<()> {
        let meta = std::fs::symlink_metadata(host).map_err(|e| vanished(host, &e))?;
        self.tree.mkdir(path, &attributes(&meta))
    }

    fn stage_link(&self, host: &Path, path: &VolumePath) -> Result<()> {
        let meta = std::fs::symlink_metadata(host).map_err(|e| vanished(host, &e))?;
        let target = std::fs::read_link(host).map_err(|e| vanished(host, &e))?;
        self.tree.symlink(path, target.as_os_str().as_bytes(), &attributes(&meta))
    }

    fn stage_file(&self, host: &Path, path: &VolumePath, planned: u64) -> Result<()> {
        // Whatever has taken the file's place since it was counted: never wait for a pipe, never follow a link.
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(O_NOFOLLOW | O_NONBLOCK)
            .open(host)
            .map_err(|e| vanished(host, &e))?;
        let meta = file.metadata().map_err(|e| vanished(host, &e))?;
        if !meta.is_file() || meta.len() < planned {
            return Err(changed(host));
        }
        self.job.grew(meta.len() - planned);
        let mut source = HostFile::new(file, host, meta.len(), self.job);
        let written = self.tree.create_file_from(path, &attributes(&meta), &mut source, meta.len());
        // The file engine only knows that the content could not be read; the source knows why.
        match source.failure() {
            Some(failure) => Err(failure),
            None => written,
        }
    }

    /// The folders above what was named itself, which may not be in the volume yet.
    fn make_parents(&self, path: &VolumePath) -> Result<()> {
        match path.parent() {
            Some(parent) => self.tree.mkdir_all(&parent, &Attributes::root(0o755, Timestamp::now())),
            None => Ok(()),
        }
    }

    /// A folder's time of change moves with each thing put into it, so that it is set when all is there.
    fn restore_folder_times(&self) -> Result<()> {
        for (index, node) in self.plan.nodes.iter().enumerate().rev() {
            if node.kind != Kind::Directory || self.arrangement.action(index) != Action::Make {
                continue;
            }
            let host = self.plan.host_path(index);
            let meta = std::fs::symlink_metadata(&host).map_err(|e| vanished(&host, &e))?;
            let path = self.staging.join_path(&self.arrangement.place(self.plan, index)?);
            let Attributes { atime, mtime, .. } = attributes(&meta);
            let times = AttributeChanges { atime: Some(atime), mtime: Some(mtime), ..AttributeChanges::default() };
            self.tree.set_attributes(&path, &times)?;
        }
        Ok(())
    }
}

fn attributes(meta: &Metadata) -> Attributes {
    let time = |seconds, nanoseconds: i64| Timestamp { seconds, nanoseconds: nanoseconds as u32 };
    Attributes {
        mode: (meta.mode() & 0o7777) as u16,
        uid: meta.uid(),
        gid: meta.gid(),
        atime: time(meta.atime(), meta.atime_nsec()),
        mtime: time(meta.mtime(), meta.mtime_nsec()),
    }
}

fn vanished(host: &Path, error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::NotFound {
        return Error::new(ErrorKind::Conflict, format!("{} vanished while it was being uploaded.", host.display()))
            .with_hint("Nothing was copied; upload again when the files have come to rest.");
    }
    io_error("read what is to be uploaded", host, error)
}

pub(super) fn changed(host: &Path) -> Error {
    Error::new(
        ErrorKind::Conflict,
        format!("{} was changed while it was being uploaded: it got shorter.", host.display()),
    )
    .with_hint("Nothing was copied; upload again when the files have come to rest.")
}

/// The name of a file of the host, for people.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// What a person would call a transfer: "holiday", "holiday and 3 more".
pub(crate) fn title(mut names: impl ExactSizeIterator<Item = String>) -> String {
    let others = names.len().saturating_sub(1);
    let first = names.next().unwrap_or_default();
    if others == 0 { first } else { format!("{first} and {others} more") }
}

/// The same of paths of a volume.
pub(super) fn title_of(paths: &[VolumePath]) -> String {
    let name =
        |path: &VolumePath| path.name().map_or_else(|| "everything".into(), String::from_utf8_lossy).into_owned();
    title(paths.iter().map(name))
}
