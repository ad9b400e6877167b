"""Drives both clients against a running Cairn: `python tour.py URL KEY`. Ends with 0 when all of it is as it should be."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import os
import sys
import tarfile
import tempfile
from pathlib import Path

import httpx

from cairn_volumes import AlreadyExists, AsyncCairn, Cairn, InvalidInput, NotFound, NotRunning, Unauthorized

CONTENT = os.urandom(3_000_001)


def part_digest() -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()}:"


def refused(kind: type[Exception], call: object, *args: object, **named: object) -> Exception:
    try:
        call(*args, **named)  # type: ignore[operator]
    except kind as error:
        return error
    raise AssertionError(f"{call} was not refused")


def waiting(url: str, key: str, host: Path) -> None:
    with Cairn(url, key) as cairn:
        volume = cairn.volumes.create("data", 256 << 20)
        assert volume["status"] == "available" and cairn.volumes.list() == [cairn.volumes.get("data")]
        taken = refused(AlreadyExists, cairn.volumes.create, "data", 1 << 30)
        assert isinstance(taken, AlreadyExists) and taken.hint and taken.status == 409, taken

        source, seen = host / "large.bin", []
        source.write_bytes(CONTENT)
        entry = cairn.files.put("data", source, "/in/", progress=lambda done, total: seen.append((done, total)))
        assert entry["path"] == "in/large.bin" and entry["size"] == len(CONTENT)
        assert seen[-1] == (len(CONTENT), len(CONTENT)) and len(seen) > 10, seen
        cairn.files.write("data", "note.txt", b"one")
        cairn.checkpoints.create("data", name="first")
        cairn.files.write("data", "note.txt", iter([b"tw", b"o"]))
        assert cairn.files.read("data", "note.txt") == b"two"
        assert cairn.files.read("data", "note.txt", at="first") == b"one"
        refused(AlreadyExists, cairn.files.write, "data", "note.txt", b"three", overwrite=False)
        [changed] = cairn.checkpoints.diff("data", "first")["entries"]
        assert (changed["kind"], changed["path"]) == ("changed", "note.txt"), changed

        assert [version["kind"] for version in cairn.files.history("data", "note.txt")] == ["created", "changed"]
        copied = cairn.transfers.wait(cairn.files.copy("data", "note.txt", to="copy.txt")["id"])
        assert copied["files_done"] == 1 and cairn.files.read("data", "copy.txt") == b"two"
        back = cairn.checkpoints.restore_files("data", "first", "note.txt", to="copy.txt")
        cairn.transfers.wait(back["id"])
        assert cairn.files.read("data", "copy.txt") == b"one"
        refused(NotFound, cairn.transfers.wait, cairn.files.copy("data", "none", to="other")["id"])
        cairn.files.delete("data", "copy.txt")

        got = cairn.files.get("data", "in/large.bin", host / "copy.bin", progress=lambda done, total: None)
        assert got.read_bytes() == CONTENT
        refused(NotFound, cairn.files.get, "data", "in/none", host / "none")
        assert b"".join(cairn.files.stream("data", "in/large.bin", start=2_000_000)) == CONTENT[2_000_000:]
        assert sorted(path.name for path in host.iterdir()) == ["copy.bin", "large.bin"]
        with tarfile.open(fileobj=io.BytesIO(b"".join(cairn.files.archive("data", "in")))) as archive:
            assert "in/large.bin" in archive.getnames()

        # Somebody has begun to send the file, and broke off.
        part = {"Content-Range": f"bytes 0-999999/{len(CONTENT)}", "Repr-Digest": part_digest()}
        where, query = "/v1/volumes/data/files/content", {"path": "in/parts"}
        with httpx.Client(base_url=url, headers={"X-API-Key": key}, trust_env=False) as http:
            assert http.put(where, params=query, headers=part, content=CONTENT[:1_000_000]).status_code == 202
        seen.clear()
        cairn.files.put("data", source, "in/parts", resume=True, progress=lambda done, total: seen.append((done, total)))
        assert seen[0][0] > 1_000_000 and cairn.files.read("data", "in/parts") == CONTENT
        assert [entry["path"] for entry in cairn.files.each("data", "in", page=1)] == ["in/large.bin", "in/parts"]
        cairn.files.delete("data", "in/parts")

        cairn.files.mkdir("data", "a/b")
        cairn.files.rename("data", "note.txt", "a/b/note.txt")
        names = [entry["path"] for entry in cairn.files.list("data", recursive=True)]
        assert [name for name in names if name != "lost+found"] == ["a", "a/b", "a/b/note.txt", "in", "in/large.bin"]
        cairn.files.delete("data", "a", "in", recursive=True)
        cairn.checkpoints.restore("data", "first")
        assert cairn.files.stat("data", "in/large.bin")["size"] == len(CONTENT)
        cairn.checkpoints.branch("data", "first", "branch")
        cairn.volumes.clone("data", "clone")
        cairn.volumes.update("clone", name="copy")
        assert {volume["name"] for volume in cairn.volumes.list()} == {"data", "branch", "copy"}
        assert cairn.machines.list() == []
        refused(NotFound, cairn.machines.get, "none")
        refused(InvalidInput, cairn.volumes.get, "..")
    refused(Unauthorized, Cairn(url, "wrong").volumes.list)
    refused(NotRunning, Cairn, store=host)


async def awaited(url: str, key: str) -> None:
    async with AsyncCairn(url, key) as cairn:
        names = [f"v{number}" for number in range(4)]
        await asyncio.gather(*(cairn.volumes.create(name, 64 << 20) for name in names))
        await asyncio.gather(*(cairn.files.write(name, "mine", name.encode() * 100_000) for name in names))
        read = await asyncio.gather(*(cairn.files.read(name, "mine") for name in names))
        assert read == [name.encode() * 100_000 for name in names]

        events = cairn.events()
        first = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        while not first.done():
            await cairn.volumes.update("v0", quota_bytes=(await cairn.volumes.get("v0"))["quota_bytes"] + (1 << 20))
        seen = first.result()
        assert seen is not None
        await events.aclose()  # type: ignore[attr-defined]
        # Whoever comes back gets the same again, or hears that it is not known any more.
        for after, expected in ((seen["seq"] - 1, seen), (1, None)):
            again = cairn.events(after=after)
            assert await anext(again) == expected
            await again.aclose()  # type: ignore[attr-defined]
        await asyncio.gather(*(cairn.volumes.delete(name) for name in names))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        waiting(sys.argv[1], sys.argv[2], Path(folder))
    asyncio.run(awaited(sys.argv[1], sys.argv[2]))
    print("both clients are served")
