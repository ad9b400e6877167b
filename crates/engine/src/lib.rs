//! The domain: volumes, checkpoints, files, mounts, transfers, and their index.
//!
//! The only place where the rooms meet. Knows no Tauri, no HTTP, no command line, and prints nothing.

mod error;
mod id;
mod model;

pub use error::{Error, ErrorKind, Result};
pub use id::{CheckpointId, LayerId, NotAnId, TransferId, VmId, VolumeId};
pub use model::*;
