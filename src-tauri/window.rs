//! The one window: shown, hidden to the tray, and the ways out of the program.

use tauri::{AppHandle, Manager, Runtime, WebviewWindow};

use crate::desktop;
use crate::shell::Shell;

/// The label of the window in `tauri.conf.json`.
pub(crate) const MAIN: &str = "main";

/// Brings the window to the front, wherever it was.
pub(crate) fn show<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    if let Err(error) = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus()) {
        tracing::warn!(%error, "the window could not be shown");
    }
}

/// What closing the window means: it hides, and the tray brings it back; where there is no tray, the program ends.
pub(crate) async fn close<R: Runtime>(app: AppHandle<R>) {
    match app.get_webview_window(MAIN) {
        Some(window) if desktop::shows_tray_icons().await => hide(&window),
        _ => quit(app).await,
    }
}

/// Ends the program: requests and operations under way are waited for, machines go on running.
pub(crate) async fn quit<R: Runtime>(app: AppHandle<R>) {
    if let Some(window) = app.get_webview_window(MAIN) {
        hide(&window);
    }
    app.state::<Shell>().close().await;
    app.exit(0);
}

fn hide<R: Runtime>(window: &WebviewWindow<R>) {
    if let Err(error) = window.hide() {
        tracing::warn!(%error, "the window could not be hidden");
    }
}
