//! How many files this process may have open: a volume with a thousand checkpoints has a thousand layers.
//!
//! Each layer of a chain is open while somebody looks through it, because its lock is held meanwhile. The usual limit
//! of 1,024 is only what a program gets that does not ask; what it may ask for is far more.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// As many as two chains of the deepest kind, and the rest of a busy engine, can need.
const ENOUGH: u64 = 16 * 1024;

/// Asks for as many open files as there may be. That there are fewer does no harm until they are needed.
pub(crate) fn allow_many() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(soft, hard)| {
        let wanted = hard.min(ENOUGH);
        if soft >= wanted {
            return Ok(soft);
        }
        setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).map(|()| wanted)
    });
    match raised {
        Ok(files) => tracing::debug!(files, "files that may be open"),
        Err(error) => tracing::warn!(%error, "the number of open files stays limited; long histories may not open"),
    }
}
