//! The engine, told as stories: on a real store, judged by `qemu-img check` and `e2fsck` after what is written.

// In a story, what is not there ends it.
#![allow(clippy::unwrap_used)]
#![allow(dead_code)]

mod common;

mod store;
mod volumes;
