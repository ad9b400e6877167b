"""What both clients need, and what waits for nobody."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ._errors import InvalidInput, NotRunning

# Bytes that are passed on at once.
PIECE = 1 << 18

# Called with the bytes that are done, and those that there are.
Progress = Callable[[int, int], None]


def running(store: str | os.PathLike[str] | None) -> tuple[str, str]:
    """Where the Cairn that serves a store answers, and the key to it."""
    folder = Path(store or os.environ.get("CAIRN_STORE") or _usual_store())
    try:
        url = json.loads((folder / "run" / "api.json").read_text())["url"]
        key = (folder / "run" / "api-key").read_text().strip()
    except (OSError, ValueError, KeyError) as error:
        hint = "Start it with 'cairn serve', or open the window."
        raise NotRunning(f"No Cairn serves the store '{folder}'.", hint) from error
    return str(url), key


def _usual_store() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "cairn"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "cairn"


def address(path: list[str]) -> str:
    """The address of what is named, however it is written."""
    # A name that is all dots would make another address of it; an empty one may only end a list.
    if any(part in (".", "..") for part in path) or "" in path[:-1]:
        raise InvalidInput("A volume, machine or checkpoint is named by its name or id.", code="invalid-input")
    return "/v1/" + "/".join(quote(part, safe="") for part in path)


def place(value: Any) -> Any:
    """A value as a query has it."""
    return str(value).lower() if isinstance(value, bool) else value


def digest_of(source: Path) -> bytes:
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    for piece in pieces_of(source, None):
        digest.update(piece)
    return digest.digest()


def part_fields(done: int, length: int, sum256: bytes) -> dict[str, str]:
    """What says that a file is sent from byte `done` on."""
    which = "*" if done == length else f"{done}-{length - 1}"
    digest = base64.b64encode(sum256).decode()
    return {"Content-Range": f"bytes {which}/{length}", "Repr-Digest": f"sha-256=:{digest}:"}


def pieces_of(source: Path, progress: Progress | None, done: int = 0) -> Iterator[bytes]:
    """A file's content from byte `done` on, piece by piece."""
    size = source.stat().st_size
    with source.open("rb") as file:
        file.seek(done)
        while piece := file.read(PIECE):
            yield piece
            done += len(piece)
            if progress is not None:
                progress(done, size)


def partial_path(target: Path) -> Path:
    """Where a file is until all of it is there."""
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
