"""Makes what follows from something else: `python generate.py [--check]`.

The client that waits is made from the one that does not, and the shapes of objects from the description of the routes.
"""

from __future__ import annotations

import json
import keyword
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PACKAGE = HERE / "src" / "cairn_volumes"
DESCRIPTION = HERE.parent / "docs" / "openapi.json"
HEAD = '"""Made from _async.py by generate.py: change that."""\n'
SHAPES_HEAD = '''"""The objects that cross the wire. Made from docs/openapi.json by generate.py. Sizes are bytes, times RFC 3339 in UTC."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict
'''

# In this order; whole words.
WORDS = [
    ("async def", "def"),
    ("async with", "with"),
    ("async for", "for"),
    ("await ", ""),
    ("import asyncio", "import time"),
    ("asyncio", "time"),
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

# What the clients speak of; what these refer to comes with them.
SHAPES = ["Checkpoint", "Conflict", "Diff", "Event", "ExecOutput", "FileEntry", "FileVersion", "Mount", "MountMode"]
SHAPES += ["Transfer", "Vm", "Volume", "VolumeUsage"]

# What stands in others, and is none of its own.
PARTS = ["EventKind"]

WIDTH = 120
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def waiting(source: str) -> str:
    """The same code, waiting for every answer."""
    _, _, body = source.partition('"""\n')
    for word, instead in WORDS:
        body = re.sub(rf"\b{re.escape(word)}" + (r"\b" if word[-1].isalpha() else ""), instead, body)
    return HEAD + body


def shapes(schemas: dict[str, Any]) -> str:
    """The wanted schemas as types."""
    names = list(SHAPES)
    for name in names:
        found = re.findall(r'"#/components/schemas/(\w+)"', json.dumps(schemas[name]))
        names.extend(other for other in dict.fromkeys(found) if other not in names)
    words = sorted(name for name in names if schemas[name].get("type") == "string")
    objects = sorted(name for name in names if name not in words and name not in PARTS)
    made = [f"{name} = {hint(schemas[name])}" for name in words]
    return SHAPES_HEAD + "\n" + "\n".join(made) + "\n" + "".join(shape(name, schemas) for name in objects)


def hint(schema: dict[str, Any]) -> str:
    """The type of a value."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "enum" in schema:
        return "Literal[" + ", ".join(json.dumps(word) for word in schema["enum"]) + "]"
    if "oneOf" in schema:
        return " | ".join(hint(one) for one in schema["oneOf"])
    kinds = schema.get("type", "object")
    if isinstance(kinds, list):
        return " | ".join(hint({**schema, "type": kind}) for kind in kinds)
    if kinds == "array":
        return f"list[{hint(schema['items'])}]"
    return PLAIN.get(kinds, "dict[str, Any]")


def fields_of(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """Of each field the type, and whether it is always there."""
    if "$ref" in schema:
        return fields_of(schemas[hint(schema)], schemas)
    if "allOf" in schema:
        return {name: field for part in schema["allOf"] for name, field in fields_of(part, schemas).items()}
    if "oneOf" in schema:
        return one_of(schema["oneOf"], schemas)
    required = schema.get("required", [])
    return {name: (hint(one), name in required) for name, one in schema.get("properties", {}).items()}


def one_of(ways: list[dict[str, Any]], schemas: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """What one of several objects has, which are told apart by a word."""
    each = [fields_of(way, schemas) for way in ways]
    merged = {}
    for name in dict.fromkeys(name for fields in each for name in fields):
        hints = list(dict.fromkeys(fields[name][0] for fields in each if name in fields))
        if all(one.startswith("Literal[") for one in hints):
            hints = [f"Literal[{', '.join(one[len('Literal['):-1] for one in hints)}]"]
        merged[name] = (" | ".join(hints), all(name in fields and fields[name][1] for fields in each))
    return merged


def shape(name: str, schemas: dict[str, Any]) -> str:
    """A type of its own, with what is said of it."""
    says = " ".join(schemas[name].get("description", "").replace("`", "").split())
    fields = fields_of(schemas[name], schemas)
    hints = {field: one if always else f"NotRequired[{one}]" for field, (one, always) in fields.items()}
    if any(keyword.iskeyword(field) for field in hints):
        lines = "".join(f"        {json.dumps(field)}: {json.dumps(one)},\n" for field, one in hints.items())
        comment = "".join(f"# {line}\n" for line in textwrap.wrap(says, WIDTH - 2))
        return f'\n\n{comment}{name} = TypedDict(\n    "{name}",\n    {{\n{lines}    }},\n)\n'
    text = textwrap.fill(f'"""{says}"""', WIDTH, initial_indent="    ", subsequent_indent="    ")
    body = "".join(f"    {field}: {one}\n" for field, one in hints.items())
    return f"\n\nclass {name}(TypedDict):\n{text}\n\n{body}"


def main() -> int:
    schemas = json.loads(DESCRIPTION.read_text())["components"]["schemas"]
    made = {"_sync.py": waiting((PACKAGE / "_async.py").read_text()), "_shapes.py": shapes(schemas)}
    stale = [name for name, text in made.items() if (PACKAGE / name).read_text() != text]
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"{name} is not what generate.py makes: run it.", file=sys.stderr)
        return int(bool(stale))
    for name in stale:
        (PACKAGE / name).write_text(made[name])
    return 0


if __name__ == "__main__":
    sys.exit(main())
