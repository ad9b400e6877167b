//! A head with its backing layers: opening them safely, and reading through them.
//!
//! A backing file is only ever a plain file name in the folder of the image that names it, so that a store
//! can be moved, and an image cannot make Cairn read elsewhere.

use std::{
    collections::HashSet,
    fs::{File, OpenOptions},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{
    Access,
    host::Host,
    layer::{Layer, Target},
    lock::{HeldFile, Hold},
};
use crate::{Error, ErrorKind, Result};

/// The deepest chain that is opened.
const MAX_DEPTH: usize = 4096;
/// L2 slices kept in memory for a whole chain (at most 24 KiB each); half of them for the head.
const CACHED_SLICES: usize = 1024;

/// Where a stretch of the virtual disk comes from in the whole chain.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    Data(&'a Layer, u64),
    Zero,
}

/// Opens the head at `path` and all that it stands on, each under its lock; the head first. Below the head come the
/// files `below`, whatever its header says; then what the header of the last one says.
pub(crate) fn open(path: &Path, below: &[PathBuf], access: Access) -> Result<Vec<Layer>> {
    let mut seen = HashSet::new();
    let head = open_host(path, access, &mut seen)?;
    let mut layers = vec![Layer::open(head, CACHED_SLICES / 2)?];
    let mut below = below.iter();
    while let Some(next) = below.next().cloned().map_or_else(|| backing_path(layers.last()), |next| Ok(Some(next)))? {
        if layers.len() == MAX_DEPTH {
            let message = format!("the chain of backing files is deeper than {MAX_DEPTH} layers");
            return Err(Error::new(ErrorKind::Unsupported, message).at(path));
        }
        let host = open_host(&next, Access::ReadOnly, &mut seen)?;
        // Few slices each in a deep chain, so that memory does not grow with it.
        let share = CACHED_SLICES / 2 / (layers.len() + 1);
        layers.push(Layer::open(host, share)?);
    }
    Ok(layers)
}

/// Opens these files as a chain for reading, the uppermost first, and nothing below the last.
pub(crate) fn open_alone(files: &[PathBuf]) -> Result<Vec<Layer>> {
    let mut seen = HashSet::new();
    let open = |path: &PathBuf| Layer::open(open_host(path, Access::ReadOnly, &mut seen)?, CACHED_SLICES / files.len());
    files.iter().map(open).collect()
}

/// The same, but that others may write the uppermost meanwhile.
pub(crate) fn open_alone_unheld(files: &[PathBuf]) -> Result<Vec<Layer>> {
    let Some((uppermost, lower)) = files.split_first() else { return Ok(Vec::new()) };
    let file = open_regular(uppermost, false)?;
    let mut layers = vec![Layer::open(Host::new(Box::new(file), uppermost), CACHED_SLICES / files.len())?];
    layers.extend(open_alone(lower)?);
    Ok(layers)
}

/// Holds the image at `path` as a writer does, for a moment.
pub(crate) fn hold_alone(path: &Path) -> Result<()> {
    open_host(path, Access::ReadWrite, &mut HashSet::new()).map(drop)
}

pub(crate) fn open_host(path: &Path, access: Access, seen: &mut HashSet<(u64, u64)>) -> Result<Host> {
    let writable = matches!(access, Access::ReadWrite);
    let file = open_regular(path, writable)?;
    let meta = file.metadata().map_err(|e| Error::io("look at the image", e).at(path))?;
    if !seen.insert((meta.dev(), meta.ino())) {
        let message = "the chain of backing files comes back to this image";
        return Err(Error::new(ErrorKind::Corrupt, message).at(path));
    }
    let file = HeldFile::hold(file, path, if writable { Hold::Exclusive } else { Hold::Shared })?;
    Ok(Host::new(Box::new(file), path))
}

/// Opens a file, and refuses what is no plain file (opening a pipe would wait for ever).
pub(crate) fn open_regular(path: &Path, writable: bool) -> Result<File> {
    let failed = |e| Error::io("open the image", e).at(path);
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(Error::new(ErrorKind::NotQcow2, "the image is not a plain file").at(path));
    }
    OpenOptions::new().read(true).write(writable).open(path).map_err(failed)
}

fn backing_path(layer: Option<&Layer>) -> Result<Option<PathBuf>> {
    let Some((layer, name)) = layer.and_then(|layer| Some((layer, layer.header.backing_file.as_deref()?))) else {
        return Ok(None);
    };
    check_plain_name(name).map_err(|e| e.at(layer.host.path()))?;
    Ok(Some(layer.host.path().with_file_name(name)))
}

/// Refuses a backing name that is anything but the name of a file in the same folder.
pub(crate) fn check_plain_name(name: &str) -> Result<()> {
    // QEMU would take what stands before a colon for a protocol.
    let plain = !name.is_empty() && name.len() <= 1023 && name != "." && name != "..";
    if plain && !name.contains(['/', '\0', ':']) {
        return Ok(());
    }
    let message = format!("the backing file {name:?} is not a plain file name in the image's own folder");
    Err(Error::new(ErrorKind::Invalid, message))
}

/// A walk along the virtual disk through a chain, towards higher offsets.
pub(crate) struct Walk<'a> {
    layers: &'a [Layer],
    /// Up to where each layer is known to have nothing, so that deep chains are not asked twice.
    nothing_until: Vec<u64>,
}

impl<'a> Walk<'a> {
    /// A walk through `layers`, the uppermost first.
    pub(crate) fn new(layers: &'a [Layer]) -> Self {
        Self { layers, nothing_until: Vec::new() }
    }

    /// Where the bytes from `at` come from, and how many before `end` come from the same place.
    pub(crate) fn next(&mut self, at: u64, end: u64) -> Result<(Source<'a>, u64)> {
        let (source, len) = self.find(at, end)?;
        Ok((source.unwrap_or(Source::Zero), len))
    }

    /// The same; nowhere where none of the layers has anything.
    pub(crate) fn find(&mut self, at: u64, end: u64) -> Result<(Option<Source<'a>>, u64)> {
        let mut end = end;
        for (index, layer) in self.layers.iter().enumerate() {
            if at >= layer.size() {
                // Past the end of a short backing file all is zero, whatever lies deeper.
                return Ok((Some(Source::Zero), end - at));
            }
            end = end.min(layer.size());
            match self.nothing_until.get(index) {
                Some(&until) if until > at => {
                    end = end.min(until);
                    continue;
                }
                _ => {}
            }
            let extent = layer.map(at, end - at)?;
            match extent.target {
                Target::Host(offset) => return Ok((Some(Source::Data(layer, offset)), extent.len)),
                Target::Zero => return Ok((Some(Source::Zero), extent.len)),
                Target::Unallocated => {
                    end = at + extent.len;
                    if self.nothing_until.len() <= index {
                        self.nothing_until.resize(index + 1, 0);
                    }
                    self.nothing_until[index] = end;
                }
            }
        }
        Ok((None, end - at))
    }
}

/// Fills `buf` from `offset` through `layers`; what lies past the end of the disk reads as zero.
pub(crate) fn read(layers: &[Layer], buf: &mut [u8], offset: u64) -> Result<()> {
    let mut walk = Walk::new(layers);
    let mut done = 0;
    while done < buf.len() {
        let at = offset + done as u64;
        let (source, len) = walk.next(at, offset + buf.len() as u64)?;
        let piece = &mut buf[done..done + len as usize];
        match source {
            Source::Data(layer, from) => layer.host.read_padded(piece, from)?,
            Source::Zero => piece.fill(0),
        }
        done += len as usize;
    }
    Ok(())
}
