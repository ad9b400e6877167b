//! The engine's stories: what a volume goes through, judged by e2fsck, debugfs, mke2fs and the kernel.

mod change;
mod common;
mod crash;
mod fault;
mod format;
mod grow;
mod kernel;
mod model;
mod random;
mod read;
