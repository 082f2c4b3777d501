"""What client and server say to each other over the WebSocket (contract 6; P1, P3, F11, F19 to F31)."""

import os
from collections.abc import Callable

import pytest

from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send, unread
from tests.support.fix_sockets import Connect

Api = Callable[[str], ApiClient]


@pytest.fixture
def environment() -> dict[str, str]:
    """Who closes the last socket is offline at once."""
    return {"PRESENCE_GRACE_SECS": "0"}


@pytest.mark.gen_test
async def test_a_ping_is_answered(connect: Connect) -> None:
    socket = await connect("anna")
    socket.send({"type": "ping"})
    assert await socket.next() == {"type": "pong"}


@pytest.mark.gen_test
async def test_what_is_not_understood_is_ignored_in_silence(connect: Connect) -> None:
    """Contract 6.2"""
    socket = await connect("anna")
    for text in ("", "{", "[]", "null", '"ping"', "{}", '{"type":1}', '{"type":["ping"]}', '{"type":"unknown"}'):
        socket.send_text(text)
    socket.send({"type": "subscribe", "dialog_id": "anything"})
    socket.send({"type": "unsubscribe"})
    socket.send({"type": "typing"})
    await socket.connection.write_message(os.urandom(100), binary=True)
    assert await socket.heard() == []


@pytest.mark.gen_test
async def test_a_frame_over_64_kib_closes_the_socket(connect: Connect) -> None:
    """F22"""
    socket = await connect("anna")
    socket.send_text("x" * 65_537)
    assert await socket.closed() == 1009


@pytest.mark.gen_test
async def test_a_message_reaches_members_with_the_whole_message_and_nobody_else(
    connect: Connect, host: ApiClient, api: Api
) -> None:
    """P1, F11, F25"""
    dialog_id = await make_dialog(host, ["anna", "boris"])
    boris, vera = await connect("boris"), await connect("vera")
    message = await send(api("anna"), dialog_id)
    frame = await boris.expect("message.new")
    assert frame["payload"]["message"]["id"] == frame["id"] == message["id"]
    assert frame["seq"] == 2
    assert await vera.heard() == []


@pytest.mark.gen_test
async def test_typing_reaches_the_other_members_only(connect: Connect, host: ApiClient) -> None:
    dialog_id = await make_dialog(host, ["anna", "boris"])
    anna, boris, vera = await connect("anna"), await connect("boris"), await connect("vera")
    vera.send({"type": "typing", "dialog_id": dialog_id})
    anna.send({"type": "typing", "dialog_id": dialog_id})
    assert (await boris.expect("typing"))["user_id"] == "anna"
    assert not [frame for frame in await anna.heard() + await vera.heard() if frame["type"] == "typing"]


@pytest.mark.gen_test
async def test_a_read_over_the_socket_moves_the_position_and_tells_the_members(
    connect: Connect, host: ApiClient, api: Api
) -> None:
    dialog_id = await make_dialog(host, ["anna", "boris"])
    anna, boris = await connect("anna"), await connect("boris")
    message = await send(api("anna"), dialog_id)
    boris.send({"type": "read", "dialog_id": dialog_id, "message_id": message["id"]})
    frame = await anna.expect("message.read")
    assert (frame["user_id"], frame["last_read_message_id"]) == ("boris", message["id"])
    assert await unread(api("boris"), dialog_id) == 0


@pytest.mark.parametrize("who", ["vera", "boris"])
@pytest.mark.gen_test
async def test_a_read_that_cannot_be_is_answered_with_the_reason(
    connect: Connect, host: ApiClient, api: Api, who: str
) -> None:
    """F31: a stranger, and a member with a message of another dialog."""
    dialog_id = await make_dialog(host, ["anna", "boris"])
    elsewhere = await send(api("anna"), await make_dialog(host, ["anna"]))
    socket = await connect(who)
    socket.send({"type": "read", "dialog_id": dialog_id, "message_id": elsewhere["id"]})
    refusal = await socket.expect("error")
    assert (refusal["request"], refusal["code"]) == (
        ("read", "FORBIDDEN") if who == "vera" else ("read", "MESSAGE_NOT_FOUND")
    )


@pytest.mark.gen_test
async def test_a_malformed_read_is_answered_with_the_reason(connect: Connect) -> None:
    socket = await connect("anna")
    socket.send({"type": "read", "dialog_id": 5})
    assert (await socket.expect("error"))["code"] == "INVALID_INPUT"


@pytest.mark.gen_test
async def test_resume_brings_exactly_what_was_missed(connect: Connect, host: ApiClient, api: Api) -> None:
    """P3, F24"""
    dialog_id = await make_dialog(host, ["anna", "boris"])
    for text in ("one", "two", "three"):
        await send(api("anna"), dialog_id, text)
    boris = await connect("boris")
    boris.send({"type": "resume", "dialogs": {dialog_id: 2}})
    resumed = await boris.expect("resumed")
    missed = [(frame["seq"], frame["content"]) for frame in await boris.heard()]
    assert missed == [(3, "two"), (4, "three")]
    assert resumed["state"][dialog_id]["unread_count"] == 3
    assert resumed["reload"] == resumed["gone"] == []


@pytest.mark.parametrize(
    "dialogs",
    [None, [], "x", {"not an id": 1}, {"01900000-0000-7000-8000-000000000001": -1}, {"0" * 32: True}, {"0" * 32: 1.5}],
)
@pytest.mark.gen_test
async def test_a_malformed_resume_is_answered_with_the_reason(connect: Connect, dialogs: object) -> None:
    socket = await connect("anna")
    socket.send({"type": "resume", "dialogs": dialogs})
    refusal = await socket.expect("error")
    assert (refusal["request"], refusal["code"]) == ("resume", "INVALID_INPUT")


@pytest.mark.parametrize(("number", "answer"), [(500, "resumed"), (501, "error")])
@pytest.mark.gen_test
async def test_one_resume_names_at_most_500_dialogs(connect: Connect, number: int, answer: str) -> None:
    socket = await connect("anna")
    dialogs = {f"01900000-0000-7000-8000-{each:012d}": 0 for each in range(number)}
    socket.send({"type": "resume", "dialogs": dialogs})
    frame = await socket.next()
    assert frame["type"] == answer
    assert len(frame.get("gone", [])) == (500 if answer == "resumed" else 0)


@pytest.mark.gen_test
async def test_presence_is_told_once_however_many_dialogs_are_shared(
    connect: Connect, host: ApiClient, api: Api
) -> None:
    """F19, F23"""
    for _ in range(3):
        dialog_id = await make_dialog(host, ["anna", "boris"])
    anna, vera = await connect("anna"), await connect("vera")
    boris = await connect("boris")
    await anna.expect("presence.update", user_id="boris", is_online=True)
    people = (await api("anna").get(f"/dialogs/{dialog_id}/participants")).data
    assert {person["user_id"]: person["is_online"] for person in people} == {"anna": True, "boris": True}
    boris.close()
    await anna.expect("presence.update", user_id="boris", is_online=False)
    assert await anna.heard() == []
    assert await vera.heard() == []


@pytest.mark.gen_test
async def test_leaving_and_joining_take_effect_on_open_sockets(connect: Connect, host: ApiClient, api: Api) -> None:
    """F11"""
    dialog_id = await make_dialog(host, ["anna", "boris"])
    boris = await connect("boris")
    assert (await api("boris").post(f"/dialogs/{dialog_id}/leave")).status == 200
    await boris.expect("participant.left", user_id="boris")
    await send(api("anna"), dialog_id, "between")
    assert (
        await host.post(f"/dialogs/{dialog_id}/participants", {"user_id": "boris", "display_name": "Boris"})
    ).status == 201
    await boris.expect("participant.joined", user_id="boris")
    await send(api("anna"), dialog_id, "after")
    await boris.expect("message.new", content="after")
    assert "between" not in [frame.get("content") for frame in boris.frames]
