"""A real `mtchat serve` for the tests of a module, with two tenants' dialogs in it; its log is read at the end."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from tests.support.fix_app import ADMIN_TOKEN
from tests.support.live import LiveServer, Wire, WireAnswer, live_server
from tests.support.nasty import Expected

Ids = dict[str, str]

# What people wrote, and what opens doors: neither may be in a log.
TEXT = "text-that-only-two-people-may-read"


@pytest.fixture(scope="module")
def live_variables() -> dict[str, str]:
    """Further variables of the server; a test module overrides this fixture."""
    return {}


@pytest.fixture(scope="module")
def live(new_database: Callable[[], str], live_variables: dict[str, str]) -> Iterator[LiveServer]:
    """A server that logs all it can. Whatever a test does to it, the next one must still get its answer."""
    variables = {"ADMIN_API_TOKEN": ADMIN_TOKEN, "LOG_LEVEL": "debug"} | live_variables
    with live_server(new_database(), **variables) as running:
        yield running
    _check_log(running.log, variables)


@pytest.fixture(scope="module")
def ids(live: LiveServer) -> Ids:
    """What is there: `north`, a dialog of anna and boris, with the messages `mine` (anna's), `theirs` and `system`;
    `south`, a dialog of another tenant, with the message `foreign`.
    """
    with live.wire() as wire:
        north = make_live_dialog(wire, "north", "anna", "boris")
        south = make_live_dialog(wire, "south", "grace", "henry")
        page = _call(wire, "GET", f"/api/v1/dialogs/{north}/messages?user_id=anna")
        return {
            "north": north,
            "south": south,
            "mine": say_live(wire, north, "anna"),
            "theirs": say_live(wire, north, "boris"),
            "foreign": say_live(wire, south, "grace"),
            "system": page["messages"][0]["id"],
        }


def make_live_dialog(wire: Wire, tenant: str, *people: str) -> str:
    """Make a dialog of these people, which their tenant's scope matches; returns its id."""
    body = {
        "object_id": tenant,
        "object_type": "order",
        "participants": [{"user_id": user_id, "display_name": user_id.capitalize()} for user_id in people],
        "access_scopes": [{"scope_level0": [tenant]}],
    }
    made: str = _call(wire, "POST", "/api/v1/management/dialogs", body)["id"]
    return made


def say_live(wire: Wire, dialog_id: str, user_id: str) -> str:
    """Send a message; returns its id."""
    path = f"/api/v1/dialogs/{dialog_id}/messages?user_id={user_id}"
    sent: str = _call(wire, "POST", path, {"content": f"<p>{TEXT}</p>"})["id"]
    return sent


def check_answer(answer: WireAnswer | None, expected: Expected, wire: Wire) -> None:
    """Compare an answer; then the same connection must serve the next request."""
    assert answer is not None, "hung up"
    assert (answer.status, answer.code if answer.body else None) == expected, answer.body
    assert ADMIN_TOKEN.encode() not in answer.body
    assert TEXT.encode() not in answer.body or answer.status == 200
    after = wire.ask("GET", "/health")
    assert after is not None, "hung up afterwards"
    assert after.status == 200


def _check_log(log: list[bytes], variables: dict[str, str]) -> None:
    """Nothing of ours failed, and nothing of what was sent is repeated (F12)."""
    text = b"".join(log)
    assert text
    for line in log:
        assert orjson.loads(line)["level"] in ("debug", "info", "warning"), line
    for secret in (ADMIN_TOKEN, TEXT, "user_id=", "limit=", "eyJ", variables.get("JWT_SECRET", TEXT)):
        assert secret.encode() not in text, secret


def _call(wire: Wire, method: str, path: str, body: object = None) -> Any:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {ADMIN_TOKEN}"}
    answer = wire.ask(method, path, headers, b"" if body is None else orjson.dumps(body))
    assert answer is not None
    assert answer.status == 200, answer
    return answer.json["data"]
