//! The engine's events on their way to the window, and the shell's own notices beside them.

use std::collections::HashMap;

use cairn_api::Event;
use cairn_engine::{EventKind, NoticeLevel, TransferId, TransferState};
use serde::Serialize;
use tauri::{AppHandle, Emitter, Manager, Runtime};
use time::OffsetDateTime;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::tray::Tray;
use crate::{notify, tray};

/// What the window listens to for everything that happens in the engine.
const ENGINE_EVENT: &str = "engine-event";

/// What the window listens to for what a person chose in a menu.
const MENU_EVENT: &str = "menu";

#[derive(Clone, Serialize)]
struct MenuChoice<'a> {
    id: &'a str,
}

/// Passes every event on until the engine is closed. After a gap the window is asked to read everything again.
pub(crate) async fn forward<R: Runtime>(app: AppHandle<R>, mut events: broadcast::Receiver<cairn_engine::Event>) {
    let mut shown = Shown::default();
    loop {
        match events.recv().await {
            Ok(event) => {
                if shown.changes_with(&event.kind) {
                    app.state::<Tray>().refresh();
                }
                if let EventKind::TransferChanged { transfer } = &event.kind {
                    notify::transfer_changed(&app, transfer);
                }
                emit(&app, ENGINE_EVENT, Event::from(event));
            }
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "events came faster than the window took them");
                app.state::<Tray>().refresh();
                menu_choice(&app, "refresh");
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// Tells a person something, in the window.
pub(crate) fn notice<R: Runtime>(app: &AppHandle<R>, level: NoticeLevel, message: impl Into<String>) {
    let kind = EventKind::Notice { level, message: message.into() };
    // Not one of the engine's events: it has no place in the engine's stream.
    let event = cairn_engine::Event { seq: 0, at: OffsetDateTime::now_utc(), kind };
    emit(app, ENGINE_EVENT, Event::from(event));
}

/// Tells the window what a person chose in a menu.
pub(crate) fn menu_choice<R: Runtime>(app: &AppHandle<R>, id: &str) {
    emit(app, MENU_EVENT, MenuChoice { id });
}

fn emit<R: Runtime, P: Serialize + Clone>(app: &AppHandle<R>, event: &str, payload: P) {
    if let Err(error) = app.emit(event, payload) {
        tracing::warn!(%error, event, "the window was not told");
    }
}

/// What the tray says of transfers: it is not made anew with each byte.
#[derive(Debug, Default)]
struct Shown(HashMap<TransferId, (TransferState, u64)>);

impl Shown {
    fn changes_with(&mut self, kind: &EventKind) -> bool {
        match kind {
            EventKind::FilesChanged { .. } | EventKind::Notice { .. } => false,
            EventKind::TransferChanged { transfer } if transfer.ended_at.is_some() => {
                self.0.remove(&transfer.id).is_some()
            }
            EventKind::TransferChanged { transfer } => {
                let says = (transfer.state, tray::tenths(transfer));
                self.0.insert(transfer.id.clone(), says) != Some(says)
            }
            _ => true,
        }
    }
}
