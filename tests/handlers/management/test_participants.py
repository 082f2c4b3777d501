"""People put into dialogs and taken out by the host: contract 4.6 and 4.7."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from mtchat.core.services import Services
from tests.handlers.management.calls import NOWHERE, PARTICIPANT_FIELDS, WIRE_TIME, details
from tests.handlers.management.conftest import RecordingPublisher
from tests.support.clients import Answer, ApiClient
from tests.support.factories import make_dialog, send, unread

Api = Callable[[str], ApiClient]

VERA = {"user_id": "vera", "display_name": "Vera", "company": "South", "email": "vera@south.example", "phone": None}


async def add(host: ApiClient, dialog_id: str, **fields: Any) -> Answer:
    return await host.post(f"/dialogs/{dialog_id}/participants", {**VERA, **fields})


async def people(host: ApiClient, dialog_id: str) -> list[str]:
    return [person["user_id"] for person in (await details(host, dialog_id))["participants"]]


@pytest.mark.gen_test
async def test_an_added_person_is_answered_with_201_and_all_fields(host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    answer = await add(host, dialog_id)
    assert answer.status == 201
    assert set(answer.data) == PARTICIPANT_FIELDS
    assert {name: answer.data[name] for name in VERA} == VERA
    assert answer.data["dialog_id"] == dialog_id
    assert answer.data["joined_as"] == "participant"
    assert answer.data["unread_count"] == 0
    assert WIRE_TIME.fullmatch(answer.data["joined_at"])
    assert (await details(host, dialog_id))["participants"][-1] == answer.data


@pytest.mark.gen_test
async def test_an_added_person_stands_at_the_newest_message(api: Api, host: ApiClient) -> None:
    """F34: the history is not new to him, what comes after is."""
    dialog_id = await make_dialog(host)
    last = [await send(api("anna"), dialog_id) for _ in range(3)][-1]
    added = (await add(host, dialog_id)).data
    assert (added["unread_count"], added["last_read_message_id"]) == (0, last["id"])
    assert "first_unread_message_id" not in (await api("vera").get(f"/dialogs/{dialog_id}/messages")).data
    await send(api("anna"), dialog_id)
    assert await unread(api("vera"), dialog_id) == 1


@pytest.mark.gen_test
async def test_adding_stores_no_system_message(api: Api, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    await add(host, dialog_id)
    await host.delete(f"/dialogs/{dialog_id}/participants/vera")
    assert len((await api("anna").get(f"/dialogs/{dialog_id}/messages")).data["messages"]) == 1


@pytest.mark.gen_test
async def test_a_real_addition_is_announced_with_the_next_seq(host: ApiClient, publisher: RecordingPublisher) -> None:
    """F28"""
    dialog_id = await make_dialog(host)
    await add(host, dialog_id)
    assert publisher.told[1:] == [("participant.joined", dialog_id, "vera")]
    assert publisher.seqs == [1, 2]


@pytest.mark.gen_test
async def test_whoever_is_in_stays_as_he_is_and_nobody_is_told(
    api: Api, host: ApiClient, publisher: RecordingPublisher
) -> None:
    """Contract 4.6, F28: the profile is not updated, position and flags are kept."""
    dialog_id = await make_dialog(host)
    await add(host, dialog_id)
    await send(api("anna"), dialog_id)
    await api("vera").post(f"/dialogs/{dialog_id}/pin")
    before = (await details(host, dialog_id))["participants"][-1]
    publisher.told.clear()
    answer = await add(host, dialog_id, display_name="Other", company="Other", email=None, phone="1")
    assert (answer.status, answer.data) == (201, before)
    assert (before["unread_count"], before["is_pinned"]) == (1, True)
    assert publisher.told == []
    assert (await details(host, dialog_id))["participants"][-1] == before


@pytest.mark.gen_test(timeout=20)
async def test_racing_additions_of_one_person_make_one_member_and_one_event(
    api: Api, host: ApiClient, publisher: RecordingPublisher
) -> None:
    """F28, F37"""
    dialog_id = await make_dialog(host)
    answers = await asyncio.gather(*(add(host, dialog_id, display_name=f"Vera {number}") for number in range(12)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.data["display_name"] for answer in answers}) == 1
    assert publisher.told[1:] == [("participant.joined", dialog_id, "vera")]
    assert (await api("anna").get(f"/dialogs/{dialog_id}")).data["participants_count"] == 3


@pytest.mark.gen_test(timeout=20)
async def test_additions_removals_and_sends_at_once_keep_the_log_dense(
    api: Api, host: ApiClient, publisher: RecordingPublisher, services: Services
) -> None:
    """Design 3: each change takes the next seq; nobody waits for ever or fails."""
    dialog_id = await make_dialog(host, ["anna", *(f"old-{number}" for number in range(8))])
    answers = await asyncio.gather(
        *(add(host, dialog_id, user_id=f"new-{number}") for number in range(8)),
        *(host.delete(f"/dialogs/{dialog_id}/participants/old-{number}") for number in range(8)),
        *(api("anna").post(f"/dialogs/{dialog_id}/messages", {"content": "<p>x</p>"}) for _ in range(8)),
    )
    assert {answer.status for answer in answers} == {200, 201, 204}
    assert sorted(publisher.seqs) == list(range(1, 26))
    async with services.database.connection() as connection:
        rows = await (await connection.execute("SELECT seq, type FROM dialog_events ORDER BY seq")).fetchall()
    assert [row["seq"] for row in rows] == list(range(1, 26))
    assert (await api("anna").get(f"/dialogs/{dialog_id}")).data["participants_count"] == 9
    assert len(await people(host, dialog_id)) == 9


@pytest.mark.gen_test
async def test_an_addition_is_one_statement(host: ApiClient, services: Services) -> None:
    dialog_id = await make_dialog(host)
    for _ in range(2):
        before = services.database.statements
        await add(host, dialog_id)
        assert services.database.statements - before == 1


@pytest.mark.gen_test
async def test_fields_are_checked_before_the_dialog_is_looked_for(host: ApiClient) -> None:
    """Contract 1.4, F36, F37"""
    cases: list[tuple[dict[str, Any], str]] = [
        ({"user_id": ""}, "user_id"),
        ({"user_id": "x" * 256}, "user_id"),
        ({"user_id": "a\0b"}, "user_id"),
        ({"display_name": " "}, "display_name"),
        ({"display_name": "ж" * 201}, "display_name"),
        ({"company": "ж" * 201}, "company"),
        ({"company": "a\0b"}, "company"),
        ({"email": "ж" * 255}, "email"),
        ({"phone": "9" * 51}, "phone"),
    ]
    for fields, named in cases:
        answer = await add(host, NOWHERE, **fields)
        assert answer.error == (400, "INVALID_INPUT"), fields
        assert named in answer.json["error"]["message"]


@pytest.mark.gen_test
async def test_limits_hold_exactly(host: ApiClient) -> None:
    """F36"""
    dialog_id = await make_dialog(host)
    longest = {
        "user_id": "ж" * 255, "display_name": "ж" * 200, "company": "ж" * 200, "email": "ж" * 254, "phone": "9" * 50,
    }  # fmt: skip
    added = (await add(host, dialog_id, **longest)).data
    assert {name: added[name] for name in longest} == longest


@pytest.mark.gen_test
async def test_a_body_of_the_wrong_shape_is_a_422(host: ApiClient) -> None:
    body: Any
    for body in (
        {},
        {"user_id": "vera"},
        {"display_name": "Vera"},
        {**VERA, "phone": 5},
        {**VERA, "user_id": None},
        [],
    ):
        assert (await host.post(f"/dialogs/{NOWHERE}/participants", body)).error == (422, "INVALID_INPUT"), body


@pytest.mark.gen_test
async def test_nobody_is_added_to_a_dialog_that_does_not_exist(host: ApiClient, publisher: RecordingPublisher) -> None:
    assert (await add(host, NOWHERE)).error == (404, "NOT_FOUND")
    assert (await add(host, "order-1")).error == (400, "BAD_REQUEST")
    assert publisher.told == []


@pytest.mark.gen_test
async def test_removing_answers_204_and_tells_of_a_real_removal_only(
    api: Api, host: ApiClient, publisher: RecordingPublisher
) -> None:
    """Contract 4.7, F28: also unknown people and dialogs are a 204."""
    dialog_id = await make_dialog(host)
    publisher.told.clear()
    for path in (
        f"/dialogs/{dialog_id}/participants/boris",
        f"/dialogs/{dialog_id}/participants/boris",
        f"/dialogs/{dialog_id}/participants/{'x' * 300}",
        f"/dialogs/{NOWHERE}/participants/anna",
    ):
        answer = await host.delete(path)
        assert (answer.status, answer.body) == (204, b"")
    assert publisher.told == [("participant.left", dialog_id, "boris")]
    assert publisher.seqs == [1, 2]
    assert await people(host, dialog_id) == ["anna"]
    dialog = (await api("anna").get(f"/dialogs/{dialog_id}")).data
    assert dialog["participants_count"] == 1
    assert (await api("boris").post(f"/dialogs/{dialog_id}/messages", {"content": "<p>x</p>"})).error == (
        403,
        "FORBIDDEN",
    )


@pytest.mark.gen_test(timeout=20)
async def test_racing_removals_make_one_event(host: ApiClient, publisher: RecordingPublisher, api: Api) -> None:
    """F28"""
    dialog_id = await make_dialog(host)
    publisher.told.clear()
    path = f"/dialogs/{dialog_id}/participants/boris"
    answers = await asyncio.gather(*(host.delete(path) for _ in range(12)))
    assert {answer.status for answer in answers} == {204}
    assert publisher.told == [("participant.left", dialog_id, "boris")]
    assert (await api("anna").get(f"/dialogs/{dialog_id}")).data["participants_count"] == 1


@pytest.mark.gen_test
async def test_a_removal_is_one_statement(host: ApiClient, services: Services) -> None:
    dialog_id = await make_dialog(host)
    before = services.database.statements
    await host.delete(f"/dialogs/{dialog_id}/participants/boris")
    assert services.database.statements - before == 1


@pytest.mark.gen_test
async def test_people_are_removed_whatever_their_id_looks_like(host: ApiClient) -> None:
    """Contract 1.1: path segments are percent-decoded."""
    dialog_id = await make_dialog(host, ["anna"])
    for user_id in ("a/b", "a b", "ж@north.example", "100%", "a+b", "..", "?#"):
        assert (await add(host, dialog_id, user_id=user_id)).status == 201
        encoded = "".join(f"%{byte:02X}" for byte in user_id.encode())
        assert (await host.delete(f"/dialogs/{dialog_id}/participants/{encoded}")).status == 204
        assert await people(host, dialog_id) == ["anna"]


@pytest.mark.gen_test
async def test_somebody_removed_and_added_again_starts_over(api: Api, host: ApiClient) -> None:
    dialog_id = await make_dialog(host)
    await send(api("anna"), dialog_id)
    assert await unread(api("boris"), dialog_id) == 1
    await host.delete(f"/dialogs/{dialog_id}/participants/boris")
    again = (await add(host, dialog_id, user_id="boris", display_name="Boris the second")).data
    assert (again["unread_count"], again["display_name"]) == (0, "Boris the second")
    assert uuid.UUID(again["last_read_message_id"]).version == 7
