//! A folder to measure in.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// The folder; removed when dropped.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    /// A new one.
    pub(super) fn new(path: PathBuf) -> Result<Self> {
        fs::create_dir_all(&path).with_context(|| format!("could not work in {}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
