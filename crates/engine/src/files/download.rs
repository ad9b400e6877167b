//! Downloads: files and folders of a volume to the host, all of them or none.
//!
//! Counted first, then compared with what is free, then written into a folder of their own beside the
//! destination, then moved to their places (see `place`). What is in a volume may have been made by anybody:
//! no name from it leads out of the destination, and no link of it is followed.

use std::fs::{DirBuilder, File, FileTimes, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use cairn_ext4::{FileHandle, Timestamp};

use super::arrange::{Action, Arrangement, Target, There};
use super::live::Pass;
use super::path::VolumePath;
use super::place::Staged;
use super::plan::{Kind, Plan};
use super::read::View;
use super::upload::{left_out, title};
use crate::checkpoint;
use crate::convert::{ext4_error, io_error};
use crate::durable;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::id::TransferId;
use crate::lease;
use crate::model::{Direction, Download, NoticeLevel, Transfer};
use crate::size::Bytes;
use crate::transfer::{Job, Order, Request};

/// What the folder is called, before the transfer's id, in which a download gathers.
pub(crate) const STAGING: &str = ".cairn-download-";
/// How the store knows of it, in case nobody lives to remove it.
const MARK: &str = "download";

/// How much is read at once.
const CHUNK_BYTES: usize = 4 << 20;
/// Longer files are copied by the host itself where it can.
const BY_THE_HOST_BYTES: u64 = 256 << 10;
/// Zeros of this length become a hole.
const HOLE_BYTES: usize = 64 << 10;
/// The permissions that a file from a volume can have on the host: nothing that lends its owner's rights.
const HOST_MODE: u32 = 0o777;

impl Engine {
    /// Copies files and folders of a volume to the host; answers at once with the queued transfer.
    ///
    /// Destinations are understood as `cp -r` does. Links stay links and are never followed; permissions and
    /// times are kept; devices, sockets and pipes are left out with a notice. Nothing of a transfer that fails
    /// or is cancelled remains, and what it would have replaced is untouched.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a bad path; [`ErrorKind::NotFound`] for a checkpoint that is not there.
    #[tracing::instrument(skip_all, fields(volume, destination = %download.destination.display()), err(level = "info"))]
    pub async fn download(&self, volume: &str, download: Download) -> Result<Transfer> {
        self.download_as(volume, download, None).await
    }

    pub(crate) async fn download_as(
        &self,
        volume: &str,
        download: Download,
        again: Option<TransferId>,
    ) -> Result<Transfer> {
        let slot = self.slot(volume)?;
        if download.paths.is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "There is nothing to download.")
                .with_hint("Name at least one file or folder."));
        }
        let paths = download.paths.iter().map(|path| VolumePath::parse(path)).collect::<Result<Vec<_>>>()?;
        // Refused now rather than when its turn has come.
        if let Some(at) = download.at.as_deref() {
            checkpoint::resolve(&*slot.manifest()?, at)?;
        }
        let names = paths
            .iter()
            .map(|path| path.name().map_or_else(|| slot.name(), |n| String::from_utf8_lossy(n).into_owned()));
        let title = title(names.collect::<Vec<_>>().into_iter());
        let order = Order::new(Request::Download(download.clone()), again);
        let job = self.inner.transfers.begin(&slot.id, Direction::Download, title, order)?;
        let (engine, worker, door) = (self.clone(), job.clone(), slot.clone());
        let of_the_present = download.at.is_none();
        let looking = self.clone();
        let let_in = async move {
            if !of_the_present {
                return Ok(None);
            }
            if lease::writer(&*door.manifest()?).is_some() {
                return looking.pass_to_look(&door).await.map(Some);
            }
            Ok(Some(Pass::Quiet(door.gate.read_patiently().await)))
        };
        self.start_transfer(&slot.clone(), job.clone(), let_in, move |pass: Result<Option<Pass>>| {
            let view = engine.view(&slot, download.at.as_deref(), pass?)?;
            engine.download_now(&view, &paths, &download, &worker)
        });
        Ok(job.snapshot())
    }

    fn download_now(&self, view: &View, paths: &[VolumePath], download: &Download, job: &Job) -> Result<()> {
        let plan = Plan::of_volume(&view.tree, paths, &|| job.go_on())?;
        let target = target(&download.destination, paths)?;
        let arrangement = Arrangement::make(&plan, &target, download.conflict, &|place| look(&target, place))?;
        job.counted(arrangement.files(&plan), arrangement.bytes(&plan));

        let folder = folder_of(&target)?;
        let made = make_folders(&folder)?;
        let staged = Staged::new(&plan, &arrangement, staging_on_host(&folder, job));
        let outcome = check_space(&plan, &arrangement, &folder).and_then(|()| {
            let copy = Copy { view, plan: &plan, arrangement: &arrangement, job, staged: &staged };
            self.through_staging_on_host(&staged.folder, job, || copy.all())
        });
        if outcome.is_err() {
            // Only those that are empty go.
            made.iter().rev().take_while(|folder| std::fs::remove_dir(folder).is_ok()).for_each(drop);
        }
        outcome?;
        if let Some(notice) = left_out(&plan) {
            self.inner.events.notice(NoticeLevel::Warning, notice);
        }
        Ok(())
    }

    /// Does `work`, for which `staged` is a folder of its own on the host. Nothing is left of that folder; should this
    /// process not live to remove it, the next start does.
    pub(crate) fn through_staging_on_host(
        &self,
        staged: &Path,
        job: &Job,
        work: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let mark = self.inner.store.run(&format!("{}.{MARK}", job.id()));
        let outcome = durable::replace_file(&mark, staged.as_os_str().as_bytes())
            .map_err(|e| io_error("note where files gather", &mark, &e))
            .and_then(|()| work());
        if let Err(error) = durable::remove_folder_if_there(staged) {
            tracing::warn!(folder = %staged.display(), %error, "what was left of a transfer could not be removed");
        }
        let _ = std::fs::remove_file(&mark);
        outcome
    }
}

/// Where what goes into the folder `above` of the host gathers until it is whole.
pub(crate) fn staging_on_host(above: &Path, job: &Job) -> PathBuf {
    above.join(format!("{STAGING}{}", job.id()))
}

/// Removes what downloads have left that were interrupted by a crash.
pub(crate) fn clean_up(run: &Path) {
    let Ok(entries) = std::fs::read_dir(run) else { return };
    for entry in entries.flatten() {
        let mark = entry.path();
        if mark.extension().is_none_or(|extension| extension != MARK) {
            continue;
        }
        let Ok(bytes) = std::fs::read(&mark) else { continue };
        let folder = PathBuf::from(std::ffi::OsString::from_vec(bytes));
        let is_ours = folder.file_name().is_some_and(|name| name.as_bytes().starts_with(STAGING.as_bytes()));
        if is_ours && std::fs::symlink_metadata(&folder).is_ok_and(|meta| meta.is_dir()) {
            tracing::info!(folder = %folder.display(), "removing what an interrupted download has left");
            if let Err(error) = std::fs::remove_dir_all(&folder) {
                tracing::warn!(%error, "it could not be removed");
                continue;
            }
        }
        let _ = std::fs::remove_file(&mark);
    }
}

/// A download at work.
struct Copy<'a> {
    view: &'a View,
    plan: &'a Plan,
    arrangement: &'a Arrangement<PathBuf>,
    job: &'a Job,
    staged: &'a Staged<'a>,
}

impl Copy<'_> {
    fn all(&self) -> Result<()> {
        DirBuilder::new()
            .mode(0o700)
            .create(&self.staged.folder)
            .map_err(|e| io_error("make a folder for the download", &self.staged.folder, &e))?;
        let mut buffer = vec![0; CHUNK_BYTES];
        let mut folders = Vec::new();
        for (index, node) in self.arrangement.kept(self.plan) {
            self.job.go_on()?;
            let from = self.plan.volume_path(index);
            let to = self.staged.path(index)?;
            self.job.begin_file(|| from.to_string());
            match node.kind {
                Kind::Directory if self.arrangement.action(index) == Action::Merge => {}
                Kind::Directory => {
                    make_private(&to)?;
                    folders.push((index, self.view.tree.stat(&from)?));
                }
                Kind::Symlink => self.copy_link(&from, &to)?,
                Kind::File => self.copy_file(&from, &to, &mut buffer)?,
            }
            self.job.end_file();
        }
        self.job.go_on()?;
        durable::sync_filesystem(&self.staged.folder)
            .map_err(|e| io_error("write the download to the disk", &self.staged.folder, &e))?;
        self.staged.place_all()?;
        // A folder's permissions may forbid moving it, and its time changes with what is put into it: both last, and
        // from below.
        for (index, found) in folders.into_iter().rev() {
            restore(&self.arrangement.place(self.plan, index)?, found.mode, found.mtime)?;
        }
        Ok(())
    }

    fn copy_link(&self, from: &VolumePath, to: &Path) -> Result<()> {
        let target = self.view.tree.read_link(from)?;
        std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(&target), to)
            .map_err(|e| io_error("make a link", to, &e))
    }

    fn copy_file(&self, from: &VolumePath, to: &Path, buffer: &mut [u8]) -> Result<()> {
        let source = self.view.tree.open_file(from)?;
        // Something that is there already means that the volume has a name twice: it was made to do harm.
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(to)
            .map_err(|e| io_error("write the file", to, &e))?;
        let written = self.copy_content(from, &source, &file, buffer)?;
        let finish = |e: io::Error| io_error("write the file", to, &e);
        file.set_len(written).map_err(finish)?;
        let found = source.metadata();
        file.set_permissions(Permissions::from_mode(u32::from(found.mode) & HOST_MODE)).map_err(finish)?;
        file.set_times(times(found.mtime)).map_err(finish)
    }

    fn copy_content(&self, from: &VolumePath, source: &FileHandle, file: &File, buffer: &mut [u8]) -> Result<u64> {
        let (mut offset, mut data_end) = (0, 0);
        let mut by_the_host = source.len() > BY_THE_HOST_BYTES;
        loop {
            self.job.go_on()?;
            let unreadable = |e| ext4_error(&format!("read '{from}'"), &e);
            if offset >= data_end && offset < source.len() {
                // What was never written is not read, however long it is.
                let data = source.next_data(offset).map_err(unreadable)?;
                let (start, end) = data.unwrap_or((source.len(), source.len()));
                self.job.copied(start - offset);
                (offset, data_end) = (start, end);
            }
            if by_the_host {
                let count = source.copy_to(file, offset, CHUNK_BYTES).map_err(unreadable)? as u64;
                by_the_host = count > 0;
                offset += count;
                self.job.copied(count);
                continue;
            }
            let count = source.read_at(buffer, offset).map_err(unreadable)?;
            if count == 0 {
                return Ok(offset);
            }
            write_sparsely(file, &buffer[..count], offset)
                .map_err(|e| io_error("write the file", &self.staged.folder, &e))?;
            offset += count as u64;
            self.job.copied(count as u64);
        }
    }
}

/// Writes what is not zero; a file that is made longer has zeros where nothing was written.
fn write_sparsely(file: &File, data: &[u8], offset: u64) -> io::Result<()> {
    let mut begin = None;
    for (index, piece) in data.chunks(HOLE_BYTES).enumerate() {
        let at = index * HOLE_BYTES;
        match (piece.iter().all(|byte| *byte == 0), begin) {
            (true, Some(from)) => {
                file.write_all_at(&data[from..at], offset + from as u64)?;
                begin = None;
            }
            (false, None) => begin = Some(at),
            _ => {}
        }
    }
    match begin {
        Some(from) => file.write_all_at(&data[from..], offset + from as u64),
        None => Ok(()),
    }
}

/// Where a download goes, as `cp -r` has it.
fn target(destination: &Path, paths: &[VolumePath]) -> Result<Target<PathBuf>> {
    let ends_in_slash = destination.as_os_str().as_bytes().ends_with(b"/");
    let place = std::path::absolute(destination).map_err(|e| io_error("find the destination", destination, &e))?;
    let is_folder = ends_in_slash || place.is_dir() || paths.iter().any(VolumePath::is_root);
    Ok(Target { place, is_folder })
}

/// A link to a folder counts as that folder where a person named it, and as a link below that.
fn look(target: &Target<PathBuf>, place: &PathBuf) -> Result<There> {
    let named_itself = target.is_folder && *place == target.place;
    let found = if named_itself { std::fs::metadata(place) } else { std::fs::symlink_metadata(place) };
    match found {
        Ok(meta) if meta.is_dir() => Ok(There::Folder),
        Ok(_) => Ok(There::File),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(There::Nothing)
        }
        Err(error) => Err(io_error("look at the destination", place, &error)),
    }
}

/// The folder on the host that the download goes into.
fn folder_of(target: &Target<PathBuf>) -> Result<PathBuf> {
    if target.is_folder {
        return Ok(target.place.clone());
    }
    match target.place.parent() {
        Some(parent) if parent.is_dir() => Ok(parent.to_owned()),
        _ => Err(Error::new(ErrorKind::NotFound, format!("The folder above {} is not there.", target.place.display()))
            .with_hint("Make it first, or choose another destination.")),
    }
}

/// Makes `folder` and those above it; answers which were made, from the top down.
fn make_folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut missing: Vec<PathBuf> = folder.ancestors().take_while(|path| !path.exists()).map(Path::to_owned).collect();
    missing.reverse();
    std::fs::create_dir_all(folder).map_err(|e| io_error("make the destination", folder, &e))?;
    Ok(missing)
}

fn check_space(plan: &Plan, arrangement: &Arrangement<PathBuf>, folder: &Path) -> Result<()> {
    let space =
        nix::sys::statvfs::statvfs(folder).map_err(|e| io_error("look at the free space", folder, &e.into()))?;
    let block = (space.fragment_size() as u64).max(1);
    let free = (space.blocks_available() as u64).saturating_mul(block);
    let needed = arrangement.bytes_on_disk(plan, block);
    if needed <= free {
        return Ok(());
    }
    let sentence =
        format!("The download needs {}, and there are {} free at {}.", Bytes(needed), Bytes(free), folder.display());
    Err(Error::new(ErrorKind::NoSpace, sentence)
        .with_hint("Nothing was copied; free some space, or choose another disk."))
}

fn make_private(folder: &Path) -> Result<()> {
    DirBuilder::new().mode(0o700).create(folder).map_err(|e| io_error("make a folder", folder, &e))
}

fn restore(folder: &Path, mode: u16, mtime: Timestamp) -> Result<()> {
    let finish = |e: io::Error| io_error("set the permissions and times of a folder", folder, &e);
    let open = File::open(folder).map_err(finish)?;
    open.set_times(times(mtime)).map_err(finish)?;
    open.set_permissions(Permissions::from_mode(u32::from(mode) & HOST_MODE)).map_err(finish)
}

fn times(mtime: Timestamp) -> FileTimes {
    let seconds = Duration::from_secs(mtime.seconds.unsigned_abs());
    let nanoseconds = Duration::from_nanos(u64::from(mtime.nanoseconds));
    let whole = if mtime.seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(seconds)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(seconds)
    };
    // What this computer's clock cannot express is left as it is.
    whole
        .and_then(|time| time.checked_add(nanoseconds))
        .map_or_else(FileTimes::new, |time| FileTimes::new().set_modified(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn zeros_become_holes_and_everything_reads_back_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sparse");
        let mut data = vec![0u8; 3 << 20];
        data[..10].fill(1);
        data[2 << 20..(2 << 20) + 70_000].fill(2);
        let file = File::create(&path).unwrap();
        write_sparsely(&file, &data, 0).unwrap();
        file.set_len(data.len() as u64).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), data);
        assert!(std::fs::metadata(&path).unwrap().blocks() * 512 < 1 << 20);
    }

    #[test]
    fn what_a_crash_left_of_a_download_is_removed_and_nothing_else() {
        let (run, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let left = other.path().join(".cairn-download-tr_aaaaaaaaaaaaaaaa");
        let innocent = other.path().join("letters");
        for (folder, mark) in [(&left, "one.download"), (&innocent, "two.download")] {
            std::fs::create_dir(folder).unwrap();
            std::fs::write(run.path().join(mark), folder.as_os_str().as_bytes()).unwrap();
        }
        std::fs::write(run.path().join("api.json"), "{}").unwrap();
        clean_up(run.path());
        assert!(!left.exists() && innocent.exists());
        assert_eq!(std::fs::read_dir(run.path()).unwrap().count(), 1);
    }
}
