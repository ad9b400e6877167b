//! The domain: volumes, checkpoints, files, mounts, transfers, and their index.
//!
//! The only place where the rooms meet. Knows no Tauri, no HTTP, no command line, and prints nothing.

mod audit;
mod base;
mod branch;
mod check;
mod checkpoint;
mod checksum;
mod convert;
mod deletion;
mod demo;
mod diff;
mod doctor;
mod durable;
mod engine;
mod error;
mod events;
mod export;
mod fault;
mod files;
mod gate;
mod group;
mod history;
mod id;
mod import;
mod index;
mod integrity;
mod intent;
mod keys;
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
mod optimiser;
mod page;
mod policy;
mod recover;
mod schedule;
mod shell;
mod size;
mod slot;
mod snapshot;
mod space;
mod store;
mod structure;
mod sync;
mod transfer;
mod trash;
mod undelete;
mod usage;
mod volume;
mod watch;

#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub use files::path::hold_together as volume_path_holds_together;

pub use audit::{AuditEntry, AuditQuery};
pub use checksum::Sha256Sum;
pub use engine::{Engine, OpenOptions, default_store};
pub use error::{Error, ErrorKind, Result};
pub use events::EventsSince;
pub use export::{ExportFormat, ExportVolume};
pub use files::{Condition, Fetch, FileArchive, FileReader, Present, StagedUpload, Unpack, UploadPart, Uploaded};
pub use id::{CheckpointId, KeyId, LayerId, NotAnId, SnapshotId, TransferId, VmId, VolumeId, WatchId};
pub use import::ImportVolume;
pub use keys::{ApiKey, KeyScope, NewApiKey};
pub use log::{LogGuard, LogLevel, LogLine, LogQuery, init_logging};
pub use machine::model::*;
pub use machine::{ConsoleKeys, ConsoleLog};
pub use model::*;
pub use optimiser::{Chain, ChainBase, OptimiserState};
pub use page::{Page, Paged};
pub use policy::{Keep, Policy, PolicyChange, Pruned};
pub use schedule::Clock;
pub use shell::shell_word;
pub use undelete::{DeletedVolume, Trash};
pub use volume::{MAX_QUOTA_BYTES, MIN_QUOTA_BYTES};
pub use watch::{NewWatch, Watch, WatchState};

/// A regular expression that the options match with which volumes may be mounted.
#[must_use]
pub fn mount_options_pattern() -> String {
    cairn_vm::MountOptions::pattern()
}
