"""The objects that cross the wire, as the REST interface has them. Sizes are bytes, times RFC 3339 in UTC."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

MountMode = Literal["rw", "ro"]
Conflicts = Literal["replace", "skip", "fail"]


class Mount(TypedDict):
    """A volume at a path in a machine."""

    volume_id: str
    volume_name: str
    vm_id: str
    vm_name: str
    mount_path: str
    mode: MountMode
    checkpoint_id: str | None
    status: Literal["attaching", "attached", "detaching", "error"]
    error: str | None
    created_at: str


class Volume(TypedDict):
    """A volume."""

    id: str
    name: str
    quota_bytes: int
    used_bytes: int
    disk_bytes: int
    status: Literal["available", "in_use", "error"]
    created_at: str
    checkpoint_count: int
    mounts: list[Mount]
    error: str | None


class FileEntry(TypedDict):
    """A file, folder or link in a volume; `path` has no slash in front."""

    path: str
    name: str
    kind: Literal["file", "directory", "symlink", "other"]
    size: int
    mode: int
    uid: int
    gid: int
    modified_at: str
    target: str | None


class Checkpoint(TypedDict):
    """A state of a volume that is kept."""

    id: str
    volume_id: str
    name: str
    status: Literal["ready"]
    parent_id: str | None
    created_at: str
    automatic: bool
    crash_consistent: bool
    current: bool
    disk_bytes: int


class DiffEntry(TypedDict):
    """What differs between two states."""

    kind: Literal["added", "removed", "changed", "renamed"]
    file_kind: str
    path: str
    size_before: int | None
    size_after: int | None
    content: bool
    metadata: bool


class Diff(TypedDict):
    """What differs between two states, and whether that is all."""

    entries: list[DiffEntry]


Usage = dict[str, Any]
Vm = dict[str, Any]
Event = dict[str, Any]


class ExecOutput(TypedDict):
    """What a command in a machine printed and ended with."""

    exit_code: int
    stdout: str
    stderr: str
