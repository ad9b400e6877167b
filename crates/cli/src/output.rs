//! What is printed to standard output: JSON, tables, or a line that says what was done.

use std::io::{self, Write};

use console::Term;
use serde::Serialize;

use crate::failure::Failure;
use crate::table::Table;

/// How to print.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
}

impl Output {
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// Whether the API's own objects are printed.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether progress is shown: not for scripts, and not when unwanted.
    pub(crate) fn progress(&self) -> bool {
        !self.json && !self.quiet
    }

    /// Whether a person can be asked something.
    pub(crate) fn interactive(&self) -> bool {
        !self.json && console::user_attended() && console::user_attended_stderr() && is_terminal_in()
    }

    /// Prints `value` as JSON, or else what `text` makes of it.
    pub(crate) fn show<T: Serialize>(
        &self,
        value: &T,
        text: impl FnOnce(&Self, &T) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if self.json { self.line(&json(serde_json::to_string_pretty(value))?) } else { text(self, value) }
    }

    /// The same of what goes on: JSON has a line each time, so that it can be read while it comes.
    pub(crate) fn tell<T: Serialize>(
        &self,
        value: &T,
        text: impl FnOnce(&Self, &T) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if self.json { self.line(&json(serde_json::to_string(value))?) } else { text(self, value) }
    }

    /// Prints `value` as JSON, or else a line that says what was done.
    pub(crate) fn did<T: Serialize>(&self, value: &T, done: impl FnOnce(&T) -> String) -> Result<(), Failure> {
        self.show(value, |out, value| if out.quiet { Ok(()) } else { out.line(&done(value)) })
    }

    /// A remark for people; on standard error, so that no script takes it for what it asked for.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet && !self.json {
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(io::stderr(), "{}", printable(text));
        }
    }

    /// A line that was asked for.
    pub(crate) fn line(&self, text: &str) -> Result<(), Failure> {
        write(format!("{text}\n").as_bytes())
    }

    /// A table, or `nothing` when it has no rows.
    pub(crate) fn table(&self, table: &Table, nothing: &str) -> Result<(), Failure> {
        if table.is_empty() {
            self.note(nothing);
            return Ok(());
        }
        let term = Term::stdout();
        let width = term.is_term().then(|| usize::from(term.size().1));
        write(table.render(width).as_bytes())
    }
}

fn json(written: serde_json::Result<String>) -> Result<String, Failure> {
    written.map_err(|error| Failure::new(cairn_api::ErrorCode::Internal, format!("This is not JSON: {error}.")))
}

fn is_terminal_in() -> bool {
    io::IsTerminal::is_terminal(&io::stdin())
}

/// Writes to standard output, at once.
pub(crate) fn write(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::OutputClosed,
        _ => Failure::io("The standard output cannot be written", &error),
    })
}

/// The text without what would move a terminal's cursor or turn its line around: such characters are shown escaped.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let hidden = character.is_control()
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if hidden {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_play_with_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\nc\u{202e}d"), "a\\u{1b}[2Jb\\nc\\u{202e}d");
        assert_eq!(printable("写真 größe.txt"), "写真 größe.txt");
    }
}
