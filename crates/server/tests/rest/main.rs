//! The REST server over a real engine on a store of its own: every route, every refusal, and what happens to clients
//! that vanish. Machines are looked at only where none is needed; the stories with real guests are told in the
//! workspace's `tests/`.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod attacks;
mod checkpoints;
mod events;
mod exchange;
mod files;
mod guard;
mod idempotency;
mod keys;
mod load;
mod machines;
mod metrics;
mod openapi;
mod paging;
mod refusals;
mod resuming;
mod serving;
mod streaming;
mod support;
mod tls;
mod transfers;
mod volumes;
mod watches;
