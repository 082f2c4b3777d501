"""Archive, pin and notifications over REST: contract 5.8 to 5.10, 3.4, F27."""

import uuid
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from mtchat.core.services import Services
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send

Api = Callable[[str], ApiClient]
Told = list[tuple[str, dict[str, Any]]]

# path, body, status in the answer, field, its value afterwards; run in this order on one dialog
SWITCHES = [
    ("archive", None, "archived", "is_archived", True),
    ("unarchive", None, "unarchived", "is_archived", False),
    ("pin", None, "pinned", "is_pinned", True),
    ("unpin", None, "unpinned", "is_pinned", False),
    ("notifications", {"enabled": False}, "disabled", "notifications_enabled", False),
    ("notifications", {"enabled": True}, "enabled", "notifications_enabled", True),
]


@pytest.fixture
def told(services: Services, monkeypatch: pytest.MonkeyPatch) -> Told:
    """What was published: channel and frame, in order."""
    heard: Told = []

    def record(channel: str, payload: bytes) -> None:
        heard.append((channel, orjson.loads(payload.partition(b"\n")[2] or b"{}")))

    monkeypatch.setattr(services.bus, "publish", record)
    return heard


async def own(client: ApiClient, dialog_id: str) -> dict[str, Any]:
    """A dialog as its participant sees it."""
    found: dict[str, Any] = (await client.get(f"/dialogs/{dialog_id}")).data
    return found


@pytest.mark.gen_test
async def test_each_switch_changes_the_callers_flag_alone_and_may_be_repeated(api: Api, host: ApiClient) -> None:
    """5.8, 5.9, 5.10, 3.4."""
    dialog_id = await make_dialog(host)
    others = await own(api("boris"), dialog_id)
    for path, body, status, field, value in SWITCHES:
        for _ in range(2):
            answer = await api("anna").post(f"/dialogs/{dialog_id}/{path}", body)
            assert (answer.status, answer.json) == (200, {"status": status})
            assert (await own(api("anna"), dialog_id))[field] is value
    assert await own(api("boris"), dialog_id) == others


@pytest.mark.gen_test
async def test_a_switch_tells_the_callers_own_sockets_once_and_nobody_else(
    api: Api, host: ApiClient, told: Told
) -> None:
    """F27: what changed nothing tells nothing."""
    dialog_id = await make_dialog(host)
    told.clear()
    for path, body, *_ in SWITCHES:
        for _ in range(2):
            await api("anna").post(f"/dialogs/{dialog_id}/{path}", body)
    assert {channel for channel, _ in told} == {"mtchat:u:{anna}"}

    def updated(pinned: bool, enabled: bool) -> dict[str, Any]:
        state = {"is_pinned": pinned, "notifications_enabled": enabled}
        return {"type": "dialog.updated", "dialog_id": dialog_id, **state}

    assert [frame for _, frame in told] == [
        {"type": "dialog.archived", "dialog_id": dialog_id},
        {"type": "dialog.unarchived", "dialog_id": dialog_id},
        updated(True, True),
        updated(False, True),
        updated(False, False),
        updated(False, True),
    ]


@pytest.mark.gen_test
async def test_a_switch_is_one_statement_and_no_history(api: Api, host: ApiClient, services: Services) -> None:
    """Design 3: it takes no seq of the dialog."""
    dialog_id = await make_dialog(host)
    for path, body, *_ in SWITCHES:
        before = services.database.statements
        await api("anna").post(f"/dialogs/{dialog_id}/{path}", body)
        assert services.database.statements - before == 1
    assert (await own(api("anna"), dialog_id))["seq"] == 1


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.gen_test
async def test_only_participants_may_switch(
    api: Api, host: ApiClient, told: Told, switch: tuple[str, dict[str, bool] | None, str, str, bool]
) -> None:
    """1.4: also refused for a dialog that does not exist."""
    path, body, *_ = switch
    dialog_id = await make_dialog(host, scopes=[{"scope_level0": ["north"]}])
    told.clear()
    vera = api("vera").with_scopes(scope_level0=["north"])
    assert (await vera.post(f"/dialogs/{dialog_id}/{path}", body)).error == (403, "NOT_PARTICIPANT")
    assert (await vera.post(f"/dialogs/{uuid.uuid4()}/{path}", body)).error == (403, "NOT_PARTICIPANT")
    assert told == []


@pytest.mark.parametrize("body", [{}, {"enabled": None}, {"enabled": "true"}, {"enabled": 1}, []])
@pytest.mark.gen_test
async def test_notifications_need_a_boolean(api: Api, host: ApiClient, body: object) -> None:
    """1.4, 5.10."""
    dialog_id = await make_dialog(host)
    answer = await api("anna").post(f"/dialogs/{dialog_id}/notifications", body)
    assert answer.error == (422, "INVALID_INPUT")


@pytest.mark.parametrize("path", ["archive", "unarchive", "pin", "unpin"])
@pytest.mark.gen_test
async def test_a_body_on_a_switch_is_ignored(api: Api, host: ApiClient, path: str) -> None:
    """1.2, A.3."""
    dialog_id = await make_dialog(host)
    for raw in (b"", b"{}", b"not json"):
        assert (await api("anna").call("POST", f"/dialogs/{dialog_id}/{path}", raw=raw)).status == 200


@pytest.mark.gen_test
async def test_unarchiving_by_hand_is_remembered_for_the_auto_archive(
    api: Api, host: ApiClient, services: Services
) -> None:
    """F45: only when something changed."""
    dialog_id = await make_dialog(host, ["anna"])

    async def unarchived_at() -> object:
        async with services.database.connection() as connection:
            row = await (await connection.execute("SELECT unarchived_at FROM participants")).fetchone()
        assert row is not None
        return row["unarchived_at"]

    await api("anna").post(f"/dialogs/{dialog_id}/unarchive")
    assert await unarchived_at() is None
    await api("anna").post(f"/dialogs/{dialog_id}/archive")
    assert await unarchived_at() is None
    await api("anna").post(f"/dialogs/{dialog_id}/unarchive")
    remembered = await unarchived_at()
    assert remembered is not None
    await api("anna").post(f"/dialogs/{dialog_id}/pin")
    assert await unarchived_at() == remembered


@pytest.mark.gen_test
async def test_a_new_message_takes_the_dialog_out_of_the_archive(api: Api, host: ApiClient) -> None:
    """3.4: a pinned one stays pinned."""
    dialog_id = await make_dialog(host)
    for path in ("archive", "pin"):
        await api("anna").post(f"/dialogs/{dialog_id}/{path}")
    await send(api("boris"), dialog_id)
    state = await own(api("anna"), dialog_id)
    assert (state["is_archived"], state["is_pinned"], state["unread_count"]) == (False, True, 1)
