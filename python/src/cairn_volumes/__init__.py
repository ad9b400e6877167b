"""Volumes of local virtual machines: a typed client of a running Cairn.

`Cairn` waits for every answer, `AsyncCairn` is awaited; they have the same methods.
"""

from ._async import AsyncCairn
from ._errors import (
    AlreadyExists,
    CairnError,
    Conflict,
    Guest,
    InUse,
    InvalidInput,
    NoSpace,
    NotFound,
    NotRunning,
    Unauthorized,
)
from ._shapes import (
    Checkpoint,
    Diff,
    DiffEntry,
    Event,
    ExecOutput,
    FileEntry,
    FileVersion,
    Mount,
    Transfer,
    Vm,
    Volume,
    VolumeUsage,
)
from ._sync import Cairn

__all__ = [
    "AlreadyExists",
    "AsyncCairn",
    "Cairn",
    "CairnError",
    "Checkpoint",
    "Conflict",
    "Diff",
    "DiffEntry",
    "Event",
    "ExecOutput",
    "FileEntry",
    "FileVersion",
    "Guest",
    "InUse",
    "InvalidInput",
    "Mount",
    "NoSpace",
    "NotFound",
    "NotRunning",
    "Transfer",
    "Unauthorized",
    "Vm",
    "Volume",
    "VolumeUsage",
]
