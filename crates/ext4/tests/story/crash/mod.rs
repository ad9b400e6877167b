//! The power is cut at every moment: what is there afterwards is what was there before the operation under way
//! or after it, what was acknowledged is there, and e2fsck is content.

pub(crate) mod alphabet;
mod exhaust;
mod judge;
mod numbers;
mod random;
pub(crate) mod search;
pub(crate) mod snapshot;
