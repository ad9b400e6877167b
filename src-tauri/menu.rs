//! The window's menu bar. Items that the window itself answers are passed on to it by their id.

use tauri::menu::{Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::{AppHandle, Runtime};

use crate::{events, window};

const QUIT: &str = "quit";

/// Builds the menu bar.
///
/// # Errors
/// When the toolkit refuses.
pub(crate) fn build<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<Menu<R>> {
    let item = |id: &str, text: &str, keys: Option<&str>| MenuItem::with_id(app, id, text, true, keys);
    let line = PredefinedMenuItem::separator(app)?;
    let file = Submenu::with_items(
        app,
        "&File",
        true,
        &[
            &item("new-volume", "&New Volume…", Some("CmdOrCtrl+N"))?,
            &item("import", "&Import Files…", Some("CmdOrCtrl+O"))?,
            &line,
            &item(QUIT, "&Quit Cairn", Some("CmdOrCtrl+Q"))?,
        ],
    )?;
    let edit = Submenu::with_items(
        app,
        "&Edit",
        true,
        &[
            &PredefinedMenuItem::cut(app, None)?,
            &PredefinedMenuItem::copy(app, None)?,
            &PredefinedMenuItem::paste(app, None)?,
            &line,
            &PredefinedMenuItem::select_all(app, None)?,
        ],
    )?;
    let view = Submenu::with_items(
        app,
        "&View",
        true,
        &[&item("refresh", "&Reload", Some("CmdOrCtrl+R"))?, &item("theme", "Change &Theme", None)?],
    )?;
    let volume = Submenu::with_items(
        app,
        "V&olume",
        true,
        &[&item("checkpoint", "&Checkpoint Now", Some("CmdOrCtrl+Shift+C"))?],
    )?;
    let help = Submenu::with_items(
        app,
        "&Help",
        true,
        &[
            &item("documentation", "&Documentation", Some("F1"))?,
            &item("licences", "&Licences", None)?,
            &line,
            &item("about", "&About Cairn", None)?,
        ],
    )?;
    Menu::with_items(app, &[&file, &edit, &view, &volume, &help])
}

/// Does what a person chose in the menu bar.
pub(crate) fn chosen<R: Runtime>(app: &AppHandle<R>, id: &str) {
    match id {
        QUIT => {
            tauri::async_runtime::spawn(window::quit(app.clone()));
        }
        other => events::menu_choice(app, other),
    }
}
