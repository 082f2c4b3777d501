"""P1: somebody of another tenant who knows every id and tries every address learns, changes and hears nothing.

Everything that north says or is called has a mark in it, so that one search of the answer finds any leak.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import jwt
import orjson
import pytest

from handlers.application import ROUTES
from handlers.base import ApiHandler
from handlers.identity import access_of
from handlers.openapi import described_methods
from tests.support.clients import Answer, ApiClient
from tests.support.factories import make_dialog, send
from tests.support.fix_sockets import Connect

Api = Callable[[str], ApiClient]

MARK = "zebra"
SECRET = "the secret of the tests of strangers, of more than 32 bytes"
JWT_ON = {"JWT_AUTH_ENABLED": "1", "JWT_SECRET": SECRET}
NORTH = {"scope_level0": [f"{MARK}-north"], "scope_level1": [f"{MARK}-sales"]}
SOUTH = {"scope_level0": ["south"], "scope_level1": ["sales"]}
BODIES: dict[str, Any] = {
    "join": {"display_name": "Grace", "company": "South"},
    "notifications": {"enabled": False},
    "read": {"last_read_message_id": "{message_id}"},
    "messages": {"content": "x", "reply_to": "{message_id}"},
    "{message_id}": {"content": "x"},
    "presign": {"dialog_id": "{dialog_id}", "filename": "f.pdf", "content_type": "application/pdf", "size": 1},
}
CALLS = [
    (name.upper(), template)
    for template, handler in ROUTES
    if issubclass(handler, ApiHandler)
    for name, method, _ in described_methods(handler)
    if (access := access_of(method)) is not None and access.kind == "user"
]
each_call = pytest.mark.parametrize(("method", "template"), CALLS, ids=[" ".join(call) for call in CALLS])


@pytest.fixture
def environment() -> dict[str, str]:
    return {}


async def fill(host: ApiClient, anna: ApiClient) -> dict[str, str]:
    """North's dialog: two people with all their contacts, messages, a read position. Returns its ids."""
    people = [
        {name: f"{MARK}-{name}-{user_id}" for name in ("display_name", "company", "email", "phone")}
        | {"user_id": f"{MARK}-{user_id}"}
        for user_id in ("anna", "boris")
    ]
    fields = {"title": f"{MARK} title", "object_url": f"/{MARK}", "meta": {MARK: MARK}}
    body = {"object_id": f"{MARK}-7", "object_type": f"{MARK}-order", "participants": people, "access_scopes": [NORTH]}
    dialog_id = (await host.post("/dialogs", body | fields)).data["id"]
    message = await send(anna, dialog_id, f"<p>{MARK} text</p>")
    return {"dialog_id": dialog_id, "message_id": message["id"], "attachment_id": message["id"]}


async def state_of(host: ApiClient, anna: ApiClient, dialog_id: str) -> Any:
    """All there is of the dialog, as the host and a member see it."""
    page = (await anna.get(f"/dialogs/{dialog_id}/messages")).data
    return (await host.get(f"/dialogs/{dialog_id}")).data, page


def call(client: ApiClient, method: str, template: str, ids: dict[str, str]) -> Awaitable[Answer]:
    """Make the call with good arguments, all of them north's."""
    path = (
        template.removeprefix("/api/v1").replace("{object_type}", f"{MARK}-order").replace("{object_id}", f"{MARK}-7")
    )
    text = orjson.dumps(BODIES.get(template.rpartition("/")[2])).decode()
    for name, value in ids.items():
        path, text = path.replace(f"{{{name}}}", value), text.replace(f"{{{name}}}", value)
    query = {"type": "available"} if template == "/api/v1/dialogs" and client.scopes is not None else {}
    return client.call(method, path, body=orjson.loads(text), query=query)


def assert_nothing_in(answer: Answer, ids: dict[str, str]) -> None:
    """A refusal without any detail, or a list of nothing."""
    assert answer.status in (400, 403, 404, 503) or answer.json["data"] in ([], None), answer.body
    told = answer.body.decode() + str(list(answer.headers.get_all()))
    assert MARK not in told
    assert not [value for value in ids.values() if value in told]


@pytest.mark.gen_test
@each_call
async def test_a_stranger_learns_and_changes_nothing(
    api: Api, host: ApiClient, connect: Connect, method: str, template: str
) -> None:
    """With his own scopes, with none, with an empty header; a member's socket and his own hear nothing of it."""
    anna, grace = api(f"{MARK}-anna"), api("grace")
    ids = await fill(host, anna)
    await make_dialog(host, ["grace"], scopes=[SOUTH])
    member, stranger = await connect(f"{MARK}-anna"), await connect("grace")
    before = await state_of(host, anna, ids["dialog_id"])
    if template != "/api/v1/dialogs":
        for client in (grace, grace.with_scopes(**SOUTH), grace.with_scopes()):
            assert_nothing_in(await call(client, method, template, ids), ids)
    else:
        (own,) = (await call(grace, method, template, ids)).data
        assert own["participants_count"] == 1
        assert_nothing_in(await call(grace.with_scopes(), method, template, ids), ids)
    assert await state_of(host, anna, ids["dialog_id"]) == before
    assert (await member.heard(), await stranger.heard()) == ([], [])


@pytest.mark.gen_test
@each_call
@pytest.mark.parametrize("environment", [JWT_ON], ids=["signed"])
async def test_signed_scopes_cannot_be_widened(
    environment: dict[str, str], host: ApiClient, method: str, template: str
) -> None:
    """F1, F4: a token of south with north's scopes in the header is still south's, and cannot speak as anna."""

    def signed(user_id: str, scopes: dict[str, list[str]]) -> str:
        return jwt.encode({"sub": user_id, "scopes": scopes}, SECRET, "HS256")

    http, url = host.http, host.base_url
    anna = ApiClient(http, url, token=signed(f"{MARK}-anna", NORTH))
    ids = await fill(host, anna)
    before = await state_of(host, anna, ids["dialog_id"])
    token = signed("grace", SOUTH)
    for scopes in (None, NORTH, SOUTH):
        assert_nothing_in(await call(ApiClient(http, url, token=token, scopes=scopes), method, template, ids), ids)
    posing = ApiClient(http, url, token=token, scopes=NORTH, user_id=f"{MARK}-anna")
    assert (await call(posing, method, template, ids)).error == (403, "FORBIDDEN")
    assert await state_of(host, anna, ids["dialog_id"]) == before


@pytest.mark.gen_test
async def test_who_could_join_sees_who_is_in_it_and_nothing_they_wrote(api: Api, host: ApiClient) -> None:
    """3.2, 5.1, F10: names, companies, the dialog's own fields; no text, no contacts, no read position, no counter."""
    ids = await fill(host, api(f"{MARK}-anna"))
    vera = api("vera").with_scopes(**NORTH)
    path = f"/dialogs/{ids['dialog_id']}"
    shown = [
        await vera.get("/dialogs", type="available"),
        await vera.get(path),
        await vera.get(f"{path}/participants"),
        await vera.get(f"/dialogs/by-object/{MARK}-order/{MARK}-7"),
        await vera.get(f"/dialogs/by-object/{MARK}-order/{MARK}-7/list"),
    ]
    for answer in shown:
        text = answer.body.decode()
        assert ids["dialog_id"] in text
        assert ids["message_id"] not in text
        for hidden in (f"{MARK} text", f"{MARK}-email", f"{MARK}-phone", 'last_message"', "access_scopes"):
            assert hidden not in text
        assert not re.search(r'"unread_count":[1-9]', text)
    for method, template in CALLS:
        tail = template.rpartition("/")[2]
        if template.startswith("/api/v1/dialogs/{dialog_id}/") and tail not in ("participants", "join"):
            assert (await call(vera, method, template, ids)).status == 403, template


@pytest.mark.gen_test
async def test_who_was_removed_is_a_stranger(api: Api, host: ApiClient, connect: Connect) -> None:
    """At once, for REST and for the socket he has open."""
    anna, boris = api(f"{MARK}-anna"), api(f"{MARK}-boris")
    ids = await fill(host, anna)
    socket = await connect(f"{MARK}-boris")
    await host.delete(f"/dialogs/{ids['dialog_id']}/participants/{MARK}-boris")
    await socket.expect("participant.left")
    later = await send(anna, ids["dialog_id"], "<p>later</p>")
    await anna.put(f"/dialogs/{ids['dialog_id']}/messages/{later['id']}", {"content": "changed"})
    await anna.delete(f"/dialogs/{ids['dialog_id']}/messages/{later['id']}")
    socket.send({"type": "resume", "dialogs": {ids["dialog_id"]: 1}})
    resumed = await socket.expect("resumed")
    assert (resumed["gone"], resumed["state"]) == ([ids["dialog_id"]], {})
    assert await socket.heard() == []
    for method, template in CALLS:
        if "{dialog_id}" in template and not template.endswith("/join"):
            assert (await call(boris, method, template, ids)).status == 403, template
