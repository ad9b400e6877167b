//! The domain: volumes, checkpoints, files, mounts, transfers, and their index.
//!
//! The only place where the rooms meet. Knows no Tauri, no HTTP, no command line, and prints nothing.

mod branch;
mod check;
mod checkpoint;
mod convert;
mod deletion;
mod demo;
mod diff;
mod doctor;
mod durable;
mod engine;
mod error;
mod events;
mod fault;
mod files;
mod gate;
mod group;
mod history;
mod id;
mod index;
mod integrity;
mod intent;
mod layer;
mod lease;
mod log;
mod machine;
mod manifest;
mod merge;
mod model;
mod mount;
mod name;
mod open_files;
mod policy;
mod recover;
mod schedule;
mod size;
mod slot;
mod space;
mod store;
mod sync;
mod transfer;
mod trash;
mod usage;
mod volume;

pub use engine::{Engine, OpenOptions, default_store};
pub use error::{Error, ErrorKind, Result};
pub use files::{FileArchive, FileReader};
pub use id::{CheckpointId, LayerId, NotAnId, TransferId, VmId, VolumeId};
pub use log::{LogGuard, init_logging};
pub use model::*;
pub use policy::{Keep, Policy, PolicyChange, Pruned};
pub use schedule::Clock;
pub use volume::{MAX_QUOTA_BYTES, MIN_QUOTA_BYTES};
