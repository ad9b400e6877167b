#!/usr/bin/python3
"""Measures the real window on the desktop that it is started on, and prints what came of it as JSON.

    measure.py CAIRN APP EMPTY DRIVER FOLDER

CAIRN, APP and EMPTY are the command, the desktop program and a Tauri window with an empty page, DRIVER is tauri-driver; FOLDER
is empty and takes the store. The page is driven through WebDriver; what it is asked for are the marks of the UI's own tests.
"""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

VOLUMES = 1000
ENTRIES = 100_000
STARTS = 5
PATIENCE_SECONDS = 120
# By when a window that has nothing left to do has given back what it needed for a moment.
REST_SECONDS = 5

# When a click came, and when the frame after it had been drawn.
LISTEN = """
window.__clicks = [];
addEventListener('click', (event) => {
  const begun = event.timeStamp;
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => window.__clicks.push(performance.now() - begun);
    port2.postMessage(0);
  });
}, true);
"""
OPEN = """
const row = document.querySelector('[data-testid=file-row][data-path="large"]');
row.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
"""
USABLE = """
const [mark] = performance.getEntriesByName('usable');
return mark === undefined ? null : performance.timeOrigin + mark.startTime;
"""


def ask(method: str, url: str, body=None, headers=None):
    """One request with JSON both ways."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)


def until(what: str, look):
    """What `look` finds, once it finds something."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            sys.exit(f"measure: waited in vain for {what}")
        time.sleep(0.02)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Window:
    """A program with a window, from its start to its end."""

    def __init__(self, driver: str, program: str, arguments: list[str], folder: Path) -> None:
        self.noted = folder / "started"
        self.noted.unlink(missing_ok=True)
        # It notes when it begins to be that program, and as which process.
        wrapper = folder / "start"
        wrapper.write_text(f'#!/bin/sh\necho $$ $(date +%s%N) > "{self.noted}"\nexec "{program}" "$@"\n')
        wrapper.chmod(0o755)
        port, native = free_port(), free_port()
        argv = [driver, "--port", str(port), "--native-port", str(native)]
        self.driver = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wanted = {"browserName": "wry", "tauri:options": {"application": str(wrapper), "args": arguments}}
        self.url = f"http://127.0.0.1:{port}/session"

        def begun():
            try:
                return ask("POST", self.url, {"capabilities": {"alwaysMatch": wanted}})
            # It may not listen yet, or the driver behind it.
            except OSError:
                return None

        self.url += "/" + until("tauri-driver", begun)["value"]["sessionId"]
        process, nanoseconds = self.noted.read_text().split()
        self.process, self.started_ms = int(process), int(nanoseconds) / 1e6

    def run(self, script: str, *arguments):
        """What a script in the page answers."""
        return ask("POST", f"{self.url}/execute/sync", {"script": script, "args": list(arguments)})["value"]

    def find(self, marks: str):
        """A thing, once it is there."""

        def look():
            try:
                return ask("POST", f"{self.url}/element", {"using": "css selector", "value": marks})["value"]
            except urllib.error.HTTPError:
                return None

        return next(iter(until(marks, look).values()))

    def click(self, marks: str) -> None:
        """Clicks on a thing, once that is possible."""
        element = self.find(marks)

        def click():
            try:
                ask("POST", f"{self.url}/element/{element}/click", {})
                return True
            except urllib.error.HTTPError:
                return False

        until(f"a click on {marks}", click)

    def pss_mib(self) -> float:
        """What the program and all that it has started have in memory, shared pages divided."""
        children: dict[int, list[int]] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(stat.parent.name))
        left, kib = [self.process], 0
        while left:
            process = left.pop()
            left.extend(children.get(process, []))
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            kib += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        return kib / 1024

    def close(self) -> None:
        """Ends it, and waits for that."""
        os.kill(self.process, signal.SIGTERM)
        self.driver.terminate()
        self.driver.wait()
        until("the program's end", lambda: not Path(f"/proc/{self.process}").exists())


def prepare(cairn: str, store: Path, folder: Path) -> None:
    """A store with volumes, one of which has a large folder."""
    files = folder / "files" / "large"
    files.mkdir(parents=True)
    for number in range(ENTRIES):
        (files / f"file {number:06}.txt").touch()
    serve = [cairn, "--store", str(store), "serve", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            fill(cairn, store, files)
        finally:
            server.terminate()


def fill(cairn: str, store: Path, files: Path) -> None:
    """Makes the volumes, through the server that runs."""
    told = until("the server", lambda: (store / "run/api.json").exists() and (store / "run/api.json").read_text())
    url, key = json.loads(told)["url"], (store / "run/api-key").read_text().strip()
    for number in range(VOLUMES):
        # A file takes an inode, of which there is one for each 16 KiB.
        new = {"name": f"volume {number:04}", "quota_bytes": 4 << 30}
        ask("POST", f"{url}/v1/volumes", new, {"X-API-Key": key})
    put = [cairn, "--store", str(store), "--quiet", "files", "put", "volume 0000", str(files), "/"]
    subprocess.run(put, check=True)


def row(number: int) -> str:
    return f'[data-testid=volume-row][data-name="volume {number:04}"]'


def main() -> None:
    cairn, app, empty, driver, folder = sys.argv[1:]
    folder = Path(folder)
    store = folder / "store"
    prepare(cairn, store, folder)
    starts = []
    for _ in range(STARTS + 1):
        window = Window(driver, app, ["--store", str(store)], folder)
        usable = until("the list", lambda: window.run(USABLE))
        starts.append(usable - window.started_ms)
        window.close()

    window = Window(driver, app, ["--store", str(store)], folder)
    window.find(row(0))
    window.run(LISTEN)
    for number in range(8):
        window.click(row(number))
        for pane in ("timeline", "space", "files"):
            window.click(f"[data-testid=pane-{pane}]")
    clicks = window.run("return window.__clicks")
    window.click(row(0))
    window.find('[data-testid=file-row][data-path="large"]')
    window.run(OPEN)
    window.find(f'[data-testid=file-grid][data-count="{ENTRIES}"]')
    window.run("document.querySelector('[data-testid=file-grid] .scroller').scrollTop = 1e6")
    time.sleep(REST_SECONDS)
    large = window.pss_mib()
    window.close()

    window = Window(driver, empty, [], folder)
    window.find("body")
    time.sleep(REST_SECONDS)
    nothing = window.pss_mib()
    window.close()
    print(json.dumps({
        # The first one finds nothing in the page cache.
        "first_start_ms": starts[0],
        "start_ms": statistics.median(starts[1:]),
        "starts_ms": starts[1:],
        "click_ms": statistics.median(clicks),
        "slowest_click_ms": max(clicks),
        "clicks": len(clicks),
        "pss_mib": large,
        "empty_pss_mib": nothing,
        "load": os.getloadavg()[1],
    }))


if __name__ == "__main__":
    main()
