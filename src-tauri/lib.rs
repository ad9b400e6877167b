//! The desktop shell: a window, a tray icon, menus and native dialogs over the engine.
//!
//! It holds no rule of its own: a command asks the engine and hands the answer to the window. What it must not
//! know: image formats, filesystems, QEMU, the index.
//!
//! ```text
//! options   what the program is told        window    showing, hiding, quitting
//! shell     the engine and its server       desktop   what the desktop around it offers
//! commands/ what the window calls           tray/     the icon, its menu, what the menu does
//! events    what the window is told         menu      the menu bar
//! notify    long transfers that have ended  link      what the window is asked to show from outside
//! autostart starting with the session     serving   whether other programs are let in
//! clipboard what was copied elsewhere
//! refusal   how a command refuses           texts     what the shell says, in the window's languages
//! ```

mod autostart;
mod clipboard;
mod commands;
mod desktop;
mod events;
mod link;
mod menu;
mod notify;
mod options;
mod refusal;
mod serving;
mod shell;
mod texts;
mod tray;
mod window;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tauri::{App, AppHandle, Builder, Manager, RunEvent, Runtime, WindowEvent};
use tauri_plugin_window_state::StateFlags;

use crate::commands::{
    autostart as autostarts, checkpoints, clipboard as clips, console, dialogs, files, language, log, machines,
    openings, policy, rates, server, snapshots, space, transfers, trash, volumes, watches,
};
use crate::link::{Opening, Openings};
use crate::options::Options;
use crate::shell::Shell;
use crate::texts::Speech;
use crate::tray::Tray;

/// Runs the program until it is quit.
#[must_use]
pub fn run() -> ExitCode {
    let options = Options::parse();
    // The log is worth having, but no reason to keep somebody from their volumes.
    let _log = cairn_engine::init_logging(&options.store, cfg!(debug_assertions))
        .inspect_err(|error| eprintln!("cairn-desktop: {error}"));
    match build(options) {
        Ok(app) => ExitCode::from(u8::try_from(app.run_return(on_run_event)).unwrap_or(1)),
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            eprintln!("cairn-desktop: the window could not be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

fn build(options: Options) -> tauri::Result<App> {
    let openings = Openings::default();
    if let Some(opening) = Opening::among(options.link.as_slice()) {
        openings.put(opening);
    }
    Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _folder| match Opening::among(&arguments) {
            Some(opening) => link::open(app, opening),
            None => window::show(app),
        }))
        .plugin(
            tauri_plugin_window_state::Builder::default()
                // A window that was hidden to the tray is shown at the next start.
                .with_state_flags(StateFlags::all() & !StateFlags::VISIBLE)
                .build(),
        )
        .manage(Shell::default())
        .manage(console::Consoles::default())
        .manage(Tray::default())
        .manage(Speech::default())
        .manage(openings)
        .manage(rates::Shown::default())
        .invoke_handler(tauri::generate_handler![
            volumes::about,
            volumes::doctor,
            log::log_read,
            volumes::volume_list,
            volumes::volume_get,
            volumes::volume_create,
            volumes::volume_update,
            volumes::volume_clone,
            volumes::volume_delete,
            trash::volume_undelete,
            trash::trash_list,
            trash::trash_remove,
            trash::trash_empty,
            trash::trash_keep,
            space::volume_usage,
            space::volume_chain,
            space::volume_optimiser_set,
            space::volume_optimise,
            policy::policy_get,
            policy::policy_set,
            watches::watch_list,
            watches::watch_add,
            watches::watch_rm,
            files::file_page,
            files::file_stat,
            files::file_read,
            files::file_history,
            files::files_delete_undoable,
            files::file_mkdir,
            files::file_rename,
            transfers::upload,
            transfers::download,
            transfers::files_fetch,
            transfers::files_unpack,
            transfers::volume_import,
            transfers::volume_export,
            transfers::transfer_list,
            transfers::transfer_pause,
            transfers::transfer_resume,
            transfers::transfer_retry,
            transfers::transfer_cancel,
            transfers::transfer_clear,
            checkpoints::checkpoint_list,
            checkpoints::checkpoint_create,
            checkpoints::checkpoint_create_group,
            checkpoints::checkpoint_diff,
            checkpoints::checkpoint_restore,
            checkpoints::checkpoint_restore_files,
            checkpoints::checkpoint_branch,
            checkpoints::checkpoint_delete_plan,
            checkpoints::checkpoint_delete,
            checkpoints::checkpoint_prune_whole_plan,
            checkpoints::checkpoint_prune,
            machines::vm_list,
            machines::vm_demo,
            machines::vm_discover,
            machines::vm_attach,
            machines::vm_detach,
            machines::vm_doctor,
            machines::vm_create,
            machines::vm_start,
            machines::vm_stop,
            machines::vm_restart,
            machines::vm_delete,
            console::vm_console_log,
            console::vm_console_keys,
            console::vm_console_close,
            snapshots::snapshot_list,
            snapshots::snapshot_create,
            snapshots::snapshot_delete,
            machines::mount,
            machines::unmount,
            machines::unmount_by_force,
            machines::mount_list,
            rates::mount_rates,
            rates::mount_rates_close,
            language::set_language,
            openings::opening_take,
            clips::clipboard_look,
            clips::clipboard_put,
            server::server_get,
            server::server_set,
            autostarts::autostart_get,
            autostarts::autostart_set,
            dialogs::pick_files,
            dialogs::pick_folders,
            dialogs::pick_image,
            dialogs::pick_import,
            dialogs::pick_watch,
            dialogs::pick_export,
            dialogs::pick_save_folder,
        ])
        .menu(menu::build)
        .on_menu_event(|app, event| {
            // Both menus report here.
            if !tray::chosen(app, event.id().as_ref()) {
                menu::chosen(app, event.id().as_ref());
            }
        })
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                api.prevent_close();
                tauri::async_runtime::spawn(window::close(window.app_handle().clone()));
            }
        })
        .setup(move |app| {
            set_up(app.handle(), options.store);
            if options.hidden {
                tauri::async_runtime::spawn(window::begin_hidden(app.handle().clone()));
            }
            Ok(())
        })
        .build(tauri::generate_context!())
}

fn set_up<R: Runtime>(app: &AppHandle<R>, store: PathBuf) {
    window::draw_lightly(app);
    if let Err(error) = tray::build(app) {
        tracing::warn!(%error, "there is no tray icon");
    }
    tauri::async_runtime::spawn(tray::keep(app.clone()));
    tauri::async_runtime::spawn(quit_when_told(app.clone()));
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let serves = serving::is_wanted(&app);
        if let Ok(stream) = app.state::<Shell>().open(&store, serves).await {
            events::forward(app.clone(), stream).await;
        }
    });
}

/// Ends the program as its menu does when the session or a person asks the process to.
async fn quit_when_told<R: Runtime>(app: AppHandle<R>) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut terminated), Ok(mut interrupted)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return;
        };
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        return;
    }
    window::quit(app).await;
}

fn on_run_event<R: Runtime>(_app: &AppHandle<R>, event: RunEvent) {
    // The last window's end is not the program's: the tray lives on until somebody quits.
    if let RunEvent::ExitRequested { code: None, api, .. } = event {
        api.prevent_exit();
    }
}
