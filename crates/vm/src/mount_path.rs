//! Where in a guest a filesystem is mounted: checked once, and written as the guest's kernel writes it.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};

/// The kernel's `PATH_MAX` and `NAME_MAX`, which count a closing zero and not, respectively.
const LONGEST_PATH: usize = 4095;
const LONGEST_NAME: usize = 255;

/// An absolute path inside a guest at which a filesystem can be mounted.
///
/// Never `/`; holds no `..`, no control characters, no empty or `.` components and no slash at its end, so that two
/// paths are the same place (short of symbolic links, at which nothing is mounted) exactly when they are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MountPath(String);

impl MountPath {
    /// Checks and tidies what somebody typed: `/data//x/` becomes `/data/x`.
    ///
    /// # Errors
    /// `Invalid`, with a sentence that says what is wrong with the path.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |why: &str| {
            let message = format!("{text:?} cannot be a mount path: {why}");
            Err(Error::new(ErrorKind::Invalid, message))
        };
        if !text.starts_with('/') {
            return refuse("it must begin with a slash, like /data");
        }
        if text.chars().any(char::is_control) {
            return refuse("it holds a line break or another control character");
        }
        let names: Vec<&str> = text.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
        if names.is_empty() {
            return refuse("the guest's root is taken; choose a folder, like /data");
        }
        if names.contains(&"..") {
            return refuse("it holds \"..\"");
        }
        if names.iter().any(|name| name.len() > LONGEST_NAME) {
            return refuse("one of its names is longer than 255 bytes");
        }
        let path = format!("/{}", names.join("/"));
        if path.len() > LONGEST_PATH {
            return refuse("it is longer than 4095 bytes");
        }
        Ok(Self(path))
    }

    /// A path at which the guest says that it has something mounted; this may be `/`, and is only ever told to that
    /// guest again.
    pub(crate) fn seen(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as `/proc/self/mountinfo` shows it: blanks and backslashes in octal.
    pub(crate) fn escaped(&self) -> String {
        self.0.replace('\\', "\\134").replace(' ', "\\040")
    }
}

impl fmt::Display for MountPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Undoes the kernel's octal escapes; what is no escape stays as it is.
pub(crate) fn unescape(field: &str) -> String {
    let bytes = field.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let octal = field.get(at + 1..at + 4).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match octal {
            Some(byte) if bytes[at] == b'\\' => {
                plain.push(byte);
                at += 4;
            }
            _ => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_paths_are_tidied() {
        for (typed, tidy) in
            [("/data", "/data"), ("/data/", "/data"), ("//srv/./a b//", "/srv/a b"), ("/'\"$(x)", "/'\"$(x)")]
        {
            assert_eq!(MountPath::parse(typed).expect(typed).as_str(), tidy);
        }
    }

    #[test]
    fn paths_that_cannot_be_mounted_at_are_refused() {
        let long_name = format!("/{}", "x".repeat(256));
        let long_path = "/abc".repeat(1100);
        for path in ["", "data", "/", "//", "/.", "/a/../b", "/..", "/a\nb", "/a\0b", &long_name, &long_path] {
            assert_eq!(MountPath::parse(path).expect_err(path).kind(), ErrorKind::Invalid);
        }
    }

    #[test]
    fn the_kernels_escapes_are_written_and_read() {
        let path = MountPath::parse("/a b 1\\040/日本").expect("path");
        assert_eq!(path.escaped(), "/a\\040b\\0401\\134040/日本");
        assert_eq!(unescape(&path.escaped()), path.as_str());
        assert_eq!(unescape("/x\\"), "/x\\");
        assert_eq!(unescape("/x\\9日"), "/x\\9日");
    }
}
