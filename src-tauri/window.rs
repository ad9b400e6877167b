//! The one window: shown, hidden to the tray, and the ways out of the program.

use std::sync::atomic::{AtomicBool, Ordering};

use tauri::{AppHandle, Manager, Runtime, WebviewWindow};

use crate::desktop;
use crate::shell::Shell;

/// The label of the window in `tauri.conf.json`.
pub(crate) const MAIN: &str = "main";

/// Brings the window to the front, wherever it was.
pub(crate) fn show<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    tracing::debug!("showing the window");
    if let Err(error) = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus()) {
        tracing::warn!(%error, "the window could not be shown");
    }
}

/// Hides the window that a start with the session has opened, where a tray can bring it back.
pub(crate) async fn begin_hidden<R: Runtime>(app: AppHandle<R>) {
    if desktop::shows_tray_icons().await
        && let Some(window) = app.get_webview_window(MAIN)
    {
        hide(&window);
    }
}

/// What closing the window means: it hides, and the tray brings it back; where there is no tray, the program ends.
///
/// Asked once more meanwhile, as by a key that repeats, it does nothing: a late second answer would hide a window
/// that somebody has brought back.
pub(crate) async fn close<R: Runtime>(app: AppHandle<R>) {
    static ASKED: AtomicBool = AtomicBool::new(false);
    if ASKED.swap(true, Ordering::AcqRel) {
        return;
    }
    let has_tray = desktop::shows_tray_icons().await;
    match app.get_webview_window(MAIN) {
        Some(window) if has_tray => hide(&window),
        _ => quit(app).await,
    }
    ASKED.store(false, Ordering::Release);
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
    tracing::debug!("hiding the window");
    if let Err(error) = window.hide() {
        tracing::warn!(%error, "the window could not be hidden");
    }
}
