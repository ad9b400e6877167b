#!/usr/bin/python3
"""A private desktop for tests: an X display, a session bus, a window manager and a tray, gone when the tests are.

    xsession.py [--no-tray]               prints NAME=value lines and a last line `ready`, lives until its input is closed
    xsession.py [--no-tray] COMMAND ...   runs the command in such a desktop and answers its exit status

Needs Xvfb, dbus-daemon, openbox and xdotool. Runs with Debian's own python3, which has `gi` and `dbus`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCREEN = "1600x1000x24"
PATIENCE_SECONDS = 30


class Desktop:
    """The processes that make up the desktop, and the environment that leads to them."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen] = []
        # The folder for sockets has to be the user's own, and private.
        self.runtime = tempfile.mkdtemp(prefix="cairn-xsession-")
        self.variables = {
            "XDG_RUNTIME_DIR": self.runtime,
            "GDK_BACKEND": "x11",
            "GTK_A11Y": "none",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "NO_AT_BRIDGE": "1",
        }

    def start(self, with_tray: bool) -> None:
        """Starts everything, each part once the one before it answers."""
        # No key repeats (`-r`): on a busy machine the release of a key comes late, and nobody has held it down.
        xvfb = ["Xvfb", "-r", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset", "-displayfd"]
        self.variables["DISPLAY"] = ":" + self.spawn_and_read(xvfb)
        bus = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address"]
        self.variables["DBUS_SESSION_BUS_ADDRESS"] = self.spawn_and_read(bus, joined="=")
        self.spawn(["openbox", "--config-file", str(HERE / "openbox.xml")])
        self.wait_for_window_manager()
        if with_tray:
            self.start_tray()

    def start_tray(self) -> None:
        """Starts what shows tray icons."""
        tray = self.spawn([sys.executable, str(HERE / "sni_watcher.py")], stdout=subprocess.PIPE)
        if tray.stdout.readline().strip() != b"ready":
            sys.exit("xsession: the tray did not come up")

    def spawn(self, argv: list[str], **more) -> subprocess.Popen:
        """Starts one part of the desktop; nobody reads what it complains about."""
        environment = {**os.environ, **self.variables}
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(argv, env=environment, **{**quiet, **more})
        self.processes.append(process)
        return process

    def spawn_and_read(self, argv: list[str], joined: str = "") -> str:
        """Starts a part that writes one line to a descriptor once it answers, and gives that line."""
        read, write = os.pipe()
        argv = [*argv[:-1], f"{argv[-1]}{joined}{write}"] if joined else [*argv, str(write)]
        self.spawn(argv, pass_fds=[write])
        os.close(write)
        with os.fdopen(read) as lines:
            line = lines.readline().strip()
        return line or sys.exit(f"xsession: {argv[0]} did not come up")

    def wait_for_window_manager(self) -> None:
        """A window that is mapped before the manager is there would never be managed."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.spawn(["xdotool", "get_desktop"]).wait() != 0:
            if time.monotonic() > deadline:
                sys.exit("xsession: openbox did not come up")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends everything that was started here, last first."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            process.wait()
        shutil.rmtree(self.runtime, ignore_errors=True)


def main() -> int:
    """Runs a command, or waits for the end of the input."""
    desktop = Desktop()
    command = sys.argv[1:]
    with_tray = command[:1] != ["--no-tray"]
    if not with_tray:
        command = command[1:]
    try:
        desktop.start(with_tray)
        if command:
            return subprocess.call(command, env={**os.environ, **desktop.variables})
        for name, value in desktop.variables.items():
            print(f"{name}={value}")
        print("ready", flush=True)
        sys.stdin.read()
        return 0
    finally:
        desktop.stop()


if __name__ == "__main__":
    sys.exit(main())
