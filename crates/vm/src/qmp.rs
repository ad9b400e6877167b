//! QMP, QEMU's control protocol: one JSON object a line over a Unix socket.
//!
//! Specification: `docs/interop/qmp-spec.rst` of QEMU. Why not the crate `qapi`: `docs/decisions/0002-own-qmp-client.md`.
//! Knows no disks and no guests.

mod client;
mod wire;

pub(crate) use client::{Event, Qmp, Refusal, refusal};
pub(crate) use wire::{LONGEST_SOCKET_PATH, Lines, SENTINEL, connect};
