//! `cairn log`: what the engine has written into its log.

use cairn_api::{LogLevel, LogLine};
use clap::{Args, ValueEnum};

use crate::context::Context;
use crate::failure::Failure;
use crate::output::printable;

/// How serious lines are at least.
#[derive(Clone, Copy, ValueEnum)]
enum Level {
    /// Everything that was written
    Trace,
    /// What is of interest to who looks for something
    Debug,
    /// What happens
    Info,
    /// What needs attention
    Warning,
    /// What failed
    Error,
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Trace => Self::Trace,
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}

/// Which lines to show.
#[derive(Args)]
pub(crate) struct Log {
    /// Only lines so serious, or more
    #[arg(long, value_enum, default_value_t = Level::Info)]
    level: Level,
    /// Only lines with this in them
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,
    /// The newest, at most so many
    #[arg(long, short = 'n', value_name = "COUNT", default_value = "100")]
    limit: u32,
}

/// Shows them, oldest first.
pub(crate) async fn run(command: Log, context: &Context) -> Result<(), Failure> {
    let limit = command.limit.to_string();
    let mut query = vec![("level", word(command.level.into())), ("limit", limit.as_str())];
    query.extend(command.text.as_deref().map(|text| ("text", text)));
    let lines: Vec<LogLine> = context.api.get(&["log"], &query).await?;
    context.out.show(&lines, |out, lines| {
        lines.iter().try_for_each(|line| {
            let text: Vec<String> = line.text.lines().map(printable).collect();
            out.line(&format!("{}  {:<7}  {}", line.at, word(line.level), text.join("\n    ")))
        })
    })
}

fn word(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Trace => "trace",
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warning => "warning",
        LogLevel::Error => "error",
    }
}
