//! Damaged and hostile images: refused or read as far as they make sense, never a panic, a hang, an access
//! outside the device, or memory without bounds; and what our own check says of them next to e2fsck.
//!
//! A binary of its own, because it counts every byte that is allocated.

mod anatomy;
mod bounded;
mod compare;
mod dice;
mod fields;
mod mutate;
mod named;
mod session;
mod survive;
mod victims;

#[path = "../story/common.rs"]
#[allow(dead_code, reason = "the stories' words; this binary needs some of them")]
mod common;

use std::sync::{Mutex, MutexGuard, PoisonError};

#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

static ALONE: Mutex<()> = Mutex::new(());

/// One test at a time: what is measured is the memory of the whole process.
fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
