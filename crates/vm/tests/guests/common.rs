//! The vocabulary of these tests: guests, disks, and what outside tools say about them.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cairn_vm::{Accel, Disk, ExecOutput, Firmware, Kernel, LaunchSpec, Machine, launch};

/// Long enough for a loaded computer without KVM; nothing waits this long when it works.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// The demo VM's folder: `CAIRN_DEMO_VM`, or where `cargo xtask demo-vm` puts it.
pub(crate) fn demo_vm() -> PathBuf {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/demo-vm");
    let folder = std::env::var_os("CAIRN_DEMO_VM").map_or(built, PathBuf::from);
    assert!(
        folder.join("vmlinuz").is_file() && folder.join("initrd.img").is_file(),
        "there is no demo VM in {}: run `cargo xtask demo-vm` first",
        folder.display()
    );
    folder
}

/// The demo VM's kernel and initramfs.
pub(crate) fn kernel(append: &str) -> Kernel {
    let demo = demo_vm();
    Kernel { kernel: demo.join("vmlinuz"), initrd: Some(demo.join("initrd.img")), append: append.to_owned() }
}

/// What a demo guest in `dir` is made of.
pub(crate) fn spec(dir: &Path) -> LaunchSpec {
    LaunchSpec {
        name: "test, with a comma".to_owned(),
        dir: dir.to_owned(),
        kernel: Some(kernel("console=ttyS0 quiet")),
        firmware: Firmware::Bios,
        session_disk: None,
        cdrom: None,
        network: None,
        memory_mib: 256,
        cpus: 1,
        accel: Accel::Tcg,
        hotplug_slots: 16,
    }
}

/// A booted guest with a folder of its own, ended when the test ends, however it ends.
pub(crate) struct Guest {
    pub(crate) machine: Machine,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) end: EndOfQemu,
}

impl Guest {
    pub(crate) async fn boot() -> Self {
        Self::boot_with(|_| {}).await
    }

    pub(crate) async fn boot_with(change: impl FnOnce(&mut LaunchSpec)) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        // Deeper than the path of a Unix socket may be long.
        let dir = folder.path().join("a-rather-long-name-".repeat(6)).join("vm");
        let mut spec = spec(&dir);
        change(&mut spec);
        let machine = launch(&spec).await.expect("the demo VM starts");
        let end = EndOfQemu(machine.pid().expect("QEMU runs"));
        machine.wait_for_agent(PATIENCE).await.expect("the demo VM boots to its agent");
        Self { machine, folder, end }
    }

    /// The machine's own folder.
    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("a-rather-long-name-".repeat(6)).join("vm")
    }

    /// Types a command on the serial console and reads until it says `until` on a line of its own.
    pub(crate) fn type_on_console(&self, command: &str, until: &str) {
        let short = self.folder.path().join("console");
        if !short.exists() {
            std::os::unix::fs::symlink(self.dir(), &short).expect("link");
        }
        let mut console = UnixStream::connect(short.join("console.sock")).expect("console");
        console.write_all(format!("\n{command}\n").as_bytes()).expect("type");
        let mut lines = BufReader::new(console).lines();
        assert!(lines.any(|line| line.expect("console").trim_end() == until), "the console ended before {until}");
    }

    /// A formatted disk of 64 MiB in this guest's folder.
    pub(crate) fn disk(&self, serial: &str) -> Disk {
        Disk {
            serial: serial.to_owned(),
            path: format_disk(self.folder.path(), serial),
            below: Vec::new(),
            read_only: false,
        }
    }

    /// The same, plugged in and mounted at `/data`.
    pub(crate) async fn mounted(&self, serial: &str) -> Disk {
        let disk = self.disk(serial);
        self.machine.attach(&disk).await.expect("it is plugged in");
        self.machine.mount(serial, "/data", false).await.expect("it is mounted");
        disk
    }

    /// Writes below `/data` all the time, and counts in `/data/log`; answers the writer's process in the guest.
    pub(crate) async fn keep_writing(&self) -> String {
        let writer = "(n=0; while :; do n=$((n+1)); echo $n >> /data/log; dd if=/dev/urandom of=/data/f$((n%50)) \
                      bs=4k count=9 2>/dev/null; done) >/dev/null 2>&1 & echo $!";
        self.run(writer).await.trim().to_owned()
    }

    /// Runs a shell command in the guest; it must succeed.
    pub(crate) async fn run(&self, command: &str) -> String {
        run(&self.machine, command).await
    }

    /// Runs a shell command in the guest.
    pub(crate) async fn try_run(&self, command: &str) -> ExecOutput {
        try_run(&self.machine, command).await
    }
}

/// Runs a shell command in the guest of `machine`; it must succeed.
pub(crate) async fn run(machine: &Machine, command: &str) -> String {
    let output = try_run(machine, command).await;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.exit_code, 0, "{command}: {stderr}");
    String::from_utf8(output.stdout).expect("text")
}

pub(crate) async fn try_run(machine: &Machine, command: &str) -> ExecOutput {
    let argv = ["sh", "-c", command].map(str::to_owned);
    machine.exec(&argv, None, PATIENCE).await.expect("the agent runs it")
}

/// Ends a QEMU that a test started.
pub(crate) struct EndOfQemu(pub(crate) u32);

impl Drop for EndOfQemu {
    fn drop(&mut self) {
        let cmdline = std::fs::read(format!("/proc/{}/cmdline", self.0)).unwrap_or_default();
        if String::from_utf8_lossy(&cmdline).contains("qemu") {
            tool("kill", &["-9", &self.0.to_string()]);
        }
    }
}

/// Runs an outside tool, which must be content, and answers what it says.
pub(crate) fn tool(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    said
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

/// Makes a qcow2 disk with an empty ext4, in the format of Cairn's layers.
pub(crate) fn format_disk(folder: &Path, name: &str) -> PathBuf {
    let raw = folder.join(format!("{name}.raw"));
    let layer = folder.join(format!("{name}.qcow2"));
    std::fs::File::create(&raw).and_then(|file| file.set_len(64 << 20)).expect("raw file");
    tool("mke2fs", &["-q", "-t", "ext4", text(&raw)]);
    let options = "compat=1.1,cluster_size=128k,extended_l2=on";
    tool("qemu-img", &["convert", "-f", "raw", "-O", "qcow2", "-o", options, text(&raw), text(&layer)]);
    std::fs::remove_file(&raw).expect("remove");
    layer
}

/// Makes an empty overlay on `base`, which it names relatively.
pub(crate) fn overlay_on(base: &Path, name: &str, size: &str) -> PathBuf {
    let overlay = base.with_file_name(format!("{name}.qcow2"));
    let backing = base.file_name().and_then(|name| name.to_str()).expect("text");
    let options = "compat=1.1,cluster_size=128k,extended_l2=on";
    tool(
        "qemu-img",
        &["create", "-u", "-f", "qcow2", "-o", options, "-F", "qcow2", "-b", backing, text(&overlay), size],
    );
    overlay
}

/// `qemu-img check` and `e2fsck -fn` find nothing wrong with a layer that nobody uses.
pub(crate) fn assert_clean(layer: &Path) {
    tool("qemu-img", &["check", "-q", text(layer)]);
    tool("e2fsck", &["-fn", text(&raw_copy(layer))]);
}

/// The disk that a layer shows, as a raw file beside it.
pub(crate) fn raw_copy(layer: &Path) -> PathBuf {
    let raw = layer.with_extension("copy.raw");
    tool("qemu-img", &["convert", "-f", "qcow2", "-O", "raw", text(layer), text(&raw)]);
    raw
}

/// A file's bytes inside a layer's ext4, as debugfs reads them.
pub(crate) fn file_in(layer: &Path, path: &str) -> Vec<u8> {
    cat(&raw_copy(layer), path)
}

/// The same after the power has gone: what was synced may still be in the journal only.
pub(crate) fn file_in_journalled(layer: &Path, path: &str) -> Vec<u8> {
    let raw = raw_copy(layer);
    let replayed = Command::new("e2fsck").args(["-y", "-E", "journal_only", text(&raw)]).output().expect("e2fsck");
    assert!(matches!(replayed.status.code(), Some(0 | 1)), "{replayed:?}");
    cat(&raw, path)
}

fn cat(raw: &Path, path: &str) -> Vec<u8> {
    let output = Command::new("debugfs").args(["-R", &format!("cat {path}"), text(raw)]).output().expect("debugfs");
    output.stdout
}
