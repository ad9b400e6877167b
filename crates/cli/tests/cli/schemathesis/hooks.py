"""What schemathesis cannot know: whose files it may name, and how a form and a repeated request are meant."""

import os
import uuid

import schemathesis

# A file or folder of this computer that is made up lies in this, in a folder for each kind of request.
HERE = os.environ["CAIRN_TEST_FOLDER"]
# Where a request names such a one.
PATHS = ("archive", "destination", "source", "sources", "image", "kernel", "initrd", "qmp", "agent", "local")
# Here a destination is a place in a volume.
IN_VOLUMES = ("/upload", "/fetch", "/copy", "/restore-files")
# The server reads a form while it comes in.
ORDER = ("path", "overwrite", "file")


def kept(value, below):
    if isinstance(value, str) and value.startswith("/") and not value.startswith(below):
        return below + value
    return [kept(one, below) for one in value] if isinstance(value, list) else value


def keep(body, below, names=PATHS):
    for name, value in body.items():
        if name in names:
            body[name] = kept(value, below)
        elif isinstance(value, list):
            for one in value:
                if isinstance(one, dict):
                    keep(one, below)


@schemathesis.hook
def filter_case(context, case):
    # Names of fields stand in headers: made-up ones that cannot would have to be left out, and the rest may be right.
    is_form = isinstance(case.body, dict) and case.operation.path.endswith("/files/upload")
    return not is_form or all(name and name.isprintable() for name in case.body)


@schemathesis.hook
def before_call(context, case, kwargs):
    path, body = case.operation.path, case.body
    if isinstance(body, dict) and path.endswith("/files/upload"):
        # Names of fields stand in headers.
        for name in [name for name in body if not name.isprintable()]:
            del body[name]
        for name in ORDER:
            if name in body:
                body[name] = body.pop(name)
    elif isinstance(body, dict):
        below = f"{HERE}/{path.rsplit('/', 1)[-1]}"
        keep(body, below, ("sources",) if path.endswith(IN_VOLUMES) else PATHS)
    # The same key is for the same request only; one that is refused for what it is stays.
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and 0 < len(key) <= 255 and key.isascii() and key.isprintable():
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
