//! The power is cut at every moment: what is there afterwards is what was there before the operation under way
//! or after it, what was acknowledged is there, and e2fsck is content.

mod alphabet;
mod exhaust;
mod judge;
mod random;
mod search;
mod snapshot;
