//! Unpacking an archive of the host into a folder of a volume: all of it or nothing.
//!
//! It takes the way of an upload. Read once to count it and to see that nothing is in its way, and once more to be written
//! into the staging folder; so nothing that an archive says comes near what the volume has before all of it was read. The
//! archive is untrusted (see `import::archive`).

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_ext4::{Attributes, Timestamp};

use super::arrange::{There, in_the_way, taken};
use super::guest::Writer;
use super::live::Pass;
use super::path::VolumePath;
use super::room::check_room;
use super::staging;
use super::tree::Tree;
use super::upload::{Shown, file_name, look, target};
use crate::convert::unreadable;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::id::TransferId;
use crate::import::archive::{Archive, Member, MemberKind};
use crate::import::unpack::{Count, Destination, count, left_out_of, unpack};
use crate::model::{Conflict, Direction, Transfer};
use crate::slot::Slot;
use crate::transfer::{Job, Order, Request};

/// What [`Engine::files_unpack`] needs.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Unpack {
    /// A tar, tar.gz or zip on the host.
    pub archive: PathBuf,
    /// The folder of the volume into which what is in it goes; made when it is not there, the root when empty.
    pub destination: String,
    /// What to do about files that are already there.
    pub conflict: Conflict,
}

/// An archive that has been read through once.
struct Survey {
    place: VolumePath,
    count: Count,
    /// Members that are left out, because a file is there that stays.
    left: BTreeSet<VolumePath>,
}

impl Engine {
    /// Unpacks an archive into a folder of a volume; answers at once with the queued transfer.
    ///
    /// Folders that are there are filled. Permissions, owners, times, attributes, links and holes are kept; devices and
    /// pipes are left out with a notice. Nothing of a transfer that fails or is cancelled remains. What goes
    /// into a volume that a machine writes is taken in by its guest.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for an archive that is not there, [`ErrorKind::InvalidInput`] for what is none and for a bad
    /// destination, [`ErrorKind::Unsupported`] for one of a kind that Cairn does not read; else as for [`upload`](Self::upload).
    #[tracing::instrument(skip_all, fields(volume, archive = %wanted.archive.display()), err(level = "info"))]
    pub async fn files_unpack(&self, volume: &str, wanted: Unpack) -> Result<Transfer> {
        self.unpack_as(volume, wanted, None).await
    }

    pub(crate) async fn unpack_as(&self, volume: &str, wanted: Unpack, again: Option<TransferId>) -> Result<Transfer> {
        let slot = self.slot(volume)?;
        VolumePath::parse(&wanted.destination)?;
        let source = wanted.archive.clone();
        let archive = blocking(move || told(&source)).await?;
        self.may_upload(&slot).await?;
        let order = Order::new(Request::Unpack(wanted.clone()), again);
        let job = self.inner.transfers.begin(&slot.id, Direction::Upload, file_name(&wanted.archive), order)?;
        if let Err(error) = self.start_unpacking(&slot, archive, wanted, job.clone()).await {
            job.end(&Err(error.clone()));
            return Err(error);
        }
        Ok(job.snapshot())
    }

    /// The same, for an archive that a transfer under way has brought.
    pub(super) async fn start_unpack(&self, slot: &Arc<Slot>, wanted: Unpack, job: Arc<Job>) -> Result<()> {
        let source = wanted.archive.clone();
        let archive = blocking(move || told(&source)).await?;
        self.start_unpacking(slot, archive, wanted, job).await
    }

    async fn start_unpacking(&self, slot: &Arc<Slot>, archive: Archive, wanted: Unpack, job: Arc<Job>) -> Result<()> {
        let (engine, slot, worker) = (self.clone(), slot.clone(), job.clone());
        let Some(writer) = self.writer_in_guest(&slot).await? else {
            self.start_writing(&slot.clone(), job, "unpacked", move || {
                engine.unpack_now(&slot, archive, &wanted, &worker)
            });
            return Ok(());
        };
        let (looking, door) = (self.clone(), slot.clone());
        let let_in = async move { looking.pass_to_look(&door).await };
        self.start_transfer(&slot.clone(), job, let_in, move |pass: Result<Pass>| {
            engine.unpack_in_guest((&slot, &writer), archive, &wanted, &worker, pass?)
        });
        Ok(())
    }

    fn unpack_now(&self, slot: &Arc<Slot>, archive: Archive, wanted: &Unpack, job: &Job) -> Result<()> {
        let tree = Shown::open(slot)?;
        let survey = Survey::make(&tree, archive, wanted, job)?;
        survey.check_room(&tree, slot, job)?;
        let (staging, mut left_out) = (staging::folder_of(job.id())?, 0);
        let stage = || {
            left_out = survey.stage(&tree, &staging, archive, &wanted.archive, job)?;
            Ok(())
        };
        let outcome = self.through_staging(slot, &tree, &staging, stage, || Ok(()));
        drop(tree);
        self.count_usage(slot);
        outcome?;
        self.tell_of_files(slot, left_out_of(&wanted.archive, left_out), &survey.place);
        Ok(())
    }

    /// The same into a volume that a machine writes: surveyed by what is seen of it, carried out by its guest.
    fn unpack_in_guest(
        &self,
        (slot, writer): (&Arc<Slot>, &Writer),
        archive: Archive,
        wanted: &Unpack,
        job: &Job,
        pass: Pass,
    ) -> Result<()> {
        let view = self.view(slot, None, Some(pass))?;
        let survey = Survey::make(&view.tree, archive, wanted, job)?;
        survey.check_room(&view.tree, slot, job)?;
        drop(view);
        let left_out = self.put_in_guest(writer, job.id(), |tree, staging| {
            survey.stage(tree, staging, archive, &wanted.archive, job)
        })?;
        self.tell_of_files(slot, left_out_of(&wanted.archive, left_out), &survey.place);
        Ok(())
    }
}

impl Survey {
    /// Reads the archive through, and looks at each place that something of it goes to.
    fn make(tree: &Tree, archive: Archive, wanted: &Unpack, job: &Job) -> Result<Self> {
        let place = target(tree, &wanted.destination, true)?.place;
        if look(tree, &place)? == There::File {
            return Err(in_the_way(&place, "a folder", "a file"));
        }
        let (mut left, mut seen) = (BTreeSet::new(), place.clone());
        let count = count(archive, &wanted.archive, job, &mut |member| {
            if member.kind == MemberKind::Other || member.path.is_root() {
                return Ok(true);
            }
            let stays = is_to_stay(tree, &place, &mut seen, member, wanted.conflict)?;
            if stays {
                left.insert(member.path.clone());
            }
            Ok(!stays)
        })?;
        Ok(Self { place, count, left })
    }

    fn check_room(&self, tree: &Tree, slot: &Slot, job: &Job) -> Result<()> {
        job.counted(self.count.members, self.count.bytes);
        check_room(self.count.bytes_on_disk, self.count.members, &tree.space(), slot)
    }

    /// Writes everything into the staging folder; answers how many were left out because they are no files.
    fn stage(&self, tree: &Tree, staging: &VolumePath, archive: Archive, source: &Path, job: &Job) -> Result<u64> {
        tree.mkdir(staging, &Attributes::root(0o700, Timestamp::now()))?;
        let base = staging.join_path(&self.place);
        tree.mkdir_all(&base, &Attributes::root(0o755, Timestamp::now()))?;
        // What is there already is only filled: putting it in place leaves a folder as it is.
        let whole = !self.place.is_root();
        let into = Destination { tree, base: &base, whole, leaves: &|path| self.left.contains(path) };
        let left_out = unpack(&into, archive, source, job)?;
        job.go_on()?;
        Ok(left_out)
    }
}

/// Whether a member is left out because of a file that is there and stays. `seen` is a folder that may be filled, so that
/// those above it are not looked at again and again.
///
/// # Errors
/// When a file is where a folder is to be, or the other way round; when a file is there and must not be.
fn is_to_stay(
    tree: &Tree,
    place: &VolumePath,
    seen: &mut VolumePath,
    member: &Member,
    conflict: Conflict,
) -> Result<bool> {
    // Refuses what is too long.
    let wanted = VolumePath::from_bytes(place.join_path(&member.path).as_bytes())?;
    let parent = wanted.parent().unwrap_or_default();
    let mut above = Some(parent.clone());
    while let Some(folder) = above
        && !folder.contains(seen)
    {
        if look(tree, &folder)? == There::File {
            return Err(in_the_way(&folder, "a folder", "a file"));
        }
        above = folder.parent();
    }
    *seen = parent;
    match (&member.kind, look(tree, &wanted)?) {
        (_, There::Nothing) | (MemberKind::Folder, There::Folder) => Ok(false),
        (MemberKind::Folder, There::File) => Err(in_the_way(&wanted, "a folder", "a file")),
        (_, There::Folder) => Err(in_the_way(&wanted, "a file", "a folder")),
        (_, There::File) => match conflict {
            Conflict::Replace => Ok(false),
            Conflict::Skip => Ok(true),
            Conflict::Fail => Err(taken(&wanted)),
        },
    }
}

fn told(source: &Path) -> Result<Archive> {
    let found = std::fs::metadata(source).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            Error::new(ErrorKind::NotFound, format!("There is no file {} that could be unpacked.", source.display()))
                .with_hint("Give the absolute path of an archive on this computer.")
        }
        _ => unreadable("read what is to be unpacked", source, &e),
    })?;
    let kind = if found.is_file() { Archive::tell(source)? } else { None };
    kind.ok_or_else(|| {
        let sentence = format!("'{}' is not an archive that could be unpacked.", file_name(source));
        Error::new(ErrorKind::InvalidInput, sentence)
            .with_hint("Archives are tar, tar.gz and zip; copy anything else as it is.")
    })
}
