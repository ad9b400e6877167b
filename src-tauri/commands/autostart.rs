//! Whether Cairn starts with the session.

use tauri::command;

use super::Held;
use crate::autostart;
use crate::refusal::Answer;

#[command]
pub(crate) async fn autostart_get() -> Answer<bool> {
    autostart::is_on()
}

#[command]
pub(crate) async fn autostart_set(shell: Held<'_>, on: bool) -> Answer<()> {
    autostart::set(on, shell.engine().await?.store())
}
