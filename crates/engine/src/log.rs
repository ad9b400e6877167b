//! The log: a file a day in the store, and `RUST_LOG`.

mod read;

use std::path::Path;

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::convert::io_error;
use crate::durable;
use crate::error::{Error, ErrorKind, Result};

pub use read::{LogLevel, LogLine, LogQuery};

/// What is logged when `RUST_LOG` does not say.
const DEFAULT_FILTER: &str = "info,sled=warn";

/// How many days are kept.
const DAYS_KEPT: usize = 14;

/// Lines that wait for the disk at most; room for them is taken at the start. What comes beyond is not written.
const LINES_WAITING: usize = 8192;

/// Keeps the log being written; what is still in memory is written out when it is dropped.
#[derive(Debug)]
#[must_use = "the log ends when this is dropped"]
pub struct LogGuard {
    _worker: WorkerGuard,
}

/// Writes a log to `<store>/log/cairn.<day>.log` from now on, and to standard error too if asked for.
///
/// What is written is chosen by `RUST_LOG`; without it, everything of level info and above. Call it once a
/// process, before [`Engine::open`](crate::Engine::open), and keep what it answers until the end.
///
/// # Errors
/// When the folder cannot be made, or the process has a log already.
pub fn init_logging(store: &Path, also_stderr: bool) -> Result<LogGuard> {
    let folder = store.join("log");
    durable::create_private_folder(&folder).map_err(|e| io_error("make the log's folder", &folder, &e))?;
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("cairn")
        .filename_suffix("log")
        .max_log_files(DAYS_KEPT)
        .build(&folder)
        .map_err(|e| io_error("begin the log", &folder, &std::io::Error::other(e)))?;
    let (writer, worker) = NonBlockingBuilder::default().buffered_lines_limit(LINES_WAITING).finish(appender);
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let to_file = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false);
    let to_stderr = also_stderr.then(|| tracing_subscriber::fmt::layer().with_writer(std::io::stderr));
    tracing_subscriber::registry()
        .with(filter)
        .with(to_file)
        .with(to_stderr)
        .try_init()
        .map_err(|_| Error::new(ErrorKind::Conflict, "This process has a log already."))?;
    Ok(LogGuard { _worker: worker })
}
