"""Makes the client that waits from the one that does not: `python generate.py [--check]`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent / "src" / "cairn_volumes"
HEAD = '"""Made from _async.py by generate.py: change that."""\n'

# In this order; whole words.
WORDS = [
    ("async def", "def"),
    ("async with", "with"),
    ("async for", "for"),
    ("await ", ""),
    ("AsyncCairn", "Cairn"),
    ("AsyncClient", "Client"),
    ("AsyncIterator", "Iterator"),
    ("AsyncIterable", "Iterable"),
    ("asynccontextmanager", "contextmanager"),
    ("__aenter__", "__enter__"),
    ("__aexit__", "__exit__"),
    ("aclose", "close"),
    ("aiter_bytes", "iter_bytes"),
    ("aiter_lines", "iter_lines"),
    ("aread", "read"),
]


def waiting(source: str) -> str:
    """The same code, waiting for every answer."""
    _, _, body = source.partition('"""\n')
    for word, instead in WORDS:
        body = re.sub(rf"\b{re.escape(word)}" + (r"\b" if word[-1].isalpha() else ""), instead, body)
    return HEAD + body


def main() -> int:
    made = waiting((PACKAGE / "_async.py").read_text())
    target = PACKAGE / "_sync.py"
    if "--check" in sys.argv[1:]:
        if not target.exists() or target.read_text() != made:
            print("_sync.py is not what generate.py makes: run it.", file=sys.stderr)
            return 1
        return 0
    target.write_text(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
