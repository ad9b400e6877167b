//! `cairn` on a store of its own, and few words to run it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

/// A store, and a folder of the host's to copy from and to.
pub(crate) struct Cairn {
    pub(crate) store: TempDir,
    pub(crate) host: TempDir,
}

/// What a command printed and ended with.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Standard output, of a command that succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// Standard output as JSON, of a command that succeeded.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }

    /// Standard error, of a command that ended with this code.
    #[track_caller]
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.out.is_empty(), "{self:?}");
        self.err
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Cairn {
    pub(crate) fn new() -> Self {
        Self { store: tempfile::tempdir().unwrap(), host: tempfile::tempdir().unwrap() }
    }

    /// With a volume `data` of 64 MiB.
    pub(crate) fn with_volume() -> Self {
        let cairn = Self::new();
        cairn.run(["volume", "create", "data", "--quota", "64M"]).ok();
        cairn
    }

    /// The command, to be run in the host's folder.
    pub(crate) fn command<I: IntoIterator<Item: AsRef<OsStr>>>(&self, args: I) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
        command.args(args).current_dir(self.host.path()).env("CAIRN_STORE", self.store.path());
        if std::env::var_os("CAIRN_DEMO_VM").is_none() {
            command.env("CAIRN_DEMO_VM", concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/demo-vm"));
        }
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").stdin(Stdio::null());
        command
    }

    pub(crate) fn run<I: IntoIterator<Item: AsRef<OsStr>>>(&self, args: I) -> Ran {
        self.command(args).output().unwrap().into()
    }

    /// Runs it with standard input from `input`.
    pub(crate) fn run_with<I: IntoIterator<Item: AsRef<OsStr>>>(&self, args: I, input: &[u8]) -> Ran {
        let child = self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.unwrap();
        // A command that refuses its input closes it; its answer says why.
        let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input);
        child.wait_with_output().unwrap().into()
    }

    /// The paths that a volume holds, without what the filesystem itself puts there.
    pub(crate) fn paths(&self, volume: &str) -> Vec<String> {
        let files = self.run(["--json", "files", "ls", volume, "--recursive"]).json();
        let paths = files.as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().to_owned());
        paths.filter(|path| path != "lost+found").collect()
    }

    /// Writes a file of the host's, with the folders above it.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.host.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.host.path().join(path)).unwrap()
    }

    /// Starts the demo machine; it is switched off when the answer is dropped.
    pub(crate) fn machine(&self) -> Machine<'_> {
        let machine = Machine(self);
        self.run(["vm", "demo"]).ok();
        machine
    }

    /// `cairn serve` on a free port, once it says that it serves.
    pub(crate) fn serve(&self) -> Serving {
        self.serve_with(&[])
    }

    /// The same, with more said about how.
    pub(crate) fn serve_with(&self, more: &[&str]) -> Serving {
        self.serve_by(|serve| serve.args(more))
    }

    /// The same, as `change` has the command.
    pub(crate) fn serve_by(&self, change: impl FnOnce(&mut Command) -> &mut Command) -> Serving {
        let mut serve = self.command(["--json", "serve", "--listen", "127.0.0.1:0"]);
        let mut child = change(&mut serve).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut text = String::new();
        let said: Value = loop {
            text.push_str(&lines.next().expect("cairn serve ended").unwrap());
            if let Ok(said) = serde_json::from_str(&text) {
                break said;
            }
        };
        Serving { child, said }
    }
}

/// The demo machine, which would outlive the test.
pub(crate) struct Machine<'a>(&'a Cairn);

impl Drop for Machine<'_> {
    fn drop(&mut self) {
        self.0.run(["vm", "stop", "demo", "--force"]);
    }
}

/// A running `cairn serve`; ended when dropped.
pub(crate) struct Serving {
    child: Child,
    said: Value,
}

impl Serving {
    pub(crate) fn url(&self) -> &str {
        self.said["url"].as_str().unwrap()
    }

    pub(crate) fn key(&self) -> String {
        std::fs::read_to_string(Path::new(self.said["key_file"].as_str().unwrap())).unwrap()
    }

    pub(crate) fn fingerprint(&self) -> &str {
        self.said["tls_fingerprint"].as_str().unwrap()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a person or a service manager does; answers with its exit code.
    pub(crate) fn end(mut self, signal: Signal) -> Option<i32> {
        tell(&self.child, signal);
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a child of ours.
pub(crate) fn tell(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
}
