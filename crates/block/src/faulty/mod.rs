//! Devices that misbehave on purpose, for the tests of the rooms above.
//!
//! [`CrashDevice`] remembers what was written and rebuilds the disks that a power cut could leave.
//! [`FaultyDevice`] fails chosen calls. Both are exact and repeatable: what they do follows from their
//! arguments alone.

mod crash;
mod fault;

pub use crash::CrashDevice;
pub use fault::{Call, Fault, FaultyDevice};
