//! Importing: a new volume of a disk image or an archive that somebody else has made.
//!
//! The volume is made beside the others and comes among them when it is complete and its filesystem has been checked;
//! so an import that fails, is cancelled or dies leaves nothing. What is imported is untrusted.

pub(crate) mod archive;
mod disk;
mod image;
pub(crate) mod unpack;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::convert::{io_error, unreadable};
use crate::doctor::free_bytes;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::files::file_name;
use crate::id::{TransferId, VolumeId};
use crate::manifest::Manifest;
use crate::model::{Direction, NoticeLevel, Transfer};
use crate::name;
use crate::size::Bytes;
use crate::store::internal;
use crate::transfer::{Job, Order, Request};
use crate::volume;

use self::archive::Archive;

/// What [`Engine::volume_import`] needs.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct ImportVolume {
    /// A disk image (raw, qcow2, vmdk, vdi, vhdx) or an archive (tar, tar.gz, zip) on the host.
    pub source: PathBuf,
    /// The new volume's name; `None`: the file's, without what it ends in.
    pub name: Option<String>,
    /// The size of the volume's disk; `None`: as needed. An image has its own.
    pub quota_bytes: Option<u64>,
    /// Which partition of an image, counted from 1; `None`: the whole disk, or the only one with an ext4 filesystem.
    pub partition: Option<u32>,
}

/// What a file is that is to be imported.
enum Kind {
    Archive(Archive),
    Image,
}

impl Engine {
    /// Makes a new volume of a disk image or an archive; answers at once with the queued transfer, whose volume is there
    /// when it is done.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a bad name or quota, and for what is no file; [`ErrorKind::AlreadyExists`] when
    /// the given name is taken; [`ErrorKind::Io`] when the file cannot be read.
    #[tracing::instrument(skip_all, fields(source = %import.source.display()), err(level = "info"))]
    pub async fn volume_import(&self, import: ImportVolume) -> Result<Transfer> {
        self.import_as(import, None).await
    }

    pub(crate) async fn import_as(&self, import: ImportVolume, again: Option<TransferId>) -> Result<Transfer> {
        self.refuse_when_closed()?;
        let kind = look(&import)?;
        let wanted = match &import.name {
            Some(name) => name::check("volume", name)?,
            None => suggested(&import.source)?,
        };
        if import.name.is_some() {
            self.refuse_taken_name(&wanted, None)?;
        }
        let id = VolumeId::random().map_err(|e| internal("make an id", &e))?;
        let order = Order::new(Request::Import(import.clone()), again);
        let order = if matches!(kind, Kind::Image) { order.without_pause() } else { order };
        let job = self.inner.transfers.begin(&id, Direction::Upload, file_name(&import.source), order)?;
        let (engine, worker) = (self.clone(), job.clone());
        self.start_transfer_of(&id.clone(), Arc::default(), job.clone(), std::future::ready(()), move |()| {
            let volumes = engine.inner.store.volumes();
            let manifest = volume::build_as(&volumes, id, |folder, id| {
                let making = Making { engine: &engine, folder, id, name: &wanted, import: &import, job: &worker };
                match &kind {
                    Kind::Archive(archive) => making.of_archive(*archive),
                    Kind::Image => making.of_image(),
                }
            })?;
            engine.take_in(manifest)
        });
        Ok(job.snapshot())
    }

    /// Takes a volume that was just made among the others, under another name when its own is taken by now. Blocks.
    fn take_in(&self, mut manifest: Manifest) -> Result<()> {
        let _naming = self.inner.naming.blocking_lock();
        let free = self.free_volume_name(&manifest.name)?;
        let folder = self.inner.store.volume(&manifest.id);
        if free != manifest.name {
            manifest.name = free;
            manifest.generation += 1;
            crate::manifest::save(&folder, &manifest)?;
        }
        let slot = self.enrol_now(manifest);
        self.count_usage(&slot);
        Ok(())
    }
}

/// A volume that is being made of something.
struct Making<'a> {
    engine: &'a Engine,
    folder: &'a Path,
    id: VolumeId,
    name: &'a str,
    import: &'a ImportVolume,
    job: &'a Job,
}

impl Making<'_> {
    fn check_room(&self, needed: u64) -> Result<()> {
        let free = free_bytes(self.folder).map_err(|e| io_error("look at the free space", self.folder, &e))?;
        if needed <= free {
            return Ok(());
        }
        let sentence =
            format!("The import needs {}, and this computer's disk has {} free.", Bytes(needed), Bytes(free));
        Err(Error::new(ErrorKind::NoSpace, sentence).with_hint("Free some space there."))
    }

    fn notice(&self, sentence: String) {
        self.engine.inner.events.notice(NoticeLevel::Warning, sentence);
    }
}

/// Refused now rather than when its turn has come.
fn look(import: &ImportVolume) -> Result<Kind> {
    let source = &import.source;
    let found = std::fs::metadata(source).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => {
            Error::new(ErrorKind::NotFound, format!("There is no file {} that could be imported.", source.display()))
                .with_hint("Give the absolute path of an image or archive on this computer.")
        }
        _ => unreadable("read what is to be imported", source, &e),
    })?;
    if !found.is_file() {
        let sentence = format!("{} is not a file, so it cannot be imported.", source.display());
        return Err(Error::new(ErrorKind::InvalidInput, sentence)
            .with_hint("Import an image or an archive; a folder is copied into a volume of its own."));
    }
    if let Some(quota_bytes) = import.quota_bytes {
        volume::check_quota(quota_bytes)?;
    }
    let Some(archive) = Archive::tell(source)? else {
        return match import.quota_bytes {
            Some(quota_bytes) => Err(Error::new(
                ErrorKind::InvalidInput,
                format!("A disk image has a size of its own, which is not {}.", Bytes(quota_bytes)),
            )
            .with_hint("Import it without a quota, and let the volume grow afterwards.")),
            None => Ok(Kind::Image),
        };
    };
    match import.partition {
        Some(_) => Err(Error::new(ErrorKind::InvalidInput, "An archive has no partitions.")
            .with_hint("Import it without naming one.")),
        None => Ok(Kind::Archive(archive)),
    }
}

/// The file's name without what it ends in, as a volume may be called.
fn suggested(source: &Path) -> Result<String> {
    let name = file_name(source);
    let endings = [".tar.gz", ".tgz", ".tar", ".zip", ".qcow2", ".vmdk", ".vdi", ".vhdx", ".img", ".raw"];
    let lower = name.to_lowercase();
    let end = endings.iter().find(|end| lower.ends_with(*end)).map_or(name.len(), |end| name.len() - end.len());
    name::check("volume", name.get(..end).unwrap_or(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_is_called_as_the_file_that_it_was_made_of() {
        let named = |file: &str| suggested(Path::new("/some/where").join(file).as_path()).unwrap();
        assert_eq!(named("photos.tar.gz"), "photos");
        assert_eq!(named("Disk.VMDK"), "Disk");
        assert_eq!(named("v1.2"), "v1.2");
        assert!(suggested(Path::new("/.zip")).is_err());
    }
}
