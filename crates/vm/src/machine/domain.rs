//! A domain of libvirt's: the same requests as of a QEMU that is reached by its sockets, done by libvirt.
//!
//! ```text
//!   Machine ──queue──► one task ──► virsh ──► libvirt's daemon ──► QEMU, the guest's agent
//!                                     ▲
//!   what happens by itself ◄── virsh event
//! ```
//!
//! Nothing is remembered here either: what a request must know, libvirt is asked. Its daemon may be restarted meanwhile;
//! the domain runs on, and is answered for again when the daemon is back.

mod about;
mod checkpoint;
mod disks;
mod guest;
mod look;
mod watch;

use std::time::Duration;

use tokio::sync::{mpsc, watch as channel};
use tokio::time::{Instant, sleep_until};

use super::freeze::Frost;
use super::handle::{Machine, RunState};
use super::pace::Pace;
use super::run::refuse_halted;
use super::task::{Driver, Happenings, Job, Link, QUEUE};
use crate::agent::Agent;
use crate::discover::running_qemus;
use crate::error::{Error, ErrorKind, Result};
use crate::libvirt::{DomainXml, LibvirtDomain, Virsh};
use crate::process::Process;

/// For what changes something.
const CHANGE: Duration = Duration::from_secs(60);
/// For what only looks.
const LOOK: Duration = Duration::from_secs(30);

/// What the task owns of a domain.
pub(super) struct Domain {
    virsh: Virsh,
    uuid: String,
    process: Option<Process>,
    agent: Agent,
    /// Whether it is certain that no earlier engine has left the guest frozen.
    is_thawed: bool,
    /// What the guest has frozen, as far as it is known.
    frost: Option<Frost>,
    /// What somebody looks at.
    look: Option<look::Looking>,
    happenings: channel::Receiver<Happenings>,
    /// How long mounting takes.
    pub(super) mounting: Pace,
}

/// Connects to a domain that runs, and starts its task.
pub(crate) async fn open_domain(virsh: Virsh, domain: &LibvirtDomain) -> Result<Machine> {
    let uuid = domain.uuid.clone();
    run_state(&virsh, &uuid).await?;
    let (jobs, mut queue) = mpsc::channel::<Job<Domain>>(QUEUE);
    let (say_gone, gone) = channel::channel(false);
    let (halting, halts) = channel::channel(0);
    let (happening, happenings) = channel::channel(Happenings::default());
    let process = process_of(&uuid).await;
    tokio::spawn(watch::follow(virsh.clone(), uuid.clone(), halting, happening));
    tokio::spawn(watch::wait_for_end(virsh.clone(), uuid.clone(), process, say_gone));
    let agent = Agent::of_domain(virsh.clone(), uuid.clone());
    let mut owner = Domain {
        virsh,
        uuid,
        process,
        agent,
        is_thawed: false,
        frost: None,
        look: None,
        happenings: happenings.clone(),
        mounting: Pace::default(),
    };
    tokio::spawn(async move {
        loop {
            let thaw_at = owner.frost.as_ref().map(|frost| frost.thaw_at);
            tokio::select! {
                job = queue.recv() => match job {
                    Some(job) => job(&mut owner).await,
                    None => break,
                },
                () = sleep_until(thaw_at.unwrap_or_else(Instant::now)), if thaw_at.is_some() => owner.thaw_late().await,
            }
        }
        if owner.frost.is_some() {
            owner.thaw_late().await;
        }
    });
    Ok(Machine::new(Link { driver: Driver::Domain(jobs), gone, halts, happenings, process, is_foreign: true }))
}

/// The domain's QEMU, which was told the domain's identity.
async fn process_of(uuid: &str) -> Option<Process> {
    let found = tokio::task::spawn_blocking(running_qemus).await.unwrap_or_default();
    let qemu = found.into_iter().find(|qemu| qemu.uuid.as_deref() == Some(uuid))?;
    Process::find(qemu.pid)
}

/// Whether a domain runs, as libvirt says (`virDomainState` and its reasons).
async fn run_state(virsh: &Virsh, uuid: &str) -> Result<RunState> {
    let stats = virsh.stats(uuid, &["--state"]).await?;
    let reason = stats.number("state.reason").unwrap_or(0);
    Ok(match (stats.number("state.state"), reason) {
        (Some(1 | 2), _) => RunState::Running,
        (Some(3), 5) => RunState::DiskError,
        (Some(3), 10) | (Some(6), _) => RunState::Crashed,
        (Some(3), 11) => RunState::NotBegun,
        (Some(3 | 7), _) => RunState::Paused,
        (Some(4), _) => RunState::ShutDown,
        (Some(5), _) => return Err(Error::not_running()),
        (state, reason) => RunState::Other(format!("{} ({reason})", state.unwrap_or(0))),
    })
}

impl Domain {
    pub(super) async fn status(&mut self) -> Result<RunState> {
        run_state(&self.virsh, &self.uuid).await
    }

    /// As for a QEMU's sockets: fine for a guest that runs, or has not begun.
    async fn need_guest_if_begun(&mut self) -> Result<()> {
        match self.status().await? {
            RunState::NotBegun => Ok(()),
            state => refuse_halted(state),
        }
    }

    pub(super) async fn resume(&mut self) -> Result<()> {
        if self.status().await? == RunState::Running {
            return Ok(());
        }
        self.virsh.run(&["resume", &self.uuid], CHANGE).await.map(drop)
    }

    /// Asks the guest to stop, by its agent or the power button: whichever libvirt thinks best.
    pub(super) async fn ask_to_stop(&mut self) -> Result<()> {
        refuse_halted(self.status().await?)?;
        self.virsh.run(&["shutdown", &self.uuid], CHANGE).await.map(drop)
    }

    /// The domain as it is now.
    async fn describe(&self) -> Result<DomainXml> {
        DomainXml::parse(&self.virsh.run(&["dumpxml", &self.uuid], LOOK).await?)
    }

    fn lacks(serial: &str) -> Error {
        Error::new(ErrorKind::Refused, format!("the machine has no disk {serial}"))
    }
}
