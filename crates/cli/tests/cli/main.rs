//! The built command `cairn`, run as a person or a script would run it, on a store of its own.
//!
//! Needs QEMU, Python 3 with venv, and the demo VM of `cargo xtask demo-vm` (or one named by `CAIRN_DEMO_VM`).

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod answers;
mod attached;
mod described;
mod guest;
mod interrupt;
mod managed;
mod manifest;
mod python;
mod refusals;
mod seed_client;
mod serving;
mod sharing;
mod streams;
mod support;
mod tour;
mod watching;
