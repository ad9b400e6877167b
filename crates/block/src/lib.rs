//! Bytes at offsets.
//!
//! [`BlockDevice`] is the small trait that the file engine (`cairn-ext4`) stands on. This crate knows
//! no files, no volumes and no async; it never prints.

mod device;
mod error;
pub mod faulty;
pub mod memory;
mod nbd;
pub mod qcow2;
mod range;

pub use device::BlockDevice;
pub use error::{Error, ErrorKind, Result};
pub use nbd::NbdDevice;
