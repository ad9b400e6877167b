//! The desktop's own file dialogs. They answer paths; an empty answer means that the person thought better of it.

use std::path::Path;

use cairn_api::ErrorCode;
use rfd::{AsyncFileDialog, FileHandle};
use tauri::{Manager, WebviewWindow, command};

use crate::desktop;
use crate::refusal::{Answer, Refusal};
use crate::texts::{MenuTexts, Speech};

#[command]
pub(crate) async fn pick_files(window: WebviewWindow) -> Answer<Vec<String>> {
    let picked = dialog(&window, |texts| texts.import_files).await?.pick_files().await;
    picked.iter().flatten().map(path).collect()
}

#[command]
pub(crate) async fn pick_folders(window: WebviewWindow) -> Answer<Vec<String>> {
    let picked = dialog(&window, |texts| texts.import_folders).await?.pick_folders().await;
    picked.iter().flatten().map(path).collect()
}

#[command]
pub(crate) async fn pick_image(window: WebviewWindow) -> Answer<Option<String>> {
    let texts = window.state::<Speech>().language().menu();
    let dialog = dialog(&window, |texts| texts.choose_image).await?;
    let images = dialog.add_filter(texts.images, &["qcow2", "img", "raw", "iso"]).add_filter(texts.all_files, &["*"]);
    images.pick_file().await.as_ref().map(path).transpose()
}

/// What can become a volume.
#[command]
pub(crate) async fn pick_import(window: WebviewWindow) -> Answer<Option<String>> {
    let texts = window.state::<Speech>().language().menu();
    let dialog = dialog(&window, |texts| texts.choose_import).await?;
    let kinds = ["qcow2", "img", "raw", "vmdk", "vdi", "vhdx", "tar", "gz", "tgz", "zip"];
    let files = dialog.add_filter(texts.imports, &kinds).add_filter(texts.all_files, &["*"]);
    files.pick_file().await.as_ref().map(path).transpose()
}

/// A folder that is to be kept in step.
#[command]
pub(crate) async fn pick_watch(window: WebviewWindow) -> Answer<Option<String>> {
    let picked = dialog(&window, |texts| texts.choose_watch).await?.pick_folder().await;
    picked.as_ref().map(path).transpose()
}

/// A name for a file that is to be written; the dialog asks whether one that is there is to be replaced.
#[command]
pub(crate) async fn pick_export(window: WebviewWindow, suggested: String) -> Answer<Option<String>> {
    let dialog = dialog(&window, |texts| texts.export_to).await?.set_file_name(suggested);
    dialog.save_file().await.as_ref().map(path).transpose()
}

#[command]
pub(crate) async fn pick_save_folder(window: WebviewWindow) -> Answer<Option<String>> {
    let picked = dialog(&window, |texts| texts.download_to).await?.pick_folder().await;
    picked.as_ref().map(path).transpose()
}

async fn dialog(window: &WebviewWindow, title: fn(&MenuTexts) -> &'static str) -> Answer<AsyncFileDialog> {
    // Without either of them a dialog would answer at once, as if it had been cancelled.
    if !desktop::opens_file_dialogs().await {
        return Err(Refusal::new(
            ErrorCode::Missing,
            "No file dialog could be opened: neither an XDG desktop portal nor zenity is there.",
            "Install xdg-desktop-portal or zenity, or drop the files onto the window.",
        ));
    }
    let title = title(window.state::<Speech>().language().menu());
    Ok(AsyncFileDialog::new().set_title(title).set_parent(window))
}

fn path(picked: &FileHandle) -> Answer<String> {
    let path: &Path = picked.path();
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Refusal::new(
            ErrorCode::InvalidInput,
            format!("The name of '{}' is not valid UTF-8.", path.display()),
            "Rename it, or choose the folder that it lies in.",
        )
    })
}
