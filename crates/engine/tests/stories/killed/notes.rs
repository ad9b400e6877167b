//! What the one that dies has noted.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::alphabet::Op;

/// A line for each operation begun and ended, in a file beside the store, so that a death in between is known.
pub(crate) fn note(folder: &Path, entry: &Noted) {
    let mut line = serde_json::to_string(entry).unwrap();
    line.push('\n');
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(folder.join("noted")).unwrap();
    std::io::Write::write_all(&mut file, line.as_bytes()).unwrap();
}

/// What has been noted since the file was last removed.
pub(crate) fn noted(folder: &Path) -> Vec<Noted> {
    let text = std::fs::read_to_string(folder.join("noted")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// One line of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Noted {
    Begun(Op),
    Acknowledged,
}
