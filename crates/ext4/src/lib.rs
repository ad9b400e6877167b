//! Files in a block device: an ext4 engine in safe Rust.
//!
//! A filesystem is made by [`format()`], opened by [`Filesystem::open`] on anything that is a
//! [`BlockDevice`](cairn_block::BlockDevice), and used by paths: byte strings from the root of the volume,
//! `/` between the names, empty or `/` for the root. `..`, `.`, empty names and NUL bytes are refused; a
//! symbolic link is followed inside the volume only.
//!
//! ```
//! use std::{io::Read, sync::Arc};
//! use cairn_block::memory::MemoryDevice;
//! use cairn_ext4::{Attributes, Filesystem, FormatOptions, Mode, Timestamp, format};
//!
//! # fn main() -> cairn_ext4::Result<()> {
//! let device = Arc::new(MemoryDevice::new(64 << 20));
//! let now = Timestamp::now();
//! format(&*device, &FormatOptions { label: "data".into(), uuid: [1; 16], hash_seed: [2; 16], now })?;
//!
//! let fs = Filesystem::open(device, Mode::ReadWrite)?;
//! fs.mkdir_all(b"a/b", &Attributes::root(0o755, now))?;
//! fs.create_file(b"a/b/hello", &Attributes::root(0o644, now), &mut &b"hello"[..], Some(5))?;
//!
//! let mut text = String::new();
//! fs.open_file(b"a/b/hello")?.reader().read_to_string(&mut text).unwrap();
//! assert_eq!(text, "hello");
//! # Ok(())
//! # }
//! ```
//!
//! # What it promises
//!
//! - **All or nothing.** Every call that changes something is one journal transaction and durable when it
//!   returns. A power cut at any point leaves what was before the call or what is after it. Many changes can
//!   share few transactions: [`Filesystem::begin_batch`].
//! - **Nothing is believed.** Numbers in an image are checked before they are used; no image can make the
//!   engine panic, loop for ever, read outside the device or allocate over metadata. What it does not
//!   handle it refuses, naming the feature.
//! - **Linux is at home in it.** What is written is what the kernel and e2fsck expect: checksums, counts,
//!   indexed folders, the journal. What a guest wrote is read, a journal that it left is replayed.
//!
//! # What it reads, and what it writes
//!
//! | | read | written |
//! |---|---|---|
//! | blocks of 1 to 64 KiB, inodes from 128 bytes on, `64bit`, `flex_bg`, `meta_bg`, `sparse_super2`, `uninit_bg`, `metadata_csum`, `metadata_csum_seed`, `large_dir`, folders by every hash, `orphan_file`, `verity`, `stable_inodes` | yes | yes; a file sealed by `verity` is not changed |
//! | `encrypt`, `casefold` | all but the folders and files that use them | the same |
//! | `fast_commit` | unless fast commits have to be replayed | the same |
//! | block maps (ext2, ext3), no journal, `inline_data`, `bigalloc`, `ea_inode`, `mmp`, `quota`, `project`, `shared_blocks`, no `filetype` | yes | refused |
//! | a journal on another device | unless it has to be replayed | refused |
//! | `compression`, `dirdata`, `journal_dev`, what is not known | refused | refused |
//!
//! A refusal names the feature ([`ErrorKind::Unsupported`]).
//!
//! # What a power cut leaves
//!
//! The device underneath keeps what it was given before a flush that returned; of what came later any part
//! may arrive, in any order, torn between sectors of 512 bytes. Under that:
//!
//! - What a call acknowledged survives. Of a call that had not returned there is everything or nothing:
//!   names, attributes, content and free space alike. Content is never written over, also not in part.
//! - A batch is acknowledged by its `commit`. A large one is several transactions, each of which ends
//!   between two changes: a cut leaves a first part of the changes, every one of them whole. Nothing is
//!   flushed by the file. `remove_all` of a large tree leaves a smaller tree that is whole.
//! - `grow` leaves the old size or the new one. The backup copies of the superblock follow after it; they are
//!   for repair tools only.
//! - What is there can be opened by us, replayed by e2fsck and Linux, and e2fsck finds nothing to mend. One
//!   exception: a cut between the two sectors of the superblock. Opening for writing mends it; e2fsck
//!   falls back to a backup.
//!
//! And when the device fails while it is in use:
//!
//! - Before the commit the change is taken back, its room is free again, what was written there is discarded, and
//!   the filesystem goes on. When a batch loses changes in this way its `commit` says so.
//! - After a failed flush, or a failure behind the commit, nobody knows what is durable. Nothing more is
//!   written, every change is refused with that reason, reading goes on; opening again finds out.
//!
//! All sequences of up to three operations are tried against this in `cargo xtask nightly crash`.
//!
//! [`verify()`] checks all of a filesystem and says in words what is wrong; it changes nothing. Damaged images by
//! the thousand, with checksums that fit the damage, go through all of this in `tests/hostile`.
//!
//! [`compare()`] tells what differs between two filesystems that stand on the same layers, from the blocks that differ.
//!
//! # How it is laid out
//!
//! One file for each structure on the disk, named as the kernel's documentation of ext4 names it
//! (`superblock`, `group_descriptor`, `inode`, `extent`, `indirect`, `inline_data`, `xattr`, `dir_entry`,
//! `dir_htree`, `journal/`, ...), and one for each thing that is done (`format/`, `open`, `read`, `write`,
//! `create`, `remove`, `rename`, `verify/`).
//! `state` holds them together: every metadata block is found in the running transaction, in the cache, or
//! on the device, in this order. `transaction` keeps what an operation changed until `commit` writes it.
//!
//! The crate knows nothing of volumes, layers or machines, is not async, and prints nothing.

mod alloc;
mod batch;
mod bitmap;
mod block_kind;
mod bytes;
mod cache;
mod checksum;
mod commit;
mod compare;
mod create;
mod dir_entry;
mod dir_hash;
mod dir_htree;
mod dir_insert;
mod dir_lookup;
mod discard;
mod error;
mod extent;
mod extent_edit;
mod extent_tree;
mod features;
mod file;
mod filesystem;
mod format;
mod group_descriptor;
mod group_runs;
mod grow;
mod indirect;
mod inline_data;
mod inode;
mod inode_alloc;
mod inode_table;
mod journal;
mod layout;
mod link;
mod list;
mod open;
mod orphan;
mod orphan_file;
mod path;
mod range_set;
mod read;
mod remove;
mod rename;
mod source;
mod state;
mod superblock;
mod transaction;
mod types;
mod verify;
mod write;
mod write_at;
mod write_behind;
mod xattr;
mod xattr_acl;
mod xattr_read;
mod xattr_write;
mod zone;

pub use batch::RolledBack;
pub use compare::{Difference, DifferenceKind, Version, compare};
pub use error::{Error, ErrorKind, Result};
pub use file::{FileHandle, FileReader};
pub use filesystem::{Filesystem, Mode};
pub use format::{FormatOptions, format};
pub use open::needs_recovery;
pub use source::{Next, Source};
pub use types::{AttributeChanges, Attributes, DirEntry, FileKind, Metadata, Statfs, Timestamp};
pub use verify::{Finding, Place, Problem, Severity, Verdict, verify};
