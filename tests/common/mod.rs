//! The vocabulary of the stories.

pub(crate) mod cairn;
pub(crate) mod desktop;
pub(crate) mod judge;
pub(crate) mod pointer;
pub(crate) mod tree;
pub(crate) mod window;

use std::time::{Duration, Instant};

/// How long anything may take before a story gives up on it. Guests are emulated and the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(180);

/// How often it is looked for.
const GLANCE: Duration = Duration::from_millis(100);

/// Looks until `look` finds something.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(GLANCE);
    }
}

/// By when a window has drawn what it was told to, for pictures that people look at. No story depends on it.
const SETTLED: Duration = Duration::from_millis(400);
