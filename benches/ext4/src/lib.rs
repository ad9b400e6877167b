//! What the measured programs share: a raw file as a device of each kind, and how a tree of the host is gone through.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cairn_block::{BlockDevice, Error, ErrorKind};
use cairn_ext4::{Next, Source};
use nix::fcntl::{FallocateFlags, copy_file_range, fallocate};

/// A raw image: a file whose bytes are the device's.
pub struct RawFile {
    file: File,
    len: u64,
}

impl RawFile {
    /// Opens the image at `path` for reading and writing.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::options().read(true).write(true).open(path).with_context(|| path.display().to_string())?;
        let len = file.metadata()?.len();
        Ok(Self { file, len })
    }
}

fn failed(what: &str) -> impl FnOnce(std::io::Error) -> Error {
    move |error| Error::new(ErrorKind::Io, format!("could not {what}: {error}"))
}

impl BlockDevice for RawFile {
    fn len(&self) -> u64 {
        self.len
    }
    fn read_at(&self, buf: &mut [u8], offset: u64) -> cairn_block::Result<()> {
        self.file.read_exact_at(buf, offset).map_err(failed("read"))
    }
    fn write_at(&self, buf: &[u8], offset: u64) -> cairn_block::Result<()> {
        self.file.write_all_at(buf, offset).map_err(failed("write"))
    }
    fn discard(&self, offset: u64, len: u64) -> cairn_block::Result<()> {
        let flags = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
        fallocate(&self.file, flags, offset as i64, len as i64).map_err(|e| failed("discard")(e.into()))
    }
    fn flush(&self) -> cairn_block::Result<()> {
        self.file.sync_data().map_err(failed("flush"))
    }
    fn write_from(&self, offset: u64, len: u64, source: &File, from: u64) -> cairn_block::Result<bool> {
        Ok(copy(source, from, &self.file, offset, len))
    }
    fn read_into(&self, offset: u64, len: u64, target: &File, to: u64) -> cairn_block::Result<bool> {
        Ok(copy(&self.file, offset, target, to, len))
    }
}

fn copy(source: &File, from: u64, target: &File, to: u64, len: u64) -> bool {
    let (mut from, mut to, mut left) = (from as i64, to as i64, len as usize);
    while left > 0 {
        match copy_file_range(source, Some(&mut from), target, Some(&mut to), left) {
            Ok(copied @ 1..) => left -= copied,
            _ => return false,
        }
    }
    true
}

/// A file of the host as the engine's own uploads have it: without holes, told of as a whole.
pub struct Whole {
    /// The file.
    pub file: File,
    /// How much of it was taken.
    pub at: u64,
    /// Its length.
    pub len: u64,
}

impl Read for Whole {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read_at(buf, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Source for Whole {
    fn next(&mut self) -> std::io::Result<Next<'_>> {
        Ok(Next::Stored { file: &self.file, offset: self.at, len: self.len - self.at })
    }
    fn skip(&mut self, len: u64) -> std::io::Result<()> {
        self.at += len;
        Ok(())
    }
}

/// One thing of a tree: where it is on the host, its path in the volume, and whether it is a folder.
pub struct Item {
    /// Where it is on the host.
    pub host: PathBuf,
    /// Its path in the volume.
    pub path: String,
    /// Whether it is a folder.
    pub folder: bool,
}

/// Everything below `source`, folders before what is in them, each to go below the root of the volume.
///
/// # Errors
/// When a folder cannot be read.
pub fn tree(source: &Path) -> Result<Vec<Item>> {
    if source.is_file() {
        let name = source.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(vec![Item { host: source.to_owned(), path: name, folder: false }]);
    }
    let mut items: Vec<Item> = Vec::new();
    let mut left = vec![(source.to_owned(), String::new())];
    while let Some((folder, path)) = left.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let below = if path.is_empty() { name } else { format!("{path}/{name}") };
            let is_folder = entry.file_type()?.is_dir();
            if is_folder {
                left.push((entry.path(), below.clone()));
            }
            items.push(Item { host: entry.path(), path: below, folder: is_folder });
        }
    }
    Ok(items)
}
