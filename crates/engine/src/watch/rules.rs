//! Which files of a watched folder are left alone, in the words of `.gitignore`: patterns of the watch itself first, then
//! the files of that name, the innermost before the others. The last pattern that fits decides.

use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use nix::libc::{O_NOFOLLOW, O_NONBLOCK};

use crate::error::{Error, ErrorKind, Result};

/// The file with the rules of a folder.
const FILE: &str = ".gitignore";
/// No more of it is read, in bytes.
const LONGEST_FILE: u64 = 1 << 20;
/// What nobody wants in a volume who has not said so.
const USUAL: &str = ".git";

/// The rules that a watch has itself.
pub(super) struct Rules(Gitignore);

impl Rules {
    /// These patterns, seen from `root`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for one that makes no sense.
    pub(super) fn of(root: &Path, patterns: &[String]) -> Result<Self> {
        let mut builder = GitignoreBuilder::new(root);
        let refuse = |pattern: &str, error: &ignore::Error| {
            Error::new(ErrorKind::InvalidInput, format!("'{pattern}' is no pattern: {error}."))
                .with_hint("Write it as in a file .gitignore: 'target/', '*.log', '!keep.log'.")
        };
        for pattern in std::iter::once(USUAL).chain(patterns.iter().map(String::as_str)) {
            if pattern.contains(['\n', '\r', '\0']) {
                return Err(Error::new(ErrorKind::InvalidInput, "A pattern has more than one line.")
                    .with_hint("Give each pattern by itself."));
            }
            builder.add_line(None, pattern).map_err(|error| refuse(pattern, &error))?;
        }
        builder.build().map(Self).map_err(|error| refuse("all of them together", &error))
    }

    /// Whether something is left alone, where `folders` are the rules of the folders that it is in, outermost first.
    pub(super) fn leave(&self, folders: &[Option<Gitignore>], path: &Path, is_folder: bool) -> bool {
        let own = std::iter::once(&self.0);
        for rules in own.chain(folders.iter().rev().flatten()) {
            match rules.matched(path, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        false
    }
}

/// What the `.gitignore` in a folder says; lines that make no sense say nothing. A link is not followed.
pub(super) fn of_folder(folder: &Path) -> Option<Gitignore> {
    let file = OpenOptions::new().read(true).custom_flags(O_NOFOLLOW | O_NONBLOCK).open(folder.join(FILE)).ok()?;
    if !file.metadata().is_ok_and(|meta| meta.is_file()) {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(LONGEST_FILE).read_to_end(&mut bytes).ok()?;
    let mut builder = GitignoreBuilder::new(folder);
    for line in String::from_utf8_lossy(&bytes).lines() {
        if let Err(error) = builder.add_line(None, line) {
            tracing::debug!(folder = %folder.display(), %error, "a line of a .gitignore says nothing");
        }
    }
    builder.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watch_decides_before_the_files_and_the_innermost_of_those_before_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let (root, inner) = (folder.path().to_owned(), folder.path().join("inner"));
        std::fs::create_dir(&inner).unwrap();
        std::fs::write(root.join(FILE), "*.log\n/build/\n\u{fffd}[\n").unwrap();
        std::fs::write(inner.join(FILE), "!good.log\n").unwrap();
        let folders = [of_folder(&root), of_folder(&inner)];
        let rules = Rules::of(&root, &["*.tmp".into(), "!keep.tmp".into(), "never.log".into()]).unwrap();
        let leaves = |path: &str, is_folder| rules.leave(&folders, &root.join(path), is_folder);
        assert!(leaves("a.log", false) && leaves("inner/b.log", false) && !leaves("inner/good.log", false));
        assert!(leaves("build", true) && !leaves("build", false) && !leaves("inner/build", true));
        assert!(leaves("inner/x.tmp", false) && !leaves("keep.tmp", false) && leaves("inner/never.log", false));
        assert!(leaves(".git", true) && leaves("inner/.git", true) && !leaves(".gitignore", false));
        assert!(!Rules::of(&root, &["!.git".into()]).unwrap().leave(&[], &root.join(".git"), true));
        assert!(Rules::of(&root, &["[z-a]".into()]).is_err() && Rules::of(&root, &["a\nb".into()]).is_err());
    }

    #[test]
    fn a_link_to_rules_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("elsewhere"), "*").unwrap();
        std::os::unix::fs::symlink("elsewhere", folder.path().join(FILE)).unwrap();
        assert!(of_folder(folder.path()).is_none());
    }
}
