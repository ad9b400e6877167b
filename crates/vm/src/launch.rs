//! Starting QEMU, so that it outlives this process, and finding it again.
//!
//! QEMU runs with the machine's folder as working directory and short relative socket names, since a Unix socket's
//! path has at most 107 bytes.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::accel::Accel;
use crate::command_line;
use crate::disk_image::DiskFormat;
use crate::error::{Error, ErrorKind, Result};
use crate::machine::{self, Machine};
use crate::qemu::{QemuBinary, find_qemu};
use crate::sockets::{Place, Sockets};

/// How long QEMU may take until its sockets are there; it reads kernel and initrd meanwhile.
const START: Duration = Duration::from_secs(60);
/// What is shown of a log in an error.
const SHOWN_LOG: usize = 2000;

/// What a machine is made of.
#[derive(Clone, Debug)]
pub struct LaunchSpec {
    /// Its name, for QEMU's window title and process listings.
    pub name: String,
    /// A private folder of this machine, made if it is missing: `qmp.sock`, `agent.sock`, `console.sock`,
    /// `console.log`, `qemu.pid`, `qemu.log`.
    pub dir: PathBuf,
    /// The Linux kernel that is booted directly; `None`: the firmware boots from a disk.
    pub kernel: Option<Kernel>,
    /// What boots a disk.
    pub firmware: Firmware,
    /// Its own disk.
    pub session_disk: Option<SessionDisk>,
    /// An ISO image in its CD drive, booted when its own disk does not.
    pub cdrom: Option<PathBuf>,
    /// Its network, if it has one.
    pub network: Option<Network>,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// Number of virtual processors.
    pub cpus: u32,
    /// What runs the guest's code.
    pub accel: Accel,
    /// How many disks can be plugged in at a time, at most 24.
    pub hotplug_slots: u8,
}

/// A Linux kernel that is booted directly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// The kernel.
    pub kernel: PathBuf,
    /// Its initramfs.
    pub initrd: Option<PathBuf>,
    /// Its command line.
    pub append: String,
}

/// What boots a disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Firmware {
    /// The BIOS that comes with QEMU.
    #[default]
    Bios,
    /// UEFI.
    Uefi {
        /// Its code, which is not written.
        code: PathBuf,
        /// The machine's own variables, which are.
        vars: PathBuf,
    },
}

/// The machine's own disk, with the serial [`SESSION_SERIAL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionDisk {
    /// A qcow2 file that is written.
    pub path: PathBuf,
    /// The images below it, the uppermost first, whatever any header says; they are only read.
    pub below: Vec<(PathBuf, DiskFormat)>,
}

/// QEMU's user-mode network: the guest reaches what this computer reaches, nobody reaches the guest but through
/// forwarded ports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// TCP ports of this computer's loopback address, and the guest's ports behind them.
    pub forwards: Vec<(u16, u16)>,
}

/// The serial of a machine's own disk.
pub const SESSION_SERIAL: &str = "session";

/// Starts a machine. It goes on running when this process ends, however that happens.
///
/// # Errors
/// `QemuMissing`; `Refused` when the machine runs already or QEMU does not start, with QEMU's own words; `Timeout`; `Io`.
pub async fn launch(spec: &LaunchSpec) -> Result<Machine> {
    let found = tokio::task::spawn_blocking(find_qemu).await;
    let qemu = found.map_err(|error| Error::new(ErrorKind::Io, format!("could not look for QEMU: {error}")))??;
    let dir = std::path::absolute(&spec.dir).map_err(|error| Error::io("find the machine's folder", error))?;
    let what = |doing: &str| format!("{doing} the machine's folder {}", dir.display());
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir).map_err(|error| Error::io(what("make"), error))?;
    match connect(&dir).await {
        Err(error) if error.kind() == ErrorKind::NotRunning => {}
        Err(error) => return Err(error),
        Ok(_) => return Err(Error::new(ErrorKind::Refused, format!("the machine {} runs already", spec.name))),
    }
    let log = dir.join("qemu.log");
    let stderr = fs::File::create(&log).map_err(|error| Error::io(what("write to"), error))?;
    let mut command = Command::new(&qemu.path);
    command.args(command_line::arguments(spec)?).current_dir(&dir).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr);
    tracing::debug!(?command, "starting QEMU");
    start(&mut command, &qemu, &log).await?;
    connect(&dir).await
}

/// Connects to a machine that runs, for example after a restart of this process.
///
/// # Errors
/// `NotRunning` when its QEMU has gone (sockets that it left behind do not matter), `Held` when another client has the
/// QMP socket, `Io`.
pub async fn connect(dir: &Path) -> Result<Machine> {
    machine::open(Place::Own(dir.to_owned())).await
}

/// Connects to a machine that somebody else has started. Dropping the last handle leaves it as it is.
///
/// # Errors
/// `NotRunning` when nobody listens there, `Held` when another client has the QMP socket, `Refused` when what listens
/// there does not speak QMP, `Io`.
pub async fn connect_to(sockets: &Sockets) -> Result<Machine> {
    machine::open(Place::Foreign(sockets.clone())).await
}

/// Runs QEMU, whose first process ends when the machine is up or has failed to come up.
async fn start(command: &mut Command, qemu: &QemuBinary, log: &Path) -> Result<()> {
    let run = async {
        let mut child = command.spawn()?;
        child.wait().await
    };
    let program = qemu.path.display();
    let status = tokio::time::timeout(START, run).await.map_err(|_| {
        let seconds = START.as_secs();
        Error::new(ErrorKind::Timeout, format!("{program} did not start the machine within {seconds} seconds"))
    })?;
    let status = status.map_err(|error| Error::io(format!("run {program}"), error))?;
    if status.success() {
        return Ok(());
    }
    let words = fs::read(log).unwrap_or_default();
    let words = String::from_utf8_lossy(&words[words.len().saturating_sub(SHOWN_LOG)..]).trim().to_owned();
    let words = if words.is_empty() { format!("it ended with {status}") } else { words };
    Err(Error::new(ErrorKind::Refused, format!("QEMU {} did not start the machine: {words}", qemu.version)))
}
