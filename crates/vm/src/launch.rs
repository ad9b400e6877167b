//! Starting QEMU, so that it outlives this process, and finding it again.
//!
//! QEMU runs with the machine's folder as working directory and short relative socket names, since a Unix socket's
//! path has at most 107 bytes. Only options that QEMU 7.2 knows are used.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::accel::Accel;
use crate::error::{Error, ErrorKind, Result};
use crate::machine::{self, Machine};
use crate::qemu::{QemuBinary, find_qemu};

/// The chardev of the agent's socket.
pub(crate) const AGENT_CHARDEV: &str = "agent";
/// The device of the agent's port.
pub(crate) const AGENT_PORT: &str = "agent-port";
const AGENT_NAME: &str = "org.qemu.guest_agent.0";

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
    /// The Linux kernel to boot.
    pub kernel: PathBuf,
    /// Its initramfs.
    pub initrd: PathBuf,
    /// Its command line.
    pub append: String,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// Number of virtual processors.
    pub cpus: u32,
    /// What runs the guest's code.
    pub accel: Accel,
    /// How many disks can be plugged in at a time, at most 24.
    pub hotplug_slots: u8,
}

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
    command.args(arguments(spec)?).current_dir(&dir).kill_on_drop(true);
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
    machine::open(dir).await
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

/// The command line. Chardev paths are relative to the machine's folder.
fn arguments(spec: &LaunchSpec) -> Result<Vec<String>> {
    let absolute = |path: &Path| {
        let absolute = std::path::absolute(path).ok().filter(|path| path.is_file());
        absolute.and_then(|path| path.into_os_string().into_string().ok()).ok_or_else(|| {
            let message = format!("the machine cannot boot: there is no readable file {}", path.display());
            Error::new(ErrorKind::Refused, message)
        })
    };
    let cpu = match spec.accel {
        Accel::Kvm => "host",
        Accel::Tcg => "qemu64",
    };
    let socket = |id: &str| format!("socket,id={id},path={id}.sock,server=on,wait=off");
    let mut list: Vec<String> = Vec::new();
    let mut option = |name: &str, value: String| list.extend([name.to_owned(), value]);
    option("-name", format!("guest={}", spec.name.replace(',', ",,")));
    option("-machine", format!("q35,accel={}", spec.accel.as_str()));
    option("-cpu", cpu.to_owned());
    option("-m", format!("{}M", spec.memory_mib));
    option("-smp", spec.cpus.to_string());
    option("-display", "none".to_owned());
    option("-kernel", absolute(&spec.kernel)?);
    option("-initrd", absolute(&spec.initrd)?);
    option("-append", spec.append.clone());
    option("-chardev", socket("qmp"));
    option("-mon", "chardev=qmp,mode=control".to_owned());
    option("-device", "virtio-serial-pci,id=serial-ports".to_owned());
    option("-chardev", socket(AGENT_CHARDEV));
    option("-device", format!("virtserialport,id={AGENT_PORT},chardev={AGENT_CHARDEV},name={AGENT_NAME}"));
    option("-chardev", format!("{},logfile=console.log", socket("console")));
    option("-serial", "chardev:console".to_owned());
    for slot in 1..=spec.hotplug_slots {
        option("-device", format!("pcie-root-port,id=slot{slot:02},chassis={slot},slot={slot}"));
    }
    option("-pidfile", "qemu.pid".to_owned());
    list.extend(["-nodefaults", "-no-user-config", "-daemonize"].map(str::to_owned));
    Ok(list)
}
