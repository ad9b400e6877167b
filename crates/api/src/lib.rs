//! Wire types shared by every surface: the window, REST and the command line speak exactly these.
//!
//! No behaviour lives here, only shapes and their conversion from the engine's own types. TypeScript is
//! generated from this file's types into `ui/src/lib/api/` (`cargo xtask codegen`); drift fails the tests.
//! Times are RFC 3339 in UTC, sizes are bytes, ids are text.

mod access;
mod convert;
mod error;
pub mod strings;
mod types;
mod watch;

pub use access::{AuditEntry, CreatedKey, Key, KeyScope, NewKey};
pub use convert::{session_of, vm_of};
pub use error::{ErrorBody, ErrorCode, exit_code, http_status};
pub use types::*;
pub use watch::{NewWatch, Watch, WatchState};
