"""The objects that cross the wire. Made from docs/openapi.json by generate.py. Sizes are bytes, times RFC 3339 in UTC."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

CheckpointStatus = Literal["ready"]
Conflict = Literal["replace", "skip", "fail"]
DiffKind = Literal["added", "removed", "changed", "renamed"]
Direction = Literal["upload", "download"]
ErrorCode = Literal["invalid-input", "not-found", "already-exists", "in-use", "no-space", "conflict", "unsupported", "missing", "guest", "timeout", "cancelled", "corrupt", "io", "unauthorized", "internal"]
FileKind = Literal["file", "directory", "symlink", "other"]
FileVersionKind = Literal["created", "changed", "deleted", "recreated"]
Firmware = Literal["bios", "uefi"]
GuestPath = str
MergeTime = Literal["now", "later", "shared"]
MountMode = Literal["rw", "ro"]
MountOptions = str
MountState = Literal["attaching", "attached", "detaching", "error"]
Network = Literal["none", "user"]
NoticeLevel = Literal["info", "warning", "error"]
SessionDisk = Literal["discard", "keep"]
TransferState = Literal["queued", "running", "paused", "done", "failed", "cancelled", "interrupted"]
VmStatus = Literal["stopped", "creating", "active", "stopping", "error"]
VolumeStatus = Literal["available", "in-use", "error"]


class Checkpoint(TypedDict):
    """A named, frozen layer."""

    automatic: bool
    crash_consistent: bool
    created_at: str
    current: bool
    disk_bytes: int
    id: str
    name: str
    parent_id: NotRequired[str | None]
    status: CheckpointStatus
    volume_id: str


class CheckpointUsage(TypedDict):
    """What a checkpoint takes up."""

    created_at: str
    data_bytes: int
    disk_bytes: int
    freed_bytes: int
    id: str
    is_shared: bool
    name: str
    standing_on_it: int
    when: MergeTime


class Diff(TypedDict):
    """GET /v1/volumes/{id}/checkpoints/{checkpoint}/diff?to=&limit=: what differs between two states of a volume."""

    added: int
    changed: int
    entries: list[DiffEntry]
    removed: int
    renamed: int
    truncated: bool


# One file, folder or link that differs.
DiffEntry = TypedDict(
    "DiffEntry",
    {
        "content": "bool",
        "file_kind": "FileKind",
        "from": "NotRequired[str | None]",
        "kind": "DiffKind",
        "metadata": "bool",
        "path": "str",
        "size_after": "NotRequired[int | None]",
        "size_before": "NotRequired[int | None]",
    },
)


class Event(TypedDict):
    """An event with its place in the stream."""

    type: Literal["volume-changed", "volume-deleted", "trash-changed", "files-changed", "watches-changed", "checkpoints-changed", "vm-changed", "vm-deleted", "snapshots-changed", "mount-changed", "transfer-changed", "notice"]
    volume_id: NotRequired[str]
    path: NotRequired[str]
    vm_id: NotRequired[str]
    transfer: NotRequired[Transfer]
    level: NotRequired[NoticeLevel]
    message: NotRequired[str]
    at: str
    seq: int


class ExecOutput(TypedDict):
    """What a command in a guest printed. Bytes that are not UTF-8 are shown as U+FFFD."""

    exit_code: int
    stderr: str
    stdout: str


class FileEntry(TypedDict):
    """One file, folder or link in a volume."""

    gid: int
    kind: FileKind
    mode: int
    modified_at: str
    name: str
    path: str
    size: int
    target: NotRequired[str | None]
    uid: int


class FileVersion(TypedDict):
    """One version of a file, of GET /v1/volumes/{id}/files/history?path=, oldest first."""

    checkpoint_id: NotRequired[str | None]
    checkpoint_name: NotRequired[str | None]
    created_at: NotRequired[str | None]
    elsewhere: bool
    file: NotRequired[FileEntry | None]
    kind: FileVersionKind


class Forward(TypedDict):
    """A TCP port of this computer's loopback address behind which a port of the guest is."""

    guest_port: int
    host_port: int


class Mount(TypedDict):
    """A volume at a path in a machine."""

    bytes_per_second: NotRequired[int | None]
    checkpoint_id: NotRequired[str | None]
    created_at: str
    error: NotRequired[str | None]
    io: NotRequired[MountIo | None]
    iops: NotRequired[int | None]
    mode: MountMode
    mount_path: str
    options: NotRequired[str]
    status: MountState
    vm_id: str
    vm_name: str
    volume_id: str
    volume_name: str


class MountIo(TypedDict):
    """How much has gone through a mount since its disk was plugged in."""

    flush_micros: int
    flushes: int
    read_bytes: int
    read_micros: int
    read_operations: int
    written_bytes: int
    written_micros: int
    written_operations: int


class MountRequest(TypedDict):
    """POST /v1/vms/{vm}/volumes."""

    bytes_per_second: NotRequired[int | None]
    checkpoint_id: NotRequired[str | None]
    iops: NotRequired[int | None]
    mode: NotRequired[MountMode]
    mount_path: GuestPath
    options: NotRequired[MountOptions | None]
    volume_id: str


class Transfer(TypedDict):
    """A copy under way, or one that has ended."""

    bytes_done: int
    bytes_total: int
    can_pause: NotRequired[bool]
    can_retry: NotRequired[bool]
    current: NotRequired[str | None]
    direction: Direction
    ended_at: NotRequired[str | None]
    error: NotRequired[str | None]
    error_code: NotRequired[ErrorCode | None]
    files_done: int
    files_total: int
    id: str
    started_at: str
    state: TransferState
    title: str
    volume_id: str


class Vm(TypedDict):
    """A machine."""

    accelerator: NotRequired[str | None]
    attached: NotRequired[VmReach | None]
    created_at: str
    error: NotRequired[str | None]
    id: str
    memory_mb: int
    mounts: list[Mount]
    name: str
    pid: NotRequired[int | None]
    session_id: str
    setup: NotRequired[VmSetup | None]
    snapshot_id: NotRequired[str | None]
    ssh_host: NotRequired[str | None]
    status: VmStatus
    vcpu_count: int
    vm_id: str


class VmDomain(TypedDict):
    """A domain of libvirt's."""

    domain: str
    uri: NotRequired[str | None]


class VmReach(TypedDict):
    """How a machine is reached that somebody else starts: by a socket, or through libvirt."""

    agent: NotRequired[str | None]
    libvirt: NotRequired[VmDomain | None]
    qmp: NotRequired[str | None]


class VmSetup(TypedDict):
    """What a managed machine is made of."""

    agent: bool
    append: NotRequired[str | None]
    firmware: Firmware
    forwards: list[Forward]
    image: NotRequired[str | None]
    initrd: NotRequired[str | None]
    kernel: NotRequired[str | None]
    network: Network
    session_bytes: NotRequired[int | None]
    session_disk: NotRequired[SessionDisk | None]
    snapshot_id: NotRequired[str | None]
    snapshot_name: NotRequired[str | None]
    snapshot_on_terminate: bool
    volumes: list[MountRequest]


class Volume(TypedDict):
    """A volume."""

    checkpoint_count: int
    created_at: str
    disk_bytes: int
    error: NotRequired[str | None]
    id: str
    mounts: list[Mount]
    name: str
    quota_bytes: int
    status: VolumeStatus
    used_bytes: int


class VolumeUsage(TypedDict):
    """What a volume takes up, and for what."""

    base_bytes: int
    checkpoints: list[CheckpointUsage]
    disk_bytes: int
    nameless_bytes: int
    present_bytes: int
    quota_bytes: int
    shared_bytes: int
    used_bytes: int
    volume_id: str
