//! Changing files of a mounted volume from inside its guest, because whoever mounts a filesystem is the only one who
//! may write it. Content comes on a disk of its own, that is only read.

use std::time::Duration;

use super::handle::Machine;
use crate::disk::Serial;
use crate::error::{Error, ErrorKind, Result};
use crate::guest_script;
use crate::mount_path::MountPath;

/// What is to be changed; paths are relative to the root of the volume, without `.` and `..`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuestChange {
    /// Files, links and folders go; folders with what is in them only if that is said.
    Delete {
        /// Which.
        paths: Vec<String>,
        /// Whether folders need not be empty.
        recursive: bool,
    },
    /// A folder is made, and those above it.
    MakeFolder {
        /// Which.
        path: String,
    },
    /// Something gets another name or folder; nothing is replaced.
    Rename {
        /// What it is called now.
        from: String,
        /// What it is to be called.
        to: String,
    },
    /// What is in the folder `staging` of another mounted disk is copied and moved to its places, replacing what is
    /// there: all of it, or nothing. The file `sums` beside it has the SHA-256 sums of what is in it.
    Put {
        /// Where that disk is mounted.
        from: String,
        /// The folder in it, which must not be there in the volume.
        staging: String,
    },
}

/// The scripts' exit codes for what is not there, leads elsewhere, and is there already.
const NOT_THERE: i32 = 66;
const ELSEWHERE: i32 = 67;
const TAKEN: i32 = 68;

impl Machine {
    /// Changes files of the disk that is mounted at `mount_path`; durable on return. Other requests are served
    /// meanwhile.
    ///
    /// # Errors
    /// `Guest` with the guest's own words, `Invalid` for a path that cannot be told the guest, `NoAgent`, `Timeout`
    /// (the guest may still do it), `NotRunning`.
    pub async fn change_files(
        &self,
        serial: &str,
        mount_path: &str,
        change: &GuestChange,
        within: Duration,
    ) -> Result<()> {
        let (serial, path) = (Serial::parse(serial)?, MountPath::parse(mount_path)?);
        let output = self.exec(&guest_script::change(&serial, &path, change), None, within).await?;
        match output.exit_code {
            0 => Ok(()),
            NOT_THERE | ELSEWHERE | TAKEN => {
                let words = String::from_utf8_lossy(&output.stderr);
                Err(Error::new(ErrorKind::Guest, words.trim().to_owned()))
            }
            _ => Err(guest_script::failure("the guest could not change its files", &output)),
        }
    }
}
