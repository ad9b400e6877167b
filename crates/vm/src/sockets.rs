//! Where a machine's sockets are. Knows no protocols.

use std::path::PathBuf;

/// The sockets of a machine that somebody else has started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sockets {
    /// Where its QEMU listens for QMP.
    pub qmp: PathBuf,
    /// Where its guest's agent is reached; `None`: as QEMU says, if it has a port for one.
    pub agent: Option<PathBuf>,
}

/// Where to look for a machine's sockets.
#[derive(Debug)]
pub(crate) enum Place {
    /// In the folder of a machine that was started here, under fixed names.
    Own(PathBuf),
    /// Wherever somebody else has put them.
    Foreign(Sockets),
}

impl Place {
    pub(crate) fn qmp(&self) -> PathBuf {
        match self {
            Self::Own(folder) => folder.join("qmp.sock"),
            Self::Foreign(sockets) => sockets.qmp.clone(),
        }
    }

    /// The serial console is only known of machines that were started here.
    pub(crate) fn console(&self) -> Option<PathBuf> {
        match self {
            Self::Own(folder) => Some(folder.join("console.sock")),
            Self::Foreign(_) => None,
        }
    }
}
