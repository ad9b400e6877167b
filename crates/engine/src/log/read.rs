//! Reading the log: its newest lines, of a level and with words in them.

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::convert::io_error;
use crate::engine::{Engine, blocking};
use crate::error::{Error, ErrorKind, Result};

/// So much of the newest files is looked through, in bytes.
const MOST_READ: u64 = 8 << 20;
/// More lines are never answered.
const MOST_LINES: usize = 10_000;

/// How serious a line of the log is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Only of interest to who looks for something.
    Trace,
    /// The same, and less of it.
    Debug,
    /// What happens.
    #[default]
    Info,
    /// Needs attention.
    Warning,
    /// Failed.
    Error,
}

/// Which lines are wanted.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// So serious, or more.
    pub least: LogLevel,
    /// Only those with this in them, in capitals or not.
    pub text: Option<String>,
    /// The newest, at most so many.
    pub limit: usize,
}

/// One line of the log; what follows it without a time of its own belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written (RFC 3339, UTC).
    pub at: String,
    /// How serious it is.
    pub level: LogLevel,
    /// What it says, with where in the program it was said.
    pub text: String,
}

impl Engine {
    /// The newest lines of the store's log, oldest first.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for more lines than anybody reads; [`ErrorKind::Io`] when the log cannot be read.
    pub async fn log_read(&self, query: LogQuery) -> Result<Vec<LogLine>> {
        self.refuse_when_closed()?;
        if query.limit > MOST_LINES {
            let sentence = format!("At most {MOST_LINES} lines of the log are shown at once, not {}.", query.limit);
            return Err(Error::new(ErrorKind::InvalidInput, sentence).with_hint("Ask for fewer."));
        }
        let folder = self.inner.store.root().join("log");
        blocking(move || read(&folder, &query)).await
    }
}

fn read(folder: &Path, query: &LogQuery) -> Result<Vec<LogLine>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|e| io_error("read the log", folder, &e))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    // A day's name sorts by its time.
    files.sort();
    let wanted = query.text.as_deref().map(str::to_lowercase);
    let is_wanted = |line: &LogLine| {
        line.level >= query.least && wanted.as_deref().is_none_or(|text| line.text.to_lowercase().contains(text))
    };
    let (mut found, mut left) = (Vec::new(), MOST_READ);
    for file in files.iter().rev() {
        if found.len() >= query.limit || left == 0 {
            break;
        }
        let text = end_of(file, &mut left).map_err(|e| io_error("read the log", file, &e))?;
        let lines: Vec<LogLine> = lines(&text).into_iter().filter(is_wanted).collect();
        found.splice(0..0, lines);
    }
    found.drain(..found.len().saturating_sub(query.limit));
    Ok(found)
}

/// The end of a file, as far as that is still looked at.
fn end_of(file: &Path, left: &mut u64) -> std::io::Result<String> {
    let mut open = std::fs::File::open(file)?;
    let from = open.metadata()?.len().saturating_sub(*left);
    open.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    open.take(*left).read_to_end(&mut bytes)?;
    *left = left.saturating_sub(bytes.len() as u64);
    // What begins in the middle of a line is left out.
    let begin = if from == 0 { 0 } else { bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1) };
    Ok(String::from_utf8_lossy(bytes.get(begin..).unwrap_or_default()).into_owned())
}

fn lines(text: &str) -> Vec<LogLine> {
    let mut lines: Vec<LogLine> = Vec::new();
    for line in text.lines() {
        match (parse(line), lines.last_mut()) {
            (Some(line), _) => lines.push(line),
            (None, Some(before)) => {
                before.text.push('\n');
                before.text.push_str(line);
            }
            (None, None) => {}
        }
    }
    lines
}

/// `2026-01-02T03:04:05.678901Z  INFO cairn_engine::engine: the store is open`
fn parse(line: &str) -> Option<LogLine> {
    let (at, rest) = line.split_once(' ')?;
    let is_time = at.len() >= 20 && at.ends_with('Z') && at.as_bytes().get(10) == Some(&b'T');
    let (level, text) = rest.trim_start().split_once(' ').filter(|_| is_time)?;
    let level = match level {
        "TRACE" => LogLevel::Trace,
        "DEBUG" => LogLevel::Debug,
        "INFO" => LogLevel::Info,
        "WARN" => LogLevel::Warning,
        "ERROR" => LogLevel::Error,
        _ => return None,
    };
    Some(LogLine { at: at.to_owned(), level, text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_lines_that_are_wanted_come_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "cairn.2026-01-01.log",
            "2026-01-01T10:00:00.000001Z  INFO a: old\n2026-01-01T10:00:01.000001Z  WARN a: an old Warning\n",
        );
        write(
            "cairn.2026-01-02.log",
            "2026-01-02T10:00:00.000001Z DEBUG a: little\n2026-01-02T10:00:01.000001Z ERROR a: it failed\nand why\n",
        );
        write("notes.txt", "2026-01-03T10:00:00.000001Z ERROR a: no log\n");
        let texts = |least, text: Option<&str>, limit| -> Vec<String> {
            let query = LogQuery { least, text: text.map(str::to_owned), limit };
            read(folder.path(), &query).unwrap().into_iter().map(|line| line.text).collect()
        };
        assert_eq!(texts(LogLevel::Info, None, 10), ["a: old", "a: an old Warning", "a: it failed\nand why"]);
        assert_eq!(texts(LogLevel::Info, None, 2), ["a: an old Warning", "a: it failed\nand why"]);
        assert_eq!(texts(LogLevel::Warning, Some("warning"), 10), ["a: an old Warning"]);
        assert_eq!(texts(LogLevel::Trace, Some("LITTLE"), 10), ["a: little"]);
        assert!(texts(LogLevel::Trace, None, 0).is_empty());
    }
}
