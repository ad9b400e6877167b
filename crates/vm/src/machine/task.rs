//! The task that owns a machine's sockets, and its queue; a domain of libvirt's has a queue of the same kind.

use std::fs::File;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::domain::Domain;
use super::freeze::Frost;
use super::handle::Machine;
use super::pace::Pace;
use super::quick::Known;
use crate::agent::Agent;
use crate::error::{Error, ErrorKind, Result};
use crate::process::Process;
use crate::qmp::{Event, Qmp};
use crate::sockets::Place;

/// Jobs that may wait; callers beyond that wait for a place.
pub(super) const QUEUE: usize = 64;
/// How long QEMU may take from closing its socket to the end of its process.
const LAST_BREATH: Duration = Duration::from_secs(30);
/// The same, while somebody waits to hear whether a machine that somebody else started has ended.
const DOUBT: Duration = Duration::from_secs(5);

pub(crate) type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
pub(super) type Job<O> = Box<dyn for<'a> FnOnce(&'a mut O) -> Pending<'a, ()> + Send>;

/// How often a guest has done by itself what changes what it has of disks. Each number only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Happenings {
    /// It was restarted, or restarted itself: nothing is mounted in it any more, and the disks are still plugged in.
    pub resets: u64,
    /// A program in it has opened a port of the machine's, as the agent does when it starts.
    pub agents: u64,
    /// It has let go of a device, perhaps long after it was asked to.
    pub unplugs: u64,
}

/// Who drives a machine: its task, with the queue of it.
pub(super) enum Driver {
    /// Through QEMU's own sockets.
    Qemu(mpsc::Sender<Job<Owner>>),
    /// Through libvirt.
    Domain(mpsc::Sender<Job<Domain>>),
}

/// The sender's side of the queue, and what can be known without asking the task.
pub(super) struct Link {
    pub(super) driver: Driver,
    pub(super) gone: watch::Receiver<bool>,
    pub(super) halts: watch::Receiver<u64>,
    pub(super) happenings: watch::Receiver<Happenings>,
    pub(super) process: Option<Process>,
    pub(super) is_foreign: bool,
}

/// Has whoever drives the machine do something that both can do, under the same name.
macro_rules! ask {
    ($machine:expr, $driver:ident => $work:expr) => {
        match &$machine.link.driver {
            $crate::machine::task::Driver::Qemu(_) => {
                $machine.link.run(move |$driver| Box::pin(async move { $work.await })).await
            }
            $crate::machine::task::Driver::Domain(_) => {
                $machine.link.run_in_domain(move |$driver| Box::pin(async move { $work.await })).await
            }
        }
    };
}
pub(super) use ask;

impl Link {
    /// Queues `work` and waits for its result. When the caller gives up waiting, a job that has begun still ends.
    ///
    /// # Errors
    /// Those of `work`, `NotRunning`; `Refused` when libvirt has the machine, which offers nothing like that.
    pub(super) async fn run<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: for<'a> FnOnce(&'a mut Owner) -> Pending<'a, Result<T>> + Send + 'static,
    {
        let Driver::Qemu(jobs) = &self.driver else {
            let message = "libvirt runs the machine and offers no way to do that. Unmount the volume first";
            return Err(Error::new(ErrorKind::Refused, message));
        };
        self.judge(queue(jobs, work).await).await
    }

    /// The same where libvirt has the machine.
    pub(super) async fn run_in_domain<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: for<'a> FnOnce(&'a mut Domain) -> Pending<'a, Result<T>> + Send + 'static,
    {
        let Driver::Domain(jobs) = &self.driver else {
            return Err(Error::new(ErrorKind::Refused, "libvirt does not run the machine"));
        };
        self.judge(queue(jobs, work).await).await
    }

    async fn judge<T>(&self, outcome: Result<T>) -> Result<T> {
        match outcome {
            Err(error) if error.kind() == ErrorKind::NotRunning && self.is_foreign => {
                Err(self.gone_or_lost(error).await)
            }
            outcome => outcome,
        }
    }

    /// Nobody may conclude from a connection that ended that a QEMU has: what it has open it may still write to.
    async fn gone_or_lost(&self, error: Error) -> Error {
        match self.process {
            Some(process) if !process.ended(DOUBT).await => {
                let message = format!("QEMU's process {} runs on, but its sockets fail: {error}", process.pid());
                Error::new(ErrorKind::Io, message)
            }
            _ => error,
        }
    }

    /// Resolves when QEMU has gone.
    pub(super) async fn gone(&self) {
        // The task drops its side only after it said so, or because no handle is left to ask.
        let _ = self.gone.clone().wait_for(|gone| *gone).await;
    }

    /// Counts how often the guest was stopped or went on; changes each time.
    pub(super) fn halts(&self) -> watch::Receiver<u64> {
        self.halts.clone()
    }

    pub(super) fn happenings(&self) -> Happenings {
        *self.happenings.borrow()
    }

    pub(super) fn watch_happenings(&self) -> watch::Receiver<Happenings> {
        self.happenings.clone()
    }

    pub(super) fn process(&self) -> Option<Process> {
        self.process.filter(|process| process.lives())
    }
}

async fn queue<O, T, W>(jobs: &mpsc::Sender<Job<O>>, work: W) -> Result<T>
where
    O: Send + 'static,
    T: Send + 'static,
    W: for<'a> FnOnce(&'a mut O) -> Pending<'a, Result<T>> + Send + 'static,
{
    let (answer, result) = oneshot::channel();
    let job: Job<O> = Box::new(move |owner| {
        Box::pin(async move {
            // The caller may have stopped waiting; then nobody needs the answer.
            let _ = answer.send(work(owner).await);
        })
    });
    match jobs.send(job).await {
        Ok(()) => result.await.unwrap_or_else(|_| Err(Error::not_running())),
        Err(_) => Err(Error::not_running()),
    }
}

/// What the task owns: the connections, and the little that is not QEMU's to know.
pub(super) struct Owner {
    pub(super) qmp: Qmp,
    pub(super) agent: Option<Agent>,
    /// When its port was last seen to be open, while a program is waited for.
    pub(super) agent_seen: Instant,
    /// When one that was greeted was given up: what is asked of it right then need not wait as long again.
    pub(super) agent_silent: Option<Instant>,
    /// What the guest has frozen, as far as it is known.
    pub(super) frost: Option<Frost>,
    halts: watch::Sender<u64>,
    happenings: watch::Sender<Happenings>,
    /// The folder of the socket at which disks are looked at, held open: such a path may only be short.
    pub(super) look_folder: Option<File>,
    /// Where its sockets are.
    pub(super) place: Place,
    /// The chardev of the agent's port, once it has been found in a machine that somebody else started.
    pub(super) agent_label: Option<String>,
    pub(super) known: Known,
    /// How long mounting takes.
    pub(super) mounting: Pace,
    /// How long `umount` takes.
    pub(super) unmounting: Pace,
}

impl Owner {
    /// Notes what an event says about things that are kept here.
    pub(super) fn heed(&mut self, event: &Event) {
        if matches!(event.name.as_str(), "STOP" | "RESUME") {
            self.halts.send_modify(|count| *count += 1);
        }
        // Whichever port it was: somebody else may have called the agent's as they like.
        if event.name == "VSERPORT_CHANGE"
            && let Some(agent) = &mut self.agent
        {
            agent.distrust();
        }
        self.known.heed(event);
        match event.name.as_str() {
            "RESET" => self.happenings.send_modify(|now| now.resets += 1),
            "VSERPORT_CHANGE" if event.data["open"] == true => self.happenings.send_modify(|now| now.agents += 1),
            // One that has an id says so twice: for itself and for what is inside.
            "DEVICE_DELETED" if event.data["device"].is_string() => {
                self.happenings.send_modify(|now| now.unplugs += 1);
            }
            _ => {}
        }
    }
}

/// Connects to the machine whose sockets are there, and starts its task.
pub(crate) async fn open(place: Place) -> Result<Machine> {
    let qmp = Qmp::connect(&place.qmp()).await?;
    let process = qmp.peer_pid().and_then(Process::find);
    let (jobs, queue) = mpsc::channel(QUEUE);
    let (say_gone, gone) = watch::channel(false);
    let (halting, halts) = watch::channel(0);
    let (happening, happenings) = watch::channel(Happenings::default());
    let is_foreign = matches!(place, Place::Foreign(_));
    let owner = Owner {
        qmp,
        agent: None,
        agent_seen: Instant::now(),
        agent_silent: None,
        frost: None,
        halts: halting,
        happenings: happening,
        look_folder: None,
        place,
        agent_label: None,
        known: Known::default(),
        mounting: Pace::default(),
        unmounting: Pace::default(),
    };
    tokio::spawn(async move {
        if serve(owner, queue).await == Ending::QemuWent {
            if let Some(process) = process {
                process.ended(LAST_BREATH).await;
            }
            say_gone.send_replace(true);
        }
    });
    Ok(Machine::new(Link { driver: Driver::Qemu(jobs), gone, halts, happenings, process, is_foreign }))
}

#[derive(PartialEq)]
enum Ending {
    QemuWent,
    NobodyLeft,
}

async fn serve(mut owner: Owner, mut queue: mpsc::Receiver<Job<Owner>>) -> Ending {
    loop {
        let thaw_at = owner.frost.as_ref().map(|frost| frost.thaw_at);
        tokio::select! {
            job = queue.recv() => match job {
                Some(job) => job(&mut owner).await,
                None => break,
            },
            event = owner.qmp.event() => match event {
                Ok(event) => owner.heed(&event),
                Err(error) => {
                    if error.kind() != ErrorKind::NotRunning {
                        tracing::warn!(%error, "giving up the connection to the machine");
                    }
                    return Ending::QemuWent;
                }
            },
            () = tokio::time::sleep_until(thaw_at.unwrap_or_else(Instant::now)), if thaw_at.is_some() => {
                owner.thaw_late().await;
            }
        }
    }
    if owner.frost.is_some() {
        owner.thaw_late().await;
    }
    Ending::NobodyLeft
}
