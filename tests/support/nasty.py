"""How a row of the table of nasty requests is written: who calls, what goes out, and what must come back."""

import base64
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

from tests.support.fix_app import ADMIN_TOKEN

TOKEN: Final = f"Bearer {ADMIN_TOKEN}"
NOWHERE: Final = "019c1f3a-52e0-7c41-9d6b-3f0a7be4d210"
LOWEST: Final = -(2**63)
HIGHEST: Final = 2**63 - 1
MAX_BODY: Final = 2_097_152
JSON: Final[dict[str, str | bytes]] = {"Content-Type": "application/json"}

BAD: Final = (400, "BAD_REQUEST")
INPUT: Final = (400, "INVALID_INPUT")
SHAPE: Final = (422, "INVALID_INPUT")
MEDIA: Final = (415, "BAD_REQUEST")
LARGE: Final = (413, "BAD_REQUEST")
METHOD: Final = (405, "BAD_REQUEST")
UNKNOWN: Final = (401, "UNAUTHORIZED")
FORBIDDEN: Final = (403, "FORBIDDEN")
NO_ROUTE: Final = (404, "NOT_FOUND")
NO_DIALOG: Final = (404, "DIALOG_NOT_FOUND")
NO_MESSAGE: Final = (404, "MESSAGE_NOT_FOUND")
NOT_IN: Final = (403, "NOT_PARTICIPANT")
NO_AUTHOR: Final = (403, "NOT_MESSAGE_AUTHOR")
NO_TYPE: Final = (400, "UNSUPPORTED_FILE_TYPE")
OK: Final = (200, None)

Expected = tuple[int, str | None]


@dataclass(frozen=True)
class Nasty:
    """One request. `{north}`, `{mine}`, `{theirs}`, `{system}`, `{south}`, `{foreign}` in path and body stand for ids:
    anna's dialog, messages of hers, of boris and of the system in it, a dialog of another tenant and a message there.
    """

    what: str
    method: str
    path: str
    expected: Expected
    body: bytes = b""
    headers: dict[str, str | bytes] = field(default_factory=dict)


def _body(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    return b"" if value is None else orjson.dumps(value)


def chat(
    what: str, line: str, expected: Expected, body: Any = None, user: str = "anna", **headers: str | bytes
) -> Nasty:
    """A call of the Chat API by this user; `line` is `METHOD path`, below /api/v1."""
    method, _, path = line.partition(" ")
    joint = "&" if "?" in path else "?"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Nasty(what, method, f"/api/v1{path}{joint}user_id={user}", expected, _body(body), JSON | named)


def host(what: str, line: str, expected: Expected, body: Any = None, **headers: str | bytes) -> Nasty:
    """A call of the Management API with a good token; `line` is `METHOD path`, below /api/v1/management."""
    method, _, path = line.partition(" ")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Nasty(
        what, method, f"/api/v1/management{path}", expected, _body(body), JSON | {"Authorization": TOKEN} | named
    )


def anyone(what: str, line: str, expected: Expected, body: Any = None, **headers: str | bytes) -> Nasty:
    """A call with nothing but what is written."""
    method, _, path = line.partition(" ")
    return Nasty(what, method, path, expected, _body(body), {n.replace("_", "-"): v for n, v in headers.items()})


def scopes(value: Any) -> str:
    """An X-Scope-Config header of any JSON value, or of any bytes."""
    return base64.b64encode(_body(value)).decode()


def dialog(**fields: Any) -> dict[str, Any]:
    """A body that creates a dialog, with these fields changed."""
    return {"object_id": "o", "object_type": "t", "participants": []} | fields


def person(**fields: Any) -> dict[str, Any]:
    """A person as a body names him, with these fields changed."""
    return {"user_id": "vera", "display_name": "Vera"} | fields


def nested(depth: int, inner: bytes = b"1") -> bytes:
    """A body whose `meta` nests that deep."""
    return b'{"object_id":"o","object_type":"t","participants":[],"meta":' + b"[" * depth + inner + b"]" * depth + b"}"


def filled(row: Nasty, ids: dict[str, str]) -> Nasty:
    """The row with ids in place of their names."""
    path, body = row.path, row.body
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", value)
        body = body.replace(f"{{{name}}}".encode(), value.encode())
    return replace(row, path=path, body=body)
