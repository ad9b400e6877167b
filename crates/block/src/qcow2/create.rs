//! New images: header, empty tables and their refcounts, durable before anybody hears of them.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt,
    path::Path,
};

use super::{chain::check_plain_name, geometry::Geometry, header::Header, info::info, l1::MAX_L1_BYTES};
use crate::{Error, ErrorKind, Result};

/// Clusters of 128 KiB with extended L2 entries: subclusters of 4 KiB, and an L2 table for every GiB.
const GEOMETRY: Geometry = Geometry { cluster_bits: 17, extended: true };
/// QEMU counts virtual disks in sectors.
const SECTOR: u64 = 512;

/// The order of a new image's structures, in clusters.
const REFCOUNT_TABLE: u64 = 1;
const REFCOUNT_BLOCK: u64 = 2;
const L1_TABLE: u64 = 3;

/// What a new image is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateOptions {
    /// Size of the virtual disk in bytes: a multiple of 512, at least 512.
    pub virtual_size: u64,
    /// Name of the qcow2 file, in the same folder, that this image is to be an overlay of.
    pub backing_file: Option<String>,
}

/// Makes a new image at `path`: version 3, clusters of 128 KiB, extended L2 entries. When this returns, the
/// file and its name are durable. It takes no locks: an overlay may be prepared on a layer that a machine
/// is writing to, to be given to that machine; whoever does so answers for it.
///
/// # Errors
/// `Invalid` for a size of zero, not a multiple of 512 or too large for the format, a backing name that is
/// not a plain file name, or an overlay smaller than its backing file; `Io` when a file is there already.
pub fn create(path: &Path, options: &CreateOptions) -> Result<()> {
    check(path, options).map_err(|e| e.at(path))?;
    let file = File::create_new(path).map_err(|e| Error::io("create the image", e).at(path))?;
    fill(&file, options)
        .and_then(|()| sync_folder(path))
        .inspect_err(|_| {
            // Nothing half-written remains; the error that matters is the first one.
            let _ = fs::remove_file(path);
        })
        .map_err(|e| Error::io("write the new image", e).at(path))
}

fn check(path: &Path, options: &CreateOptions) -> Result<()> {
    let size = options.virtual_size;
    let invalid = |message: String| Err(Error::new(ErrorKind::Invalid, message));
    if size == 0 || !size.is_multiple_of(SECTOR) {
        return invalid(format!("an image cannot have {size} bytes; choose a multiple of 512, at least 512"));
    }
    let max = max_size();
    if size > max {
        return invalid(format!("an image cannot have {size} bytes; the format ends at {max}"));
    }
    let Some(name) = &options.backing_file else { return Ok(()) };
    check_plain_name(name)?;
    let backing = info(&path.with_file_name(name))?;
    if backing.virtual_size > size {
        let smaller = backing.virtual_size;
        return invalid(format!("an overlay of {size} bytes would cut off its backing file of {smaller} bytes"));
    }
    Ok(())
}

/// The largest virtual disk that an image made here can have.
pub(crate) fn max_size() -> u64 {
    MAX_L1_BYTES / 8 * GEOMETRY.table_span()
}

fn fill(file: &File, options: &CreateOptions) -> std::io::Result<()> {
    let cluster = GEOMETRY.cluster_size();
    let l1_entries = GEOMETRY.l1_entries(options.virtual_size);
    let used = L1_TABLE + GEOMETRY.clusters(l1_entries * 8);
    let l1 = (L1_TABLE * cluster, l1_entries as u32);
    let mut header = Header::new(GEOMETRY.cluster_bits, options.virtual_size, l1, (REFCOUNT_TABLE * cluster, 1));
    header.backing_file = options.backing_file.clone();
    header.backing_format = options.backing_file.is_some().then(|| "qcow2".to_owned());
    // The tables are mostly zero, so they are left as holes.
    file.set_len(used * cluster)?;
    file.write_all_at(&(REFCOUNT_BLOCK * cluster).to_be_bytes(), REFCOUNT_TABLE * cluster)?;
    let counts: Vec<u8> = (0..used).flat_map(|_| 1u16.to_be_bytes()).collect();
    file.write_all_at(&counts, REFCOUNT_BLOCK * cluster)?;
    file.write_all_at(&header.encode(), 0)?;
    file.sync_all()
}

/// Makes the name of a new file durable.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
