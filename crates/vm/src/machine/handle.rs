//! What others hold of a machine: a handle whose requests queue to the machine's task.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::channel::{ThroughAgent as _, pause};
use super::checkpoint::{Overlay, Taken};
use super::io::IoLimits;
use super::mount::Mounts as _;
use super::task::{Driver, Happenings, Link, ask};
use crate::agent::ExecOutput;
use crate::disk::{AttachedDisk, Disk, Serial};
use crate::error::{Error, ErrorKind, Result};
use crate::guest_script::GuestMount;
use crate::mount_options::MountOptions;
use crate::mount_path::MountPath;
use crate::process::Process;

/// How often a guest that does not stop is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// How long QEMU may take to quit before its process is ended.
const QUIT: Duration = Duration::from_secs(10);

/// Whether a machine runs, as QEMU says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunState {
    /// The guest runs.
    Running,
    /// QEMU was told to wait with the guest's first instruction (`-S`).
    NotBegun,
    /// The guest was paused, or has suspended itself.
    Paused,
    /// QEMU paused the guest because a disk failed or the host's disk is full.
    DiskError,
    /// The guest has powered off, QEMU still runs.
    ShutDown,
    /// The guest's kernel panicked, or QEMU failed to run the guest.
    Crashed,
    /// Another of QEMU's run states, in QEMU's word.
    Other(String),
}

/// A running machine. Clones are the same machine; requests run one after the other, in the order in which they came.
///
/// Every request fails with [`ErrorKind::NotRunning`] when QEMU has gone. A caller that stops waiting does not undo
/// what it asked for: a request that has begun still ends. When the last handle is dropped the sockets are closed and
/// the machine runs on.
#[derive(Clone)]
pub struct Machine {
    pub(super) link: Arc<Link>,
}

impl Machine {
    pub(super) fn new(link: Link) -> Self {
        Self { link: Arc::new(link) }
    }

    /// Whether the machine runs.
    ///
    /// # Errors
    /// `NotRunning`, `Timeout`.
    pub async fn status(&self) -> Result<RunState> {
        ask!(self, driver => driver.status())
    }

    /// Lets a guest go on that was paused, or that QEMU paused because the host's disk was full. Fine when it runs.
    ///
    /// # Errors
    /// `Refused` with QEMU's reason, `NotRunning`, `Timeout`.
    pub async fn resume(&self) -> Result<()> {
        ask!(self, driver => driver.resume())
    }

    /// Resolves when the guest has been stopped or has gone on since this was asked, or never when QEMU has gone.
    pub fn halted_or_resumed(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        let mut halts = self.link.halts();
        halts.mark_unchanged();
        async move {
            if halts.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// How often the guest has done by itself what changes what it has of disks.
    #[must_use]
    pub fn happenings(&self) -> Happenings {
        self.link.happenings()
    }

    /// Resolves with what has happened by then, once that is not what was `seen`; never when QEMU has gone.
    pub fn happened_since(&self, seen: Happenings) -> impl Future<Output = Happenings> + Send + 'static + use<> {
        let mut happenings = self.link.watch_happenings();
        async move {
            loop {
                let now = *happenings.borrow_and_update();
                if now != seen {
                    return now;
                }
                if happenings.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
    }

    /// Waits until the guest's agent answers: the guest has booted.
    ///
    /// # Errors
    /// `NoAgent` when it does not within `within`, `Held` when another client talks to the agent, `NotRunning`.
    pub async fn wait_for_agent(&self, within: Duration) -> Result<()> {
        let until = Instant::now() + within;
        loop {
            let ping = async {
                ask!(self, driver => driver.ask_agent("guest-ping", serde_json::json!({}), Duration::from_secs(5)))
            };
            let last = match timeout_at(until, ping).await {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(error)) if may_pass(error.kind()) => Some(error),
                Ok(Err(error)) => return Err(error),
                Err(_) => None,
            };
            if Instant::now() >= until {
                let seconds = within.as_secs();
                let reason = last.map_or_else(String::new, |error| format!(": {error}"));
                let message = format!("the guest's agent did not answer within {seconds} seconds{reason}");
                return Err(Error::new(ErrorKind::NoAgent, message));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Lets the guest's agent know that it will soon be asked for something, as it is when a disk is mounted: what takes its
    /// time before then is done meanwhile. That there is no agent is no failure here.
    pub async fn greet_agent(&self) {
        if !self.is_domain()
            && let Err(error) = self.link.run(|owner| Box::pin(owner.greet())).await
        {
            tracing::debug!(%error, "nobody answers in the guest yet");
        }
    }

    /// Plugs a disk in. It is in the guest when this returns, though the guest may need a moment to see it.
    /// Fine when the same disk is attached already; nothing of it stays when it fails.
    ///
    /// # Errors
    /// `ImageLocked` when another process uses the image, `NoFreeSlot`, `Invalid` for the serial, `Refused` with
    /// QEMU's reason, `NotRunning`.
    pub async fn attach(&self, disk: &Disk) -> Result<()> {
        let disk = disk.clone();
        ask!(self, driver => driver.attach(&disk))
    }

    /// Plugs a disk in, with limits on what may go through it, and mounts it: sooner than one after the other. When it fails,
    /// the disk may be plugged in, and even mounted; unmount and detach it then.
    ///
    /// # Errors
    /// As [`attach`](Self::attach), [`set_io_limits`](Self::set_io_limits) and [`mount`](Self::mount); `NoAgent` once it is
    /// plugged in.
    pub async fn attach_and_mount(
        &self,
        disk: &Disk,
        limits: IoLimits,
        mount_path: &str,
        options: &MountOptions,
    ) -> Result<()> {
        let (disk, path, options) = (disk.clone(), MountPath::parse(mount_path)?, options.clone());
        ask!(self, driver => driver.attach_and_mount(&disk, limits, &path, &options))
    }

    /// Unplugs a disk and closes its layers. Unmount it first: a mounted disk is ripped out.
    /// Fine when it is not attached.
    ///
    /// # Errors
    /// `Timeout` when the guest does not let it go within half a minute; it may still do so later. `NotRunning`.
    pub async fn detach(&self, serial: &str) -> Result<()> {
        let serial = Serial::parse(serial)?;
        ask!(self, driver => driver.detach(&serial))
    }

    /// Mounts the ext4 filesystem on an attached disk at an absolute path of the guest, whose folder is made.
    /// Fine when it is mounted there already.
    ///
    /// # Errors
    /// `Invalid` for the path, `NoAgent`, `Guest` with the guest's own words, `Timeout`, `NotRunning`.
    pub async fn mount(&self, serial: &str, mount_path: &str, read_only: bool) -> Result<()> {
        self.mount_with(serial, mount_path, &MountOptions::usual(read_only)).await
    }

    /// The same with options of the caller's.
    ///
    /// # Errors
    /// As [`mount`](Self::mount).
    pub async fn mount_with(&self, serial: &str, mount_path: &str, options: &MountOptions) -> Result<()> {
        let (serial, path, options) = (Serial::parse(serial)?, MountPath::parse(mount_path)?, options.clone());
        ask!(self, driver => driver.mount(&serial, &path, &options))
    }

    /// Brings everything to the disk and unmounts it. Fine when it is not mounted.
    ///
    /// # Errors
    /// `Busy` when it is in use, with the guest's processes in [`Error::holders`], also when the disk is mounted at
    /// another path as well; `Invalid`, `NoAgent`, `Guest`, `Timeout`, `NotRunning`.
    pub async fn unmount(&self, serial: &str, mount_path: &str) -> Result<()> {
        let (serial, path) = (Serial::parse(serial)?, MountPath::parse(mount_path)?);
        ask!(self, driver => driver.unmount(&serial, &path))
    }

    /// Brings what can be brought to the disk and takes its filesystem out of the guest's tree, also when it is in use:
    /// who has files of it open keeps them until the disk goes. Fine when it is not mounted.
    ///
    /// # Errors
    /// `Invalid`, `NoAgent`, `Guest`, `Timeout`, `NotRunning`.
    pub async fn unmount_lazily(&self, serial: &str, mount_path: &str) -> Result<()> {
        let (serial, path) = (Serial::parse(serial)?, MountPath::parse(mount_path)?);
        ask!(self, driver => driver.unmount_lazily(&serial, &path))
    }

    /// The disks that have a serial, as QEMU says.
    ///
    /// # Errors
    /// `NotRunning`, `Timeout`.
    pub async fn disks(&self) -> Result<Vec<AttachedDisk>> {
        ask!(self, driver => driver.disks())
    }

    /// Where disks with a serial are mounted, as the guest says.
    ///
    /// # Errors
    /// `NoAgent`, `Guest`, `Timeout`, `NotRunning`.
    pub async fn guest_mounts(&self) -> Result<Vec<GuestMount>> {
        ask!(self, driver => driver.guest_mounts())
    }

    /// Freezes the filesystem at `mount_path`: everything is on its disk, and writers wait. It is thawed by
    /// [`thaw`](Self::thaw), or by itself after `longest`; while frozen, the agent runs no programs.
    ///
    /// # Errors
    /// `Guest` when nothing there can be frozen, `Invalid`, `NoAgent`, `Refused`, `Timeout`, `NotRunning`. Nothing
    /// stays frozen then.
    pub async fn freeze(&self, mount_path: &str, longest: Duration) -> Result<()> {
        let path = MountPath::parse(mount_path)?;
        ask!(self, driver => driver.freeze(&[&path], longest))
    }

    /// Thaws all filesystems of the guest. Fine when none is frozen.
    ///
    /// # Errors
    /// `NoAgent`, `Refused`, `Timeout`, `NotRunning`.
    pub async fn thaw(&self) -> Result<()> {
        ask!(self, driver => driver.thaw())
    }

    /// Puts prepared overlays on top of their disks' present top layers while the guest runs: all at one moment, or
    /// none. The layers below are not written any more. The filesystems that are named are frozen meanwhile, for at
    /// most `longest`; where that cannot be done it is done without, and the answer says so. The guest is thawed in
    /// every case.
    ///
    /// # Errors
    /// `Refused` when the machine has no such disk or an overlay is smaller, `ImageLocked`, `Invalid`, `NotRunning`.
    /// Nothing is changed then, unless the connection broke before QEMU answered.
    pub async fn checkpoint(&self, overlays: &[Overlay], longest: Duration) -> Result<Taken> {
        let prepared = overlays.iter().map(Overlay::prepare).collect::<Result<Vec<_>>>()?;
        ask!(self, driver => driver.checkpoint(&prepared, longest))
    }

    /// Runs a program in the guest and waits for its end; other requests are served meanwhile. `argv[0]` is looked
    /// up in the guest's `PATH`.
    ///
    /// # Errors
    /// `Timeout` when it runs longer than `within` (it goes on running), `Refused` when it cannot be started,
    /// `Invalid`, `NoAgent`, `NotRunning`. An exit code other than 0 is no error.
    pub async fn exec(&self, argv: &[String], stdin: Option<Vec<u8>>, within: Duration) -> Result<ExecOutput> {
        let until = Instant::now() + within;
        let argv = argv.to_owned();
        let pid = ask!(self, driver => driver.start(&argv, stdin.as_deref()))?;
        let mut look = 0;
        loop {
            if let Some(output) = ask!(self, driver => driver.outcome(pid))? {
                return Ok(output);
            }
            if Instant::now() > until {
                let seconds = within.as_secs();
                let message = format!("the program did not end in the guest within {seconds} seconds; it runs on");
                return Err(Error::new(ErrorKind::Timeout, message));
            }
            sleep(pause(look)).await;
            look += 1;
        }
    }

    /// Asks the guest to stop, by its agent or the power button, and waits until it has.
    ///
    /// # Errors
    /// `Timeout` when it has not within `within`; it may still do so. Fine when it has stopped already.
    pub async fn shut_down(&self, within: Duration) -> Result<()> {
        let stop = async {
            loop {
                match ask!(self, driver => driver.ask_to_stop()) {
                    Err(error) if error.kind() == ErrorKind::NotRunning => break,
                    result => result?,
                }
                if timeout(ASK_AGAIN, self.link.gone()).await.is_ok() {
                    break;
                }
            }
            self.link.gone().await;
            Ok(())
        };
        timeout(within, stop).await.unwrap_or_else(|_| {
            let seconds = within.as_secs();
            let message = format!(
                "the guest did not stop within {seconds} seconds; it may still do so. Stop it by force if it hangs"
            );
            Err(Error::new(ErrorKind::Timeout, message))
        })
    }

    /// Ends QEMU at once, like pulling the plug of a computer; QEMU's own caches are written. When QEMU does not
    /// answer, its process is ended. Fine when it has gone already.
    ///
    /// # Errors
    /// `Timeout` or `Io` when even that does not help; `Refused` for a machine that libvirt runs.
    pub async fn quit(&self) -> Result<()> {
        if self.is_domain() {
            return Err(Error::new(ErrorKind::Refused, "libvirt runs the machine, and nobody else ends it"));
        }
        let ask = async {
            if let Err(error) = self.link.run(|owner| Box::pin(owner.quit())).await {
                tracing::debug!(%error, "QEMU did not take the command to quit");
            }
            self.link.gone().await;
        };
        if timeout(QUIT, ask).await.is_ok() {
            return Ok(());
        }
        if let Some(process) = self.link.process() {
            tracing::warn!(pid = process.pid(), "QEMU does not quit: ending its process");
            process.kill()?;
        }
        timeout(QUIT, self.link.gone()).await.map_err(|_| {
            let message = "QEMU does not end, not even by force; look at its process on this computer";
            Error::new(ErrorKind::Timeout, message)
        })
    }

    /// Resolves when QEMU has gone, for whatever reason; its image locks are free then.
    pub fn exited(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        let link = Arc::clone(&self.link);
        async move { link.gone().await }
    }

    /// Whether libvirt runs the machine. Then layers of its disks cannot be merged while it has them.
    #[must_use]
    pub fn is_domain(&self) -> bool {
        matches!(self.link.driver, Driver::Domain(_))
    }

    /// QEMU's process id, while it lives and the system tells.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process().map(Process::pid)
    }

    /// QEMU's process, while it lives and the system tells.
    #[must_use]
    pub fn process(&self) -> Option<Process> {
        self.link.process()
    }
}

/// Whether a guest that cannot be asked now may be asked later.
fn may_pass(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NoAgent | ErrorKind::Timeout | ErrorKind::Halted)
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine").field("pid", &self.pid()).finish_non_exhaustive()
    }
}
