//! The REST server over a real engine on a store of its own: every route, every refusal, and what happens to clients
//! that vanish. Machines are looked at only where none is needed; the stories with real guests are told in the
//! workspace's `tests/`.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod checkpoints;
mod events;
mod exchange;
mod files;
mod guard;
mod idempotency;
mod machines;
mod refusals;
mod serving;
mod streaming;
mod support;
mod transfers;
mod volumes;
