//! The task that owns a machine's sockets, and its queue.

use std::fs::File;
use std::future::Future;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::checkpoint::Frost;
use super::handle::Machine;
use crate::agent::Agent;
use crate::error::{Error, ErrorKind, Result};
use crate::process::Process;
use crate::qmp::{Event, Qmp};

/// Jobs that may wait; callers beyond that wait for a place.
const QUEUE: usize = 64;
/// How long QEMU may take from closing its socket to the end of its process.
const LAST_BREATH: Duration = Duration::from_secs(30);

pub(crate) type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type Job = Box<dyn for<'a> FnOnce(&'a mut Owner) -> Pending<'a, ()> + Send>;

/// The sender's side of the queue, and what can be known without asking the task.
pub(super) struct Link {
    jobs: mpsc::Sender<Job>,
    gone: watch::Receiver<bool>,
    halts: watch::Receiver<u64>,
    process: Option<Process>,
}

impl Link {
    /// Queues `work` and waits for its result. When the caller gives up waiting, a job that has begun still ends.
    pub(super) async fn run<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: for<'a> FnOnce(&'a mut Owner) -> Pending<'a, Result<T>> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move |owner| {
            Box::pin(async move {
                // The caller may have stopped waiting; then nobody needs the answer.
                let _ = answer.send(work(owner).await);
            })
        });
        self.jobs.send(job).await.map_err(|_| Error::not_running())?;
        result.await.map_err(|_| Error::not_running())?
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

    pub(super) fn process(&self) -> Option<Process> {
        self.process.filter(|process| process.lives())
    }
}

/// What the task owns: the connections, and the little that is not QEMU's to know.
pub(super) struct Owner {
    pub(super) qmp: Qmp,
    pub(super) agent: Option<Agent>,
    /// What the guest has frozen, as far as it is known.
    pub(super) frost: Option<Frost>,
    halts: watch::Sender<u64>,
    folder: Folder,
}

impl Owner {
    pub(super) fn agent_socket(&self) -> PathBuf {
        self.folder.socket("agent.sock")
    }

    pub(super) fn console_socket(&self) -> PathBuf {
        self.folder.socket("console.sock")
    }

    /// Notes what an event says about things that are kept here.
    pub(super) fn heed(&mut self, event: &Event) {
        if matches!(event.name.as_str(), "STOP" | "RESUME") {
            self.halts.send_modify(|count| *count += 1);
        }
        let agents_port = event.data["id"] == crate::command_line::AGENT_PORT;
        if event.name == "VSERPORT_CHANGE"
            && agents_port
            && let Some(agent) = &mut self.agent
        {
            agent.distrust();
        }
    }
}

/// Connects to the machine whose sockets lie in `folder` and starts its task.
pub(crate) async fn open(folder: &Path) -> Result<Machine> {
    let folder = Folder::open(folder)?;
    let qmp = Qmp::connect(&folder.socket("qmp.sock")).await?;
    let process = qmp.peer_pid().and_then(Process::find);
    let (jobs, queue) = mpsc::channel(QUEUE);
    let (say_gone, gone) = watch::channel(false);
    let (halting, halts) = watch::channel(0);
    let owner = Owner { qmp, agent: None, frost: None, halts: halting, folder };
    tokio::spawn(async move {
        if serve(owner, queue).await == Ending::QemuWent {
            if let Some(process) = process {
                process.ended(LAST_BREATH).await;
            }
            say_gone.send_replace(true);
        }
    });
    Ok(Machine::new(Link { jobs, gone, halts, process }))
}

#[derive(PartialEq)]
enum Ending {
    QemuWent,
    NobodyLeft,
}

async fn serve(mut owner: Owner, mut queue: mpsc::Receiver<Job>) -> Ending {
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

/// A machine's folder, held open: a Unix socket's path has at most 107 bytes, a store may lie deeper.
struct Folder(File);

impl Folder {
    fn open(path: &Path) -> Result<Self> {
        match File::open(path) {
            Ok(folder) => Ok(Self(folder)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Error::not_running()),
            Err(error) => Err(Error::io(format!("open the machine's folder {}", path.display()), error)),
        }
    }

    /// A short path to a socket in the folder, good as long as the folder is held open. Linux only.
    fn socket(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}/{name}", self.0.as_raw_fd()))
    }
}
