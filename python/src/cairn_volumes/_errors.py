"""What Cairn refuses, by kind."""

from __future__ import annotations

from typing import Any

from ._shapes import Transfer


class CairnError(Exception):
    """A refusal: `message` says what failed, on what and why, `hint` what to do next, `code` of which kind it is."""

    def __init__(self, message: str, hint: str | None = None, code: str = "internal", status: int | None = None):
        super().__init__(message if hint is None else f"{message} {hint}")
        self.message = message
        self.hint = hint
        self.code = code
        self.status = status


class InvalidInput(CairnError):
    """The input makes no sense."""


class NotFound(CairnError):
    """There is no such volume, file, checkpoint, machine or mount."""


class AlreadyExists(CairnError):
    """The name or path is taken."""


class InUse(CairnError):
    """Somebody else has it."""


class NoSpace(CairnError):
    """The quota, or the disk, is full."""


class Conflict(CairnError):
    """The state of things does not allow it."""


class Guest(CairnError):
    """The guest did not do it."""


class Unauthorized(CairnError):
    """The key is missing or wrong."""


class NotRunning(CairnError):
    """No Cairn serves the store, or the connection to it broke."""


KINDS: dict[str, type[CairnError]] = {
    "invalid-input": InvalidInput,
    "not-found": NotFound,
    "already-exists": AlreadyExists,
    "in-use": InUse,
    "no-space": NoSpace,
    "conflict": Conflict,
    "guest": Guest,
    "unauthorized": Unauthorized,
}


def refusal(status: int, body: Any) -> CairnError:
    """The error that an answer's body tells of."""
    if not isinstance(body, dict) or not isinstance(body.get("message"), str):
        return CairnError(f"Cairn answered {status} without a reason.", "Is it of another version?", status=status)
    code = str(body.get("code", "internal"))
    hint = body.get("hint")
    return KINDS.get(code, CairnError)(body["message"], hint if isinstance(hint, str) else None, code, status)


def failed(transfer: Transfer) -> CairnError:
    """What has become of a copy that is not done."""
    message = transfer.get("error") or f"The copy '{transfer['title']}' was {transfer['state']}."
    code = transfer.get("error_code") or "cancelled"
    return KINDS.get(code, CairnError)(message, None, code)
