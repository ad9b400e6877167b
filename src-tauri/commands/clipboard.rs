//! Files from the clipboard.

use std::io::Cursor;

use cairn_api::{ErrorCode, FileEntry};
use cairn_engine::WriteFile;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, command};

use super::Held;
use crate::clipboard;
use crate::refusal::{Answer, Refusal};

/// What kind of thing the clipboard holds.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Paths,
    Text,
    Image,
    Nothing,
}

/// What the clipboard holds, without its content.
#[derive(Serialize)]
pub(crate) struct Clip {
    kind: Kind,
    /// Of files; they are copied as any other.
    paths: Vec<String>,
}

#[command]
pub(crate) async fn clipboard_look(app: AppHandle) -> Answer<Clip> {
    let (kind, paths) = match clipboard::look(&app).await? {
        clipboard::Held::Paths(paths) => (Kind::Paths, paths),
        clipboard::Held::Text(_) => (Kind::Text, Vec::new()),
        clipboard::Held::Image(_) => (Kind::Image, Vec::new()),
        clipboard::Held::Nothing => (Kind::Nothing, Vec::new()),
    };
    Ok(Clip { kind, paths })
}

/// Makes the text or the picture that was seen in the clipboard a new file.
#[command]
pub(crate) async fn clipboard_put(
    app: AppHandle,
    shell: Held<'_>,
    volume: String,
    path: String,
    kind: Kind,
) -> Answer<FileEntry> {
    let content = match (kind, clipboard::look(&app).await?) {
        (Kind::Text, clipboard::Held::Text(content)) | (Kind::Image, clipboard::Held::Image(content)) => content,
        _ => {
            let sentence = "The clipboard holds something else by now; nothing was put into the volume.";
            return Err(Refusal::new(ErrorCode::Conflict, sentence, "Copy it once more, and paste again."));
        }
    };
    let options = WriteFile { size_hint: Some(content.len() as u64), ..WriteFile::default() };
    Ok(shell.engine().await?.file_write(&volume, &path, Box::new(Cursor::new(content)), options).await?.into())
}
