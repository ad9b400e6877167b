//! Real guests under QEMU: disks come and go, machines outlive their starter, checkpoints are made under writing.
//!
//! Needs QEMU, e2fsprogs and the demo VM of `cargo xtask demo-vm` (or one named by `CAIRN_DEMO_VM`).

#![allow(clippy::unwrap_used)]

mod agent;
mod checkpoint;
mod common;
mod hotplug;
mod lifetime;
mod look;
mod merge;
mod session;
mod shorten;
