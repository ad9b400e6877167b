//! The log.

use cairn_api::{LogLevel, LogLine};
use cairn_engine::LogQuery;
use tauri::command;

use super::{Held, wire};
use crate::refusal::Answer;

#[command]
pub(crate) async fn log_read(
    shell: Held<'_>,
    level: LogLevel,
    text: Option<String>,
    limit: usize,
) -> Answer<Vec<LogLine>> {
    Ok(wire(shell.engine().await?.log_read(LogQuery { least: level.into(), text, limit }).await?))
}
