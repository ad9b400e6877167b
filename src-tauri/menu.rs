//! The window's menu bar. Items that the window itself answers are passed on to it by their id.

use tauri::menu::{Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::{AppHandle, Manager, Runtime};

use crate::texts::Speech;
use crate::{events, window};

const QUIT: &str = "quit";

/// Builds the menu bar.
///
/// # Errors
/// When the toolkit refuses.
pub(crate) fn build<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<Menu<R>> {
    let text = app.state::<Speech>().language().menu();
    let item = |id: &str, text: &str, keys: Option<&str>| MenuItem::with_id(app, id, text, true, keys);
    let line = PredefinedMenuItem::separator(app)?;
    let file = Submenu::with_items(
        app,
        text.file,
        true,
        &[
            &item("new-volume", text.new_volume, Some("CmdOrCtrl+N"))?,
            &item("import", text.import, Some("CmdOrCtrl+O"))?,
            &line,
            &item(QUIT, text.quit, Some("CmdOrCtrl+Q"))?,
        ],
    )?;
    let edit = Submenu::with_items(
        app,
        text.edit,
        true,
        &[
            &PredefinedMenuItem::cut(app, Some(text.cut))?,
            &PredefinedMenuItem::copy(app, Some(text.copy))?,
            &PredefinedMenuItem::paste(app, Some(text.paste))?,
            &line,
            &PredefinedMenuItem::select_all(app, Some(text.select_all))?,
            &line,
            &item("settings", text.settings, None)?,
        ],
    )?;
    // The window has keys of its own for what has none here.
    let view = Submenu::with_items(
        app,
        text.view,
        true,
        &[
            &item("palette", text.commands, None)?,
            &line,
            &item("refresh", text.reload, Some("CmdOrCtrl+R"))?,
            &item("theme", text.theme, None)?,
        ],
    )?;
    let volume = Submenu::with_items(
        app,
        text.volume,
        true,
        &[&item("checkpoint", text.checkpoint, Some("CmdOrCtrl+Shift+C"))?],
    )?;
    let help = Submenu::with_items(
        app,
        text.help,
        true,
        &[
            &item("documentation", text.documentation, Some("F1"))?,
            &item("shortcuts", text.shortcuts, None)?,
            &item("tour", text.tour, None)?,
            &item("log", text.log, None)?,
            &item("licences", text.licences, None)?,
            &line,
            &item("about", text.about, None)?,
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
