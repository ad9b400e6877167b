//! A running machine: one task owns its sockets, everybody else holds a handle and queues requests to it.
//!
//! ```text
//!                    ┌────────────────────── Machine (a handle, cloned at will) ── … ── Machine
//!                    │ queue of jobs, one at a time
//!                    ▼
//!   connect ──► [ idle ] ── a job ──► [ working ] ──┐
//!                 ▲  │ ▲                            │   events are kept while a job runs
//!                 │  │ └──── done, or failed ───────┘
//!     an event, or│  │
//!     a late thaw └──┤
//!                    │ QEMU closes its socket            the last handle is dropped
//!                    ├────────► [ gone ]                 ────► the task ends, QEMU goes on running
//!                    ▼
//!          waiting jobs fail with NotRunning, `exited` resolves
//! ```
//!
//! And each disk, by its serial; every arrow is one job, so nothing else happens to the machine meanwhile:
//!
//! ```text
//!              attach: block node, then device            mount (agent)
//!   detached ─────────────────────────────► attached ───────────────────► mounted
//!      ▲  ▲    failed: node removed again     │   ▲                         │
//!      │  └───────────────────────────────────┘   └─────────────────────────┘
//!      │       detach: device, its event, nodes     unmount (agent); busy: stays mounted
//!      └── a detach that the guest ignored ends with Timeout: the disk is still attached, detach again
//! ```
//!
//! None of this is remembered here: whatever a job must know it asks QEMU and the guest, so a handle made by
//! [`connect`](crate::connect) after a crash knows as much as one made by [`launch`](crate::launch()).

mod about;
mod attach;
mod blocks;
mod channel;
mod checkpoint;
mod console;
mod domain;
mod freeze;
mod grow;
mod guest_files;
mod handle;
mod io;
mod job;
mod look;
mod merge;
mod mount;
mod pace;
mod port;
mod quick;
mod run;
mod session;
mod shorten;
mod slots;
mod task;

pub use about::{About, GuestAbilities};
pub(crate) use blocks::layer;
pub use checkpoint::{Overlay, Taken};
pub use console::Console;
pub(crate) use domain::open_domain;
pub use guest_files::GuestChange;
pub use handle::{Machine, RunState};
pub use io::{IoCount, IoLimits, IoStats};
pub use job::JobState;
pub use look::{KEPT_ENDING, Look};
pub use merge::{Keep, Merge};
pub use port::AgentPort;
pub use shorten::Commit;
pub use slots::{NoSlots, Slots};
pub use task::Happenings;
pub(crate) use task::open;
