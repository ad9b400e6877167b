//! What a fetch has gathered so far, in a folder of the store's, and how it is known to whoever takes it up again.
//!
//! ```text
//! run/<transfer_id>.fetch/
//!   file/<name>     the file, as far as it has come
//!   state.json      what the server said of it, and how much of it has reached the disk for certain
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use reqwest::header::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::convert::io_error;
use crate::durable;
use crate::error::Result;

/// How far a file has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) at: u64,
    /// By what the server tells that the file is still the same.
    pub(super) validator: Option<HeaderValue>,
    /// Whether all of it is there.
    pub(super) whole: bool,
}

/// What `state.json` says.
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    validator: Option<String>,
    whole: bool,
    /// When this computer was started: a file's length says nothing of its bytes once it was switched off.
    boot: String,
    /// Bytes that are on the disk whatever happened since.
    durable: u64,
}

/// Where a file gathers.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) folder: PathBuf,
    pub(super) file: PathBuf,
}

impl Gathered {
    pub(super) fn new(folder: &Path, name: &str) -> Self {
        Self { folder: folder.to_owned(), file: folder.join("file").join(name) }
    }

    fn state_file(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    /// Makes the folder, and tells how far an earlier attempt has come.
    pub(super) fn begin(&self) -> Result<Progress> {
        let folder = self.file.parent().unwrap_or(&self.folder);
        durable::create_private_folder(folder).map_err(|e| io_error("make a folder", folder, &e))?;
        let there = fs::metadata(&self.file).map_or(0, |file| file.len());
        let Some(state) = self.state() else { return Ok(Progress::default()) };
        let boot = boot_id();
        let safe = if !boot.is_empty() && state.boot == boot { there } else { state.durable.min(there) };
        let validator = state.validator.and_then(|text| HeaderValue::from_str(&text).ok());
        // Without one nobody would notice that the server has another file there by now.
        let at = if validator.is_some() || state.whole { safe } else { 0 };
        Ok(Progress { at, validator, whole: state.whole && safe == there })
    }

    fn state(&self) -> Option<State> {
        serde_json::from_slice(&fs::read(self.state_file()).ok()?).ok()
    }

    /// Remembers what the server said. Not flushed: what is lost is fetched again.
    pub(super) fn note(&self, progress: &Progress) {
        let validator = progress.validator.as_ref().and_then(|value| value.to_str().ok()).map(str::to_owned);
        self.write(&State { validator, whole: progress.whole, boot: boot_id(), durable: 0 });
    }

    /// Has what is there reach the disk, so that it outlives this computer's being switched off.
    pub(super) fn make_durable(&self) {
        let Some(state) = self.state() else { return };
        if durable::sync_file(&self.file).is_ok() {
            let durable = fs::metadata(&self.file).map_or(0, |file| file.len());
            self.write(&State { durable, ..state });
        }
    }

    fn write(&self, state: &State) {
        let (file, bytes) = (self.state_file(), serde_json::to_vec(state).unwrap_or_default());
        if let Err(error) = durable::replace_unflushed(&file, &bytes) {
            tracing::debug!(%error, "a fetch that is interrupted would begin anew");
        }
    }
}

/// Another one each time that this computer is started; empty where nobody says.
fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}
