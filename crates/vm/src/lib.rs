//! Running machines: starting QEMU, talking to it and to the guest's agent, plugging disks in and out.
//!
//! ```text
//! launch / connect ──► Machine (a handle) ──queue──► one task ──► QMP socket ──► QEMU
//!                                                        └─────► agent socket ──► the guest
//! ```
//!
//! [`launch()`] starts a QEMU that outlives this process; [`connect`] finds it again, and [`connect_to`] reaches one that
//! somebody else started, such as [`running_qemus`] finds; [`connect_to_domain`] reaches one that libvirt runs, through
//! libvirt. A [`Machine`] attaches a [`Disk`]
//! by its serial, mounts it at a path inside the guest, and undoes both. The guest's I/O never passes through here.
//!
//! This crate knows a disk by path and serial; it knows no volumes, keeps nothing between two runs and never prints.

mod accel;
mod agent;
mod command_line;
mod discover;
mod disk;
mod disk_image;
mod error;
mod fault;
mod foreign_image;
mod guest_script;
mod launch;
mod libvirt;
mod machine;
mod mount_options;
mod mount_path;
mod process;
mod qemu;
mod qmp;
mod sockets;

pub use accel::{Accel, probe_accel};
pub use agent::ExecOutput;
pub use discover::{FoundQemu, probe_qmp, running_qemus};
pub use disk::{AttachedDisk, Disk};
pub use disk_image::{DiskFormat, DiskImage, create_overlay, inspect_image};
pub use error::{Error, ErrorKind, Holder, Result};
#[cfg(feature = "fault-points")]
pub use fault::on_fault_point;
pub use foreign_image::{ForeignFormat, ForeignImage};
pub use guest_script::GuestMount;
pub use launch::{Firmware, Kernel, LaunchSpec, Network, SESSION_SERIAL, SessionDisk, connect, connect_to, launch};
pub use libvirt::{LibvirtDomain, check_libvirt_uri, connect_to_domain, libvirt_daemons, libvirt_domains};
pub use machine::{
    About, AgentPort, Commit, Console, GuestAbilities, GuestChange, Happenings, IoCount, IoLimits, IoStats, JobState,
    KEPT_ENDING, Keep, Look, Machine, Merge, NoSlots, Overlay, RunState, Slots, Taken,
};
pub use mount_options::MountOptions;
pub use mount_path::MountPath;
pub use process::Process;
pub use qemu::{QemuBinary, find_qemu, find_qemu_in};
pub use sockets::Sockets;
