//! The command `cairn` on a store of its own, run as a person runs it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::wait_for;

/// A program that the workspace builds, beside this test's own binary.
pub(crate) fn program(name: &str) -> PathBuf {
    let this = std::env::current_exe().expect("this test has a path");
    let path = this.ancestors().nth(2).expect("target/<profile>/deps/<test>").join(name);
    assert!(path.exists(), "{} is not built; `cargo xtask test` builds it", path.display());
    path
}

/// The demo VM's folder.
pub(crate) fn demo_vm() -> PathBuf {
    let folder = std::env::var_os("CAIRN_DEMO_VM")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/demo-vm"), PathBuf::from);
    assert!(folder.join("vmlinuz").exists(), "there is no demo VM in {}; run `cargo xtask demo-vm`", folder.display());
    folder
}

/// Where a store is served and by which process, while it is.
pub(crate) fn served(store: &Path) -> Option<Value> {
    serde_json::from_str(&std::fs::read_to_string(store.join("run/api.json")).ok()?).ok()
}

/// The process that serves a store.
pub(crate) fn server_of(store: &Path) -> Option<u64> {
    served(store)?["pid"].as_u64()
}

/// Whether a process still runs.
pub(crate) fn is_alive(pid: u64) -> bool {
    // A process that nobody has waited for yet is dead all the same.
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

/// A store in a temporary folder, and the command that works on it.
pub(crate) struct Cairn {
    folder: TempDir,
    environment: Vec<(&'static str, String)>,
}

impl Cairn {
    /// A store that does not exist yet: the first command makes it.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder"), environment: Vec::new() }
    }

    /// The same, whose commands have a variable more in their environment.
    pub(crate) fn with(mut self, name: &'static str, value: String) -> Self {
        self.environment.push((name, value));
        self
    }

    /// The store's folder.
    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// A folder beside the store, for what is put in and got out.
    pub(crate) fn desk(&self) -> PathBuf {
        let desk = self.folder.path().join("desk");
        std::fs::create_dir_all(&desk).expect("a folder beside the store");
        desk
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("cairn"));
        command.arg("--store").arg(self.store()).args(arguments).current_dir(self.desk());
        command.env("CAIRN_DEMO_VM", demo_vm()).env_remove("CAIRN_STORE").stdin(Stdio::null());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs `cairn` with `arguments` to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("cairn starts")
    }

    /// Runs `cairn`, which must succeed, and gives what it printed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cairn {arguments:?} failed ({}):\n{stderr}", output.status);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs `cairn --json`, which must succeed, and gives the object that it printed.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["--json"];
        all.extend(arguments);
        let printed = self.ok(&all);
        serde_json::from_str(&printed)
            .unwrap_or_else(|error| panic!("cairn {all:?} printed no JSON ({error}):\n{printed}"))
    }

    /// Runs `cairn`, which must refuse with exit code `code`, and gives the sentence.
    pub(crate) fn refused(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "cairn {arguments:?} ended otherwise:\n{stderr}");
        assert!(stderr.contains("error: "), "the refusal of cairn {arguments:?} is no sentence:\n{stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
        stderr
    }

    /// Runs a shell line in the guest of machine `vm`, which must succeed, and gives what it printed.
    pub(crate) fn in_guest(&self, vm: &str, line: &str) -> String {
        self.ok(&["vm", "exec", vm, "--", "/bin/sh", "-c", line])
    }

    /// Starts `cairn` in the background.
    pub(crate) fn start<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Child {
        let mut command = self.command(&[]);
        command.args(arguments).stdout(Stdio::piped()).spawn().expect("cairn starts")
    }

    /// Serves the store on a port that is free, since other stories serve theirs beside it, and gives what the server
    /// says of itself.
    pub(crate) fn serve(&self, arguments: &[&str]) -> (Child, Value) {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        let mut server = self.start(&all);
        let api = wait_for("the server", || {
            let ended = server.try_wait().expect("the server is a child");
            assert!(ended.is_none(), "cairn {all:?} ended ({ended:?}) instead of serving");
            served(&self.store())
        });
        (server, api)
    }
}

impl Drop for Cairn {
    /// Machines outlive every command, so a story that ends early must not leave its own behind.
    fn drop(&mut self) {
        let machines = std::fs::read_dir(self.store().join("vms")).into_iter().flatten().flatten();
        for machine in machines {
            let pid = std::fs::read_to_string(machine.path().join("qemu.pid")).unwrap_or_default();
            if let Ok(pid) = pid.trim().parse::<u32>() {
                let is_qemu = std::fs::read(format!("/proc/{pid}/cmdline"))
                    .is_ok_and(|line| line.starts_with(b"qemu") || line.windows(5).any(|part| part == b"/qemu"));
                if is_qemu {
                    let _ = Command::new("kill").arg(pid.to_string()).status();
                }
            }
        }
    }
}
