//! The rules for the names of volumes, checkpoints, machines and snapshots.

use crate::error::{Error, ErrorKind, Result};
use crate::id::{CheckpointId, KeyId, LayerId, SnapshotId, TransferId, VmId, VolumeId};

/// The longest name in bytes, the same as a file's name has on most systems.
const MAX_NAME_BYTES: usize = 255;

/// The word that stands for a volume's newest checkpoint.
pub(crate) const LATEST: &str = "latest";

/// Checks `name` for a `what` ("volume") and answers it without the white space around it.
///
/// A name has 1 to 255 bytes, no `/` and no control characters, is not `.` or `..`, and is not shaped
/// like an id, because ids and names are accepted in the same places.
///
/// # Errors
/// [`ErrorKind::InvalidInput`], with the rule that it breaks.
pub(crate) fn check(what: &str, name: &str) -> Result<String> {
    let trimmed = name.trim();
    let problem = if trimmed.is_empty() {
        format!("A {what}'s name must not be empty.")
    } else if trimmed.len() > MAX_NAME_BYTES {
        format!("A {what}'s name has at most {MAX_NAME_BYTES} bytes; this one has {}.", trimmed.len())
    } else if trimmed == "." || trimmed == ".." {
        format!("A {what} cannot be called '{trimmed}'.")
    } else if trimmed.contains('/') {
        format!("A {what}'s name must not contain '/'.")
    } else if trimmed.chars().any(char::is_control) {
        format!("A {what}'s name must not contain control characters such as line breaks or tabs.")
    } else if is_id_shaped(trimmed) {
        format!("A {what} cannot be called '{trimmed}', because that is what ids look like.")
    } else {
        return Ok(trimmed.to_owned());
    };
    Err(Error::new(ErrorKind::InvalidInput, problem).with_hint("Choose another name."))
}

/// The same for a checkpoint, which cannot be called `latest` either.
pub(crate) fn check_checkpoint(name: &str) -> Result<String> {
    let name = check("checkpoint", name)?;
    if name == LATEST {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "A checkpoint cannot be called 'latest', because that word stands for the newest one.",
        )
        .with_hint("Choose another name."));
    }
    Ok(name)
}

/// `wanted`, or with a number behind it as long as that is taken.
pub(crate) fn free(wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut name = wanted.to_owned();
    let mut again = 1;
    while is_taken(&name) {
        again += 1;
        name = format!("{wanted} ({again})");
    }
    name
}

fn is_id_shaped(text: &str) -> bool {
    text.parse::<VolumeId>().is_ok()
        || text.parse::<CheckpointId>().is_ok()
        || text.parse::<VmId>().is_ok()
        || text.parse::<LayerId>().is_ok()
        || text.parse::<SnapshotId>().is_ok()
        || text.parse::<TransferId>().is_ok()
        || text.parse::<KeyId>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_names_are_kept_without_the_space_around_them() {
        for name in ["data", "My project (2)", "データ", "a.b", "..x", &"x".repeat(255)] {
            assert_eq!(check("volume", name).unwrap(), name);
        }
        assert_eq!(check("volume", "  data ").unwrap(), "data");
    }

    #[test]
    fn bad_names_are_refused_with_the_rule() {
        for (name, word) in [
            ("", "empty"),
            ("   ", "empty"),
            (".", "called"),
            ("..", "called"),
            ("../x", "'/'"),
            ("a/b", "'/'"),
            ("a\nb", "control"),
            ("a\0b", "control"),
            ("vol_aaaaaaaaaaaaaaaa", "ids"),
            ("vm_aaaaaaaaaaaaaaaa", "ids"),
            (&"x".repeat(256), "255"),
            (&"デ".repeat(86), "255"),
        ] {
            let error = check("volume", name).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.message().contains(word), "{name:?}: {error}");
        }
        assert!(check_checkpoint("latest").is_err());
    }
}
