//! The language that the window speaks; the shell speaks it, too.

use cairn_api::ErrorCode;
use tauri::{AppHandle, Manager, command};

use crate::menu;
use crate::refusal::{Answer, Refusal};
use crate::texts::{Language, Speech};
use crate::tray::Tray;

#[command]
pub(crate) async fn set_language(app: AppHandle, language: String) -> Answer<()> {
    let language = Language::parse(&language).ok_or_else(|| {
        let message = format!("The language '{language}' is not spoken here.");
        Refusal::new(ErrorCode::InvalidInput, message, "Choose one of: en, de, ja.")
    })?;
    if !app.state::<Speech>().speak(language) {
        return Ok(());
    }
    app.state::<Tray>().refresh();
    let handle = app.clone();
    let asked = app.run_on_main_thread(move || {
        if let Err(error) = menu::build(&handle).and_then(|menu| handle.set_menu(menu)) {
            tracing::warn!(%error, "the menu bar could not be put into another language");
        }
    });
    if let Err(error) = asked {
        tracing::warn!(%error, "the menu bar stays in its language");
    }
    Ok(())
}
