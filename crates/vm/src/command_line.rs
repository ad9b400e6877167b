//! QEMU's command line for a machine. Chardev paths are relative to the machine's folder. Only options that QEMU 7.2
//! knows are used.

use std::path::Path;

use serde_json::{Value, json};

use crate::accel::Accel;
use crate::disk::{LOWEST_NODE, Serial, file_node, path_for_qemu};
use crate::disk_image::DiskFormat;
use crate::error::{Error, ErrorKind, Result};
use crate::launch::{Firmware, Kernel, LaunchSpec, Network, SESSION_SERIAL, SessionDisk};
use crate::machine::layer;

/// The chardev of the agent's socket.
pub(crate) const AGENT_CHARDEV: &str = "agent";
/// The device of the agent's port.
const AGENT_PORT: &str = "agent-port";
/// The chardev of the serial console's socket.
pub(crate) const CONSOLE_CHARDEV: &str = "console";
/// The name of the agent's port, by which guests know it.
pub(crate) const AGENT_NAME: &str = "org.qemu.guest_agent.0";

/// The options, one after the other.
pub(crate) fn arguments(spec: &LaunchSpec) -> Result<Vec<String>> {
    let mut line = Line::default();
    line.machine(spec);
    line.option("-m", format!("{}M", spec.memory_mib));
    line.option("-smp", spec.cpus.to_string());
    line.option("-display", "none");
    line.channels();
    if let Some(kernel) = &spec.kernel {
        line.kernel(kernel)?;
    }
    if let Firmware::Uefi { code, vars } = &spec.firmware {
        line.uefi(code, vars)?;
    }
    for slot in 1..=spec.hotplug_slots {
        line.option("-device", format!("pcie-root-port,id=slot{slot:02},chassis={slot},slot={slot}"));
    }
    if let Some(disk) = &spec.session_disk {
        line.session_disk(disk)?;
    }
    if let Some(image) = &spec.cdrom {
        line.cdrom(image)?;
    }
    if let Some(network) = &spec.network {
        line.network(network);
    }
    line.option("-pidfile", "qemu.pid");
    line.0.extend(["-nodefaults", "-no-user-config", "-daemonize"].map(str::to_owned));
    Ok(line.0)
}

#[derive(Default)]
struct Line(Vec<String>);

impl Line {
    fn option(&mut self, name: &str, value: impl Into<String>) {
        self.0.extend([name.to_owned(), value.into()]);
    }

    fn machine(&mut self, spec: &LaunchSpec) {
        let boots_disk = spec.kernel.is_none();
        self.option("-name", format!("guest={}", spec.name.replace(',', ",,")));
        // Without a screen the BIOS, and what it boots, speak on the serial console.
        let screen = if boots_disk { ",graphics=off" } else { "" };
        // Linux boots with the HPET's periodic timer, and then leaves it running beside the processor's own, so that QEMU
        // wakes up 250 times a second for ever; without an HPET it boots with the PIT, and stops that.
        self.option("-machine", format!("q35,accel={},hpet=off{screen}", spec.accel.as_str()));
        self.option(
            "-cpu",
            match spec.accel {
                Accel::Kvm => "host",
                // Somebody's image may be built for newer processors than the oldest.
                Accel::Tcg if spec.session_disk.is_some() || spec.cdrom.is_some() => "max",
                Accel::Tcg => "qemu64",
            },
        );
        if spec.session_disk.is_some() || spec.cdrom.is_some() {
            self.option("-device", "virtio-rng-pci");
        }
    }

    /// QMP, the agent's port and the serial console, each with a socket.
    fn channels(&mut self) {
        let socket = |id: &str| format!("socket,id={id},path={id}.sock,server=on,wait=off");
        self.option("-chardev", socket("qmp"));
        self.option("-mon", "chardev=qmp,mode=control");
        self.option("-device", "virtio-serial-pci,id=serial-ports");
        self.option("-chardev", socket(AGENT_CHARDEV));
        self.option("-device", format!("virtserialport,id={AGENT_PORT},chardev={AGENT_CHARDEV},name={AGENT_NAME}"));
        self.option("-chardev", format!("{},logfile=console.log", socket(CONSOLE_CHARDEV)));
        self.option("-serial", format!("chardev:{CONSOLE_CHARDEV}"));
    }

    fn kernel(&mut self, kernel: &Kernel) -> Result<()> {
        self.option("-kernel", file(&kernel.kernel)?);
        if let Some(initrd) = &kernel.initrd {
            self.option("-initrd", file(initrd)?);
        }
        self.option("-append", kernel.append.clone());
        Ok(())
    }

    fn uefi(&mut self, code: &Path, vars: &Path) -> Result<()> {
        let (code, vars) = (file(code)?.replace(',', ",,"), file(vars)?.replace(',', ",,"));
        self.option("-drive", format!("if=pflash,unit=0,format=raw,readonly=on,file={code}"));
        self.option("-drive", format!("if=pflash,unit=1,format=raw,file={vars}"));
        Ok(())
    }

    /// The nodes are named as those of every other disk, so that a live checkpoint finds them.
    fn session_disk(&mut self, disk: &SessionDisk) -> Result<()> {
        let serial = Serial::parse(SESSION_SERIAL)?;
        let (mut number, mut backing) = (LOWEST_NODE, Value::Null);
        for (path, format) in disk.below.iter().rev() {
            let node = serial.node(number);
            let options = image(&node, &file(path)?, *format, backing);
            self.option("-blockdev", options.to_string());
            (number, backing) = (number.saturating_add(1), node.into());
        }
        let node = serial.node(number);
        let mut options = layer(&node, &file(&disk.path)?, false);
        options["backing"] = backing;
        self.option("-blockdev", options.to_string());
        let device = json!({
            "driver": "virtio-blk-pci",
            "id": serial.device_id(),
            "drive": node,
            "serial": serial.as_str(),
            // A guest that meets a full disk of the host waits; it does not see an error that would break its filesystem.
            "werror": "enospc",
            "bootindex": 1,
        });
        self.option("-device", device.to_string());
        Ok(())
    }

    fn cdrom(&mut self, path: &Path) -> Result<()> {
        self.option("-blockdev", image("cdrom", &file(path)?, DiskFormat::Raw, Value::Null).to_string());
        self.option("-device", "ide-cd,bus=ide.0,drive=cdrom,bootindex=2");
        Ok(())
    }

    fn network(&mut self, network: &Network) {
        let forward = |(host, guest): &(u16, u16)| format!(",hostfwd=tcp:127.0.0.1:{host}-:{guest}");
        let forwards: String = network.forwards.iter().map(forward).collect();
        self.option("-netdev", format!("user,id=network{forwards}"));
        // Without a boot ROM, which not everybody has installed: nothing boots from this network.
        self.option("-device", "virtio-net-pci,netdev=network,romfile=");
    }
}

/// `-blockdev` options of an image that is only read, in this format whatever is in it, on `backing` and nothing else.
fn image(node: &str, path: &str, format: DiskFormat, backing: Value) -> Value {
    match format {
        DiskFormat::Qcow2 => {
            let mut options = layer(node, path, true);
            options["backing"] = backing;
            options
        }
        DiskFormat::Raw => json!({
            "driver": "raw",
            "node-name": node,
            "read-only": true,
            "file": {"driver": "file", "node-name": file_node(node), "filename": path, "read-only": true},
        }),
    }
}

/// The path of a file that is there.
fn file(path: &Path) -> Result<String> {
    if !path.is_file() {
        let message = format!("the machine cannot boot: there is no readable file {}", path.display());
        return Err(Error::new(ErrorKind::Refused, message));
    }
    path_for_qemu(path)
}
