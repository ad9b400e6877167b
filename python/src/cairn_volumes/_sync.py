"""Made from _async.py by generate.py: change that."""

from __future__ import annotations

import time
import json
import os
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, List  # a method is called list

import httpx

from ._common import PIECE, Progress, address, digest_of, part_fields, partial_path, pieces_of, place, running
from ._errors import CairnError, NotFound, NotRunning, failed, refusal
from ._shapes import (
    Checkpoint,
    Conflict,
    Diff,
    Event,
    ExecOutput,
    FileEntry,
    FileVersion,
    Mount,
    MountMode,
    Transfer,
    Vm,
    Volume,
    VolumeUsage,
)

# Seconds between two looks at a copy.
LOOK = 0.1


class Cairn:
    """A connection to a running Cairn.

    Without a `url`, the Cairn that serves the store `store` (or $CAIRN_STORE, or the usual one) is looked for.
    `timeout` is how many seconds a silent server is waited for; None is for ever. `ca` is a file with the certificates that
    vouch for a server on another computer; without it those of this computer do.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        store: str | os.PathLike[str] | None = None,
        timeout: float | None = 600.0,
        ca: str | os.PathLike[str] | None = None,
    ) -> None:
        if url is None or key is None:
            found_url, found_key = running(store)
            url, key = url or found_url, key or found_key
        # A proxy has no business between two programs on one computer.
        self._http = httpx.Client(
            base_url=url,
            headers={"X-API-Key": key},
            timeout=httpx.Timeout(timeout, connect=10.0),
            trust_env=False,
            verify=ssl.create_default_context(cafile=os.fspath(ca)) if ca else True,
        )
        self.volumes = Volumes(self)
        self.files = Files(self)
        self.checkpoints = Checkpoints(self)
        self.machines = Machines(self)
        self.transfers = Transfers(self)

    def __enter__(self) -> Cairn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection."""
        self._http.close()

    def about(self) -> dict[str, Any]:
        """What runs there, and which store it has."""
        answer: dict[str, Any] = self._ask("GET", ["about"])
        return answer

    def events(self, after: int | None = None) -> Iterator[Event | None]:
        """What happens, as it happens; with the number (`seq`) of an event, from behind that on.

        None stands for events that are not known any more: look at everything again.
        """
        with self._stream("GET", ["events"], {"after": after}) as response:
            for line in response.iter_lines():
                if line.startswith("data:"):
                    event = json.loads(line[5:])
                    yield None if event["type"] == "missed" else event

    def _ask(
        self,
        method: str,
        path: List[str],
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
        content: Iterable[bytes] | bytes | None = None,
        length: int | None = None,
        fields: dict[str, str] | None = None,
    ) -> Any:
        params = {name: place(value) for name, value in (query or {}).items() if value is not None}
        headers = dict(fields or {})
        if length is not None:
            headers["Content-Length"] = str(length)
        try:
            response = self._http.request(
                method, address(path), params=params, json=body, content=content, headers=headers
            )
        except httpx.HTTPError as error:
            raise NotRunning(f"The connection to Cairn broke: {error}.", "Is it still running?") from error
        if response.is_error:
            raise refusal(response.status_code, _body(response))
        return response.json()

    @contextmanager
    def _stream(
        self,
        method: str,
        path: List[str],
        query: dict[str, Any] | None = None,
        fields: dict[str, str] | None = None,
    ) -> Iterator[httpx.Response]:
        params = {name: place(value) for name, value in (query or {}).items() if value is not None}
        try:
            with self._http.stream(method, address(path), params=params, headers=fields) as response:
                if response.is_error:
                    response.read()
                    raise refusal(response.status_code, _body(response))
                yield response
        except httpx.HTTPError as error:
            raise NotRunning(f"The connection to Cairn broke: {error}.", "Is it still running?") from error


def _body(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


class Volumes:
    """Volumes: persistent storage for machines."""

    def __init__(self, cairn: Cairn) -> None:
        self._cairn = cairn

    def list(self) -> List[Volume]:
        """All volumes."""
        answer: List[Volume] = self._cairn._ask("GET", ["volumes"])
        return answer

    def get(self, volume: str) -> Volume:
        """One volume, by name or id."""
        answer: Volume = self._cairn._ask("GET", ["volumes", volume])
        return answer

    def create(self, name: str, quota_bytes: int) -> Volume:
        """Makes an empty volume."""
        body = {"name": name, "quota_bytes": quota_bytes}
        answer: Volume = self._cairn._ask("POST", ["volumes"], body=body)
        return answer

    def update(self, volume: str, *, name: str | None = None, quota_bytes: int | None = None) -> Volume:
        """Renames a volume, or lets it grow."""
        body = {key: value for key, value in (("name", name), ("quota_bytes", quota_bytes)) if value is not None}
        answer: Volume = self._cairn._ask("PATCH", ["volumes", volume], body=body)
        return answer

    def clone(self, volume: str, name: str) -> Volume:
        """A new volume of what this one holds now; no content is copied."""
        answer: Volume = self._cairn._ask("POST", ["volumes", volume, "clone"], body={"name": name})
        return answer

    def usage(self, volume: str) -> VolumeUsage:
        """What it takes up on the host, and what each checkpoint would give back."""
        answer: VolumeUsage = self._cairn._ask("GET", ["volumes", volume, "usage"])
        return answer

    def delete(self, volume: str) -> None:
        """Deletes a volume with its checkpoints."""
        self._cairn._ask("DELETE", ["volumes", volume])


class Files:
    """Files of a volume, with or without a machine that has it. `at` is a checkpoint, by name, id, or `latest`."""

    def __init__(self, cairn: Cairn) -> None:
        self._cairn = cairn

    def list(
        self, volume: str, prefix: str = "", *, recursive: bool = False, at: str | None = None
    ) -> List[FileEntry]:
        """What is in a folder, or what begins with `prefix`."""
        query = {"prefix": prefix, "recursive": recursive, "at": at, "limit": 1 << 40}
        answer: List[FileEntry] = self._cairn._ask("GET", ["volumes", volume, "files"], query=query)
        return answer

    def each(
        self, volume: str, prefix: str = "", *, recursive: bool = True, at: str | None = None, page: int = 1000
    ) -> Iterator[FileEntry]:
        """The same one by one, however many there are: asked for page by page."""
        query: dict[str, Any] = {"prefix": prefix, "recursive": recursive, "at": at, "limit": page, "cursor": ""}
        while query["cursor"] is not None:
            answer = self._cairn._ask("GET", ["volumes", volume, "files"], query=query)
            for entry in answer["items"]:
                yield entry
            query["cursor"] = answer["next_cursor"]

    def stat(self, volume: str, path: str, *, at: str | None = None) -> FileEntry:
        """One file or folder."""
        query = {"path": path, "at": at}
        answer: FileEntry = self._cairn._ask("GET", ["volumes", volume, "files", "stat"], query=query)
        return answer

    def read(self, volume: str, path: str, *, at: str | None = None) -> bytes:
        """All of a file's content."""
        return b"".join([piece for piece in self.stream(volume, path, at=at)])

    def stream(
        self, volume: str, path: str, *, at: str | None = None, start: int = 0
    ) -> Iterator[bytes]:
        """A file's content from byte `start` on, piece by piece."""
        query = {"path": path, "at": at}
        fields = {"Range": f"bytes={start}-"} if start else None
        with self._cairn._stream("GET", ["volumes", volume, "files", "content"], query, fields) as response:
            for piece in response.iter_bytes(PIECE):
                yield piece

    def archive(self, volume: str, *paths: str, at: str | None = None) -> Iterator[bytes]:
        """Files and folders as a tar stream; "/" is all of the volume."""
        query = {"path": list(paths) or ["/"], "at": at}
        with self._cairn._stream("GET", ["volumes", volume, "files", "archive"], query) as response:
            for piece in response.iter_bytes(PIECE):
                yield piece

    def write(
        self,
        volume: str,
        path: str,
        content: bytes | Iterable[bytes],
        *,
        overwrite: bool = True,
        length: int | None = None,
    ) -> FileEntry:
        """Makes or replaces a file; it is there whole or not at all. `length` is that of what comes piece by piece."""
        query = {"path": path, "overwrite": overwrite}
        where = ["volumes", volume, "files", "content"]
        answer: FileEntry = self._cairn._ask("PUT", where, query=query, content=content, length=length)
        return answer

    def put(
        self,
        volume: str,
        source: str | os.PathLike[str],
        path: str,
        *,
        overwrite: bool = True,
        progress: Progress | None = None,
        resume: bool = False,
    ) -> FileEntry:
        """Copies a file of this computer into the volume; into a folder when `path` ends with `/`.

        With `resume` the file's checksum is verified, and when the connection breaks, what has come stays for a day: the
        same call goes on there.
        """
        source = Path(source)
        if path.endswith("/"):
            path += source.name
        length, done = source.stat().st_size, 0
        fields: dict[str, str] = {}
        if resume and length > 0:
            sum256 = digest_of(source)
            done = self._received(volume, path, length, sum256)
            fields = part_fields(done, length, sum256)

        def content() -> Iterator[bytes]:
            for piece in pieces_of(source, progress, done):
                yield piece

        where = ["volumes", volume, "files", "content"]
        query = {"path": path, "overwrite": overwrite}
        answer: FileEntry = self._cairn._ask(
            "PUT", where, query=query, content=content(), length=length - done, fields=fields
        )
        return answer

    def _received(self, volume: str, path: str, length: int, sum256: bytes) -> int:
        """How much of this very file has come."""
        try:
            staged = self._cairn._ask("GET", ["volumes", volume, "files", "upload"], query={"path": path})
        except NotFound:
            return 0
        return int(staged["received_bytes"]) if (staged["size"], staged["sha256"]) == (length, sum256.hex()) else 0

    def get(
        self,
        volume: str,
        path: str,
        target: str | os.PathLike[str],
        *,
        at: str | None = None,
        progress: Progress | None = None,
    ) -> Path:
        """Copies a file of the volume to this computer; it is there whole or not at all. Answers where it is."""
        entry = self.stat(volume, path, at=at)
        target = Path(target)
        if target.is_dir():
            target /= entry["name"]
        partial, done = partial_path(target), 0
        try:
            with partial.open("xb") as file:
                for piece in self.stream(volume, path, at=at):
                    file.write(piece)
                    done += len(piece)
                    if progress is not None:
                        progress(done, entry["size"])
                if done != entry["size"] and at is not None:
                    raise CairnError(f"Only {done} of {entry['size']} bytes of '{path}' came.", "Try again.")
            os.replace(partial, target)
        finally:
            partial.unlink(missing_ok=True)
        return target

    def mkdir(self, volume: str, path: str) -> FileEntry:
        """Makes a folder, and those above it."""
        where = ["volumes", volume, "files", "mkdir"]
        answer: FileEntry = self._cairn._ask("POST", where, body={"path": path})
        return answer

    def rename(self, volume: str, path: str, to: str) -> FileEntry:
        """Renames or moves a file or folder."""
        where = ["volumes", volume, "files", "rename"]
        answer: FileEntry = self._cairn._ask("POST", where, body={"from": path, "to": to})
        return answer

    def copy(self, volume: str, *paths: str, to: str, conflict: Conflict = "replace") -> Transfer:
        """Begins to copy files and folders within the volume, as `cp -a` does; `transfers.wait` waits for the end."""
        body = {"paths": list(paths), "destination": to, "conflict": conflict}
        answer: Transfer = self._cairn._ask("POST", ["volumes", volume, "files", "copy"], body=body)
        return answer

    def history(self, volume: str, path: str) -> List[FileVersion]:
        """The versions of a file through the checkpoints, the oldest first."""
        where = ["volumes", volume, "files", "history"]
        answer: List[FileVersion] = self._cairn._ask("GET", where, query={"path": path})
        return answer

    def delete(self, volume: str, *paths: str, recursive: bool = False) -> None:
        """Deletes all that are named, or none of them."""
        body = {"paths": list(paths), "recursive": recursive}
        self._cairn._ask("POST", ["volumes", volume, "files", "delete"], body=body)


class Checkpoints:
    """Checkpoints: states of a volume that are kept."""

    def __init__(self, cairn: Cairn) -> None:
        self._cairn = cairn

    def list(self, volume: str) -> List[Checkpoint]:
        """The volume's checkpoints, the oldest first."""
        answer: List[Checkpoint] = self._cairn._ask("GET", ["volumes", volume, "checkpoints"])
        return answer

    def create(self, volume: str, *, name: str | None = None) -> Checkpoint:
        """Keeps what the volume holds now, also while a machine writes it."""
        answer: Checkpoint = self._cairn._ask("POST", ["volumes", volume, "checkpoints"], body={"name": name})
        return answer

    def restore(self, volume: str, checkpoint: str) -> Volume:
        """Goes back; the present is kept as a checkpoint first."""
        where = ["volumes", volume, "checkpoints", checkpoint, "restore"]
        answer: Volume = self._cairn._ask("POST", where)
        return answer

    def restore_files(self, volume: str, checkpoint: str, *paths: str, to: str | None = None) -> Transfer:
        """Begins to copy files and folders of a checkpoint into the present, to where they were or to `to`."""
        where = ["volumes", volume, "checkpoints", checkpoint, "restore-files"]
        answer: Transfer = self._cairn._ask("POST", where, body={"paths": list(paths), "destination": to})
        return answer

    def branch(self, volume: str, checkpoint: str, name: str) -> Volume:
        """A new volume of what a checkpoint holds; no content is copied."""
        where = ["volumes", volume, "checkpoints", checkpoint, "branch"]
        answer: Volume = self._cairn._ask("POST", where, body={"name": name})
        return answer

    def diff(self, volume: str, checkpoint: str, to: str | None = None) -> Diff:
        """What differs from a checkpoint to another, or to the present."""
        where = ["volumes", volume, "checkpoints", checkpoint, "diff"]
        answer: Diff = self._cairn._ask("GET", where, query={"to": to})
        return answer

    def delete(self, volume: str, checkpoint: str) -> None:
        """Deletes a checkpoint; all others stay as they are."""
        self._cairn._ask("DELETE", ["volumes", volume, "checkpoints", checkpoint])


class Machines:
    """Machines, and what is mounted in them."""

    def __init__(self, cairn: Cairn) -> None:
        self._cairn = cairn

    def list(self) -> List[Vm]:
        """All machines, also those that are stopped."""
        answer: List[Vm] = self._cairn._ask("GET", ["vms", ""])
        return answer

    def get(self, machine: str) -> Vm:
        """One machine, by name or id."""
        answer: Vm = self._cairn._ask("GET", ["vms", machine])
        return answer

    def create(self, name: str | None = None, *, start: bool = True, **described: Any) -> Vm:
        """Makes a machine, and starts it; `described` are the fields of POST /v1/vms. By itself it is a demo machine."""
        body = {**described, "name": name, "start": start}
        answer: Vm = self._cairn._ask("POST", ["vms"], body=body)
        return answer

    def start(self, machine: str) -> Vm:
        """Starts a machine and waits until its guest answers."""
        answer: Vm = self._cairn._ask("POST", ["vms", machine, "start"])
        return answer

    def stop(self, machine: str) -> Vm:
        """Unmounts a machine's volumes and stops it."""
        answer: Vm = self._cairn._ask("POST", ["vms", machine, "stop"])
        return answer

    def delete(self, machine: str) -> None:
        """Ends a machine for good; its volumes stay."""
        self._cairn._ask("DELETE", ["vms", machine])

    def exec(self, machine: str, *argv: str, stdin: str | None = None) -> ExecOutput:
        """Runs a command in a machine."""
        body = {"argv": list(argv), "stdin": stdin}
        answer: ExecOutput = self._cairn._ask("POST", ["vms", machine, "exec"], body=body)
        return answer

    def mount(
        self, machine: str, volume: str, mount_path: str, *, mode: MountMode = "rw", checkpoint: str | None = None
    ) -> Mount:
        """Plugs a volume into a running machine, and mounts it at a path."""
        body = {"volume_id": volume, "mount_path": mount_path, "mode": mode, "checkpoint_id": checkpoint}
        answer: Mount = self._cairn._ask("POST", ["vms", machine, "volumes"], body=body)
        return answer

    def unmount(self, machine: str, volume: str, mount_path: str, *, force: bool = False) -> None:
        """Unmounts a volume and unplugs it. By force it is taken from whoever uses it in the machine."""
        query = {"mount_path": mount_path, "force": force}
        self._cairn._ask("DELETE", ["vms", machine, "volumes", volume], query=query)


class Transfers:
    """Copies that Cairn makes by itself, and how far they are."""

    def __init__(self, cairn: Cairn) -> None:
        self._cairn = cairn

    def list(self) -> List[Transfer]:
        """Those under way, and those that have ended."""
        answer: List[Transfer] = self._cairn._ask("GET", ["transfers"])
        return answer

    def get(self, transfer: str) -> Transfer:
        """One of them."""
        answer: Transfer = self._cairn._ask("GET", ["transfers", transfer])
        return answer

    def cancel(self, transfer: str) -> Transfer:
        """Cancels it; nothing half-written is left."""
        answer: Transfer = self._cairn._ask("DELETE", ["transfers", transfer])
        return answer

    def wait(self, transfer: str, *, progress: Progress | None = None) -> Transfer:
        """Waits until it is done. One that ends otherwise is raised."""
        while True:
            now = self.get(transfer)
            if progress is not None:
                progress(now["bytes_done"], now["bytes_total"])
            if now["state"] == "done":
                return now
            if now["state"] not in ("queued", "running", "paused"):
                raise failed(now)
            time.sleep(LOOK)
