//! Paths inside a volume, and names that come out of one.
//!
//! A path that a person gives is normalised here before anything else sees it; a name that a filesystem
//! gives is checked here before it is used on the host. The filesystem may have been made by anybody.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::error::{Error, ErrorKind, Result};

/// The longest name of one file or folder that ext4 can hold, in bytes.
pub(crate) const MAX_NAME_BYTES: usize = 255;
/// The longest path, in bytes, that a guest can name at once.
const MAX_PATH_BYTES: usize = 4096;

/// A path in a volume: no leading or trailing `/`, no empty component, no `.` or `..`. Empty is the root.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct VolumePath(Vec<u8>);

impl VolumePath {
    /// Reads a path that a person gave; one leading and one trailing `/` are accepted.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`], with what is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        Self::from_bytes(text.as_bytes())
    }

    /// The same for bytes.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let refuse = |why: &str| {
            let shown = String::from_utf8_lossy(bytes);
            Error::new(ErrorKind::InvalidInput, format!("The path '{shown}' {why}."))
                .with_hint("Give a path from the volume's root, such as 'photos/2026/cat.jpg'.")
        };
        if bytes.contains(&0) {
            return Err(refuse("contains a NUL byte"));
        }
        if bytes.len() > MAX_PATH_BYTES {
            return Err(refuse(&format!("is longer than {MAX_PATH_BYTES} bytes")));
        }
        let inner = bytes.strip_prefix(b"/").unwrap_or(bytes);
        let inner = inner.strip_suffix(b"/").unwrap_or(inner);
        if inner.is_empty() {
            return if bytes == b"//" { Err(refuse("has an empty name in it")) } else { Ok(Self::default()) };
        }
        for name in inner.split(|byte| *byte == b'/') {
            match name {
                b"" => return Err(refuse("has an empty name in it")),
                b"." | b".." => return Err(refuse("must not contain '.' or '..' as a name")),
                name if name.len() > MAX_NAME_BYTES => {
                    return Err(refuse(&format!("has a name of more than {MAX_NAME_BYTES} bytes in it")));
                }
                _ => {}
            }
        }
        Ok(Self(inner.to_vec()))
    }

    /// Whether it is the root.
    pub(crate) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// As the file engine wants it.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As people and surfaces have it; the root is empty.
    pub(crate) fn to_relative_string(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// Its last name; the root has none.
    pub(crate) fn name(&self) -> Option<&[u8]> {
        self.0.rsplit(|byte| *byte == b'/').next().filter(|name| !name.is_empty())
    }

    /// The folder that it is in; the root has none.
    pub(crate) fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let end = self.0.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        Some(Self(self.0[..end].to_vec()))
    }

    /// The path of `name` in this folder. The caller has the name from a place where names are sound.
    pub(crate) fn join(&self, name: &[u8]) -> Self {
        let mut bytes = self.0.clone();
        if !bytes.is_empty() && !name.is_empty() {
            bytes.push(b'/');
        }
        bytes.extend_from_slice(name);
        Self(bytes)
    }

    /// The path of `other`, seen from this folder.
    pub(crate) fn join_path(&self, other: &Self) -> Self {
        self.join(&other.0)
    }

    /// Whether `other` is this path or lies below it.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        self.is_root() || other.0.strip_prefix(self.0.as_slice()).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
    }
}

impl std::fmt::Display for VolumePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_root() { f.write_str("/") } else { f.write_str(&String::from_utf8_lossy(&self.0)) }
    }
}

/// A name from a volume as a name on the host.
///
/// # Errors
/// [`ErrorKind::Corrupt`] for a name that would lead elsewhere: empty, `.`, `..`, or with a `/` or NUL in it.
pub(crate) fn host_name(name: &[u8]) -> Result<&OsStr> {
    if name.is_empty() || name == b"." || name == b".." || name.iter().any(|byte| matches!(byte, b'/' | 0)) {
        let shown = String::from_utf8_lossy(name);
        return Err(Error::new(
            ErrorKind::Corrupt,
            format!("The volume contains a file called '{shown}', which is not a name; it was made to do harm, or is damaged."),
        )
        .with_hint("Download other files one by one, and check the filesystem in a machine."));
    }
    Ok(OsStr::from_bytes(name))
}

/// Reads a path, and makes sure that what is accepted stays inside its volume and is the same when it is read again.
#[cfg(any(test, feature = "fuzzing"))]
#[allow(unreachable_pub, reason = "the fuzz targets reach it")]
pub fn hold_together(bytes: &[u8]) {
    let Ok(path) = VolumePath::from_bytes(bytes) else { return };
    let mut folder = VolumePath::default();
    for name in path.as_bytes().split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
        assert!(host_name(name).is_ok() && name.len() <= MAX_NAME_BYTES);
        folder = folder.join(name);
    }
    assert!(folder == path && VolumePath::default().contains(&path));
    assert!(VolumePath::from_bytes(path.as_bytes()).is_ok_and(|again| again == path));
    match (path.parent(), path.name()) {
        (Some(parent), Some(name)) => assert!(parent.join(name) == path && parent.contains(&path)),
        (parent, name) => assert!(path.is_root() && parent.is_none() && name.is_none()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngSeed};

    use super::*;

    proptest! {
        #![proptest_config(Config { cases: 5000, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..Config::default() })]

        #[test]
        fn whatever_is_given_stays_inside_its_volume(pieces in prop::collection::vec("/|[.]|[.][.]|[a-c]{1,3}|\\x00|ü|x{250,260}", 0..9)) {
            hold_together(pieces.concat().as_bytes());
        }
    }

    #[test]
    fn paths_are_normalised() {
        for (given, path) in
            [("", ""), ("/", ""), ("a", "a"), ("/a", "a"), ("a/", "a"), ("/a/b c/ü", "a/b c/ü"), ("...", "...")]
        {
            assert_eq!(VolumePath::parse(given).unwrap().as_bytes(), path.as_bytes(), "{given:?}");
        }
    }

    #[test]
    fn paths_that_lead_elsewhere_are_refused() {
        let long = "x".repeat(256);
        let deep = "x/".repeat(2049);
        for given in ["..", "../x", "a/../b", "a/..", ".", "a/./b", "a//b", "//", "//a", "a\0b", &long, &deep] {
            let error = VolumePath::parse(given).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{given:?}");
            assert!(error.message().ends_with('.') && error.hint().is_some(), "{error}");
        }
    }

    #[test]
    fn a_path_has_a_name_and_a_parent() {
        let path = VolumePath::parse("a/b/c").unwrap();
        assert_eq!(path.name(), Some(&b"c"[..]));
        assert_eq!(path.parent().unwrap().as_bytes(), b"a/b");
        assert_eq!(VolumePath::parse("a").unwrap().parent(), Some(VolumePath::default()));
        assert_eq!(VolumePath::default().parent(), None);
        assert_eq!(VolumePath::default().name(), None);
        assert_eq!(VolumePath::default().join(b"x").as_bytes(), b"x");
        let a = VolumePath::parse("a").unwrap();
        assert!(a.contains(&path) && a.contains(&a) && !a.contains(&VolumePath::parse("ab").unwrap()));
    }

    #[test]
    fn hostile_names_do_not_reach_the_host() {
        for name in [&b""[..], b".", b"..", b"a/b", b"/etc/passwd", b"a\0b"] {
            assert_eq!(host_name(name).unwrap_err().kind(), ErrorKind::Corrupt);
        }
        assert_eq!(host_name("日本 \u{202e}".as_bytes()).unwrap(), OsStr::new("日本 \u{202e}"));
        assert_eq!(host_name(b"\xff").unwrap().as_bytes(), b"\xff");
    }
}
