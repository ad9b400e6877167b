//! qcow2 images, judged by QEMU's own tools: whatever we write must be what QEMU reads, and the other way
//! round, and `qemu-img check` must find nothing to say.
#![allow(clippy::unwrap_used, missing_docs)]

mod commit;
mod copies;
mod foreign;
mod hostile;
mod judge;
mod layers;
mod locks;
mod merge;
mod random;
mod references;
mod space;
