//! What an image's header says, without opening the image.

use std::{os::unix::fs::MetadataExt, path::Path};

use super::{chain, header::Header, host::Host};
use crate::{Error, Result};

/// What [`info`] tells about one image file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// Size of the virtual disk in bytes.
    pub virtual_size: u64,
    /// The backing file as the image names it.
    pub backing_file: Option<String>,
    /// The format of the backing file, where the image says it.
    pub backing_format: Option<String>,
    /// Bytes that the file takes on the host's disk; holes take none.
    pub disk_bytes: u64,
    /// Length of the file in bytes, holes included.
    pub file_bytes: u64,
    /// Bytes of a cluster, the unit that is given back to the host.
    pub cluster_size: u64,
    /// Bytes of a subcluster, the unit that is copied from the backing file at a write.
    pub subcluster_size: u64,
    /// Whether the image says that its refcounts may be stale.
    pub dirty: bool,
    /// Whether the image says that it is damaged.
    pub corrupt: bool,
}

/// Reads the header of the image at `path`. No lock is taken, so this works while a QEMU has the image open.
///
/// # Errors
/// `Io` when the file cannot be opened or read, `NotQcow2` when it is something else, `Corrupt` when its
/// header makes no sense.
pub fn info(path: &Path) -> Result<Info> {
    let file = chain::open_regular(path, false)?;
    let meta = file.metadata().map_err(|e| Error::io("look at the image", e).at(path))?;
    let header = Header::read(&Host::new(Box::new(file), path))?;
    let geometry = header.geometry();
    Ok(Info {
        virtual_size: header.size,
        disk_bytes: meta.blocks() * 512,
        file_bytes: meta.size(),
        cluster_size: geometry.cluster_size(),
        subcluster_size: geometry.subcluster_size(),
        dirty: header.is_dirty(),
        corrupt: header.is_corrupt(),
        backing_file: header.backing_file,
        backing_format: header.backing_format,
    })
}
