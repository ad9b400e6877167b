//! The demo VM as a domain of libvirt's, with a daemon of a session of its own; both end with the benchmark.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Bench;
use crate::process::{output, run};

/// The machine and its domain.
pub(super) const VM: &str = "domain";
/// How long the daemon may take to answer.
const ANSWERS: Duration = Duration::from_secs(30);

pub(super) struct Domain {
    folder: PathBuf,
    daemon: Child,
}

impl Drop for Domain {
    fn drop(&mut self) {
        let _ = self.virsh(&["destroy", VM]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Domain {
    /// Starts both, and has the benchmark's server attach to the domain; its agent answers then.
    pub(super) fn start(bench: &Bench, demo: &Path) -> Result<Self> {
        // Short: a socket's path has at most 107 bytes, and libvirt's own names are long.
        let folder = std::env::temp_dir().join(format!("lv{}", std::process::id()));
        for name in ["run", "cache", "data", "config/libvirt"] {
            fs::create_dir_all(folder.join(name))?;
        }
        fs::write(folder.join("config/libvirt/qemu.conf"), "stdio_handler = \"file\"\n")?;
        let domain = Self { daemon: daemon(&folder)?, folder };
        let begun = Instant::now();
        while !domain.virsh(&["list"]).stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
            if begun.elapsed() > ANSWERS {
                bail!("libvirt's daemon does not answer");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let xml = domain.folder.join("domain.xml");
        fs::write(&xml, description(demo, &domain.folder)?)?;
        run(domain.virsh(&["create"]).arg(&xml))?;
        run(&mut bench.cairn(&["vm", "attach", VM, "--domain", VM, "--connect", &domain.uri()]))?;
        let begun = Instant::now();
        while !bench.cairn(&["vm", "exec", VM, "--", "true"]).stderr(Stdio::null()).status()?.success() {
            if begun.elapsed() > Duration::from_secs(120) {
                bail!("the domain's agent does not answer");
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(domain)
    }

    fn uri(&self) -> String {
        format!("qemu:///session?socket={}/run/libvirt/libvirt-sock", self.folder.display())
    }

    fn virsh(&self, arguments: &[&str]) -> Command {
        let mut virsh = Command::new("virsh");
        virsh.args(["-q", "-c", &self.uri()]).args(arguments);
        virsh
    }
}

/// libvirt gives root no session; so root gets another number, in the daemon's own eyes only.
fn daemon(folder: &Path) -> Result<Child> {
    let program = "/usr/sbin/libvirtd";
    let mut command = Command::new(program);
    if output("id", &["-u"]).is_some_and(|user| user.trim() == "0") {
        command = Command::new("unshare");
        command.args(["--user", "--map-user=1000", "--map-group=1000", "--", program]);
    }
    for (name, place) in
        [("RUNTIME_DIR", "run"), ("CACHE_HOME", "cache"), ("DATA_HOME", "data"), ("CONFIG_HOME", "config")]
    {
        command.env(format!("XDG_{name}"), folder.join(place));
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().context("libvirt's daemon could not be started")
}

fn description(demo: &Path, folder: &Path) -> Result<String> {
    let file = |name: &str| demo.join(name).canonicalize().map(|path| path.display().to_string());
    let ports = "<controller type='pci' model='pcie-root-port'/>".repeat(4);
    Ok(format!(
        "<domain type='qemu'><name>{VM}</name><memory unit='MiB'>256</memory><vcpu>1</vcpu><os>\
         <type arch='x86_64' machine='q35'>hvm</type><kernel>{}</kernel><initrd>{}</initrd>\
         <cmdline>console=ttyS0 quiet</cmdline></os><features><acpi/></features><devices>\
         <controller type='pci' model='pcie-root'/>{ports}<controller type='usb' model='none'/>\
         <serial type='file'><source path='{}'/></serial>\
         <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>\
         <memballoon model='none'/></devices></domain>",
        file("vmlinuz")?,
        file("initrd.img")?,
        folder.join("console.log").display(),
    ))
}
