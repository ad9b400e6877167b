//! Whether other programs are let in, as a person wanted it last: a file beside the place of the window says that they are not.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cairn_api::ErrorCode;
use tauri::{AppHandle, Manager, Runtime};

use crate::refusal::{Answer, Refusal};

/// The file's name.
const FILE: &str = "not-served";

/// Whether they are. Who has never said anything has them let in.
pub(crate) fn is_wanted<R: Runtime>(app: &AppHandle<R>) -> bool {
    !file(app).is_ok_and(|file| file.exists())
}

/// Remembers it for the next start.
pub(crate) fn want<R: Runtime>(app: &AppHandle<R>, on: bool) -> Answer<()> {
    let file = file(app).map_err(|error| refusal(&error.to_string()))?;
    let done = if on { remove(&file) } else { write(&file) };
    done.map_err(|error| refusal(&format!("{}: {error}", file.display())))
}

fn file<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<PathBuf> {
    Ok(app.path().app_config_dir()?.join(FILE))
}

fn write(file: &Path) -> io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(file, "")
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn refusal(why: &str) -> Refusal {
    Refusal::new(
        ErrorCode::Io,
        format!("It holds now, but could not be remembered for the next start: {why}."),
        "Look at the permissions of that folder.",
    )
}
