//! The engine's stories: what a volume goes through, judged by e2fsck, debugfs, mke2fs and the kernel.

mod batch;
mod change;
mod check;
mod common;
mod compare;
mod copy;
mod crash;
mod discard;
mod fault;
mod features;
mod folder;
mod format;
mod grow;
mod host;
mod interrupted;
mod journal;
mod kernel;
mod link;
mod model;
mod orphan;
mod patch;
mod pieces;
mod random;
mod read;
mod second_reader;
mod xattr;
