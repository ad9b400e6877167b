//! Exporting: what a volume holds, now or at a checkpoint, as one file on the host: a disk image or an archive.
//!
//! It gathers in a folder of its own beside its place and is moved there when it is complete and durable.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_block::BlockDevice as _;
use cairn_block::qcow2::{self, Access, CreateOptions, Image};

use crate::checkpoint;
use crate::convert::{block_error, io_error};
use crate::doctor::free_bytes;
use crate::durable;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{FileArchive, file_name, staging_on_host};
use crate::gate::ReadPass;
use crate::id::TransferId;
use crate::layer;
use crate::lease;
use crate::model::{Direction, Transfer};
use crate::size::Bytes;
use crate::slot::Slot;
use crate::transfer::{Job, Order, Request};

/// Bytes that are copied at a time.
const PIECE: u64 = 4 << 20;
/// Zeros of this length become a hole.
const HOLE: usize = 64 << 10;

/// As what a volume is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// A qcow2 image that stands on nothing else.
    Qcow2,
    /// The disk's bytes as they are, with holes.
    Raw,
    /// An archive of the files (POSIX pax).
    Tar,
}

/// What [`Engine::volume_export`] needs.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct ExportVolume {
    /// The file on the host.
    pub destination: PathBuf,
    /// As what.
    pub format: ExportFormat,
    /// The checkpoint (an id, a name, or `latest`), or the present.
    pub at: Option<String>,
    /// Whether a file that is there is replaced.
    pub overwrite: bool,
}

/// What is ready to be written.
enum Source {
    Disk(Box<Image>, Option<ReadPass>),
    Files(FileArchive, u64),
}

impl Engine {
    /// Writes what a volume holds into one file on the host; answers at once with the queued transfer. While the present
    /// is exported nobody can write it; as an archive also the present of a volume that a machine writes is exported.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a checkpoint that is not there; [`ErrorKind::AlreadyExists`] when a file is in the
    /// place that is not to be replaced; [`ErrorKind::InUse`] for an image of what a machine writes.
    #[tracing::instrument(skip_all, fields(volume, destination = %export.destination.display()), err(level = "info"))]
    pub async fn volume_export(&self, volume: &str, export: ExportVolume) -> Result<Transfer> {
        self.export_as(volume, export, None).await
    }

    pub(crate) async fn export_as(
        &self,
        volume: &str,
        export: ExportVolume,
        again: Option<TransferId>,
    ) -> Result<Transfer> {
        let slot = self.slot(volume)?;
        check_destination(&export)?;
        match export.at.as_deref() {
            Some(at) => drop(checkpoint::resolve(&*slot.manifest()?, at)?.clone()),
            None if export.format != ExportFormat::Tar => {
                lease::may_read_head(&*slot.manifest()?, &self.vm_names()).map_err(|error| {
                    error.with_hint("Take a checkpoint, and export that; or export the files as tar.")
                })?;
            }
            None => {}
        }
        let title = file_name(&export.destination);
        let order = Order::new(Request::Export(export.clone()), again);
        let job = self.inner.transfers.begin(&slot.id, Direction::Download, title, order)?;
        let (engine, door, wanted) = (self.clone(), slot.clone(), export.clone());
        let let_in = async move { engine.export_source(&door, &wanted).await };
        let (engine, worker) = (self.clone(), job.clone());
        self.start_transfer(&slot, job.clone(), let_in, move |source: Result<Source>| {
            engine.export_now(source?, &export, &worker)
        });
        Ok(job.snapshot())
    }

    async fn export_source(&self, slot: &Arc<Slot>, export: &ExportVolume) -> Result<Source> {
        if export.format == ExportFormat::Tar {
            let used = self.volume_get(slot.id.as_str()).await?.used_bytes;
            let archive = self.file_archive(slot.id.as_str(), &["/".to_owned()], export.at.as_deref()).await?;
            return Ok(Source::Files(archive, used));
        }
        let pass = match export.at {
            Some(_) => None,
            None => Some(slot.gate.read_patiently().await),
        };
        let (slot, at, vms) = (slot.clone(), export.at.clone(), self.clone());
        crate::engine::blocking(move || {
            let _opening = slot.opening();
            let manifest = slot.manifest()?;
            let layer = match at.as_deref() {
                Some(at) => checkpoint::resolve(&manifest, at)?.layer.clone(),
                None => {
                    lease::may_read_head(&manifest, &vms.vm_names())?;
                    manifest.head.clone()
                }
            };
            let image = layer::open_image(&slot.folder, &manifest, &layer, Access::ReadOnly)?;
            Ok(Source::Disk(Box::new(image), pass))
        })
        .await
    }

    fn export_now(&self, source: Source, export: &ExportVolume, job: &Job) -> Result<()> {
        let place = &export.destination;
        let above = place.parent().unwrap_or(Path::new("/"));
        let folder = staging_on_host(above, job);
        self.through_staging_on_host(&folder, job, || {
            durable::create_private_folder(&folder).map_err(|e| io_error("make a folder", &folder, &e))?;
            let staged = folder.join("export");
            write(source, export.format, &staged, job)?;
            job.go_on()?;
            durable::sync_file(&staged)
                .and_then(|()| put(&staged, place, export.overwrite))
                .and_then(|()| durable::sync_folder(above))
                .map_err(|e| io_error("put the export in its place", place, &e))
        })
    }
}

/// Without `overwrite`, what came to the place meanwhile stays.
fn put(staged: &Path, place: &Path, overwrite: bool) -> io::Result<()> {
    if overwrite {
        return std::fs::rename(staged, place);
    }
    match std::fs::hard_link(staged, place) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists && !place.exists() => std::fs::rename(staged, place),
        linked => linked,
    }
}

fn write(source: Source, format: ExportFormat, staged: &Path, job: &Job) -> Result<()> {
    match source {
        Source::Files(archive, used) => {
            job.counted(1, used);
            let file = File::create_new(staged).map_err(|e| io_error("write the export", staged, &e))?;
            let mut out = Out { file: io::BufWriter::with_capacity(1 << 20, file), job, stopped: None };
            let written = archive.write_to(&mut out);
            if let Some(stopped) = out.stopped.take() {
                return Err(stopped);
            }
            written?;
            out.file.flush().map_err(|e| io_error("write the export", staged, &e))?;
        }
        Source::Disk(image, pass) => {
            let ranges = image.data_ranges().map_err(|e| block_error("look at the volume's layers", &e))?;
            let bytes = ranges.iter().map(|(first, end)| end - first).sum();
            job.counted(1, bytes);
            check_room(staged, bytes)?;
            match format {
                ExportFormat::Raw => write_raw(&image, &ranges, staged, job)?,
                _ => write_qcow2(&image, staged, job)?,
            }
            drop(pass);
        }
    }
    job.end_file();
    Ok(())
}

fn write_raw(image: &Image, ranges: &[(u64, u64)], staged: &Path, job: &Job) -> Result<()> {
    let failed = |e: io::Error| io_error("write the export", staged, &e);
    let file = File::create_new(staged).map_err(failed)?;
    file.set_len(image.len()).map_err(failed)?;
    let mut buffer = vec![0; PIECE as usize];
    for (first, end) in ranges {
        let mut at = *first;
        while at < *end {
            job.go_on()?;
            let piece = &mut buffer[..(end - at).min(PIECE) as usize];
            image.read_at(piece, at).map_err(|e| block_error("read the volume", &e))?;
            for (index, part) in piece.chunks(HOLE).enumerate() {
                if part.iter().any(|byte| *byte != 0) {
                    file.write_all_at(part, at + (index * HOLE) as u64).map_err(failed)?;
                }
            }
            job.copied(piece.len() as u64);
            at += piece.len() as u64;
        }
    }
    Ok(())
}

fn write_qcow2(image: &Image, staged: &Path, job: &Job) -> Result<()> {
    let failed = |e| block_error("write the export", &e);
    qcow2::create(staged, &CreateOptions { virtual_size: image.len(), ..CreateOptions::default() }).map_err(failed)?;
    let target = Image::open(staged, Access::ReadWrite).map_err(failed)?;
    let (layers, mut at) = (image.layers().len(), 0);
    while at < image.len() {
        job.go_on()?;
        let done = image.commit(layers, &target, at, PIECE).map_err(failed)?;
        job.copied(done.bytes);
        at = done.until;
    }
    target.flush().map_err(failed)
}

fn check_destination(export: &ExportVolume) -> Result<()> {
    let place = &export.destination;
    let invalid = |sentence: String| Error::new(ErrorKind::InvalidInput, sentence);
    let above = place.parent().filter(|_| place.file_name().is_some());
    let Some(above) = above else {
        return Err(invalid(format!("'{}' is no name for a file.", place.display())).with_hint("Name the file."));
    };
    if !above.is_dir() {
        let message = format!("There is no folder {}.", above.display());
        return Err(Error::new(ErrorKind::NotFound, message).with_hint("Choose one that is there."));
    }
    match std::fs::symlink_metadata(place) {
        Ok(found) if found.is_dir() => {
            Err(invalid(format!("{} is a folder.", place.display())).with_hint("Name a file in it."))
        }
        Ok(_) if !export.overwrite => {
            Err(Error::new(ErrorKind::AlreadyExists, format!("There is a file {} already.", place.display()))
                .with_hint("Choose another name, or say that it is to be replaced."))
        }
        _ => Ok(()),
    }
}

fn check_room(staged: &Path, needed: u64) -> Result<()> {
    let folder = staged.parent().unwrap_or(staged);
    let free = free_bytes(folder).map_err(|e| io_error("look at the free space", folder, &e))?;
    if needed <= free {
        return Ok(());
    }
    let sentence = format!("The export needs up to {}, and there {} are free.", Bytes(needed), Bytes(free));
    Err(Error::new(ErrorKind::NoSpace, sentence)
        .with_hint("Nothing was written; choose another disk, or export as tar."))
}

/// An archive on its way to its file.
struct Out<'a> {
    file: io::BufWriter<File>,
    job: &'a Job,
    /// Why it takes no more.
    stopped: Option<Error>,
}

impl Write for Out<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let outcome = match self.job.go_on() {
            Err(error) => Err(error),
            Ok(()) => self.file.write(buf).map_err(|e| io_error("write the export", Path::new("its file"), &e)),
        };
        match outcome {
            Ok(count) => {
                self.job.copied(count as u64);
                Ok(count)
            }
            Err(error) => {
                let message = error.to_string();
                self.stopped = Some(error);
                Err(io::Error::other(message))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
