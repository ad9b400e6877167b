//! The options with which a guest mounts a disk: a short list of those that are known, so that nothing else reaches a
//! shell or a kernel. Knows no sockets.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};

/// Options without a value, each with the one that it takes back.
const FLAGS: [(&str, &str); 24] = [
    ("nosuid", "suid"),
    ("suid", "nosuid"),
    ("nodev", "dev"),
    ("dev", "nodev"),
    ("noexec", "exec"),
    ("exec", "noexec"),
    ("discard", "nodiscard"),
    ("nodiscard", "discard"),
    ("noatime", "atime"),
    ("atime", "noatime"),
    ("relatime", "norelatime"),
    ("norelatime", "relatime"),
    ("strictatime", "nostrictatime"),
    ("nostrictatime", "strictatime"),
    ("nodiratime", "diratime"),
    ("diratime", "nodiratime"),
    ("lazytime", "nolazytime"),
    ("nolazytime", "lazytime"),
    ("sync", "async"),
    ("async", "sync"),
    ("acl", "noacl"),
    ("noacl", "acl"),
    ("user_xattr", "nouser_xattr"),
    ("nouser_xattr", "user_xattr"),
];
/// Options with one of several values.
const CHOICES: [(&str, &[&str]); 2] =
    [("data", &["journal", "ordered", "writeback"]), ("errors", &["continue", "remount-ro"])];
/// Options with a number, and the greatest one.
const NUMBERS: [(&str, u32); 1] = [("commit", 3600)];

/// Checked options. [`usual`](Self::usual) are `rw,discard,nosuid,nodev`, or `ro,nosuid,nodev`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountOptions(String);

impl MountOptions {
    /// What a disk is mounted with when nobody says.
    #[must_use]
    pub fn usual(read_only: bool) -> Self {
        Self(if read_only { "ro,nosuid,nodev" } else { "rw,discard,nosuid,nodev" }.to_owned())
    }

    /// The usual ones and those that somebody named, separated by commas; one that contradicts another takes its place.
    ///
    /// # Errors
    /// `Invalid`, with a sentence that names the option that is not known.
    pub fn parse(text: &str, read_only: bool) -> Result<Self> {
        let mut options: Vec<String> = Self::usual(read_only).0.split(',').map(str::to_owned).collect();
        for option in text.split(',').map(str::trim).filter(|option| !option.is_empty()) {
            let opposite = check(option)?;
            let name = option.split('=').next().unwrap_or(option);
            options.retain(|other| other != option && other != opposite && other.split('=').next() != Some(name));
            options.push(option.to_owned());
        }
        Ok(Self(options.join(",")))
    }

    /// A regular expression that what [`parse`](Self::parse) takes matches, short of blanks and of numbers of many digits.
    #[must_use]
    pub fn pattern() -> String {
        let flags = FLAGS.iter().map(|(name, _)| (*name).to_owned());
        let choices = CHOICES.iter().map(|(name, values)| format!("{name}=({})", values.join("|")));
        let numbers = NUMBERS.iter().map(|(name, _)| format!("{name}=[0-9]{{1,3}}"));
        let one = flags.chain(choices).chain(numbers).collect::<Vec<_>>().join("|");
        format!("^(({one})(,({one}))*)?$")
    }

    /// The options, separated by commas.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MountOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the option is known; answers the one that it takes back, if there is one.
fn check(option: &str) -> Result<&'static str> {
    if let Some((_, opposite)) = FLAGS.iter().find(|(name, _)| *name == option) {
        return Ok(opposite);
    }
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    let is_choice = CHOICES.iter().any(|(known, values)| *known == name && values.contains(&value));
    let is_number = NUMBERS.iter().any(|(known, greatest)| {
        *known == name
            && value.chars().all(|digit| digit.is_ascii_digit())
            && value.parse::<u32>().is_ok_and(|number| number <= *greatest)
    });
    if is_choice || is_number {
        return Ok("");
    }
    if ["ro", "rw"].contains(&option) {
        let message = "whether a volume is mounted ro or rw is no mount option here, but its mode";
        return Err(Error::new(ErrorKind::Invalid, message));
    }
    let flags = FLAGS.map(|(name, _)| name).join(", ");
    let message = format!(
        "{option:?} is not among the mount options that are known: {flags}, data=journal|ordered|writeback, \
         errors=continue|remount-ro, commit=SECONDS"
    );
    Err(Error::new(ErrorKind::Invalid, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_added_to_the_usual_ones_and_take_back_their_opposites() {
        for (text, read_only, expected) in [
            ("", false, "rw,discard,nosuid,nodev"),
            ("noatime, suid", false, "rw,discard,nodev,noatime,suid"),
            ("nodiscard,noexec,exec,nodev", true, "ro,nosuid,nodiscard,exec,nodev"),
            ("commit=30,data=journal,commit=5,,", false, "rw,discard,nosuid,nodev,data=journal,commit=5"),
        ] {
            assert_eq!(MountOptions::parse(text, read_only).expect(text).as_str(), expected);
        }
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        for text in [
            "x",
            "rw",
            "ro",
            "noload",
            "loop",
            "commit=",
            "commit=-1",
            "commit=99999",
            "data=",
            "data=x",
            "noatime;ls",
            "$(ls)",
            "noatime -o suid",
            "errors=panic",
            "a\nb",
            "commit=+5",
        ] {
            let error = MountOptions::parse(text, false).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
        }
    }
}
