"""One person, several tabs: each hears everything, none disturbs the others (F19, F27)."""

from collections.abc import Callable

import pytest

from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.fix_sockets import Connect

pytestmark = pytest.mark.slow

Api = Callable[[str], ApiClient]


@pytest.fixture
def environment() -> dict[str, str]:
    """At most three tabs; who closes the last one is offline at once."""
    return {"PRESENCE_GRACE_SECS": "0", "SOCKETS_PER_USER": "3"}


@pytest.mark.gen_test
async def test_every_tab_gets_every_event_once(connect: Connect, host: ApiClient, api: Api) -> None:
    dialog_id = await make_dialog(host, ["anna", "boris"])
    tabs = [await connect("boris") for _ in range(3)]
    sent = [(await send(api("anna"), dialog_id, f"{number}"))["id"] for number in range(5)]
    for tab in tabs:
        await tab.expect("message.new", id=sent[-1])
        assert [frame["id"] for frame in tab.frames if frame["type"] == "message.new"] == sent


@pytest.mark.gen_test
async def test_closing_one_tab_neither_silences_nor_hides_the_person(
    connect: Connect, host: ApiClient, api: Api
) -> None:
    dialog_id = await make_dialog(host, ["anna", "boris"])
    anna = await connect("anna")
    first, second = await connect("boris"), await connect("boris")
    await anna.expect("presence.update", user_id="boris", is_online=True)
    await first.finish()
    await send(api("anna"), dialog_id)
    await second.expect("message.new")
    await second.finish()
    await anna.expect("presence.update", user_id="boris", is_online=False)
    changes = [frame["is_online"] for frame in anna.frames if frame["type"] == "presence.update"]
    assert changes == [True, False]


@pytest.mark.gen_test
async def test_one_tab_too_many_closes_the_oldest_for_good(connect: Connect, host: ApiClient, api: Api) -> None:
    dialog_id = await make_dialog(host, ["anna", "boris"])
    oldest, *others = [await connect("boris") for _ in range(4)]
    assert await oldest.closed() == 4501
    await send(api("anna"), dialog_id)
    for tab in others:
        await tab.expect("message.new")


@pytest.mark.gen_test
async def test_what_is_done_in_one_tab_reaches_the_others_and_nobody_else(
    connect: Connect, host: ApiClient, api: Api
) -> None:
    """F27: read, pin, mute, archive."""
    dialog_id = await make_dialog(host, ["anna", "boris"])
    message = await send(api("anna"), dialog_id)
    one, other, anna = await connect("boris"), await connect("boris"), await connect("anna")
    one.send({"type": "read", "dialog_id": dialog_id, "message_id": message["id"]})
    await other.expect("message.read", user_id="boris")
    for path, kind in [("pin", "dialog.updated"), ("archive", "dialog.archived"), ("unarchive", "dialog.unarchived")]:
        await api("boris").post(f"/dialogs/{dialog_id}/{path}")
        await other.expect(kind, dialog_id=dialog_id)
    await api("boris").post(f"/dialogs/{dialog_id}/notifications", {"enabled": False})
    await other.expect("dialog.updated", is_pinned=True, notifications_enabled=False)
    heard = {frame["type"] for frame in await anna.heard()}
    assert heard <= {"message.read", "presence.update"}


@pytest.mark.gen_test
async def test_a_tab_that_comes_back_catches_up_while_the_other_stays(
    connect: Connect, host: ApiClient, api: Api
) -> None:
    """P3"""
    dialog_id = await make_dialog(host, ["anna", "boris"])
    stays, leaves = await connect("boris"), await connect("boris")
    await send(api("anna"), dialog_id, "both")
    await leaves.expect("message.new", content="both")
    await leaves.finish()
    await send(api("anna"), dialog_id, "one")
    back = await connect("boris")
    back.send({"type": "resume", "dialogs": {dialog_id: 2}})
    await back.expect("resumed")
    assert [frame["content"] for frame in back.frames if frame["type"] == "message.new"] == ["one"]
    await stays.expect("message.new", content="one")
    assert [frame["content"] for frame in stays.frames if frame["type"] == "message.new"] == ["both", "one"]
