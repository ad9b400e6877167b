//! What the window is asked to show from outside: by the tray, or by a link such as `cairn://volume/work`.
//!
//! Anybody may have written a link, a web page too: it only ever shows something, and changes nothing.
//!
//! ```text
//! cairn://volume/NAME                      a volume, by its name or id
//! cairn://volume/NAME/checkpoint/NAME      what it held then
//! ```

use std::sync::{Mutex, PoisonError};

use percent_encoding::percent_decode_str;
use serde::Serialize;
use tauri::{AppHandle, Manager, Runtime};

use crate::{events, window};

/// What every link begins with.
const SCHEME: &str = "cairn://";
/// The longest that is looked at.
const LONGEST: usize = 4096;

/// What is to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Opening {
    /// The volume's name or id.
    pub(crate) volume: String,
    /// The checkpoint's name or id; the present without one.
    pub(crate) checkpoint: Option<String>,
}

impl Opening {
    /// What a link asks for; `None` when it makes no sense.
    pub(crate) fn parse(link: &str) -> Option<Self> {
        let path =
            link.get(..SCHEME.len()).filter(|begins| begins.eq_ignore_ascii_case(SCHEME)).and(link.get(SCHEME.len()..));
        let path = path.filter(|_| link.len() <= LONGEST)?;
        let path = path.split(['?', '#']).next()?.trim_end_matches('/');
        let parts: Option<Vec<String>> = path.split('/').map(decoded).collect();
        match parts?.as_slice() {
            [what, volume] if what == "volume" => Some(Self { volume: volume.clone(), checkpoint: None }),
            [what, volume, part, checkpoint] if what == "volume" && part == "checkpoint" => {
                Some(Self { volume: volume.clone(), checkpoint: Some(checkpoint.clone()) })
            }
            _ => None,
        }
    }

    /// The first link among the arguments that the program was started with.
    pub(crate) fn among<S: AsRef<str>>(arguments: &[S]) -> Option<Self> {
        arguments.iter().find_map(|argument| Self::parse(argument.as_ref()))
    }
}

fn decoded(part: &str) -> Option<String> {
    let text = percent_decode_str(part).decode_utf8().ok()?;
    (!text.is_empty() && !text.chars().any(char::is_control)).then(|| text.into_owned())
}

/// What the window has not been told yet: it may not be there yet.
#[derive(Debug, Default)]
pub(crate) struct Openings(Mutex<Option<Opening>>);

impl Openings {
    pub(crate) fn put(&self, opening: Opening) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(opening);
    }

    pub(crate) fn take(&self) -> Option<Opening> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Shows the window, and in it what was asked for.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>, opening: Opening) {
    app.state::<Openings>().put(opening);
    window::show(app);
    // It asks for what it is to show, now or when it is there.
    events::menu_choice(app, "opening");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_a_volume_and_maybe_a_checkpoint() {
        let opening = |volume: &str, checkpoint: Option<&str>| {
            Some(Opening { volume: volume.to_owned(), checkpoint: checkpoint.map(str::to_owned) })
        };
        assert_eq!(Opening::parse("cairn://volume/work"), opening("work", None));
        assert_eq!(Opening::parse("CAIRN://volume/my%20%E7%8C%AB/?x=1#y"), opening("my 猫", None));
        assert_eq!(Opening::parse("cairn://volume/w/checkpoint/before%2Fafter"), opening("w", Some("before/after")));
        let started = ["cairn-desktop", "--store", "/tmp/x", "cairn://volume/work"];
        assert_eq!(Opening::among(&started), opening("work", None));
    }

    #[test]
    fn what_makes_no_sense_is_nothing() {
        let long = format!("cairn://volume/{}", "x".repeat(LONGEST));
        let senseless = ["", "cairn:", "cairn://", "cairn://volume", "cairn://volume/", "cairn://volume//checkpoint/a"];
        let others =
            ["http://volume/a", "cairn://delete/a", "cairn://volume/%ff", "cairn://volume/a%0ab", "猫猫猫", &long];
        for link in senseless.into_iter().chain(others) {
            assert_eq!(Opening::parse(link), None, "{link:?}");
        }
    }
}
