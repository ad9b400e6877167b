//! qcow2 images: layers and chains, as QEMU reads and writes them.
//!
//! This follows QEMU's `docs/interop/qcow2` specification, limited to what Cairn needs. It writes version 3
//! images with clusters of 128 KiB and extended L2 entries (subclusters of 4 KiB), 16-bit refcounts and
//! backing files named relatively. It reads and writes the other cluster sizes and standard L2 entries too,
//! and refuses by name what it does not handle: compression, encryption, external data files.
//!
//! # Durability
//! Nothing written is durable before [`flush`](crate::BlockDevice::flush) returns. Data goes to clusters
//! that nothing refers to yet; a flush then makes it durable together with the refcounts, before any L1 or
//! L2 entry that refers to it is written, and only after those are durable are clusters freed and used
//! again. So whatever a power cut leaves is a valid image, with some leaked clusters at worst.
//!
//! | structure | module |
//! |---|---|
//! | header, extensions | `header` |
//! | L1 table, L2 tables with subcluster bitmaps | `l1`, `l2`, cached by `slices` |
//! | refcount table and blocks, free clusters | `refcount`, `alloc`, `free` |
//! | one file; a chain of them | `layer`, `chain` |
//! | an open head and its operations | `image`, `write`, `copy`, `discard`, `flush`, `grow`, `reclaim` |
//! | whether the refcounts are true | `references` |
//! | where two layers of one tree may differ, and where two images do | `differ` |
//! | what one layer of an open chain shows | `state` |
//! | upper layers into a lower image | `commit` |
//! | layers that stand on each other into one of them | `merge` |
//! | the host: file, copies, QEMU's lock bytes | `host`, `host_copy`, `lock` |

mod alloc;
mod chain;
mod commit;
mod copy;
mod create;
mod differ;
#[cfg(test)]
mod disaster;
mod discard;
mod flush;
mod free;
mod geometry;
mod grow;
mod header;
mod host;
mod host_copy;
mod image;
mod info;
mod l1;
mod l2;
mod layer;
mod lock;
mod merge;
mod reclaim;
mod refcount;
mod references;
mod slices;
mod state;
mod write;

pub use commit::Committed;
pub use create::{CreateOptions, create};
pub use image::{Access, Image};
pub use info::{Info, info};
pub use merge::{Merging, is_in_use};
pub use references::{References, count_references};
pub use state::LayerState;
