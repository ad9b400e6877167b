//! The bare commands: what a script sends to QEMU and to a guest's agent that only wants a disk mounted, and looks at
//! nothing. Its QEMU has the options of Cairn's.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// How long a guest may take to boot.
const BOOT: Duration = Duration::from_secs(300);
/// The pause between two looks at a program that runs in the guest.
const PAUSE: Duration = Duration::from_millis(2);
/// The same for one that has been running for a while: each look takes from the guest's processor, which is what is
/// measured then.
const LONG_PAUSE: Duration = Duration::from_millis(100);
/// After so many looks.
const A_WHILE: u32 = 500;

/// Lines of JSON to a socket and back.
struct Wire(BufReader<UnixStream>);

impl Wire {
    fn connect(socket: &Path) -> Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self(BufReader::new(stream)))
    }

    fn line(&mut self) -> Result<Value> {
        let mut line = String::new();
        if self.0.read_line(&mut line)? == 0 {
            bail!("the connection has ended");
        }
        Ok(serde_json::from_str(&line)?)
    }

    fn ask(&mut self, command: &str, arguments: &Value) -> Result<Value> {
        writeln!(self.0.get_mut(), "{}", json!({"execute": command, "arguments": arguments}))?;
        loop {
            let mut answer = self.line()?;
            if let Some(error) = answer.get("error") {
                bail!("{command}: {error}");
            }
            if let Some(answer) = answer.get_mut("return") {
                return Ok(answer.take());
            }
        }
    }

    /// Waits until a device has gone with all that is inside; what is inside says so first.
    fn deleted(&mut self, device: &str) -> Result<()> {
        loop {
            let line = self.line()?;
            if line["event"] == "DEVICE_DELETED" && line["data"]["device"] == device {
                return Ok(());
            }
        }
    }
}

/// A QEMU and its guest, which nobody but the script knows.
pub(super) struct Bare {
    child: Child,
    qmp: Wire,
    agent: Wire,
    /// What the guest calls the disk that is plugged in.
    device: &'static str,
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Bare {
    /// A QEMU with the options of that of `vm`, in a folder of its own, once its guest's agent answers.
    pub(super) fn like(vm: &Value, folder: &Path) -> Result<Self> {
        Self::like_with(vm, folder, "/dev/vda", |word| word)
    }

    /// The same, with options that `change` has been at.
    pub(super) fn like_with(
        vm: &Value,
        folder: &Path,
        device: &'static str,
        change: impl Fn(String) -> String,
    ) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let line = fs::read(format!("/proc/{}/cmdline", vm["pid"]))?;
        let words = line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
        let mut words = words.filter(|word| !word.is_empty() && word != "-daemonize").map(change);
        let program = words.next().context("the machine does not run")?;
        let mut qemu = Command::new(program);
        qemu.current_dir(folder).args(words);
        let mut child = qemu.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        match reach(folder) {
            Ok((qmp, agent)) => Ok(Self { child, qmp, agent, device }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }

    /// Plugs a qcow2 image in and mounts it.
    pub(super) fn mount(&mut self, image: &Path, path: &str) -> Result<()> {
        let layer = json!({
            "driver": "qcow2", "node-name": "bare", "discard": "unmap",
            "file": {"driver": "file", "filename": image, "aio": "threads", "discard": "unmap"},
        });
        self.plug_in(&layer, path)
    }

    /// Plugs a raw image in and mounts it.
    pub(super) fn mount_raw(&mut self, image: &Path, path: &str) -> Result<()> {
        let layer = json!({
            "driver": "raw", "node-name": "bare", "discard": "unmap",
            "file": {"driver": "file", "filename": image, "aio": "threads", "discard": "unmap"},
        });
        self.plug_in(&layer, path)
    }

    fn plug_in(&mut self, layer: &Value, path: &str) -> Result<()> {
        self.qmp.ask("blockdev-add", layer)?;
        let device =
            json!({"driver": "virtio-blk-pci", "id": "bare", "drive": "bare", "serial": "bare", "bus": "slot01"});
        self.qmp.ask("device_add", &device)?;
        let device = self.device;
        self.run(&format!(
            "mkdir -p {path}; until mount -t ext4 -o discard,nosuid,nodev {device} {path} 2>/dev/null; do sleep 0.01; \
             done"
        ))
    }

    /// Unmounts and unplugs it.
    pub(super) fn unmount(&mut self, path: &str) -> Result<()> {
        self.run(&format!("umount {path}"))?;
        self.qmp.ask("device_del", &json!({"id": "bare"}))?;
        self.qmp.deleted("bare")?;
        // QEMU frees it a moment later.
        let until = Instant::now() + Duration::from_secs(1);
        while let Err(error) = self.qmp.ask("blockdev-del", &json!({"node-name": "bare"})) {
            if Instant::now() > until {
                return Err(error);
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Runs a script in the guest to its good end.
    pub(super) fn run(&mut self, script: &str) -> Result<()> {
        self.output(script).map(drop)
    }

    /// The same, and what it printed, in base64 as the agent has it.
    pub(super) fn output(&mut self, script: &str) -> Result<String> {
        let what = json!({"path": "/bin/sh", "arg": ["-c", script], "capture-output": true});
        let pid = self.agent.ask("guest-exec", &what)?["pid"].clone();
        let mut looks = 0;
        loop {
            let status = self.agent.ask("guest-exec-status", &json!({"pid": pid}))?;
            if status["exited"] == true {
                if status["exitcode"] != 0 {
                    bail!("`{script}` failed in the guest: {status}");
                }
                return Ok(status["out-data"].as_str().unwrap_or_default().to_owned());
            }
            looks += 1;
            std::thread::sleep(if looks < A_WHILE { PAUSE } else { LONG_PAUSE });
        }
    }
}

/// The sockets of a QEMU in `folder`, when somebody answers at both.
fn reach(folder: &Path) -> Result<(Wire, Wire)> {
    let until = Instant::now() + BOOT;
    let mut qmp = loop {
        match Wire::connect(&folder.join("qmp.sock")) {
            Ok(qmp) => break qmp,
            Err(error) if Instant::now() > until => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    qmp.line()?;
    qmp.ask("qmp_capabilities", &json!({}))?;
    loop {
        let ports = qmp.ask("query-chardev", &json!({}))?;
        let is_open = |port: &Value| port["label"] == "agent" && port["frontend-open"] == true;
        if ports.as_array().is_some_and(|ports| ports.iter().any(is_open)) {
            break;
        }
        if Instant::now() > until {
            bail!("the guest's agent does not answer");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut agent = Wire::connect(&folder.join("agent.sock"))?;
    agent.ask("guest-ping", &json!({}))?;
    Ok((qmp, agent))
}
