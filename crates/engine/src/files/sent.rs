//! A file that a client sends, not to be put into a volume but to be made something of: a volume, or what is in an archive.
//!
//! It gathers where a fetch gathers, in a folder that belongs to the transfer which makes something of it, and goes with
//! that transfer's end, however it ends. One that is interrupted keeps it.

use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use super::fetch;
use super::gathered::Gathered;
use super::path::VolumePath;
use super::unpack::Unpack;
use crate::convert::{io_error, reason};
use crate::doctor::free_bytes;
use crate::durable;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};
use crate::id::TransferId;
use crate::import::ImportVolume;
use crate::model::Transfer;
use crate::size::Bytes;
use crate::store::internal;

/// Written to the host's disk at once.
const PIECE: usize = 1 << 20;

impl Engine {
    /// Makes a new volume of a disk image or an archive that a client sends; answers when all of it has come, with the
    /// queued transfer. Its `source` is only the name that it has with the client.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a bad name, [`ErrorKind::NoSpace`] when it has no room, [`ErrorKind::Io`] when it
    /// breaks off; else as for [`volume_import`](Self::volume_import). Nothing of it is kept then.
    pub async fn volume_import_sent(
        &self,
        import: ImportVolume,
        size: Option<u64>,
        content: Box<dyn Read + Send>,
    ) -> Result<Transfer> {
        let (id, source) = self.gather_sent(&import.source, size, content).await?;
        let begun = self.import_as(ImportVolume { source, ..import }, Some(id.clone())).await;
        self.keep_if_begun(&id, begun).await
    }

    /// Unpacks an archive that a client sends into a folder of a volume; answers when all of it has come, with the queued
    /// transfer. `archive` is only the name that it has with the client.
    ///
    /// # Errors
    /// As for [`volume_import_sent`](Self::volume_import_sent) and [`files_unpack`](Self::files_unpack).
    pub async fn files_unpack_sent(
        &self,
        volume: &str,
        wanted: Unpack,
        size: Option<u64>,
        content: Box<dyn Read + Send>,
    ) -> Result<Transfer> {
        // Before anything is sent for nothing.
        let slot = self.slot(volume)?;
        VolumePath::parse(&wanted.destination)?;
        self.may_upload(&slot).await?;
        let (id, archive) = self.gather_sent(&wanted.archive, size, content).await?;
        let begun = self.unpack_as(slot.id.as_str(), Unpack { archive, ..wanted }, Some(id.clone())).await;
        self.keep_if_begun(&id, begun).await
    }

    async fn gather_sent(
        &self,
        name: &Path,
        size: Option<u64>,
        mut content: Box<dyn Read + Send>,
    ) -> Result<(TransferId, PathBuf)> {
        let name = checked(name)?;
        let id = TransferId::random().map_err(|e| internal("make a transfer's id", &e))?;
        let (run, which) = (self.inner.store.run_folder(), id.clone());
        let gathered = self.run(blocking(move || {
            let file = Gathered::new(&fetch::folder_of(&run, &which), &name).file;
            gather(&file, &name, size, &mut *content).inspect_err(|_| super::forget_fetched(&run, &which))?;
            Ok(file)
        }));
        Ok((id, gathered.await?))
    }

    /// A transfer that did not begin takes nothing away when it ends.
    async fn keep_if_begun(&self, id: &TransferId, begun: Result<Transfer>) -> Result<Transfer> {
        if begun.is_err() {
            let (run, id) = (self.inner.store.run_folder(), id.clone());
            blocking(move || {
                super::forget_fetched(&run, &id);
                Ok(())
            })
            .await?;
        }
        begun
    }
}

/// A name without any folder.
fn checked(name: &Path) -> Result<String> {
    let text = name.to_str().unwrap_or_default();
    let path = VolumePath::parse(text)?;
    if path.is_root() || text.contains('/') {
        return Err(Error::new(ErrorKind::InvalidInput, format!("'{text}' is not the name of a file."))
            .with_hint("Send the name that the file has, without the folder that it is in."));
    }
    Ok(text.to_owned())
}

fn gather(file: &Path, name: &str, size: Option<u64>, content: &mut dyn Read) -> Result<()> {
    let failed = |e| io_error("write what is sent", file, &e);
    let folder = file.parent().unwrap_or(file);
    durable::create_private_folder(folder).map_err(failed)?;
    let free = free_bytes(folder).map_err(failed)?;
    if let Some(size) = size.filter(|size| *size > free) {
        let sentence = format!("'{name}' has {}, and this computer's disk has {} free.", Bytes(size), Bytes(free));
        return Err(Error::new(ErrorKind::NoSpace, sentence).with_hint("Nothing was stored; free some space there."));
    }
    let mut out = BufWriter::with_capacity(PIECE, std::fs::File::create(file).map_err(failed)?);
    let (mut piece, mut came) = (vec![0; PIECE], 0_u64);
    loop {
        match content.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => {
                out.write_all(&piece[..count]).map_err(failed)?;
                came += count as u64;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                let sentence = format!("'{name}' did not come as a whole: {}.", reason(&error));
                return Err(Error::new(ErrorKind::Io, sentence).with_hint("Nothing was kept; send it again."));
            }
        }
    }
    out.flush().map_err(failed)?;
    match size.filter(|size| *size != came) {
        Some(size) => {
            Err(Error::new(ErrorKind::Io, format!("'{name}' was to have {}, and {} came.", Bytes(size), Bytes(came)))
                .with_hint("Nothing was kept; send it again."))
        }
        None => Ok(()),
    }
}
