//! Writing only as long as what is at a path is what somebody means: so that nobody overwrites what they have not seen.

use std::fmt;
use std::sync::Arc;

use cairn_ext4::{Metadata, Timestamp};
use time::OffsetDateTime;

use super::path::VolumePath;
use super::tree::Tree;
use crate::error::{Error, ErrorKind, Result};

/// A file as it is at the moment before it would be replaced.
#[derive(Clone, Debug)]
pub struct Present {
    /// As [`FileReader::version`](crate::FileReader::version) says it.
    pub version: String,
    /// When its content last changed.
    pub modified: OffsetDateTime,
}

/// What must be true of the file at a path, or of there being none, for something to be written there.
#[derive(Clone)]
pub struct Condition(Arc<Holds>);

type Holds = dyn Fn(Option<&Present>) -> bool + Send + Sync;

impl Condition {
    /// The condition that `holds` tells of the file that is there, if one is.
    pub fn new(holds: impl Fn(Option<&Present>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(holds))
    }

    /// Refuses when it does not hold of what is at `place`.
    pub(super) fn check(&self, tree: &Tree, place: &VolumePath, there: Option<&Metadata>) -> Result<()> {
        let present = match there {
            Some(file) => Some(Present { version: version_of(file), modified: tree.entry(place, file)?.modified }),
            None => None,
        };
        if (self.0)(present.as_ref()) {
            return Ok(());
        }
        let sentence = match present {
            Some(_) => format!("'{place}' is another than the one that was meant."),
            None => format!("There is no '{place}' that could be the one that was meant."),
        };
        Err(Error::new(ErrorKind::Conflict, sentence).with_hint("Nothing was written; look at what is there now."))
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Condition")
    }
}

/// A word that is another when the content is: that of another file at the same path, too.
pub(super) fn version_of(file: &Metadata) -> String {
    let time = |time: Timestamp| format!("{:x}.{:x}", time.seconds, time.nanoseconds);
    format!("{:x}-{:x}-{}-{}", file.inode, file.size, time(file.ctime), time(file.mtime))
}
