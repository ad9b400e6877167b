//! Looking at a disk that a domain's guest writes: a backup of libvirt's that nobody copies, but reads while it goes on.
//!
//! libvirt has one backup of a domain at a time, and takes no disk out, and no overlay on top, meanwhile: what needs that
//! ends the look first, and whoever reads gets an error.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{CHANGE, Domain, LOOK};
use crate::disk::{Serial, path_for_qemu};
use crate::disk_image::create_overlay;
use crate::error::{Error, ErrorKind, Result};
use crate::libvirt::{backup_xml, kept_of_backup};
use crate::machine::look::{Look, SOCKET, is_kept, remove_kept};
use crate::mount_path::MountPath;
use crate::qmp::LONGEST_SOCKET_PATH;

/// How long libvirt may take to end a backup.
const ENDS: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What somebody looks at.
pub(super) struct Looking {
    serial: Serial,
    /// The file that keeps what is written over.
    kept: PathBuf,
}

impl Domain {
    pub(in crate::machine) async fn begin_look(
        &mut self,
        serial: &Serial,
        kept: &Path,
        quiet: Option<&MountPath>,
        longest: Duration,
    ) -> Result<Look> {
        if let Some(looking) = &self.look
            && looking.serial != *serial
            && self.is_backed_up(&looking.kept).await?
        {
            let message = "somebody looks at another disk of the machine, and libvirt shows one at a time; try again when \
                           that has ended";
            return Err(Error::new(ErrorKind::Busy, message));
        }
        self.end_look_of_ours().await?;
        let begun = self.show(serial, kept, quiet, longest).await;
        if begun.is_err() {
            if let Err(error) = self.end_look_of_ours().await {
                tracing::warn!(%error, "libvirt goes on with a look that failed");
            }
            remove_kept(kept);
        }
        begun.map_err(|error| error.within("could not look at the disk while the guest writes it"))
    }

    async fn show(
        &mut self,
        serial: &Serial,
        kept: &Path,
        quiet: Option<&MountPath>,
        longest: Duration,
    ) -> Result<Look> {
        let domain = self.describe().await?;
        let target = domain.disk(serial.as_str()).ok_or_else(|| Self::lacks(serial.as_str()))?.target.clone();
        let others = domain.disks.iter().map(|disk| disk.target.clone()).filter(|other| *other != target);
        let socket = kept.with_file_name(SOCKET);
        let name = path_for_qemu(&socket)?;
        if name.len() > LONGEST_SOCKET_PATH {
            let message = format!("a socket's path has at most {LONGEST_SOCKET_PATH} bytes, and {name} is longer");
            return Err(Error::new(ErrorKind::Invalid, message));
        }
        remove_kept(kept);
        let _ = std::fs::remove_file(&socket);
        let size = self.size(&target).await?;
        create_overlay(kept, None, size).await?;
        let xml = backup_xml((serial.as_str(), &target), &path_for_qemu(kept)?, &name, &others.collect::<Vec<_>>())?;
        // Recorded first: a backup whose answer is lost may have begun.
        self.look = Some(Looking { serial: serial.clone(), kept: kept.to_owned() });
        let begin = ["backup-begin", &self.uuid.clone(), "/dev/stdin", "--reuse-external"];
        let paths: Vec<&MountPath> = quiet.into_iter().collect();
        let frozen_for = self.while_frozen(&paths, longest, &begin, &xml).await?;
        let stream = UnixStream::connect(&socket);
        let stream = stream.map_err(|error| Error::io("connect to the disk that libvirt shows", error))?;
        Ok(Look { stream, export: serial.as_str().to_owned(), frozen_for })
    }

    pub(in crate::machine) async fn end_look(&mut self, serial: &Serial) -> Result<()> {
        match &self.look {
            Some(looking) if looking.serial == *serial => self.end_look_of_ours().await,
            _ => Ok(()),
        }
    }

    /// Those of earlier processes too.
    pub(in crate::machine) async fn end_all_looks(&mut self) -> Result<()> {
        self.end_look_of_ours().await?;
        for kept in self.backed_up().await?.into_iter().filter(|kept| is_kept(kept)) {
            self.end_backup(&kept).await?;
        }
        Ok(())
    }

    pub(super) async fn end_look_of_ours(&mut self) -> Result<()> {
        let Some(looking) = &self.look else { return Ok(()) };
        let kept = looking.kept.clone();
        self.end_backup(&kept).await?;
        self.look = None;
        Ok(())
    }

    /// Ends the backup that has this file, and no other job of the domain's.
    async fn end_backup(&self, kept: &Path) -> Result<()> {
        let until = Instant::now() + ENDS;
        while self.is_backed_up(kept).await? {
            if Instant::now() > until {
                let message = "libvirt did not end the look at a disk; 'virsh domjobabort' may help";
                return Err(Error::new(ErrorKind::Timeout, message));
            }
            // Refused when it has just ended.
            if let Err(error) = self.virsh.run(&["domjobabort", &self.uuid], CHANGE).await {
                tracing::debug!(%error, "a look is being ended");
            }
            sleep(LOOK_AGAIN).await;
        }
        remove_kept(kept);
        let _ = std::fs::remove_file(kept.with_file_name(SOCKET));
        Ok(())
    }

    async fn is_backed_up(&self, kept: &Path) -> Result<bool> {
        Ok(self.backed_up().await?.iter().any(|it| it == kept))
    }

    /// The files that keep what the guest writes over, of the domain's backup; none when there is no backup.
    async fn backed_up(&self) -> Result<Vec<PathBuf>> {
        match self.virsh.run(&["backup-dumpxml", &self.uuid], LOOK).await {
            Ok(xml) => kept_of_backup(&xml),
            Err(error) if error.kind() == ErrorKind::Refused => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}
