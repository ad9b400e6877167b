//! What the window is asked to show from outside.

use tauri::{State, command};

use crate::link::{Opening, Openings};
use crate::refusal::Answer;

#[command]
pub(crate) async fn opening_take(openings: State<'_, Openings>) -> Answer<Option<Opening>> {
    Ok(openings.take())
}
