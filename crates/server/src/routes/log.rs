//! `/v1/log`: what the engine has written into its log.

use axum::Json;
use axum::extract::State;
use cairn_api::{LogLevel, LogLine};
use cairn_engine::LogQuery;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::all;
use crate::app::Shared;
use crate::extract::Params;
use crate::refusal::{Answer, Refusal};

/// So many lines are shown when nobody says.
const LINES: usize = 500;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(log))
}

/// The newest lines of the store's log, oldest first. For keys with the scope `full`.
#[utoipa::path(
    get,
    path = "/v1/log",
    params(
        ("level" = Option<LogLevel>, Query, description = "Lines so serious, or more; `info` when absent"),
        ("text" = Option<String>, Query, description = "Only lines with this in them"),
        ("limit" = Option<u64>, Query, maximum = 10_000, description = "The newest, at most so many; 500 when absent"),
    ),
    responses((status = OK, body = Vec<LogLine>))
)]
async fn log(State(app): State<Shared>, params: Params) -> Answer<Vec<LogLine>> {
    let least = params.filled("level").map(level).transpose()?.unwrap_or_default();
    let text = params.filled("text").map(str::to_owned);
    let limit = params.number("limit")?.unwrap_or(LINES);
    let lines: Json<Vec<LogLine>> = all(app.engine.log_read(LogQuery { least: least.into(), text, limit }).await?);
    Ok(lines)
}

fn level(word: &str) -> Result<LogLevel, Refusal> {
    serde_json::from_value(Value::from(word)).map_err(|_| {
        Refusal::invalid(format!("The parameter 'level' is trace, debug, info, warning or error, not '{word}'."))
    })
}
