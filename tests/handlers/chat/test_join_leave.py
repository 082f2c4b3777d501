"""Joining and leaving over REST: contract 5.6, 5.7, 3.6, F8, F34, F37 and the order of checks."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from mtchat.core.services import Services
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send, unread

Api = Callable[[str], ApiClient]
Told = list[tuple[str, dict[str, Any]]]

NORTH = {"scope_level0": ["north"]}
SOUTH = {"scope_level0": ["south"]}
VERA = {"display_name": "Vera", "company": "Orrin Ltd"}


@pytest.fixture
def told(services: Services, monkeypatch: pytest.MonkeyPatch) -> Told:
    """What was published: channel and frame, in order."""
    heard: Told = []

    def record(channel: str, payload: bytes) -> None:
        heard.append((channel, orjson.loads(payload.partition(b"\n")[2] or b"{}")))

    monkeypatch.setattr(services.bus, "publish", record)
    return heard


async def newest(client: ApiClient, dialog_id: str) -> dict[str, Any]:
    """The newest message of a dialog."""
    page = (await client.get(f"/dialogs/{dialog_id}/messages", limit=1)).data
    message: dict[str, Any] = page["messages"][0]
    return message


async def logged(services: Services, dialog_id: str) -> list[tuple[int, str]]:
    """Every event of a dialog: seq and type."""
    params = {"dialog_id": dialog_id, "seq": 0, "limit": 1_000}
    return [(row["seq"], row["type"]) for row in await services.database.fetch_all("list_events_since", params)]


def in_dialog(told: Told, dialog_id: str) -> list[dict[str, Any]]:
    """The frames on a dialog's channel."""
    return [frame for channel, frame in told if channel == f"mtchat:d:{{{dialog_id}}}"]


@pytest.mark.gen_test
async def test_who_joins_is_a_participant_with_the_profile_he_gave(api: Api, host: ApiClient) -> None:
    """5.6, 3.3: an empty company is a company, contacts may be left out or null."""
    dialog_id = await make_dialog(host, ["anna"], scopes=[NORTH])
    body = {"display_name": "Vera", "company": "", "phone": "+47 000", "email": None, "role": "boss"}
    answer = await api("vera").with_scopes(**NORTH).post(f"/dialogs/{dialog_id}/join", body)
    assert (answer.status, answer.json) == (200, {"status": "joined", "dialog_id": dialog_id})
    anna, vera = (await api("vera").get(f"/dialogs/{dialog_id}/participants")).data
    assert (anna["user_id"], vera["user_id"], vera["joined_as"]) == ("anna", "vera", "joined")
    assert (vera["display_name"], vera["company"], vera["phone"], vera["email"]) == ("Vera", "", "+47 000", None)
    item = (await api("vera").get(f"/dialogs/{dialog_id}")).data
    assert (item["participants_count"], item["i_am_participant"], item["can_join"]) == (2, True, False)


@pytest.mark.gen_test
async def test_a_join_is_announced_by_a_system_message_and_an_event(
    api: Api, host: ApiClient, services: Services, told: Told
) -> None:
    """3.6, 6.4: message.new, then participant.joined, with the next two seq."""
    dialog_id = await make_dialog(host, ["anna"], scopes=[NORTH])
    told.clear()
    await api("vera").with_scopes(**NORTH).post(f"/dialogs/{dialog_id}/join", VERA)
    message = await newest(api("anna"), dialog_id)
    assert (message["message_type"], message["sender_id"]) == ("system", None)
    assert orjson.loads(message["content"]) == {"event": "participant_joined", "name": "Vera", "company": "Orrin Ltd"}
    said, joined = in_dialog(told, dialog_id)
    assert (said["type"], said["id"], said["seq"], "sender_id" in said) == ("message.new", message["id"], 2, False)
    assert joined == {"type": "participant.joined", "seq": 3, "dialog_id": dialog_id, "user_id": "vera"}
    assert await logged(services, dialog_id) == [(1, "message.new"), (2, "message.new"), (3, "participant.joined")]
    item = (await api("anna").get(f"/dialogs/{dialog_id}")).data
    assert (item["seq"], item["last_message"]["id"], item["unread_count"]) == (3, message["id"], 0)


@pytest.mark.gen_test
async def test_the_whole_history_is_unread_to_who_joins_and_system_messages_are_not(api: Api, host: ApiClient) -> None:
    """F34."""
    dialog_id = await make_dialog(host, ["anna"], scopes=[NORTH])
    messages = [await send(api("anna"), dialog_id) for _ in range(4)]
    await api("anna").delete(f"/dialogs/{dialog_id}/messages/{messages[1]['id']}")
    vera = api("vera").with_scopes(**NORTH)
    await vera.post(f"/dialogs/{dialog_id}/join", VERA)
    assert await unread(vera, dialog_id) == 3
    (item,) = (await vera.get("/dialogs")).data
    assert item["unread_count"] == 3


@pytest.mark.gen_test
async def test_own_messages_are_not_unread_to_who_comes_back(api: Api, host: ApiClient) -> None:
    """F34: in every answer that counts."""
    dialog_id = await make_dialog(host, ["anna", "vera"], scopes=[NORTH])
    vera = api("vera").with_scopes(**NORTH)
    for sender in (api("anna"), vera, vera, api("anna")):
        await send(sender, dialog_id)
    assert (await vera.post(f"/dialogs/{dialog_id}/leave")).json == {"status": "left"}
    await vera.post(f"/dialogs/{dialog_id}/join", VERA)
    await send(api("anna"), dialog_id)
    assert await unread(vera, dialog_id) == 3
    (item,) = (await vera.get("/dialogs")).data
    entries = (await vera.get(f"/dialogs/{dialog_id}/participants")).data
    assert item["unread_count"] == next(e["unread_count"] for e in entries if e["user_id"] == "vera") == 3


@pytest.mark.gen_test
async def test_a_join_is_checked_in_the_contracts_order(api: Api, host: ApiClient) -> None:
    """1.4, 5.6: header, id, body, existence, already in, scope, limits."""
    dialog_id = await make_dialog(host, ["anna"], scopes=[NORTH])
    path, nowhere = f"/dialogs/{dialog_id}/join", f"/dialogs/{uuid.uuid4()}/join"
    blank = VERA | {"display_name": " "}
    north, south = api("vera").with_scopes(**NORTH), api("vera").with_scopes(**SOUTH)
    assert (await api("vera").post(nowhere, {})).error == (400, "BAD_REQUEST")
    assert (await north.post("/dialogs/7/join", {})).error == (400, "BAD_REQUEST")
    assert (await north.post(nowhere, {"display_name": "Vera"})).error == (422, "INVALID_INPUT")
    assert (await north.post(nowhere, {"display_name": "Vera", "company": None})).error == (422, "INVALID_INPUT")
    assert (await north.post(nowhere, {"company": ""})).error == (422, "INVALID_INPUT")
    assert (await north.post(nowhere, blank)).error == (404, "DIALOG_NOT_FOUND")
    assert (await api("anna").with_scopes(**SOUTH).post(path, blank)).error == (400, "BAD_REQUEST")
    assert (await south.post(path, blank)).error == (403, "FORBIDDEN")
    assert (await north.post(path, blank)).error == (400, "INVALID_INPUT")


@pytest.mark.parametrize(("field", "limit"), [("display_name", 200), ("company", 200), ("email", 254), ("phone", 50)])
@pytest.mark.gen_test
async def test_limits_of_a_profile_count_characters(api: Api, host: ApiClient, field: str, limit: int) -> None:
    """3.9, F36."""
    dialog_id = await make_dialog(host, ["anna"], scopes=[NORTH])
    vera = api("vera").with_scopes(**NORTH)
    refused = await vera.post(f"/dialogs/{dialog_id}/join", VERA | {field: "ж" * (limit + 1)})
    assert refused.error == (400, "INVALID_INPUT")
    assert (await vera.post(f"/dialogs/{dialog_id}/join", VERA | {field: "ж" * limit})).status == 200


@pytest.mark.gen_test
async def test_of_racing_joins_one_wins_and_the_others_are_told(api: Api, host: ApiClient, services: Services) -> None:
    """F37: 400 for the others, one system message, seq without a hole."""
    dialog_id = await make_dialog(host, ["anna"], scopes=[NORTH])
    vera = api("vera").with_scopes(**NORTH)
    answers = await asyncio.gather(*(vera.post(f"/dialogs/{dialog_id}/join", VERA) for _ in range(6)))
    assert sorted(answer.status for answer in answers) == [200, 400, 400, 400, 400, 400]
    assert {answer.error for answer in answers if answer.status != 200} == {(400, "BAD_REQUEST")}
    assert [seq for seq, _ in await logged(services, dialog_id)] == [1, 2, 3]
    assert (await vera.get(f"/dialogs/{dialog_id}")).data["participants_count"] == 2


@pytest.mark.gen_test
async def test_a_crowd_that_joins_while_others_write_leaves_no_hole(
    api: Api, host: ApiClient, services: Services
) -> None:
    """Design 3: every event has its own seq, ids and times grow with it."""
    dialog_id = await make_dialog(host, ["anna"], scopes=[NORTH])
    joins = [
        api(f"person-{number}").with_scopes(**NORTH).post(f"/dialogs/{dialog_id}/join", VERA) for number in range(10)
    ]
    sends = [api("anna").post(f"/dialogs/{dialog_id}/messages", {"content": "<p>hi</p>"}) for _ in range(10)]
    answers = await asyncio.gather(*joins, *sends)
    assert {answer.status for answer in answers} == {200}
    assert [seq for seq, _ in await logged(services, dialog_id)] == list(range(1, 32))
    page = (await api("anna").get(f"/dialogs/{dialog_id}/messages", limit=100)).data["messages"]
    assert [m["sent_at"] for m in page] == sorted(m["sent_at"] for m in page)
    assert len({m["sent_at"] for m in page}) == 21
    item = (await api("anna").get(f"/dialogs/{dialog_id}")).data
    assert (item["participants_count"], item["last_message"]["id"]) == (11, page[-1]["id"])


@pytest.mark.gen_test
async def test_who_leaves_is_gone_and_the_others_are_told(
    api: Api, host: ApiClient, services: Services, told: Told
) -> None:
    """5.7, 3.6, 6.4: message.new, then participant.left."""
    dialog_id = await make_dialog(host, ["anna", "boris"])
    told.clear()
    answer = await api("boris").post(f"/dialogs/{dialog_id}/leave")
    assert (answer.status, answer.json) == (200, {"status": "left"})
    message = await newest(api("anna"), dialog_id)
    assert orjson.loads(message["content"]) == {"event": "participant_left", "name": "Boris"}
    said, left = in_dialog(told, dialog_id)
    assert (said["type"], said["id"], said["seq"]) == ("message.new", message["id"], 2)
    assert left == {"type": "participant.left", "seq": 3, "dialog_id": dialog_id, "user_id": "boris"}
    assert [seq for seq, _ in await logged(services, dialog_id)] == [1, 2, 3]
    assert (await api("boris").get("/dialogs")).data == []
    assert (await api("boris").get(f"/dialogs/{dialog_id}/messages")).error == (403, "FORBIDDEN")
    assert (await api("anna").get(f"/dialogs/{dialog_id}")).data["participants_count"] == 1


@pytest.mark.gen_test
async def test_a_leave_by_a_stranger_has_no_effect(api: Api, host: ApiClient, services: Services, told: Told) -> None:
    """F8."""
    dialog_id = await make_dialog(host, ["anna"], scopes=[NORTH])
    told.clear()
    vera = api("vera").with_scopes(**NORTH)
    assert (await vera.post(f"/dialogs/{dialog_id}/leave")).error == (403, "NOT_PARTICIPANT")
    assert (await vera.post(f"/dialogs/{uuid.uuid4()}/leave")).error == (404, "DIALOG_NOT_FOUND")
    assert told == []
    assert [seq for seq, _ in await logged(services, dialog_id)] == [1]


@pytest.mark.gen_test
async def test_of_two_racing_leaves_one_wins(api: Api, host: ApiClient, services: Services) -> None:
    """F8."""
    dialog_id = await make_dialog(host, ["anna", "boris"])
    answers = await asyncio.gather(*(api("boris").post(f"/dialogs/{dialog_id}/leave") for _ in range(2)))
    assert sorted(answer.status for answer in answers) == [200, 403]
    assert {answer.error for answer in answers if answer.status == 403} == {(403, "NOT_PARTICIPANT")}
    assert [seq for seq, _ in await logged(services, dialog_id)] == [1, 2, 3]


@pytest.mark.gen_test
async def test_who_has_no_name_leaves_under_his_id(api: Api, host: ApiClient, services: Services) -> None:
    """F8; the name holds no markup, because the SDK's list shows it through innerHTML."""
    dialog_id = await make_dialog(host, ["anna", "<b>x"])
    async with services.database.connection() as connection:
        await connection.execute("UPDATE participants SET display_name = NULL WHERE user_id = '<b>x'")
    await api("<b>x").post(f"/dialogs/{dialog_id}/leave")
    content = (await newest(api("anna"), dialog_id))["content"]
    assert orjson.loads(content)["name"] == "<b>x"
    assert "<" not in content


@pytest.mark.gen_test
async def test_a_body_on_a_leave_is_ignored(api: Api, host: ApiClient) -> None:
    """1.2, A.3: the SDK sends a JSON content type with an empty body."""
    dialog_id = await make_dialog(host, ["anna", "boris"])
    assert (await api("anna").call("POST", f"/dialogs/{dialog_id}/leave", raw=b"not json")).status == 200
    assert (await api("boris").call("POST", f"/dialogs/{dialog_id}/leave", raw=b"")).status == 200
