//! A private desktop: an X display with a window manager, a session bus, a tray. Gone with the story that made it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::sleep;

use super::wait_for;

/// Debian's own interpreter: the tools need its `gi` and `dbus`, which another python3 on the PATH may lack.
const PYTHON: &str = "/usr/bin/python3";

/// The name of the window that zenity opens; there is no portal on this desktop.
const FILE_DIALOG: &str = "zenity";

/// One of the tools in `tests/desktop`.
fn tool(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("desktop").join(name)
}

/// The desktop. Programs that it runs see its display and its bus, and no settings of the person who runs the tests.
pub(crate) struct Desktop {
    session: Child,
    /// The session ends when its input is closed, however this process ends.
    input: Option<ChildStdin>,
    environment: BTreeMap<String, String>,
    home: tempfile::TempDir,
}

impl Desktop {
    /// A new desktop with nothing on it.
    pub(crate) fn new() -> Self {
        Self::start(&[])
    }

    /// A desktop that shows no tray icons.
    pub(crate) fn without_tray() -> Self {
        Self::start(&["--no-tray"])
    }

    fn start(arguments: &[&str]) -> Self {
        let mut session = Command::new(PYTHON)
            .arg(tool("xsession.py"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        let input = session.stdin.take();
        let lines = BufReader::new(session.stdout.take().expect("its output is piped")).lines();
        let mut environment = BTreeMap::new();
        let mut ready = false;
        for line in lines.map(|line| line.expect("lines of text")) {
            match line.split_once('=') {
                Some((name, value)) => environment.insert(name.to_owned(), value.to_owned()),
                None => {
                    ready = line == "ready";
                    break;
                }
            };
        }
        assert!(ready, "the test desktop did not come up");
        Self { session, input, environment, home: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A command that runs on this desktop.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.envs(&self.environment).env("HOME", self.home.path()).stdin(Stdio::null());
        // The window and the shell speak the system's language; the stories are told in English.
        command.env("LC_ALL", "C.UTF-8");
        for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "WAYLAND_DISPLAY", "GTK_THEME"] {
            command.env_remove(variable);
        }
        command
    }

    /// A command that runs one of the tools.
    pub(crate) fn tool(&self, name: &str) -> Command {
        let mut command = self.command(PYTHON);
        command.arg(tool(name));
        command
    }

    /// Runs xdotool, which must succeed, and gives what it printed.
    pub(crate) fn xdotool(&self, arguments: &[&str]) -> String {
        printed(self.command("xdotool").args(arguments))
    }

    /// Answers the file dialog that is about to open with a path, typed into it.
    pub(crate) fn answer_file_dialog(&self, path: &str) {
        self.wait_for_keyboard(FILE_DIALOG);
        wait_for("the file dialog to take the path", || {
            if !self.is_open(FILE_DIALOG) {
                return Some(());
            }
            // Nothing is typed into another window.
            if !self.has_keyboard(FILE_DIALOG) {
                return None;
            }
            // The dialog makes its text field at Ctrl+L and loses what is typed meanwhile; then it complains.
            self.xdotool(&["key", "ctrl+l"]);
            sleep(super::SETTLED);
            self.xdotool(&["key", "ctrl+a"]);
            self.xdotool(&["type", "--delay", "30", path]);
            // The first may be for the names that it offers to choose from. A busy computer takes a while to close it; a key
            // that is pressed before it has would be for the window behind it.
            for _ in 0..2 {
                self.xdotool(&["key", "Return"]);
                for _ in 0..8 {
                    sleep(super::SETTLED);
                    if !self.is_open(FILE_DIALOG) {
                        return Some(());
                    }
                }
            }
            None
        });
    }

    /// The home folder of whoever sits at it.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Whether a window of that name is to be seen.
    pub(crate) fn is_open(&self, window: &str) -> bool {
        let named = format!("^{window}$");
        let found = self.command("xdotool").args(["search", "--onlyvisible", "--name", &named]).output();
        found.expect("xdotool starts").status.success()
    }

    fn has_keyboard(&self, window: &str) -> bool {
        let focus = self.command("xdotool").args(["getwindowfocus", "getwindowname"]).output();
        String::from_utf8_lossy(&focus.expect("xdotool starts").stdout).trim() == window
    }

    /// Waits until the keyboard is a certain window's, by its name; new windows get it from the window manager.
    fn wait_for_keyboard(&self, window: &str) {
        wait_for("the keyboard", || self.has_keyboard(window).then_some(()));
    }

    /// What notifications have said so far, a line each.
    pub(crate) fn notified(&self) -> String {
        let folder = Path::new(&self.environment["XDG_RUNTIME_DIR"]);
        std::fs::read_to_string(folder.join("notified")).unwrap_or_default()
    }

    /// Every item of the tray's menu, as `work/Unmount from demo (/data)`; none while there is no icon.
    pub(crate) fn tray(&self) -> Vec<String> {
        let output = self.tool("tray.py").arg("list").output().expect("python3 starts");
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }

    /// Clicks an item of the tray's menu, once it is there.
    pub(crate) fn click_in_tray(&self, item: &str) {
        wait_for(&format!("'{item}' in the tray's menu"), || {
            self.tool("tray.py").args(["click", item]).output().expect("python3 starts").status.success().then_some(())
        });
    }
}

/// Something in the clipboard, until it is dropped.
pub(crate) struct Clipboard(Child);

impl Clipboard {
    /// Copies `files` or `text`, as its first word says.
    pub(crate) fn holds(desktop: &Desktop, words: &[&str]) -> Self {
        let mut owner =
            desktop.tool("clipboard.py").args(words).stdout(Stdio::piped()).spawn().expect("python3 starts");
        let mut said = BufReader::new(owner.stdout.take().expect("its output is piped")).lines();
        let clipboard = Self(owner);
        assert_eq!(said.next().and_then(Result::ok).as_deref(), Some("ready"), "the clipboard was not taken");
        clipboard
    }
}

impl Drop for Clipboard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.session.wait();
    }
}

/// What a command printed; it must succeed.
pub(crate) fn printed(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} could not be started: {error}"));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed ({}):\n{complaint}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}
