//! How a manifest stands in its file: an envelope with the format's number and a checksum, and the content.
//!
//! ```json
//! { "format": 1, "sha256": "<of the exact text of the content>", "manifest": { … } }
//! ```

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::{FILE_NAME, Manifest, PREVIOUS_NAME};
use crate::convert::{hex, io_error};
use crate::durable;
use crate::error::{Error, ErrorKind, Result};
use crate::id::VolumeId;
use crate::store::{internal, newer};

/// The format that this code reads and writes.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    format: u32,
    sha256: String,
    #[serde(borrow)]
    manifest: &'a RawValue,
}

/// A manifest that was read, and what a person should know about how.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// What is true.
    pub(crate) manifest: Manifest,
    /// That the newest generation was damaged and its predecessor took its place, as a sentence.
    pub(crate) notice: Option<String>,
}

/// Replaces the manifest in `folder`; the present one becomes the previous generation. Durable when it returns.
///
/// # Errors
/// When the host's disk is full or refuses; the old manifest is then still in place.
pub(crate) fn save(folder: &Path, manifest: &Manifest) -> Result<()> {
    let text = encode(manifest)?;
    let path = folder.join(FILE_NAME);
    durable::replace_file_keeping(&path, &folder.join(PREVIOUS_NAME), text.as_bytes())
        .map_err(|e| io_error("write the volume's manifest", &path, &e))
}

/// Reads the manifest of volume `id` in `folder`: the newest generation, or the one before when that is damaged.
/// A damaged file is kept beside it under another name.
///
/// # Errors
/// [`ErrorKind::Corrupt`] when neither can be read, [`ErrorKind::Unsupported`] when a newer Cairn wrote it.
pub(crate) fn load(folder: &Path, id: &VolumeId) -> Result<Loaded> {
    let path = folder.join(FILE_NAME);
    let damage = match read(&path, id) {
        Ok(manifest) => return Ok(Loaded { manifest, notice: None }),
        Err(Unreadable::Newer(format)) => return Err(newer(&path, format)),
        Err(Unreadable::Damaged(damage)) => damage,
    };
    match read(&folder.join(PREVIOUS_NAME), id) {
        Ok(manifest) => {
            put_aside(&path)?;
            let text = encode(&manifest)?;
            durable::replace_file(&path, text.as_bytes())
                .map_err(|e| io_error("write the volume's manifest", &path, &e))?;
            let notice = format!(
                "The manifest of the volume '{}' was damaged ({damage}) and has been restored from the generation before it.",
                manifest.name
            );
            Ok(Loaded { manifest, notice: Some(notice) })
        }
        Err(_) => Err(Error::new(
            ErrorKind::Corrupt,
            format!("The manifest at {} is damaged ({damage}), and so is the generation before it.", path.display()),
        )
        .with_hint("Its layers are untouched; restore manifest.json from a backup.")),
    }
}

/// Reads one generation of the manifest of volume `id` and changes nothing.
///
/// # Errors
/// What is wrong with it, without a final stop.
pub(crate) fn inspect(folder: &Path, name: &str, id: &VolumeId) -> Result<Manifest, String> {
    read(&folder.join(name), id).map_err(|unreadable| match unreadable {
        Unreadable::Newer(format) => format!("a newer Cairn wrote it (format {format})"),
        Unreadable::Damaged(damage) => damage,
    })
}

/// Removes what was being written when an engine died; the manifest itself has been read.
pub(crate) fn remove_unfinished(folder: &Path) {
    for name in durable::unfinished(&folder.join(FILE_NAME), &folder.join(PREVIOUS_NAME)) {
        let _ = std::fs::remove_file(name);
    }
}

enum Unreadable {
    Newer(u32),
    Damaged(String),
}

fn encode(manifest: &Manifest) -> Result<String> {
    let write = |e| internal("write a manifest", &e);
    let content = RawValue::from_string(serde_json::to_string_pretty(manifest).map_err(write)?).map_err(write)?;
    let envelope = Envelope { format: FORMAT, sha256: checksum(content.get()), manifest: &content };
    let mut text = serde_json::to_string_pretty(&envelope).map_err(write)?;
    text.push('\n');
    Ok(text)
}

fn read(path: &Path, id: &VolumeId) -> Result<Manifest, Unreadable> {
    let text = std::fs::read_to_string(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => Unreadable::Damaged("it is missing".into()),
        _ => Unreadable::Damaged(crate::convert::reason(&e)),
    })?;
    decode(&text, id)
}

fn decode(text: &str, id: &VolumeId) -> Result<Manifest, Unreadable> {
    /// Read on its own first, so that a newer format is known as such, whatever else has changed.
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let damaged = |e: serde_json::Error| Unreadable::Damaged(e.to_string());
    let format = serde_json::from_str::<Format>(text).map_err(damaged)?.format;
    if format > FORMAT {
        return Err(Unreadable::Newer(format));
    }
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(damaged)?;
    if checksum(envelope.manifest.get()) != envelope.sha256 {
        return Err(Unreadable::Damaged("its checksum is wrong".into()));
    }
    let manifest: Manifest = serde_json::from_str(envelope.manifest.get()).map_err(damaged)?;
    if manifest.id != *id {
        return Err(Unreadable::Damaged(format!("it belongs to {}", manifest.id)));
    }
    manifest.validate().map_err(Unreadable::Damaged)?;
    Ok(manifest)
}

fn checksum(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// Moves what is at `path`, if anything is, to a name of its own, so that nothing is ever thrown away.
pub(crate) fn put_aside(path: &Path) -> Result<()> {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let mut name = format!("manifest.broken-{now}.json");
    let mut again = 1;
    // Two in one second, or a clock that has gone back: the first one stays.
    while path.with_file_name(&name).exists() {
        again += 1;
        name = format!("manifest.broken-{now}-{again}.json");
    }
    match std::fs::rename(path, path.with_file_name(name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_error("put the damaged manifest aside", path, &error))
        }
        _ => Ok(()),
    }
}
