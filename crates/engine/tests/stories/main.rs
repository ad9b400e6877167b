//! The engine, told as stories: on a real store, judged by `qemu-img check` and `e2fsck` after what is written.

// In a story, what is not there ends it.
#![allow(clippy::unwrap_used)]

mod common;

mod archives;
mod attached;
mod branches;
mod chains;
mod checkpoints;
mod copies;
mod crashes;
mod cycles;
mod debian;
mod deep_chains;
mod deletions;
mod diffs;
mod downloads;
mod exchange;
mod fetches;
mod files;
mod full_disk;
mod groups;
mod histories;
mod hotplug;
mod integrity;
mod killed;
mod libvirt;
mod live_files;
mod live_merges;
mod machines;
mod managed;
mod policies;
mod power_cut;
mod reconciliation;
mod restored;
mod snapshots;
mod store;
mod transfers;
mod trash;
mod unpacks;
mod uploads;
mod volumes;
mod watches;
