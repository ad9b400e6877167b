//! Fault points: named moments at which a test of the room above ends the process.
//!
//! Compiled for tests only (feature `fault-points`); elsewhere a point is nothing at all.

/// A step has just been done: a test may end the process here.
#[cfg(not(feature = "fault-points"))]
#[inline(always)]
pub(crate) fn point(_name: &'static str) {}

#[cfg(feature = "fault-points")]
pub use armed::on_fault_point;
#[cfg(feature = "fault-points")]
pub(crate) use armed::point;

#[cfg(feature = "fault-points")]
mod armed {
    use std::sync::OnceLock;

    static HOOK: OnceLock<fn(&'static str)> = OnceLock::new();

    /// From now on `hook` is called with the name of each fault point that is passed; the first hook stays.
    pub fn on_fault_point(hook: fn(&'static str)) {
        // Set twice by two engines of one test, to the same.
        let _ = HOOK.set(hook);
    }

    pub(crate) fn point(name: &'static str) {
        if let Some(hook) = HOOK.get() {
            hook(name);
        }
    }
}
