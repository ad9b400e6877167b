//! The built command `cairn`, run as a person or a script would run it, on a store of its own. What needs a machine
//! is told in the workspace's `tests/`.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod answers;
mod interrupt;
mod refusals;
mod seed_client;
mod sharing;
mod streams;
mod support;
mod tour;
