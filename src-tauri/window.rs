//! The one window: shown, hidden to the tray, and the ways out of the program.

#[cfg(target_os = "linux")]
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use tauri::{AppHandle, Manager, Runtime, WebviewWindow};

use crate::desktop;
use crate::shell::Shell;

/// The label of the window in `tauri.conf.json`.
pub(crate) const MAIN: &str = "main";

/// Draws the page as the rest of a GTK program is drawn where no graphics processor is, as in a virtual machine: pretending one
/// takes a hundred megabytes and makes each click slower. Nothing of the page goes back, sounds, or is in 3D either.
#[cfg(target_os = "linux")]
pub(crate) fn draw_lightly<R: Runtime>(app: &AppHandle<R>) {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};

    let Some(window) = app.get_webview_window(MAIN) else { return };
    let has_processor = has_graphics_processor(Path::new("/dev/dri"));
    let set = window.with_webview(move |page| {
        let Some(settings) = page.inner().settings() else { return };
        if !has_processor {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
        settings.set_enable_page_cache(false);
        settings.set_enable_webgl(false);
        settings.set_enable_webaudio(false);
    });
    if let Err(error) = set {
        tracing::warn!(%error, "the page is drawn as its library likes it");
    }
}

/// Whether Linux shows a graphics processor that draws for programs.
#[cfg(target_os = "linux")]
fn has_graphics_processor(devices: &Path) -> bool {
    let found = std::fs::read_dir(devices).into_iter().flatten().flatten();
    found.into_iter().any(|device| device.file_name().as_encoded_bytes().starts_with(b"renderD"))
}

/// Elsewhere the system's own web view decides.
#[cfg(not(target_os = "linux"))]
pub(crate) fn draw_lightly<R: Runtime>(_app: &AppHandle<R>) {}

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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::has_graphics_processor;

    #[test]
    fn a_screen_alone_draws_for_nobody() {
        let devices = tempfile::tempdir().expect("a temporary folder");
        assert!(!has_graphics_processor(&devices.path().join("none")));
        std::fs::write(devices.path().join("card0"), "").expect("a screen");
        assert!(!has_graphics_processor(devices.path()));
        std::fs::write(devices.path().join("renderD128"), "").expect("a processor");
        assert!(has_graphics_processor(devices.path()));
    }
}
